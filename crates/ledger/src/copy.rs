//! Verifying a copy of a ledger offline, with nothing but the log's public key.

use std::fs::File;
use std::path::Path;

use crate::files::DirFiles;
use crate::log::{ENTRIES, Scan, read_checkpoint};
use crate::{Head, LogError, Verifier};

/// What a copy that was found whole holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The head, recomputed from every entry.
    pub head: Head,
    /// How many of the entries the signed checkpoint covers; those after it are whole but unsigned.
    pub signed: u64,
    /// How many bytes of an unfinished batch follow, as in a copy taken while the log was written.
    pub torn_bytes: u64,
}

/// Reads the whole copy without changing it, recomputes the root and compares it with the signed
/// checkpoint, and with the heads that are known from elsewhere, such as that of a report; an error
/// names the first entry that is not to be trusted.
pub fn verify_copy(folder: &Path, verifier: &Verifier, known: &[Head]) -> Result<Report, LogError> {
    let signed = read_checkpoint(&DirFiles::new(folder), verifier)?
        .ok_or(LogError::Tampered { what: "the checkpoint is missing", first: 0 })?;
    let file = File::open(folder.join(ENTRIES)).map_err(LogError::world("opening the entries"))?;
    let scan = Scan::of(&file)?;
    for head in known.iter().chain([&signed]) {
        scan.check_prefix(&file, head)?;
    }
    Ok(Report { head: scan.tree.head(), signed: signed.size, torn_bytes: scan.torn })
}
