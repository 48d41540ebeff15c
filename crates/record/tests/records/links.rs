//! References: whom a resource is about, and what names in a Bundle mean.

use crate::world::{BASE, PATIENT, World, json, observation, query};
use fhir::Json;
use fhir::references::{Target, target};
use keyproto::message::Query;
use record::import::{Import, Source};
use record::{OpenFile, Page, Records, WriteError};
use terms::{ListId, Role};

const NONE: [String; 0] = [];
const FOREIGN: &str = "http://old.example/fhir/Patient/somebody";

#[test]
fn what_is_about_another_servers_patient_is_filed_nowhere() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let own = observation(file, "own", "1");
    let id = doctor.create_in(&own, Some(&open)).id.to_string();
    let about = |subject: &str| own.replace(&format!("Patient/{file}"), subject);
    // What it refers to besides names the file.
    let foreign =
        with(&about(FOREIGN), &format!(r#""partOf":[{{"reference":"Observation/{id}"}}]"#));
    invalid(records.create(doctor.id(), json(&foreign), None, Some(&open)).map(drop));
    invalid(transaction(records, &open, &[&post(None, &own), &post(None, &foreign)]).map(drop));
    invalid(
        transaction(records, &open, &[&post(None, PATIENT), &post(None, &about(FOREIGN))])
            .map(drop),
    );
    let update = |resource: &str| {
        let named = with(resource, &format!(r#""id":"{id}""#));
        let address = format!(r#""method":"PUT","url":"Observation/{id}""#);
        let put = format!(r#"{{"resource":{named},"request":{{{address}}}}}"#);
        let one = records.update(&open, "Observation", &id, json(&named), None).map(drop);
        let in_bundle = transaction(records, &open, &[&put]).map(drop);
        assert_eq!(one.is_ok(), in_bundle.is_ok());
        one
    };
    let subject = format!(r#""subject":{{"reference":"Patient/{file}"}}"#);
    invalid(update(&foreign));
    invalid(update(&own.replace(&subject, r#""subject":{"display":"somebody"}"#)));
    invalid(update(&own.replace(&format!("{subject},"), "")));
    let total = open.search(&query("Observation", &[]), Page::WHOLE, records.directory()).total;
    assert_eq!(total, Some(1));
    // Others of another server may have taken part.
    update(&with(&own, &format!(r#""performer":[{{"reference":"{FOREIGN}"}}]"#))).unwrap();
    // What was deleted comes back as what it was.
    records.delete(&open, "Observation", &id, None).unwrap();
    invalid(update(&own.replace(&format!("{subject},"), "")));
    update(&own).unwrap();
}

#[test]
fn an_import_files_nothing_about_another_patient() {
    let world = World::new();
    let patient = with(&PATIENT.replace('\n', ""), r#""id":"abs""#);
    let about = |subject: &str| {
        r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},
            "subject":{"reference":"SUBJECT"}}"#
            .replace('\n', "")
            .replace("SUBJECT", subject)
    };
    let lines = format!("{patient}\n{}\n{}\n", about("Patient/abs"), about(FOREIGN));
    let reasons = import(&world, &lines);
    assert!(reasons[0].contains("about a patient of another server"), "{reasons:?}");
    // The Patient's own address is no other server's patient.
    let base = "http://old.example/fhir";
    let entries = [
        post(Some(&format!("{base}/Patient/abs")), &patient),
        post(Some(&format!("{base}/Observation/o")), &about(&format!("{base}/Patient/abs"))),
    ];
    assert!(import(&world, &bundle(&entries)).is_empty());
}

#[test]
fn absolute_references_of_an_import_follow_what_comes_with_them() {
    let world = World::new();
    let base = "http://old.example/fhir";
    let patient = with(&PATIENT.replace('\n', ""), r#""id":"abs""#);
    let doctor = world.doctor();
    let about = |id: &str, subject: &str, more: &str| {
        let made = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"#;
        let of = format!(r#""id":"{id}",{more},"subject":{{"reference":"{subject}"}}}}"#);
        format!("{made}{of}")
    };
    let subject = format!("{base}/Patient/abs");
    let organization = r#"{"resourceType":"Organization","id":"org","name":"Old"}"#;
    let performer = format!(r#""performer":[{{"reference":"{base}/Organization/org"}}]"#);
    let member = members(&format!("{base}/Observation/one"));
    let elsewhere = r#""focus":[{"reference":"http://other.example/fhir/Observation/nine"}]"#;
    let first = about("one", &subject, &performer);
    let second = about("two", &subject, &format!("{member},{elsewhere}"));
    assert_eq!(import(&world, &[&patient, &first, &second, organization].join("\n")), NONE);
    let made = Query::Name(vec!["Jensen".into()]);
    let file = doctor.find(made)[0];
    let open = doctor.open(file);
    let patient_id = file.to_string();
    let found = query("Observation", &[("patient", &patient_id)]);
    let found = open.search(&found, Page::WHOLE, world.records().directory());
    let text: Vec<String> = found.versions().map(|version| version.tree().to_text()).collect();
    assert_eq!(text.len(), 2, "{text:?}");
    assert!(!text.concat().contains("old.example"), "{text:?}");
    assert!(text.concat().contains("http://other.example/fhir/Observation/nine"));
    // Two servers may each have one of that name: which of them this came from is not told.
    let patient = patient.replace("0302701234", "0302701235");
    let two = about("two", &subject, &members("http://other.example/fhir/Observation/one"));
    let reasons = import(&world, &bundle(&[patient, first, two].map(|text| post(None, &text))));
    assert!(reasons[0].contains("about a patient of another server"), "{reasons:?}");
}

#[test]
fn a_relative_reference_is_one_to_the_server_of_its_own_entry() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let open = doctor.open(file);
    let run = |entries: &[&String]| transaction(world.records(), &open, entries);
    let entry = |base: &str, id: &str, more: &str| {
        let resource = observation(file, id, "1");
        let resource = with(&resource, &format!(r#""id":"{id}""#));
        let resource = if more.is_empty() { resource } else { with(&resource, &members(more)) };
        post(Some(&format!("http://{base}.example/fhir/Observation/{id}")), &resource)
    };
    let (one, other) = (entry("a", "1", ""), entry("b", "1", ""));
    let of_a = entry("a", "2", "Observation/1");
    let of_b = entry("b", "2", "Observation/1");
    let written = run(&[&one, &of_b, &of_a, &other]).unwrap();
    assert_eq!(member(&open, &written[2]), written[0]);
    assert_eq!(member(&open, &written[1]), written[3]);
    // A version of an entry is the one that it gets here.
    for name in ["http://a.example/fhir/Observation/1/_history/7", "Observation/1/_history/7"] {
        let written = run(&[&one, &entry("a", "2", name), &other]).unwrap();
        assert_eq!(member(&open, &written[1]), written[0]);
    }
    // Another server's of that name is not in the bundle.
    invalid(run(&[&one, &entry("c", "2", "Observation/1")]).map(drop));
    let nowhere = post(None, &with(&observation(file, "2", "1"), &members("Observation/1")));
    let written = run(&[&one, &nowhere]).unwrap();
    assert_eq!(member(&open, &written[1]), written[0]);
    invalid(run(&[&one, &other, &nowhere]).map(drop));
    invalid(run(&[&one, &one]).map(drop));
    // An earlier version of what the bundle changes stays that one.
    let id = written[1].split('/').next_back().unwrap();
    let changed = with(&observation(file, "2", "2"), &format!(r#""id":"{id}""#));
    let named = post(Some(&format!("{BASE}/Observation/{id}")), &changed)
        .replace(r#""POST","url":"Observation""#, &format!(r#""PUT","url":"Observation/{id}""#));
    let earlier = format!("Observation/{id}/_history/1");
    let written = run(&[&named, &entry("a", "2", &earlier)]).unwrap();
    assert_eq!(member(&open, &written[1]), earlier);
}

#[test]
fn links_to_entries_lead_to_what_became_of_them() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let open = doctor.open(file);
    let binary = format!(
        r#"{{"resourceType":"Binary","id":"b1","contentType":"text/plain","data":"aGVq",
        "securityContext":{{"reference":"Patient/{file}"}}}}"#
    );
    let named = "http://a.example/fhir/Binary/b1";
    let binary = post(Some(named), &binary);
    let others = r#""url":"http://a.example/fhir/Binary/b2","valueUri":"Binary/b2""#;
    for link in [named, "Binary/b1", "http://a.example/fhir/Binary/b1/_history/1"] {
        let document = format!(
            r#"{{"resourceType":"DocumentReference","status":"current",
            "text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a
            href=\"{link}\">x</a></div>"}},
            "extension":[{{"url":"x","valueUri":"{link}"}},{{{others}}}],
            "subject":{{"reference":"Patient/{file}"}},"identifier":[{{"system":"http://a.example"}}],
            "content":[{{"attachment":{{"url":"{link}"}}}}]}}"#
        )
        .replace('\n', " ");
        let document = post(Some("http://a.example/fhir/DocumentReference/d1"), &document);
        let written = transaction(world.records(), &open, &[&document, &binary]).unwrap();
        let id = written[0].split('/').next_back().unwrap();
        let text = open.read("DocumentReference", id).unwrap().tree().to_text();
        assert_eq!(
            (text.matches(&written[1]).count(), text.matches("b1").count()),
            (3, 0),
            "{text}"
        );
        assert!(text.contains(others) && text.contains("\"http://a.example\""));
    }
}

#[test]
fn references_to_what_the_file_does_not_have_are_refused() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let own = observation(file, "718-7", "1");
    let id = doctor.create_in(&own, Some(&open)).id.to_string();
    let refers = |reference: &str| with(&own, &members(reference));
    let create = |reference: &str| {
        let alone = records.create(doctor.id(), json(&refers(reference)), None, Some(&open));
        let entry = post(None, &refers(reference));
        assert_eq!(alone.is_ok(), transaction(records, &open, &[&entry]).is_ok(), "{reference}");
        alone
    };
    let there = format!("Observation/{id}");
    let holder = create(&there).unwrap().id.to_string();
    create(&format!("{there}/_history/1")).unwrap();
    // What may have come after the opening is not known.
    create(&format!("Observation/{file}-vvvvvvv")).unwrap();
    let (never, other_type) = (format!("{file}-0000009"), format!("Encounter/{id}"));
    let never = format!("Observation/{never}");
    let no_version = format!("{there}/_history/9");
    let no_patient = format!("Observation/{file}");
    for reference in [&never, &format!("{BASE}/{never}"), &no_version, &other_type, &no_patient] {
        invalid(create(reference).map(drop));
    }

    let delete = format!(r#"{{"request":{{"method":"DELETE","url":"{there}"}}}}"#);
    let sent =
        |entries: &[&String]| records.bundle(doctor.id(), json(&bundle(entries)), Some(&open));
    invalid(sent(&[&delete, &post(None, &refers(&there))]).map(drop));
    sent(&[&delete]).unwrap();
    invalid(create(&there).map(drop));
    create(&format!("{there}/_history/1")).unwrap();
    // What referred to it before may go on.
    let changed = with(&refers(&there).replace("718-7", "2345-7"), &format!(r#""id":"{holder}""#));
    records.update(&open, "Observation", &holder, json(&changed), None).unwrap();
    // What comes back is there.
    let back = with(&own, &format!(r#""id":"{id}""#));
    let back = format!(r#"{{"resource":{back},"request":{{"method":"PUT","url":"{there}"}}}}"#);
    transaction(records, &open, &[&post(None, &refers(&there)), &back]).unwrap();
    // Who sees nothing of the file deposits what cannot be looked up.
    records.create(doctor.id(), json(&refers(&never)), None, None).unwrap();
}

fn members(reference: &str) -> String {
    format!(r#""hasMember":[{{"reference":"{reference}"}}]"#)
}

/// What the first `hasMember` of this Observation refers to.
fn member(open: &OpenFile, observation: &str) -> String {
    let id = observation.split('/').next_back().unwrap();
    let read = open.read("Observation", id).unwrap();
    let member = &read.tree().get("hasMember").unwrap().items()[0];
    member.text("reference").unwrap().to_owned()
}

/// Why the one source was rejected, if it was.
fn import(world: &World, text: &str) -> Vec<String> {
    let by = world.person(Role::Importer).id();
    let journal = world.folder.path().join("journal");
    let import = Import { by, list: ListId::from_bytes([5; 10]), journal, threads: 1 };
    let name = text.len().to_string();
    let mut sources = [Ok(Source { name, text: text.as_bytes().to_vec() })].into_iter();
    let (_, rejects) = import.run(world.records(), &mut sources, &|_| ()).unwrap();
    rejects.into_iter().map(|reject| reject.reason).collect()
}

fn invalid(written: Result<(), WriteError>) {
    assert!(matches!(written, Err(WriteError::Invalid(_))), "{written:?}");
}

/// The locations that a transaction answers, without versions.
fn transaction(
    records: &Records,
    open: &OpenFile,
    entries: &[&String],
) -> Result<Vec<String>, WriteError> {
    let sent = json(&bundle(entries));
    let answer = records.bundle(open.session().session, sent, Some(open))?.text;
    let answer = json(str::from_utf8(&answer).unwrap());
    let location = |entry: &Json| {
        let location = entry.get("response").unwrap().text("location").unwrap().to_owned();
        match target(&location) {
            Target::Relative { resource_type, id, .. }
            | Target::Absolute { resource_type, id, .. } => format!("{resource_type}/{id}"),
            _ => panic!("{location}"),
        }
    };
    Ok(answer.get("entry").unwrap().items().iter().map(location).collect())
}

fn bundle(entries: &[impl AsRef<str>]) -> String {
    let entries: Vec<&str> = entries.iter().map(AsRef::as_ref).collect();
    let entries = entries.join(",");
    format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}"#)
}

fn post(full_url: Option<&str>, resource: &str) -> String {
    let name = json(resource).resource_type().to_owned();
    let url = full_url.map(|url| format!(r#""fullUrl":"{url}","#)).unwrap_or_default();
    format!(r#"{{{url}"resource":{resource},"request":{{"method":"POST","url":"{name}"}}}}"#)
}

/// A resource with one more member.
fn with(resource: &str, member: &str) -> String {
    resource.replacen('{', &format!("{{{member},"), 1)
}
