//! What views of the ledger are made of, and how an id names the entry that it is a view of.

use fhir::{Json, Object};
use keyproto::message::Line;
use terms::{Blind, FileId, PracticeId};

pub(crate) const CARD: &str = "urn:cofferdam:card";
pub(crate) const PRACTICE: &str = "urn:cofferdam:practice";
pub(crate) const SERVER: &str = "urn:cofferdam:server";
pub(crate) const ENTRY: &str = "urn:cofferdam:ledger-entry";
pub(crate) const SEGMENT: &str = "urn:cofferdam:segment";

/// The file and the number of the ledger's entry that an AuditEvent or Provenance with this id is a
/// view of; other resources' ids name none.
pub fn entry_of(resource_type: &str, id: &str) -> Option<(FileId, u64)> {
    let word = match resource_type {
        "AuditEvent" => "-audit-",
        "Provenance" => "-provenance-",
        _ => return None,
    };
    let (file, number) = id.split_once(word)?;
    Some((file.parse().ok()?, number.parse().ok()?))
}

/// A line, and the file that is asked about.
pub(crate) struct Named<'a> {
    pub(crate) line: &'a Line,
    pub(crate) file: FileId,
}

impl Named<'_> {
    pub(crate) fn is(&self, blind: Blind) -> bool {
        self.line.files.iter().any(|(name, file)| *name == blind && *file == self.file)
    }
}

pub(crate) fn practice(line: &Line, id: PracticeId) -> Json {
    who(PRACTICE, id.to_string(), line.practice.as_deref())
}

pub(crate) fn who(system: &str, value: String, display: Option<&str>) -> Json {
    let who = Object::new().with("identifier", identifier(system, value));
    match display {
        Some(display) => who.with("display", display).into(),
        None => who.into(),
    }
}

/// A reference to what has no address.
pub(crate) fn identified(system: &str, value: String) -> Json {
    who(system, value, None)
}

pub(crate) fn patient(file: FileId) -> Json {
    Object::new().with("reference", format!("Patient/{file}")).into()
}

fn identifier(system: &str, value: String) -> Json {
    Object::new().with("system", system).with("value", value).into()
}

pub(crate) fn coding(system: &str, code: &str, display: Option<&str>) -> Json {
    let coding = Object::new().with("system", system).with("code", code);
    match display {
        Some(display) => coding.with("display", display).into(),
        None => coding.into(),
    }
}

pub(crate) fn concept(system: &str, code: &str) -> Json {
    Object::new().with("coding", list(coding(system, code, None))).into()
}

pub(crate) fn list(item: Json) -> Json {
    vec![item].into()
}
