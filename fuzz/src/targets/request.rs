//! What the server sends: it means the same when it is written and read again.

use keyproto::Request;

pub(super) fn run(data: &[u8]) {
    let Ok(message) = Request::from_bytes(data) else { return };
    let bytes = message.to_bytes();
    let again =
        Request::from_bytes(&bytes).unwrap_or_else(|_| panic!("what is written is not read"));
    assert!(again.to_bytes() == bytes, "two texts of one message");
}
