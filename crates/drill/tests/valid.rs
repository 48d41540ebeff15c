//! Every made-up resource is valid R4 by the server's own validator.

use drill::population::{Population, Richness, plant};
use fhir::{Json, Limits, Severity, validate};

/// Checks a bundle and each of its resources; returns how many there were.
fn check(text: &str) -> usize {
    let bundle = Json::parse(text.as_bytes(), &Limits::default()).unwrap();
    // The bundle as a whole covers what surrounds the resources.
    assert_eq!(findings(&bundle), Vec::<String>::new());
    let entries = bundle.get("entry").unwrap().items();
    for entry in entries {
        let resource = entry.get("resource").unwrap();
        assert_eq!(findings(resource), Vec::<String>::new());
    }
    entries.len()
}

fn findings(resource: &Json) -> Vec<String> {
    let issues = validate(resource).into_iter();
    let bad = issues.filter(|issue| issue.severity > Severity::Information);
    bad.map(|issue| format!("{} {}", issue.expression, issue.message)).collect()
}

#[test]
fn all_two_hundred_records_of_the_demonstration_are_valid() {
    let count: usize = Population::new(1, 200).people().map(|person| check(&person.bundle())).sum();
    assert!(count > 20_000);
}

#[test]
fn thin_records_are_valid() {
    let thin = Population::new(9, 300).with_richness(Richness::Thin);
    let count: usize = thin.people().map(|person| check(&person.bundle())).sum();
    assert!(count > 2_000);
}

#[test]
fn records_with_markers_stay_valid() {
    let mut markers = (0..).map(|n| format!("<marker & \"{n}\">"));
    let mut planted_markers = 0;
    for person in Population::new(1, 20).people() {
        let planted = plant(&person.bundle(), &mut markers).unwrap();
        check(&planted.bundle);
        planted_markers += planted.places.len();
    }
    assert!(planted_markers > 1000);
}
