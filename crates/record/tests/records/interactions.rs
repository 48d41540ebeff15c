//! Create, read, update, delete, patch, conditions, searches, paging, transactions.

use crate::world::{BASE, PATIENT, World, json, observation, page, query};
use record::{Everything, Outcome, Page, ReadError, WriteError};

#[test]
fn what_was_created_is_read_back_with_id_and_version() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let written = doctor.create(&observation(file, "718-7", "7.00"));
    assert_eq!(written.outcome, Outcome::Created);
    assert_eq!(written.location(), format!("Observation/{}/_history/1", written.id));
    let open = doctor.open(file);
    let id = written.id.to_string();
    let read = open.read("Observation", &id).unwrap();
    assert!(read.bytes() == written.stored.unwrap().bytes());
    let text = String::from_utf8(read.bytes().to_vec()).unwrap();
    assert!(text.contains(r#""value":7.00,"#) && text.contains(r#""versionId":"1""#));
    assert!(text.starts_with(&format!(r#"{{"resourceType":"Observation","id":"{id}","#)));
    let patient = open.read("Patient", &file.to_string()).unwrap();
    let mut whole = patient.tree().clone();
    fhir::references::strip_version(&mut whole);
    fhir::references::strip_id(&mut whole);
    assert!(whole == json(PATIENT));
    assert!(open.hidden().is_empty());
}

#[test]
fn missing_foreign_and_misspelt_ids_are_not_there() {
    let world = World::new();
    let doctor = world.doctor();
    let (file, other) = (doctor.patient(), doctor.patient());
    let id = doctor.create(&observation(other, "718-7", "7.0")).id.to_string();
    let open = doctor.open(file);
    for id in [id.as_str(), "", "1", "x-y", &format!("{file}-0000000"), &other.to_string()] {
        assert!(open.read("Observation", id).err() == Some(ReadError::NotThere), "{id}");
        assert!(open.vread("Observation", id, "1").err() == Some(ReadError::NotThere));
        assert!(open.history("Observation", id, page(5)).err() == Some(ReadError::NotThere));
    }
    assert!(open.read("Patient", &other.to_string()).is_err());
    assert!(open.read("Nonsense", &file.to_string()).is_err());
}

#[test]
fn updates_make_versions_and_no_change_makes_none() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let first = doctor.create_in(&observation(file, "718-7", "7.0"), Some(&open));
    let id = first.id.to_string();
    let second = json(&observation(file, "718-7", "7.1"));
    let update = |resource, if_match| records.update(&open, "Observation", &id, resource, if_match);

    let updated = update(second.clone(), Some(record::IfMatch::Version(1))).unwrap();
    assert_eq!((updated.outcome, updated.version), (Outcome::Updated, Some(2)));
    let same = update(second.clone(), None).unwrap();
    assert_eq!((same.outcome, same.version), (Outcome::Unchanged, Some(2)));
    // What was read is sent back as it was: no change either.
    let read = open.read("Observation", &id).unwrap().tree().clone();
    assert_eq!(update(read, None).unwrap().outcome, Outcome::Unchanged);
    assert_eq!(
        update(second.clone(), Some(record::IfMatch::Version(1))).err(),
        Some(WriteError::OtherVersion { current: 2 })
    );

    let deleted =
        records.delete(&open, "Observation", &id, Some(record::IfMatch::Version(2))).unwrap();
    assert_eq!((deleted.outcome, deleted.version), (Outcome::Deleted, Some(3)));
    assert_eq!(open.read("Observation", &id).err(), Some(ReadError::Gone { version: 3 }));
    assert_eq!(open.vread("Observation", &id, "1").unwrap().version(), 1);
    let again = records.delete(&open, "Observation", &id, None).unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged);
    let back = update(second, None).unwrap();
    assert_eq!(back.version, Some(4));

    for open in [&open, &doctor.open(file)] {
        let history = open.history("Observation", &id, page(3)).unwrap();
        let versions: Vec<u32> = history.versions().map(record::Version::version).collect();
        assert_eq!((versions, history.total), (vec![4, 3, 2], Some(4)));
        let rest = Page { from: history.next, count: 3 };
        let rest = open.history("Observation", &id, rest).unwrap();
        assert_eq!((rest.len(), rest.next), (1, None));
        let bundle = json(&String::from_utf8(history.to_bundle(BASE, "self", None)).unwrap());
        let methods: Vec<&str> = bundle
            .get("entry")
            .unwrap()
            .items()
            .iter()
            .map(|entry| entry.get("request").unwrap().text("method").unwrap())
            .collect();
        assert_eq!(methods, ["PUT", "DELETE", "PUT"]);
    }
}

#[test]
fn ids_that_clients_choose_are_refused() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let resource = json(&observation(file, "718-7", "7.0"));
    let chosen = records.update(&open, "Observation", "my-own", resource.clone(), None);
    assert!(matches!(chosen, Err(WriteError::NotServed(_))));
    let next = format!("{file}-000zzzz");
    let chosen = records.update(&open, "Observation", &next, resource.clone(), None);
    assert!(matches!(chosen, Err(WriteError::NotServed(_) | WriteError::NotThere)));
    let free = format!("{file}-0007777");
    let free = records.update(&open, "Observation", &free, resource, None);
    assert_eq!(free.err(), Some(WriteError::NotThere));
}

#[test]
fn a_patch_changes_what_it_says() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let id = file.to_string();
    let patch = json(r#"[{"op":"replace","path":"/birthDate","value":"1970-02-04"}]"#);
    let patched =
        records.patch(&open, "Patient", &id, &patch, Some(record::IfMatch::Version(1))).unwrap();
    assert_eq!((patched.outcome, patched.version), (Outcome::Updated, Some(2)));
    let again = doctor.open(file).read("Patient", &id).unwrap();
    assert_eq!(again.tree().text("birthDate"), Some("1970-02-04"));
    assert_eq!(again.tree().get("telecom").unwrap().items().len(), 1);
    let patch = json(r#"[{"op":"test","path":"/gender","value":"male"}]"#);
    let failed = records.patch(&open, "Patient", &id, &patch, None);
    assert!(matches!(failed, Err(WriteError::Patch(_))));
    let patch = json(r#"[{"op":"replace","path":"/gender","value":"unheard-of"}]"#);
    let failed = records.patch(&open, "Patient", &id, &patch, None);
    assert!(matches!(failed, Err(WriteError::Invalid(_))));
    assert!(matches!(records.delete(&open, "Patient", &id, None), Err(WriteError::NotServed(_))));
}

#[test]
fn conditional_creates_and_updates_find_what_is_there() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let by = doctor.id();
    let code = "code=http://loinc.org|718-7";
    let resource = json(&observation(file, "718-7", "7.0"));
    let create = |open| records.create(by, resource.clone(), Some(code), open);
    assert_eq!(create(None).err(), Some(WriteError::NeedsOpening));
    let first = create(Some(&open)).unwrap();
    assert_eq!(first.outcome, Outcome::Created);
    let second = create(Some(&open)).unwrap();
    assert_eq!((second.outcome, second.id), (Outcome::Existed, first.id));

    let newer = json(&observation(file, "718-7", "7.5"));
    let update =
        |query| records.conditional_update(&open, "Observation", query, newer.clone(), None);
    let updated = update(code).unwrap();
    assert_eq!((updated.outcome, updated.id), (Outcome::Updated, first.id));
    let created = update("code=http://loinc.org|other").unwrap();
    assert_eq!(created.outcome, Outcome::Created);
    assert_eq!(update(code).err(), Some(WriteError::SeveralMatch));
    for no_condition in ["", "nonsense=1", "_count=1", "_sort=date", "_format=json", "_total=none"]
    {
        assert!(matches!(update(no_condition), Err(WriteError::Asked(_))), "{no_condition}");
    }
    let how = "code=http://loinc.org|other&_count=1";
    assert!(matches!(update(how), Err(WriteError::Asked(_))));

    let known = "identifier=urn:oid:1.2.208.176.1.2|0302701234";
    let existed = records.create(by, json(PATIENT), Some(known), None).unwrap();
    assert_eq!((existed.outcome, existed.id.file), (Outcome::Existed, file));
}

#[test]
fn a_write_on_an_outdated_opening_is_stale_until_it_is_renewed() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let id = doctor.create_in(&observation(file, "718-7", "7.0"), Some(&open)).id.to_string();
    // Another server deposits, of which this opening knows nothing.
    let elsewhere = world.another_server();
    let unseen = json(&observation(file, "other", "1"));
    elsewhere.create(doctor.id(), unseen, None, None).unwrap();
    let newer = json(&observation(file, "718-7", "7.1"));
    let update = || records.update(&open, "Observation", &id, newer.clone(), None);
    assert_eq!(update().err(), Some(WriteError::Stale));
    // A deposit that depends on nothing is still possible, and seen.
    doctor.create_in(&observation(file, "third", "1"), Some(&open));
    let all = query("Observation", &[]);
    let directory = records.directory();
    assert_eq!(open.search(&all, page(9), directory).total, Some(2));
    records.renew(&open, doctor.release(file)).unwrap();
    assert_eq!(open.search(&all, page(9), directory).total, Some(3));
    assert_eq!(update().unwrap().outcome, Outcome::Updated);
}

#[test]
fn pages_show_the_file_as_the_first_page_saw_it() {
    let world = World::new();
    let (doctor, directory) = (world.doctor(), world.records().directory());
    let file = doctor.patient();
    let open = doctor.open(file);
    let id = |i: usize| doctor.create_in(&observation(file, &format!("c{i}"), "1"), Some(&open)).id;
    let ids: Vec<_> = (0..5).map(id).collect();
    let all = query("Observation", &[]);
    let first = open.search(&all, page(2), directory);
    assert_eq!((first.len(), first.total), (2, Some(5)));
    world.records().delete(&open, "Observation", &ids[3].to_string(), None).unwrap();
    doctor.create_in(&observation(file, "new", "1"), Some(&open));
    let (mut seen, mut next) = (first.versions().map(|v| v.id()).collect::<Vec<_>>(), first.next);
    while let Some(mark) = next {
        let mark = mark.to_string().parse().unwrap();
        let answer = open.search(&all, Page { from: Some(mark), count: 2 }, directory);
        assert_eq!(answer.total, Some(5));
        seen.extend(answer.versions().map(|v| v.id()));
        next = answer.next;
    }
    assert_eq!(seen, ids);
    assert_eq!(open.search(&all, page(9), directory).total, Some(5));
    let whole = open.everything(&Everything::default(), directory);
    assert_eq!(whole.len(), 6);
    assert_eq!(whole.versions().next().unwrap().resource_type(), "Patient");
}

const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"transaction","entry":[
  {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Organization","name":"Klinik","identifier":
   [{"system":"urn:org","value":"1"}]},"request":{"method":"POST","url":"Organization"}},
  {"fullUrl":"urn:uuid:2","resource":{"resourceType":"PractitionerRole","organization":
   {"reference":"urn:uuid:1"}},"request":{"method":"POST","url":"PractitionerRole"}},
  {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Patient","name":[{"family":"Lund"}],
   "identifier":[{"system":"urn:chart","value":"77"}],"managingOrganization":{"reference":
   "urn:uuid:1"}},"request":{"method":"POST","url":"Patient",
   "ifNoneExist":"identifier=urn:chart|77"}},
  {"fullUrl":"urn:uuid:4","resource":{"resourceType":"Encounter","status":"finished","class":
   {"code":"AMB"},"subject":{"reference":"Patient?identifier=urn:chart|77"},"serviceProvider":
   {"reference":"Organization?identifier=urn:org|1"}},
   "request":{"method":"POST","url":"Encounter"}},
  {"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":
   {"reference":"urn:uuid:3"},"encounter":{"reference":"urn:uuid:4"}},
   "request":{"method":"POST","url":"Observation"}}]}"#;

