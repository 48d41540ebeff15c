//! What officers need besides the sealed files: incidents, cases, certificates, settings and texts.
//!
//! Trust: these lie in plaintext, here as in the data folder. There are ids of files, sections and
//! times in them, names of staff, and what officers wrote; no record, nor anybody's address.

use super::copy;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use retention::Settings;
use std::fs::{DirEntry, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path};

/// Folders that are taken along with all that is below.
const FOLDERS: &[&str] = &["incidents", "cases", "erasures", "clocks", "letters"];
/// Single files, where they are there.
const FILES: &[&str] = &["controller.toml", "retention.toml"];
/// What is being written at this moment gets another name when it is whole.
const UNFINISHED: &[&str] = &["new", "part"];

/// Copies all of it. Every entry that an incident speaks of is on the ledger already: so this comes
/// before the ledger's copy.
pub(super) fn copy_all(from: &Home, to: &Home) -> Outcome {
    for name in FILES {
        file(&from.path().join(name), &to.path().join(name))?;
    }
    for name in FOLDERS {
        folder(&from.path().join(name), &to.path().join(name))?;
    }
    Ok(())
}

/// What the settings name in the data folder: a collector's authority, and rules of one's own.
pub(super) fn copy_named(from: &Home, to: &Home) -> Outcome {
    let authority = Config::read(from)?.alerts_syslog_ca;
    let retention = std::fs::read_to_string(from.retention()).ok();
    // Settings that cannot be read name nothing; the command that needs them says what is wrong.
    let retention = retention.and_then(|text| Settings::parse("retention.toml", &text).ok());
    let rules = retention.and_then(|settings| settings.rules).map(Into::into);
    for path in std::iter::once(authority).chain(rules).filter(|path| is_inside(path)) {
        let (from, to) = (from.path().join(&path), to.path().join(&path));
        if to.exists() {
            continue;
        }
        to.parent().map_or(Ok(()), Home::make)?;
        if from.is_dir() { folder(&from, &to)? } else { file(&from, &to)? }
    }
    Ok(())
}

/// Whether a path of the settings stays below the data folder.
fn is_inside(path: &Path) -> bool {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    plain && path.components().next().is_some()
}

/// A folder and what is below, journals first: what a journal speaks of was there before its line.
fn folder(from: &Path, to: &Path) -> Outcome {
    let unread = || Failure::world(from.display());
    let listed = match std::fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        listed => listed.map_err(unread())?,
    };
    let mut entries = listed.collect::<io::Result<Vec<DirEntry>>>().map_err(unread())?;
    entries.sort_by_key(|entry| (rank(&entry.path()), entry.file_name()));
    Home::make(to)?;
    for entry in entries {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().map_err(unread())? {
            kind if kind.is_dir() => folder(&path, &to)?,
            kind if kind.is_file() => file(&path, &to)?,
            _ => console::warn(&format!(
                "{} is a link or no file: it is not taken along",
                path.display()
            )),
        }
    }
    Ok(())
}

/// How far alerts were told on comes before the alerts: told twice is better than never.
fn rank(path: &Path) -> u8 {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("told") => 0,
        Some("ndjson") => 1,
        _ => 2,
    }
}

/// One file; what is gone since it was seen, or was never there, is left out.
fn file(from: &Path, to: &Path) -> Outcome {
    let ending = from.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if UNFINISHED.contains(&ending) {
        return Ok(());
    }
    let copied = if ending == "ndjson" { whole_lines(from, to) } else { copy(from, to, None) };
    copied.or_else(|failure| if from.exists() { Err(failure) } else { Ok(()) })
}

/// A journal as far as its last whole line: somebody may be writing the next.
fn whole_lines(from: &Path, to: &Path) -> Outcome {
    let copy = || -> io::Result<()> {
        let mut source = BufReader::new(File::open(from)?);
        let mut options = std::fs::OpenOptions::new();
        let mut target = options.write(true).create_new(true).mode(0o600).open(to)?;
        let mut line = Vec::new();
        while source.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            target.write_all(&line)?;
            line.clear();
        }
        target.sync_all()
    };
    copy().map_err(Failure::world(format!("copying {}", from.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree() -> (tempfile::TempDir, Home, Home) {
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| Home::at(&folder.path().join(name)));
        for name in ["incidents/2026-11-26-1/exposures", "letters/texts"] {
            Home::make(&from.path().join(name)).unwrap();
        }
        Home::make(to.path()).unwrap();
        (folder, from, to)
    }

    #[test]
    fn what_is_half_written_is_left_out_and_links_lead_nowhere() {
        let (folder, from, to) = tree();
        let incident = from.incidents().join("2026-11-26-1");
        fs::write(incident.join("journal.ndjson"), "{\"one\":1}\n{\"two\":2}\n{\"thr").unwrap();
        fs::write(incident.join("exposures/1.json"), "{}").unwrap();
        fs::write(incident.join("exposures/2.part"), "{").unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), incident.join("link")).unwrap();
        fs::write(from.path().join("letters/texts/da.ftl"), "page = side").unwrap();
        copy_all(&from, &to).unwrap();
        let copied = to.incidents().join("2026-11-26-1");
        let journal = fs::read_to_string(copied.join("journal.ndjson")).unwrap();
        assert_eq!(journal, "{\"one\":1}\n{\"two\":2}\n");
        assert_eq!(fs::read(copied.join("exposures/1.json")).unwrap(), b"{}");
        assert!(!copied.join("exposures/2.part").exists() && !copied.join("link").exists());
        assert!(to.path().join("letters/texts/da.ftl").is_file());
        assert!(!to.cases().exists(), "what is not there is not made");
    }

    #[test]
    fn settings_name_nothing_outside() {
        for path in ["/etc/passwd", "../x", "a/../../x", "", "."] {
            assert!(!is_inside(Path::new(path)), "{path}");
        }
        assert!(is_inside(Path::new("tls/collector.pem")));
    }
}
