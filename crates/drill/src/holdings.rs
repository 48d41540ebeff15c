//! What an attacker holds: each person and section, written down as it is read.
//!
//! The rules are the attacker's own: they share nothing with the server's, so that a section which
//! the server gives out and the ledger does not name is found here.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use terms::{Section, Sections};

/// Files by id, with the sections of each that are in clear text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    files: BTreeMap<String, Sections>,
}

/// How what the ledger lists agrees with what an attacker holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// The share of what is listed that is held.
    pub precision: f64,
    /// The share of what is held that is listed.
    pub recall: f64,
}

impl Agreement {
    /// Whether both are the same.
    pub fn is_exact(&self) -> bool {
        self.precision >= 1.0 && self.recall >= 1.0
    }
}

impl Holdings {
    /// Nothing.
    pub fn new() -> Holdings {
        Holdings::default()
    }

    /// Writes down what an answer in FHIR JSON tells; what is no JSON tells nothing.
    pub fn read(&mut self, answer: &[u8]) {
        if let Ok(value) = serde_json::from_slice::<Value>(answer) {
            self.resource(&value);
        }
    }

    /// Writes down sections of a file, such as those to which keys came.
    pub fn add(&mut self, file: &str, sections: Sections) {
        if !sections.is_empty() {
            let held = self.files.entry(file.to_owned()).or_default();
            *held = held.union(sections);
        }
    }

    /// Takes over what another attacker holds.
    pub fn join(&mut self, other: &Holdings) {
        other.files.iter().for_each(|(file, sections)| self.add(file, *sections));
    }

    /// How many persons.
    pub fn persons(&self) -> u64 {
        self.files.len() as u64
    }

    /// The files with their sections.
    pub fn files(&self) -> &BTreeMap<String, Sections> {
        &self.files
    }

    /// How many persons there are of whom anything is held but the label.
    pub fn beyond_labels(&self) -> u64 {
        let label = Sections::of(&[Section::Label]);
        self.files.values().filter(|held| !held.without(label).is_empty()).count() as u64
    }

    /// How many persons each section is held of.
    pub fn by_section(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for section in self.files.values().flat_map(|sections| sections.iter()) {
            *counts.entry(section.word()).or_default() += 1;
        }
        counts
    }

    /// Holds these, as pairs of file and section, against a list of the same.
    pub fn agreement(&self, listed: &Holdings) -> Agreement {
        let (held, listed) = (self.pairs(), listed.pairs());
        let both = held.intersection(&listed).count() as f64;
        let share = |of: usize| if of == 0 { 1.0 } else { both / of as f64 };
        Agreement { precision: share(listed.len()), recall: share(held.len()) }
    }

    fn pairs(&self) -> BTreeSet<(&str, Section)> {
        let pairs = self.files.iter();
        pairs.flat_map(|(file, all)| all.iter().map(|section| (file.as_str(), section))).collect()
    }

    fn resource(&mut self, value: &Value) {
        let kind = value["resourceType"].as_str().unwrap_or_default();
        if kind == "Bundle" {
            let entries = value["entry"].as_array().into_iter().flatten();
            entries.for_each(|entry| self.resource(&entry["resource"]));
            return;
        }
        let id = value["id"].as_str().unwrap_or_default();
        let Some(file) = id.get(..FILE_ID_LENGTH) else { return };
        match kind {
            "Patient" => self.add(file, parts_of_patient(value)),
            _ => self.add(file, section_of(kind, value).into_iter().collect()),
        }
    }
}

/// A resource's id begins with the id of its file.
const FILE_ID_LENGTH: usize = 26;

/// What of a patient's own resource is there.
fn parts_of_patient(patient: &Value) -> Sections {
    let has = |names: &[&str]| names.iter().any(|name| !patient[*name].is_null());
    let parts = [
        (Section::Label, has(&["name", "birthDate", "gender"])),
        (Section::Contact, has(&["telecom", "address", "contact", "communication"])),
        (Section::Identity, has(&["identifier", "maritalStatus", "multipleBirthBoolean"])),
    ];
    parts.into_iter().filter(|(_, is_there)| *is_there).map(|(section, _)| section).collect()
}

/// The section that a reader would put a resource into, from FHIR's own list of modules.
fn section_of(kind: &str, resource: &Value) -> Option<Section> {
    let labels = resource["meta"]["security"].as_array().into_iter().flatten();
    let is_sensitive = |label: &Value| label["code"].as_str().is_some_and(|c| c != "N");
    if labels.filter(|label| is_sensitive(label)).count() > 0 {
        return Some(Section::Restricted);
    }
    Some(match kind {
        "Coverage" | "Claim" | "ExplanationOfBenefit" | "Account" => Section::Insurance,
        "Condition" | "Encounter" | "Procedure" | "AllergyIntolerance" | "Immunization"
        | "CarePlan" | "Goal" | "Flag" | "Appointment" => Section::History,
        "Observation" | "DiagnosticReport" | "Specimen" => Section::Results,
        "MedicationRequest"
        | "MedicationStatement"
        | "MedicationAdministration"
        | "MedicationDispense" => Section::Medication,
        "DocumentReference" | "Binary" | "ServiceRequest" | "Communication" | "Composition" => {
            Section::Documents
        }
        // The directory tells nothing about patients, and an outcome nothing about anybody.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn what_is_read_is_written_down_by_person_and_section() {
        let mut held = Holdings::new();
        held.read(
            format!(
                r#"{{"resourceType":"Bundle","entry":[
                {{"resource":{{"resourceType":"Patient","id":"{FILE}","name":[{{}}],
                "address":[{{}}]}}}},
                {{"resource":{{"resourceType":"Condition","id":"{FILE}-0000009"}}}},
                {{"resource":{{"resourceType":"Condition","id":"{FILE}-0000010","meta":
                {{"security":[{{"code":"PSY"}}]}}}}}},
                {{"resource":{{"resourceType":"Practitioner","id":"{FILE}-0000011"}}}}]}}"#
            )
            .as_bytes(),
        );
        held.read(b"no answer");
        let words: Vec<_> = held.files()[FILE].iter().map(Section::word).collect();
        assert_eq!(words, ["label", "contact", "history", "restricted"]);
        assert_eq!((held.persons(), held.beyond_labels()), (1, 1));
        assert_eq!(held.by_section()["restricted"], 1);
    }

    #[test]
    fn a_list_that_names_too_much_or_too_little_is_not_exact() {
        let sections = Sections::of(&[Section::Label, Section::Contact]);
        let (mut held, mut listed) = (Holdings::new(), Holdings::new());
        assert!(held.agreement(&listed).is_exact(), "nothing, and nothing listed");
        held.add(FILE, sections);
        assert_eq!(held.agreement(&listed), Agreement { precision: 1.0, recall: 0.0 });
        listed.add(FILE, Sections::of(&[Section::Label]));
        assert_eq!(held.agreement(&listed), Agreement { precision: 1.0, recall: 0.5 });
        listed.add(FILE, sections);
        assert!(held.agreement(&listed).is_exact());
        listed.add("bbbbbbbbbbbbbbbbbbbbbbbbbb", sections);
        assert_eq!(held.agreement(&listed), Agreement { precision: 0.5, recall: 1.0 });
    }
}
