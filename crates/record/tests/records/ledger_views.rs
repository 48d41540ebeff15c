//! AuditEvents and Provenances of one file, from the ledger.

use crate::world::{World, observation};
use record::audit::{audit_event, provenance};
use terms::Role;

#[test]
fn openings_and_deposits_are_told_in_fhir_and_only_those_of_the_file() {
    let world = World::new();
    let doctor = world.doctor();
    let (file, other) = (doctor.patient(), doctor.patient());
    doctor.create(&observation(file, "a", "1"));
    doctor.open(file);
    doctor.open(other);
    let lines = world.person(Role::Officer).report(file);
    let events: Vec<fhir::Json> = lines.iter().filter_map(|line| audit_event(line, file)).collect();
    let actions: Vec<&str> = events.iter().map(|event| event.text("action").unwrap()).collect();
    assert_eq!(actions, ["C", "C", "R"]);
    let provenances: Vec<fhir::Json> =
        lines.iter().filter_map(|line| provenance(line, file)).collect();
    assert_eq!(provenances.len(), 2);
    for resource in events.iter().chain(&provenances) {
        let issues = fhir::validate(resource);
        let errors = issues.iter().filter(|issue| issue.severity == fhir::Severity::Error);
        assert_eq!(errors.count(), 0, "{issues:?}");
        assert!(resource.to_text().contains("Doctor"));
        assert!(!resource.to_text().contains(&other.to_string()));
    }
    let lines = world.person(Role::Officer).report(other);
    assert!(lines.iter().all(|line| audit_event(line, file).is_none()));
}
