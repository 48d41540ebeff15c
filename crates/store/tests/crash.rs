//! A store whose process is killed at any moment, again and again, has everything it acknowledged.

#[path = "processes/again.rs"]
mod processes;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::thread;
use std::time::Duration;

use processes::{CHILD_FOLDER, again_as_child, file, sealed, segment, tell};
use store::{EmbeddedStore, NewChunk, Store};
use terms::{FileId, Sections};

const ROUNDS: u64 = 30;
const WRITERS: u8 = 4;

#[test]
fn acknowledged_segments_survive_kill_9() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        return append_for_ever(&EmbeddedStore::open(folder.as_ref()).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: BTreeMap<u8, u32> = BTreeMap::new();
    for round in 0..ROUNDS {
        for (writer, sequence) in run_and_kill(folder.path(), round) {
            let next = acknowledged.entry(writer).or_default();
            *next = (*next).max(sequence + 1);
        }
        let store = EmbeddedStore::open(folder.path()).unwrap();
        for (&writer, &next) in &acknowledged {
            expect(&store, writer, next);
        }
        if round % 10 == 9 {
            store.check().unwrap();
        }
    }
    assert!(acknowledged.len() == usize::from(WRITERS), "a writer got nothing done in 30 rounds");
}

/// Goes on where each file ends, and says what has been acknowledged; an orphan is replaced.
fn append_for_ever(store: &EmbeddedStore) {
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let behind_last = store.outline(file(writer), 0).unwrap().len() as u32;
                for sequence in behind_last.saturating_sub(1).. {
                    append(store, writer, sequence);
                    tell(&format!("ack {writer} {sequence}"));
                }
            });
        }
    });
}

/// Every append puts two segments of one batch in two files, so that half of one would be seen.
fn append(store: &EmbeddedStore, writer: u8, sequence: u32) {
    let bytes = payload(writer, sequence);
    let batch =
        [segment(file(writer), sequence, &bytes), segment(twin_of(writer), sequence, &bytes)];
    store.append(&batch).unwrap();
    if sequence.is_multiple_of(16) {
        let attachment = store::AttachmentId::from_bytes([writer; 16]);
        let chunk = NewChunk { file: file(writer), attachment, number: sequence, bytes: &bytes };
        store.put_chunk(&chunk).unwrap();
    }
}

fn twin_of(writer: u8) -> FileId {
    file(writer + 100)
}

fn payload(writer: u8, sequence: u32) -> Vec<u8> {
    let length = 200 + sequence as usize * 37 % 12_000;
    sealed(u64::from(writer) << 32 | u64::from(sequence), length)
}

/// What the child acknowledged before it was killed, after a time that differs with the round.
fn run_and_kill(folder: &std::path::Path, round: u64) -> Vec<(u8, u32)> {
    let test = "acknowledged_segments_survive_kill_9";
    let mut child = again_as_child(test, folder).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    let reading = thread::spawn(move || {
        lines.lines().map_while(Result::ok).filter_map(|line| acknowledgement(&line)).collect()
    });
    thread::sleep(Duration::from_millis(15 + round * 7919 % 170));
    child.kill().unwrap();
    child.wait().unwrap();
    reading.join().unwrap()
}

/// The line may be the last one and cut off: the end of line is part of it.
fn acknowledgement(line: &str) -> Option<(u8, u32)> {
    let mut words = line.strip_prefix("ack ")?.strip_suffix(" .")?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

fn expect(store: &EmbeddedStore, writer: u8, next: u32) {
    let outline = store.outline(file(writer), 0).unwrap();
    assert!(outline.len() as u32 >= next, "{} of {next} acknowledged", outline.len());
    assert!(outline == store.outline(twin_of(writer), 0).unwrap(), "half a batch");
    for segment in store.segments(file(writer), next.saturating_sub(50), 60, Sections::ALL).unwrap()
    {
        assert!(segment.bytes == payload(writer, segment.sequence), "other bytes");
    }
    let attachment = store::AttachmentId::from_bytes([writer; 16]);
    for number in (0..next.saturating_sub(1)).step_by(16) {
        let bytes = store.read_chunk(file(writer), attachment, number).unwrap();
        assert!(bytes == payload(writer, number));
    }
}
