//! Synthea bundles as they come: equal when they come back, and searches agree with a naive oracle.

use crate::world::{World, json, page, query};
use fhir::Json;
use record::{Everything, Page};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// The bundles of `COFFERDAM_SAMPLE_DATA`, as many as asked for.
pub(crate) fn bundles(most: usize) -> Option<Vec<(String, String)>> {
    let Some(folder) = std::env::var_os("COFFERDAM_SAMPLE_DATA") else {
        eprintln!("SKIPPED: COFFERDAM_SAMPLE_DATA is not set");
        return None;
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths.truncate(most);
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    Some(paths.iter().map(read).collect())
}

#[test]
fn every_resource_of_a_bundle_comes_back_equal() {
    let Some(bundles) = bundles(12) else { return };
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    for (name, text) in bundles {
        let bundle = json(&text);
        let entries = bundle.get("entry").unwrap().items();
        let answer = records.bundle(doctor.id(), bundle.clone(), None).unwrap().text;
        let answer = json(&String::from_utf8(answer).unwrap());
        let locations: Vec<String> =
            answer.get("entry").unwrap().items().iter().map(place).collect();
        assert_eq!(locations.len(), entries.len());
        let patient = locations.iter().find_map(|place| place.strip_prefix("Patient/")).unwrap();
        let open = doctor.open(patient.parse().unwrap());
        let urls = entries.iter().map(|entry| entry.text("fullUrl").unwrap());
        let names: HashMap<&str, &str> = urls.zip(locations.iter().map(String::as_str)).collect();
        for (entry, place) in entries.iter().zip(&locations) {
            let expected = expected(entry.get("resource").unwrap(), place, &names);
            let (resource_type, id) = place.split_once('/').unwrap();
            let read = open
                .read(resource_type, id)
                .or_else(|_| records.directory().read(resource_type, id));
            let mut found = read.unwrap().tree().clone();
            fhir::references::strip_version(&mut found);
            assert_eq!(found.to_text(), expected.to_text(), "{name} {place}");
        }
        let everything = open.everything(&Everything::default(), records.directory());
        assert_eq!(everything.len(), entries.len());
        let whole = everything.to_bundle("https://localhost:8443/fhir", "self", None);
        assert_eq!(
            json(&String::from_utf8(whole).unwrap()).get("entry").unwrap().items().len(),
            entries.len()
        );
        searches_agree(&open, records, &names, entries);
    }
}

/// `Type/id` of an entry of a response.
fn place(entry: &Json) -> String {
    let location = entry.get("response").unwrap().text("location").unwrap();
    location.split("/_history").next().unwrap().to_owned()
}

/// The resource as it must come back: by replacing texts, not by walking references.
fn expected(resource: &Json, place: &str, names: &HashMap<&str, &str>) -> Json {
    let mut text = String::new();
    let original = resource.to_text();
    let mut rest = original.as_str();
    while let Some(at) = rest.find("\"urn:uuid:") {
        let end = at + 1 + rest[at + 1..].find('"').unwrap();
        text.push_str(&rest[..at]);
        let name = &rest[at + 1..end];
        text.push_str(&format!("\"{}\"", names.get(name).unwrap_or(&name)));
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    let mut expected = json(&text);
    fhir::references::set_id(&mut expected, place.split_once('/').unwrap().1);
    fhir::references::strip_version(&mut expected);
    expected
}

/// Search by code, one code after another, against a scan of the raw JSON.
fn searches_agree(
    open: &record::OpenFile,
    records: &record::Records,
    names: &HashMap<&str, &str>,
    entries: &[Json],
) {
    let mut by_code: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        let resource = entry.get("resource").unwrap();
        if resource.resource_type() != "Observation" {
            continue;
        }
        let mut codes: Vec<String> = resource
            .get("code")
            .unwrap()
            .get("coding")
            .unwrap()
            .items()
            .iter()
            .map(|coding| {
                format!("{}|{}", coding.text("system").unwrap(), coding.text("code").unwrap())
            })
            .collect();
        codes.sort();
        codes.dedup();
        for code in codes {
            by_code.entry(code).or_default().push(names[entry.text("fullUrl").unwrap()]);
        }
    }
    let patient = format!("Patient/{}", open.file());
    for (code, mut expected) in by_code {
        let search = query("Observation", &[("patient", &patient), ("code", &code)]);
        let found = open.search(&search, page(100_000), records.directory());
        let mut found: Vec<String> =
            found.versions().map(|v| format!("{}/{}", v.resource_type(), v.id())).collect();
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected);
        let nobody = query("Observation", &[("patient", "Patient/nobody"), ("code", &code)]);
        assert!(open.search(&nobody, Page::WHOLE, records.directory()).is_empty());
    }
}
