//! Bulk NDJSON: one resource a line, gathered by the patient it is about.
//!
//! Only places are kept in memory, about 24 bytes a resource; the lines are read again when their
//! patient's turn comes. Entries of the directory come with every patient that refers to them, as
//! in a bundle; they are kept once.

use crate::failure::{Failure, Outcome};
use fhir::{Json, Limits, Placement, compartment, placement};
use record::import::Source;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

/// Longest line, in bytes.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// Where one resource lies.
#[derive(Clone, Copy)]
struct Place {
    file: u32,
    length: u32,
    offset: u64,
}

/// The places of some resources, and the entries of the directory that they refer to.
#[derive(Default)]
struct Lines {
    places: Vec<Place>,
    entries: BTreeSet<u32>,
}

/// The places of each patient's resources, and of those that belong to the directory.
pub(super) struct Gathered {
    files: Arc<Vec<PathBuf>>,
    patients: BTreeMap<String, Lines>,
    /// Entries of the directory by number; one that was only referred to so far has no place.
    directory: Vec<Lines>,
    /// Their numbers by what refers to them, such as `Practitioner/1`.
    numbers: HashMap<String, u32>,
}

/// Reads every line once to learn whose it is.
pub(super) fn gather(files: &[PathBuf]) -> Outcome<Gathered> {
    let mut gathered = Gathered {
        files: Arc::new(files.to_vec()),
        patients: BTreeMap::new(),
        directory: Vec::new(),
        numbers: HashMap::new(),
    };
    for (number, path) in files.iter().enumerate() {
        gathered.read(number as u32, path).map_err(Failure::world(path.display()))?;
    }
    Ok(gathered)
}

impl Gathered {
    /// How many patients there are; the directory's entries count as one more.
    pub(super) fn len(&self) -> usize {
        let has_directory = self.directory.iter().any(|entry| !entry.places.is_empty());
        self.patients.len() + usize::from(has_directory)
    }

    fn read(&mut self, file: u32, path: &PathBuf) -> std::io::Result<()> {
        let mut reader = BufReader::new(std::fs::File::open(path)?);
        let (mut line, mut offset) = (Vec::new(), 0);
        loop {
            line.clear();
            let length = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
            if length == 0 {
                return Ok(());
            }
            let place = Place { file, length: length as u32, offset };
            offset += length as u64;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.place(&line, place);
        }
    }

    /// A line that is no resource is kept under a name of its own, so that it is rejected by name.
    fn place(&mut self, line: &[u8], place: Place) {
        let Ok(resource) = Json::parse(line, &Limits::default()) else {
            let name = format!("? line at byte {} of file {}", place.offset, place.file);
            return self.patients.entry(name).or_default().places.push(place);
        };
        let mut entries = BTreeSet::new();
        self.refer(&resource, &mut entries);
        let lines = match whose(&resource) {
            Some(patient) => self.patients.entry(patient).or_default(),
            None => {
                let id = resource.id().unwrap_or("? without id");
                let number = self.number(&format!("{}/{id}", resource.resource_type()));
                &mut self.directory[number as usize]
            }
        };
        lines.places.push(place);
        lines.entries.extend(entries);
    }

    /// Notes every entry of the directory that a resource refers to.
    fn refer(&mut self, value: &Json, entries: &mut BTreeSet<u32>) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| self.refer(item, entries)),
            Json::Object(members) => {
                for (name, value) in members.iter() {
                    match value.as_str().filter(|_| name == "reference") {
                        Some(reference) if is_entry(reference) => {
                            entries.insert(self.number(reference));
                        }
                        _ => self.refer(value, entries),
                    }
                }
            }
            _ => {}
        }
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.directory.len() as u32;
        self.directory.push(Lines::default());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// One source a patient, and one with the whole directory.
    pub(super) fn into_sources(self) -> impl Iterator<Item = std::io::Result<Source>> + Send {
        let Gathered { files, patients, directory, .. } = self;
        let all = directory.iter().flat_map(|entry| entry.places.clone()).collect::<Vec<_>>();
        let whole = (!all.is_empty()).then_some(("directory".into(), all));
        let patients = patients.into_iter().map(move |(name, lines)| {
            let mut places = lines.places;
            for entry in reached(&directory, lines.entries) {
                places.extend(&directory[entry as usize].places);
            }
            (name, places)
        });
        whole.into_iter().chain(patients).map(move |(name, places): (String, Vec<Place>)| {
            let mut text = Vec::new();
            for place in &places {
                read_back(&files, *place, &mut text)?;
            }
            let hash = keyproto::jws::sha256(name.as_bytes());
            let name = format!("patient {}", data_encoding::HEXLOWER.encode(&hash[..8]));
            Ok(Source { name, text })
        })
    }
}

/// These entries of the directory, and those that they refer to in turn.
fn reached(directory: &[Lines], entries: BTreeSet<u32>) -> BTreeSet<u32> {
    let mut waiting: Vec<u32> = entries.iter().copied().collect();
    let mut reached = entries;
    while let Some(entry) = waiting.pop() {
        let more = directory[entry as usize].entries.iter();
        waiting.extend(more.filter(|entry| reached.insert(**entry)));
    }
    reached
}

fn is_entry(reference: &str) -> bool {
    let kind = reference.split_once('/').map(|(kind, _)| kind);
    kind.is_some_and(|kind| placement(kind) == Placement::Directory)
}

fn whose(resource: &Json) -> Option<String> {
    if resource.resource_type() == "Patient" {
        return Some(resource.id().unwrap_or("? without id").to_owned());
    }
    if placement(resource.resource_type()) == Placement::Directory {
        return None;
    }
    let references = compartment::patient_references(resource);
    let first = references.first().copied().unwrap_or("? without patient");
    Some(first.rsplit('/').next().unwrap_or(first).to_owned())
}

fn read_back(files: &[PathBuf], place: Place, text: &mut Vec<u8>) -> std::io::Result<()> {
    let path = files.get(place.file as usize).ok_or(std::io::ErrorKind::NotFound)?;
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(place.offset))?;
    file.take(u64::from(place.length)).read_to_end(text)?;
    if text.last() != Some(&b'\n') {
        text.push(b'\n');
    }
    Ok(())
}
