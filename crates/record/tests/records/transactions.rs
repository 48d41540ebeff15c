//! Transactions whose entries overlap, batches in a failing world, searches inside a Bundle.

use crate::world::{BASE, World, json, observation, page, query};
use fhir::Json;
use record::{OpenFile, WriteError};
use terms::FileId;

#[test]
fn two_entries_that_change_one_resource_are_refused_however_they_name_it() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let id = doctor.create(&observation(file, "718-7", "7.0")).id.to_string();
    let open = doctor.open(file);
    let by_code = put(file, "?code=718-7", "8.0");
    let by_other_query = put(file, &format!("?_id={id}"), "9.0");
    let by_id = put_id(file, &id, "10.0");
    let delete = entry("DELETE", &format!("Observation/{id}"), None);
    let organization = r#"{"resourceType":"Organization","name":"Never kept"}"#;
    let organization = entry("POST", "Organization", Some(organization));
    for (one, other) in [
        (&by_code, &by_code),
        (&by_code, &by_other_query),
        (&by_code, &by_id),
        (&by_id, &by_code),
        (&by_code, &delete),
        (&by_id, &delete),
        (&by_id, &by_id),
    ] {
        let sent = bundle("transaction", &[&organization, one, other]);
        let refused = world.records().bundle(doctor.id(), sent, Some(&open));
        assert!(matches!(refused, Err(WriteError::Conflict(_))), "{one} {other}");
        let history = doctor.open(file).history("Observation", &id, page(9)).unwrap();
        assert_eq!(history.total, Some(1));
    }
    let kept = world.records().directory().search(&query("Organization", &[]), page(9));
    assert_eq!(kept.total, Some(0));
    let alone = bundle("transaction", &[&by_code]);
    world.records().bundle(doctor.id(), alone, Some(&open)).unwrap();
    assert_eq!(doctor.open(file).read("Observation", &id).unwrap().version(), 2);
}

#[test]
fn a_conditional_update_in_a_transaction_creates_where_nothing_matches() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let open = doctor.open(file);
    let records = world.records();
    let run = |entries: &[&str]| {
        let sent = bundle("transaction", entries);
        records.bundle(doctor.id(), sent, Some(&open)).map(|answer| statuses(&answer.text))
    };
    let new = put(file, "?code=718-7", "8.0").replacen('{', r#"{"fullUrl":"urn:uuid:1","#, 1);
    let refers = observation(file, "other", "1").replacen(
        r#""status""#,
        r#""derivedFrom":[{"reference":"urn:uuid:1"}],"status""#,
        1,
    );
    let refers = entry("POST", "Observation", Some(&refers));
    assert_eq!(run(&[&refers, &new]).unwrap(), ["201", "201"]);
    let id = only(&world, &open, "718-7");
    let other = open.read("Observation", &only(&world, &open, "other")).unwrap();
    let derived = other.tree().get("derivedFrom").unwrap().items()[0].clone();
    assert_eq!(derived.text("reference"), Some(format!("Observation/{id}").as_str()));
    assert_eq!(run(&[&new.replace("8.0", "9.0")]).unwrap(), ["200"]);
    assert_eq!(open.read("Observation", &id).unwrap().version(), 2);

    let twice = put(file, "?code=new", "1");
    assert!(matches!(run(&[&twice, &twice]), Err(WriteError::Conflict(_))));
    let named = put_id(file, "chosen", "1").replace("Observation/chosen", "Observation?code=new");
    assert!(matches!(run(&[&named]), Err(WriteError::NotServed(_))));
    let misnamed = named.replace("code=new", "code=718-7");
    assert!(matches!(run(&[&misnamed]), Err(WriteError::Invalid(_))));
    let organization = r#"{"resourceType":"Organization","name":"Somebody else's"}"#;
    let organization = entry("PUT", "Organization?name=Somebody", Some(organization));
    assert!(matches!(run(&[&organization]), Err(WriteError::NotServed(_))));
}

