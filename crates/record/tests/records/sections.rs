//! What a role does not see, and how it is told.

use crate::world::{BASE, PATIENT, World, json, observation, page, query};
use keyproto::message::Query;
use record::{Outcome, ReadError, WriteError};
use terms::{Role, Section};

fn restricted(text: &str) -> String {
    let label = r#"{"resourceType":"Observation","meta":{"security":[{"system":
        "http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"#;
    text.replacen(r#"{"resourceType":"Observation","#, label, 1)
}

#[test]
fn what_is_hidden_reads_as_missing_and_every_result_says_so() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let hidden = doctor.create(&restricted(&observation(file, "a", "1"))).id.to_string();
    doctor.create(&observation(file, "a", "2"));
    let nurse = world.person(Role::Nurse).open(file);
    assert!(nurse.hidden().contains(Section::Restricted));
    assert_eq!(nurse.read("Observation", &hidden).err(), Some(ReadError::NotThere));
    assert!(nurse.history("Observation", &hidden, page(1)).is_err());
    let found = nurse.search(&query("Observation", &[]), page(9), world.records().directory());
    assert_eq!(found.total, Some(1));
    let bundle = String::from_utf8(found.to_bundle(BASE, "self", None)).unwrap();
    json(&bundle);
    assert!(bundle.contains("REDACTED") && bundle.contains(r#""mode":"outcome""#));
    assert!(bundle.contains("restricted") && !bundle.contains(&hidden));
    assert_eq!(doctor.open(file).read("Observation", &hidden).unwrap().version(), 1);
}

#[test]
fn a_resource_that_becomes_restricted_is_gone_for_those_who_do_not_see_it() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let nurse = world.person(Role::Nurse);
    let open = doctor.open(file);
    let text = observation(file, "a", "1");
    let id = doctor.create_in(&text, Some(&open)).id.to_string();
    assert!(nurse.open(file).read("Observation", &id).is_ok());
    let now_restricted = json(&restricted(&text));
    records.update(&open, "Observation", &id, now_restricted, None).unwrap();
    let blind = nurse.open(file);
    assert_eq!(blind.read("Observation", &id).err(), Some(ReadError::NotThere));
    assert_eq!(blind.vread("Observation", &id, "1").err(), Some(ReadError::NotThere));
    let all = query("Observation", &[]);
    assert_eq!(blind.search(&all, page(9), records.directory()).total, Some(0));
    for open in [&open, &doctor.open(file)] {
        assert_eq!(open.read("Observation", &id).unwrap().version(), 2);
        assert_eq!(open.history("Observation", &id, page(9)).unwrap().len(), 2);
    }
    // An update that says nothing of labels takes none away, not even after a deletion.
    let newer = json(&observation(file, "a", "2"));
    records.update(&open, "Observation", &id, newer.clone(), None).unwrap();
    assert_eq!(nurse.open(file).read("Observation", &id).err(), Some(ReadError::NotThere));
    let kept = open.read("Observation", &id).unwrap();
    assert_eq!((kept.version(), kept.section()), (3, Section::Restricted));
    let same = records.update(&open, "Observation", &id, newer.clone(), None).unwrap();
    assert_eq!(same.outcome, Outcome::Unchanged);
    records.delete(&open, "Observation", &id, None).unwrap();
    records.update(&open, "Observation", &id, newer, None).unwrap();
    assert_eq!(nurse.open(file).read("Observation", &id).err(), Some(ReadError::NotThere));
    let away = json(r#"[{"op":"remove","path":"/meta/security"}]"#);
    records.patch(&open, "Observation", &id, &away, None).unwrap();
    assert_eq!(nurse.open(file).read("Observation", &id).unwrap().version(), 6);
}

#[test]
fn labels_and_tags_stay_where_an_update_leaves_them_out() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let subject = format!(r#""subject":{{"reference":"Patient/{file}"}}"#);
    let of = |meta: &str| format!(r#"{{"resourceType":"Condition",{meta}{subject}}}"#);
    let tag = r#"{"system":"urn:cofferdam:section","code":"summary"}"#;
    let first = of(&format!(r#""meta":{{"tag":[{tag}],"security":[{{"code":"N"}}]}},"#));
    let id = doctor.create_in(&first, Some(&open)).id.to_string();
    let other = of(r#""meta":{"tag":[{"system":"urn:x","code":"y"}]},"code":{"text":"b"},"#);
    records.update(&open, "Condition", &id, json(&other), None).unwrap();
    let kept = open.read("Condition", &id).unwrap();
    assert_eq!(kept.section(), Section::Summary);
    let text = String::from_utf8(kept.bytes().to_vec()).unwrap();
    assert!(text.contains(&format!(r#""tag":[{{"system":"urn:x","code":"y"}},{tag}]"#)), "{text}");
    assert!(text.contains(r#""security":[{"code":"N"}]"#), "{text}");
}

#[test]
fn a_part_of_a_resource_is_not_written_back() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let id = file.to_string();
    let elements = fhir::subset::Subset::Elements(vec!["birthDate".into()]);
    for open in [doctor.open(file), world.person(Role::Pharmacist).open(file)] {
        let part = elements.of(open.read("Patient", &id).unwrap().tree());
        let refused = records.update(&open, "Patient", &id, part, None);
        assert!(matches!(refused, Err(WriteError::Invalid(_))));
    }
}

#[test]
fn a_condition_on_what_is_not_released_is_not_tried() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    doctor.create(&observation(file, "a", "1"));
    let pharmacist = world.person(Role::Pharmacist);
    let open = pharmacist.open(file);
    assert!(open.hidden().contains(Section::Results));
    let again = json(&observation(file, "a", "1"));
    let by = open.session().session;
    let refused = records.create(by, again, Some("status=final"), Some(&open));
    assert!(matches!(refused, Err(WriteError::NotServed(_))));
}

#[test]
fn who_sees_a_part_of_the_patient_cannot_wipe_out_the_rest() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let pharmacist = world.person(Role::Pharmacist);
    let open = pharmacist.open(file);
    let id = file.to_string();
    let shown = open.read("Patient", &id).unwrap();
    let text = String::from_utf8(shown.bytes().to_vec()).unwrap();
    assert!(text.contains("Jensen") && text.contains("REDACTED") && text.contains("SUBSETTED"));
    assert!(!text.contains("0302701234") && !text.contains("Svendborg"));
    let same = records.update(&open, "Patient", &id, shown.tree().clone(), None).unwrap();
    assert_eq!(same.outcome, Outcome::Unchanged);
    let whole = json(&PATIENT.replace("1970-02-03", "1970-02-05"));
    let refused = records.update(&open, "Patient", &id, whole, None);
    assert!(matches!(refused, Err(WriteError::NotServed(_))));
    let patch = json(r#"[{"op":"replace","path":"/gender","value":"other"}]"#);
    records.patch(&open, "Patient", &id, &patch, None).unwrap();
    let whole = doctor.open(file).read("Patient", &id).unwrap();
    assert_eq!(whole.version(), 2);
    let mut tree = whole.tree().clone();
    fhir::references::strip_version(&mut tree);
    fhir::references::strip_id(&mut tree);
    assert!(tree == json(&PATIENT.replace("female", "other")));
}

#[test]
fn a_part_that_the_patient_never_had_can_be_added() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let made = doctor.create(r#"{"resourceType":"Patient","name":[{"family":"Bare"}]}"#);
    let (file, id) = (made.id.file, made.id.to_string());
    let open = doctor.open(file);
    records.update(&open, "Patient", &id, json(PATIENT), None).unwrap();
    let whole = String::from_utf8(open.read("Patient", &id).unwrap().bytes().to_vec()).unwrap();
    assert!(whole.contains("0302701234") && whole.contains("Svendborg"));
    assert_eq!(doctor.find(Query::Telephone("20304050".into())), [file]);
}

#[test]
fn who_sees_a_part_of_the_patient_does_not_change_how_it_is_found() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let id = file.to_string();
    let born =
        |date: &str| doctor.find(Query::NameAndBirthDate(vec!["Jensen".into()], date.into()));
    let patches = [
        r#"[{"op":"replace","path":"/birthDate","value":"1970-02-05"}]"#,
        r#"[{"op":"replace","path":"/name/0/family","value":"Hansen"}]"#,
    ]
    .map(json);
    let pharmacist = world.person(Role::Pharmacist).open(file);
    for patch in &patches {
        let refused = records.patch(&pharmacist, "Patient", &id, patch, None);
        assert!(matches!(refused, Err(WriteError::NotServed(_))));
    }
    assert_eq!(born("1970-02-03"), [file]);
    let open = doctor.open(file);
    for patch in &patches {
        records.patch(&open, "Patient", &id, patch, None).unwrap();
    }
    assert!(born("1970-02-03").is_empty() && born("1970-02-05").is_empty());
    assert_eq!(doctor.find(Query::Name(vec!["Hansen".into()])), [file]);
}

#[test]
fn a_laboratory_deposits_and_reads_nothing() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let laboratory = world.person(Role::Laboratory);
    let written = laboratory.create(&observation(file, "a", "1"));
    assert!(laboratory.try_release(file).is_err());
    assert!(doctor.open(file).read("Observation", &written.id.to_string()).is_ok());
}
