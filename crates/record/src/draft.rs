//! A deposit before it has its place: texts are ready but for the file's name and the numbers.
//!
//! New resources are numbered by their position, under a random name that stands for the file's
//! and is as long as it. Both are replaced in place once the keyholder has granted the next
//! sequences, so lengths, and with them the sections to ask for, are known before.

use aws_lc_rs::rand;
use fhir::{Json, PatientFacts, section_of, split_patient};
use keyproto::message::{Facts, Grant, Identifier};
use seal::{Chain, Link, Place, SealedHash, SegmentKey, seal_segment};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};
use terms::{DEPOSIT_SEGMENTS_MAX, FileId, Section, Sections, Time};
use zeroize::Zeroizing;

use crate::contents::{Stream, record_version};
use crate::errors::WriteError;
use crate::ids::{self, DEPOSIT_RESOURCES_MAX, FILE_CHARS, NUMBER_CHARS, number_digits};
use crate::import::IMPORT_SYSTEM;
use crate::opening::Reached;
use crate::segment_content::{
    Attachment, Carries, Kind, PIECE_BYTES_MAX, Piece, Record, SEGMENT_HEADER_BYTES, record_bytes,
    records, write_record, write_segment_header,
};
use crate::version::{Inner, Version};

/// What is going to be deposited into one file.
pub(crate) struct Draft {
    /// Stands for the file's name in texts.
    marker: String,
    streams: BTreeMap<Section, Template>,
    positions: usize,
    at: Time,
    facts: Option<Facts>,
    patient: Option<(u32, Zeroizing<Vec<u8>>)>,
}

#[derive(Default)]
struct Template {
    bytes: Zeroizing<Vec<u8>>,
    /// Where the numbers of new resources stand in headers.
    numbers: Vec<usize>,
}

/// Which resource a change is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// A new one, by its position in the deposit.
    New(usize),
    /// One that the file has; none is the Patient.
    Old(Option<u64>),
}

/// A draft that has its place.
pub(crate) struct Sealed {
    pub(crate) file: FileId,
    pub(crate) generation: u32,
    pub(crate) before: Reached,
    pub(crate) after: Reached,
    pub(crate) segments: Vec<SealedSegment>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) patient: Option<Version>,
}

pub(crate) struct SealedSegment {
    pub(crate) sequence: u32,
    pub(crate) section: Section,
    pub(crate) hash: SealedHash,
    pub(crate) bytes: Vec<u8>,
}

impl Draft {
    pub(crate) fn new(at: Time) -> Result<Draft, WriteError> {
        let marker = FileId::from_bytes(random()?).to_string();
        let streams = BTreeMap::new();
        Ok(Draft { marker, streams, positions: 0, at, facts: None, patient: None })
    }

