//! Queries: what is refused, which patient is named, order, includes, shape, the index.

use super::{query, read};
use fhir::definitions::{resource_types, search_parameters};
use fhir::search::{NamedPatient, Total, served_parameters};
use fhir::subset::Subset;
use fhir::{Index, Json, SearchError};

#[test]
fn what_cannot_be_understood_is_refused() {
    let name = |name: &str| name.to_string();
    let bad = |n: &str| SearchError::BadValue { name: name(n) };
    let chained = |n: &str| SearchError::Chained { name: name(n) };
    let modifier = |n: &str| SearchError::UnsupportedModifier { name: name(n) };
    let served = |n: &str| SearchError::NotServed { name: name(n) };
    let unknown =
        |resource_type, n: &str| SearchError::UnknownParameter { resource_type, name: name(n) };
    for (search, expected) in [
        ("Nobody", SearchError::UnknownType),
        ("HumanName", SearchError::UnknownType),
        ("Patient?nonsense=1", unknown("Patient", "nonsense")),
        ("Patient?Name=x", unknown("Patient", "Name")),
        ("Patient?code=x", unknown("Patient", "code")),
        ("Patient?x<script>=1", unknown("Patient", "xscript")),
        ("Patient?general-practitioner.name=x", chained("general-practitioner.name")),
        ("Observation?subject:Patient.name=x", chained("subject:Patient.name")),
        ("Patient?_has:Observation:patient:code=1", chained("_has:Observation:patient:code")),
        ("Patient?_text=x", served("_text")),
        ("Patient?_filter=x", served("_filter")),
        ("Location?near=1|1", served("near")),
        (
            "MolecularSequence?chromosome-variant-coordinate=1$2$3",
            served("chromosome-variant-coordinate"),
        ),
        ("Patient?name:below=x", modifier("name")),
        ("Patient?gender:in=x", modifier("gender")),
        ("Patient?birthdate:exact=2020", modifier("birthdate")),
        ("Observation?code:above=x", modifier("code")),
        ("Observation?subject:Nobody=x", modifier("subject")),
        ("Observation?_include:iterate=Observation:subject", modifier("_include:iterate")),
        ("Patient?birthdate=x", bad("birthdate")),
        ("Patient?birthdate=xx2020", bad("birthdate")),
        ("Patient?birthdate=", bad("birthdate")),
        ("Patient?birthdate=2020,", bad("birthdate")),
        ("Patient?name=", bad("name")),
        ("Patient?name=a\\b", bad("name")),
        ("Patient?gender=", bad("gender")),
        ("Patient?gender=|", bad("gender")),
        ("Patient?identifier=a|b|c", bad("identifier")),
        ("Patient?identifier:of-type=a|b", bad("identifier:of-type")),
        ("Patient?name:missing=perhaps", bad("name:missing")),
        ("Observation?value-quantity=x", bad("value-quantity")),
        ("Observation?value-quantity=1|x", bad("value-quantity")),
        ("Observation?value-quantity=1e9999", bad("value-quantity")),
        ("Observation?code-value-quantity=w", bad("code-value-quantity")),
        ("Observation?subject=a/b/c", bad("subject")),
        ("Observation?subject:Group=Patient/1", bad("subject:Group")),
        ("Observation?_sort=nonsense", bad("_sort")),
        ("Observation?_sort=code-value-quantity", bad("_sort")),
        ("Observation?_sort=", bad("_sort")),
        ("Observation?_count=-1", bad("_count")),
        ("Observation?_count=+1", bad("_count")),
        ("Observation?_count=1&_count=2", bad("_count")),
        ("Observation?_total=all", bad("_total")),
        ("Observation?_summary=yes", bad("_summary")),
        ("Observation?_elements=nonsense", bad("_elements")),
        ("Observation?_summary=true&_elements=code", bad("_elements")),
        ("Observation?_include=Observation:nonsense", bad("_include")),
        ("Observation?_include=Observation:code", bad("_include")),
        ("Observation?_include=Condition:subject", bad("_include")),
        ("Observation?_include=Observation:subject:Nobody", bad("_include")),
        ("Observation?_revinclude=*", bad("_revinclude")),
        ("Observation?_revinclude=Provenance", bad("_revinclude")),
    ] {
        assert_eq!(query(search).err(), Some(expected), "{search}");
    }
    let many = format!("Patient?name={}", "a,".repeat(600));
    assert_eq!(query(&many).err(), Some(SearchError::TooMany));
    let many = format!("Patient?{}", "name=a&".repeat(100));
    assert_eq!(query(&many).err(), Some(SearchError::TooMany));
    let error = query("Patient?name:nonsense=Jensen").err().unwrap();
    assert!(!format!("{error} {error:?}").contains("Jensen"));
}

