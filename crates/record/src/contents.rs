//! The resources of one file in memory: every version that was released, by type and number.

use fhir::{Index, Json, Limits, SearchQuery, merge_patient};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use terms::{FileId, Section, Sections, Time};
use zeroize::Zeroizing;

use crate::errors::OpenError;
use crate::redacted::mark_redacted;
use crate::segment_content::{Carries, ContentError, Kind, Record, records};
use crate::version::{Blob, Inner, Version};

/// Everything known of one file. Segments are only ever added.
pub(crate) struct Contents {
    file: FileId,
    tables: BTreeMap<&'static str, Table>,
    patient: BTreeMap<u32, Parts>,
    latest: Time,
    index: Mutex<Index>,
}

/// A stream of records: all that one deposit put into one section.
pub(crate) struct Stream {
    pub(crate) section: Section,
    /// Sequence of its last segment.
    pub(crate) sequence: u32,
    /// The bytes, and where in them the stream begins and ends.
    pub(crate) bytes: Blob,
    pub(crate) range: Range<usize>,
}

impl Stream {
    /// The same stream once more; the bytes are shared.
    pub(crate) fn share(&self) -> Stream {
        let (section, sequence) = (self.section, self.sequence);
        Stream { section, sequence, bytes: Arc::clone(&self.bytes), range: self.range.clone() }
    }
}

#[derive(Default)]
struct Table {
    places: HashMap<Option<u64>, usize>,
    histories: Vec<History>,
    /// What is neither deleted nor moved out of sight, in the order of creation.
    current: Vec<Version>,
}

#[derive(Default)]
struct History {
    versions: Vec<Version>,
    /// Versions that went to another section, with the sequences of the segments that say so.
    moved: Vec<(u32, u32)>,
}

#[derive(Default, Clone)]
struct Parts {
    label: Option<(Carries, Version)>,
    contact: Option<Version>,
    identity: Option<Version>,
}

impl Contents {
    pub(crate) fn new(file: FileId) -> Contents {
        Contents {
            file,
            tables: BTreeMap::new(),
            patient: BTreeMap::new(),
            latest: Time::from_millis(0),
            index: Mutex::default(),
        }
    }

    /// Adds the records of these streams; `hidden` is what the file has and was not released.
    pub(crate) fn absorb(
        &mut self,
        streams: Vec<Stream>,
        hidden: Sections,
    ) -> Result<(), OpenError> {
        let mut touched: Vec<&'static str> = Vec::new();
        for stream in streams {
            let bytes = stream.bytes.get(stream.range.clone()).unwrap_or_default();
            for record in records(bytes) {
                let record = record.map_err(|error| tampered(&error))?;
                if touched.last() != Some(&record.resource_type) {
                    touched.push(record.resource_type);
                }
                self.add(&stream, record);
            }
        }
        touched.sort_unstable();
        touched.dedup();
        for resource_type in touched {
            if resource_type == "Patient" {
                self.put_patient_together(hidden)?;
            }
            if let Some(table) = self.tables.get_mut(resource_type) {
                table.sort_out_current();
            }
            self.index.get_mut().unwrap_or_else(PoisonError::into_inner).forget(resource_type);
        }
        Ok(())
    }

    fn add(&mut self, stream: &Stream, record: Record) {
        let kind = record.kind;
        self.latest = self.latest.max(record.last_updated);
        if kind == Kind::Moved {
            let table = self.tables.entry(record.resource_type).or_default();
            table.history(record.number).moved.push((stream.sequence, record.version));
            return;
        }
        let version = record_version(self.file, stream, record);
        let number = version.version();
        match kind {
            Kind::Label(carries) => self.parts(number).label = Some((carries, version)),
            Kind::Contact => self.parts(number).contact = Some(version),
            Kind::Identity => self.parts(number).identity = Some(version),
            _ => {
                let table = self.tables.entry(version.resource_type()).or_default();
                table.history(version.inner().number).versions.push(version);
            }
        }
    }

