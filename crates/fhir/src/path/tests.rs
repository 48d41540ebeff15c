use super::*;
use crate::Limits;
use crate::definitions::{ParameterKind, resource_types, search_parameters};

/// Official expressions that do not compile, with the reason.
const NOT_COMPILED: [(&str, &str, &str); 2] = [
    ("MolecularSequence", "chromosome-variant-coordinate", "%resource within a composite"),
    ("MolecularSequence", "referenceseqid-variant-coordinate", "%resource within a composite"),
];

fn results(resource: &str, expression: &str) -> Vec<String> {
    let json = Json::parse(resource.as_bytes(), &Limits::default()).unwrap();
    let compiled = Expression::compile(json.resource_type(), expression).unwrap();
    let show = |node: Node<'_>| format!("{}:{}", node.fhir_type(), node.json.to_text());
    compiled.evaluate(&json).into_iter().map(show).collect()
}

#[test]
fn every_official_expression_compiles() {
    let (mut compiled, mut refused) = (0, Vec::new());
    for name in resource_types() {
        for parameter in search_parameters(name) {
            let result = Expression::compile(name, parameter.expression);
            let Ok(expression) = result else {
                refused.push((*name, parameter.name));
                continue;
            };
            compiled += 1;
            for component in &parameter.components {
                if Expression::compile_within(&expression.types, component.expression).is_err() {
                    refused.push((name, parameter.name));
                }
            }
            assert!(parameter.kind != ParameterKind::Special || parameter.name == "near");
        }
    }
    let expected: Vec<_> = NOT_COMPILED.iter().map(|(t, p, _)| (*t, *p)).collect();
    assert_eq!(refused, expected);
    assert!(compiled > 2000, "{compiled}");
}

#[test]
fn paths_select_in_document_order() {
    let patient = r#"{"resourceType":"Patient","deceasedDateTime":"2020",
        "name":[{"family":"A","given":["B",null,"C"],"_given":[null,{"id":"x"},null]},
        {"given":["D"]}],
        "telecom":[{"system":"phone","value":"1"},{"system":"email","value":"2"}],
        "extension":[{"url":"http://a","valueCode":"x"},{"url":"http://b","valueString":"y"}]}"#;
    let same = |expression: &str, expected: &[&str]| {
        assert_eq!(results(patient, expression), expected, "{expression}");
    };
    same("Patient.name.given", &["string:\"B\"", "string:\"C\"", "string:\"D\""]);
    same("name.family | Patient.telecom.value", &["string:\"A\"", "string:\"1\"", "string:\"2\""]);
    same("Patient.name[1].given[0]", &["string:\"D\""]);
    same("Patient.name[2].given", &[]);
    same("Patient.telecom.where(system='email').value", &["string:\"2\""]);
    same("Patient.deceased", &["dateTime:\"2020\""]);
    same("Patient.deceased as dateTime", &["dateTime:\"2020\""]);
    same("(Patient.deceased as boolean)", &[]);
    same("Patient.deceased.ofType(dateTime)", &["dateTime:\"2020\""]);
    same("Patient.deceased.exists() and Patient.deceased != false", &["boolean:true"]);
    same("Patient.photo.exists()", &["boolean:false"]);
    same("Patient.extension('http://b').value", &["string:\"y\""]);
    same("Patient.address.city", &[]);
}

#[test]
fn references_resolve_to_the_type_they_name() {
    let task = |reference: &str| {
        let task = format!(
            r##"{{"resourceType":"Task","contained":[{{"resourceType":"Patient","id":"p"}}],
            "for":{reference}}}"##
        );
        results(&task, "Task.for.where(resolve() is Patient)").len()
    };
    for patient in [
        r#"{"reference":"Patient/1"}"#,
        r#"{"reference":"https://a.b/Patient/1/_history/2"}"#,
        r##"{"reference":"#p"}"##,
        r#"{"type":"Patient","identifier":{"value":"1"}}"#,
        r#"{"type":"Patient","reference":"urn:uuid:1"}"#,
    ] {
        assert_eq!(task(patient), 1, "{patient}");
    }
    for other in [
        r#"{"reference":"Group/1"}"#,
        r#"{"type":"Patient","reference":"Group/1"}"#,
        r##"{"reference":"#q"}"##,
        r#"{"reference":"urn:uuid:1"}"#,
        r#"{"display":"Patient/1"}"#,
    ] {
        assert_eq!(task(other), 0, "{other}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for text in [
        "",
        "Patient.",
        "Patient.nonsense",
        "Patient.name.where(given)'x'",
        "Patient.name.where(nonsense='x')",
        "Patient.name.first()",
        "Patient.name[x]",
        "Patient.name as Nonsense",
        "(Patient.name",
        "Patient.name)",
        "Patient.name = 1",
        "Patient.name.where(family='x)",
        "Patient.name + 1",
        "%resource.name",
    ] {
        assert!(Expression::compile("Patient", text).is_err(), "{text}");
    }
    assert!(Expression::compile("Nobody", "id").is_err());
    let deep = format!("{}id{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(Expression::compile("Patient", &deep).is_err());
}
