use super::*;
use crate::names::id_of;

fn type_of(name: &str) -> &'static TypeDef {
    definitions().of(definitions().type_named(name).unwrap())
}

#[test]
fn every_name_in_the_tables_resolves() {
    for fhir_type in &definitions().types {
        for element in &fhir_type.elements {
            assert!(!element.types.is_empty(), "{}.{}", fhir_type.name, element.name);
        }
        assert!(fhir_type.elements.len() <= 128, "{}", fhir_type.name);
        let names = fhir_type.fields.windows(2).all(|pair| pair[0].0 < pair[1].0);
        assert!(names, "{} has a field twice", fhir_type.name);
    }
    for line in ELEMENTS.lines().filter(|line| line.starts_with(' ')) {
        if let Some(list) = line.split_ascii_whitespace().nth(4) {
            assert!(definitions().code_lists.iter().any(|l| l.name == list), "{list}");
        }
    }
}

#[test]
fn elements_are_inherited_and_choices_expanded() {
    let patient = type_of("Patient");
    for name in ["id", "meta", "text", "contained", "name", "deceasedDateTime", "_birthDate"] {
        assert!(patient.field(id_of(name).unwrap()).is_some(), "{name}");
    }
    assert!(patient.field(id_of("_name").unwrap_or(0)).is_none());
    let (field, element) = patient.field(id_of("deceasedDateTime").unwrap()).unwrap();
    assert_eq!(definitions().of(field.fhir_type).name, "dateTime");
    assert_eq!((element.name, element.is_choice, element.is_list), ("deceased", true, false));
    let contact = patient.element("contact").unwrap();
    assert_eq!(definitions().of(contact.types[0]).name, "Patient.contact");
    assert!(type_of("Patient.contact").element("modifierExtension").is_some());
    assert_eq!(type_of("Age").family, type_of("Quantity").family);
    assert!(type_of("Age").element("value").is_some());
}

#[test]
fn there_are_as_many_types_and_parameters_as_r4_has() {
    assert_eq!(resource_types().len(), 147);
    assert!(is_resource_type("Patient"));
    for name in ["Resource", "DomainResource", "HumanName", "patient", ""] {
        assert!(!is_resource_type(name), "{name}");
    }
    let names: Vec<_> = search_parameters("Patient").iter().map(|p| p.name).collect();
    assert!(names.is_sorted());
    for name in ["_id", "_lastUpdated", "_tag", "birthdate", "deceased", "general-practitioner"] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(search_parameters("HumanName").is_empty());
    for name in resource_types() {
        for parameter in search_parameters(name) {
            let is_special = parameter.kind == ParameterKind::Special;
            assert_eq!(is_special, parameter.name == "near", "{name} {}", parameter.name);
            let is_composite = parameter.kind == ParameterKind::Composite;
            assert_eq!(is_composite, !parameter.components.is_empty());
        }
    }
}

#[test]
fn required_codes_are_known() {
    let gender = type_of("Patient").element("gender").unwrap().codes.unwrap();
    let list = definitions().code_list(gender);
    assert!(list.has_code("female") && !list.has_code("f"));
    assert!(list.has("http://hl7.org/fhir/administrative-gender", "other"));
    assert!(!list.has("http://hl7.org/fhir/other", "other"));
}
