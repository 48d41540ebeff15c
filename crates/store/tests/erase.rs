//! Erased bytes are in no file of the store, save for what [`EmbeddedStore`] admits: fragments in
//! pages that were rearranged far more heavily than here.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use store::conformance::{file, sealed, segment};
use store::{AttachmentId, EmbeddedStore, EraseError, NewChunk, Store};
use terms::Section;

/// Any run of so many erased bytes is found; fewer by chance would not identify anything.
const WINDOW: usize = 16;

const FILES: u8 = 60;

/// Lengths from those of a cell to those that fill many pages, and everything between.
fn length(file: u8, sequence: u32) -> usize {
    [90, 300, 700, 1100, 3900, 8100, 20_000][(usize::from(file) * 5 + sequence as usize * 3) % 7]
}

fn bytes_of(file: u8, sequence: u32, version: u64) -> Vec<u8> {
    sealed(version << 40 | u64::from(file) << 32 | u64::from(sequence), length(file, sequence))
}

/// One segment of each of these files, in one batch.
fn append(store: &EmbeddedStore, numbers: &[u8], sequence: u32, version: u64) {
    let sealed: Vec<_> = numbers.iter().map(|&n| (n, bytes_of(n, sequence, version))).collect();
    let mut batch = Vec::new();
    for (number, bytes) in &sealed {
        batch.push(segment(file(*number), sequence, Section::Results, bytes));
    }
    store.append(&batch).unwrap();
}

/// Appends in an order that mixes the files, replaces some, and removes some between.
fn fill(store: &EmbeddedStore) {
    let all: Vec<_> = (0..FILES).collect();
    for sequence in 0..12 {
        let (early, late) = all.split_at(usize::from(FILES) / 2);
        append(store, late, sequence, 0);
        append(store, early, sequence, 0);
        let some = |n: &u8| (u32::from(*n) + sequence).is_multiple_of(5);
        let replaced: Vec<_> = all.iter().copied().filter(some).collect();
        append(store, &replaced, sequence, 1);
    }
    for number in (0..FILES).step_by(7) {
        store.forget_orphans(file(number), 8).unwrap();
    }
    let attachment = AttachmentId::from_bytes([9; 16]);
    for number in 0..FILES {
        let bytes = sealed(u64::from(number) + 1_000_000, 33_000);
        let file = file(number);
        store.put_chunk(&NewChunk { file, attachment, number: 0, bytes: &bytes }).unwrap();
    }
}

/// Everything that was ever written for this file.
fn written(number: u8) -> Vec<Vec<u8>> {
    let mut all = vec![sealed(u64::from(number) + 1_000_000, 33_000)];
    for sequence in 0..12 {
        all.extend([bytes_of(number, sequence, 0), bytes_of(number, sequence, 1)]);
    }
    all
}

/// How many windows of these bytes stand anywhere in the folder's files.
fn found(folder: &Path, erased: &[Vec<u8>]) -> usize {
    let windows: HashSet<&[u8]> = erased.iter().flat_map(|e| e.chunks_exact(WINDOW)).collect();
    // Most places are ruled out by their first three bytes: hashing all would take a minute.
    let mut starts = vec![false; 1 << 24];
    windows.iter().for_each(|window| starts[start_of(window)] = true);
    let stands = |place: &&[u8]| starts[start_of(place)] && windows.contains(place);
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| bytes.windows(WINDOW).filter(stands).count()).sum()
}

fn start_of(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

#[test]
fn erased_bytes_are_in_no_file_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    fill(&store);
    for number in [3, 7, 21, 30, 59] {
        let written = written(number);
        assert!(found(folder.path(), &written) > 1000, "the search finds what is there");
        store.erase(file(number)).unwrap();
        assert_eq!(found(folder.path(), &written), 0, "file {number} left something");
    }
    assert_eq!(store.statistics().unwrap().files, u64::from(FILES) - 5);
    store.check().unwrap();
}

#[test]
fn an_erasure_during_a_backup_says_that_bytes_are_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    fill(&store);
    let mut tried = None;
    let backup = folder.path().join("backup");
    store
        .backup(&backup, &mut |_| {
            if tried.is_none() {
                tried = Some(store.erase(file(3)));
            }
        })
        .unwrap();
    assert_eq!(tried, Some(Err(EraseError::HeldBack)));
    assert!(store.outline(file(3), 0).unwrap().is_empty(), "the rows are gone all the same");
    fs::remove_file(backup).unwrap();
    assert_eq!(store.erase(file(3)), Ok(0));
    assert_eq!(found(folder.path(), &written(3)), 0);
}
