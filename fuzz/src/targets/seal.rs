//! Sealed bytes: nothing opens that was not sealed, and nothing opens changed or elsewhere.

use seal::{
    AttachmentHeader, AttachmentOpener, BoxKey, Chain, KeyName, Place, SegmentKey, WrappedKey,
    WrappingKey, open_bytes, open_segment, seal_bytes, seal_segment,
};
use terms::{FileId, Section};
use zeroize::Zeroizing;

pub(super) fn run(data: &[u8]) {
    let key = SegmentKey::from_bytes(Zeroizing::new([1; 32]));
    let here = Place {
        tenant: "fuzz",
        file: FileId::from_bytes([2; 16]),
        section: Section::Results,
        sequence: 3,
        generation: 0,
        previous: Chain::EMPTY,
    };
    let small = BoxKey::new(&[4; 32], "fuzz").expect("a key of 32 bytes");
    nothing_opens(&here, &key, &small, data);
    let sealed = seal_segment(&here, &key, data).expect("short enough");
    assert!(open_segment(&here, &key, &sealed).is_ok_and(|opened| *opened == data));
    let elsewhere = Place { sequence: 4, ..here };
    assert!(open_segment(&elsewhere, &key, &sealed).is_err(), "opened in another place");
    let boxed = seal_bytes(&small, b"here", data).expect("short enough");
    assert!(open_bytes(&small, b"here", &boxed).is_ok_and(|opened| *opened == data));
    assert!(open_bytes(&small, b"there", &boxed).is_err(), "opened for another purpose");
    let Some([at, with]) = data.first_chunk::<2>() else { return };
    for sealed in [&sealed, &boxed] {
        let mut changed = sealed.clone();
        let at = usize::from(*at) * changed.len() / 256;
        changed[at] ^= with | 1;
        nothing_opens(&here, &key, &small, &changed);
    }
}

fn nothing_opens(here: &Place, key: &SegmentKey, small: &BoxKey, bytes: &[u8]) {
    assert!(open_segment(here, key, bytes).is_err(), "a segment that nobody sealed");
    assert!(open_bytes(small, b"here", bytes).is_err(), "a record that nobody sealed");
    let attachment = key.attachment_key(0).expect("a key of 32 bytes");
    let header = AttachmentHeader::from_bytes([5; 32]);
    let opener = || AttachmentOpener::new(here, &attachment, &header).expect("a key of 32 bytes");
    assert!(opener().open_next(bytes, true).is_err() && opener().open_next(bytes, false).is_err());
    if let Ok(wrapped) = WrappedKey::from_bytes(bytes) {
        let epoch = WrappingKey::from_bytes(Zeroizing::new([6; 32])).expect("a key of 32 bytes");
        let name = KeyName { tenant: "fuzz", what: "file", id: b"1", epoch: 1 };
        assert!(epoch.unwrap(&name, &wrapped).is_err(), "a key that nobody wrapped");
    }
}
