//! `cofferdam backup` and `restore`: everything sealed, and what officers work with, copied while
//! it is served.
//!
//! The officers' part is copied first and the keyholder's before the store's, so that every entry
//! an incident speaks of is on the copied ledger, and every segment a copied head speaks of in the
//! copied store; what was deposited in between is cut off at the next deposit. A backup does not
//! hold the passphrase or the cards: keep those elsewhere.

mod papers;
mod sums;

use crate::cli::{BackupArguments, RestoreArguments};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::{Home, remove};
use crate::{console, ledger_command, serve, server_process};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use store::EmbeddedStore;

const KEYHOLDER: &[&str] = &["root.key", "keyring"];
const TLS: &[&str] = &["ca.pem", "server.pem", "server.key"];

/// `cofferdam backup DIR`.
pub(crate) fn backup(home: &Home, arguments: &BackupArguments, json: bool) -> Outcome {
    let to = Home::at(&arguments.to);
    make(home, &to)?;
    let bytes = crate::bench::bytes_below(to.path())?;
    told(
        json,
        &serde_json::json!({"backup": to.path(), "bytes": bytes}),
        &format!(
            "backed up to {} ({bytes} bytes; files, keys, ledger, reports sealed; tls/server.key, \
             incidents, cases and settings not). The passphrase and the cards are not in it",
            to.path().display()
        ),
    );
    Ok(())
}

/// Makes a backup in a folder that is not there yet.
pub(crate) fn make(home: &Home, to: &Home) -> Outcome {
    let config = Config::read(home)?;
    if to.path().exists() {
        return Err(Failure::Asked(format!(
            "{} exists; a backup goes to a folder of its own",
            to.path().display()
        )));
    }
    if home.holds(to.path())? {
        return Err(Failure::Asked(
            "a backup lies outside the data folder, or it dies with it".into(),
        ));
    }
    let _alone = alone(home)?;
    let _keyholder = serve::keyholder_for_a_while(home, &config)?;
    let records = server_process::open_records(home, &config)?;
    Home::make(to.path())?;
    papers::copy_all(home, to)?;
    records.keyholder().backup().map_err(Failure::world("the keyholder's copy"))?;
    copy_keyholder(home, to)?;
    let bar = console::progress(0, "pages of the store");
    let mut progress = |done: store::Progress| {
        bar.set_length(done.total);
        bar.set_position(done.done);
    };
    let stored = records.store().backup(&to.store(), &mut progress);
    stored.map_err(Failure::world("the store"))?;
    bar.finish_and_clear();
    plain(home, to)?;
    settings(home, to)?;
    sums::write(to)?;
    // A backup that a restore would refuse is none.
    sums::check(to).map_err(|failure| Failure::World(failure.to_string()))
}

/// Copies root key, keyring and key table of this moment into a folder.
pub(crate) fn keys_now(home: &Home, config: &Config, to: &Path) -> Outcome {
    let _alone = alone(home)?;
    let _keyholder = serve::keyholder_for_a_while(home, config)?;
    let records = server_process::open_records(home, config)?;
    records.keyholder().backup().map_err(Failure::world("the keyholder's copy"))?;
    let from = home.keyholder();
    for (name, new) in
        [("root.key", "root.key"), ("keyring", "keyring"), ("keys.backup", "keys.db")]
    {
        copy(&from.join(name), &to.join(new), None)?;
    }
    remove_copies(home)
}

/// `cofferdam restore DIR --home NEW`.
pub(crate) fn restore(home: &Home, arguments: &RestoreArguments, json: bool) -> Outcome {
    let from = Home::at(&arguments.from);
    is_empty(home)?;
    sums::check(&from)?;
    let verifier = ledger_command::verifier(&from, None)?;
    ledger_command::whole(&from.ledger(), &verifier, &[])?;
    let was_there = home.path().exists();
    copy_back(&from, home).inspect_err(|_| undo(home, was_there))?;
    told(
        json,
        &serde_json::json!({"home": home.path()}),
        &format!(
            "restored to {}. Start it with `cofferdam --home {0} serve`: the keyholder checks \
             ledger and key table against each other before it serves. Lay the passphrase file \
             beside it",
            home.path().display()
        ),
    );
    Ok(())
}