    fn parts(&mut self, version: u32) -> &mut Parts {
        self.patient.entry(version).or_default()
    }

    /// Makes the Patient's versions from the parts that are there. Without its label there is none.
    fn put_patient_together(&mut self, hidden: Sections) -> Result<(), OpenError> {
        let hides_a_part = hidden.contains(Section::Contact) || hidden.contains(Section::Identity);
        let mut versions = Vec::new();
        let (mut contact, mut identity) = (None, None);
        let mut order = Vec::new();
        for parts in self.patient.values() {
            let Some((carries, label)) = &parts.label else { continue };
            if !carries.contact {
                contact = parts.contact.clone();
            }
            if !carries.identity {
                identity = parts.identity.clone();
            }
            let part = |part: &Option<Version>| part.as_ref().map(parsed).transpose();
            let mut label_tree = parsed(label)?;
            order = complete_order(&mut label_tree, order, *carries);
            let tree = merge_patient(label_tree, part(&contact)?, part(&identity)?);
            let mut tree = tree.ok_or_else(|| OpenError::Tampered("a Patient's label".into()))?;
            if hides_a_part {
                mark_redacted(&mut tree);
            }
            versions.push(patient_version(label, tree));
        }
        let table = self.tables.entry("Patient").or_default();
        table.history(None).versions = versions;
        Ok(())
    }

    /// The time of the newest version of anything.
    pub(crate) fn latest(&self) -> Time {
        self.latest
    }

    /// The newest version of a resource, which may say deleted.
    pub(crate) fn newest(&self, resource_type: &str, number: Option<u64>) -> Option<&Version> {
        self.history(resource_type, number)?.newest(u32::MAX)
    }

    /// The versions of a resource that is in sight, the oldest first.
    pub(crate) fn versions(&self, resource_type: &str, number: Option<u64>) -> &[Version] {
        match self.history(resource_type, number) {
            Some(history) if history.newest(u32::MAX).is_some() => &history.versions,
            _ => &[],
        }
    }

    /// Every version that was released.
    pub(crate) fn all_versions(&self) -> impl Iterator<Item = &Version> {
        self.tables.values().flat_map(|table| &table.histories).flat_map(|of| &of.versions)
    }

    fn history(&self, resource_type: &str, number: Option<u64>) -> Option<&History> {
        let table = self.tables.get(resource_type)?;
        table.places.get(&number).map(|at| &table.histories[*at])
    }

    /// What is in sight under this number, which one resource of the file has, of whatever type.
    pub(crate) fn numbered(&self, number: u64) -> Option<&Version> {
        let tables = self.tables.keys();
        let mut newest = tables.filter_map(|name| self.newest(name, Some(number)));
        newest.find(|version| !version.is_deleted())
    }

    /// What is in sight of one type, in the order of creation.
    pub(crate) fn current(&self, resource_type: &str) -> &[Version] {
        self.tables.get(resource_type).map(|table| &table.current[..]).unwrap_or_default()
    }

    /// The same as it was when the file had this many segments.
    pub(crate) fn current_at(&self, resource_type: &str, segments: u32) -> Vec<Version> {
        let Some(table) = self.tables.get(resource_type) else { return Vec::new() };
        table.histories.iter().filter_map(|history| history.in_sight(segments)).collect()
    }

    /// The types that the file has resources of, sorted, the Patient first.
    pub(crate) fn types(&self) -> impl Iterator<Item = &'static str> {
        let patient = self.tables.keys().filter(|name| **name == "Patient");
        patient.chain(self.tables.keys().filter(|name| **name != "Patient")).copied()
    }

    /// What matches among what is in sight now, in the order of creation.
    pub(crate) fn search(&self, query: &SearchQuery) -> Vec<Version> {
        let current = self.current(query.resource_type());
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let found = index.search(query, current);
        found.into_iter().filter_map(|at| current.get(at as usize).cloned()).collect()
    }
}

