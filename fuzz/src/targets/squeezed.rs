//! Compressed content by somebody who has a file's key: it unfolds to a segment at most.

use crate::squeeze::{pad, squeeze, unsqueeze};
use terms::SEGMENT_PLAINTEXT_BYTES_MAX;

pub(super) fn run(data: &[u8]) {
    let _ = unsqueeze(data);
    let mut padded = data.to_vec();
    pad(&mut padded);
    if let Ok(plaintext) = unsqueeze(&padded) {
        assert!(plaintext.len() <= SEGMENT_PLAINTEXT_BYTES_MAX, "a bomb went off");
        let again = squeeze(&plaintext).expect("short enough");
        assert!(unsqueeze(&again).is_ok_and(|again| *again == *plaintext));
    }
}
