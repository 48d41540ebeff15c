//! Imports: whole files, resumed without copies or losses.

use crate::sample_data::bundles;
use crate::world::{World, json, query};
use keyproto::message::{Identifier, Query};
use record::Page;
use record::import::{Import, Progress, Source};
use std::path::Path;
use terms::{FileId, ListId, RelationClass, Role};

const LIST: ListId = ListId::from_bytes([5; 10]);

fn made_up(count: usize) -> Vec<(String, String)> {
    let one = |i: usize| {
        let text = format!(
            r#"{{"resourceType":"Patient","id":"p{i}","identifier":[{{"system":"urn:chart",
            "value":"{i}"}}],"name":[{{"family":"Made"}}]}}"#
        );
        let observation = format!(
            r#"{{"resourceType":"Observation","id":"o{i}","status":"final","code":{{"text":"x"}},
            "subject":{{"reference":"Patient/p{i}"}}}}"#
        );
        let lines = [text, observation].map(|line| line.replace('\n', ""));
        (format!("patient-{i}.ndjson"), lines.join("\n") + "\n")
    };
    (0..count).map(one).collect()
}

fn run(world: &World, journal: &Path, sources: &[(String, String)]) -> (Progress, Vec<String>) {
    let by = world.person(Role::Importer).id();
    let import = Import { by, list: LIST, journal: journal.into(), threads: 4 };
    let mut sources = sources
        .iter()
        .map(|(name, text)| Ok(Source { name: name.clone(), text: text.clone().into_bytes() }));
    let (progress, rejects) = import.run(world.records(), &mut sources, &|_| ()).unwrap();
    (progress, rejects.into_iter().map(|reject| reject.name).collect())
}

fn files(world: &World) -> u64 {
    world.store.statistics().unwrap().files
}

#[test]
fn an_import_resumes_with_and_without_its_journal_and_makes_no_copies() {
    let world = World::new();
    let journal = world.folder.path().join("journal");
    let sources = made_up(20);
    let (first, rejects) = run(&world, &journal, &sources[..12]);
    assert_eq!((first.files, first.resources, first.skipped), (12, 24, 0));
    assert!(rejects.is_empty());
    let (second, _) = run(&world, &journal, &sources);
    assert_eq!((second.files, second.skipped), (8, 12));
    std::fs::remove_file(&journal).unwrap();
    let (third, rejects) = run(&world, &journal, &sources);
    assert_eq!((third.files, third.skipped, third.rejected), (0, 20, 0));
    assert!(rejects.is_empty());
    assert_eq!(files(&world), 20);
}

#[test]
fn audit_events_of_another_server_are_left_out_and_counted() {
    let world = World::new();
    let event = |patient: &str| {
        format!(
            "{{\"resourceType\":\"AuditEvent\",\"type\":{{\"code\":\"rest\"}},\"recorded\":\
             \"2026-01-01T00:00:00Z\",\"agent\":[{{\"requestor\":true,\"who\":{{\"reference\":\
             \"{patient}\"}}}}],\"source\":{{\"observer\":{{\"display\":\"x\"}}}}}}\n"
        )
    };
    let mut sources = made_up(2);
    sources[0].1 += &event("Patient/p0");
    sources.push(("AuditEvent.ndjson:1".to_owned(), event("Patient/elsewhere")));
    let journal = world.folder.path().join("journal");
    let (progress, rejects) = run(&world, &journal, &sources);
    assert_eq!((progress.files, progress.resources, progress.left_out), (2, 4, 2));
    assert!(rejects.is_empty(), "{rejects:?}");
    assert_eq!(files(&world), 2);
}

