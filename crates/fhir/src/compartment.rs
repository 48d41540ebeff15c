//! Whose file a resource belongs to: the patient compartment of R4.

use crate::Json;

/// Whom a resource is about, by the references its type uses to name the patient.
#[derive(Clone, PartialEq, Eq)]
pub enum Subject<'a> {
    /// No reference names a patient.
    Nobody,
    /// All references that name a patient are this one (as written, such as `Patient/123`).
    One(&'a str),
    /// References name different patients.
    Several,
}

/// Every reference that puts the resource in a patient's compartment, as written.
///
/// References of an unknown target type (`urn:uuid:…`) are listed too where they might be a
/// patient; `Patient` resources name themselves nowhere and give an empty list.
pub fn patient_references(resource: &Json) -> Vec<&str> {
    let _ = resource;
    todo!()
}

/// Whom the resource is about: `subject`, `patient`, … first, then the rest of the compartment.
///
/// Rewrite `urn:uuid:` references first; those left over count as nobody.
pub fn subject_of(resource: &Json) -> Subject<'_> {
    let _ = resource;
    todo!()
}

/// Every reference to a patient anywhere in the resource (`Patient/…`, relative or absolute).
pub fn all_patient_references(resource: &Json) -> Vec<&str> {
    let _ = resource;
    todo!()
}
