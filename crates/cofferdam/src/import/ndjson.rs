//! Bulk NDJSON: one resource a line, gathered by the patient it is about.
//!
//! Only places are kept in memory, about 24 bytes a resource; the lines are read again when their
//! patient's turn comes.

use crate::failure::{Failure, Outcome};
use fhir::{Json, Limits, Placement, compartment, placement};
use record::import::Source;
use std::collections::BTreeMap;
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

/// The places of each patient's resources, and of those that belong to the directory.
pub(super) struct Gathered {
    files: Arc<Vec<PathBuf>>,
    patients: BTreeMap<String, Vec<Place>>,
    directory: Vec<Place>,
}

/// Reads every line once to learn whose it is.
pub(super) fn gather(files: &[PathBuf]) -> Outcome<Gathered> {
    let mut gathered = Gathered {
        files: Arc::new(files.to_vec()),
        patients: BTreeMap::new(),
        directory: Vec::new(),
    };
    for (number, path) in files.iter().enumerate() {
        gathered.read(number as u32, path).map_err(Failure::world(path.display()))?;
    }
    Ok(gathered)
}

impl Gathered {
    /// How many patients there are; the directory's entries count as one more.
    pub(super) fn len(&self) -> usize {
        self.patients.len() + usize::from(!self.directory.is_empty())
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
        let whose = match Json::parse(line, &Limits::default()) {
            Ok(resource) => whose(&resource),
            Err(_) => Some(format!("? line at byte {} of file {}", place.offset, place.file)),
        };
        match whose {
            Some(patient) => self.patients.entry(patient).or_default().push(place),
            None => self.directory.push(place),
        }
    }

    /// One source a patient.
    pub(super) fn into_sources(self) -> impl Iterator<Item = std::io::Result<Source>> + Send {
        let files = self.files;
        let directory =
            (!self.directory.is_empty()).then_some(("directory".into(), self.directory));
        directory.into_iter().chain(self.patients).map(move |(name, places): (String, _)| {
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
