//! The JSON parser and writer: lossless, no wider than RFC 8259, narrower only where it says so.

use fhir::json::JsonErrorKind::{ByteOrderMark, Duplicate, LongNumber, TooDeep};
use fhir::{Json, Limits};

pub(super) fn run(data: &[u8]) {
    let reference = serde_json::from_slice::<serde_json::Value>(data);
    match Json::parse(data, &Limits::default()) {
        Ok(tree) => {
            let text = tree.to_text();
            assert!(text.len() <= data.len(), "the compact text is longer than what was read");
            let again = Json::parse(text.as_bytes(), &Limits::default());
            assert!(again.is_ok_and(|again| again == tree), "a loss between text and tree");
            // A number beyond an f64 is the one thing that the other reader refuses alone.
            let accepted = match &reference {
                Ok(_) => true,
                Err(error) => error.to_string().starts_with("number out of range"),
            };
            assert!(accepted, "accepted what is no JSON");
        }
        Err(error) => {
            let known = matches!(error.kind, ByteOrderMark | Duplicate | LongNumber | TooDeep);
            assert!(known || reference.is_err(), "refused what is JSON: {}", error.kind);
            assert!(error.line >= 1 && error.column <= data.len() + 1);
        }
    }
}