    /// The time that versions are given.
    pub(crate) fn at(&self) -> Time {
        self.at
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// The position of one more new resource.
    pub(crate) fn next_position(&mut self) -> Result<usize, WriteError> {
        if self.positions == DEPOSIT_RESOURCES_MAX {
            return Err(WriteError::Asked("too many resources for one deposit".into()));
        }
        self.positions += 1;
        Ok(self.positions - 1)
    }

    /// The id that stands for a resource's until the deposit has its place.
    pub(crate) fn stand_in(&self, which: Which) -> String {
        let number = match which {
            Which::New(position) => position as u64,
            Which::Old(None) => return self.marker.clone(),
            Which::Old(Some(number)) => number,
        };
        let digits: String = number_digits(number).map(char::from).iter().collect();
        format!("{}-{digits}", self.marker)
    }

    /// Adds a resource whose id, references and version are set.
    pub(crate) fn put(
        &mut self,
        which: Which,
        version: u32,
        resource_type: &'static str,
        resource: &Json,
        attachment: Option<Attachment>,
    ) -> Section {
        let kind = if attachment.is_some() { Kind::Attached } else { Kind::Whole };
        let section = section_of(resource);
        self.put_in(section, which, version, resource_type, resource, kind, attachment);
        section
    }

    /// Adds an entry of the directory, which knows one section only.
    pub(crate) fn put_entry(
        &mut self,
        which: Which,
        version: u32,
        resource_type: &'static str,
        resource: &Json,
    ) {
        self.put_in(Section::Label, which, version, resource_type, resource, Kind::Whole, None);
    }

    /// Adds a Patient, split; parts that are carried over must be empty.
    pub(crate) fn put_patient(
        &mut self,
        version: u32,
        patient: Json,
        carries: Carries,
    ) -> Result<(), WriteError> {
        let mut text = Zeroizing::new(Vec::new());
        patient.write_to(&mut text);
        self.patient = Some((version, text));
        // Facts replace what the locator knew, so half of them would make the patient unfindable.
        let whole = carries == Carries::default();
        self.facts = whole.then(|| facts(PatientFacts::of(&patient)));
        let parts = split_patient(patient)
            .ok_or_else(|| WriteError::Asked("this is not a Patient".into()))?;
        let carried = |part: &Json, carried: bool| {
            let empty = part.as_object().is_none_or(fhir::Object::is_empty);
            if carried && !empty {
                let what = "this session does not see every part of the Patient; \
                            leave out what it does not see";
                return Err(WriteError::NotServed(what.into()));
            }
            Ok(empty)
        };
        let no_contact = carried(&parts.contact, carries.contact)?;
        let no_identity = carried(&parts.identity, carries.identity)?;
        let label = Kind::Label(carries);
        let which = Which::Old(None);
        self.put_in(Section::Label, which, version, "Patient", &parts.label, label, None);
        if !no_contact {
            let (part, kind) = (&parts.contact, Kind::Contact);
            self.put_in(Section::Contact, which, version, "Patient", part, kind, None);
        }
        if !no_identity {
            let (part, kind) = (&parts.identity, Kind::Identity);
            self.put_in(Section::Identity, which, version, "Patient", part, kind, None);
        }
        Ok(())
    }

    /// Adds a version that says deleted, or that the resource has moved to another section.
    pub(crate) fn put_empty(
        &mut self,
        kind: Kind,
        section: Section,
        number: Option<u64>,
        version: u32,
        resource_type: &'static str,
    ) {
        let last_updated = self.at;
        let record = Record {
            kind,
            resource_type,
            number,
            version,
            last_updated,
            attachment: None,
            text: 0..0,
        };
        write_record(&mut self.streams.entry(section).or_default().bytes, &record, b"");
    }

    /// How to find the patient from now on; taken anew for each request.
    pub(crate) fn facts(&self) -> Option<Facts> {
        self.facts.as_ref().map(|facts| Facts {
            identifiers: facts.identifiers.clone(),
            names: facts.names.clone(),
            birth_date: facts.birth_date.clone(),
            telephones: facts.telephones.clone(),
            families: facts.families.clone(),
            addresses: facts.addresses.clone(),
        })
    }

    /// The section of each segment, in order.
    pub(crate) fn sections(&self) -> Result<Vec<Section>, WriteError> {
        let pieces = |(section, template): (&Section, &Template)| {
            std::iter::repeat_n(*section, template.pieces())
        };
        let sections: Vec<Section> = self.streams.iter().flat_map(pieces).collect();
        if sections.len() > DEPOSIT_SEGMENTS_MAX {
            return Err(WriteError::Asked("too long for one deposit".into()));
        }
        Ok(sections)
    }

    /// The sections as a set.
    pub(crate) fn section_set(&self) -> Sections {
        self.streams.keys().copied().collect()
    }

    /// Gives every text its final form, and seals.
    pub(crate) fn seal(&self, tenant: &str, grant: &Grant) -> Result<Sealed, WriteError> {
        let first = self.check(grant)?;
        let before = Reached { segments: first, head: Chain::from_bytes(*grant.head) };
        let (file, generation) = (grant.file, grant.generation);
        let mut sealed = Sealed {
            file,
            generation,
            before,
            after: before,
            segments: Vec::with_capacity(grant.keys.len()),
            streams: Vec::with_capacity(self.streams.len()),
            patient: self.patient_version(file, first),
        };
        let mut keys = grant.keys.iter();
        for (section, template) in &self.streams {
            let stream = self.placed(&template.bytes, &template.numbers, file, first);
            let pieces = template.pieces();
            let size = stream.len().div_ceil(pieces).max(1);
            for piece in 0..pieces {
                let Some(key) = keys.next() else { return Err(wrong_grant()) };
                let from = (piece * size).min(stream.len());
                let bytes = &stream[from..(from + size).min(stream.len())];
                let header = Piece { piece: piece as u16, pieces: pieces as u16 };
                sealed.push(tenant, *section, key.sequence, &key.key, header, bytes)?;
            }
            let range = 0..stream.len();
            let bytes = Arc::new(stream);
            let sequence = sealed.after.segments - 1;
            sealed.streams.push(Stream { section: *section, sequence, bytes, range });
        }
        Ok(sealed)
    }

    /// Whether the grant is for this draft; gives its first sequence.
    fn check(&self, grant: &Grant) -> Result<u32, WriteError> {
        let first = grant.keys.first().map(|key| key.sequence).ok_or_else(wrong_grant)?;
        let sections = self.sections()?;
        let fits = grant.keys.len() == sections.len()
            && grant.keys.iter().zip(sections).zip(first..).all(|((key, section), sequence)| {
                key.section == section && key.sequence == sequence
            });
        if fits { Ok(first) } else { Err(wrong_grant()) }
    }

    #[expect(clippy::too_many_arguments, reason = "all of them make one record")]
    fn put_in(
        &mut self,
        section: Section,
        which: Which,
        version: u32,
        resource_type: &'static str,
        resource: &Json,
        kind: Kind,
        attachment: Option<Attachment>,
    ) {
        let template = self.streams.entry(section).or_default();
        let number = match which {
            Which::New(position) => Some(position as u64),
            Which::Old(number) => number,
        };
        let from = template.bytes.len();
        let attached = attachment.is_some();
        let last_updated = self.at;
        let record =
            Record { kind, resource_type, number, version, last_updated, attachment, text: 0..0 };
        write_record(&mut template.bytes, &record, b"");
        let text_from = template.bytes.len();
        resource.write_to(&mut template.bytes);
        let length = (template.bytes.len() - text_from) as u32;
        let at = from + length_offset(resource_type);
        debug_assert_eq!(from + record_bytes(resource_type, attached, 0), text_from);
        template.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
        if matches!(which, Which::New(_)) {
            template.numbers.push(from + 3 + resource_type.len());
        }
    }

    /// The text with the file's name and final numbers in it.
    fn placed(
        &self,
        template: &[u8],
        headers: &[usize],
        file: FileId,
        first: u32,
    ) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(template.to_vec());
        for at in headers {
            // The position stands in the low bits, so the sequence is added above it.
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[*at..at + 8]);
            let number = u64::from_be_bytes(number) | ids::number(first, 0);
            bytes[*at..at + 8].copy_from_slice(&number.to_be_bytes());
        }
        let name = file.to_string();
        for at in memchr::memmem::find_iter(template, &self.marker) {
            bytes[at..at + FILE_CHARS].copy_from_slice(name.as_bytes());
            let digits = at + FILE_CHARS + 1..at + FILE_CHARS + 1 + NUMBER_CHARS;
            let number = template.get(digits.clone()).and_then(|d| ids::parse_digits(d).ok());
            if let Some(number) = number.filter(|_| template[digits.start - 1] == b'-')
                && number < DEPOSIT_RESOURCES_MAX as u64
            {
                let number = number | ids::number(first, 0);
                bytes[digits].copy_from_slice(&number_digits(number));
            }
        }
        bytes
    }

    fn patient_version(&self, file: FileId, first: u32) -> Option<Version> {
        let (version, template) = self.patient.as_ref()?;
        let text = self.placed(template, &[], file, first);
        let range = 0..text.len();
        Some(Version::new(Inner {
            resource_type: "Patient",
            file,
            number: None,
            version: *version,
            last_updated: self.at,
            section: Section::Label,
            sequence: first,
            text: Some((Arc::new(text), range)),
            tree: OnceLock::new(),
            attachment: None,
        }))
    }
}