#[test]
fn what_is_served_is_what_is_defined_but_for_a_few() {
    let missing = |name: &str| -> Vec<&str> {
        let served: Vec<_> = served_parameters(name).map(|p| p.name).collect();
        let defined = search_parameters(name).iter().map(|p| p.name);
        defined.filter(|name| !served.contains(name)).collect()
    };
    let all: Vec<_> = resource_types().iter().flat_map(|name| missing(name)).collect();
    let expected = ["near", "chromosome-variant-coordinate", "referenceseqid-variant-coordinate"];
    assert_eq!(all, expected);
}

#[test]
fn the_patient_of_a_query_is_named() {
    for (search, expected) in [
        ("Observation?patient=23", NamedPatient::One("23")),
        ("Observation?subject=Patient/23&code=x", NamedPatient::One("23")),
        ("Observation?subject:Patient=23", NamedPatient::One("23")),
        ("Observation?patient=23&subject=Patient/23", NamedPatient::One("23")),
        ("Observation?patient=https://here.example/fhir/Patient/23", NamedPatient::One("23")),
        ("Coverage?beneficiary=23", NamedPatient::One("23")),
        ("Patient?_id=23", NamedPatient::One("23")),
        ("Observation?code=x", NamedPatient::Nobody),
        ("Observation?_id=23", NamedPatient::Nobody),
        ("Observation?performer=Patient/23", NamedPatient::Nobody),
        ("Observation?patient:missing=false", NamedPatient::Nobody),
        ("Patient?name=a", NamedPatient::Nobody),
        ("Observation?patient=23,24", NamedPatient::Unclear),
        ("Observation?patient=23&patient=24", NamedPatient::Unclear),
        ("Observation?subject=Group/1", NamedPatient::Unclear),
        ("Observation?patient:identifier=http://cpr|1", NamedPatient::Unclear),
        ("Observation?patient=https://there.example/Patient/23", NamedPatient::Unclear),
        ("Patient?_id=1,2", NamedPatient::Unclear),
        ("Patient?_id:not=1", NamedPatient::Unclear),
    ] {
        assert!(query(search).unwrap().named_patient() == expected, "{search}");
    }
}

#[test]
fn results_are_sorted_as_asked() {
    let observations = [
        r#"{"resourceType":"Observation","id":"a","effectiveDateTime":"2020-01-02",
        "valueQuantity":{"value":10}}"#,
        r#"{"resourceType":"Observation","id":"b","effectiveDateTime":"2020-01-01",
        "valueQuantity":{"value":9.5}}"#,
        r#"{"resourceType":"Observation","id":"c","valueQuantity":{"value":1e1}}"#,
        r#"{"resourceType":"Observation","id":"d",
        "effectivePeriod":{"start":"2019","end":"2021"}}"#,
    ]
    .map(read);
    let order = |sort: &str| {
        let query = query(&format!("Observation?_sort={sort}")).unwrap();
        assert!(query.is_sorted());
        let mut keyed: Vec<_> = observations.iter().map(|o| (query.sort_keys(o), o)).collect();
        keyed.sort_by(|a, b| query.compare(&a.0, &b.0));
        keyed.iter().map(|(_, o)| o.id().unwrap()).collect::<String>()
    };
    assert_eq!(order("date"), "dbac");
    assert_eq!(order("-date"), "dabc");
    assert_eq!(order("_id"), "abcd");
    assert_eq!(order("-_id"), "dcba");
    assert_eq!(order("value-quantity,-_id"), "bcad");
    assert_eq!(order("-value-quantity,date"), "acbd");
}

