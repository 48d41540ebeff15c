//! Views of a ledger that is longer than one page may take.

use crate::rig::Rig;
use std::time::Duration;

#[test]
fn a_long_ledger_is_told_in_pages_and_a_report_that_finds_nothing_says_how_far_it_is() {
    let rig = Rig::start(|bounds| {
        (bounds.ledger_page, bounds.report_quiet) = (Duration::ZERO, Duration::ZERO);
    });
    let mut client = rig.connect();
    let (doctor, officer) = (rig.sign_in("doctor"), rig.sign_in("officer"));
    let first = format!("/fhir/{}", rig.patient(&mut client, &doctor, "First"));
    for _ in 0..1050 {
        let again = [("Cache-Control", "no-cache")];
        assert_eq!(rig.ask(&mut client, &doctor, "GET", &first, &again, b"").status, 200);
    }
    let id = first.strip_prefix("/fhir/Patient/").unwrap();
    let mut next = Some(format!("/fhir/AuditEvent?patient={id}"));
    let mut pages = Vec::new();
    while let Some(path) = next {
        let page = rig.ask(&mut client, &officer, "GET", &path, &[], b"");
        assert_eq!(page.status, 200);
        let page = page.json();
        pages.push(page["entry"].as_array().map_or(0, Vec::len));
        let links = page["link"].as_array().unwrap();
        let link = links.iter().find(|link| link["relation"] == "next");
        next = link.map(|link| link["url"].as_str().unwrap().replace(&rig.origin, ""));
    }
    assert!(pages.iter().all(|events| *events <= 100) && pages.len() > 10, "{pages:?}");
    assert_eq!(pages.iter().sum::<usize>(), 1051, "the deposit and every opening, once");
    // Nothing that this card did, so all of it is read, in more than one go.
    let idle = rig.card("nurse").identity().card;
    let question = format!(r#"{{"card":"{idle}"}}"#);
    let json = [("Content-Type", "application/json")];
    let path = "/reports/who-opened";
    let told = rig.ask(&mut client, &officer, "POST", path, &json, question.as_bytes());
    let told = String::from_utf8(told.body).unwrap();
    let kinds: Vec<&str> = told.lines().map(|line| line.split('"').nth(1).unwrap()).collect();
    assert_eq!(kinds, ["read", "read", "checkpoint"]);
}