impl Template {
    fn pieces(&self) -> usize {
        self.bytes.len().div_ceil(PIECE_BYTES_MAX).max(1)
    }
}

impl Sealed {
    fn push(
        &mut self,
        tenant: &str,
        section: Section,
        sequence: u32,
        key: &[u8; 32],
        piece: Piece,
        bytes: &[u8],
    ) -> Result<(), WriteError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(SEGMENT_HEADER_BYTES + bytes.len()));
        write_segment_header(&mut plain, piece);
        plain.extend_from_slice(bytes);
        let (file, generation, previous) = (self.file, self.generation, self.after.head);
        let place = Place { tenant, file, section, sequence, generation, previous };
        let key = SegmentKey::from_bytes(Zeroizing::new(*key));
        let bytes = seal_segment(&place, &key, &plain)
            .map_err(|error| WriteError::World(error.to_string()))?;
        let hash = SealedHash::of(&bytes);
        let link = Link { section, sequence, sealed: hash };
        self.after =
            Reached { segments: sequence + 1, head: self.after.head.then(self.file, &link) };
        self.segments.push(SealedSegment { sequence, section, hash, bytes });
        Ok(())
    }

    /// The version of one resource among those deposited.
    pub(crate) fn version(&self, resource_type: &str, which: Which) -> Option<Version> {
        let number = match which {
            Which::Old(None) => return self.patient.clone(),
            Which::Old(number) => number,
            Which::New(position) => Some(ids::number(self.before.segments, position)),
        };
        for stream in &self.streams {
            let bytes = stream.bytes.get(stream.range.clone()).unwrap_or_default();
            let found = records(bytes).flatten().find(|record| {
                record.number == number
                    && record.resource_type == resource_type
                    && record.kind != Kind::Moved
            });
            if let Some(record) = found {
                return Some(record_version(self.file, stream, record));
            }
        }
        None
    }

    /// Every version among those deposited by its resource's number, but for the Patient's.
    pub(crate) fn versions(&self) -> HashMap<u64, Version> {
        let mut versions = HashMap::new();
        for stream in &self.streams {
            let bytes = stream.bytes.get(stream.range.clone()).unwrap_or_default();
            for record in records(bytes).flatten().filter(|record| record.kind != Kind::Moved) {
                if let Some(number) = record.number {
                    versions.insert(number, record_version(self.file, stream, record));
                }
            }
        }
        versions
    }
}

/// Where the length of the text stands in a record.
fn length_offset(resource_type: &str) -> usize {
    3 + resource_type.len() + 8 + 4 + 8
}

fn wrong_grant() -> WriteError {
    WriteError::Tampered("the keyholder's grant does not fit the deposit".into())
}

fn facts(facts: PatientFacts) -> Facts {
    let families = facts.names.iter().filter_map(|name| name.family.clone()).collect();
    let names = facts.names.into_iter().flat_map(|name| name.family.into_iter().chain(name.given));
    Facts {
        identifiers: facts
            .identifiers
            .into_iter()
            // Nobody's Patient passes for a source that an import has done.
            .filter(|(system, _)| system != IMPORT_SYSTEM)
            .map(|(system, value)| Identifier { system, value })
            .collect(),
        names: names.collect(),
        birth_date: facts.birth_date,
        telephones: facts.telephones,
        families,
        addresses: facts.addresses,
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], WriteError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| WriteError::World("no randomness".into()))?;
    Ok(bytes)
}