#[test]
fn includes_follow_their_parameter() {
    let request = read(
        r##"{"resourceType":"MedicationRequest","subject":{"reference":"Patient/1"},
        "requester":{"reference":"Practitioner/2"},"encounter":{"reference":"Encounter/3"},
        "medicationReference":{"reference":"#m"}}"##,
    );
    let references = |include: &str| {
        let query = query(&format!("MedicationRequest?_include={include}")).unwrap();
        query.includes()[0].references(&request).join(" ")
    };
    assert_eq!(references("MedicationRequest:requester"), "Practitioner/2");
    assert_eq!(references("MedicationRequest:requester:Practitioner"), "Practitioner/2");
    assert_eq!(references("MedicationRequest:requester:Organization"), "");
    assert_eq!(references("MedicationRequest:medication"), "");
    assert_eq!(references("*"), "Encounter/3 Patient/1 Practitioner/2");
    assert_eq!(references("MedicationRequest:*:Encounter"), "Encounter/3");
    let reverse = query("Encounter?_revinclude=MedicationRequest:encounter").unwrap();
    assert_eq!(reverse.revincludes()[0].source, "MedicationRequest");
    assert_eq!(reverse.revincludes()[0].references(&request), ["Encounter/3"]);
    assert!(reverse.revincludes()[0].references(&read(r#"{"resourceType":"Basic"}"#)).is_empty());
}

#[test]
fn answers_are_shaped_as_asked() {
    let asked = query("Observation?_count=5&_total=accurate&_elements=code,subject&_format=json");
    let asked = asked.unwrap();
    assert_eq!((asked.count(), asked.total()), (Some(5), Some(Total::Accurate)));
    let elements = ["code", "subject"].map(str::to_string).to_vec();
    assert_eq!(*asked.subset(), Subset::Elements(elements));
    assert_eq!(*query("Observation?_count=0").unwrap().subset(), Subset::Count);
    assert_eq!(*query("Observation?_summary=true").unwrap().subset(), Subset::Summary);
    // In any order.
    for pair in ["_count=0&_summary=true", "_summary=true&_count=0"] {
        let query = query(&format!("Observation?{pair}")).unwrap();
        assert_eq!(*query.subset(), Subset::Count, "{pair}");
    }
    for pair in ["_elements=code&_summary=false", "_summary=false&_elements=code"] {
        let query = query(&format!("Observation?{pair}")).unwrap();
        assert!(matches!(query.subset(), Subset::Elements(_)), "{pair}");
    }
    assert!(!query("Observation").unwrap().is_sorted());
}

#[test]
fn an_index_finds_what_a_scan_finds() {
    let observation = |i: usize| {
        read(&format!(
            r#"{{"resourceType":"Observation","id":"o{i}","status":"final",
            "code":{{"coding":[{{"system":"http://l","code":"C{}"}},{{"code":"all"}}]}},
            "subject":{{"reference":"{}Patient/1"}},"encounter":{{"reference":"Encounter/{}"}}}}"#,
            i % 7,
            if i.is_multiple_of(2) { "" } else { "https://here.example/fhir/" },
            i % 11,
        ))
    };
    let resources: Vec<Json> = (0..200).map(observation).collect();
    let mut index = Index::new();
    for search in [
        "code=c3",
        "code=http://l|C3,all",
        "code=all&encounter=5",
        "code=http://l|",
        "code:not=C3",
        "encounter=5,6",
        "encounter=Encounter/5&patient=1",
        "patient=https://here.example/fhir/Patient/1",
        "_id=o17",
        "_id=O17",
        "code=nothing",
        "code:text=x",
        "status=final&code=C0",
    ] {
        let query = query(&format!("Observation?{search}")).unwrap();
        let scan: Vec<u32> =
            (0..200).filter(|at| query.matches(&resources[*at as usize])).collect();
        for _ in 0..2 {
            assert_eq!(index.search(&query, &resources), scan, "{search}");
        }
    }
    let fewer = &resources[..100];
    index.forget("Observation");
    assert_eq!(index.search(&query("Observation?code=all").unwrap(), fewer).len(), 100);
}
