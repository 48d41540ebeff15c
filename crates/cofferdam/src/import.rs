//! `cofferdam import`: a folder of bundles or NDJSON goes in, by deposits only.

pub(crate) mod sources;

use crate::cli::ImportArguments;
use crate::client::{now, unlock};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::{Home, replace};
use crate::orders::random;
use crate::{serve, server_process};
use cards::{Card, Device};
use keyproto::message::SignIn;
use keyproto::statement::ProofClaims;
use record::Records;
use record::import::{Import, ImportError, Progress, Reject, Source};
use sources::Sources;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use terms::{ListId, SessionId};

/// Each waits for the disk most of the time; measured: twice as fast as two, 24 are no faster.
const THREADS: usize = 16;

/// `cofferdam import`.
pub(crate) fn import(home: &Home, arguments: &ImportArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let card = unlock(&home.card(&arguments.card)?)?;
    let _keyholder = serve::keyholder_for_a_while(home, &config)?;
    let records = Arc::new(server_process::open_records(home, &config)?);
    let by = sign_in(&records, &config, &card)?;
    let folder = arguments
        .folder
        .canonicalize()
        .map_err(|error| Failure::NotThere(format!("{}: {error}", arguments.folder.display())))?;
    let (list, journal) = journal(home, &folder)?;
    let found = sources::find(&folder)?;
    let bar = console::progress(found.patients, "files");
    let run = |threads, mut sources: Sources, done: Progress| {
        let import = Import { by, list, journal: journal.clone(), threads };
        import.run(&records, &mut sources, &|progress| {
            let progress = done + progress;
            bar.set_position(progress.files + progress.skipped + progress.rejected);
        })
    };
    // One after another, as they may refer to each other, and before all that refers to them.
    let result = run(1, found.shared, Progress::default()).and_then(|(shared, mut rejects)| {
        let (progress, more) = run(THREADS, found.sources, shared)?;
        rejects.extend(more);
        Ok((shared + progress, rejects))
    });
    bar.finish_and_clear();
    let (mut progress, mut rejects) = result.map_err(failure)?;
    rejects.append(&mut found.unread.lock().unwrap_or_else(PoisonError::into_inner));
    progress.rejected = rejects.len() as u64;
    report(arguments, list, progress, &rejects, json)
}

/// Imports made-up people; for the demonstration and the measurements.
pub(crate) fn import_sources(
    records: &Records,
    by: SessionId,
    list: ListId,
    journal: PathBuf,
    sources: &mut (dyn Iterator<Item = std::io::Result<Source>> + Send),
) -> Outcome<(Progress, Vec<Reject>)> {
    let import = Import { by, list, journal, threads: THREADS };
    import.run(records, sources, &|_| {}).map_err(failure)
}

/// Signs a card in at the keyholder itself, as a server would pass it on.
pub(crate) fn sign_in(records: &Records, config: &Config, card: &Card) -> Outcome<SessionId> {
    let device = Device::make().map_err(Failure::world("the device key"))?;
    sign_in_with(records, config, card, &device)
}

/// The same for a device of the caller's.
pub(crate) fn sign_in_with(
    records: &Records,
    config: &Config,
    card: &Card,
    device: &Device,
) -> Outcome<SessionId> {
    let failed = |error: record::KeyholderError| match error {
        record::KeyholderError::Refused(_) => Failure::Refused(
            "the keyholder does not let this card in: is it revoked, frozen or out of date?".into(),
        ),
        other => Failure::World(other.to_string()),
    };
    let url = config.token_url();
    let nonce = records.keyholder().nonce(None).map_err(failed)?;
    let assertion = card
        .sign_in(&url, device.public(), None, None, now())
        .map_err(Failure::world("the card"))?;
    let proof = device
        .prove("POST", &url, None, Some(&nonce), now(), ProofClaims::default())
        .map_err(Failure::world("the device key"))?;
    let session = records.keyholder().sign_in(SignIn { assertion, proof, url }).map_err(failed)?;
    Ok(session.session)
}

