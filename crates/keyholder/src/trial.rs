//! Whether a copy of keys, such as a backup's, still unwraps one file's key.
//!
//! Trust: it says yes or no and lets no key out, so whoever calls it reads nothing that way. It
//! works on a copy: SQLite writes where it reads.

use crate::error::{KeyholderError, Result};
use crate::keyring::Keyring;
use crate::root::SealedKeyFile;
use crate::settings::{Passphrase, Settings};
use crate::table::KeyTable;
use terms::FileId;

/// What a copy gave for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The table has no key for it.
    Absent,
    /// Its key unwraps: with the sealed bytes of then the file could be read.
    Opens,
    /// The table has it, and it does not unwrap: why.
    Sealed(String),
}

/// Tries root key, keyring and key table of this folder, a copy that nobody else uses.
pub fn try_copy(settings: &Settings, passphrase: &Passphrase, file: FileId) -> Result<Tried> {
    crate::files::check_folder(&settings.folder)?;
    let root = SealedKeyFile::open(&settings.path(Settings::ROOT), passphrase, settings.root_cost)?;
    let ring = Keyring::open(&settings.path(Settings::KEYRING), Box::new(root))?;
    let table = KeyTable::open(&settings.path(Settings::TABLE))?;
    match table.get(&ring, ring.blind(file)) {
        Ok(None) => Ok(Tried::Absent),
        Ok(Some((named, _))) if named == file => Ok(Tried::Opens),
        Ok(Some(_)) => Err(KeyholderError::Tampered("the row is another file's".into())),
        Err(KeyholderError::Tampered(why)) => Ok(Tried::Sealed(why)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::open_entry;
    use crate::mind::Shared;
    use crate::root::RootCost;
    use crate::start::{Genesis, create, open, rotate};
    use ledger::DirFiles;
    use ledger::entry::Act;
    use std::path::Path;
    use zeroize::Zeroizing;

    const NAMES: [&str; 3] = [Settings::ROOT, Settings::KEYRING, Settings::TABLE];

    fn settings(folder: &Path) -> Settings {
        let root_cost = RootCost { memory_kib: 64, passes: 1 };
        Settings { root_cost, ..Settings::new(folder) }
    }

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.into())).unwrap()
    }

    fn files(folder: &Path) -> DirFiles {
        DirFiles::new(settings(folder).path(Settings::LEDGER))
    }

    /// Copies these of one folder's files into another.
    fn copy(from: &Path, names: &[&str], to: &Path) {
        crate::files::create_folder(to).unwrap();
        for name in names {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }

    /// The directory: a file like any other, and the one that every installation has.
    fn directory(shared: &Shared<DirFiles>) -> FileId {
        let mut found = None;
        let read = shared.log().read(0..1, |number, sealed| -> Result<()> {
            if let Act::Began(began) = open_entry(&shared.ring, number, sealed)?.act {
                found = shared.table.get(&shared.ring, began.directory)?;
            }
            Ok(())
        });
        read.unwrap();
        found.unwrap().0
    }

    #[test]
    fn an_old_table_opens_with_its_own_keyring_and_not_with_that_of_after_a_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (home, old) = (at("home"), at("old"));
        let genesis = Genesis { tenant: "t".into(), practices: Vec::new(), cards: Vec::new() };
        let shared = create(settings(&home), files(&home), &passphrase("one"), genesis).unwrap();
        let directory = directory(&shared);
        drop(shared);
        copy(&home, &NAMES, &old);
        let tried =
            |name: &str, text: &str| try_copy(&settings(&at(name)), &passphrase(text), directory);
        assert_eq!(tried("old", "one").unwrap(), Tried::Opens);
        let other = FileId::from_bytes([9; FileId::LENGTH]);
        let absent = try_copy(&settings(&old), &passphrase("one"), other).unwrap();
        assert_eq!(absent, Tried::Absent);
        drop(rotate(open(settings(&home), files(&home), &passphrase("one")).unwrap()).unwrap());
        copy(&home, &NAMES[..2], &at("mixed"));
        copy(&old, &NAMES[2..], &at("mixed"));
        let Tried::Sealed(why) = tried("mixed", "one").unwrap() else { panic!("it opens") };
        assert!(why.contains("whose key was destroyed"), "{why}");
        // With its own keyring and the passphrase of then it opens all the same.
        assert_eq!(tried("old", "one").unwrap(), Tried::Opens);
        assert!(tried("old", "two").is_err());
    }
}