#[test]
fn two_creates_on_one_condition_make_no_two_resources() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let open = doctor.open(file);
    let run = |entries: &[&str]| {
        let sent = bundle("transaction", entries);
        let answer = world.records().bundle(doctor.id(), sent, Some(&open));
        answer.map(|answer| statuses(&answer.text))
    };
    let create = |name: &str, resource: &str, condition: &str| {
        let url = format!(r#""url":"{name}""#);
        let with = format!(r#"{url},"ifNoneExist":"{condition}""#);
        entry("POST", name, Some(resource)).replacen(&url, &with, 1)
    };
    let result = observation(file, "718-7", "1");
    let one = create("Observation", &result, "code=http://loinc.org|718-7");
    let same = create("Observation", &result, "?code=http:%2F%2Floinc.org%7C718-7");
    let update = put(file, "?code=http://loinc.org|718-7", "2");
    let organization = |name: &str| {
        let resource = format!(
            r#"{{"resourceType":"Organization","name":"{name}",
            "identifier":[{{"system":"urn:x","value":"1"}}]}}"#
        );
        create("Organization", &resource, "identifier=urn:x|1")
    };
    let (here, there) = (organization("Here"), organization("There"));
    for entries in [[&one, &same], [&one, &update], [&update, &one], [&here, &there]] {
        let refused = run(&[&organization("First").replace("x|1", "x|2"), entries[0], entries[1]]);
        assert!(matches!(refused, Err(WriteError::Conflict(_))), "{refused:?}");
    }
    let kept = world.records().directory().search(&query("Organization", &[]), page(9));
    assert_eq!(kept.total, Some(0));
    let results = open.search(&query("Observation", &[]), page(9), world.records().directory());
    assert_eq!(results.total, Some(0));
    assert_eq!(run(&[&one, &here]).unwrap(), ["201", "201"]);
    // What is there already is found as often as it is asked for.
    assert_eq!(run(&[&one, &same, &here, &there]).unwrap(), ["200"; 4]);
}

#[test]
fn a_search_inside_a_bundle_links_to_what_does_not_fit() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let open = doctor.open(file);
    let post = entry("POST", "Observation", Some(&observation(file, "718-7", "1")));
    let posts = vec![post.as_str(); 103];
    world.records().bundle(doctor.id(), bundle("transaction", &posts), Some(&open)).unwrap();
    let search = |url: &str| {
        let sent = bundle("batch", &[&entry("GET", url, None)]);
        let answer = world.records().bundle(doctor.id(), sent, Some(&open)).unwrap();
        entries(&answer.text)[0].get("resource").unwrap().clone()
    };
    let next = |found: &Json| {
        let links = found.get("link").unwrap().items();
        let next = links.iter().find(|link| link.text("relation") == Some("next"));
        next.map(|link| link.text("url").unwrap().to_owned())
    };
    let found = search("Observation?code=http%3A%2F%2Floinc.org%7C718-7&_count=1000");
    assert_eq!(found.get("entry").unwrap().items().len(), 100);
    let segments = open.search(&query("Observation", &[]), page(1), world.records().directory());
    let mark = segments.next.unwrap().segments;
    let expected = format!(
        "{BASE}/Patient/{file}/Observation?code=http%3A%2F%2Floinc.org%7C718-7&_count=100&\
         _page={mark}.100"
    );
    assert_eq!(next(&found), Some(expected));
    assert_eq!(next(&search("Observation?code=other")), None);
    assert_eq!(next(&search("Observation?_count=0")), None);
}

