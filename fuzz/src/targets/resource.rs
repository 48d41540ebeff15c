//! What happens to a resource on its way in: validated, placed, cut down, split and put together.

use fhir::subset::Subset;
use fhir::{
    Json, Limits, PatientFacts, compartment, merge_patient, section_of, split_patient, validate,
};

pub(super) fn run(data: &[u8]) {
    let Ok(resource) = Json::parse(data, &Limits::default()) else { return };
    let issues = validate(&resource);
    assert!(issues.len() <= data.len() + 1, "more issues than bytes");
    let subject = compartment::subject_of(&resource);
    assert!(subject == compartment::subject_of(&resource));
    let _ = compartment::patient_references(&resource);
    let _ = PatientFacts::of(&resource);
    for subset in [Subset::Summary, Subset::Text, Subset::Data, Subset::Count] {
        let text = subset.of(&resource).to_text();
        assert!(Json::parse(text.as_bytes(), &Limits::default()).is_ok());
    }
    let section = section_of(&resource);
    let text = resource.to_text();
    let again = Json::parse(text.as_bytes(), &Limits::default()).expect("written text is read");
    assert!(section_of(&again) == section && validate(&again) == issues);
    split_and_merge(resource, &text);
}

fn split_and_merge(resource: Json, text: &str) {
    let is_patient = resource.resource_type() == "Patient";
    let Some(parts) = split_patient(resource) else {
        return assert!(!is_patient, "a Patient that is not split");
    };
    let label = merge_patient(parts.label.clone(), None, None).expect("the label alone");
    for (name, _) in parts.contact.as_object().into_iter().flat_map(|part| part.iter()) {
        assert!(label.get(name).is_none(), "contact data in the label");
    }
    let whole = merge_patient(parts.label, Some(parts.contact), Some(parts.identity));
    assert!(whole.is_some_and(|whole| whole.to_text() == text), "split and merge lose something");
}
