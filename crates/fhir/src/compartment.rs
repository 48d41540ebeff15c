//! Whose file a resource belongs to: the patient compartment of R4.

use crate::Json;
use crate::definitions::{resource_types, search_parameters};
use crate::path::{Expression, Unresolved};
use crate::references::{Target, for_each_reference, target};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::LazyLock;

/// Whom a resource is about, by the references its type uses to name the patient.
#[derive(Clone, PartialEq, Eq)]
pub enum Subject<'a> {
    /// No reference names a patient.
    Nobody,
    /// All references that name a patient are this one (as written, such as `Patient/123`).
    One(&'a str),
    /// References name different patients.
    Several,
}

/// Every reference that puts the resource in a patient's compartment, as written, each once.
///
/// References of an unknown target type (`urn:uuid:…`) are listed too where they might be a
/// patient; `Patient` resources name themselves nowhere and give an empty list.
pub fn patient_references(resource: &Json) -> Vec<&str> {
    let ways = ways(resource.resource_type());
    references(resource, ways, Unresolved::IsAnything, |target| match target {
        Target::Relative { resource_type, .. } | Target::Absolute { resource_type, .. } => {
            resource_type == "Patient"
        }
        Target::Conditional { resource_type, .. } => resource_type == "Patient",
        Target::Contained(_) => false,
        Target::Other(_) => true,
    })
}

/// Whom the resource is about: `subject`, `patient`, … first, then the rest of the compartment.
///
/// Rewrite `urn:uuid:` references first; those left over count as nobody.
pub fn subject_of(resource: &Json) -> Subject<'_> {
    let ways = ways(resource.resource_type());
    let (first, rest) = ways.split_at(ways.partition_point(|way| way.is_subject));
    for ways in [first, rest] {
        let found = references(resource, ways, Unresolved::IsNothing, |target| {
            patient_of(target).is_some()
        });
        if let Some(one) = found.first() {
            let same = |other: &&str| patient_of(target(other)) == patient_of(target(one));
            return if found.iter().all(same) { Subject::One(one) } else { Subject::Several };
        }
    }
    Subject::Nobody
}

/// Every reference to a patient in the elements that say whom the resource is about (`subject`,
/// `patient`, …), as written, each once.
pub fn subject_references(resource: &Json) -> Vec<&str> {
    let ways = ways(resource.resource_type());
    let subjects = &ways[..ways.partition_point(|way| way.is_subject)];
    references(resource, subjects, Unresolved::IsNothing, |target| patient_of(target).is_some())
}

/// Every reference to a patient anywhere in the resource (`Patient/…`, relative or absolute).
pub fn all_patient_references(resource: &Json) -> Vec<&str> {
    let mut found = Vec::new();
    for_each_reference(resource, &mut |reference| {
        if patient_of(target(reference)).is_some() {
            found.push(reference);
        }
    });
    found
}

/// The names of the search parameters by which a type names its patient, the subject's first.
pub fn patient_parameters(resource_type: &str) -> impl Iterator<Item = &'static str> {
    ways(resource_type).iter().map(|way| way.parameter)
}

/// Base (empty for a relative reference) and id of the patient that is referred to.
fn patient_of(target: Target<'_>) -> Option<(&str, &str)> {
    match target {
        Target::Relative { resource_type: "Patient", id, .. } => Some(("", id)),
        Target::Absolute { base, resource_type: "Patient", id, .. } => Some((base, id)),
        _ => None,
    }
}

fn references<'a>(
    resource: &'a Json,
    ways: &[Way],
    unresolved: Unresolved,
    is_wanted: fn(Target<'_>) -> bool,
) -> Vec<&'a str> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for way in ways {
        let _ = way.expression.visit(resource, unresolved, &mut |node| {
            let reference = node.json.text("reference").filter(|text| is_wanted(target(text)));
            found.extend(reference.filter(|reference| seen.insert(*reference)));
            ControlFlow::Continue(())
        });
    }
    found
}

/// One way in which a type names a patient.
struct Way {
    parameter: &'static str,
    /// Whether the resource is about that patient, rather than written by the patient.
    is_subject: bool,
    expression: Expression,
}

fn ways(resource_type: &str) -> &'static [Way] {
    WAYS.get(resource_type).map(Vec::as_slice).unwrap_or_default()
}

/// Parameters that say whom a resource is about.
pub(crate) const SUBJECTS: [&str; 4] = ["patient", "subject", "beneficiary", "individual"];

