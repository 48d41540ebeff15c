//! What a search means: cases for each kind of parameter, in the manner of the specification.

mod queries;

use fhir::{Json, Limits, SearchError, SearchQuery};

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
        "code":{"coding":[
            {"system":"http://loinc.org","code":"8480-6","display":"Systolic Pressure"},
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
    let date = r#"{"resourceType":"Patient","birthDate":"1970-05",
        "meta":{"lastUpdated":"2020-01-01T00:00:00.5Z"}}"#;
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
        "valueQuantity":{{"value":{value},"unit":"kilo","code":"kg",
        "system":"http://unitsofmeasure.org"}}}}"#
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
