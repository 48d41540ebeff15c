//! Forgetting orphans, dropping attachments, erasing files.

use super::{Backend, Trial, append_one, file, sealed};
use crate::{AttachmentId, NewChunk, Store};
use terms::{FileId, Sections};

const ONE: AttachmentId = AttachmentId::from_bytes([1; 16]);
const TWO: AttachmentId = AttachmentId::from_bytes([2; 16]);

fn fill(store: &impl Store, file: FileId) {
    for number in 0..6_u32 {
        append_one(store, file, number, &sealed(u64::from(number), 3000));
        let attachment = if number < 4 { ONE } else { TWO };
        let bytes = sealed(100 + u64::from(number), 30_000);
        store.put_chunk(&NewChunk { file, attachment, number, bytes: &bytes }).unwrap();
    }
}

pub(crate) fn orphans_are_forgotten(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store, file(1));
    fill(&store, file(2));
    assert_eq!(store.forget_orphans(file(1), 4).unwrap(), 2);
    let left = store.segments(file(1), 0, 10, Sections::ALL).unwrap();
    assert_eq!(left.iter().map(|s| s.sequence).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(store.outline(file(2), 0).unwrap().len(), 6);
    assert_eq!(store.attachments(file(1)).unwrap().len(), 2);
}

pub(crate) fn a_dropped_attachment_is_gone(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store, file(1));
    fill(&store, file(2));
    assert_eq!(store.drop_attachment(file(1), ONE).unwrap(), 4);
    assert!(store.read_chunk(file(1), ONE, 0).is_err());
    assert!(store.read_chunk(file(1), TWO, 4).is_ok());
    assert!(store.read_chunk(file(2), ONE, 0).is_ok());
    assert_eq!(store.outline(file(1), 0).unwrap().len(), 6);
}

pub(crate) fn an_erased_file_is_gone_and_no_other(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    for number in 1..4 {
        fill(&store, file(number));
    }
    assert_eq!(store.erase(file(2)).unwrap(), 12);
    for opened in [store, trial.open()] {
        assert_eq!(opened.file_size(file(2)).unwrap(), Default::default());
        assert_eq!(opened.outline(file(2), 0).unwrap(), []);
        assert_eq!(opened.attachments(file(2)).unwrap(), []);
        for whole in [1, 3] {
            let size = opened.file_size(file(whole)).unwrap();
            assert_eq!((size.segments, size.chunks, size.bytes), (6, 6, 6 * 33_000));
        }
        assert_eq!(opened.statistics().unwrap().files, 2);
        opened.check().unwrap();
    }
}

pub(crate) fn may_be_repeated(trial: &Trial<'_, impl Backend>) {
    let store = trial.open();
    fill(&store, file(1));
    assert_eq!(store.drop_attachment(file(1), ONE).unwrap(), 4);
    assert_eq!(store.drop_attachment(file(1), ONE).unwrap(), 0);
    assert_eq!(store.forget_orphans(file(1), 5).unwrap(), 1);
    assert_eq!(store.forget_orphans(file(1), 5).unwrap(), 0);
    assert_eq!(store.erase(file(1)).unwrap(), 7);
    assert_eq!(store.erase(file(1)).unwrap(), 0);
    append_one(&store, file(1), 0, &sealed(9, 10));
    assert_eq!(store.outline(file(1), 0).unwrap().len(), 1);
}
