//! The keyholder's own keys, each wrapped under the root, in one small text file.
//!
//! Trust: worthless without the root. Lost, nothing can be opened any more: it belongs into every
//! backup, but only in its newest form, since an old copy keeps a destroyed epoch alive.

use crate::error::{KeyholderError, Result};
use crate::root::Root;
use aws_lc_rs::hmac;
use data_encoding::BASE64;
use ledger::Signer;
use seal::{BoxKey, KeyName, WrappedKey, WrappingKey};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use terms::{Blind, FileId};
use zeroize::Zeroizing;

/// Every key that works in this process.
pub(crate) struct Keyring {
    path: PathBuf,
    root: Box<dyn Root>,
    stored: Stored,
    blinding: hmac::Key,
    /// Seals ledger entries.
    pub(crate) entries: BoxKey,
    /// Seals snapshots.
    pub(crate) snapshots: BoxKey,
    /// Makes the locator's tokens.
    pub(crate) tokens: hmac::Key,
    /// Seals what a token leads to.
    pub(crate) values: BoxKey,
    /// Signs checkpoints.
    pub(crate) signer: Signer,
    epochs: BTreeMap<u32, EpochKey>,
}

/// The keys of one epoch.
pub(crate) struct EpochKey {
    /// Its number.
    pub(crate) number: u32,
    /// Wraps file keys.
    pub(crate) keys: WrappingKey,
    /// Seals file ids.
    pub(crate) names: BoxKey,
}

/// The file's content: what, number, wrapped key.
struct Stored {
    tenant: String,
    keys: BTreeMap<(String, u32), WrappedKey>,
}

const FIRST_LINE: &str = "cofferdam keyring v1";
const BYTES_MAX: u64 = 1024 * 1024;
/// Before the name of a key that is wrapped under the root to come.
const NEXT: &str = "next-";
const WHATS: [&str; 5] = ["blinding", "entries", "tokens", "values", "signer"];

impl Keyring {
    /// Makes new keys and writes them; an existing file is never overwritten.
    pub(crate) fn create(path: &Path, root: Box<dyn Root>, tenant: &str) -> Result<Keyring> {
        let mut stored = Stored { tenant: tenant.to_owned(), keys: BTreeMap::new() };
        for (what, number) in WHATS.map(|what| (what, 0)).into_iter().chain([("epoch", 1)]) {
            stored.add(root.as_ref(), what, number)?;
        }
        crate::files::create_new(path, stored.text().as_bytes())?;
        Keyring::unwrap(path, root, stored)
    }

    /// Reads the file and unwraps every key in it.
    pub(crate) fn open(path: &Path, root: Box<dyn Root>) -> Result<Keyring> {
        let text = crate::files::read_text(path, BYTES_MAX)?;
        let mut stored = Stored::parse(&text).ok_or_else(|| {
            KeyholderError::Tampered(format!(
                "{} is not a keyring; restore its newest backup",
                path.display()
            ))
        })?;
        if stored.settle(root.as_ref()) {
            crate::files::replace(path, stored.text().as_bytes())?;
        }
        Keyring::unwrap(path, root, stored)
    }

    fn unwrap(path: &Path, root: Box<dyn Root>, stored: Stored) -> Result<Keyring> {
        let key = |what: &str| stored.unwrap(root.as_ref(), what, 0);
        let origin = format!("cofferdam/{}", stored.tenant);
        let signer = Signer::new(&origin, &*key("signer")?).map_err(|error| {
            KeyholderError::Asked(format!("the tenant's name does not do: {error}"))
        })?;
        let epochs = stored.keys.keys().filter(|(what, _)| what == "epoch").map(|(_, n)| *n);
        let epochs = epochs
            .map(|number| Ok((number, EpochKey::of(&stored, root.as_ref(), number)?)))
            .collect::<Result<BTreeMap<_, _>>>()?;
        if epochs.is_empty() {
            return Err(KeyholderError::Tampered("the keyring has no epoch key".into()));
        }
        let entries = key("entries")?;
        Ok(Keyring {
            path: path.to_owned(),
            blinding: hmac::Key::new(hmac::HMAC_SHA256, &*key("blinding")?),
            snapshots: BoxKey::new(&entries, "snapshot")?,
            entries: BoxKey::new(&entries, "entry")?,
            tokens: hmac::Key::new(hmac::HMAC_SHA256, &*key("tokens")?),
            values: BoxKey::new(&*key("values")?, "locator value")?,
            signer,
            epochs,
            root,
            stored,
        })
    }

    /// The installation's name.
    pub(crate) fn tenant(&self) -> &str {
        &self.stored.tenant
    }

    /// How the ledger names this file.
    pub(crate) fn blind(&self, file: FileId) -> Blind {
        let tag = hmac::sign(&self.blinding, file.as_bytes());
        let mut blind = [0; Blind::LENGTH];
        blind.copy_from_slice(&tag.as_ref()[..Blind::LENGTH]);
        Blind::from_bytes(blind)
    }

