//! Whatever is asked in whatever order, the store answers as a map in memory would.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use store::conformance::{file, sealed, segment};
use store::{AttachmentId, EmbeddedStore, NewChunk, NewSegment, Store};
use terms::{Section, Sections};

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<(u8, u32, u8, usize)>),
    PutChunk(u8, u8, u32, usize),
    Forget(u8, u32),
    Drop(u8, u8),
    Erase(u8),
    Reopen,
}

#[derive(Default)]
struct Model {
    segments: BTreeMap<(u8, u32), (Section, Vec<u8>)>,
    chunks: BTreeMap<(u8, u8, u32), Vec<u8>>,
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![1..900_usize, 3900..4200_usize, 1..30_000_usize];
    let place = (0..4_u8, 0..12_u32, 0..10_u8, length.clone());
    prop_oneof![
        6 => vec(place, 0..6).prop_map(Step::Append),
        2 => (0..4_u8, 0..2_u8, 0..4_u32, length).prop_map(put_chunk),
        1 => (0..4_u8, 0..12_u32).prop_map(|(f, from)| Step::Forget(f, from)),
        1 => (0..4_u8, 0..2_u8).prop_map(|(f, a)| Step::Drop(f, a)),
        1 => (0..4_u8).prop_map(Step::Erase),
        1 => Just(Step::Reopen),
    ]
}

fn put_chunk((file, attachment, number, length): (u8, u8, u32, usize)) -> Step {
    Step::PutChunk(file, attachment, number, length)
}

fn attachment(number: u8) -> AttachmentId {
    AttachmentId::from_bytes([number; 16])
}

/// Does the step in both, and compares what they say about it.
fn take(store: &EmbeddedStore, model: &mut Model, step: &Step, seed: u64) {
    match step {
        Step::Append(places) => append(store, model, places, seed),
        &Step::PutChunk(f, a, number, length) => {
            let bytes = sealed(seed, length);
            let (file, attachment) = (file(f), attachment(a));
            store.put_chunk(&NewChunk { file, attachment, number, bytes: &bytes }).unwrap();
            model.chunks.insert((f, a, number), bytes);
        }
        &Step::Forget(f, from) => {
            let gone = model.segments.extract_if(.., |key, _| key.0 == f && key.1 >= from).count();
            assert_eq!(store.forget_orphans(file(f), from).unwrap(), gone as u64);
        }
        &Step::Drop(f, a) => {
            let gone = model.chunks.extract_if(.., |key, _| (key.0, key.1) == (f, a)).count();
            assert_eq!(store.drop_attachment(file(f), attachment(a)).unwrap(), gone as u64);
        }
        &Step::Erase(f) => {
            let segments = model.segments.extract_if(.., |key, _| key.0 == f).count();
            let chunks = model.chunks.extract_if(.., |key, _| key.0 == f).count();
            assert_eq!(store.erase(file(f)).unwrap(), (segments + chunks) as u64);
        }
        Step::Reopen => {}
    }
}

/// A batch with a place twice is refused as a whole.
fn append(store: &EmbeddedStore, model: &mut Model, places: &[(u8, u32, u8, usize)], seed: u64) {
    let mut batch = BTreeMap::new();
    for (i, &(f, sequence, number, length)) in places.iter().enumerate() {
        let section = Section::from_number(number).unwrap();
        batch.insert((f, sequence), (section, sealed(seed << 8 | i as u64, length)));
    }
    let mut segments: Vec<NewSegment<'_>> = batch
        .iter()
        .map(|(&(f, sequence), (section, bytes))| segment(file(f), sequence, *section, bytes))
        .collect();
    if batch.len() == places.len() {
        store.append(&segments).unwrap();
        model.segments.extend(batch);
    } else {
        segments.push(segments[0]);
        assert!(store.append(&segments).is_err());
    }
}

fn compare(store: &EmbeddedStore, model: &Model, sections: Sections) {
    for f in 0..4_u8 {
        let expected = model.segments.range((f, 0)..=(f, u32::MAX));
        let (all, wanted): (Vec<_>, Vec<_>) = (
            expected.clone().collect(),
            expected.filter(|(_, value)| sections.contains(value.0)).collect(),
        );
        let read = store.segments(file(f), 0, 100, sections).unwrap();
        assert_eq!(read.len(), wanted.len());
        for (segment, (key, (section, bytes))) in read.iter().zip(&wanted) {
            assert_eq!((segment.sequence, segment.section), (key.1, *section));
            assert!(segment.bytes == *bytes);
        }
        assert_eq!(store.outline(file(f), 0).unwrap().len(), all.len());
        let chunks: Vec<_> = model.chunks.iter().filter(|(key, _)| key.0 == f).collect();
        for (key, bytes) in &chunks {
            assert!(store.read_chunk(file(f), attachment(key.1), key.2).unwrap() == **bytes);
        }
        let size = store.file_size(file(f)).unwrap();
        assert_eq!((size.segments, size.chunks), (all.len() as u64, chunks.len() as u64));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_store_answers_as_a_map_would(steps in vec(step(), 1..40), bits in 0..1024_u16) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = EmbeddedStore::open(folder.path()).unwrap();
        let mut model = Model::default();
        for (number, step) in steps.iter().enumerate() {
            if matches!(step, Step::Reopen) {
                drop(store);
                store = EmbeddedStore::open(folder.path()).unwrap();
            }
            take(&store, &mut model, step, number as u64);
        }
        compare(&store, &model, Sections::ALL);
        compare(&store, &model, Sections::from_bits(bits));
        let checked = store.check().unwrap();
        prop_assert_eq!(checked.segments as usize, model.segments.len());
        prop_assert_eq!(checked.chunks as usize, model.chunks.len());
    }
}
