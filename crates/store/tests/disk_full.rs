//! A full disk refuses with a clear error, loses nothing, and needs no restart once there is space.

#[path = "processes/again.rs"]
mod processes;

use std::path::Path;
use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use processes::{CHILD_FOLDER, again_as_child, file, sealed, segment, tell};
use store::{AppendError, AttachmentId, EmbeddedStore, EraseError, NewChunk, Store, World};

const TEST: &str = "a_full_disk_refuses_and_recovers";
/// Above the length at which the log is copied into the database, so that this fails as well.
const LIMIT: u64 = 40 * 1024 * 1024;
const LENGTH: usize = 500_000;

/// The limit on the size of a file stands in for the end of the disk: the operating system refuses
/// the write in the middle, and nothing of it depends on SQLite.
#[test]
fn a_full_disk_refuses_and_recovers() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        return fill_the_disk(folder.as_ref());
    }
    let folder = tempfile::tempdir().unwrap();
    let child = again_as_child(TEST, folder.path());
    // The signal that comes with the limit would end the process; ignoring it is inherited.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(child.get_program());
    shell.args(child.get_args()).env(CHILD_FOLDER, folder.path());
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let acknowledged = said.lines().filter(|line| line.starts_with("ack ")).count() as u32;
    let store = EmbeddedStore::open(folder.path()).unwrap();
    expect(&store, acknowledged);
}

fn fill_the_disk(folder: &Path) {
    let store = EmbeddedStore::open(folder).unwrap();
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    let mut next = 0;
    for _ in 0..2 {
        setrlimit(Resource::RLIMIT_FSIZE, LIMIT, hard).unwrap();
        next = append_until_full(&store, next);
        let bytes = sealed(1, 2_000_000);
        let attachment = AttachmentId::from_bytes([1; 16]);
        let chunk = NewChunk { file: file(1), attachment, number: 0, bytes: &bytes };
        assert_eq!(store.put_chunk(&chunk), Err(AppendError::World(World::DiskFull)));
        assert_eq!(store.erase(file(2)), Err(EraseError::World(World::DiskFull)));
        expect(&store, next);

        setrlimit(Resource::RLIMIT_FSIZE, hard, hard).unwrap();
        append(&store, next).expect("there is space again");
        next += 1;
        store.erase(file(2)).unwrap();
        store.check().unwrap();
    }
    assert!(next > 100, "nothing fitted below the limit");
}

fn append_until_full(store: &EmbeddedStore, mut next: u32) -> u32 {
    loop {
        match append(store, next) {
            Ok(()) => next += 1,
            Err(error) => {
                assert_eq!(error, AppendError::World(World::DiskFull));
                assert!(World::DiskFull.is_retryable());
                return next;
            }
        }
    }
}

fn append(store: &EmbeddedStore, sequence: u32) -> Result<(), AppendError> {
    let bytes = sealed(u64::from(sequence), LENGTH);
    store.append(&[segment(file(1), sequence, &bytes)])?;
    tell(&format!("ack {sequence}"));
    Ok(())
}

fn expect(store: &EmbeddedStore, acknowledged: u32) {
    assert!(store.outline(file(1), 0).unwrap().len() as u32 >= acknowledged);
    for sequence in 0..acknowledged {
        let read = store.segments(file(1), sequence, 1, terms::Sections::ALL).unwrap();
        assert!(read[0].bytes == sealed(u64::from(sequence), LENGTH));
    }
}
