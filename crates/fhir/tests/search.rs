//! What a search means: cases for each kind of parameter, in the manner of the specification.

use fhir::search::NamedPatient;
use fhir::{Index, Json, Limits, SearchError, SearchQuery};

const BASE: &str = "https://here.example/fhir";

fn read(text: &str) -> Json {
    Json::parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn query(search: &str) -> Result<SearchQuery, SearchError> {
    let (resource_type, parameters) = search.split_once('?').unwrap_or((search, ""));
    let pairs = parameters.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    SearchQuery::parse(resource_type, pairs, BASE)
}

/// Checks which searches a resource matches and which it does not.
fn check(resource: &str, matching: &[&str], not_matching: &[&str]) {
    let resource = read(resource);
    for (searches, expected) in [(matching, true), (not_matching, false)] {
        for search in searches {
            let search = format!("{}?{search}", resource.resource_type());
            let query = query(&search).unwrap_or_else(|error| panic!("{search}: {error}"));
            assert_eq!(query.matches(&resource), expected, "{search}");
        }
    }
}

#[test]
fn tokens() {
    check(
        r#"{"resourceType":"Observation","id":"Ab-1","status":"final",
        "meta":{"tag":[{"system":"http://t","code":"x"}],"security":[{"code":"R"}]},
        "identifier":[{"system":"http://i","value":"A,1|2","type":{"text":"Medical record",
            "coding":[{"system":"http://type","code":"MR"}]}}],
        "code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic Pressure"},
            {"code":"bare"}],"text":"Blood pressure"},
        "valueCodeableConcept":{"coding":[{"system":"http://only"}]}}"#,
        &[
            "code=8480-6",
            "code=http://loinc.org|8480-6",
            "code=http://loinc.org|",
            "code=|bare",
            "code=bare",
            "code=BARE",
            "code=nothing,8480-6",
            "code=8480-6&code=bare",
            "code:not=8462-4",
            "code:not=8462-4,1",
            "code:text=blood",
            "code:text=SYSTOLIC",
            "status=final",
            "status=http://hl7.org/fhir/observation-status|final",
            "status:not=amended",
            "identifier=http://i|A\\,1\\|2",
            "identifier=a\\,1\\|2",
            "identifier:of-type=http://type|MR|A\\,1\\|2",
            "_id=Ab-1",
            "_id=x,Ab-1",
            "_tag=http://t|x",
            "_tag:not=y",
            "_security=R",
            "value-concept=http://only|",
            "category:missing=true",
            "code:missing=false",
            "category:not=x",
            "combo-code=8480-6",
        ],
        &[
            "code=8480",
            "code=http://other|8480-6",
            "code=|8480-6",
            "code=HTTP://LOINC.ORG|8480-6",
            "code:not=8480-6",
            "code:not=x,bare",
            "code=8480-6&code=nothing",
            "code:text=pressure",
            "status=http://other|final",
            "identifier=A",
            "identifier:of-type=http://type|XX|A\\,1\\|2",
            "identifier:of-type=http://type|MR|other",
            "_id=ab-1",
            "_id=Ab",
            "_tag=http://t|y",
            "category=x",
            "code:missing=true",
        ],
    );
    check(
        r#"{"resourceType":"Patient","active":true,"gender":"female","deceasedDateTime":"2020",
        "telecom":[{"system":"phone","value":"555"},{"system":"email","value":"a@b"}]}"#,
        &[
            "active=true",
            "deceased=true",
            "gender=http://hl7.org/fhir/administrative-gender|female",
            "phone=555",
            "email=a@b",
            "telecom=a@b",
            "death-date=2020",
        ],
        &["active=false", "deceased=false", "phone=a@b", "email=555", "gender=male"],
    );
    check(r#"{"resourceType":"Patient"}"#, &["deceased=false"], &["deceased=true"]);
    check(
        r#"{"resourceType":"Patient","deceasedBoolean":false}"#,
        &["deceased=false"],
        &["deceased=true"],
    );
}

#[test]
fn strings() {
    check(
        r#"{"resourceType":"Patient","name":[{"family":"Sørensen","given":["Åse","María José"]},
        {"text":"Mrs. Müller-Smith"}],"address":[{"line":["Main 1"],"city":"Køge","country":"DK",
        "postalCode":"4600"}]}"#,
        &[
            "name=sor",
            "name=SØR",
            "family=Sørensen",
            "given=ase",
            "given=maria j",
            "name=mrs. mu",
            "name:contains=muller",
            "name:contains=SMITH",
            "family:exact=Sørensen",
            "name=x,sor",
            "name=sor&given=mar",
            "address=main",
            "address-city=koge",
            "address=46",
            "address-country:exact=DK",
            "family:missing=false",
        ],
        &[
            "name=rensen",
            "family:exact=Sorensen",
            "family:exact=Sør",
            "given=jose",
            "name=sor&given=x",
            "address-city=oge",
            "address=45",
            "family:missing=true",
        ],
    );
    check(
        r#"{"resourceType":"Observation","valueString":"a, b"}"#,
        &["value-string=A\\, B"],
        &["value-string=b,c"],
    );
}

