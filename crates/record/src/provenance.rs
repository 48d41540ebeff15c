//! Provenances, made from deposits in the ledger.
//!
//! The ledger knows who brought which segments, and of a segment its section, not what is in it.
//! Where the asker has the file open, the versions that lie in them are named; where not, or where
//! their section was not released, the segments are.

use crate::open_file::OpenFile;
use crate::views::{CARD, ENTRY, Named, SEGMENT, concept, identified, list, practice, who};
use fhir::{Json, Object};
use keyproto::message::Line;
use ledger::entry::{Act, Deposited, Entry};
use std::collections::BTreeMap;
use terms::FileId;

/// Where a Provenance comes from: what `_source` asks for, and `meta.source` says.
pub const FROM_LEDGER: &str = "urn:cofferdam:ledger";
const PARTICIPANTS: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";

/// The versions that lie in each segment of an open file.
#[derive(Default)]
pub struct Brought(BTreeMap<u32, Vec<String>>);

impl Brought {
    /// What the released sections of this file hold.
    pub fn of(open: &OpenFile) -> Brought {
        let mut brought = Brought::default();
        for version in open.state().contents.all_versions() {
            let (kind, id, number) = (version.resource_type(), version.id(), version.version());
            let name = format!("{kind}/{id}/_history/{number}");
            brought.0.entry(version.inner().sequence).or_default().push(name);
        }
        brought
    }

    fn targets(&self, file: FileId, deposited: &Deposited) -> Vec<Json> {
        let mut targets = Vec::new();
        for (sequence, section) in (deposited.first..).zip(&deposited.sections) {
            match self.0.get(&sequence) {
                Some(names) => targets.extend(
                    names
                        .iter()
                        .map(|name| Json::from(Object::new().with("reference", name.as_str()))),
                ),
                None => {
                    let segment = format!("{file}-{sequence}");
                    targets.push(who(SEGMENT, segment, Some(section.word())));
                }
            }
        }
        targets
    }
}

/// The line as a Provenance, if it is a deposit into this file.
pub fn provenance(line: &Line, file: FileId, brought: &Brought) -> Option<Json> {
    let entry = Entry::from_bytes(&line.entry).ok()?;
    let Act::Deposited(deposited) = &entry.act else { return None };
    if !(Named { line, file }.is(deposited.file)) {
        return None;
    }
    let agent = Object::new()
        .with("type", concept(PARTICIPANTS, "enterer"))
        .with("who", who(CARD, deposited.card.to_string(), line.holder.as_deref()))
        .with("onBehalfOf", practice(line, deposited.practice));
    let source = Object::new()
        .with("role", "source")
        .with("what", identified(ENTRY, line.number.to_string()));
    let provenance = Object::new()
        .with("resourceType", "Provenance")
        .with("id", format!("{file}-provenance-{}", line.number))
        .with("meta", Object::new().with("source", FROM_LEDGER))
        .with("target", brought.targets(file, deposited))
        .with("recorded", entry.at.to_string())
        .with("agent", list(agent.into()))
        .with("entity", list(source.into()));
    Some(provenance.into())
}