fn copy_back(from: &Home, home: &Home) -> Outcome {
    for folder in [home.path(), &home.keyholder(), &home.ledger()] {
        Home::make(folder)?;
    }
    for name in KEYHOLDER.iter().chain(&["keys.db", "ledger/entries", "ledger/checkpoint"]) {
        copy(&from.keyholder().join(name), &home.keyholder().join(name), None)?;
    }
    EmbeddedStore::restore(&from.store(), &home.store()).map_err(|error| match error {
        store::BackupError::Check(damage) => Failure::Tampered(format!("the store: {damage}")),
        error => Failure::World(format!("the store: {error}")),
    })?;
    papers::copy_all(from, home)?;
    plain(from, home)?;
    settings(from, home)
}

/// What the settings name, then the settings: they make it a data folder, so they come last.
fn settings(from: &Home, to: &Home) -> Outcome {
    papers::copy_named(from, to)?;
    copy(&from.settings(), &to.settings(), None)
}

/// Nothing is restored over anything: neither over what is there nor over half a restore.
fn is_empty(home: &Home) -> Outcome {
    let path = home.path().display();
    match std::fs::read_dir(home.path()).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) if home.settings().exists() => Err(Failure::Asked(format!(
            "{path} is a data folder already; restore into a new one with --home"
        ))),
        Ok(false) => Err(Failure::Asked(format!(
            "{path} is not empty, and no data folder: if a restore was interrupted there, remove \
             it and try again; else restore into a new one with --home"
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::Asked(format!("{path} cannot be restored into: {error}"))),
    }
}

/// Half a data folder is nothing to start, and in the way of the next try. What was not there
/// before is removed; where that fails, the next try says what to do.
fn undo(home: &Home, was_there: bool) {
    if !was_there {
        let _ = std::fs::remove_dir_all(home.path());
        return;
    }
    for entry in std::fs::read_dir(home.path()).into_iter().flatten().filter_map(Result::ok) {
        let _ = remove(&entry.path());
    }
}

/// One backup at a time: the keyholder's copy is made in one place.
fn alone(home: &Home) -> Outcome<File> {
    let path = home.path().join("backup.lock");
    let file = File::create(&path).map_err(Failure::world(path.display()))?;
    file.try_lock()
        .map_err(|_| Failure::World("another backup is under way: try again later".into()))?;
    Ok(file)
}

fn copy_keyholder(home: &Home, to: &Home) -> Outcome {
    for folder in [to.keyholder(), to.ledger()] {
        Home::make(&folder)?;
    }
    let (from, into) = (home.keyholder(), to.keyholder());
    for name in KEYHOLDER {
        copy(&from.join(name), &into.join(name), None)?;
    }
    copy(&from.join("keys.backup"), &into.join("keys.db"), None)?;
    let path = from.join("ledger.backup");
    let text = std::fs::read_to_string(&path).map_err(Failure::world(path.display()))?;
    let wrong = || Failure::Tampered(format!("{} is damaged", path.display()));
    let (length, checkpoint) = text.split_once('\n').ok_or_else(wrong)?;
    let length: u64 = length.parse().map_err(|_| wrong())?;
    copy(&home.ledger().join("entries"), &to.ledger().join("entries"), Some(length))?;
    let target = to.ledger().join("checkpoint");
    std::fs::write(&target, checkpoint).map_err(Failure::world(target.display()))?;
    remove_copies(home)
}

/// Removes what the keyholder made for a backup.
fn remove_copies(home: &Home) -> Outcome {
    for name in ["keys.backup", "ledger.backup"] {
        let path = home.keyholder().join(name);
        std::fs::remove_file(&path).map_err(Failure::world(path.display()))?;
    }
    Ok(())
}

