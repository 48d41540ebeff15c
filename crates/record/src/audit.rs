//! AuditEvents, made from lines of the ledger.
//!
//! They are read-only views: the ledger is what counts, and each names its entry. An opening meets
//! IHE BALP's `PatientRead` and a deposit `PatientCreate`. The ledger knows no network addresses:
//! where the profiles want them it says that they are absent. A look-up claims no profile, because
//! `PatientQuery` is to hold what was looked for, which the ledger never has; and the profiles are
//! for what succeeded, so a refusal claims none either.

use crate::views::{CARD, ENTRY, Named, SEGMENT, SERVER};
use crate::views::{coding, concept, identified, list, patient, practice, who};
use fhir::{Json, Object};
use keyproto::message::Line;
use ledger::entry::{Act, Deposited, Entry, Found, LookUp, Opened, OpenedByJob, Refused};
use terms::{CardId, FileId, PracticeId, Purpose, Section, Sections, ServerId};

const TYPES: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const INTERACTIONS: &str = "http://hl7.org/fhir/restful-interaction";
const ROLES: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const KINDS: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const REASONS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const PARTICIPATIONS: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const SOURCES: &str = "http://terminology.hl7.org/CodeSystem/security-source-type";
const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const BALP: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition";

/// The line as an AuditEvent, if it is an act on this file.
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
    if let Some((interaction, action)) = event.interaction {
        told.insert("subtype", list(coding(INTERACTIONS, interaction, None)));
        told.insert("action", action.into());
    }
    if let Some(purpose) = event.purpose {
        told.insert("purposeOfEvent", list(concept(REASONS, purpose_code(purpose))));
    }
    told.insert("recorded", entry.at.to_string().into());
    told.insert("outcome", if event.interaction.is_some() { "0" } else { "4" }.into());
    told.insert("agent", event.agents(line).into());
    let observer = identified(SERVER, event.server.to_string());
    let source = Object::new().with("observer", observer);
    told.insert("source", source.with("type", list(coding(SOURCES, "4", None))).into());
    told.insert("entity", event.entities(file, line.number).into());
    Some(told.into())
}

/// What an AuditEvent says about an act.
struct Event {
    /// Which interaction it was, and its letter; none for a refusal, of which nobody kept it.
    interaction: Option<(&'static str, &'static str)>,
    profile: Option<&'static str>,
    /// What its holder did with the card.
    user: &'static str,
    /// DICOM's codes for the part of the client and of the server.
    parts: [&'static str; 2],
    card: Option<CardId>,
    practice: Option<PracticeId>,
    server: ServerId,
    purpose: Option<Purpose>,
    sections: Sections,
    /// What was read, asked or brought.
    data: Option<Object>,
}

const SOURCE: &str = "110153";
const DESTINATION: &str = "110152";

impl Event {
    fn of(act: &Act, named: &Named<'_>) -> Option<Event> {
        match act {
            Act::Opened(act) if named.is(act.file) => Some(Event::opened(act, named.file)),
            Act::OpenedByJob(act) if named.is(act.file) => {
                Some(Event::opened_by_job(act, named.file))
            }
            Act::Found(act) if act.shown.iter().chain(&act.told).any(|file| named.is(*file)) => {
                let shown = act.shown.iter().any(|file| named.is(*file));
                Some(Event::found(act, shown))
            }
            Act::Deposited(act) if named.is(act.file) => Some(Event::deposited(act, named.file)),
            // What never came was brought all the same, as far as its server goes.
            Act::Abandoned(act) if named.is(act.file) => {
                let brought = Event::deposited(act, named.file);
                Some(Event { interaction: None, profile: None, data: None, ..brought })
            }
            Act::Refused(act) if act.file.is_some_and(|file| named.is(file)) => {
                Some(Event::refused(act))
            }
            _ => None,
        }
    }

    fn opened(act: &Opened, file: FileId) -> Event {
        let data = Object::new().with("what", patient(file));
        Event {
            interaction: Some(("read", "R")),
            profile: Some("IHE.BasicAudit.PatientRead"),
            user: "IRCP",
            parts: [DESTINATION, SOURCE],
            card: Some(act.card),
            practice: Some(act.practice),
            server: act.server,
            purpose: Some(act.purpose),
            sections: act.sections,
            data: Some(domain_resource(data)),
        }
    }

    /// Two officers approved it beforehand, with others, for a letter to the patient.
    fn opened_by_job(act: &OpenedByJob, file: FileId) -> Event {
        let about = format!("an opening by the approved job {}", act.job);
        let data = Object::new().with("what", patient(file)).with("description", about);
        Event {
            interaction: Some(("read", "R")),
            profile: Some("IHE.BasicAudit.PatientRead"),
            user: "IRCP",
            parts: [DESTINATION, SOURCE],
            card: Some(act.card),
            practice: Some(act.practice),
            server: act.server,
            purpose: Some(Purpose::Operations),
            sections: act.sections,
            data: Some(domain_resource(data)),
        }
    }

