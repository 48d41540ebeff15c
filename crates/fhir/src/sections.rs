//! Where a resource lies: in which section of a file, in the directory, or nowhere.

use crate::{Json, Object};
use std::collections::HashMap;
use std::sync::LazyLock;
use terms::Section;

/// Where resources of a type are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The Patient itself: split between `label`, `contact` and `identity`.
    Patient,
    /// In a patient's file, in this section unless a security label says `restricted`.
    File(Section),
    /// In the directory: practitioners, organisations, places.
    Directory,
    /// Nowhere: not about a patient, and not part of the directory.
    Refused,
}

/// Where resources of this type are kept; unknown types are refused.
pub fn placement(resource_type: &str) -> Placement {
    PLACEMENTS.get(resource_type).copied().unwrap_or(Placement::Refused)
}

/// The section of a resource in a file.
///
/// A security label of the sensitivity kind (psychiatry, sexual health, HIV, genetics, substance
/// use, …) or a confidentiality of `R` or `V` moves it to `restricted`, and so does a type that
/// has no section. What belongs to the emergency data set lies in `summary`: a patient summary
/// (LOINC 60591-5, as the International Patient Summary has it), and what is tagged as part of it.
/// A Patient answers `identity`; split it instead.
pub fn section_of(resource: &Json) -> Section {
    match placement(resource.resource_type()) {
        Placement::Patient => Section::Identity,
        Placement::File(_) if is_restricted(resource) => Section::Restricted,
        Placement::File(_) if is_summary(resource) => Section::Summary,
        Placement::File(section) => section,
        _ => Section::Restricted,
    }
}

/// Whether a resource is a patient summary, or tagged as part of the emergency data set.
fn is_summary(resource: &Json) -> bool {
    let has = |codings: Option<&Json>, (system, code): (&str, &str)| {
        let codings = codings.map(Json::items).unwrap_or_default();
        codings
            .iter()
            .any(|one| one.text("system") == Some(system) && one.text("code") == Some(code))
    };
    let tags = resource.get("meta").and_then(|meta| meta.get("tag"));
    let kind = resource.get("type").and_then(|kind| kind.get("coding"));
    let composed = resource.resource_type() == "Composition";
    has(tags, SUMMARY_TAG) || composed && has(kind, PATIENT_SUMMARY)
}

/// The tag with which a client puts a diagnosis or a medicine into the emergency data set.
const SUMMARY_TAG: (&str, &str) = ("urn:cofferdam:section", "summary");
const PATIENT_SUMMARY: (&str, &str) = ("http://loinc.org", "60591-5");

/// Labels a resource as restricted, unless a label says so already.
pub fn restrict(resource: &mut Json) {
    if is_restricted(resource) {
        return;
    }
    let Some(object) = resource.as_object_mut() else { return };
    if !matches!(object.get("meta"), Some(Json::Object(_))) {
        object.insert("meta", Object::new().into());
    }
    let Some(meta) = object.get_mut("meta").and_then(Json::as_object_mut) else { return };
    let mut labels = meta.get("security").map(|old| old.items().to_vec()).unwrap_or_default();
    labels.push(Object::new().with("system", CONFIDENTIALITY).with("code", "R").into());
    meta.insert("security", labels.into());
}

/// Whether a label of the resource, or of one it contains, says `restricted`.
fn is_restricted(resource: &Json) -> bool {
    let labels = resource.get("meta").and_then(|meta| meta.get("security"));
    let contained = resource.get("contained").map(Json::items).unwrap_or_default();
    labels.map(Json::items).unwrap_or_default().iter().any(is_restricting)
        || contained.iter().any(is_restricted)
}

fn is_restricting(label: &Json) -> bool {
    let (system, code) = (label.text("system"), label.text("code").unwrap_or_default());
    match system {
        Some(ACT_CODE) => SENSITIVE.contains(&code),
        Some(CONFIDENTIALITY) => ["R", "V"].contains(&code),
        // A label without a system is taken at its word, for the stricter reading is the safe one.
        None => SENSITIVE.contains(&code) || ["R", "V"].contains(&code),
        Some(_) => false,
    }
}

const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// ActInformationSensitivityPolicy of v3-ActCode with everything below it, and what the patient
/// asked to have protected (PRS), adolescents (ADOL), gender and sexual orientation (GENDER).
const SENSITIVE: [&str; 27] = [
    "ADOL",
    "BH",
    "COGN",
    "DRGIS",
    "DVD",
    "EMOTDIS",
    "ETH",
    "ETHUD",
    "GDIS",
    "GENDER",
    "HIV",
    "MH",
    "MST",
    "OPIOIDUD",
    "PRS",
    "PSY",
    "PSYTHPN",
    "SCA",
    "SDV",
    "SEX",
    "SICKLE",
    "SPI",
    "STD",
    "SUD",
    "TBOO",
    "VIO",
    "_ActInformationSensitivityPolicy",
];

