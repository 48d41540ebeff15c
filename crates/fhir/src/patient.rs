//! A Patient in three parts, for the sections `label`, `contact` and `identity`.

use crate::{Json, Object};
use std::collections::HashMap;

/// A Patient, split by element.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientParts {
    /// What a search result shows, with the order of all members.
    ///
    /// `{"order": [names], "label": {resourceType, id, meta, active, name, birthDate, …}}`
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
    /// Postal code and first line of each `address` that has both.
    pub addresses: Vec<String>,
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
    if patient.resource_type() != "Patient" {
        return None;
    }
    let Json::Object(object) = patient else {
        return None;
    };
    let mut order = Vec::with_capacity(object.len());
    let [mut label, mut contact, mut identity] = [Vec::new(), Vec::new(), Vec::new()];
    for (key, value) in object.into_members() {
        order.push(Json::from(key.as_str()));
        let name = key.as_str();
        let part = match name.strip_prefix('_').unwrap_or(name) {
            stem if LABEL.contains(&stem) => &mut label,
            stem if CONTACT.contains(&stem) => &mut contact,
            _ => &mut identity,
        };
        part.push((key, value));
    }
    let part = |members| Json::Object(Object::from_members(members));
    let label = Object::new().with("order", order).with("label", part(label));
    Some(PatientParts { label: label.into(), contact: part(contact), identity: part(identity) })
}

/// Puts the parts that are open together, members in their original order.
///
/// With all three parts the result equals what was split, byte for byte in compact form.
/// `None` if the parts are not what [`split_patient`] made of one Patient.
pub fn merge_patient(label: Json, contact: Option<Json>, identity: Option<Json>) -> Option<Json> {
    let Json::Object(mut wrapped) = label else {
        return None;
    };
    let order = wrapped.remove("order")?;
    let parts = [wrapped.remove("label"), contact, identity];
    let mut members = HashMap::new();
    for part in parts.into_iter().flatten() {
        let Json::Object(part) = part else {
            return None;
        };
        for (key, value) in part.into_members() {
            let name = key.as_str().to_string();
            if members.insert(name, (key, value)).is_some() {
                return None;
            }
        }
    }
    let merged: Vec<_> =
        order.items().iter().filter_map(|name| members.remove(name.as_str()?)).collect();
    let patient = Json::Object(Object::from_members(merged));
    (members.is_empty() && patient.resource_type() == "Patient").then_some(patient)
}

const LABEL: [&str; 9] = [
    "resourceType",
    "id",
    "meta",
    "active",
    "name",
    "gender",
    "birthDate",
    "deceasedBoolean",
    "deceasedDateTime",
];
const CONTACT: [&str; 6] = [
    "telecom",
    "address",
    "contact",
    "communication",
    "generalPractitioner",
    "managingOrganization",
];

impl PatientFacts {
    /// The facts of a whole Patient.
    pub fn of(patient: &Json) -> PatientFacts {
        let list = |name| patient.get(name).map(Json::items).unwrap_or_default().iter();
        let identifier = |identifier: &Json| {
            let value = identifier.text("value")?.to_string();
            Some((identifier.text("system").unwrap_or_default().to_string(), value))
        };
        let telephone = |telecom: &Json| {
            let is_telephone = matches!(telecom.text("system"), Some("phone" | "sms"));
            telecom.text("value").filter(|_| is_telephone).map(str::to_string)
        };
        PatientFacts {
            identifiers: list("identifier").filter_map(identifier).collect(),
            names: list("name").map(NameFacts::of).collect(),
            birth_date: patient.text("birthDate").map(str::to_string),
            telephones: list("telecom").filter_map(telephone).collect(),
            addresses: list("address").filter_map(address).collect(),
        }
    }
}

fn address(address: &Json) -> Option<String> {
    let line = address.get("line").and_then(|line| line.items().first()?.as_str())?;
    Some(format!("{} {line}", address.text("postalCode")?))
}

