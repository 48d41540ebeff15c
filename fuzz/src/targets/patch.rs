//! JSON Patch: an array of the document and the patch. What comes out is a document like others.

use fhir::{Json, Limits, patch};

/// However often a patch copies, the result stays below this.
const RESULT_BYTES_MAX: usize = 96 << 20;

pub(super) fn run(data: &[u8]) {
    let Ok(both) = Json::parse(data, &Limits::default()) else { return };
    let [document, patch] = both.items() else { return };
    let Ok(patched) = patch::apply(document, patch) else { return };
    let text = patched.to_text();
    assert!(text.len() <= RESULT_BYTES_MAX, "grown to {} bytes", text.len());
    let limits = Limits { depth: 65, bytes: RESULT_BYTES_MAX, ..Limits::default() };
    let again = Json::parse(text.as_bytes(), &limits).expect("a patched document is read again");
    assert!(again == patched);
    assert!(patch.items().len() > 0 || patched == *document, "changed by nothing");
}