static PLACEMENTS: LazyLock<HashMap<&'static str, Placement>> = LazyLock::new(|| {
    let table = include_str!("../data/sections.txt");
    let mut placements: HashMap<_, _> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, place)| match place {
            "directory" => Some((name, Placement::Directory)),
            section => Some((name, Placement::File(section.parse().ok()?))),
        })
        .collect();
    placements.insert("Patient", Placement::Patient);
    placements
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::{is_resource_type, resource_types};

    fn section(text: &str) -> Section {
        section_of(&Json::parse(text.as_bytes(), &crate::Limits::default()).unwrap())
    }

    #[test]
    fn every_line_of_the_table_counts() {
        let lines = include_str!("../data/sections.txt").lines().filter(|l| !l.starts_with('#'));
        assert_eq!(PLACEMENTS.len(), lines.count() + 1);
        assert!(PLACEMENTS.keys().all(|name| is_resource_type(name)));
        let refused = resource_types().iter().filter(|t| placement(t) == Placement::Refused);
        assert_eq!(refused.count(), 147 - PLACEMENTS.len());
        for name in ["Group", "Person", "Bundle", "Nobody", "", "Schedule"] {
            assert_eq!(placement(name), Placement::Refused, "{name}");
        }
    }

    #[test]
    fn labels_move_a_resource_to_restricted() {
        let labelled = |label: &str| {
            section(&format!(
                r#"{{"resourceType":"Condition","meta":{{"security":[{{"code":"N"}},{label}]}}}}"#
            ))
        };
        let act = |code: &str| format!(r#"{{"system":"{ACT_CODE}","code":"{code}"}}"#);
        assert_eq!(labelled(&act("PSY")), Section::Restricted);
        assert_eq!(labelled(&act("HIV")), Section::Restricted);
        assert_eq!(labelled(r#"{"code":"SUD"}"#), Section::Restricted);
        assert_eq!(labelled(r#"{"code":"R"}"#), Section::Restricted);
        assert_eq!(labelled(&act("DEMO")), Section::History);
        assert_eq!(labelled(r#"{"system":"http://x","code":"PSY"}"#), Section::History);
        let confidential = format!(r#"{{"system":"{CONFIDENTIALITY}","code":"V"}}"#);
        assert_eq!(labelled(&confidential), Section::Restricted);
        assert_eq!(section(r#"{"resourceType":"Observation"}"#), Section::Results);
        assert_eq!(section(r#"{"resourceType":"Group"}"#), Section::Restricted);
        let contained = format!(
            r#"{{"resourceType":"Observation","contained":[{{"resourceType":"Basic",
            "meta":{{"security":[{}]}}}}]}}"#,
            act("GDIS")
        );
        assert_eq!(section(&contained), Section::Restricted);
    }

    #[test]
    fn the_emergency_data_set_lies_apart() {
        let allergy = r#"{"resourceType":"AllergyIntolerance"}"#;
        assert_eq!(section(allergy), Section::Summary);
        let tag = r#""tag":[{"system":"urn:cofferdam:section","code":"summary"}]"#;
        for (kind, elsewhere) in
            [("Condition", Section::History), ("MedicationStatement", Section::Medication)]
        {
            let tagged = |more: &str| {
                section(&format!(r#"{{"resourceType":"{kind}","meta":{{{tag}{more}}}}}"#))
            };
            assert_eq!(tagged(""), Section::Summary);
            // A summary is shown to more people than what is restricted: the label wins.
            assert_eq!(tagged(r#","security":[{"code":"PSY"}]"#), Section::Restricted);
            assert_eq!(section(&format!(r#"{{"resourceType":"{kind}"}}"#)), elsewhere);
        }
        let composition = |code: &str| {
            section(&format!(
                r#"{{"resourceType":"Composition","type":{{"coding":[
                {{"system":"http://loinc.org","code":"{code}"}}]}}}}"#
            ))
        };
        assert_eq!(composition("60591-5"), Section::Summary);
        assert_eq!(composition("18842-5"), Section::Documents);
        let other = r#"{"resourceType":"Condition","meta":{"tag":[{"code":"summary"}]}}"#;
        assert_eq!(section(other), Section::History);
    }

    #[test]
    fn restricting_adds_one_label_and_keeps_the_others() {
        for text in [
            r#"{"resourceType":"Binary"}"#,
            r#"{"resourceType":"Binary","meta":{"tag":[{"code":"x"}],"security":[{"code":"N"}]}}"#,
        ] {
            let mut binary = Json::parse(text.as_bytes(), &crate::Limits::default()).unwrap();
            assert_eq!(section_of(&binary), Section::Documents);
            restrict(&mut binary);
            assert_eq!(section_of(&binary), Section::Restricted);
            let once = binary.to_text();
            assert_eq!(once.contains(r#"[{"code":"N"},"#), text.contains("\"N\""));
            restrict(&mut binary);
            assert_eq!(binary.to_text(), once);
        }
    }
}
