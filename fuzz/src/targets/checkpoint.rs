//! Checkpoints and verifier keys: only what the log's key signed, exactly as it signs it.

use ledger::{Signer, Verifier};
use std::sync::LazyLock;

/// The log whose checkpoints are among the seeds.
static SIGNER: LazyLock<Signer> =
    LazyLock::new(|| Signer::new("cofferdam/fuzz", &[7; 32]).expect("a seed of 32 bytes"));

pub(super) fn run(data: &[u8]) {
    if let Ok(head) = SIGNER.verifier().verify(data) {
        let signed = SIGNER.sign(&head);
        let (text, line) = signed.split_once("\n\n").expect("text, empty line, signature");
        let note = std::str::from_utf8(data).expect("a note is UTF-8");
        assert!(note.starts_with(text) && note.contains(line.trim_end()), "another text is signed");
    }
    if let Some(key) = std::str::from_utf8(data).ok().and_then(|text| text.parse::<Verifier>().ok())
    {
        assert!(key.to_string().as_bytes() == data, "two texts of one key");
    }
}