/// The journal of this folder's import, and the list it makes: the same folder goes on where it
/// stopped.
fn journal(home: &Home, folder: &Path) -> Outcome<(ListId, PathBuf)> {
    let journals = home.path().join("imports");
    Home::make(&journals)?;
    let hash = keyproto::jws::sha256(folder.as_os_str().as_encoded_bytes());
    let name = data_encoding::HEXLOWER.encode(&hash[..8]);
    let (list_path, journal) =
        (journals.join(format!("{name}.list")), journals.join(format!("{name}.journal")));
    match std::fs::read(&list_path) {
        // A crash in the first moment leaves an empty one, which names none yet.
        Ok(text) if !text.is_empty() => {
            let named = str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok());
            let list = named.ok_or_else(|| {
                Failure::Tampered(format!("{} does not name a list", list_path.display()))
            })?;
            return Ok((list, journal));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::World(format!("{}: {error}", list_path.display())));
        }
        _ => {}
    }
    let list = ListId::from_bytes(random()?);
    replace(&list_path, format!("{list}\n").as_bytes())?;
    Ok((list, journal))
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Refused(_) => Failure::Refused(
            "the import was refused: is the card an importer's, and not frozen?".into(),
        ),
        ImportError::Tampered(_) => Failure::Tampered(error.to_string()),
        ImportError::Journal(_) | ImportError::World(_) => Failure::World(format!(
            "{error}. Give the same command again: it goes on where it stopped"
        )),
    }
}

fn report(
    arguments: &ImportArguments,
    list: ListId,
    progress: Progress,
    rejects: &[Reject],
    json: bool,
) -> Outcome {
    if let Some(path) = &arguments.rejects {
        write_rejects(path, rejects).map_err(Failure::world(path.display()))?;
    }
    if json {
        let listed: Vec<_> = rejects.iter().map(reject_json).collect();
        console::json(&serde_json::json!({
            "list": list.to_string(),
            "files": progress.files,
            "resources": progress.resources,
            "earlier": progress.skipped,
            "rejected": progress.rejected,
            "left_out": progress.left_out,
            "rejects": listed,
        }));
    } else {
        console::say(&format!(
            "imported {} files with {} resources ({} done earlier, {} rejected), list {list}",
            progress.files, progress.resources, progress.skipped, progress.rejected
        ));
        if progress.left_out > 0 {
            console::say(&format!(
                "left out {} AuditEvents: they tell what another server did, and here they come \
                 from the ledger alone",
                progress.left_out
            ));
        }
        for reject in rejects.iter().take(10) {
            console::warn(&format!("rejected {}: {}", reject.name, reject.reason));
        }
        // What was imported earlier is on the list as well.
        if progress.files + progress.skipped > 0 {
            console::say(&format!(
                "two officers approve the list, so that the practice may open the files:\n  \
                 cofferdam approve {list}"
            ));
        }
    }
    if rejects.is_empty() {
        return Ok(());
    }
    let count = rejects.len();
    Err(Failure::Asked(format!("{count} sources were rejected; --rejects FILE lists them all")))
}

fn reject_json(reject: &Reject) -> serde_json::Value {
    serde_json::json!({"source": reject.name, "reason": reject.reason})
}

fn write_rejects(path: &Path, rejects: &[Reject]) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for reject in rejects {
        writeln!(file, "{}", reject_json(reject))?;
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_was_interrupted_in_its_first_moment_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let (list, path) = journal(&home, folder.path()).unwrap();
        assert_eq!(
            journal(&home, folder.path()).unwrap().0,
            list,
            "the same folder, the same list"
        );
        let named = path.with_extension("list");
        std::fs::write(&named, "").unwrap();
        let (other, _) = journal(&home, folder.path()).unwrap();
        assert_eq!(journal(&home, folder.path()).unwrap().0, other);
        std::fs::write(&named, b"\xe5").unwrap();
        assert!(matches!(journal(&home, folder.path()), Err(Failure::Tampered(_))));
    }
}
