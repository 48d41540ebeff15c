//! AuditEvents and Provenances of one file, from the ledger.

use crate::world::{World, observation};
use fhir::Json;
use keyproto::message::{Identifier, Query};
use record::audit::audit_event;
use record::provenance::{Brought, provenance};
use record::views::entry_of;
use terms::Role;

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const PARTICIPATIONS: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const KINDS: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ROLES: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const REST: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const INTERACTIONS: &str = "http://hl7.org/fhir/restful-interaction";
const PROFILES: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit";

/// What a BALP profile (1.1) asks for beyond FHIR itself.
struct Profile {
    name: &'static str,
    interaction: &'static str,
    action: &'static str,
    slices: &'static [Slice],
}

/// A slice that has to be there exactly once.
struct Slice {
    list: &'static str,
    system: &'static str,
    /// Codes of its type, of which it has one.
    codes: &'static [&'static str],
    has: &'static [&'static str],
    /// What this or an earlier 1.x version of the profile forbids.
    lacks: &'static [&'static str],
    /// Its role's code.
    role: Option<&'static str>,
}

const PART: Slice = Slice {
    list: "agent",
    system: DICOM,
    codes: &[],
    has: &["who", "network", "requestor"],
    lacks: &["role", "altId", "name", "location", "policy", "media", "purposeOfUse"],
    role: None,
};
const SOURCE: Slice = Slice { codes: &["110153"], ..PART };
const DESTINATION: Slice = Slice { codes: &["110152"], ..PART };
const USER: Slice = Slice {
    list: "agent",
    system: PARTICIPATIONS,
    codes: &[],
    has: &["who", "requestor"],
    lacks: &["altId", "location", "policy", "media", "network"],
    role: None,
};
const READER: Slice = Slice { codes: &["IRCP"], ..USER };
const SENDER: Slice = Slice { codes: &["AUT", "INF"], ..USER };
const ENTITY: Slice = Slice {
    list: "entity",
    system: KINDS,
    codes: &[],
    has: &["what"],
    lacks: &["lifecycle", "name", "query", "detail"],
    role: None,
};
const DATA: Slice = Slice { codes: &["2"], role: Some("4"), ..ENTITY };
const PATIENT: Slice = Slice { codes: &["1"], role: Some("1"), ..ENTITY };
const QUERY: Slice = Slice {
    codes: &["2"],
    role: Some("24"),
    has: &["_query"],
    lacks: &["what", "lifecycle", "detail"],
    ..ENTITY
};

const READ: Profile = Profile {
    name: ".PatientRead",
    interaction: "read",
    action: "R",
    slices: &[DESTINATION, SOURCE, READER, DATA, PATIENT],
};
const CREATE: Profile = Profile {
    name: ".PatientCreate",
    interaction: "create",
    action: "C",
    slices: &[SOURCE, DESTINATION, SENDER, DATA, PATIENT],
};
/// Its shape alone: the query itself is masked, so the profile is not claimed.
const LOOK_UP: Profile = Profile {
    name: "",
    interaction: "search-type",
    action: "E",
    slices: &[SOURCE, DESTINATION, READER, QUERY, PATIENT],
};

