//! The root key: what wraps the keyholder's other keys.
//!
//! Trust: a stolen sealed key file is worth what guessing its passphrase costs, see [`RootCost`].

use crate::error::{KeyholderError, Result};
use crate::random::random;
use crate::settings::Passphrase;
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64;
use seal::{KeyName, WrappedKey, WrappingKey};
use std::fmt::Write as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Wraps and unwraps 32-byte keys. A PKCS#11 HSM fits: it seals with AES-GCM and the name's
/// [`KeyName::aad`], and never gives the root key away.
pub trait Root: Send + Sync {
    /// Wraps a key; it unwraps under the same name only.
    fn wrap(&self, name: &KeyName, key: &[u8; 32]) -> Result<WrappedKey>;

    /// Gives back the key that was wrapped under this name, or refuses.
    fn unwrap(&self, name: &KeyName, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>>;
}

/// What guessing one passphrase costs (Argon2id, one lane).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl RootCost {
    /// A file that asks for less is refused, unless the settings themselves ask for less.
    pub const LEAST: RootCost = RootCost { memory_kib: 19 * 1024, passes: 2 };
    /// A file that asks for more is refused: it would only stop the start.
    pub const MOST: RootCost = RootCost { memory_kib: 4 * 1024 * 1024, passes: 64 };
}

impl Default for RootCost {
    fn default() -> RootCost {
        RootCost { memory_kib: 64 * 1024, passes: 3 }
    }
}

/// The root key in a file, sealed under a passphrase.
pub struct SealedKeyFile(WrappingKey);

const FIRST_LINE: &str = "cofferdam root key v1";
const SALT_BYTES: usize = 16;

impl SealedKeyFile {
    /// Makes a new root key and writes it, sealed; an existing file is never overwritten.
    pub fn create(path: &Path, passphrase: &Passphrase, cost: RootCost) -> Result<SealedKeyFile> {
        let (root, text) = SealedKeyFile::make(passphrase, cost)?;
        crate::files::create_new(path, text.as_bytes())?;
        Ok(root)
    }

    /// A new root key, and the text of the file that seals it under this passphrase.
    pub(crate) fn make(passphrase: &Passphrase, cost: RootCost) -> Result<(SealedKeyFile, String)> {
        let root = WrappingKey::generate()?;
        let salt: [u8; SALT_BYTES] = random()?;
        let outer = stretch(passphrase, &salt, cost)?;
        let wrapped = outer.wrap(&NAME, root.as_bytes())?;
        let mut text = format!("{FIRST_LINE}\n");
        let RootCost { memory_kib, passes } = cost;
        let salt = BASE64.encode(&salt);
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "argon2id {memory_kib} {passes} {salt}");
        let _ = writeln!(text, "{}", BASE64.encode(wrapped.as_bytes()));
        Ok((SealedKeyFile(root), text))
    }

    /// Opens it; `cost` is what the settings ask for, and lowers [`RootCost::LEAST`] if it is less.
    pub fn open(path: &Path, passphrase: &Passphrase, cost: RootCost) -> Result<SealedKeyFile> {
        let text = crate::files::read_text(path, 4096)?;
        let (file_cost, salt, wrapped) = parse(&text).ok_or_else(|| {
            KeyholderError::Tampered(format!(
                "{} is not a sealed root key; restore it from its safe copy",
                path.display()
            ))
        })?;
        let least = RootCost {
            memory_kib: cost.memory_kib.min(RootCost::LEAST.memory_kib),
            passes: cost.passes.min(RootCost::LEAST.passes),
        };
        let fits = |cost: u32, least: u32, most: u32| (least..=most).contains(&cost);
        if !fits(file_cost.memory_kib, least.memory_kib, RootCost::MOST.memory_kib)
            || !fits(file_cost.passes, least.passes, RootCost::MOST.passes)
        {
            return Err(KeyholderError::Tampered(format!(
                "{} asks for an Argon2id cost outside of what is allowed; restore its safe copy",
                path.display()
            )));
        }
        let outer = stretch(passphrase, &salt, file_cost)?;
        let root = outer.unwrap(&NAME, &wrapped).map_err(|_| {
            KeyholderError::Asked("the passphrase does not open the root key".into())
        })?;
        Ok(SealedKeyFile(WrappingKey::from_bytes(root)?))
    }
}

impl Root for SealedKeyFile {
    fn wrap(&self, name: &KeyName, key: &[u8; 32]) -> Result<WrappedKey> {
        Ok(self.0.wrap(name, key)?)
    }

    fn unwrap(&self, name: &KeyName, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>> {
        Ok(self.0.unwrap(name, wrapped)?)
    }
}

const NAME: KeyName<'static> = KeyName { tenant: "", what: "root", id: b"", epoch: 0 };

fn parse(text: &str) -> Option<(RootCost, Vec<u8>, WrappedKey)> {
    let mut lines = text.lines();
    if lines.next()? != FIRST_LINE {
        return None;
    }
    let mut words = lines.next()?.split(' ');
    if words.next()? != "argon2id" {
        return None;
    }
    let memory_kib = words.next()?.parse().ok()?;
    let passes = words.next()?.parse().ok()?;
    let salt = BASE64.decode(words.next()?.as_bytes()).ok()?;
    let wrapped = BASE64.decode(lines.next()?.as_bytes()).ok()?;
    let wrapped = WrappedKey::from_bytes(&wrapped).ok()?;
    let whole = words.next().is_none() && lines.next().is_none() && salt.len() == SALT_BYTES;
    whole.then_some((RootCost { memory_kib, passes }, salt, wrapped))
}

fn stretch(passphrase: &Passphrase, salt: &[u8], cost: RootCost) -> Result<WrappingKey> {
    let failed = |error: argon2::Error| KeyholderError::Asked(format!("Argon2id: {error}"));
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(failed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .map_err(failed)?;
    Ok(WrappingKey::from_bytes(key)?)
}
