//! Several threads, and several stores at one place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Backend, Trial, append_one, file, sealed, segment};
use crate::{NewSegment, Store};
use terms::{Section, Sections};

const WRITERS: u8 = 16;
const APPENDS: u32 = 40;

fn seed(writer: u8, sequence: u32) -> u64 {
    u64::from(writer) << 32 | u64::from(sequence)
}

fn append_all(store: &impl Store, writer: u8) {
    for sequence in 0..APPENDS {
        append_one(store, file(writer), sequence, &sealed(seed(writer, sequence), 700));
        let last = store.outline(file(writer), 0).unwrap();
        assert_eq!(last.len(), sequence as usize + 1, "what was acknowledged is seen at once");
    }
}

fn expect_all(store: &impl Store, writers: std::ops::Range<u8>) {
    for writer in writers {
        let read = store.segments(file(writer), 0, APPENDS + 1, Sections::ALL).unwrap();
        assert_eq!(read.len(), APPENDS as usize);
        for segment in read {
            assert_eq!(segment.bytes, sealed(seed(writer, segment.sequence), 700));
        }
    }
}

pub(crate) fn sixteen_writers(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || append_all(store, writer));
        }
    });
    expect_all(&store, 0..WRITERS);
    assert_eq!(store.check().unwrap().segments, u64::from(WRITERS) * u64::from(APPENDS));
}

/// A writer replaces batches of eight segments; each reader must see all of a batch or none.
pub(crate) fn readers_see_whole_batches(trial: &Trial<'_, impl Backend>) {
    const BATCHES: u64 = 60;
    let store = trial.open();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let read = store.segments(file(1), 0, 8, Sections::ALL).unwrap();
                    assert!(read.is_empty() || read.len() == 8, "part of a batch: {}", read.len());
                    assert!(read.iter().all(|s| s.bytes == read[0].bytes), "two batches mixed");
                }
            });
        }
        for batch in 0..BATCHES {
            let bytes = sealed(batch, 20_000);
            let place = |sequence| segment(file(1), sequence, Section::Results, &bytes);
            store.append(&(0..8).map(place).collect::<Vec<NewSegment<'_>>>()).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

pub(crate) fn two_stores_at_one_place(trial: &Trial<'_, impl Backend>) {
    let stores = [trial.open(), trial.open()];
    thread::scope(|scope| {
        for writer in 0..8_u8 {
            let store = &stores[usize::from(writer % 2)];
            scope.spawn(move || append_all(store, writer));
        }
    });
    for store in &stores {
        expect_all(store, 0..8);
    }
    assert_eq!(stores[0].erase(file(3)).unwrap(), u64::from(APPENDS));
    assert_eq!(stores[1].outline(file(3), 0).unwrap(), [], "an erasure is seen by the other store");
}
