//! An import beside a running server: two processes write to one store at once.

#[path = "processes/again.rs"]
mod processes;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use processes::{CHILD_FOLDER, again_as_child, file, sealed, segment, tell};
use store::{EmbeddedStore, Store};
use terms::Sections;

const TEST: &str = "two_processes_share_one_store";
const APPENDS: u32 = 250;
/// Slow disks included; a starved process waits for many seconds.
const SLOWEST: Duration = Duration::from_secs(5);

#[test]
fn two_processes_share_one_store() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        append_all(folder.as_ref(), 100);
        return tell("done");
    }
    let folder = tempfile::tempdir().unwrap();
    // Neither waits for the other: both may be the one that makes the store.
    let mut child = again_as_child(TEST, folder.path()).spawn().unwrap();
    append_all(folder.path(), 0);
    let said: Vec<_> =
        BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
    assert!(child.wait().unwrap().success(), "{said:?}");
    assert!(said.contains(&"done .".to_string()), "the child did its part");

    let store = EmbeddedStore::open(folder.path()).unwrap();
    for writer in [0, 1, 2, 100, 101, 102] {
        let read = store.segments(file(writer), 0, APPENDS + 1, Sections::ALL).unwrap();
        assert_eq!(read.len(), APPENDS as usize);
        for segment in read {
            assert!(segment.bytes == sealed(u64::from(segment.sequence), 700));
        }
    }
    store.check().unwrap();
}

fn append_all(folder: &Path, first: u8) {
    let store = EmbeddedStore::open(folder).unwrap();
    thread::scope(|scope| {
        for writer in first..first + 3 {
            let store = &store;
            scope.spawn(move || {
                for sequence in 0..APPENDS {
                    let bytes = sealed(u64::from(sequence), 700);
                    let began = Instant::now();
                    store.append(&[segment(file(writer), sequence, &bytes)]).unwrap();
                    assert!(began.elapsed() < SLOWEST, "one process starves the other");
                }
            });
        }
    });
}
