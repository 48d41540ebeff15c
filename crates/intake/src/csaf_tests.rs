//! Advisories against the mandatory fields of the schema, the profile and the mandatory tests of
//! CSAF 2.0 that a document of ours could break.

use super::*;

pub(crate) const PUBLISHER: Publisher<'_> = Publisher {
    name: "Practice North",
    namespace: "https://north.example",
    contact: "https://north.example/report",
};

pub(crate) fn facts() -> Facts {
    Facts {
        id: "North: 2026/001".into(),
        title: "A flaw".into(),
        summary: "A summary.".into(),
        details: "The details.".into(),
        publisher_category: "user".into(),
        tlp: "WHITE".into(),
        status: "final".into(),
        vendor: "Vendor".into(),
        product: "Product".into(),
        affected: vec!["1.0".into(), "1.1".into()],
        fixed: vec!["1.2".into()],
        remediation_category: "vendor_fix".into(),
        remediation: "Install 1.2.".into(),
        cve: "CVE-2026-12345".into(),
        cwe: "CWE-639".into(),
        cwe_name: "Authorization Bypass Through User-Controlled Key".into(),
        thanks_to: vec!["A finder".into()],
        revision: ["2026-11-26T12:00:00Z", "2026-11-27T12:00:00Z"]
            .map(|date| Revision { date: date.into(), summary: "changed".into() })
            .into(),
    }
}

/// `required` of csaf_json_schema.json, and section 4.4.
const MANDATORY: [&str; 21] = [
    "/document/category",
    "/document/csaf_version",
    "/document/publisher/category",
    "/document/publisher/name",
    "/document/publisher/namespace",
    "/document/title",
    "/document/tracking/id",
    "/document/tracking/status",
    "/document/tracking/version",
    "/document/tracking/current_release_date",
    "/document/tracking/initial_release_date",
    "/document/tracking/revision_history/0/date",
    "/document/tracking/revision_history/0/number",
    "/document/tracking/revision_history/0/summary",
    "/document/tracking/generator/engine/name",
    "/document/notes/0/category",
    "/document/notes/0/text",
    "/product_tree/branches/0/branches/0/branches/0/product/product_id",
    "/vulnerabilities/0/notes/0/category",
    "/vulnerabilities/0/notes/0/text",
    "/vulnerabilities/0/product_status/known_affected/0",
];

#[test]
fn every_mandatory_field_is_there_and_says_something() {
    let facts = facts();
    assert_eq!(facts.missing(&PUBLISHER), Vec::<String>::new());
    let advisory = facts.advisory(&PUBLISHER);
    for pointer in MANDATORY {
        let text = advisory.pointer(pointer).and_then(Value::as_str);
        assert!(text.is_some_and(|text| !text.is_empty()), "{pointer}: {text:?}");
    }
    assert_eq!(advisory["document"]["category"], "csaf_security_advisory");
    assert_eq!(advisory["document"]["csaf_version"], "2.0");
}

#[test]
fn the_mandatory_tests_hold() {
    let advisory = facts().advisory(&PUBLISHER);
    let tracking = &advisory["document"]["tracking"];
    // 6.1.14, 6.1.16, 6.1.21: the history is sorted, complete, and ends in the version.
    let history = tracking["revision_history"].as_array().unwrap();
    let numbers: Vec<_> = history.iter().map(|r| r["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["1", "2"]);
    assert_eq!(tracking["version"], "2");
    assert_eq!(tracking["current_release_date"], history[1]["date"]);
    // 6.1.1, 6.1.2, 6.1.6: each product is defined once and has one status.
    let versions = &advisory["product_tree"]["branches"][0]["branches"][0]["branches"];
    let defined: Vec<_> = versions.as_array().unwrap().iter().collect();
    let defined: Vec<_> = defined.iter().map(|v| &v["product"]["product_id"]).collect();
    let status = &advisory["vulnerabilities"][0]["product_status"];
    let of = |name: &str| status[name].as_array().unwrap().iter().collect::<Vec<_>>();
    assert_eq!([of("known_affected"), of("fixed")].concat(), defined);
    // 6.2.2: each affected product has a remediation.
    let remedied = &advisory["vulnerabilities"][0]["remediations"][0]["product_ids"];
    assert_eq!(remedied, &status["known_affected"]);
}

#[test]
fn what_does_not_apply_is_left_out_and_what_is_missing_is_asked_for() {
    let mut facts = facts();
    facts.fixed.clear();
    facts.thanks_to.clear();
    (facts.cve, facts.cwe, facts.cwe_name) = Default::default();
    assert!(facts.missing(&PUBLISHER).is_empty());
    let text = facts.advisory(&PUBLISHER).to_string();
    for absent in ["cve", "cwe", "fixed\"", "acknowledgments", "null", "\"\""] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    let missing = Facts::default().missing(&Publisher { name: "", namespace: "", contact: "" });
    for field in [
        "id",
        "title",
        "summary",
        "details",
        "vendor",
        "product",
        "remediation",
        "tlp",
        "status",
        "publisher_category",
        "remediation_category",
        "affected",
        "revision",
        "disclosure_organisation",
        "disclosure_namespace",
    ] {
        assert!(missing.iter().any(|line| line.starts_with(field)), "{field} in {missing:?}");
    }
}

type Change = fn(&mut Facts);

#[test]
fn wrong_facts_are_named() {
    let wrong: [(&str, Change); 9] = [
        ("cwe", |f| f.cwe = "CWE-0639".into()),
        ("id", |f| f.id = " a".into()),
        ("cwe", |f| f.cwe_name.clear()),
        ("cwe", |f| f.cwe = "639".into()),
        ("cve", |f| f.cve = "CVE-26-1".into()),
        ("affected", |f| f.fixed = vec!["1.0".into()]),
        ("revision", |f| f.revision.reverse()),
        ("revision", |f| f.revision[0].date = "yesterday".into()),
        ("tlp", |f| f.tlp = "CLEAR".into()),
    ];
    for (field, change) in wrong {
        let mut facts = facts();
        change(&mut facts);
        let missing = facts.missing(&PUBLISHER);
        assert!(missing.len() == 1 && missing[0].starts_with(field), "{field}: {missing:?}");
    }
    assert_eq!(facts().file_name(), "north_2026_001.json");
}
