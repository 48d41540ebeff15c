//! Making a keyholder, and starting one: nothing is served before everything was checked.
//!
//! A start reads the whole ledger and holds it against its checkpoint, the key table's mark, the
//! second place and every entry's own sense; then it holds the key table against the ledger.

use crate::clock::now;
use crate::committer::publish;
use crate::entries::{Opener, open_entry, seal_entry};
use crate::error::{KeyholderError, Result};
use crate::event::event;
use crate::keyring::Keyring;
use crate::mind::Shared;
use crate::random::random;
use crate::root::SealedKeyFile;
use crate::settings::{Passphrase, Settings};
use crate::table::{KeyTable, Known, NewFile};
use decision::{Begin, Core, Event, State, Verdict};
use ledger::entry::{Act, CardIssued, PracticeRegistered};
use ledger::{Files, Head, Log};
use seal::FileKey;
use std::collections::HashSet;
use std::time::Instant;
use terms::{FileId, ServerId, planted};

/// The beginning: what is known before there are officers who could order it.
pub struct Genesis {
    /// The installation's name: letters, digits, dots and dashes. Bound into every seal.
    pub tenant: String,
    /// The first practices.
    pub practices: Vec<PracticeRegistered>,
    /// The first cards, by their public keys; two officers among them.
    pub cards: Vec<CardIssued>,
}

/// Refuses what is no name of an installation.
pub fn check_tenant(tenant: &str) -> Result<()> {
    let wrong = |c: char| !c.is_ascii_alphanumeric() && !".-".contains(c);
    if tenant.is_empty() || tenant.len() > 64 || tenant.contains(wrong) {
        let text = "the tenant's name is 1 to 64 letters, digits, dots and dashes";
        return Err(KeyholderError::Asked(text.into()));
    }
    Ok(())
}

/// Makes the folder with new keys, and the ledger with its first entries.
pub(crate) fn create<F: Files>(
    settings: Settings,
    files: F,
    passphrase: &Passphrase,
    genesis: Genesis,
) -> Result<Shared<F>> {
    check_tenant(&genesis.tenant)?;
    if settings.path(Settings::ROOT).exists() || settings.path(Settings::KEYRING).exists() {
        let text = format!("there is a keyholder in {} already", settings.folder.display());
        return Err(KeyholderError::Asked(text));
    }
    crate::files::create_folder(&settings.folder)?;
    crate::files::check_folder(&settings.folder)?;
    let root =
        SealedKeyFile::create(&settings.path(Settings::ROOT), passphrase, settings.root_cost)?;
    let ring = Keyring::create(&settings.path(Settings::KEYRING), Box::new(root), &genesis.tenant)?;
    let table = KeyTable::create(&settings.path(Settings::TABLE))?;
    let mut log = Log::open(files, ring.signer.verifier(), &[])?;
    if log.head().size > 0 {
        return Err(KeyholderError::Asked("there is a ledger already".into()));
    }
    let mut core = Core::new(State::default(), random()?, settings.limits.clone());
    begin(&ring, &table, &mut log, &mut core, genesis)?;
    let shared = Shared::new(settings, ring, table, log, core);
    publish(&shared)?;
    Ok(shared)
}

fn begin<F: Files>(
    ring: &Keyring,
    table: &KeyTable,
    log: &mut Log<F>,
    core: &mut Core,
    genesis: Genesis,
) -> Result<()> {
    let Genesis { tenant, practices, cards } = genesis;
    let file = FileId::from_bytes(random()?);
    let directory = NewFile { blind: ring.blind(file), file, key: FileKey::generate()? };
    let begin = Begin { tenant, directory: directory.blind, practices, cards };
    table.add(ring, 0, &[directory], &[])?;
    record(ring, log, core, Event::Begin(begin))
}