#[test]
fn an_import_without_its_journal_knows_patients_that_were_changed_since() {
    let world = World::new();
    let journal = world.folder.path().join("journal");
    let mut sources = made_up(2);
    // One patient has an identifier of its own, the other has none.
    let identifier = r#""identifier":[{"system":"urn:chart",            "value":"1"}],"#;
    assert!(sources[1].1.contains(identifier));
    sources[1].1 = sources[1].1.replace(identifier, "");
    assert_eq!(run(&world, &journal, &sources).0.files, 2);
    world.approve(LIST);
    let doctor = world.doctor();
    let named = |name: &str| doctor.find(Query::Name(vec![name.into()]));
    let changed = r#"{"resourceType":"Patient","identifier":[{"system":"urn:chart","value":"9"},
        {"system":"urn:cofferdam:import","value":"a"}],"name":[{"family":"Changed"}]}"#;
    for file in named("Made") {
        let (open, id) = (doctor.open(file), file.to_string());
        world.records().update(&open, "Patient", &id, json(changed), None).unwrap();
    }
    assert_eq!((named("Made").len(), named("Changed").len()), (0, 2));
    std::fs::remove_file(&journal).unwrap();
    let (again, rejects) = run(&world, &journal, &sources);
    assert_eq!((again.files, again.skipped, again.rejected), (0, 2, 0), "{rejects:?}");
    assert_eq!(files(&world), 2);
    // What a Patient says of itself is no source of an import.
    let import = Identifier { system: "urn:cofferdam:import".into(), value: "a".into() };
    assert!(doctor.find(Query::Identifier(import)).is_empty());
}

#[test]
fn rejects_are_named_and_the_rest_goes_on() {
    let world = World::new();
    let mut sources = made_up(6);
    sources[1].1 = "{".into();
    sources[2].1 = sources[2].1.replace("final", "no such status");
    sources[3].1 = sources[3].1.replace("Patient/p3", "Patient/p4");
    // Another source about a patient who has a file already.
    sources.push(("copy.ndjson".into(), sources[0].1.clone()));
    let (progress, mut rejects) = run(&world, &world.folder.path().join("journal"), &sources);
    rejects.sort();
    assert_eq!((progress.files, progress.rejected), (3, 4));
    assert_eq!(rejects[1..], ["patient-1.ndjson", "patient-2.ndjson", "patient-3.ndjson"]);
    assert!(rejects[0] == "copy.ndjson" || rejects[0] == "patient-0.ndjson");
    assert_eq!(files(&world), 3);
}

#[test]
fn an_import_opens_nothing_and_an_approved_list_is_evidence() {
    let Some(bundles) = bundles(3) else { return };
    let world = World::new();
    let (progress, rejects) = run(&world, &world.folder.path().join("journal"), &bundles);
    assert!(rejects.is_empty());
    assert_eq!(progress.files, 3);
    assert_eq!(world.records().keyholder().health().unwrap().openings, 0);
    let doctor = world.doctor();
    let file = found(&world, &bundles[0].1);
    // Before two officers approved the list, nothing but the practice's own word speaks for it.
    assert_ne!(doctor.open(file).class(), RelationClass::Evidence);
    world.approve(LIST);
    let open = doctor.open(file);
    assert_eq!(open.class(), RelationClass::Evidence);
    let all = query("Observation", &[]);
    let found = open.search(&all, Page::WHOLE, world.records().directory());
    assert!(found.total.unwrap() > 10);
}

/// The file of a bundle's patient, as a conditional create tells it.
fn found(world: &World, bundle: &str) -> FileId {
    let bundle = json(bundle);
    let entries = bundle.get("entry").unwrap().items().iter();
    let mut resources = entries.map(|entry| entry.get("resource").unwrap());
    let patient = resources.find(|resource| resource.resource_type() == "Patient").unwrap();
    let identifier = &patient.get("identifier").unwrap().items()[0];
    let (system, value) = (identifier.text("system").unwrap(), identifier.text("value").unwrap());
    let condition = format!("identifier={system}|{value}");
    let by = world.doctor().id();
    let mut patient = patient.clone();
    fhir::references::strip_id(&mut patient);
    let existed = world.records().create(by, patient, Some(&condition), None).unwrap();
    assert_eq!(existed.outcome, record::Outcome::Existed);
    existed.id.file
}
