//! `SHA256SUMS` of a backup: written last, checked first, and what `sha256sum -c` reads.
//!
//! It finds what is torn or was copied badly. It is no signature: whoever edits a backup can write
//! it anew, and then the ledger's signature, the chains of the files and the keyholder's comparison
//! of ledger and key table are what is left to find that out.

use crate::failure::{Failure, Outcome};
use crate::home::Home;
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const NAME: &str = "SHA256SUMS";

/// Writes the sums of everything that is in the folder.
pub(super) fn write(backup: &Home) -> Outcome {
    let folder = backup.path();
    let write = || -> io::Result<()> {
        let mut text = String::new();
        for path in files(folder)? {
            text.push_str(&format!("{}  {}\n", sum(&folder.join(&path))?, path.display()));
        }
        std::fs::write(folder.join(NAME), text)?;
        File::open(folder.join(NAME))?.sync_all()
    };
    write().map_err(Failure::world(format!("{NAME} of {}", folder.display())))
}

/// Holds a backup against its sums: the same files, with the same bytes.
pub(super) fn check(backup: &Home) -> Outcome {
    let folder = backup.path();
    let text = std::fs::read_to_string(folder.join(NAME)).map_err(|_| {
        Failure::NotThere(format!(
            "{} is no backup, or one that was not finished: it has no {NAME}. Take another one",
            folder.display()
        ))
    })?;
    let damaged = |name: &str, how: &str| {
        Failure::Tampered(format!(
            "the backup is damaged: {name} {how}. Nothing was restored; take another one"
        ))
    };
    let mut listed = BTreeSet::new();
    for line in text.lines() {
        let (wanted, name) =
            line.split_once("  ").ok_or_else(|| damaged(NAME, "cannot be read"))?;
        match sum(&folder.join(name)) {
            Ok(found) if found == wanted => listed.insert(PathBuf::from(name)),
            Ok(_) => return Err(damaged(name, "is not what was backed up")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged(name, "is missing"));
            }
            Err(error) => return Err(Failure::world::<io::Error>(name)(error)),
        };
    }
    let found = files(folder).map_err(Failure::world(folder.display()))?;
    match found.iter().find(|path| !listed.contains(*path)) {
        Some(other) => Err(damaged(&other.display().to_string(), "was not backed up")),
        None if listed.is_empty() => Err(damaged(NAME, "is empty")),
        None => Ok(()),
    }
}

/// Every file below, from there, but the sums themselves.
fn files(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut below = vec![PathBuf::new()];
    while let Some(at) = below.pop() {
        for entry in std::fs::read_dir(folder.join(&at))? {
            let entry = entry?;
            let path = at.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                below.push(path);
            } else if path != Path::new(NAME) {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

fn sum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut context, mut buffer) = (Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(HEXLOWER.encode(context.finish().as_ref())),
            count => context.update(&buffer[..count]),
        }
    }
}
