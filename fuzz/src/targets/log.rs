//! The ledger's file: arbitrary bytes, and a whole log that somebody cut or changed.
//!
//! Whatever opens has every entry that a known head covers, and opens again as it was left.

use ledger::faults::FaultyFiles;
use ledger::{Head, Log, LogError, Signer};
use std::sync::LazyLock;

static SIGNER: LazyLock<Signer> =
    LazyLock::new(|| Signer::new("cofferdam/fuzz", &[7; 32]).expect("a seed of 32 bytes"));

pub(super) fn run(data: &[u8]) {
    let files = FaultyFiles::new(0);
    files.put("entries", data);
    let _ = open(&files, &[]);
    let Some((script, entries)) = data.split_first_chunk::<6>() else { return };
    let (files, known, written) = write(entries);
    tamper(&files, *script);
    if let Some(read) = open(&files, &known) {
        let acknowledged = known.last().map_or(0, |head| head.size as usize);
        assert!(read.len() >= acknowledged, "an entry that a known head covers is gone");
        assert!(read.len() <= written.len(), "an entry that nobody wrote");
        assert!(read == written[..read.len()], "other entries than were written");
    }
}

/// Opens the log and reads it; nothing where it is refused.
fn open(files: &FaultyFiles, known: &[Head]) -> Option<Vec<Vec<u8>>> {
    let log = match Log::open(files.clone(), SIGNER.verifier(), known) {
        Ok(log) => log,
        Err(LogError::Tampered { .. }) => return None,
        Err(error) => panic!("a whole disk is blamed: {error}"),
    };
    let mut entries = Vec::new();
    let each = |_, entry: &[u8]| -> Result<(), LogError> {
        entries.push(entry.to_vec());
        Ok(())
    };
    log.read(0..log.head().size, each).expect("what was opened is read");
    let again = Log::open(files.clone(), SIGNER.verifier(), known).expect("it opens again");
    assert!(again.head() == log.head() && again.torn_bytes() == 0);
    Some(entries)
}

/// A log of these lines, a batch each, and what is known outside: all heads but the last.
fn write(lines: &[u8]) -> (FaultyFiles, Vec<Head>, Vec<Vec<u8>>) {
    let files = FaultyFiles::new(0);
    let mut log = Log::open(files.clone(), SIGNER.verifier(), &[]).expect("an empty log");
    let (mut heads, mut written) = (Vec::new(), Vec::new());
    for line in lines.split(|byte| *byte == b'\n').take(16) {
        let entries: Vec<Vec<u8>> = line.chunks(40).map(<[u8]>::to_vec).collect();
        if let Ok(head) = log.append(&entries) {
            heads.push(head);
            written.extend(entries);
        }
    }
    heads.pop();
    (files, heads, written)
}

/// Changes one byte and takes some off the end.
fn tamper(files: &FaultyFiles, [a, b, change, c, d, moved]: [u8; 6]) {
    let mut bytes = files.contents("entries").unwrap_or_default();
    let at = usize::from(u16::from_be_bytes([a, b]));
    let cut = usize::from(u16::from_be_bytes([c, d]));
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= change;
    }
    bytes.truncate(bytes.len().saturating_sub(cut));
    if moved == 1 {
        let middle = at.min(bytes.len());
        bytes.rotate_left(middle);
    }
    files.put("entries", &bytes);
}