/// Decides and records on one thread, where nobody else is served.
fn record<F: Files>(ring: &Keyring, log: &mut Log<F>, core: &mut Core, event: Event) -> Result<()> {
    let outcome = core.handle(now(), ServerId::from_bytes([0; ServerId::LENGTH]), event);
    if let Verdict::AskedWrongly(why) = outcome.verdict {
        return Err(KeyholderError::Asked(why.into()));
    }
    let numbered = (outcome.first..).zip(&outcome.entries);
    let sealed = numbered.map(|(number, entry)| seal_entry(ring, number, entry));
    log.append(&sealed.collect::<Result<Vec<_>>>()?)?;
    Ok(())
}

/// Opens a keyholder that was made before.
pub(crate) fn open<F: Files>(
    settings: Settings,
    files: F,
    passphrase: &Passphrase,
) -> Result<Shared<F>> {
    crate::files::check_folder(&settings.folder)?;
    let root = SealedKeyFile::open(&settings.path(Settings::ROOT), passphrase, settings.root_cost)?;
    let ring = Keyring::open(&settings.path(Settings::KEYRING), Box::new(root))?;
    let table = KeyTable::open(&settings.path(Settings::TABLE))?;
    let started = Instant::now();
    let log = open_log(&settings, files, &ring, &table)?;
    let verified = started.elapsed();
    let core = replay(&settings, &ring, &log)?;
    if ring.newest_epoch().number < core.state().epoch() {
        return Err(KeyholderError::Tampered(
            "the keyring is older than the ledger: restore its newest backup".into(),
        ));
    }
    let removed = settle(&ring, &table, &log, core.state())?;
    let fields = (log.head().size, core.state().files(), started.elapsed().as_millis());
    event(
        "opened",
        &[
            ("entries", &fields.0),
            ("files", &fields.1),
            ("verified_ms", &verified.as_millis()),
            ("ready_ms", &fields.2),
            ("torn_bytes", &log.torn_bytes()),
            ("unfinished_files", &removed),
        ],
    );
    let shared = Shared::new(settings, ring, table, log, core);
    finish_rotation(shared)
}

/// Opens the ledger; it must begin with every head that anything here remembers.
fn open_log<F: Files>(
    settings: &Settings,
    files: F,
    ring: &Keyring,
    table: &KeyTable,
) -> Result<Log<F>> {
    let mark = table.mark(ring)?;
    let verifier = ring.signer.verifier();
    let stored = files.read("checkpoint", CHECKPOINT_BYTES_MAX);
    let stored = stored.map_err(KeyholderError::world("cannot read the checkpoint"))?;
    let checkpoint = verifier.verify(&stored.ok_or_else(|| {
        let text = "the ledger's checkpoint is missing; restore the newest backup of the folder";
        KeyholderError::Tampered(text.into())
    })?)?;
    if mark.size < checkpoint.size {
        return Err(KeyholderError::Tampered(format!(
            "the key table was set back: it remembers {} entries and the ledger's checkpoint {}; \
             restore the newest key table",
            mark.size, checkpoint.size
        )));
    }
    let mut known = vec![mark];
    match &settings.second_place {
        Some(path) if path.exists() => {
            let text = crate::files::read_text(path, CHECKPOINT_BYTES_MAX)?;
            known.push(verifier.verify(text.as_bytes())?);
        }
        Some(path) if crate::files::folder_of(path).is_none() => {
            return Err(KeyholderError::NotThere(format!(
                "second_place is {}, and there is no such folder: make it, or mount its disk",
                path.display()
            )));
        }
        Some(_) => event("second-place-empty", &[("until", &"the next checkpoint")]),
        None => {}
    }
    let log = Log::open(files, verifier, &known)?;
    if log.head().size < settings.seen_entries {
        return Err(KeyholderError::Tampered(format!(
            "witnesses saw {} entries and this ledger has {}: it was set back; restore the newest \
             backup, and find out who did it",
            settings.seen_entries,
            log.head().size
        )));
    }
    Ok(log)
}

const CHECKPOINT_BYTES_MAX: u64 = 64 * 1024;