#[test]
fn dates() {
    let moment = r#"{"resourceType":"Observation","effectiveDateTime":"2013-01-14T10:00:00Z"}"#;
    check(
        moment,
        &[
            "date=2013-01-14",
            "date=2013",
            "date=2013-01-14T10:00",
            "date=2013-01-14T10:00:00Z",
            "date=2013-01-14T12:00:00+02:00",
            "date=2013-01-14T12:00:00 02:00",
            "date=ne2013-01-15",
            "date=lt2013-01-14T10:01:00Z",
            "date=gt2013-01-13",
            "date=ge2013-01-14",
            "date=le2013-01-14",
            "date=sa2013-01-13",
            "date=eb2013-01-15",
            "date=ap2013-01-15",
            "date=ge2013&date=lt2014",
            "date=2012,2013",
            "date:missing=false",
        ],
        &[
            "date=2013-01-15",
            "date=2013-01-14T10:00:01Z",
            "date=ne2013-01",
            "date=lt2013-01-14",
            "date=gt2013-01-14",
            "date=sa2013-01-14",
            "date=eb2013-01-14",
            "date=ap2013-01-20",
            "date=ge2014",
        ],
    );
    let open = r#"{"resourceType":"Encounter","period":{"start":"2013-01-23"}}"#;
    check(
        open,
        &["date=gt2030", "date=ge2013-01-23", "date=sa2013-01-22", "date=ne2013-01-23"],
        &["date=2013", "date=eb2030", "date=lt2013-01-23", "date=sa2013-01-23"],
    );
    let closed =
        r#"{"resourceType":"Encounter","period":{"start":"2013-01-10","end":"2013-02-10"}}"#;
    check(
        closed,
        &["date=2013", "date=lt2013-01-20", "date=gt2013-01-20", "date=le2013-01-20"],
        &["date=2013-01", "date=sa2013-01-20", "date=eb2013-02", "date=gt2013-02"],
    );
    let timing = r#"{"resourceType":"ServiceRequest","occurrenceTiming":{
        "event":["2020-03-01","2020-01-01"],"repeat":{"boundsPeriod":{"end":"2020-06-01"}}}}"#;
    check(timing, &["occurrence=lt2020", "occurrence=gt2020-05"], &["occurrence=gt2020-06-01"]);
    let date = r#"{"resourceType":"Patient","birthDate":"1970-05","meta":{"lastUpdated":"2020-01-01T00:00:00.5Z"}}"#;
    check(
        date,
        &[
            "birthdate=1970",
            "birthdate=1970-05",
            "birthdate=ne1970-05-01",
            "_lastUpdated=2020-01-01",
        ],
        &["birthdate=1970-05-01", "_lastUpdated=gt2020-01-01"],
    );
    check(r#"{"resourceType":"Patient"}"#, &["birthdate:missing=true"], &["birthdate=ne2020"]);
}

#[test]
fn numbers_and_quantities() {
    let risk = r#"{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.80},
        {"probabilityRange":{"low":{"value":0.1},"high":{"value":0.2}}}]}"#;
    check(
        risk,
        &[
            "probability=0.8",
            "probability=0.80",
            "probability=8e-1",
            "probability=gt0.79",
            "probability=ge0.80",
            "probability=lt0.15",
            "probability=ap0.85",
            "probability=eb0.3",
            "probability=sa0.7",
        ],
        &["probability=0.81", "probability=0.801", "probability=gt0.8", "probability=lt0.1"],
    );
    let quantity = |value: &str| {
        format!(
            r#"{{"resourceType":"Observation","code":{{"coding":[{{"code":"w"}}]}},
        "valueQuantity":{{"value":{value},"unit":"kilo","system":"http://unitsofmeasure.org","code":"kg"}}}}"#
        )
    };
    check(
        &quantity("5.40"),
        &[
            "value-quantity=5.4",
            "value-quantity=5.4|http://unitsofmeasure.org|kg",
            "value-quantity=5.4||kg",
            "value-quantity=5.4||kilo",
            "value-quantity=gt5",
            "value-quantity=le5.4",
            "value-quantity=ap5",
            "value-quantity=ne5.3",
            "value-quantity=5",
            "code-value-quantity=w$5.4",
            "code-value-quantity=x$1,w$gt5||kg",
            "combo-value-quantity=5.4",
        ],
        &[
            "value-quantity=5.41",
            "value-quantity=5.4||g",
            "value-quantity=5.4||KG",
            "value-quantity=5.4|http://other|kg",
            "value-quantity=gt5.4",
            "value-quantity=ap4",
            "value-quantity=6",
            "code-value-quantity=x$5.4",
            "code-value-quantity=w$6",
        ],
    );
    check(&quantity("5.35"), &["value-quantity=5.4"], &["value-quantity=5.3"]);
    check(&quantity("5.45"), &["value-quantity=5.5"], &["value-quantity=5.4"]);
    check(
        &quantity("-5.4"),
        &["value-quantity=lt-5", "value-quantity=ap-5"],
        &["value-quantity=gt-5"],
    );
    let below = r#"{"resourceType":"Observation","valueQuantity":{"value":5,"comparator":"<"}}"#;
    check(
        below,
        &["value-quantity=lt3", "value-quantity=eb6"],
        &["value-quantity=5", "value-quantity=gt5"],
    );
    let invoice = r#"{"resourceType":"Invoice","totalNet":{"value":10.00,"currency":"EUR"}}"#;
    check(
        invoice,
        &["totalnet=10", "totalnet=10||EUR", "totalnet=10|urn:iso:std:iso:4217|EUR"],
        &["totalnet=10||USD"],
    );
}

