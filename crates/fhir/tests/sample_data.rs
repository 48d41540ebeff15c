//! Every resource of the sample data goes through everything this crate does.
//!
//! The folder comes from the environment variable `COFFERDAM_SAMPLE_DATA`.
#![allow(clippy::print_stderr)]

use fhir::{Json, Limits, Severity, validate};
use std::collections::BTreeMap;

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