#[test]
fn openings_deposits_and_look_ups_have_every_slice_of_their_profile() {
    let world = World::new();
    let doctor = world.doctor();
    let (file, other) = (doctor.patient(), doctor.create(r#"{"resourceType":"Patient"}"#).id.file);
    doctor.create(&observation(file, "a", "1"));
    doctor.open(file);
    doctor.open(other);
    let (system, value) = ("urn:oid:1.2.208.176.1.2".to_owned(), "0302701234".to_owned());
    doctor.find(Query::Identifier(Identifier { system, value }));
    let lines = world.person(Role::Officer).report(file);
    let events: Vec<Json> = lines.iter().filter_map(|line| audit_event(line, file)).collect();
    let profiles = [&CREATE, &CREATE, &READ, &LOOK_UP];
    assert_eq!(events.len(), profiles.len());
    for (event, profile) in events.iter().zip(profiles) {
        holds(event, profile);
        let whose = one(event, &PATIENT).get("what").unwrap().text("reference").unwrap().to_owned();
        assert_eq!(whose, format!("Patient/{file}"));
        assert!(
            event.to_text().contains("Doctor") && !event.to_text().contains(&other.to_string())
        );
        assert!(!event.to_text().contains("0302701234"), "what was looked for is in no view");
    }
    let lines = world.person(Role::Officer).report(other);
    assert!(lines.iter().all(|line| audit_event(line, file).is_none()));
}

#[test]
fn a_refusal_claims_no_profile_and_names_the_practice() {
    let world = World::new();
    let file = world.doctor().patient();
    assert!(world.person(Role::Laboratory).try_release(file).is_err());
    let lines = world.person(Role::Officer).report(file);
    let refused = lines.iter().filter_map(|line| audit_event(line, file)).find(|event| {
        let outcome = event.text("outcome").unwrap();
        outcome == "4"
    });
    let refused = refused.unwrap();
    valid(&refused);
    assert!(refused.get("meta").is_none() && refused.get("subtype").is_none());
    let text = refused.to_text();
    assert!(text.contains("Practice") && text.contains("Laboratory"), "{text}");
}

#[test]
fn a_provenance_targets_the_versions_that_a_deposit_brought_or_its_segments() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let brought = doctor.create(&observation(file, "a", "1")).id;
    let lines = world.person(Role::Officer).report(file);
    let told = |brought: &Brought| -> Vec<Json> {
        lines.iter().filter_map(|line| provenance(line, file, brought)).collect()
    };
    let closed = told(&Brought::default());
    assert_eq!(closed.len(), 2);
    let segments: Vec<&str> = targets(&closed[1]).map(segment).collect();
    assert!(segments.len() == 1 && segments[0].starts_with(&format!("{file}-")), "{segments:?}");
    let open = told(&Brought::of(&doctor.open(file)));
    let versions: Vec<&str> = targets(&open[1]).filter_map(|t| t.text("reference")).collect();
    assert_eq!(versions, [format!("Observation/{brought}/_history/1")]);
    assert!(open[0].to_text().contains(&format!("Patient/{file}/_history/1")));
    for provenance in closed.iter().chain(&open) {
        valid(provenance);
        let (named, _) = entry_of("Provenance", provenance.id().unwrap()).unwrap();
        assert!(named == file && provenance.to_text().contains("enterer"));
    }
}

#[test]
fn an_id_of_a_view_names_its_entry_and_no_other_id_does() {
    let file = "abcdefghijklmnopqrstuvwxya";
    let (audit, stored) = (format!("{file}-audit-77"), format!("{file}-0000001"));
    assert_eq!(entry_of("AuditEvent", &audit).unwrap().1, 77);
    for (kind, id) in [("Provenance", &audit), ("Observation", &audit), ("Provenance", &stored)] {
        assert!(entry_of(kind, id).is_none());
    }
}

fn holds(event: &Json, profile: &Profile) {
    valid(event);
    let claimed = event.get("meta").and_then(|meta| meta.get("profile"));
    let claimed = claimed.map(|profiles| items(profiles).next().unwrap().as_str().unwrap());
    let expected = Some(format!("{PROFILES}{}", profile.name)).filter(|_| !profile.name.is_empty());
    assert_eq!(claimed, expected.as_deref());
    assert!(is(event.get("type").unwrap(), REST, &["rest"]));
    let mut kinds = items(event.get("subtype").unwrap());
    assert!(kinds.any(|kind| is(kind, INTERACTIONS, &[profile.interaction])));
    assert_eq!(event.text("action"), Some(profile.action));
    assert_eq!(event.text("outcome"), Some("0"));
    assert!(event.text("recorded").is_some());
    for slice in profile.slices {
        let one = one(event, slice);
        assert!(slice.has.iter().all(|name| one.get(name).is_some()), "{}", one.to_text());
        assert!(slice.lacks.iter().all(|name| one.get(name).is_none()), "{}", one.to_text());
        if let Some(role) = slice.role {
            assert!(is(one.get("role").unwrap(), ROLES, &[role]), "{}", one.to_text());
        }
    }
}

/// The one member of the list that is in the slice.
fn one<'j>(event: &'j Json, slice: &Slice) -> &'j Json {
    let in_slice = |item: &&Json| {
        let kind = item.get("type").unwrap();
        let codings = kind.get("coding").into_iter().flat_map(items);
        codings.chain([kind]).any(|coding| is(coding, slice.system, slice.codes))
    };
    let found: Vec<&Json> = items(event.get(slice.list).unwrap()).filter(in_slice).collect();
    assert_eq!(found.len(), 1, "{:?} of {}", slice.codes, event.to_text());
    found[0]
}

fn is(coding: &Json, system: &str, codes: &[&str]) -> bool {
    coding.text("system") == Some(system) && codes.iter().any(|c| coding.text("code") == Some(c))
}

fn items(list: &Json) -> impl Iterator<Item = &Json> {
    list.items().iter()
}

fn targets(provenance: &Json) -> impl Iterator<Item = &Json> {
    items(provenance.get("target").unwrap())
}

fn segment(target: &Json) -> &str {
    target.get("identifier").unwrap().text("value").unwrap()
}

fn valid(resource: &Json) {
    let issues = fhir::validate(resource);
    let errors = issues.iter().filter(|issue| issue.severity == fhir::Severity::Error);
    assert_eq!(errors.count(), 0, "{issues:?}");
}
