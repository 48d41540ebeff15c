//! Looking for people in bytes: identifying texts of everybody, in every file of a folder.

use crate::failure::{Failure, Outcome};
use ::drill::holdings::Holdings;
use ::drill::population::Person;
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;
use terms::{Section, Sections};

/// How many bytes of a text are looked up before the whole of it is compared.
const START: usize = 6;
/// Bytes read at once, and how many of them are looked at again with the next ones.
const BLOCK: usize = 8 << 20;
const OVERLAP: usize = 256;

/// What identifies people.
#[derive(Default)]
pub(super) struct People {
    /// Texts and whose they are, by their first bytes.
    texts: HashMap<[u8; START], Vec<(Vec<u8>, u32)>>,
    /// Which three bytes any text begins with: few of all that there are.
    begins: Vec<u64>,
}

/// What was found, and where it was looked for.
#[derive(Default)]
pub(super) struct Found {
    pub(super) people: BTreeSet<u32>,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl People {
    /// Nobody.
    pub(super) fn new() -> People {
        People { texts: HashMap::new(), begins: vec![0; 1 << 18] }
    }

    /// Everything that identifies a person.
    pub(super) fn add(&mut self, person: &Person) {
        let number = person.number();
        let names = std::iter::once(person.family()).chain(person.given().iter().copied());
        let others = [person.national().value.as_str(), person.phone(), &person.address().line];
        names.chain(others).for_each(|text| self.add_text(text, number));
    }

    /// A text that identifies this person; too short a one could stand anywhere.
    pub(super) fn add_text(&mut self, text: &str, person: u32) {
        let bytes = text.as_bytes();
        let Some(start) = bytes.first_chunk::<START>() else { return };
        let place = index(bytes);
        self.begins[place / 64] |= 1 << (place % 64);
        let known = self.texts.entry(*start).or_default();
        if !known.iter().any(|(other, _)| other == bytes) {
            known.push((bytes.to_vec(), person));
        }
    }

    /// Whom these bytes tell of.
    pub(super) fn search(&self, bytes: &[u8], found: &mut BTreeSet<u32>) {
        for (at, window) in bytes.windows(START).enumerate() {
            let place = index(window);
            if self.begins[place / 64] & (1 << (place % 64)) == 0 {
                continue;
            }
            let Some(start) = window.first_chunk::<START>() else { continue };
            for (text, person) in self.texts.get(start).into_iter().flatten() {
                if bytes[at..].starts_with(text) {
                    found.insert(*person);
                }
            }
        }
    }

    /// Whom the files of a folder tell of, or one file.
    pub(super) fn search_below(&self, path: &Path, found: &mut Found) -> Outcome {
        let failed = Failure::world::<std::io::Error>(path.display());
        let kind = std::fs::symlink_metadata(path).map_err(failed)?;
        if kind.is_dir() {
            let failed = Failure::world::<std::io::Error>(path.display());
            for entry in std::fs::read_dir(path).map_err(failed)? {
                let entry = entry.map_err(Failure::world(path.display()))?;
                self.search(entry.file_name().as_encoded_bytes(), &mut found.people);
                self.search_below(&entry.path(), found)?;
            }
        } else if kind.is_file() {
            self.search_file(path, found).map_err(Failure::world(path.display()))?;
        }
        Ok(())
    }

    fn search_file(&self, path: &Path, found: &mut Found) -> std::io::Result<()> {
        let mut file = std::fs::File::open(path)?;
        let mut block = Vec::new();
        found.files += 1;
        loop {
            let kept = block.len().min(OVERLAP);
            block.drain(..block.len() - kept);
            let read = file.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
            if read == 0 {
                return Ok(());
            }
            found.bytes += read as u64;
            self.search(&block, &mut found.people);
        }
    }
}

impl Found {
    /// What a thief holds who found these people.
    pub(super) fn holdings(&self) -> Holdings {
        let mut held = Holdings::new();
        for person in &self.people {
            held.add(&format!("person {person}"), Sections::of(&[Section::Label]));
        }
        held
    }
}

/// Three bytes as a number.
fn index(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_wherever_they_stand_and_nobody_else() {
        let population = crate::demo::population(1, 3);
        let mut people = People::new();
        population.people().for_each(|person| people.add(&person));
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = vec![0x5a; BLOCK - 3];
        bytes.extend(population.person(1).national().value.as_bytes());
        bytes.extend([0x5a; 4_000]);
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("inner/file"), &bytes).unwrap();
        std::fs::write(folder.path().join("other"), b"nobody is here").unwrap();
        let mut found = Found::default();
        people.search_below(folder.path(), &mut found).unwrap();
        assert_eq!((found.people, found.files), ([1].into(), 2));
        assert_eq!(found.bytes, bytes.len() as u64 + 14);
    }
}
