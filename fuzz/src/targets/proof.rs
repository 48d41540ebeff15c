//! Documents that are brought to a stranger: bounded, and what passes says what the ledger says.

use crate::cofferdam_parts::proof::document::Document;
use ledger::Signer;
use std::sync::LazyLock;

/// The log whose documents are among the seeds.
static SIGNER: LazyLock<Signer> =
    LazyLock::new(|| Signer::new("cofferdam/fuzz", &[7; 32]).expect("a seed of 32 bytes"));

pub(super) fn run(data: &[u8]) {
    let Ok(document) = Document::read(data) else { return };
    let verifier = SIGNER.verifier();
    let Ok(checked) = document.check(verifier, None) else { return };
    assert!(checked.entries.is_sorted_by(|one, next| one.number < next.number));
    assert!(checked.entries.iter().all(|entry| !entry.proved || entry.number < checked.head.size));
    let again = serde_json::to_vec(&document).expect("a document that was read");
    let again = Document::read(&again).and_then(|again| again.check(verifier, Some(&checked.head)));
    let again = again.expect("the same document");
    assert!(again.agrees == Some(checked.head.size), "a checkpoint that is its own");
    assert!(again.entries.len() == checked.entries.len(), "a document that is read differently");
}
