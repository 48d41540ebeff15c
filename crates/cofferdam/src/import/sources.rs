//! What there is to import in a folder.

use crate::failure::{Failure, Outcome};
use record::import::Source;
use std::path::{Path, PathBuf};

/// One source a patient, read when its turn comes.
pub(crate) struct Found {
    pub(crate) patients: u64,
    pub(crate) sources: Box<dyn Iterator<Item = std::io::Result<Source>> + Send>,
}

/// Bundles are a file each; NDJSON files are gathered by patient first.
pub(crate) fn find(folder: &Path) -> Outcome<Found> {
    let mut paths = Vec::new();
    collect(folder, &mut paths).map_err(Failure::world(folder.display()))?;
    paths.sort();
    let ends = |path: &Path, end: &str| path.extension().is_some_and(|e| e == end);
    let bundles: Vec<_> = paths.iter().filter(|p| ends(p, "json")).cloned().collect();
    let lines: Vec<_> = paths.iter().filter(|p| ends(p, "ndjson")).cloned().collect();
    if bundles.is_empty() && lines.is_empty() {
        return Err(Failure::NotThere(format!(
            "{} holds no *.json bundles and no *.ndjson files",
            folder.display()
        )));
    }
    let by_patient = record::ndjson::sources(&lines).map_err(Failure::world(folder.display()))?;
    let (more, _) = by_patient.size_hint();
    let patients = (bundles.len() + more) as u64;
    let sources = bundles.into_iter().map(read).chain(by_patient);
    Ok(Found { patients, sources: Box::new(sources) })
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), paths)?;
        } else if kind.is_file() {
            paths.push(entry.path());
        }
    }
    Ok(())
}

fn read(path: PathBuf) -> std::io::Result<Source> {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    // A bundle's file name often holds the patient's name, which no journal should keep.
    let hash = keyproto::jws::sha256(name);
    let name = format!("bundle {}", data_encoding::HEXLOWER.encode(&hash[..8]));
    Ok(Source { name, text: std::fs::read(path)? })
}
