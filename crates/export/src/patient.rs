//! From the released parts of a Patient (FHIR R4) to a person.

use crate::person::{Address, Contact, Person, Telecom};
use serde::Deserialize;
use terms::FileId;

/// The relationship, as system and code, of the contact that is the person's association.
const ASSOCIATION: (&str, &str) = ("urn:cofferdam:contact", "association");
/// Longest name of an association, in bytes.
const ASSOCIATION_BYTES_MAX: usize = 200;

/// The elements that are read; all others are left where they are. What is of another shape than
/// FHIR says reads as nothing, so that one odd file does not stop a run.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Patient {
    name: Vec<HumanName>,
    birth_date: Option<String>,
    deceased_boolean: Option<bool>,
    deceased_date_time: Option<String>,
    address: Vec<FhirAddress>,
    telecom: Vec<ContactPoint>,
    contact: Vec<PatientContact>,
    communication: Vec<Communication>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct HumanName {
    r#use: Option<String>,
    text: Option<String>,
    family: Option<String>,
    given: Vec<Option<String>>,
    prefix: Vec<Option<String>>,
    period: Period,
}

#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase", default)]
struct FhirAddress {
    r#use: Option<String>,
    r#type: Option<String>,
    line: Vec<Option<String>>,
    city: Option<String>,
    state: Option<String>,
    district: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    period: Period,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Period {
    end: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ContactPoint {
    system: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PatientContact {
    relationship: Vec<Concept>,
    name: Option<HumanName>,
    address: Option<FhirAddress>,
    organization: Reference,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reference {
    display: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Communication {
    language: Concept,
    preferred: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Concept {
    coding: Vec<Coding>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Coding {
    system: Option<String>,
    code: Option<String>,
}

/// What is known of a person; nothing but names where the text is not a Patient.
pub(crate) fn person(text: &[u8], (index, file, entry): (u64, FileId, u64)) -> Person {
    let patient: Patient = serde_json::from_slice(text).unwrap_or_default();
    let said = |date: &Option<String>| date.as_ref().is_some_and(|date| !date.is_empty());
    let mut languages: Vec<(bool, String)> = patient
        .communication
        .into_iter()
        .flat_map(|one| codes(one.language).map(move |code| (!one.preferred, code)))
        .collect();
    languages.sort_by_key(|(later, _)| *later);
    Person {
        index,
        file,
        entry,
        has: Vec::new(),
        name: best_name(&patient.name),
        dead: patient.deceased_boolean == Some(true) || said(&patient.deceased_date_time),
        birth_date: patient.birth_date,
        addresses: addresses(patient.address),
        telecoms: patient.telecom.into_iter().filter_map(telecom).collect(),
        association: patient.contact.iter().find_map(association),
        contacts: patient.contact.into_iter().map(contact).collect(),
        languages: languages.into_iter().map(|(_, language)| language).collect(),
    }
}

/// The name that is used now; official before usual, and no former or maiden name while there is
/// another.
fn best_name(names: &[HumanName]) -> Option<String> {
    let rank = |name: &&HumanName| match name.r#use.as_deref() {
        _ if name.period.end.is_some() => 5,
        Some("official") => 0,
        Some("usual") => 1,
        None => 2,
        Some("old" | "maiden") => 4,
        Some(_) => 3,
    };
    let mut names: Vec<&HumanName> = names.iter().collect();
    names.sort_by_key(rank);
    names.into_iter().find_map(written)
}

fn written(name: &HumanName) -> Option<String> {
    let parts = name.prefix.iter().chain(&name.given).flatten().chain(&name.family);
    let joined = parts.map(|part| part.trim()).filter(|part| !part.is_empty());
    let joined = joined.collect::<Vec<_>>().join(" ");
    if name.family.is_some() && !joined.is_empty() {
        return Some(joined);
    }
    let text = name.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    text.map(str::to_owned).or(Some(joined).filter(|joined| !joined.is_empty()))
}

/// Postal ones first, home before others; old ones last.
fn addresses(mut all: Vec<FhirAddress>) -> Vec<Address> {
    all.sort_by_key(|address| {
        let old = address.r#use.as_deref() == Some("old") || address.period.end.is_some();
        let postal = address.r#type.as_deref() != Some("physical");
        let home = !matches!(address.r#use.as_deref(), Some("work" | "billing" | "temp"));
        (old, !postal, !home)
    });
    all.into_iter().map(address).filter(|address| *address != Address::default()).collect()
}

fn address(address: FhirAddress) -> Address {
    Address {
        lines: address.line.into_iter().flatten().filter(|line| !line.trim().is_empty()).collect(),
        city: address.city,
        region: address.state.or(address.district),
        postcode: address.postal_code,
        country: address.country,
    }
}

fn telecom(point: ContactPoint) -> Option<Telecom> {
    Some(Telecom { system: point.system.unwrap_or_default(), value: point.value? })
}

fn contact(contact: PatientContact) -> Contact {
    Contact {
        relationships: contact.relationship.into_iter().flat_map(codes).collect(),
        name: contact.name.as_ref().and_then(written),
        address: contact.address.map(address),
    }
}

/// The name of the association, if this contact is one. Names with control characters, and those
/// that are no names for their length, are left out: they are printed in counts.
fn association(contact: &PatientContact) -> Option<String> {
    let mut codings = contact.relationship.iter().flat_map(|concept| &concept.coding);
    if !codings.any(|one| one.system.as_deref().zip(one.code.as_deref()) == Some(ASSOCIATION)) {
        return None;
    }
    let name = contact.organization.display.as_deref()?.trim();
    let is_name = !name.is_empty() && name.len() <= ASSOCIATION_BYTES_MAX;
    (is_name && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

fn codes(concept: Concept) -> impl Iterator<Item = String> {
    concept.coding.into_iter().filter_map(|coding| coding.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Person {
        person(text.as_bytes(), (3, FileId::from_bytes([1; 16]), 9))
    }

    #[test]
    fn the_name_and_the_address_of_today_are_taken() {
        let found = read(
            r#"{"resourceType":"Patient","id":"x","birthDate":"1980-02-03",
            "name":[{"use":"maiden","family":"Old"},{"use":"official","family":"Ny",
            "given":["Ane","Lis"],"prefix":["Dr."]}],
            "address":[{"use":"old","line":["Gone 1"],"city":"A"},
            {"use":"home","line":["Vej 2"],"city":"B","postalCode":"8000","country":"DK"}],
            "communication":[{"language":{"coding":[{"code":"en"}]}},
            {"language":{"coding":[{"code":"da"}]},"preferred":true}],
            "contact":[{"relationship":[{"coding":[{"code":"GUARD"}]}],
            "name":{"text":"Bo Ny"}}],"identifier":[{"value":"never"}]}"#,
        );
        assert!(found.name.as_deref() == Some("Dr. Ane Lis Ny"));
        assert!(found.addresses[0].postcode.as_deref() == Some("8000"));
        assert!(found.addresses.len() == 2 && found.languages == ["da", "en"]);
        assert!(found.contacts[0].name.as_deref() == Some("Bo Ny") && !found.dead);
        assert!(!serde_json::to_string(&found).unwrap().contains("never"));
    }

    #[test]
    fn the_association_is_the_contact_that_says_so() {
        let of = |contacts: &str| read(&format!(r#"{{"contact":[{contacts}]}}"#)).association;
        let contact = |code: &str, name: &str| {
            let coding = format!(r#"{{"system":"urn:cofferdam:contact","code":"{code}"}}"#);
            let organization = format!(r#"{{"display":"{name}"}}"#);
            let relationship = format!(r#"[{{"coding":[{coding}]}}]"#);
            format!(r#"{{"relationship":{relationship},"organization":{organization}}}"#)
        };
        let (employer, chamber) = (contact("E", "Works"), contact("association", " Chamber A "));
        assert_eq!(of(&format!("{employer},{chamber}")).as_deref(), Some("Chamber A"));
        let too_long = "x".repeat(ASSOCIATION_BYTES_MAX + 1);
        for none in ["", "  ", "a\\u001bb", &too_long] {
            assert_eq!(of(&contact("association", none)), None, "{none}");
        }
        assert_eq!(of(&employer), None, "an employer is no association");
        let elsewhere = chamber.replace("urn:cofferdam:contact", "urn:other");
        assert_eq!(of(&elsewhere), None, "another list's word");
        let practice = r#"{"managingOrganization":{"display":"Practice"}}"#;
        assert_eq!(read(practice).association, None, "nor is whoever keeps the file");
    }

    #[test]
    fn the_dead_are_known_either_way_and_odd_shapes_stop_nothing() {
        assert!(read(r#"{"deceasedBoolean":true}"#).dead);
        assert!(read(r#"{"deceasedDateTime":"2024"}"#).dead);
        assert!(!read(r#"{"deceasedBoolean":false}"#).dead);
        for odd in
            ["", "[]", r#"{"name":7}"#, r#"{"address":[null]}"#, "{\"name\":[{\"given\":[null]}]}"]
        {
            assert!(read(odd).name.is_none());
        }
    }
}
