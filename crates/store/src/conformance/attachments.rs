//! Chunks of attachments.

use super::{Backend, Trial, file, sealed};
use crate::{
    AppendError, AttachmentId, AttachmentOutline, NewChunk, ReadError, SEALED_BYTES_MAX, Store,
};
use terms::FileId;

const ONE: AttachmentId = AttachmentId::from_bytes([1; 16]);
const TWO: AttachmentId = AttachmentId::from_bytes([2; 16]);

fn put(store: &impl Store, file: FileId, attachment: AttachmentId, number: u32, bytes: &[u8]) {
    store.put_chunk(&NewChunk { file, attachment, number, bytes }).expect("a right chunk is put");
}

pub(crate) fn chunks_in_any_order(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    for number in [3, 0, 7, 1] {
        put(&store, file(1), ONE, number, &sealed(u64::from(number), 10_000));
    }
    put(&store, file(1), TWO, 0, &sealed(100, 50));
    put(&store, file(2), ONE, 0, &sealed(200, 60));
    for number in [0, 1, 3, 7] {
        let bytes = store.read_chunk(file(1), ONE, number).unwrap();
        assert_eq!(bytes, sealed(u64::from(number), 10_000));
    }
    assert_eq!(store.read_chunk(file(2), ONE, 0).unwrap(), sealed(200, 60));
    let expected = [
        AttachmentOutline { attachment: ONE, chunks: 4, bytes: 40_000 },
        AttachmentOutline { attachment: TWO, chunks: 1, bytes: 50 },
    ];
    assert_eq!(store.attachments(file(1)).unwrap(), expected);
}

pub(crate) fn chunks_are_replaced(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    put(&store, file(1), ONE, 0, &sealed(1, 50_000));
    put(&store, file(1), ONE, 0, &sealed(2, 20));
    assert_eq!(store.read_chunk(file(1), ONE, 0).unwrap(), sealed(2, 20));
    assert_eq!(store.file_size(file(1)).unwrap().bytes, 20);
}

pub(crate) fn a_missing_chunk_is_not_there(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    put(&store, file(1), ONE, 1, &sealed(1, 100));
    for (file, attachment, number) in [(file(1), ONE, 0), (file(1), TWO, 1), (file(2), ONE, 1)] {
        let missing = store.read_chunk(file, attachment, number);
        assert_eq!(missing, Err(ReadError::NotThere { file, number }));
    }
}

pub(crate) fn of_the_largest_size(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    let bytes = sealed(1, SEALED_BYTES_MAX + 1);
    put(&store, file(1), ONE, u32::MAX, &bytes[1..]);
    assert_eq!(store.read_chunk(file(1), ONE, u32::MAX).unwrap(), &bytes[1..]);
    for wrong in [&bytes[..], &[]] {
        let chunk = NewChunk { file: file(1), attachment: ONE, number: 0, bytes: wrong };
        assert!(matches!(store.put_chunk(&chunk), Err(AppendError::Length { .. })));
    }
    assert_eq!(store.attachments(file(1)).unwrap()[0].chunks, 1);
}
