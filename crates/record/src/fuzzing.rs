//! What outside bytes reach first, for the fuzz targets alone; each says what must hold.

use fhir::{Json, Limits};
use std::path::Path;
use terms::ListId;

use crate::creating::patient_condition;
use crate::journal::Journal;
use crate::searching::condition;
use crate::transaction::asked::{check, understood};

const BASE: &str = "https://localhost:8443/fhir";

/// A Bundle of a transaction, with its conditions.
pub fn bundle(text: &[u8]) {
    let Ok(bundle) = Json::parse(text, &Limits::default()) else { return };
    let Ok(asked) = understood(bundle) else { return };
    let _ = check(&asked);
    for query in asked.iter().filter_map(|asked| asked.if_none_exist.as_deref()) {
        conditions("Patient", query);
        conditions("Observation", query);
    }
}

/// A condition on a type, as `If-None-Exist` has it.
pub fn conditions(resource_type: &str, query: &str) {
    if let Ok(identifier) = patient_condition(query) {
        assert!(!identifier.system.is_empty() && !identifier.value.is_empty());
    }
    let _ = condition(resource_type, query, BASE);
}

/// A source of an import.
pub fn source(text: &[u8]) {
    let _ = crate::import::creations(text);
}

/// A journal in a file: what it says is done is done when it is opened again, and nothing else.
pub fn journal(path: &Path) {
    let list = ListId::from_bytes([5; ListId::LENGTH]);
    let Ok(mut journal) = Journal::open(path, list) else { return };
    if journal.has("new") {
        return;
    }
    let done = journal.done("new").is_ok();
    let again = Journal::open(path, list);
    assert!(again.is_ok_and(|again| again.has("new") == done), "a line was lost");
}