fn plain(from: &Home, to: &Home) -> Outcome {
    copy(&from.verifier(), &to.verifier(), None)?;
    Home::make(&to.tls())?;
    TLS.iter().try_for_each(|name| copy(&from.tls().join(name), &to.tls().join(name), None))?;
    disclosures(from, to)
}

/// Sealed reports of flaws, and what was done about them, where there are any.
fn disclosures(from: &Home, to: &Home) -> Outcome {
    let single = |home: &Home| [home.certificate(), home.receipt_key(), home.disclosures()];
    for (from, to) in single(from).into_iter().zip(single(to)).filter(|(from, _)| from.exists()) {
        to.parent().map_or(Ok(()), Home::make)?;
        copy(&from, &to, None)?;
    }
    let Ok(messages) = std::fs::read_dir(from.intake()) else { return Ok(()) };
    Home::make(&to.intake())?;
    for message in messages.filter_map(Result::ok) {
        // What is being written at this moment gets its name when it is whole. The server can put
        // anything there: what a link leads to is not taken along.
        let is_file = message.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && message.path().extension().is_none_or(|ending| ending != "new") {
            copy(&message.path(), &to.intake().join(message.file_name()), None)?;
        }
    }
    Ok(())
}

/// Copies a file, or its first bytes, durably and for the owner alone.
pub(crate) fn copy(from: &Path, to: &Path, length: Option<u64>) -> Outcome {
    let copy = || -> io::Result<()> {
        let source = File::open(from)?;
        let mut options = std::fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut target = options.write(true).create_new(true).open(to)?;
        let copied = io::copy(&mut source.take(length.unwrap_or(u64::MAX)), &mut target)?;
        if length.is_some_and(|length| copied != length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        target.flush()?;
        target.sync_all()
    };
    copy().map_err(Failure::world(format!("copying {}", from.display())))
}

fn told(json: bool, value: &serde_json::Value, text: &str) {
    if json {
        console::json(value);
    } else {
        console::say(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Filled, fill};
    use std::fs;
    use store::Store;

    /// As far as `copy_back` looks at it.
    fn backup(folder: &Path) -> Home {
        let from = Home::at(&folder.join("backup"));
        for folder in [from.ledger(), from.tls()] {
            Home::make(&folder).unwrap();
        }
        let keyholder = ["root.key", "keyring", "keys.db", "ledger/entries", "ledger/checkpoint"];
        let files = keyholder.map(|name| from.keyholder().join(name));
        let tls = TLS.iter().map(|name| from.tls().join(name));
        for path in files.into_iter().chain(tls).chain([from.verifier()]) {
            fs::write(path, "made up").unwrap();
        }
        let store = EmbeddedStore::open(&folder.join("store")).unwrap();
        store.backup(&from.store(), &mut |_| {}).unwrap();
        let [listen, local_listen] = [8443, 9464].map(|port| ([127, 0, 0, 1], port).into());
        let server = terms::ServerId::from_bytes([1; 10]);
        let text = fill(&Filled { tenant: "t", server, listen, local_listen, passphrase_file: "" });
        fs::write(from.settings(), text).unwrap();
        from
    }

    #[test]
    fn half_a_restore_is_no_data_folder_and_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let from = backup(folder.path());
        let home = Home::at(&folder.path().join("home"));
        // The last of all but what the settings name, and the settings.
        Home::make(&from.intake()).unwrap();
        Home::make(&home.path().join("intake/1.json")).unwrap();
        fs::write(from.intake().join("1.json"), "sealed").unwrap();
        assert!(copy_back(&from, &home).is_err());
        assert!(home.verifier().exists() && !home.settings().exists());
        let Err(Failure::Asked(text)) = is_empty(&home) else { panic!("half a restore is there") };
        assert!(text.contains("remove it and try again"), "{text}");
        undo(&home, true);
        is_empty(&home).unwrap();
        copy_back(&from, &home).unwrap();
        assert!(matches!(is_empty(&home), Err(Failure::Asked(text)) if text.contains("already")));
    }
}
