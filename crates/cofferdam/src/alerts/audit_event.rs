//! An AuditEvent of FHIR R4 for clinical audit repositories: DICOM's Security Alert.
//!
//! It names no patient: the entity is the file's blind, under a system that says so.

use super::told::{Line, Told, What};
use fhir::{Json, Object};

const TYPES: &str = "http://dicom.nema.org/resources/ontology/DCM";
const FINDINGS: &str = "urn:cofferdam:finding";
const ROLES: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const KINDS: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const SOURCES: &str = "http://terminology.hl7.org/CodeSystem/security-source-type";

/// The alert as an AuditEvent; what people do with the case is no event of the record.
pub(crate) fn audit_event(line: &Line, installation: &str) -> Option<Json> {
    let What::Alert(told) = &line.what else { return None };
    let event = Object::new()
        .with("resourceType", "AuditEvent")
        .with("id", line.id.as_str())
        .with("type", coding(TYPES, "110113", "Security Alert"))
        .with("subtype", list(coding(FINDINGS, &told.finding, &told.finding)))
        .with("action", "E")
        .with("recorded", line.at.as_str())
        .with("outcome", if told.severity() >= 4 { "8" } else { "4" })
        .with("outcomeDesc", told.reviewer.as_str())
        .with("agent", agents(told))
        .with("source", source(installation))
        .with("entity", entities(line, told));
    Some(event.into())
}

/// The watch that says so, and whom it is about.
fn agents(told: &Told) -> Vec<Json> {
    let watch = Object::new()
        .with("type", concept(TYPES, "110150", "Application"))
        .with("who", Object::new().with("display", "Cofferdam watch"))
        .with("requestor", false);
    let about = [
        ("urn:cofferdam:card", &told.card),
        ("urn:cofferdam:practice", &told.practice),
        ("urn:cofferdam:server", &told.server),
    ];
    let about = about.into_iter().filter_map(|(system, value)| {
        let who = identified(system, value.as_ref()?);
        Some(Object::new().with("who", who).with("requestor", false).into())
    });
    std::iter::once(watch.into()).chain(about).collect()
}

fn source(installation: &str) -> Object {
    let observer = identified("urn:cofferdam:server", installation);
    Object::new()
        .with("observer", observer)
        .with("type", list(coding(SOURCES, "4", "Application Server")))
}

fn entities(line: &Line, told: &Told) -> Vec<Json> {
    let evidence = told.evidence.iter().map(|number| {
        Object::new()
            .with("what", identified("urn:cofferdam:ledger-entry", &number.to_string()))
            .with("type", coding(KINDS, "4", "Other"))
            .with("role", coding(ROLES, "13", "Security Resource"))
            .into()
    });
    let alert = Object::new()
        .with("what", identified("urn:cofferdam:alert", &line.id))
        .with("type", coding(KINDS, "4", "Other"))
        .with("role", coding(ROLES, "13", "Security Resource"));
    let file = told.file.as_ref().map(|file| {
        Object::new()
            .with("what", identified("urn:cofferdam:blind", file))
            .with("type", coding(KINDS, "4", "Other"))
            .into()
    });
    std::iter::once(alert.into()).chain(evidence).chain(file).collect()
}

fn identified(system: &str, value: &str) -> Object {
    let identifier = Object::new().with("system", system).with("value", value);
    Object::new().with("identifier", identifier)
}

fn concept(system: &str, code: &str, display: &str) -> Object {
    Object::new().with("coding", list(coding(system, code, display)))
}

fn coding(system: &str, code: &str, display: &str) -> Object {
    Object::new().with("system", system).with("code", code).with("display", display)
}

fn list(item: Object) -> Vec<Json> {
    vec![item.into()]
}

#[cfg(test)]
mod tests {
    use super::super::told::tests::{closed, line};
    use super::*;

    #[test]
    fn an_alert_is_a_valid_audit_event_and_what_follows_is_none() {
        let event = audit_event(&line(), "server").unwrap();
        let issues = fhir::validate(&event);
        assert!(issues.is_empty(), "{issues:?}");
        assert!(audit_event(&closed(), "server").is_none());
        let text = event.to_text();
        assert!(!text.contains("Patient"), "{text}");
    }
}
