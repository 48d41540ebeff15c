//! AuditEvent and Provenance, made from lines of the ledger.
//!
//! AuditEvents follow IHE BALP: `PatientRead` for an opening, `PatientQuery` for a look-up whose
//! hit was shown, `PatientCreate` for a deposit. They are read-only views: the ledger is what
//! counts, and each names its entry.

use fhir::{Json, Object};
use keyproto::message::Line;
use ledger::entry::{Act, Deposited, Entry, Found, Opened, Refused};
use terms::{Blind, CardId, FileId, PracticeId, Purpose, Sections, ServerId};

const TYPES: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const INTERACTIONS: &str = "http://hl7.org/fhir/restful-interaction";
const ROLES: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const KINDS: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const REASONS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const PARTICIPANTS: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
const BALP: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition";
const CARD: &str = "urn:cofferdam:card";
const PRACTICE: &str = "urn:cofferdam:practice";
const SERVER: &str = "urn:cofferdam:server";
const ENTRY: &str = "urn:cofferdam:ledger-entry";

/// The line as an AuditEvent (IHE BALP), if it is an act on this file.
pub fn audit_event(line: &Line, file: FileId) -> Option<Json> {
    let entry = Entry::from_bytes(&line.entry).ok()?;
    let event = Event::of(&entry.act, &Named { line, file })?;
    let mut told = Object::new()
        .with("resourceType", "AuditEvent")
        .with("id", format!("{file}-audit-{}", line.number));
    if let Some(profile) = event.profile {
        let profile = list(format!("{BALP}/{profile}").into());
        told.insert("meta", Object::new().with("profile", profile).into());
    }
    told.insert("type", coding(TYPES, "rest", Some("Restful Operation")));
    told.insert("subtype", list(coding(INTERACTIONS, event.interaction, None)));
    told.insert("action", event.action.into());
    if let Some(purpose) = event.purpose {
        let reason =
            Object::new().with("coding", list(coding(REASONS, purpose_code(purpose), None)));
        told.insert("purposeOfEvent", list(reason.into()));
    }
    told.insert("recorded", entry.at.to_string().into());
    told.insert("outcome", if event.refused { "4" } else { "0" }.into());
    told.insert("agent", agents(line, event.card, event.practice).into());
    told.insert("source", source(event.server));
    told.insert("entity", entities(file, line.number, event.sections).into());
    Some(told.into())
}

/// The line as a Provenance, if it is a deposit into this file.
pub fn provenance(line: &Line, file: FileId) -> Option<Json> {
    let entry = Entry::from_bytes(&line.entry).ok()?;
    let Act::Deposited(deposited) = &entry.act else { return None };
    if !(Named { line, file }.is(deposited.file)) {
        return None;
    }
    let who = who(CARD, deposited.card.to_string(), line.holder.as_deref());
    let agent = Object::new()
        .with("type", concept(PARTICIPANTS, "author"))
        .with("who", who)
        .with("onBehalfOf", practice(line, deposited.practice));
    let source = Object::new()
        .with("role", "source")
        .with("what", Object::new().with("identifier", identifier(ENTRY, line.number.to_string())));
    let provenance = Object::new()
        .with("resourceType", "Provenance")
        .with("id", format!("{file}-provenance-{}", line.number))
        .with("target", list(patient(file)))
        .with("recorded", entry.at.to_string())
        .with("agent", list(agent.into()))
        .with("entity", list(source.into()));
    Some(provenance.into())
}

/// A line, and the file that is asked about.
struct Named<'a> {
    line: &'a Line,
    file: FileId,
}

impl Named<'_> {
    fn is(&self, blind: Blind) -> bool {
        self.line.files.iter().any(|(name, file)| *name == blind && *file == self.file)
    }
}

/// What an AuditEvent says about an act.
struct Event {
    interaction: &'static str,
    action: &'static str,
    profile: Option<&'static str>,
    refused: bool,
    card: Option<CardId>,
    practice: Option<PracticeId>,
    server: ServerId,
    purpose: Option<Purpose>,
    sections: Sections,
}

impl Event {
    fn of(act: &Act, named: &Named<'_>) -> Option<Event> {
        match act {
            Act::Opened(act) if named.is(act.file) => Some(Event::opened(act)),
            Act::Found(act) if act.shown.iter().chain(&act.told).any(|file| named.is(*file)) => {
                let shown = act.shown.iter().any(|file| named.is(*file));
                Some(Event::found(act, shown))
            }
            Act::Deposited(act) if named.is(act.file) => Some(Event::deposited(act)),
            Act::Abandoned(act) if named.is(act.file) => {
                Some(Event { refused: true, ..Event::deposited(act) })
            }
            Act::Refused(act) if act.file.is_some_and(|file| named.is(file)) => {
                Some(Event::refused(act))
            }
            _ => None,
        }
    }

