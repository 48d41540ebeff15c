//! `SHA256SUMS` of a backup: written last, checked first, and what `sha256sum -c` reads.
//!
//! It finds what is torn or was copied badly. It is no signature: whoever edits a backup can write
//! it anew, and then the ledger's signature, the chains of the files and the keyholder's comparison
//! of ledger and key table are what is left to find that out.

use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

const NAME: &str = "SHA256SUMS";
/// How long a sum is in hexadecimal digits.
const SUM_LENGTH: usize = 64;

/// Writes the sums of everything that is in the folder.
pub(super) fn write(backup: &Home) -> Outcome {
    let folder = backup.path();
    let write = || -> io::Result<()> {
        let mut text = Vec::new();
        for path in files(folder)? {
            text.extend(line(&sum(&folder.join(&path))?, &path));
        }
        std::fs::write(folder.join(NAME), text)?;
        File::open(folder.join(NAME))?.sync_all()
    };
    write().map_err(Failure::world(format!("{NAME} of {}", folder.display())))
}

/// Holds a backup against its sums: the same files, with the same bytes.
pub(super) fn check(backup: &Home) -> Outcome {
    let folder = backup.path();
    let text = std::fs::read(folder.join(NAME)).map_err(|_| {
        Failure::NotThere(format!(
            "{} is no backup, or one that was not finished: it has no {NAME}. Take another one",
            folder.display()
        ))
    })?;
    let mut listed = BTreeSet::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let (wanted, name) =
            listing(line).ok_or_else(|| damaged(Path::new(NAME), "cannot be read"))?;
        match sum(&folder.join(&name)) {
            Ok(found) if found.as_bytes() == wanted => listed.insert(name),
            Ok(_) => return Err(damaged(&name, "is not what was backed up")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged(&name, "is missing"));
            }
            Err(error) => return Err(Failure::world::<io::Error>(name.display())(error)),
        };
    }
    let found = files(folder).map_err(Failure::world(folder.display()))?;
    match found.iter().find(|path| !listed.contains(*path)) {
        Some(other) => Err(damaged(other, "was not backed up")),
        None if listed.is_empty() => Err(damaged(Path::new(NAME), "is empty")),
        None => Ok(()),
    }
}

fn damaged(name: &Path, how: &str) -> Failure {
    let name = console::one_line(&name.display().to_string());
    Failure::Tampered(format!("the backup is damaged: {name} {how}. Take another one"))
}

/// A line as `sha256sum` writes it: a name that would end its line is escaped, and a backslash
/// before the sum says so.
fn line(sum: &str, name: &Path) -> Vec<u8> {
    let name = name.as_os_str().as_bytes();
    let escaped = name.iter().flat_map(|byte| match byte {
        b'\\' => b"\\\\".as_slice(),
        b'\n' => b"\\n",
        b'\r' => b"\\r",
        byte => std::slice::from_ref(byte),
    });
    let escaped: Vec<u8> = escaped.copied().collect();
    let before: &[u8] = if escaped == name { b"" } else { b"\\" };
    [before, sum.as_bytes(), b"  ", &escaped, b"\n"].concat()
}

/// The sum and the name of such a line.
fn listing(line: &[u8]) -> Option<(&[u8], PathBuf)> {
    let (is_escaped, line) = match line.strip_prefix(b"\\") {
        Some(line) => (true, line),
        None => (false, line),
    };
    let (sum, name) = line.split_at_checked(SUM_LENGTH)?;
    let name = name.strip_prefix(b"  ")?;
    let name = if is_escaped { unescaped(name)? } else { name.to_vec() };
    Some((sum, OsString::from_vec(name).into()))
}

fn unescaped(name: &[u8]) -> Option<Vec<u8>> {
    let (mut plain, mut rest) = (Vec::new(), name.iter());
    while let Some(byte) = rest.next() {
        plain.push(match byte {
            b'\\' => match rest.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => *byte,
        });
    }
    Some(plain)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn names_of_any_bytes_are_listed_as_sha256sum_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let below = folder.path().join("letters");
        std::fs::create_dir(&below).unwrap();
        let names: &[&[u8]] =
            &[b"plain.ftl", b"latin-\xe5.ftl", b"two\nlines", b"back\\slash", b"a\\n", b"  x"];
        for name in names {
            std::fs::write(below.join(OsString::from_vec(name.to_vec())), name).unwrap();
        }
        write(&home).unwrap();
        check(&home).unwrap();
        match Command::new("sha256sum").args(["-c", NAME]).current_dir(folder.path()).output() {
            Ok(done) => assert!(done.status.success(), "{done:?}"),
            Err(_) => console::warn("SKIPPED: there is no sha256sum to read the sums"),
        }
        std::fs::write(below.join("two\nlines"), "edited").unwrap();
        assert!(matches!(check(&home), Err(Failure::Tampered(_))));
    }
}