#[test]
fn a_read_inside_a_bundle_is_held_to_what_it_asks_for_as_by_itself() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let id = doctor.create(&observation(file, "718-7", "7.0")).id;
    let open = doctor.open(file);
    let read = |kind: &str, url: &str, known: &str| {
        let known = format!(r#""method":"GET","ifNoneMatch":{},"#, Json::from(known).to_text());
        let entry = entry("GET", url, None).replace(r#""method":"GET","#, &known);
        let sent = bundle(kind, &[&entry]);
        let answer = world.records().bundle(doctor.id(), sent, Some(&open))?;
        Ok::<_, WriteError>(entries(&answer.text)[0].clone())
    };
    let status = |entry: &Json| entry.get("response").unwrap().text("status").unwrap().to_owned();
    let url = format!("Observation/{id}");
    for (kind, version) in [("batch", ""), ("transaction", ""), ("batch", "/_history/1")] {
        let part = read(kind, &format!("{url}{version}?_elements=code&_format=json"), "").unwrap();
        let part = part.get("resource").unwrap();
        assert!(part.get("code").is_some() && part.get("subject").is_none(), "{kind}");
        assert!(part.to_text().contains("SUBSETTED"), "{kind}");
        let known = read(kind, &format!("{url}{version}"), r#"W/"7", W/"1""#).unwrap();
        assert_eq!(status(&known), "304 Not Modified", "{kind}");
        assert!(known.get("resource").is_none() && known.get("fullUrl").is_none(), "{kind}");
        let other = read(kind, &format!("{url}{version}"), r#"W/"2""#).unwrap();
        assert_eq!(status(&other), "200 OK", "{kind}");
        assert!(other.get("resource").unwrap().get("subject").is_some(), "{kind}");
    }
    let unknown = read("batch", &format!("{url}?foo=bar"), "").unwrap();
    assert_eq!(status(&unknown), "400 Bad Request");
    assert!(matches!(
        read("transaction", &format!("{url}?foo=bar"), ""),
        Err(WriteError::Asked(_))
    ));
}

#[test]
fn a_transaction_whose_read_cannot_be_answered_stores_nothing() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let id = doctor.create(&observation(file, "718-7", "7.0")).id;
    let open = doctor.open(file);
    let post = entry("POST", "Observation", Some(&observation(file, "other", "1")));
    let run = |entries: &[&str]| {
        let sent = bundle("transaction", entries);
        world.records().bundle(doctor.id(), sent, Some(&open))
    };
    let missing = format!("Observation/{file}-7777777");
    let nonsense = format!("Observation/{id}?foo=bar");
    for url in [missing.as_str(), &nonsense, "Observation?foo=bar", "Nonsense/x"] {
        assert!(run(&[&post, &entry("GET", url, None)]).is_err(), "{url}");
        let coded = query("Observation", &[("code", "other")]);
        let found = open.search(&coded, page(9), world.records().directory());
        assert_eq!(found.len(), 0, "{url}");
    }
    let url = format!("Observation/{id}");
    let answer = run(&[&entry("DELETE", &url, None), &entry("GET", &url, None)]).unwrap();
    assert_eq!(statuses(&answer.text), ["204", "410"]);
}

/// The one Observation with this code.
fn only(world: &World, open: &OpenFile, code: &str) -> String {
    let coded = query("Observation", &[("code", code)]);
    let found = open.search(&coded, page(9), world.records().directory());
    assert_eq!(found.len(), 1);
    found.versions().next().unwrap().id().to_string()
}

fn put(file: FileId, address: &str, value: &str) -> String {
    entry("PUT", &format!("Observation{address}"), Some(&observation(file, "718-7", value)))
}

fn put_id(file: FileId, id: &str, value: &str) -> String {
    let resource = observation(file, "718-7", value);
    let resource = resource.replacen('{', &format!(r#"{{"id":"{id}","#), 1);
    entry("PUT", &format!("Observation/{id}"), Some(&resource))
}

fn entry(method: &str, url: &str, resource: Option<&str>) -> String {
    let resource = resource.map(|resource| format!(r#""resource":{resource},"#));
    let resource = resource.unwrap_or_default();
    format!(r#"{{{resource}"request":{{"method":"{method}","url":"{url}"}}}}"#)
}

fn bundle(kind: &str, entries: &[&str]) -> Json {
    let entries = entries.join(",");
    json(&format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{entries}]}}"#))
}

fn entries(answer: &[u8]) -> Vec<Json> {
    let answer = json(str::from_utf8(answer).unwrap());
    answer.get("entry").unwrap().items().to_vec()
}

fn statuses(answer: &[u8]) -> Vec<String> {
    let status = |entry: &Json| entry.get("response").unwrap().text("status").unwrap()[..3].into();
    entries(answer).iter().map(status).collect()
}