    fn opened(act: &Opened) -> Event {
        Event {
            interaction: "read",
            action: "R",
            profile: Some("IHE.BasicAudit.PatientRead"),
            refused: false,
            card: Some(act.card),
            practice: Some(act.practice),
            server: act.server,
            purpose: Some(act.purpose),
            sections: act.sections,
        }
    }

    fn found(act: &Found, shown: bool) -> Event {
        let sections = if shown { Sections::of(&[terms::Section::Label]) } else { Sections::NONE };
        Event {
            interaction: "search-type",
            action: "E",
            profile: Some("IHE.BasicAudit.PatientQuery"),
            refused: false,
            card: Some(act.card),
            practice: Some(act.practice),
            server: act.server,
            purpose: None,
            sections,
        }
    }

    fn deposited(act: &Deposited) -> Event {
        Event {
            interaction: "create",
            action: "C",
            profile: Some("IHE.BasicAudit.PatientCreate"),
            refused: false,
            card: Some(act.card),
            practice: Some(act.practice),
            server: act.server,
            purpose: None,
            sections: act.sections.iter().copied().collect(),
        }
    }

    fn refused(act: &Refused) -> Event {
        Event {
            interaction: "read",
            action: "R",
            profile: None,
            refused: true,
            card: act.card,
            practice: None,
            server: act.server,
            purpose: None,
            sections: Sections::NONE,
        }
    }
}

/// Who did it: the holder of the card, and the practice.
fn agents(line: &Line, card: Option<CardId>, practice_id: Option<PracticeId>) -> Vec<Json> {
    let mut agents = Vec::new();
    let user = Object::new().with("type", concept(PARTICIPANTS, "performer"));
    let user = match card {
        Some(card) => user.with("who", who(CARD, card.to_string(), line.holder.as_deref())),
        None => user.with("who", Object::new().with("display", "unknown")),
    };
    agents.push(user.with("requestor", true).into());
    if let Some(id) = practice_id {
        let custodian = Object::new()
            .with("type", concept(PARTICIPANTS, "custodian"))
            .with("who", practice(line, id))
            .with("requestor", false);
        agents.push(custodian.into());
    }
    agents
}

fn source(server: ServerId) -> Json {
    let observer = Object::new().with("identifier", identifier(SERVER, server.to_string()));
    let kind = coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", None);
    Object::new().with("observer", observer).with("type", list(kind)).into()
}

/// Whose file, which sections, and which entry of the ledger says so.
fn entities(file: FileId, entry: u64, sections: Sections) -> Vec<Json> {
    let mut whose = Object::new()
        .with("what", patient(file))
        .with("type", coding(KINDS, "1", Some("Person")))
        .with("role", coding(ROLES, "1", Some("Patient")));
    if !sections.is_empty() {
        let detail =
            Object::new().with("type", "sections").with("valueString", sections.to_string());
        whose.insert("detail", list(detail.into()));
    }
    let record = Object::new()
        .with("what", Object::new().with("identifier", identifier(ENTRY, entry.to_string())))
        .with("type", coding(KINDS, "2", Some("System Object")))
        .with("role", coding(ROLES, "13", Some("Security Resource")));
    vec![whose.into(), record.into()]
}

fn purpose_code(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Treatment => "TREAT",
        Purpose::Emergency => "ETREAT",
        Purpose::Payment => "HPAYMT",
        Purpose::Operations => "HOPERAT",
        Purpose::PatientRequest => "PATRQT",
    }
}

fn practice(line: &Line, id: PracticeId) -> Json {
    who(PRACTICE, id.to_string(), line.practice.as_deref())
}

fn who(system: &str, value: String, display: Option<&str>) -> Json {
    let who = Object::new().with("identifier", identifier(system, value));
    match display {
        Some(display) => who.with("display", display).into(),
        None => who.into(),
    }
}

fn patient(file: FileId) -> Json {
    Object::new().with("reference", format!("Patient/{file}")).into()
}

fn identifier(system: &str, value: String) -> Json {
    Object::new().with("system", system).with("value", value).into()
}

fn coding(system: &str, code: &str, display: Option<&str>) -> Json {
    let coding = Object::new().with("system", system).with("code", code);
    match display {
        Some(display) => coding.with("display", display).into(),
        None => coding.into(),
    }
}

fn concept(system: &str, code: &str) -> Json {
    Object::new().with("coding", list(coding(system, code, None))).into()
}

fn list(item: Json) -> Json {
    vec![item].into()
}
