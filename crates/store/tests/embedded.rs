//! What holds for the embedded store alone: permissions, versions, damage.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;
use store::conformance::{append_one, file, sealed};
use store::{BackupError, CheckError, EmbeddedStore, OpenError, ReadError, Store};
use terms::Sections;

fn filled(folder: &Path) -> EmbeddedStore {
    let store = EmbeddedStore::open(folder).unwrap();
    for sequence in 0..200 {
        append_one(&store, file(1), sequence, &sealed(u64::from(sequence), 3000));
    }
    store
}

fn meddle(folder: &Path, statement: &str) {
    Connection::open(folder.join("store.db")).unwrap().execute_batch(statement).unwrap();
}

#[test]
fn only_the_owner_may_read() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("a/b");
    let store = filled(&folder);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let backup = folder.join("backup");
    store.backup(&backup, &mut |_| ()).unwrap();
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(names.len() >= 5, "database, log, its index, lock, backup: {names:?}");
    for path in names {
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
    drop(store);

    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.join("store.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let _store = EmbeddedStore::open(&folder).unwrap();
    assert_eq!((mode(&folder), mode(&folder.join("store.db"))), (0o700, 0o600));
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    meddle(folder.path(), "PRAGMA user_version = 7");
    let before = fs::read(folder.path().join("store.db")).unwrap();
    let error = EmbeddedStore::open(folder.path()).err().unwrap();
    assert_eq!(error, OpenError::Newer { found: 7, known: 1 });
    assert!(error.to_string().contains("newer"), "{error}");
    assert!(fs::read(folder.path().join("store.db")).unwrap() == before);
}

#[test]
fn what_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    meddle(folder.path(), "CREATE TABLE t (x)");
    let error = EmbeddedStore::open(folder.path()).err().unwrap();
    assert!(matches!(error, OpenError::NotAStore(_)), "{error}");

    fs::write(folder.path().join("store.db"), sealed(1, 50_000)).unwrap();
    let error = EmbeddedStore::open(folder.path()).err().unwrap();
    assert!(matches!(error, OpenError::Tampered(_)), "{error}");

    let not_a_folder = folder.path().join("store.db");
    let error = EmbeddedStore::open(&not_a_folder).err().unwrap();
    assert!(matches!(error, OpenError::NotAFolder(_)), "{error}");
}

/// One flipped bit in a segment's bytes, in the file itself.
#[test]
fn check_finds_a_flipped_bit() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let path = folder.path().join("store.db");
    let mut database = fs::read(&path).unwrap();
    let needle = &sealed(150, 3000)[1000..1032];
    let at = database.windows(32).position(|window| window == needle).unwrap();
    database[at] ^= 4;
    fs::write(&path, &database).unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let Err(CheckError::Tampered(what)) = store.check() else { panic!("not found") };
    assert!(what.contains("segment 150"), "{what}");
}

#[test]
fn check_finds_rows_that_mean_nothing() {
    for meddling in [
        "UPDATE segment SET section = 77 WHERE sequence = 5",
        "UPDATE segment SET bytes = 'text' WHERE sequence = 5",
        "UPDATE segment SET sequence = 5000000000 WHERE sequence = 5",
        "UPDATE segment SET hash = zeroblob(32) WHERE sequence = 5",
        "PRAGMA ignore_check_constraints = ON; UPDATE segment SET hash = x'00' WHERE sequence = 5",
    ] {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path()));
        meddle(folder.path(), meddling);
        let store = EmbeddedStore::open(folder.path()).unwrap();
        assert!(matches!(store.check(), Err(CheckError::Tampered(_))), "{meddling}");
    }
}

#[test]
fn reading_a_row_that_means_nothing_is_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    meddle(folder.path(), "UPDATE segment SET section = 10 WHERE sequence = 5");
    let store = EmbeddedStore::open(folder.path()).unwrap();
    assert!(matches!(store.outline(file(1), 0), Err(ReadError::Tampered(_))));
    meddle(folder.path(), "UPDATE segment SET section = 1, bytes = 'x' WHERE sequence = 5");
    let read = store.segments(file(1), 0, 10, Sections::ALL);
    assert!(matches!(read, Err(ReadError::Tampered(_))));
    assert_eq!(store.outline(file(1), 6).unwrap().len(), 194, "the rest can be read");
}

#[test]
fn a_database_cut_short_is_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let path = folder.path().join("store.db");
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    let error = EmbeddedStore::open(folder.path()).err().unwrap();
    assert!(matches!(error, OpenError::Tampered(_)), "{error}");
}

#[test]
fn a_backup_is_verified_before_it_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder.path().join("store"));
    let backup = folder.path().join("backup");
    store.backup(&backup, &mut |_| ()).unwrap();
    assert_eq!(EmbeddedStore::verify_backup(&backup).unwrap().segments, 200);

    let occupied = EmbeddedStore::restore(&backup, &folder.path().join("store"));
    assert!(matches!(occupied, Err(BackupError::Exists(_))));

    let mut bytes = fs::read(&backup).unwrap();
    let needle = &sealed(10, 3000)[..32];
    let at = bytes.windows(32).position(|window| window == needle).unwrap();
    bytes[at + 500] ^= 1;
    fs::write(&backup, bytes).unwrap();
    let found = EmbeddedStore::verify_backup(&backup);
    assert!(matches!(found, Err(CheckError::Tampered(_))), "{found:?}");
    let place = folder.path().join("new");
    let refused = EmbeddedStore::restore(&backup, &place);
    assert!(matches!(refused, Err(BackupError::Check(CheckError::Tampered(_)))));
    assert!(!place.exists(), "nothing is left of a refused restore");

    let missing = EmbeddedStore::restore(&folder.path().join("none"), &place);
    assert!(matches!(missing, Err(BackupError::NotThere(_))));
}

#[test]
fn nothing_sealed_is_printed() {
    let bytes = sealed(1, 64);
    let new = store::conformance::segment(file(1), 0, terms::Section::Label, &bytes);
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    store.append(&[new]).unwrap();
    let read = store.segments(file(1), 0, 1, Sections::ALL).unwrap();
    let outline = store.outline(file(1), 0).unwrap();
    let printed = format!("{new:?} {read:?} {outline:?}");
    for secret in [&bytes, &new.hash.to_vec()] {
        let listed = format!("{secret:?}");
        assert!(!printed.contains(listed.trim_matches(['[', ']'])), "{printed}");
    }
    assert!(printed.contains("64 bytes"));
}