static WAYS: LazyLock<HashMap<&'static str, Vec<Way>>> = LazyLock::new(|| {
    let table = include_str!("../data/compartment.txt");
    let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        names.entry(words.next().unwrap_or_default()).or_default().extend(words);
    }
    let ways = |name: &'static str| {
        let mut ways = Vec::new();
        for parameter in search_parameters(name) {
            let is_subject = SUBJECTS.contains(&parameter.name)
                && parameter.targets.iter().any(|target| matches!(*target, "Patient" | "*"));
            let in_table = names.get(name).is_some_and(|names| names.contains(&parameter.name));
            if (is_subject || in_table) && name != "Patient" {
                ways.extend(Way::new(name, parameter.name, is_subject, parameter.expression));
            }
        }
        if name == "Binary" {
            ways.extend(Way::new(name, "", true, "Binary.securityContext"));
        }
        ways.sort_by_key(|way| !way.is_subject);
        ways
    };
    resource_types().iter().map(|name| (*name, ways(name))).collect()
});

impl Way {
    fn new(name: &str, parameter: &'static str, is_subject: bool, text: &str) -> Option<Way> {
        let expression = Expression::compile(name, text).ok()?;
        Some(Way { parameter, is_subject, expression })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::{Placement, placement};

    fn read(text: &str) -> Json {
        Json::parse(text.as_bytes(), &crate::Limits::default()).unwrap()
    }

    #[test]
    fn every_type_of_a_file_can_name_its_patient() {
        for name in resource_types() {
            let is_of_file = matches!(placement(name), Placement::File(_));
            assert!(!is_of_file || !ways(name).is_empty(), "{name}");
            let is_directory = placement(name) == Placement::Directory;
            assert!(!is_directory || ways(name).is_empty(), "{name}");
        }
        for line in include_str!("../data/compartment.txt").lines().filter(|l| !l.starts_with('#'))
        {
            let (name, parameters) = line.split_once(' ').unwrap();
            let known = ways(name).iter().map(|way| way.parameter).collect::<Vec<_>>();
            let missing = parameters.split(' ').find(|p| !known.contains(p));
            assert!(name == "Patient" || missing.is_none(), "{name} {missing:?}");
        }
    }

    #[test]
    fn the_subject_comes_before_those_who_wrote() {
        let observation = read(
            r#"{"resourceType":"Observation","subject":{"reference":"Patient/1"},
            "performer":[{"reference":"Patient/2"},{"reference":"Practitioner/3"}]}"#,
        );
        assert!(subject_of(&observation) == Subject::One("Patient/1"));
        assert_eq!(patient_references(&observation), ["Patient/1", "Patient/2"]);
        assert_eq!(all_patient_references(&observation), ["Patient/1", "Patient/2"]);
    }

    #[test]
    fn a_resource_without_one_subject_says_so() {
        let subject = |text: &str| match subject_of(&read(text)) {
            Subject::Nobody => "nobody".to_string(),
            Subject::One(reference) => reference.to_string(),
            Subject::Several => "several".to_string(),
        };
        let actors = |a: &str, b: &str| {
            subject(&format!(
                r#"{{"resourceType":"Appointment","participant":[{{"actor":{{"reference":"{a}"}}}},
                {{"actor":{{"reference":"{b}"}}}}]}}"#
            ))
        };
        assert_eq!(actors("Patient/1", "Practitioner/1"), "Patient/1");
        assert_eq!(actors("Patient/1", "Patient/1/_history/2"), "Patient/1");
        assert_eq!(actors("Patient/1", "Patient/2"), "several");
        assert_eq!(actors("Patient/1", "http://x.y/Patient/1"), "several");
        assert_eq!(actors("Location/1", "urn:uuid:1"), "nobody");
        assert_eq!(
            subject(r#"{"resourceType":"Binary","securityContext":{"reference":"Patient/1"}}"#),
            "Patient/1"
        );
        assert_eq!(
            subject(
                r#"{"resourceType":"Coverage","beneficiary":{"reference":"Patient/1"},
            "subscriber":{"reference":"Patient/2"}}"#
            ),
            "Patient/1"
        );
        assert_eq!(subject(r#"{"resourceType":"Organization"}"#), "nobody");
        let urn = read(r#"{"resourceType":"Condition","subject":{"reference":"urn:uuid:1"}}"#);
        assert_eq!(patient_references(&urn).first(), Some(&"urn:uuid:1"));
    }
}
