//! Test vectors as text: blocks of `name: value` lines, first what goes in, then what comes out.
//!
//! With `COFFERDAM_WRITE_VECTORS` set, what comes out is written into the files; do that only
//! together with a new format version.

use std::collections::BTreeMap;
use std::path::Path;

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

/// One block of a file of vectors.
pub(crate) struct Vector(BTreeMap<String, String>);

impl Vector {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("{name} is missing"))
    }

    pub(crate) fn number(&self, name: &str) -> u32 {
        self.text(name).parse().unwrap()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        HEXLOWER.decode(self.text(name).as_bytes()).unwrap()
    }

    pub(crate) fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    pub(crate) fn key(&self, name: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.array(name))
    }
}

/// Checks every block of `vectors/FILE`: `made` gives what must come out, in the file's order.
pub(crate) fn check(file: &str, made: impl Fn(&Vector) -> Vec<(&'static str, Vec<u8>)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    for block in text.trim_end().split("\n\n") {
        let lines = block.lines().filter(|line| !line.starts_with('#'));
        let parts =
            lines.map(|line| line.split_once(": ").unwrap_or((&line[..line.len() - 1], "")));
        let vector = Vector(parts.map(|(n, v)| (n.to_owned(), v.to_owned())).collect());
        if vector.0.is_empty() {
            written += &format!("{block}\n\n");
            continue;
        }
        let made = made(&vector);
        let is_made = |line: &&str| made.iter().any(|(n, _)| line.starts_with(&format!("{n}: ")));
        for line in block.lines().filter(|line| !is_made(line)) {
            written += &format!("{line}\n");
        }
        for (name, bytes) in &made {
            written += &format!("{name}: {}\n", HEXLOWER.encode(bytes));
        }
        written.push('\n');
    }
    if std::env::var_os("COFFERDAM_WRITE_VECTORS").is_some() {
        std::fs::write(&path, written).unwrap();
    } else {
        assert_eq!(written.trim_end(), text.trim_end(), "{file} is not reproduced");
    }
}
