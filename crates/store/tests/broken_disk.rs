//! A disk that answers "input/output error" refuses clearly, loses nothing that was acknowledged,
//! and acknowledges nothing that it did not keep.
//!
//! The kernel itself gives the error: a seccomp filter on one thread, and on the writer that a
//! store started there has, lets the chosen system call fail. A store opened by another thread on
//! the same folder is what is left when the disk works again.

#[path = "processes/again.rs"]
mod processes;

use nix::libc;
use processes::{file, sealed, segment};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use std::path::Path;
use store::{
    AppendError, AttachmentId, BackupError, CheckError, EmbeddedStore, EraseError, NewChunk,
    OpenError, ReadError, Store, World,
};
use terms::Sections;

const SYNCS: &[libc::c_long] = &[libc::SYS_fdatasync, libc::SYS_fsync];
const WRITES: &[libc::c_long] = &[libc::SYS_pwrite64];
const READS: &[libc::c_long] = &[libc::SYS_pread64];
const LENGTH: usize = 50_000;
/// Enough for the log to be copied into the database, so that this fails as well.
const MANY: u32 = 800;

/// Runs on a thread for which, and for all threads it starts, these calls fail with this error;
/// writes and reads only at or beyond `from`.
fn broken<T: Send>(
    calls: &[libc::c_long],
    errno: i32,
    from: u64,
    work: impl FnOnce() -> T + Send,
) -> T {
    let rule = || {
        let condition =
            SeccompCondition::new(3, SeccompCmpArgLen::Qword, SeccompCmpOp::Ge, from).unwrap();
        vec![SeccompRule::new(vec![condition]).unwrap()]
    };
    let rules = calls.iter().map(|call| (*call, if from == 0 { vec![] } else { rule() }));
    let filter = SeccompFilter::new(
        rules.collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno as u32),
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            seccompiler::apply_filter(&program).unwrap();
            work()
        });
        thread.join().unwrap()
    })
}

/// Appends until something fails; returns how many were acknowledged in all, and the error.
fn append_from(store: &EmbeddedStore, mut next: u32, until: u32) -> (u32, Option<AppendError>) {
    while next < until {
        let bytes = sealed(u64::from(next), LENGTH);
        if let Err(error) = store.append(&[segment(file(1), next, &bytes)]) {
            return (next, Some(error));
        }
        next += 1;
    }
    (next, None)
}

/// Everything acknowledged is there; the store is sound, and goes on.
fn is_whole_and_goes_on(folder: &Path, acknowledged: u32) -> u32 {
    let store = EmbeddedStore::open(folder).unwrap();
    store.check().unwrap();
    for sequence in 0..acknowledged {
        let read = store.segments(file(1), sequence, 1, Sections::ALL).unwrap();
        assert!(read[0].bytes == sealed(u64::from(sequence), LENGTH), "segment {sequence}");
    }
    let (next, error) = append_from(&store, acknowledged, acknowledged + 3);
    assert_eq!(error, None);
    next
}

fn io(world: &World) {
    assert!(matches!(world, World::Io(_)), "{world:?}");
    assert!(!world.is_retryable() && world.to_string().starts_with("input or output failed"));
}

#[test]
fn failing_syncs_acknowledge_nothing_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = is_whole_and_goes_on(folder.path(), 0);
    for _round in 0..3 {
        let after = broken(SYNCS, libc::EIO, 0, || {
            let store = EmbeddedStore::open(folder.path()).unwrap();
            // It stays broken: no later call is acknowledged because an earlier one is forgotten.
            for _ in 0..5 {
                let (next, error) = append_from(&store, acknowledged, acknowledged + 1);
                assert_eq!(next, acknowledged);
                let Some(AppendError::World(world)) = error else { panic!("{error:?}") };
                io(&world);
            }
            let attachment = AttachmentId::from_bytes([1; 16]);
            let chunk = NewChunk { file: file(1), attachment, number: 0, bytes: &sealed(7, 900) };
            let Err(AppendError::World(world)) = store.put_chunk(&chunk) else { panic!() };
            io(&world);
            let Err(EraseError::World(world)) = store.erase(file(1)) else { panic!() };
            io(&world);
            store.outline(file(1), 0).unwrap().len() as u32
        });
        assert!(after >= acknowledged, "acknowledged segments are gone");
        acknowledged = is_whole_and_goes_on(folder.path(), acknowledged);
    }
}

#[test]
fn writes_that_fail_anywhere_acknowledge_nothing_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = is_whole_and_goes_on(folder.path(), 0);
    let mut failed = 0;
    // The log is 32 MB long before it is copied: from the first byte to somewhere in the database.
    for from in [1_u64, 4_096, 100_000, 1_000_000, 5_000_003, 20_000_000, 33_000_000] {
        let appended = broken(WRITES, libc::EIO, from, || {
            let store = EmbeddedStore::open(folder.path())?;
            Ok(append_from(&store, acknowledged, acknowledged + MANY))
        });
        let next = match appended {
            Ok((next, None)) => next,
            Ok((next, Some(AppendError::World(world)))) => {
                io(&world);
                failed += 1;
                next
            }
            Err(OpenError::World(world)) => {
                io(&world);
                failed += 1;
                acknowledged
            }
            other => panic!("{other:?}"),
        };
        acknowledged = is_whole_and_goes_on(folder.path(), next);
    }
    assert!(failed >= 5, "only {failed} of seven places failed");
}

#[test]
fn a_disk_that_cannot_read_is_the_worlds_fault_and_no_tampering() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = is_whole_and_goes_on(folder.path(), 0);
    broken(READS, libc::EIO, 0, || match EmbeddedStore::open(folder.path()) {
        Err(OpenError::World(world)) => io(&world),
        Err(other) => panic!("{other:?}"),
        Ok(store) => {
            let read = store.segments(file(1), 0, 1, Sections::ALL);
            let Err(ReadError::World(world)) = read else { panic!("{read:?}") };
            io(&world);
            let Err(CheckError::World(world)) = store.check() else { panic!() };
            io(&world);
        }
    });
    is_whole_and_goes_on(folder.path(), acknowledged);
}

#[test]
fn a_disk_that_became_read_only_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = is_whole_and_goes_on(folder.path(), 0);
    broken(WRITES, libc::EROFS, 0, || match EmbeddedStore::open(folder.path()) {
        Err(error) => assert_eq!(error, OpenError::World(World::ReadOnly)),
        Ok(store) => {
            let (next, error) = append_from(&store, acknowledged, acknowledged + 1);
            assert_eq!((next, error), (acknowledged, Some(AppendError::World(World::ReadOnly))));
        }
    });
    is_whole_and_goes_on(folder.path(), acknowledged);
}

#[test]
fn a_backup_that_cannot_be_written_leaves_nothing_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = is_whole_and_goes_on(folder.path(), 0);
    for calls in [SYNCS, WRITES] {
        let to = folder.path().join("backup");
        broken(calls, libc::EIO, 0, || {
            let Ok(store) = EmbeddedStore::open(folder.path()) else { return };
            let Err(error) = store.backup(&to, &mut |_| {}) else { panic!("it was written") };
            let world = match error {
                BackupError::World(world) | BackupError::Check(CheckError::World(world)) => world,
                other => panic!("{other:?}"),
            };
            io(&world);
        });
        assert!(!to.exists());
    }
    is_whole_and_goes_on(folder.path(), acknowledged);
}
