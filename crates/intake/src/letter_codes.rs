//! Whether a letter's code is one of ours, from a file of SHA-256 hashes, one in hex a line.
//!
//! A code is hashed as it is printed, or with its letters and digits alone, in capitals.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER_PERMISSIVE;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Most codes that are looked at.
const CODES_MAX: usize = 4 << 20;
/// Lengths of a code without its marks: shorter ones could be guessed.
const CODE_LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;

/// The file of codes, read again when it changes.
pub struct LetterCodes {
    path: PathBuf,
    loaded: Mutex<Option<Loaded>>,
}

struct Loaded {
    state: (SystemTime, u64),
    sorted: Vec<[u8; 32]>,
}

impl LetterCodes {
    /// The codes of this file, there or not.
    pub fn at(path: &Path) -> LetterCodes {
        LetterCodes { path: path.to_owned(), loaded: Mutex::new(None) }
    }

    /// Whether the file has this code. Without a file no code is ours.
    pub fn has(&self, code: &str) -> io::Result<bool> {
        if code.len() > 256 {
            return Ok(false);
        }
        let code = code.trim();
        let bare: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        if !CODE_LENGTHS.contains(&bare.len()) {
            return Ok(false);
        }
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        let state = (metadata.modified()?, metadata.len());
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let codes = match loaded.take() {
            Some(codes) if codes.state == state => codes,
            _ => Loaded { state, sorted: read(file)? },
        };
        let wanted = [hash(code), hash(&bare.to_ascii_uppercase())];
        let has = wanted.iter().any(|hash| codes.sorted.binary_search(hash).is_ok());
        *loaded = Some(codes);
        Ok(has)
    }
}

fn read(file: File) -> io::Result<Vec<[u8; 32]>> {
    let mut hashes = Vec::new();
    let mut line = String::new();
    let mut lines = BufReader::new(io::Read::take(file, CODES_MAX as u64 * 65));
    while lines.read_line(&mut line)? > 0 {
        let hash = HEXLOWER_PERMISSIVE.decode(line.trim().as_bytes()).ok();
        hashes.extend(hash.and_then(|hash| <[u8; 32]>::try_from(hash).ok()));
        line.clear();
    }
    hashes.sort_unstable();
    Ok(hashes)
}

fn hash(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn a_code_is_ours_if_its_hash_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter-codes");
        let codes = LetterCodes::at(&path);
        assert!(!codes.has("K7QM-2XPA-9RTD").unwrap(), "no file, no code");
        let line = |code: &str| HEXLOWER.encode(&hash(code)) + "\n";
        let text = [line("K7QM2XPA9RTD"), "not a hash\n".into(), line("as-printed-1")].concat();
        std::fs::write(&path, &text).unwrap();
        for ours in ["K7QM-2XPA-9RTD", " k7qm 2xpa 9rtd ", "K7QM2XPA9RTD", "as-printed-1"] {
            assert!(codes.has(ours).unwrap(), "{ours}");
        }
        for other in ["", "K7QM-2XPA-9RTE", "K7QM", "asprinted1", &"K".repeat(300)] {
            assert!(!codes.has(other).unwrap(), "{other}");
        }
        std::fs::write(&path, [&text, &line("SECONDCODE")[..]].concat()).unwrap();
        assert!(codes.has("second code").unwrap(), "the file is read again");
    }
}
