//! What there is to import in a folder.

use crate::failure::{Failure, Outcome};
use fhir::Limits;
use record::import::{Reject, Source};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Sources, each read when its turn comes.
pub(crate) type Sources = Box<dyn Iterator<Item = io::Result<Source>> + Send>;

/// What there is to import.
pub(crate) struct Found {
    /// How many sources there are.
    pub(crate) patients: u64,
    /// Bundles without a patient, such as one of practitioners: others refer to what is in them.
    pub(crate) shared: Sources,
    /// One source a patient.
    pub(crate) sources: Sources,
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
    let (mut shared, mut own) = (Vec::new(), Vec::new());
    for path in bundles {
        // What cannot be read is rejected when its turn comes.
        if has_patient(&path).unwrap_or(true) { own.push(path) } else { shared.push(path) }
    }
    let unread: Arc<Mutex<Vec<Reject>>> = Arc::default();
    let bundles = |paths: Vec<PathBuf>| {
        let (root, unread) = (folder.to_owned(), Arc::clone(&unread));
        paths.into_iter().filter_map(move |path| {
            let reject = |one| unread.lock().unwrap_or_else(PoisonError::into_inner).push(one);
            read(&root, &path).map_err(reject).ok().map(Ok)
        })
    };
    let (shared, own) = (Box::new(bundles(shared)), bundles(own));
    let sources = Box::new(own.chain(by_patient));
    Ok(Found { patients, shared, sources, unread })
}

/// Whether a bundle seems to have a Patient in it: the file is read until it says so and no
/// further. One that names the type for another reason has its turn with the others.
fn has_patient(path: &Path) -> io::Result<bool> {
    const TYPE: &[u8] = b"\"Patient\"";
    let mut file = File::open(path)?;
    let (mut window, mut kept) = (vec![0; 64 << 10], 0);
    loop {
        let read = file.read(&mut window[kept..])?;
        let seen = &window[..kept + read];
        if seen.windows(TYPE.len()).any(|part| part == TYPE) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        // The word may go on behind what was read.
        let rest = seen.len().saturating_sub(TYPE.len() - 1)..seen.len();
        kept = rest.len();
        window.copy_within(rest, 0);
    }
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
        let all = found.shared.chain(found.sources);
        let names: Vec<String> = all.map(|source| source.unwrap().name).collect();
        assert_eq!((found.patients, names.len()), (2, 2));
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn bundles_without_a_patient_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        let practitioner = r#"{"resourceType":"Practitioner","name":[{"text":"Patient Zero"}]}"#;
        let patient = r#"{"resourceType": "Patient"}"#;
        write("a.json", patient);
        // Wherever the word stands, also across what is read at once.
        for before in [0, (64 << 10) - 20, (64 << 10) - 5, 200 << 10] {
            write(&format!("b{before}.json"), &format!("{}{patient}", " ".repeat(before)));
        }
        write("p.json", practitioner);
        write("q.json", "");
        let found = find(folder.path()).unwrap();
        let texts = |sources: Sources| -> Vec<Vec<u8>> {
            sources.map(|source| source.unwrap().text).collect()
        };
        assert_eq!(texts(found.shared), [practitioner.as_bytes(), b""]);
        assert_eq!((found.patients, texts(found.sources).len()), (7, 5));
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
        let all = found.shared.chain(found.sources);
        assert_eq!(all.map(|source| source.unwrap().text).collect::<Vec<_>>(), [b"{}"]);
        let unread = found.unread.lock().unwrap();
        assert_eq!(unread.len(), 2, "{unread:?}");
        assert!(unread.iter().all(|reject| reject.name.starts_with("bundle ")));
        assert!(unread[1].reason.contains("MiB"), "{unread:?}");
    }
}