#[test]
fn references() {
    let observation = |reference: &str| {
        format!(
            r#"{{"resourceType":"Observation","subject":{{"reference":"{reference}",
            "identifier":{{"system":"http://cpr","value":"1"}}}}}}"#
        )
    };
    let local = [
        "subject=23",
        "subject=Patient/23",
        "subject:Patient=23",
        "subject=https://here.example/fhir/Patient/23",
        "patient=23",
        "patient=Patient/23",
        "subject=1,23",
        "subject:identifier=http://cpr|1",
    ];
    let others = [
        "subject=2",
        "subject=Group/23",
        "subject:Group=23",
        "subject=https://there.example/fhir/Patient/23",
        "subject:identifier=http://cpr|2",
    ];
    check(&observation("Patient/23"), &local, &others);
    check(&observation("https://here.example/fhir/Patient/23"), &local, &others);
    check(&observation("Patient/23/_history/4"), &local, &others);
    check(
        &observation("Patient/23/_history/4"),
        &["subject=Patient/23/_history/4"],
        &["subject=Patient/23/_history/5"],
    );
    check(
        &observation("https://there.example/fhir/Patient/23"),
        &["subject=https://there.example/fhir/Patient/23"],
        &["subject=23", "subject=Patient/23"],
    );
    check(&observation("urn:uuid:1"), &["subject=urn:uuid:1"], &["patient=urn:uuid:1"]);
    let plan = r#"{"resourceType":"CarePlan","instantiatesCanonical":["http://p/1|2.0"]}"#;
    check(
        plan,
        &["instantiates-canonical=http://p/1", "instantiates-canonical=http://p/1|2.0"],
        &["instantiates-canonical=http://p/1|1.0", "instantiates-canonical=http://p/"],
    );
}

#[test]
fn uris() {
    let set = r#"{"resourceType":"ValueSet","url":"http://acme.org/fhir/ValueSet/123",
        "meta":{"profile":["http://p|1"]}}"#;
    check(
        set,
        &[
            "url=http://acme.org/fhir/ValueSet/123",
            "url:below=http://acme.org/fhir/",
            "url:below=http://acme.org/fhir",
            "url:below=http://acme.org/fhir/ValueSet/123",
            "url:above=http://acme.org/fhir/ValueSet/123/_history/5",
            "_profile=http://p",
            "_profile=http://p|1",
        ],
        &[
            "url=http://acme.org/fhir/ValueSet/12",
            "url=HTTP://acme.org/fhir/ValueSet/123",
            "url:below=http://acme.org/fhi",
            "url:above=http://acme.org/fhir/ValueSet/1234",
            "_profile=http://p|2",
        ],
    );
}

#[test]
fn composites_hold_within_one_value() {
    let pressure = r#"{"resourceType":"Observation","code":{"coding":[{"code":"bp"}]},"component":[
        {"code":{"coding":[{"code":"sys"}]},"valueQuantity":{"value":120}},
        {"code":{"coding":[{"code":"dia"}]},"valueQuantity":{"value":80}}]}"#;
    check(
        pressure,
        &["component-code-value-quantity=sys$120", "component-code-value-quantity=dia$lt90"],
        &["component-code-value-quantity=dia$120", "component-code-value-quantity=sys$lt90"],
    );
}

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
        r#"{"resourceType":"Observation","id":"a","effectiveDateTime":"2020-01-02","valueQuantity":{"value":10}}"#,
        r#"{"resourceType":"Observation","id":"b","effectiveDateTime":"2020-01-01","valueQuantity":{"value":9.5}}"#,
        r#"{"resourceType":"Observation","id":"c","valueQuantity":{"value":1e1}}"#,
        r#"{"resourceType":"Observation","id":"d","effectivePeriod":{"start":"2019","end":"2021"}}"#,
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
    use fhir::search::Total;
    use fhir::subset::Subset;
    let asked = query("Observation?_count=5&_total=accurate&_elements=code,subject&_format=json");
    let asked = asked.unwrap();
    assert_eq!((asked.count(), asked.total()), (Some(5), Some(Total::Accurate)));
    let elements = ["code", "subject"].map(str::to_string).to_vec();
    assert_eq!(*asked.subset(), Subset::Elements(elements));
    assert_eq!(*query("Observation?_count=0").unwrap().subset(), Subset::Count);
    assert_eq!(*query("Observation?_summary=true").unwrap().subset(), Subset::Summary);
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
            if i % 2 == 0 { "" } else { "https://here.example/fhir/" },
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