    fn found(act: &Found, shown: bool) -> Event {
        let by = match act.by {
            LookUp::Identifier => "a look-up by national identifier",
            LookUp::Name => "a look-up by name",
            LookUp::NameAndBirthDate => "a look-up by name and birth date",
            LookUp::Telephone => "a look-up by telephone number",
            LookUp::Chart => "a look-up by chart number",
        };
        let query = Object::new()
            .with("type", coding(KINDS, "2", Some("System Object")))
            .with("role", coding(ROLES, "24", Some("Query")))
            .with("description", by)
            .with("_query", absent("masked"));
        Event {
            interaction: Some(("search-type", "E")),
            profile: None,
            user: "IRCP",
            parts: [SOURCE, DESTINATION],
            card: Some(act.card),
            practice: Some(act.practice),
            server: act.server,
            purpose: None,
            sections: if shown { Sections::of(&[Section::Label]) } else { Sections::NONE },
            data: Some(query),
        }
    }

    fn deposited(act: &Deposited, file: FileId) -> Event {
        let what = identified(SEGMENT, format!("{file}-{}", act.first));
        Event {
            interaction: Some(("create", "C")),
            profile: Some("IHE.BasicAudit.PatientCreate"),
            user: "INF",
            parts: [SOURCE, DESTINATION],
            card: Some(act.card),
            practice: Some(act.practice),
            server: act.server,
            purpose: None,
            sections: act.sections.iter().copied().collect(),
            data: Some(domain_resource(Object::new().with("what", what))),
        }
    }

    fn refused(act: &Refused) -> Event {
        Event {
            interaction: None,
            profile: None,
            user: "IRCP",
            parts: [SOURCE, DESTINATION],
            card: act.card,
            practice: None,
            server: act.server,
            purpose: None,
            sections: Sections::NONE,
            data: None,
        }
    }

    /// Client and server, the holder of the card, and the practice.
    fn agents(&self, line: &Line) -> Vec<Json> {
        let unknown = || Object::new().with("display", "unknown").into();
        let card = |display| match self.card {
            Some(card) => who(CARD, card.to_string(), display),
            None => unknown(),
        };
        let part = |code: &str, who: Json| {
            let agent = Object::new().with("type", concept(DICOM, code)).with("who", who);
            agent.with("requestor", false).with("network", absent("unknown")).into()
        };
        let user = Object::new()
            .with("type", concept(PARTICIPATIONS, self.user))
            .with("who", card(line.holder.as_deref()))
            .with("requestor", true);
        let mut agents = vec![
            part(self.parts[0], card(None)),
            part(self.parts[1], identified(SERVER, self.server.to_string())),
            user.into(),
        ];
        let at = match (self.practice, &line.practice) {
            (Some(id), _) => Some(practice(line, id)),
            (None, Some(name)) => Some(Object::new().with("display", name.as_str()).into()),
            (None, None) => None,
        };
        agents.extend(at.map(|at| {
            let custodian = Object::new().with("type", concept(PARTICIPATIONS, "CST"));
            custodian.with("who", at).with("requestor", false).into()
        }));
        agents
    }

    /// What, whose file, and which entry of the ledger says so, with the sections.
    fn entities(&self, file: FileId, entry: u64) -> Vec<Json> {
        let whose = Object::new()
            .with("what", patient(file))
            .with("type", coding(KINDS, "1", Some("Person")))
            .with("role", coding(ROLES, "1", Some("Patient")));
        let mut record = Object::new()
            .with("what", identified(ENTRY, entry.to_string()))
            .with("type", coding(KINDS, "4", Some("Other")))
            .with("role", coding(ROLES, "13", Some("Security Resource")));
        if !self.sections.is_empty() {
            let sections = self.sections.to_string();
            let detail = Object::new().with("type", "sections").with("valueString", sections);
            record.insert("detail", list(detail.into()));
        }
        let data = self.data.clone().map(Json::from);
        data.into_iter().chain([whose.into(), record.into()]).collect()
    }
}

fn domain_resource(entity: Object) -> Object {
    entity
        .with("type", coding(KINDS, "2", Some("System Object")))
        .with("role", coding(ROLES, "4", Some("Domain Resource")))
}

/// An element that is there to say why its value is not.
fn absent(reason: &str) -> Json {
    let extension = Object::new().with("url", ABSENT).with("valueCode", reason);
    Object::new().with("extension", list(extension.into())).into()
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