    /// The epoch whose key wraps new file keys.
    pub(crate) fn newest_epoch(&self) -> &EpochKey {
        // Invariant: `unwrap` refuses a keyring without an epoch, and `forget_epoch` the newest.
        self.epochs.values().next_back().expect("invariant: a keyring has an epoch")
    }

    /// The keys of this epoch, if it was not destroyed.
    pub(crate) fn epoch(&self, number: u32) -> Option<&EpochKey> {
        self.epochs.get(&number)
    }

    /// Every epoch but the newest.
    pub(crate) fn old_epochs(&self) -> Vec<u32> {
        let newest = self.newest_epoch().number;
        self.epochs.keys().copied().filter(|number| *number != newest).collect()
    }

    /// Begins a new epoch, durably.
    pub(crate) fn begin_epoch(&mut self) -> Result<u32> {
        let number = self.newest_epoch().number + 1;
        self.stored.add(self.root.as_ref(), "epoch", number)?;
        crate::files::replace(&self.path, self.stored.text().as_bytes())?;
        self.epochs.insert(number, EpochKey::of(&self.stored, self.root.as_ref(), number)?);
        Ok(number)
    }

    /// Wraps every key under another root, which `put` lays in the place of the present one.
    ///
    /// In between the file has each key under both, so this may be interrupted anywhere.
    pub(crate) fn change_root(
        mut self,
        root: &dyn Root,
        put: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        for ((what, number), _) in self.stored.keys.clone() {
            let key = self.stored.unwrap(self.root.as_ref(), &what, number)?;
            let wrapped = root.wrap(&name(self.tenant(), &what, &number.to_be_bytes()), &key)?;
            self.stored.keys.insert((format!("{NEXT}{what}"), number), wrapped);
        }
        crate::files::replace(&self.path, self.stored.text().as_bytes())?;
        put()?;
        self.stored.settle(root);
        crate::files::replace(&self.path, self.stored.text().as_bytes())
    }

    /// Destroys the key of an old epoch, durably.
    pub(crate) fn forget_epoch(&mut self, number: u32) -> Result<()> {
        if number == self.newest_epoch().number {
            return Err(KeyholderError::Asked("the newest epoch is in use".into()));
        }
        self.stored.keys.remove(&("epoch".to_owned(), number));
        crate::files::replace(&self.path, self.stored.text().as_bytes())?;
        self.epochs.remove(&number);
        Ok(())
    }
}

impl EpochKey {
    fn of(stored: &Stored, root: &dyn Root, number: u32) -> Result<EpochKey> {
        let key = stored.unwrap(root, "epoch", number)?;
        let names = BoxKey::new(&key, "file id")?;
        Ok(EpochKey { number, names, keys: WrappingKey::from_bytes(key)? })
    }
}

impl Stored {
    fn add(&mut self, root: &dyn Root, what: &str, number: u32) -> Result<()> {
        let key = Zeroizing::new(crate::random::random()?);
        let wrapped = root.wrap(&name(&self.tenant, what, &number.to_be_bytes()), &key)?;
        self.keys.insert((what.to_owned(), number), wrapped);
        Ok(())
    }

    fn unwrap(&self, root: &dyn Root, what: &str, number: u32) -> Result<Zeroizing<[u8; 32]>> {
        let wrapped = self.keys.get(&(what.to_owned(), number)).ok_or_else(|| {
            KeyholderError::Tampered(format!("the keyring lacks the key '{what} {number}'"))
        })?;
        root.unwrap(&name(&self.tenant, what, &number.to_be_bytes()), wrapped)
    }

    /// Ends a change of the root that was interrupted: keeps what this root unwraps. Says whether
    /// there was one.
    fn settle(&mut self, root: &dyn Root) -> bool {
        let keys = std::mem::take(&mut self.keys).into_iter();
        let (next, present): (BTreeMap<_, _>, _) =
            keys.partition(|((w, _), _)| w.starts_with(NEXT));
        let was = !next.is_empty();
        let next = next.into_iter().map(|((w, n), key)| ((w[NEXT.len()..].to_owned(), n), key));
        self.keys = next.collect();
        if self.unwrap(root, "signer", 0).is_err() {
            self.keys = present;
        }
        was
    }

    fn text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\ntenant {}\n", self.tenant);
        for ((what, number), wrapped) in &self.keys {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{what} {number} {}", BASE64.encode(wrapped.as_bytes()));
        }
        text
    }

    fn parse(text: &str) -> Option<Stored> {
        let mut lines = text.lines();
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let tenant = lines.next()?.strip_prefix("tenant ")?.to_owned();
        let key = |line: &str| {
            let mut words = line.split(' ');
            let (what, number) = (words.next()?, words.next()?.parse().ok()?);
            let wrapped = BASE64.decode(words.next()?.as_bytes()).ok()?;
            let wrapped = WrappedKey::from_bytes(&wrapped).ok()?;
            words.next().is_none().then(|| ((what.to_owned(), number), wrapped))
        };
        Some(Stored { tenant, keys: lines.map(key).collect::<Option<_>>()? })
    }
}

fn name<'a>(tenant: &'a str, what: &'a str, id: &'a [u8]) -> KeyName<'a> {
    KeyName { tenant, what, id, epoch: 0 }
}
