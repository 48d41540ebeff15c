//! Appending and reading segments.

use super::{Backend, Trial, append_one, file, sealed, segment};
use crate::{AppendError, NewSegment, SEALED_BYTES_MAX, Store};
use terms::{Section, Sections};

pub(crate) fn come_back_in_order(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    for sequence in [2, 0, 3, 1] {
        append_one(&store, file(1), sequence, &sealed(u64::from(sequence), 700));
    }
    let read = store.segments(file(1), 0, 10, Sections::ALL).unwrap();
    assert_eq!(read.iter().map(|s| s.sequence).collect::<Vec<_>>(), [0, 1, 2, 3]);
    for segment in &read {
        assert_eq!(segment.bytes, sealed(u64::from(segment.sequence), 700));
        assert_eq!(segment.section, Section::History);
    }
}

pub(crate) fn of_one_file_only(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    let bytes: Vec<_> = (0..4).map(|seed| sealed(seed, 300)).collect();
    let batch = [
        segment(file(1), 0, Section::Label, &bytes[0]),
        segment(file(2), 0, Section::Label, &bytes[1]),
        segment(file(1), 1, Section::Results, &bytes[2]),
        segment(file(0xff), 0, Section::Summary, &bytes[3]),
    ];
    store.append(&batch).unwrap();
    let read = store.segments(file(1), 0, 10, Sections::ALL).unwrap();
    assert_eq!(read.iter().map(|s| &s.bytes).collect::<Vec<_>>(), [&bytes[0], &bytes[2]]);
    assert_eq!(store.segments(file(2), 0, 10, Sections::ALL).unwrap().len(), 1);
    assert_eq!(store.segments(file(3), 0, 10, Sections::ALL).unwrap().len(), 0);
    assert_eq!(store.outline(file(0xff), 0).unwrap().len(), 1);
}

pub(crate) fn by_section_and_by_piece(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    let bytes: Vec<_> = (0..100).map(|seed| sealed(seed, 200)).collect();
    let place = |i: usize| segment(file(1), i as u32, Section::ALL[i % 10], &bytes[i]);
    store.append(&(0..100).map(place).collect::<Vec<_>>()).unwrap();
    let wanted = Sections::of(&[Section::Label, Section::Summary]);
    let sequences = |from, count| {
        let read = store.segments(file(1), from, count, wanted).unwrap();
        assert!(read.iter().all(|s| wanted.contains(s.section)));
        read.iter().map(|s| s.sequence).collect::<Vec<_>>()
    };
    assert_eq!(sequences(0, 3), [0, 9, 10]);
    assert_eq!(sequences(11, 2), [19, 20]);
    assert_eq!(sequences(90, 10), [90, 99]);
    assert_eq!(sequences(0, 0), []);
    assert_eq!(store.segments(file(1), 0, 9, Sections::NONE).unwrap(), []);
}

pub(crate) fn outline_has_every_hash(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    let bytes: Vec<_> = (0..50).map(|seed| sealed(seed, 5000)).collect();
    let place = |i: usize| segment(file(1), i as u32, Section::ALL[i % 10], &bytes[i]);
    let batch: Vec<NewSegment<'_>> = (0..50).map(place).collect();
    store.append(&batch).unwrap();
    for from in [0, 7, 49, 50, u32::MAX] {
        let outline = store.outline(file(1), from).unwrap();
        let expected = &batch[(from as usize).min(50)..];
        assert_eq!(outline.len(), expected.len());
        for (outline, new) in outline.iter().zip(expected) {
            assert_eq!((outline.sequence, outline.section), (new.sequence, new.section));
            assert_eq!(outline.hash, new.hash);
        }
    }
}

pub(crate) fn nothing_reads_as_empty(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    store.append(&[]).unwrap();
    assert_eq!(store.segments(file(1), 0, 10, Sections::ALL).unwrap(), []);
    assert_eq!(store.outline(file(1), 0).unwrap(), []);
    assert_eq!(store.attachments(file(1)).unwrap(), []);
    assert_eq!(store.file_size(file(1)).unwrap(), Default::default());
    let statistics = store.statistics().unwrap();
    assert_eq!((statistics.files, statistics.segments, statistics.chunks), (0, 0, 0));
    assert_eq!(store.check().unwrap(), Default::default());
}

pub(crate) fn orphans_are_replaced(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    append_one(&store, file(1), 0, &sealed(0, 900));
    append_one(&store, file(1), 1, &sealed(1, 5000));
    for (seed, length) in [(2, 40), (3, 100_000), (4, 5000)] {
        let bytes = sealed(seed, length);
        store.append(&[segment(file(1), 1, Section::Results, &bytes)]).unwrap();
        let read = store.segments(file(1), 0, 10, Sections::ALL).unwrap();
        assert_eq!(read.len(), 2, "an orphan is replaced, not kept beside its successor");
        assert_eq!(read[0].bytes, sealed(0, 900));
        assert_eq!((read[1].section, &read[1].bytes), (Section::Results, &bytes));
        assert_eq!(read[1].hash, segment(file(1), 1, Section::Results, &bytes).hash);
    }
}

pub(crate) fn wrong_batches_write_nothing(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    let (good, long) = (sealed(1, 100), vec![7; SEALED_BYTES_MAX + 1]);
    let first = segment(file(1), 0, Section::Label, &good);
    let refused = |second| store.append(&[first, second]).unwrap_err();

    let error = refused(segment(file(1), 1, Section::Label, &long));
    assert!(matches!(error, AppendError::Length { number: 1, .. }), "{error}");
    let error = refused(segment(file(1), 1, Section::Label, &[]));
    assert!(matches!(error, AppendError::Length { bytes: 0, .. }), "{error}");
    let error = refused(segment(file(1), 0, Section::Results, &good));
    assert!(matches!(error, AppendError::Twice { sequence: 0, .. }), "{error}");
    let error = refused(NewSegment { sequence: 1, hash: [0; 32], ..first });
    assert!(matches!(error, AppendError::WrongHash { sequence: 1, .. }), "{error}");

    assert_eq!(store.outline(file(1), 0).unwrap(), [], "none of a refused batch is written");
}

pub(crate) fn of_the_largest_size(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    let bytes: Vec<_> = (0..5).map(|seed| sealed(seed, SEALED_BYTES_MAX)).collect();
    let place = |i: usize| segment(file(1), i as u32, Section::Documents, &bytes[i]);
    store.append(&(0..5).map(place).collect::<Vec<_>>()).unwrap();
    let read = store.segments(file(1), 0, 5, Sections::ALL).unwrap();
    assert!(read.iter().map(|s| &s.bytes).eq(&bytes));
    let size = store.file_size(file(1)).unwrap();
    assert_eq!((size.segments, size.bytes), (5, 5 * SEALED_BYTES_MAX as u64));
}

pub(crate) fn at_the_last_sequence(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    append_one(&store, file(1), u32::MAX, &sealed(1, 64));
    append_one(&store, file(1), u32::MAX - 1, &sealed(2, 64));
    let read = store.segments(file(1), u32::MAX, 10, Sections::ALL).unwrap();
    assert_eq!(read.iter().map(|s| s.sequence).collect::<Vec<_>>(), [u32::MAX]);
    assert_eq!(store.outline(file(1), 0).unwrap().len(), 2);
}