#[test]
fn a_transaction_links_its_entries_and_reuses_the_directory_and_the_patient() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let run = || {
        let answer = records.bundle(doctor.id(), json(BUNDLE), None).unwrap().text;
        let answer = json(&String::from_utf8(answer).unwrap());
        let entries = answer.get("entry").unwrap().items().to_vec();
        let of = |entry: &fhir::Json, name| {
            entry.get("response").unwrap().text(name).unwrap_or_default().to_owned()
        };
        let location = |entry| of(entry, "location").split("/_history").next().unwrap().to_owned();
        let locations: Vec<String> = entries.iter().map(location).collect();
        (entries.iter().map(|entry| of(entry, "status")).collect::<Vec<_>>(), locations)
    };
    let (statuses, first) = run();
    assert!(statuses.iter().all(|status| status == "201 Created"), "{statuses:?}");
    let file = first[2].strip_prefix("Patient/").unwrap().parse().unwrap();
    let open = doctor.open(file);
    let observation = open.search(&query("Observation", &[]), page(9), records.directory());
    let tree = observation.versions().next().unwrap().tree().clone();
    assert_eq!(tree.get("encounter").unwrap().text("reference"), Some(first[3].as_str()));
    assert_eq!(tree.get("subject").unwrap().text("reference"), Some(first[2].as_str()));
    let search = query("Encounter", &[("_include", "Encounter:service-provider")]);
    let found = open.search(&search, page(9), records.directory());
    let types: Vec<&str> = found.versions().map(|v| v.resource_type()).collect();
    assert_eq!(types, ["Encounter", "Organization"]);
    let search = query("Encounter", &[("_revinclude", "Observation:encounter")]);
    assert_eq!(open.search(&search, page(9), records.directory()).len(), 2);
    let everything = open.everything(&Everything::default(), records.directory());
    assert!(everything.versions().any(|v| v.resource_type() == "Organization"));

    let (statuses, second) = run();
    assert_eq!(statuses[..3], ["200 OK", "200 OK", "200 OK"]);
    assert_eq!(first[..3], second[..3]);
    assert!(first[3] != second[3]);
    let roles = records.directory().search(&query("PractitionerRole", &[]), page(9));
    assert_eq!(roles.total, Some(1));
    // Another server finds the same entries in the store.
    let elsewhere = world.another_server();
    assert_eq!(elsewhere.directory().search(&query("Organization", &[]), page(9)).total, Some(1));
}

