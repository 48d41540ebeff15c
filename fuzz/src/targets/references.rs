//! References: taken apart without loss, rewritten everywhere or nowhere; what the server sets.

use fhir::references::{self, Target};
use fhir::{Json, Limits, compartment};

pub(super) fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(put_together(references::target(text)) == text, "a part of a reference is lost");
    }
    let Ok(resource) = Json::parse(data, &Limits::default()) else { return };
    let mut count = 0;
    references::for_each_reference(&resource, &mut |text| {
        assert!(put_together(references::target(text)) == text);
        count += 1;
    });
    assert!(compartment::all_patient_references(&resource).len() <= count);
    let mut same = resource.clone();
    let replaced = references::rewrite_references(&mut same, &mut |text| Some(text.to_string()));
    assert!(replaced >= count && same == resource, "rewriting to the same changes something");
    let mut other = resource.clone();
    let new = "Patient/1";
    let again = references::rewrite_references(&mut other, &mut |_| Some(new.to_string()));
    assert!(again == replaced);
    references::for_each_reference(&other, &mut |text| assert!(text == new, "one is left"));
    server_parts(resource);
}

fn server_parts(mut resource: Json) {
    if resource.as_object().is_none() {
        return;
    }
    references::set_id(&mut resource, "x");
    references::set_version(&mut resource, "7", "2026-01-01T00:00:00Z");
    assert!(resource.id() == Some("x"));
    assert!(resource.get("meta").and_then(|meta| meta.text("versionId")) == Some("7"));
    references::strip_version(&mut resource);
    assert!(resource.get("meta").is_none_or(|meta| meta.get("versionId").is_none()));
}

fn put_together(target: Target) -> String {
    let versioned = |version: Option<&str>| match version {
        Some(version) => format!("/_history/{version}"),
        None => String::new(),
    };
    match target {
        Target::Relative { resource_type, id, version } => {
            format!("{resource_type}/{id}{}", versioned(version))
        }
        Target::Absolute { base, resource_type, id, version } => {
            format!("{base}/{resource_type}/{id}{}", versioned(version))
        }
        Target::Contained(id) => format!("#{id}"),
        Target::Conditional { resource_type, query } => format!("{resource_type}?{query}"),
        Target::Other(text) => text.to_string(),
    }
}
