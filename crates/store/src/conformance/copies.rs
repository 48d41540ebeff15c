//! Reopening, backups, restoring, checking.

use std::thread;

use super::{Backend, Trial, append_one, file, sealed};
use crate::{AttachmentId, BackupError, NewChunk, Store, StoredSegment};
use terms::Sections;

const ONE: AttachmentId = AttachmentId::from_bytes([1; 16]);

fn fill(store: &impl Store) {
    for number in 0..20 {
        for sequence in 0..5_u32 {
            append_one(store, file(number), sequence, &sealed(u64::from(number), 2000));
        }
    }
    let chunk = NewChunk { file: file(1), attachment: ONE, number: 0, bytes: &sealed(1, 90_000) };
    store.put_chunk(&chunk).unwrap();
}

fn contents(store: &impl Store) -> Vec<StoredSegment> {
    let of = |number| store.segments(file(number), 0, 100, Sections::ALL).unwrap();
    (0..20).flat_map(of).collect()
}

pub(crate) fn reopening_keeps_everything(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store);
    let before = contents(&store);
    drop(store);
    let store = trial.open();
    assert!(contents(&store) == before && before.len() == 100);
    assert_eq!(store.read_chunk(file(1), ONE, 0).unwrap(), sealed(1, 90_000));
    append_one(&store, file(0), 5, &sealed(7, 10));
    assert_eq!(store.outline(file(0), 0).unwrap().len(), 6);
}

pub(crate) fn a_backup_restores_to_the_same(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store);
    let backup = trial.place("backups").join("one");
    let mut seen = Vec::new();
    store.backup(&backup, &mut |progress| seen.push(progress)).unwrap();
    assert!(seen.windows(2).all(|two| two[0].done <= two[1].done));
    assert!(seen.last().is_some_and(|last| last.done == last.total && last.total > 0));

    let before = contents(&store);
    append_one(&store, file(0), 9, &sealed(7, 10));
    let place = trial.place("restored");
    trial.backend.restore(&backup, &place);
    let restored = trial.backend.open(&place);
    assert!(contents(&restored) == before);
    assert_eq!(restored.read_chunk(file(1), ONE, 0).unwrap(), sealed(1, 90_000));
    assert_eq!(restored.check().unwrap().segments, 100);
    append_one(&restored, file(0), 5, &sealed(7, 10));
}

/// Writers go on during the backup; it holds all of what was there before, and whole files of it.
pub(crate) fn a_backup_is_of_one_moment(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store);
    let backup = trial.place("backups").join("one");
    let appended = thread::scope(|scope| {
        let appending = scope.spawn(|| {
            for sequence in 0..200 {
                append_one(&store, file(100), sequence, &sealed(u64::from(sequence), 700));
            }
            store.outline(file(100), 0).unwrap().len()
        });
        store.backup(&backup, &mut |_| thread::yield_now()).unwrap();
        appending.join().unwrap()
    });
    assert_eq!(appended, 200, "a backup keeps nobody from writing");
    let place = trial.place("restored");
    trial.backend.restore(&backup, &place);
    let restored = trial.backend.open(&place);
    restored.check().unwrap();
    assert!(contents(&restored) == contents(&store));
    let sequences = restored.outline(file(100), 0).unwrap();
    assert!(sequences.iter().map(|s| s.sequence).eq(0..sequences.len() as u32), "a gap");
}

pub(crate) fn a_backup_replaces_nothing(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store);
    let folder = trial.place("backups");
    let there = folder.join("there");
    std::fs::write(&there, "something").unwrap();
    let error = store.backup(&there, &mut |_| ()).unwrap_err();
    assert_eq!(error, BackupError::Exists(there.clone()));
    assert_eq!(std::fs::read(&there).unwrap(), b"something");
    let nowhere = folder.join("no such folder").join("one");
    let error = store.backup(&nowhere, &mut |_| ()).unwrap_err();
    assert!(matches!(error, BackupError::NotThere(_)), "{error}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "a failed backup leaves nothing");
}

pub(crate) fn check_and_statistics_count(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store);
    let checked = store.check().unwrap();
    assert_eq!((checked.segments, checked.chunks), (100, 1));
    let statistics = store.statistics().unwrap();
    assert_eq!((statistics.files, statistics.segments, statistics.chunks), (20, 100, 1));
    assert!(statistics.bytes_on_disk >= 100 * 2000 + 90_000);
    let size = store.file_size(file(1)).unwrap();
    assert_eq!((size.segments, size.chunks, size.bytes), (5, 1, 5 * 2000 + 90_000));
}
