//! Frames on the socket: what is read is written again byte for byte, and never beyond the limit.

use keyproto::frame;
use terms::FRAME_BYTES_MAX;

pub(super) fn run(data: &[u8]) {
    let mut rest = data;
    let mut written = Vec::new();
    let mut read = 0;
    while let Ok(Some(message)) = frame::read(&mut rest) {
        assert!(message.len() <= FRAME_BYTES_MAX.min(data.len()));
        frame::write(&mut written, &message).expect("what was read is short enough");
        read = data.len() - rest.len();
    }
    assert!(written == data[..read], "other bytes than were read");
}