#[test]
fn a_transaction_is_refused_as_a_whole() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let by = doctor.id();
    let file = doctor.patient();
    let other = doctor.patient();
    let post = |resource: &str, name: &str| {
        format!(r#"{{"resource":{resource},"request":{{"method":"POST","url":"{name}"}}}}"#)
    };
    let bundle = |entries: &[String]| {
        let entries = entries.join(",");
        json(&format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}"#))
    };
    let good = post(&observation(file, "a", "1"), "Observation");
    let foreign = post(&observation(other, "a", "1"), "Observation");
    let invalid = post(r#"{"resourceType":"Observation","status":"final"}"#, "Observation");
    let dangling = good.replace(&format!("Patient/{file}"), "urn:uuid:5");
    let patient = post(PATIENT, "Patient");
    for (entries, wants_issues) in [
        (vec![good.clone(), foreign], false),
        (vec![good.clone(), invalid], true),
        (vec![patient.clone(), dangling], true),
        (vec![patient.clone(), patient.clone()], false),
        (vec![patient, good.clone()], false),
    ] {
        match records.bundle(by, bundle(&entries), None) {
            Err(WriteError::Invalid(issues)) => assert!(wants_issues && !issues.is_empty()),
            Err(WriteError::Asked(_)) => assert!(!wants_issues),
            other => panic!("{:?}", other.err()),
        }
    }
    let update = format!(
        r#"{{"resource":{},"request":{{"method":"PUT","url":"Patient/{file}"}}}}"#,
        PATIENT.replacen('{', &format!(r#"{{"id":"{file}","#), 1)
    );
    let both = bundle(&[good.clone(), update.replace("1970-02-03", "1971-02-03")]);
    assert_eq!(records.bundle(by, both.clone(), None).err(), Some(WriteError::NeedsOpening));
    let open = doctor.open(file);
    assert_eq!(open.search(&query("Observation", &[]), page(9), records.directory()).len(), 0);
    records.bundle(by, both, Some(&open)).unwrap();
    let open = doctor.open(file);
    let patient = open.read("Patient", &file.to_string()).unwrap();
    assert_eq!((patient.version(), patient.tree().text("birthDate")), (2, Some("1971-02-03")));
    assert_eq!(open.search(&query("Observation", &[]), page(9), records.directory()).len(), 1);
    let delete = r#"{"request":{"method":"DELETE","url":"Observation/ID"}}"#;
    let id = open.search(&query("Observation", &[]), page(9), records.directory());
    let id = id.versions().next().unwrap().id().to_string();
    let delete = delete.replace("ID", &id);
    let twice = bundle(&[delete.clone(), delete.clone()]);
    assert!(matches!(records.bundle(by, twice, Some(&open)), Err(WriteError::Conflict(_))));
    records.bundle(by, bundle(&[delete]), Some(&open)).unwrap();
    assert!(matches!(open.read("Observation", &id), Err(ReadError::Gone { version: 2 })));
}

#[test]
fn a_batch_answers_each_entry_by_itself() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let good = observation(file, "a", "1");
    let batch = json(&format!(
        r#"{{"resourceType":"Bundle","type":"batch","entry":[
        {{"resource":{good},"request":{{"method":"POST","url":"Observation"}}}},
        {{"resource":{{"resourceType":"Observation"}},
         "request":{{"method":"POST","url":"Observation"}}}},
        {{"request":{{"method":"GET","url":"Patient/{file}"}}}},
        {{"request":{{"method":"GET","url":"Observation?code=a"}}}},
        {{"request":{{"method":"GET","url":"Observation/{file}-0000001"}}}}]}}"#
    ));
    let answer = records.bundle(doctor.id(), batch, Some(&open)).unwrap().text;
    let answer = json(&String::from_utf8(answer).unwrap());
    let statuses: Vec<&str> = answer
        .get("entry")
        .unwrap()
        .items()
        .iter()
        .map(|entry| &entry.get("response").unwrap().text("status").unwrap()[..3])
        .collect();
    assert_eq!(statuses, ["201", "422", "200", "200", "404"]);
    let found = answer.get("entry").unwrap().items()[3].get("resource").unwrap();
    assert_eq!(found.get("total").unwrap().to_text(), "1");
}
