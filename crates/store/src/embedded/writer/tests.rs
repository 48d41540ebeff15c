//! Commits of several tasks, on a database that may grow by so many pages and no more.

use rusqlite::Connection;
use terms::FileId;

use super::{OwnedSegment, Task, commit};
use crate::embedded::connect;
use crate::embedded::fault::Fault;
use crate::errors::World;
use crate::sql::whole::COUNT_SEGMENTS;

fn append(number: u8, lengths: &[usize]) -> Task {
    let segment = |(sequence, &length): (u32, _)| OwnedSegment {
        file: FileId::from_bytes([number; 16]),
        sequence,
        section: 0,
        hash: [0; 32],
        bytes: vec![number; length],
    };
    Task::Append((0..).zip(lengths).map(segment).collect())
}

fn limit(connection: &Connection, pages: i64) {
    let set = format!("PRAGMA max_page_count = {pages}");
    assert_eq!(connect::one::<i64>(connection, &set).unwrap(), pages);
}

#[test]
fn one_task_that_does_not_fit_fails_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = connect::create_or_open(folder.path()).unwrap();
    limit(&connection, 40);
    let tasks = [append(1, &[700]), append(2, &[700, 300_000]), append(3, &[700, 700])];
    let full = Err(Fault::World(World::DiskFull));
    assert_eq!(commit(&mut connection, &tasks), [Ok(1), full.clone(), Ok(2)]);
    assert_eq!(
        connect::count(&connection, COUNT_SEGMENTS),
        Ok(3),
        "no part of the one that failed"
    );

    assert_eq!(commit(&mut connection, &tasks[1..2]), [full]);
    limit(&connection, 4000);
    assert_eq!(commit(&mut connection, &tasks[1..2]), [Ok(2)]);
    assert_eq!(connect::count(&connection, COUNT_SEGMENTS), Ok(5));
}