impl NameFacts {
    fn of(name: &Json) -> NameFacts {
        let given = name.get("given").map(Json::items).unwrap_or_default();
        NameFacts {
            family: name.text("family").map(str::to_string),
            given: given.iter().filter_map(Json::as_str).map(str::to_string).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use proptest::prelude::*;

    const PATIENT: &str = concat!(
        r#"{"identifier":[{"system":"urn:oid:1.2","value":"0101701234"},{"value":"7"},"#,
        r#"{"use":"old"}],"#,
        r#""resourceType":"Patient","name":[{"family":"A","given":["B",null,"C"]},{"text":"D"}],"#,
        r#""telecom":[{"system":"phone","value":"+45 1"},{"system":"email","value":"a@b"},"#,
        r#"{"system":"sms","value":"2"}],"id":"p","_birthDate":{"extension":[]},"#,
        r#""birthDate":"1970-01-01","unknown":[1.00],"deceasedBoolean":false,"photo":[{}],"#,
        r#""address":[{"city":"X"}],"meta":{"versionId":"1"},"_unknown":null}"#,
    );

    fn read(text: &str) -> Json {
        Json::parse(text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn parts_hold_their_elements_and_no_others() {
        let parts = split_patient(read(PATIENT)).unwrap();
        let names = |part: &Json| -> Vec<String> {
            part.as_object().unwrap().iter().map(|(name, _)| name.to_string()).collect()
        };
        let label =
            ["resourceType", "name", "id", "_birthDate", "birthDate", "deceasedBoolean", "meta"];
        assert_eq!(names(parts.label.get("label").unwrap()), label);
        assert_eq!(names(&parts.contact), ["telecom", "address"]);
        assert_eq!(names(&parts.identity), ["identifier", "unknown", "photo", "_unknown"]);
        assert!(split_patient(read(r#"{"resourceType":"Person"}"#)).is_none());
        assert!(split_patient(read("[]")).is_none());
    }

    #[test]
    fn open_parts_are_merged_in_the_original_order() {
        let parts = split_patient(read(PATIENT)).unwrap();
        let all = merge_patient(
            parts.label.clone(),
            Some(parts.contact.clone()),
            Some(parts.identity.clone()),
        );
        assert_eq!(all.unwrap().to_text(), PATIENT);
        let label = merge_patient(parts.label.clone(), None, None).unwrap().to_text();
        assert!(label.starts_with(r#"{"resourceType":"Patient","name""#));
        assert!(!label.contains("0101701234") && !label.contains("+45"));
        assert!(merge_patient(parts.contact.clone(), None, None).is_none());
        assert!(merge_patient(parts.label.clone(), Some(read("[]")), None).is_none());
        let stranger = Some(read(r#"{"stranger":1}"#));
        assert!(merge_patient(parts.label.clone(), stranger, None).is_none());
        let twice = Some(parts.contact.clone());
        assert!(merge_patient(parts.label, twice, Some(parts.contact)).is_none());
    }

    #[test]
    fn facts_are_what_the_locator_needs() {
        let facts = PatientFacts::of(&read(PATIENT));
        let identifiers = [("urn:oid:1.2", "0101701234"), ("", "7")];
        assert!(facts.identifiers.iter().map(|(s, v)| (s.as_str(), v.as_str())).eq(identifiers));
        assert!(facts.names[0].family.as_deref() == Some("A"));
        assert!(facts.names[0].given == ["B", "C"] && facts.names[1].family.is_none());
        assert!(facts.birth_date.as_deref() == Some("1970-01-01"));
        assert!(facts.telephones == ["+45 1", "2"]);
        assert!(PatientFacts::of(&Json::Null) == PatientFacts::default());
    }

    proptest! {
        #[test]
        fn every_split_is_undone_by_the_merge(names in prop::collection::hash_set(
            prop_oneof![
                prop::sample::select(&LABEL[1..]).prop_map(str::to_string),
                prop::sample::select(&CONTACT[..]).prop_map(str::to_string),
                "_?[a-z]{1,4}",
            ], 0..20), at in 0usize..20)
        {
            let mut patient = Object::new();
            for (i, name) in names.iter().enumerate() {
                patient.insert(name, (i as u64).into());
            }
            patient.insert_at(at, "resourceType", "Patient".into());
            let text = Json::Object(patient.clone()).to_text();
            let parts = split_patient(patient.into()).unwrap();
            let merged = merge_patient(parts.label, Some(parts.contact), Some(parts.identity));
            prop_assert_eq!(merged.unwrap().to_text(), text);
        }
    }
}
