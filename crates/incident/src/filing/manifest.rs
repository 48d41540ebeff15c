//! What an export holds: a list of files with their hashes, which a card signs.
//!
//! Trust: filings were spoofed before, in the name of organisations that knew nothing of it. Who
//! has the thumbprint of an officer's card can tell an export of ours from another, offline.

use crate::error::{IncidentError, Result};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The list's file.
pub const MANIFEST: &str = "manifest.json";
/// The signature's file.
pub const SIGNATURE: &str = "manifest.jws";
/// Most files in an export.
const FILES_MAX: usize = 1_000;
/// Largest file of an export, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What an export holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 1.
    pub version: u32,
    /// The form.
    pub form: String,
    /// The incident.
    pub incident: String,
    /// When it was made.
    pub made: String,
    /// Whether it is final, and no draft.
    pub is_final: bool,
    /// The organisation in whose name it is made, as it is configured.
    pub controller: Option<String>,
    /// Version of the exposure that it rests on.
    pub exposure: u32,
    /// Digest of that exposure.
    pub exposure_digest: String,
    /// The ledger's checkpoint of that exposure: a signed note.
    pub checkpoint: String,
    /// The files, by name.
    pub files: BTreeMap<String, Part>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Length.
    pub bytes: u64,
}

/// A folder that was held against its list.
#[derive(Debug)]
pub struct Verified {
    /// The list; who signed it is for the caller to verify.
    pub manifest: Manifest,
    /// SHA-256 of the list's bytes, in hexadecimal: what was signed.
    pub hash: String,
    /// The signature, if there is one.
    pub signature: Option<String>,
    /// What is wrong, a sentence each.
    pub wrong: Vec<String>,
}

impl Manifest {
    /// Adds a file.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        let part = Part { sha256: hash_of(bytes), bytes: bytes.len() as u64 };
        self.files.insert(name.to_owned(), part);
    }

    /// The list as it is written and signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Invariant: a list of texts and numbers is JSON.
        let mut bytes = serde_json::to_vec_pretty(self).expect("invariant: a manifest is JSON");
        bytes.push(b'\n');
        bytes
    }
}

/// SHA-256, in hexadecimal.
pub fn hash_of(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Holds a folder against its list: what was altered, added or taken away.
pub fn verify_folder(folder: &Path) -> Result<Verified> {
    let path = folder.join(MANIFEST);
    let bytes = read(&path).map_err(|_| {
        IncidentError::NotThere(format!("{}: this is no export's folder", path.display()))
    })?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(IncidentError::unread(&path))?;
    if manifest.version != 1 || manifest.files.len() > FILES_MAX {
        let text = format!("{}: of a later version, or too long", path.display());
        return Err(IncidentError::Tampered(text));
    }
    let signature = read(&folder.join(SIGNATURE)).ok();
    let signature = signature.and_then(|bytes| String::from_utf8(bytes).ok());
    let mut wrong: Vec<String> =
        manifest.files.iter().filter_map(|(name, part)| held(folder, name, part)).collect();
    for entry in std::fs::read_dir(folder).map_err(IncidentError::disk(folder))? {
        let name = entry.map_err(IncidentError::disk(folder))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if name != MANIFEST && name != SIGNATURE && !manifest.files.contains_key(&name) {
            wrong.push(format!("{name:?} was added"));
        }
    }
    let signature = signature.map(|text| text.trim().to_owned());
    Ok(Verified { manifest, hash: hash_of(&bytes), signature, wrong })
}

/// What is wrong with a file of the list.
fn held(folder: &Path, name: &str, part: &Part) -> Option<String> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Some(format!("{name:?} is no plain name of a file"));
    }
    match read(&folder.join(name)) {
        Ok(bytes) if hash_of(&bytes) == part.sha256 && bytes.len() as u64 == part.bytes => None,
        Ok(_) => Some(format!("{name:?} was altered")),
        Err(_) => Some(format!("{name:?} is missing or cannot be read")),
    }
}

/// A plain file of bounded size: no link, no device.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let metadata = std::fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err(std::io::Error::other("no plain file, or too large"));
    }
    std::fs::read(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = Manifest {
            version: 1,
            form: "edpb".into(),
            incident: "2026-11-26-1".into(),
            made: "2026-11-26T12:00:00.000Z".into(),
            is_final: false,
            controller: None,
            exposure: 1,
            exposure_digest: "00".into(),
            checkpoint: "note".into(),
            files: BTreeMap::new(),
        };
        for (name, bytes) in [("a.json", b"{}"), ("b.txt", b"hi")] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            manifest.add(name, bytes);
        }
        std::fs::write(folder.path().join(MANIFEST), manifest.to_bytes()).unwrap();
        folder
    }

    fn wrong(folder: &Path) -> Vec<String> {
        verify_folder(folder).unwrap().wrong
    }

    #[test]
    fn what_was_altered_added_or_taken_away_is_named() {
        let folder = export();
        let at = |name: &str| folder.path().join(name);
        assert!(wrong(folder.path()).is_empty());
        std::fs::write(at("a.json"), b"[]").unwrap();
        std::fs::write(at("c.txt"), b"more").unwrap();
        std::fs::remove_file(at("b.txt")).unwrap();
        let found = wrong(folder.path()).join(", ");
        let said =
            r#""a.json" was altered, "b.txt" is missing or cannot be read, "c.txt" was added"#;
        assert_eq!(found, said);
    }

    #[test]
    fn names_that_lead_elsewhere_and_links_are_refused() {
        let folder = export();
        let text = std::fs::read_to_string(folder.path().join(MANIFEST)).unwrap();
        let text = text.replace("a.json", "../a.json");
        std::fs::write(folder.path().join(MANIFEST), text).unwrap();
        assert!(wrong(folder.path())[0].contains("no plain name"));
        let folder = export();
        std::fs::remove_file(folder.path().join("b.txt")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("b.txt")).unwrap();
        assert_eq!(wrong(folder.path()), ["\"b.txt\" is missing or cannot be read"]);
    }

    #[test]
    fn what_is_no_list_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(verify_folder(folder.path()), Err(IncidentError::NotThere(_))));
        std::fs::write(folder.path().join(MANIFEST), b"{}").unwrap();
        assert!(matches!(verify_folder(folder.path()), Err(IncidentError::Tampered(_))));
    }
}