impl Table {
    fn history(&mut self, number: Option<u64>) -> &mut History {
        let at = *self.places.entry(number).or_insert_with(|| {
            self.histories.push(History::default());
            self.histories.len() - 1
        });
        &mut self.histories[at]
    }

    fn sort_out_current(&mut self) {
        let in_sight = self.histories.iter().filter_map(|history| history.in_sight(u32::MAX));
        self.current = in_sight.collect();
    }
}

impl History {
    /// The newest version from before this many segments; none where a newer one lies in a section
    /// that was not released.
    fn newest(&self, segments: u32) -> Option<&Version> {
        let newest = self.versions.iter().rev().find(|v| v.inner().sequence < segments)?;
        let mut moved = self.moved.iter().filter(|(sequence, _)| *sequence < segments);
        let elsewhere = moved.any(|(_, version)| *version > newest.version());
        (!elsewhere).then_some(newest)
    }

    fn in_sight(&self, segments: u32) -> Option<Version> {
        self.newest(segments).filter(|version| !version.is_deleted()).cloned()
    }
}

/// The version that a record of a stream stands for.
pub(crate) fn record_version(file: FileId, stream: &Stream, record: Record) -> Version {
    let from = stream.range.start;
    let text = from + record.text.start..from + record.text.end;
    Version::new(Inner {
        resource_type: record.resource_type,
        file,
        number: record.number,
        version: record.version,
        last_updated: record.last_updated,
        section: stream.section,
        sequence: stream.sequence,
        text: (record.kind != Kind::Deleted).then(|| (Arc::clone(&stream.bytes), text)),
        tree: OnceLock::new(),
        attachment: record.attachment,
    })
}

fn patient_version(label: &Version, tree: Json) -> Version {
    let mut text = Zeroizing::new(Vec::with_capacity(2048));
    tree.write_to(&mut text);
    let range = 0..text.len();
    let label = label.inner();
    Version::new(Inner {
        resource_type: "Patient",
        file: label.file,
        number: None,
        version: label.version,
        last_updated: label.last_updated,
        section: Section::Label,
        sequence: label.sequence,
        text: Some((Arc::new(text), range)),
        tree: OnceLock::from(tree),
        attachment: None,
    })
}

/// Who carried parts over did not know the names in them: they stay where they were before.
fn complete_order(label: &mut Json, before: Vec<Json>, carries: Carries) -> Vec<Json> {
    let Some(order) = label.get_mut("order") else { return before };
    if carries == Carries::default() {
        return order.items().to_vec();
    }
    let new: Vec<Json> =
        order.items().iter().filter(|name| !before.contains(name)).cloned().collect();
    let all: Vec<Json> = before.into_iter().chain(new).collect();
    *order = all.clone().into();
    all
}

fn parsed(part: &Version) -> Result<Json, OpenError> {
    Json::parse(part.bytes(), &Limits::default())
        .map_err(|_| OpenError::Tampered("a Patient's part does not parse".into()))
}

fn tampered(error: &ContentError) -> OpenError {
    OpenError::Tampered(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment_content::write_record;

    #[test]
    fn the_latest_time_is_that_of_any_version() {
        let mut bytes = Zeroizing::new(Vec::new());
        for (number, millis) in [(1, 5), (2, 9), (3, 7)] {
            let record = Record {
                kind: Kind::Deleted,
                resource_type: "Observation",
                number: Some(number),
                version: 1,
                last_updated: Time::from_millis(millis),
                attachment: None,
                text: 0..0,
            };
            write_record(&mut bytes, &record, b"");
        }
        let range = 0..bytes.len();
        let bytes = Arc::new(bytes);
        let stream = Stream { section: Section::Results, sequence: 0, bytes, range };
        let mut contents = Contents::new(FileId::from_bytes([1; 16]));
        contents.absorb(vec![stream], Sections::default()).unwrap();
        assert_eq!(contents.latest().millis(), 9);
    }
}