/// The core that this ledger makes: the newest snapshot, and every entry after it.
pub(crate) fn replay<F: Files>(settings: &Settings, ring: &Keyring, log: &Log<F>) -> Result<Core> {
    let started = Instant::now();
    let root_at = |size| log.root_at(size).ok();
    let snapshot = crate::snapshot::read(&settings.path(Settings::SNAPSHOT), ring, root_at);
    let mut state = snapshot.unwrap_or_default();
    let from = state.entries();
    let mut opener = Opener::new(ring);
    log.read(from..log.head().size, |number, leaf| -> Result<()> {
        let entry = opener.entry(number, leaf)?;
        let fits = state.apply(number, &entry);
        fits.map_err(|error| KeyholderError::Tampered(error.to_string()))
    })?;
    let count = log.head().size - from;
    let speed = format!("{:.1}", started.elapsed().as_secs_f64() * 1e6 / count.max(1) as f64);
    let took = started.elapsed().as_millis();
    event("replayed", &[("entries", &count), ("ms", &took), ("s_per_million", &speed)]);
    if !state.tenant().is_empty() && state.tenant() != ring.tenant() {
        return Err(KeyholderError::Tampered("the ledger is of another tenant".into()));
    }
    Ok(Core::new(state, random()?, settings.limits.clone()))
}

/// Holds the key table against the ledger.
pub(crate) fn settle<F: Files>(
    ring: &Keyring,
    table: &KeyTable,
    log: &Log<F>,
    state: &State,
) -> Result<u64> {
    planted!("starts without settling", return Ok(0));
    let Head { size: since, .. } = table.mark(ring)?;
    let mut erased = HashSet::new();
    log.read(since..log.head().size, |number, sealed| -> Result<()> {
        if let Act::Erased(act) = open_entry(ring, number, sealed)?.act {
            erased.insert(act.file);
        }
        Ok(())
    })?;
    let exists = |blind| state.file(blind).is_some();
    table.settle(ring, &Known { exists, files: state.files(), since, erased })
}

/// Makes a new root key under a new passphrase, while nothing serves: with the old ones nothing
/// opens that is written from here on.
pub fn change_passphrase(
    settings: &Settings,
    passphrase: &Passphrase,
    new: &Passphrase,
) -> Result<()> {
    crate::files::check_folder(&settings.folder)?;
    let root = SealedKeyFile::open(&settings.path(Settings::ROOT), passphrase, settings.root_cost)?;
    let ring = Keyring::open(&settings.path(Settings::KEYRING), Box::new(root))?;
    let (root, text) = SealedKeyFile::make(new, settings.root_cost)?;
    ring.change_root(&root, || {
        crate::files::replace(&settings.path(Settings::ROOT), text.as_bytes())
    })
}

/// Begins a new epoch and destroys the ones before: copies of the key table made before are dead.
pub(crate) fn rotate<F: Files>(mut shared: Shared<F>) -> Result<Shared<F>> {
    shared.ring.begin_epoch()?;
    finish_rotation(shared)
}

/// Does what is left to do of a rotation, in an order that may be interrupted anywhere.
fn finish_rotation<F: Files>(mut shared: Shared<F>) -> Result<Shared<F>> {
    let old = shared.ring.old_epochs();
    if old.is_empty() {
        return Ok(shared);
    }
    let newest = shared.ring.newest_epoch().number;
    let Shared { settings, ring, table, log, .. } = &mut shared;
    let log = log.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut core = replay(settings, ring, log)?;
    if core.state().epoch() < newest {
        record(ring, log, &mut core, Event::Epoch(newest))?;
    }
    let rewrapped = table.rewrap(ring)?;
    for number in old {
        ring.forget_epoch(number)?;
    }
    shared.start_over(core);
    publish(&shared)?;
    event("rotated", &[("epoch", &newest), ("files", &rewrapped)]);
    Ok(shared)
}

#[cfg(test)]
mod tests;
