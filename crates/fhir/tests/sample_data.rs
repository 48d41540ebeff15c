//! Every resource of the sample data goes through everything this crate does.
//!
//! The folder comes from the environment variable `COFFERDAM_SAMPLE_DATA`.
#![allow(clippy::print_stderr)]

use fhir::compartment::{Subject, all_patient_references, subject_of};
use fhir::definitions::search_parameters;
use fhir::path::Expression;
use fhir::references::{for_each_reference, rewrite_references};
use fhir::{
    Json, Limits, PatientFacts, Placement, Severity, merge_patient, placement, section_of,
    split_patient, validate,
};
use std::collections::{BTreeMap, HashMap};

/// The resources of each bundle, or `None` where there is no sample data.
fn bundles() -> Option<impl Iterator<Item = Vec<Json>>> {
    let folder = std::env::var_os("COFFERDAM_SAMPLE_DATA").map(std::path::PathBuf::from);
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        eprintln!("SKIPPED: COFFERDAM_SAMPLE_DATA is not set to a folder of bundles");
        return None;
    };
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    // Unoptimised, all of it takes minutes; a release build takes every bundle.
    if cfg!(debug_assertions) {
        paths = paths.into_iter().step_by(8).collect();
    }
    assert!(!paths.is_empty());
    Some(paths.into_iter().map(|path| {
        let bundle = Json::parse(&std::fs::read(path).unwrap(), &Limits::default()).unwrap();
        assert_eq!(bundle.resource_type(), "Bundle");
        let entries = bundle.get("entry").unwrap().items();
        entries.iter().map(|entry| entry.get("resource").unwrap().clone()).collect()
    }))
}

#[test]
fn every_resource_is_valid() {
    let Some(bundles) = bundles() else { return };
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for resource in bundles.flatten() {
        for issue in validate(&resource) {
            let path: String = issue.expression.chars().filter(|c| !c.is_ascii_digit()).collect();
            let severity = issue.severity.word();
            *kinds.entry(format!("{severity} {path}: {}", issue.message)).or_default() += 1;
        }
    }
    for (kind, count) in &kinds {
        eprintln!("{count} x {kind}");
    }
    assert!(!kinds.keys().any(|kind| kind.starts_with(Severity::Error.word())));
}

#[test]
fn every_resource_comes_back_as_it_was() {
    let Some(bundles) = bundles() else { return };
    for resource in bundles.flatten() {
        let compact = resource.to_text();
        let again = Json::parse(compact.as_bytes(), &Limits::default()).unwrap();
        assert!(again == resource && again.to_text() == compact);
    }
}

#[test]
fn every_search_parameter_evaluates_everywhere() {
    let Some(bundles) = bundles() else { return };
    let mut expressions: BTreeMap<&str, Vec<(&str, Expression)>> = BTreeMap::new();
    for name in fhir::definitions::resource_types() {
        let compiled = search_parameters(name).iter();
        let compiled = compiled.map(|p| (p.name, Expression::compile(name, p.expression).unwrap()));
        expressions.insert(name, compiled.collect());
    }
    let mut found: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for resource in bundles.flatten() {
        for (name, expression) in &expressions[resource.resource_type()] {
            let count = expression.evaluate(&resource).len();
            *found.entry((resource.resource_type().to_string(), name)).or_default() += count;
        }
    }
    for (resource_type, name) in [
        ("Observation", "code"),
        ("Observation", "date"),
        ("Patient", "birthdate"),
        ("Encounter", "date"),
        ("Claim", "patient"),
        ("Immunization", "vaccine-code"),
    ] {
        assert!(found[&(resource_type.to_string(), name)] > 10, "{resource_type} {name}");
    }
}

#[test]
fn every_patient_is_split_and_merged_byte_for_byte() {
    let Some(bundles) = bundles() else { return };
    for patient in bundles.flatten().filter(|r| r.resource_type() == "Patient") {
        let text = patient.to_text();
        let facts = PatientFacts::of(&patient);
        assert!(facts.identifiers.len() > 1 && facts.birth_date.is_some());
        assert!(!facts.names.is_empty() && !facts.telephones.is_empty());
        let parts = split_patient(patient).unwrap();
        for identifier in &facts.identifiers {
            assert!(
                !parts.label.get("label").unwrap().to_text().contains(&identifier.1)
                    || parts.label.get("label").unwrap().id() == Some(&identifier.1)
            );
        }
        let merged = merge_patient(parts.label, Some(parts.contact), Some(parts.identity));
        assert!(merged.unwrap().to_text() == text);
    }
}

/// Rewrites a bundle's references as a transaction does, then asks whose every resource is.
#[test]
fn every_resource_belongs_to_the_bundles_patient_or_the_directory() {
    let Some(bundles) = bundles() else { return };
    for mut resources in bundles {
        let places: HashMap<String, String> = resources
            .iter()
            .map(|r| {
                let id = r.id().unwrap();
                (format!("urn:uuid:{id}"), format!("{}/{id}", r.resource_type()))
            })
            .collect();
        for resource in &mut resources {
            rewrite_references(resource, &mut |text| places.get(text).cloned());
            for_each_reference(resource, &mut |text| assert!(!text.starts_with("urn:uuid:")));
        }
        let patient = resources.iter().find(|r| r.resource_type() == "Patient").unwrap();
        let patient = format!("Patient/{}", patient.id().unwrap());
        for resource in &resources {
            match placement(resource.resource_type()) {
                Placement::Patient => {}
                Placement::File(section) => {
                    assert_eq!(section_of(resource), section);
                    assert!(subject_of(resource) == Subject::One(&patient));
                    assert!(all_patient_references(resource).iter().all(|r| *r == patient));
                }
                Placement::Directory => assert!(subject_of(resource) == Subject::Nobody),
                Placement::Refused => panic!("{} is refused", resource.resource_type()),
            }
        }
    }
}
