//! What there is to import in a folder.

use crate::failure::{Failure, Outcome};
use fhir::Limits;
use record::import::{Reject, Source};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// One source a patient, read when its turn comes.
pub(crate) struct Found {
    pub(crate) patients: u64,
    pub(crate) sources: Box<dyn Iterator<Item = io::Result<Source>> + Send>,
    /// What could not be read so far: it comes to nobody else.
    pub(crate) unread: Arc<Mutex<Vec<Reject>>>,
}

/// Bundles are a file each; NDJSON files are gathered by patient first.
pub(crate) fn find(folder: &Path) -> Outcome<Found> {
    let (mut paths, mut others) = (Vec::new(), 0);
    collect(folder, &mut paths, &mut others)?;
    if others > 0 {
        return Err(Failure::Asked(format!(
            "{others} links, pipes or the like in {} end in .json or .ndjson; an import reads \
             files alone: put the files themselves there",
            folder.display()
        )));
    }
    paths.sort();
    let bundles: Vec<_> = paths.iter().filter(|p| ends(p, "json")).cloned().collect();
    let lines: Vec<_> = paths.iter().filter(|p| ends(p, "ndjson")).cloned().collect();
    if bundles.is_empty() && lines.is_empty() {
        return Err(Failure::NotThere(format!(
            "{} holds no *.json bundles and no *.ndjson files",
            folder.display()
        )));
    }
    // Without one of them patients would come in by halves.
    for path in &lines {
        File::open(path).map_err(Failure::world(path.display()))?;
    }
    let by_patient =
        record::ndjson::sources(folder, &lines).map_err(Failure::world(folder.display()))?;
    let (more, _) = by_patient.size_hint();
    let patients = (bundles.len() + more) as u64;
    let (root, unread) = (folder.to_owned(), Arc::default());
    let rejected: Arc<Mutex<Vec<Reject>>> = Arc::clone(&unread);
    let bundles = bundles.into_iter().filter_map(move |path| {
        let read = read(&root, &path);
        read.map_err(|reject| rejected.lock().unwrap_or_else(PoisonError::into_inner).push(reject))
            .ok()
            .map(Ok)
    });
    Ok(Found { patients, sources: Box::new(bundles.chain(by_patient)), unread })
}

/// Files, and how many entries that are none look like something to import.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>, others: &mut u64) -> Outcome {
    let unread = || Failure::world::<io::Error>(folder.display());
    for entry in std::fs::read_dir(folder).map_err(unread())? {
        let entry = entry.map_err(unread())?;
        let (kind, path) = (entry.file_type().map_err(unread())?, entry.path());
        if kind.is_dir() {
            collect(&path, paths, others)?;
        } else if kind.is_file() {
            paths.push(path);
        } else if ends(&path, "json") || ends(&path, "ndjson") {
            *others += 1;
        }
    }
    Ok(())
}

fn ends(path: &Path, end: &str) -> bool {
    path.extension().is_some_and(|ending| ending == end)
}

/// A bundle; one that cannot be read is rejected by its name, and the rest goes on.
fn read(folder: &Path, path: &Path) -> Result<Source, Reject> {
    // Below the folder, as two folders in it may each have a file of this name.
    let name = path.strip_prefix(folder).unwrap_or(path).as_os_str().as_encoded_bytes();
    // A bundle's file name often holds the patient's name, which no journal should keep.
    let hash = keyproto::jws::sha256(name);
    let name = format!("bundle {}", data_encoding::HEXLOWER.encode(&hash[..8]));
    match bytes(path) {
        Ok(text) => Ok(Source { name, text }),
        Err(error) => Err(Reject { name, reason: format!("it cannot be read: {error}") }),
    }
}

/// No more is held in memory than could be imported.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let (file, most) = (File::open(path)?, Limits::default().bytes as u64);
    let length = file.metadata()?.len();
    let mut text = Vec::new();
    if length <= most {
        text.reserve_exact(length as usize);
        file.take(most + 1).read_to_end(&mut text)?;
    }
    if length > most || text.len() as u64 > most {
        return Err(io::Error::other(format!("it has more than {} MiB", most >> 20)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_in_two_folders_are_two_sources() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("bundle.json"), name).unwrap();
        }
        let found = find(folder.path()).unwrap();
        let names: Vec<String> = found.sources.map(|source| source.unwrap().name).collect();
        assert_eq!((found.patients, names.len()), (2, 2));
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn what_is_no_file_is_not_left_out_without_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("bundle.json"), "{}").unwrap();
        assert!(find(folder.path()).is_ok());
        std::os::unix::fs::symlink(path("bundle.json"), path("link.json")).unwrap();
        assert!(matches!(find(folder.path()), Err(Failure::Asked(_))));
    }

    #[test]
    fn what_cannot_be_read_is_rejected_by_name_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["gone.json", "good.json", "huge.json"] {
            std::fs::write(path(name), "{}").unwrap();
        }
        let huge = File::options().write(true).open(path("huge.json")).unwrap();
        huge.set_len(Limits::default().bytes as u64 + 1).unwrap();
        let found = find(folder.path()).unwrap();
        std::fs::remove_file(path("gone.json")).unwrap();
        assert_eq!(found.sources.map(|source| source.unwrap().text).collect::<Vec<_>>(), [b"{}"]);
        let unread = found.unread.lock().unwrap();
        assert_eq!(unread.len(), 2, "{unread:?}");
        assert!(unread.iter().all(|reject| reject.name.starts_with("bundle ")));
        assert!(unread[1].reason.contains("MiB"), "{unread:?}");
    }
}
