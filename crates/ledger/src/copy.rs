//! Verifying a copy of a ledger offline, with nothing but the log's public key.

use std::fs::File;
use std::path::Path;

use crate::files::DirFiles;
use crate::log::{ENTRIES, Scan, Window, read_checkpoint};
use crate::merkle::GROUP;
use crate::{Hash, Head, LogError, Verifier};

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

/// One entry of a copy, and the proof that a log of this size has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The entry as the log keeps it: sealed bytes, whose [`crate::leaf_hash`] is proved.
    pub entry: Vec<u8>,
    /// The proof (RFC 6962), for [`crate::verify_inclusion`].
    pub proof: Vec<Hash>,
}

/// Reads the copy without changing it, and proves that its first `head.size` entries, with that
/// root, have this one.
pub fn prove(folder: &Path, number: u64, head: &Head) -> Result<Proved, LogError> {
    let file = File::open(folder.join(ENTRIES)).map_err(LogError::world("opening the entries"))?;
    let scan = Scan::of(&file)?;
    scan.check_prefix(&file, head)?;
    if number >= head.size {
        return Err(LogError::Asked("an entry beyond the size"));
    }
    let group = scan.group(&mut Window::new(&file, scan.end), number / GROUP)?;
    let entry = group.entry((number % GROUP) as usize).to_vec();
    let proof = scan.tree.inclusion(number, head.size, &mut scan.leaves(&file))?;
    Ok(Proved { entry, proof })
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
