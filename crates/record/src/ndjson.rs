//! Folders of bulk NDJSON, put together patient by patient.
//!
//! Two passes: the first notes where each patient's lines stand (some 30 bytes of memory a
//! line), the second reads them together. Directory entries that a patient's lines refer to come
//! along with each; the directory keeps them once.

use fhir::compartment::{Subject, subject_of};
use fhir::references::{Target, for_each_reference, target};
use fhir::{Json, Limits, Placement, placement};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::import::Source;

/// Longest line, in bytes.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// One source for each patient in these files, in the order in which the patients first occur; what
/// names no patient, or does not parse, is a source of its own, which the import rejects by name.
/// Sources are named by their paths below `folder`, so that no two have one name.
pub fn sources(
    folder: &Path,
    paths: &[PathBuf],
) -> io::Result<impl Iterator<Item = io::Result<Source>> + Send + use<>> {
    let mut notes = Notes::default();
    for (number, path) in paths.iter().enumerate() {
        notes.read(number, path)?;
    }
    let (folder, paths) = (folder.to_owned(), paths.to_vec());
    let Notes { groups, entries, .. } = notes;
    Ok(groups.into_iter().map(move |group| {
        let text = text(&paths, &group, &entries)?;
        let name = group.first().map(|place| name(&folder, &paths[place.path], place.line));
        Ok(Source { name: name.unwrap_or_default(), text })
    }))
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct Place {
    path: usize,
    line: u32,
    offset: u64,
    length: u32,
}

#[derive(Default)]
struct Notes {
    groups: Vec<Vec<Place>>,
    by_patient: HashMap<String, usize>,
    /// Directory entries, by `Type/id`.
    entries: HashMap<String, Place>,
}

impl Notes {
    fn read(&mut self, number: usize, path: &Path) -> io::Result<()> {
        let mut reader = BufReader::new(File::open(path)?);
        let (mut offset, mut line, mut text) = (0, 0, Vec::new());
        loop {
            text.clear();
            let read = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut text)?;
            if read == 0 {
                return Ok(());
            }
            line += 1;
            let place = Place { path: number, line, offset, length: read as u32 };
            offset += read as u64;
            if !text.trim_ascii().is_empty() {
                self.note(place, &text);
            }
        }
    }

    fn note(&mut self, place: Place, text: &[u8]) {
        let resource = Json::parse(text, &Limits::default()).unwrap_or_default();
        let name = |id: &str| format!("{}/{id}", resource.resource_type());
        let patient = match placement(resource.resource_type()) {
            Placement::Directory => {
                if let Some(id) = resource.id() {
                    self.entries.insert(name(id), place);
                    return;
                }
                None
            }
            Placement::Patient => resource.id().map(name),
            _ => match subject_of(&resource) {
                Subject::One(reference) => relative(reference),
                _ => None,
            },
        };
        let at = match patient {
            Some(patient) => *self.by_patient.entry(patient).or_insert(self.groups.len()),
            None => self.groups.len(),
        };
        if at == self.groups.len() {
            self.groups.push(Vec::new());
        }
        self.groups[at].push(place);
    }
}

/// What a source is called: a file below the folder and a line.
fn name(folder: &Path, path: &Path, line: u32) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path).as_os_str();
    // Two names that are no UTF-8 must not become one.
    let escaped = || below.as_encoded_bytes().escape_ascii().to_string();
    format!("{}:{line}", below.to_str().map_or_else(escaped, str::to_owned))
}

/// A patient's lines, and the directory entries that they refer to.
fn text(
    paths: &[PathBuf],
    group: &[Place],
    entries: &HashMap<String, Place>,
) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut files: HashMap<usize, File> = HashMap::new();
    let mut wanted: Vec<Place> = group.to_vec();
    let mut seen = BTreeSet::new();
    let mut at = 0;
    while let Some(place) = wanted.get(at).copied() {
        at += 1;
        let file = match files.entry(place.path) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(File::open(&paths[place.path])?)
            }
        };
        let from = text.len();
        text.resize(from + place.length as usize, 0);
        file.seek(SeekFrom::Start(place.offset))?;
        file.read_exact(&mut text[from..])?;
        for name in references(&text[from..]) {
            if let Some(entry) = entries.get(&name)
                && seen.insert(name)
            {
                wanted.push(*entry);
            }
        }
        if text.last() != Some(&b'\n') {
            text.push(b'\n');
        }
    }
    Ok(text)
}

fn references(line: &[u8]) -> Vec<String> {
    let resource = Json::parse(line, &Limits::default()).unwrap_or_default();
    let mut names = Vec::new();
    for_each_reference(&resource, &mut |reference| names.extend(relative(reference)));
    names
}

/// `Type/id`, whatever server the reference names: a bulk export is a world of its own.
fn relative(reference: &str) -> Option<String> {
    match target(reference) {
        Target::Relative { resource_type, id, .. } | Target::Absolute { resource_type, id, .. } => {
            Some(format!("{resource_type}/{id}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_patient_come_together_with_the_entries_they_name() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let patient = |id| format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#);
        let seen = |id| {
            format!(
                r#"{{"resourceType":"Encounter","subject":{{"reference":"Patient/{id}"}},
                "serviceProvider":{{"reference":"Organization/o"}}}}"#
            )
            .replace('\n', "")
        };
        let organisation = r#"{"resourceType":"Organization","id":"o"}"#;
        let paths = [
            write("Encounter.ndjson", &[seen("b"), seen("a"), "{".into()].join("\n")),
            write("Organization.ndjson", organisation),
            write("Patient.ndjson", &format!("{}\n\n{}\n", patient("a"), patient("b"))),
        ];
        let sources = sources(folder.path(), &paths).unwrap();
        let sources: Vec<Source> = sources.map(Result::unwrap).collect();
        let lines = |source: &Source| {
            let text = String::from_utf8(source.text.clone()).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(sources.len(), 3);
        assert_eq!(sources[0].name, "Encounter.ndjson:1");
        assert_eq!(lines(&sources[0]), [seen("b"), patient("b"), organisation.to_owned()]);
        assert_eq!(lines(&sources[1]), [seen("a"), patient("a"), organisation.to_owned()]);
        assert_eq!((sources[2].name.as_str(), lines(&sources[2]).len()), ("Encounter.ndjson:3", 1));
    }

    #[test]
    fn files_of_one_name_in_two_folders_are_two_sources() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            let path = folder.path().join(name).join("Patient.ndjson");
            std::fs::write(&path, format!(r#"{{"resourceType":"Patient","id":"{name}"}}"#))
                .unwrap();
            path
        });
        let sources = sources(folder.path(), &paths).unwrap();
        let names: Vec<String> = sources.map(|source| source.unwrap().name).collect();
        assert_eq!(names, ["a/Patient.ndjson:1", "b/Patient.ndjson:1"]);
    }
}
