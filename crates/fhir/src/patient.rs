//! A Patient in three parts, for the sections `label`, `contact` and `identity`.

use crate::Json;

/// A Patient, split by element.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientParts {
    /// What a search result shows, with the order of all members.
    ///
    /// `{"order": [names], "label": {resourceType, id, meta, active, name, gender, birthDate, …}}`
    pub label: Json,
    /// `telecom`, `address`, `contact`, `communication`, `generalPractitioner`,
    /// `managingOrganization`: an object with these members alone.
    pub contact: Json,
    /// Everything else: an object with these members alone.
    pub identity: Json,
}

/// What the locator is fed with. It has no `Debug`, because every field is content.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PatientFacts {
    /// System (empty where there is none) and value.
    pub identifiers: Vec<(String, String)>,
    /// One entry per `Patient.name`.
    pub names: Vec<NameFacts>,
    /// `birthDate`, as written.
    pub birth_date: Option<String>,
    /// `telecom.value` where the system is `phone` or `sms`, as written.
    pub telephones: Vec<String>,
}

/// One name of a patient.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NameFacts {
    /// Family name.
    pub family: Option<String>,
    /// Given names in order.
    pub given: Vec<String>,
}

/// Splits a Patient; `None` if it is not an object with `resourceType` `Patient`.
pub fn split_patient(patient: Json) -> Option<PatientParts> {
    let _ = patient;
    todo!()
}

/// Puts the parts that are open together, members in their original order.
///
/// With all three parts the result equals what was split, byte for byte in compact form.
/// `None` if the label is not what [`split_patient`] made.
pub fn merge_patient(label: Json, contact: Option<Json>, identity: Option<Json>) -> Option<Json> {
    let _ = (label, contact, identity);
    todo!()
}

impl PatientFacts {
    /// The facts of a whole Patient.
    pub fn of(patient: &Json) -> PatientFacts {
        let _ = patient;
        todo!()
    }
}
