//! The folder of an incident: what it is, its journal, and every version of its exposure.
//!
//! No name, address or word of a record lies in it: ids of files, sections, times, numbers.

use crate::error::{IncidentError, Result};
use crate::exposure::Exposure;
use crate::exposure::read::{EachPerson, read};
use crate::journal::{Event, Journal};
use crate::text;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use terms::Time;

/// How an incident came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// An officer opened it.
    Hand,
    /// The watch stopped something.
    Watch,
    /// Somebody outside reported it.
    Outside,
}

/// What an incident is; written once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// The day it was opened and a number.
    pub id: String,
    /// What people call it. Never a patient's name.
    pub title: String,
    /// When it was opened.
    #[serde(with = "text")]
    pub opened: Time,
    /// When the operator became aware of it: clocks start here.
    #[serde(with = "text")]
    pub aware: Time,
    /// How it came to be known.
    pub source: Source,
    /// Where it came from: an alert's name, or whose report it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// The folder of one incident.
pub struct Folder {
    path: PathBuf,
    incident: Incident,
    journal: Journal,
}

impl Folder {
    /// Makes a new incident in the folder of all.
    pub fn create(all: &Path, incident: impl Fn(String) -> Incident, now: Time) -> Result<Folder> {
        make(all)?;
        let day = now.to_string();
        let day = day.get(..10).unwrap_or_default();
        for number in 1..10_000 {
            let incident = incident(format!("{day}-{number}"));
            let path = all.join(&incident.id);
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                made => {
                    made.map_err(IncidentError::disk(&path))?;
                    let text = json!(incident).to_string();
                    write_new(&path.join("incident.json"), text.as_bytes())?;
                    let folder = Folder::read(path)?;
                    folder.journal.append(now, "opened", json!({ "title": incident.title }))?;
                    return Ok(folder);
                }
            }
        }
        Err(IncidentError::Asked(format!("there are 9,999 incidents of {day} already")))
    }

    /// The incident of this id; `last` is the newest.
    pub fn open(all: &Path, id: &str) -> Result<Folder> {
        if id == "last" {
            let newest = Folder::list(all)?.pop();
            return newest.ok_or_else(|| IncidentError::NotThere("there is no incident".into()));
        }
        let plain = |c: char| c.is_ascii_digit() || c == '-';
        let path = all.join(id);
        if id.is_empty() || !id.chars().all(plain) || !path.join("incident.json").exists() {
            return Err(IncidentError::NotThere(format!(
                "there is no incident `{id}`: `cofferdam incident list` lists them"
            )));
        }
        Folder::read(path)
    }

    /// Every incident, the oldest first.
    pub fn list(all: &Path) -> Result<Vec<Folder>> {
        let entries = match std::fs::read_dir(all) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(IncidentError::disk(all))?,
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut folders = paths
            .filter(|path| path.join("incident.json").exists())
            .map(Folder::read)
            .collect::<Result<Vec<_>>>()?;
        folders.sort_by_key(|folder| (folder.incident.opened, folder.incident.id.clone()));
        Ok(folders)
    }

    /// What it is.
    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// What was done about it.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing is to be done about it any more.
    pub fn is_closed(events: &[Event]) -> bool {
        let last = events.iter().rev().find(|event| matches!(&*event.what, "closed" | "reopened"));
        last.is_some_and(|event| event.what == "closed")
    }

    /// The version that the next exposure gets.
    pub fn next_version(&self) -> Result<u32> {
        Ok(self.versions()?.last().map_or(1, |last| last + 1))
    }

    /// The versions there are, in order.
    pub fn versions(&self) -> Result<Vec<u32>> {
        let folder = self.exposures();
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(IncidentError::disk(&folder))?,
        };
        let number = |name: &str| name.strip_suffix(".json")?.parse().ok();
        let mut versions: Vec<u32> =
            entries.filter_map(|entry| number(entry.ok()?.file_name().to_str()?)).collect();
        versions.sort_unstable();
        Ok(versions)
    }

    /// Keeps a version; earlier ones stay.
    pub fn keep(&self, exposure: &Exposure) -> Result<PathBuf> {
        make(&self.exposures())?;
        let path = self.exposures().join(format!("{}.json", exposure.version));
        let text = serde_json::to_vec(exposure).map_err(IncidentError::unread(&path))?;
        // Of two commands at once one has to ask again: no version takes another one's place.
        let _alone = self.alone()?;
        if path.exists() {
            return Err(IncidentError::Asked(format!(
                "somebody else made version {} meanwhile: give the command again",
                exposure.version
            )));
        }
        write_new(&path, &text)?;
        let more = json!({
            "version": exposure.version,
            "persons": exposure.persons.len(),
            "digest": exposure.digest,
        });
        self.journal.append(exposure.made, "exposure", more)?;
        Ok(path)
    }

    /// A version of the exposure, or the newest.
    pub fn exposure(&self, version: Option<u32>) -> Result<Exposure> {
        let mut persons = Vec::new();
        let rest = self.persons(version, &mut |person| {
            persons.push(person);
            Ok(())
        })?;
        Ok(Exposure { persons, ..rest })
    }

    /// The same person by person, without holding more than one; returns the rest. What was handed
    /// over counts only if this does not fail.
    pub fn persons(&self, version: Option<u32>, each: EachPerson) -> Result<Exposure> {
        let newest = self.versions()?.last().copied();
        let version = version.or(newest).ok_or_else(|| {
            IncidentError::NotThere(format!(
                "incident {} has no exposure yet: make one with `cofferdam incident exposure {}`",
                self.incident.id, self.incident.id
            ))
        })?;
        let path = self.exposures().join(format!("{version}.json"));
        if !path.exists() {
            let text = format!("there is no version {version} of the exposure");
            return Err(IncidentError::NotThere(text));
        }
        let exposure = read(&path, each)?;
        let noted = self.noted()?.remove(&version);
        if noted.is_some_and(|(_, digest)| digest != exposure.digest) {
            let text = format!("{} is not what the journal says was made", path.display());
            return Err(IncidentError::Tampered(text));
        }
        Ok(exposure)
    }

    /// What the journal says of each version: how many persons it listed, and its digest.
    pub fn noted(&self) -> Result<BTreeMap<u32, (u64, String)>> {
        let events = self.journal.events()?;
        let noted = events.iter().filter(|event| event.what == "exposure").filter_map(|event| {
            let number = |name: &str| event.more.get(name).and_then(serde_json::Value::as_u64);
            let digest = event.more.get("digest").and_then(serde_json::Value::as_str)?;
            Some((u32::try_from(number("version")?).ok()?, (number("persons")?, digest.to_owned())))
        });
        Ok(noted.collect())
    }

    /// Nobody else writes an exposure for as long as this is held.
    fn alone(&self) -> Result<File> {
        let path = self.exposures().join("lock");
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(IncidentError::disk(&path))?;
        file.lock().map_err(IncidentError::disk(&path))?;
        Ok(file)
    }

    fn exposures(&self) -> PathBuf {
        self.path.join("exposures")
    }

    fn read(path: PathBuf) -> Result<Folder> {
        let file = path.join("incident.json");
        let text = std::fs::read(&file).map_err(IncidentError::disk(&file))?;
        let incident = serde_json::from_slice(&text).map_err(IncidentError::unread(&file))?;
        let journal = Journal::at(path.join("journal.ndjson"), &text);
        Ok(Folder { path, incident, journal })
    }
}

/// A folder for its owner alone.
pub fn make(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(IncidentError::disk(path))
}

/// A new file that is whole or not there.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let disk = || IncidentError::disk(path);
    if path.exists() {
        return Err(IncidentError::Asked(format!("{} is there already", path.display())));
    }
    let part = path.with_extension("part");
    let mut options = OpenOptions::new();
    let mut file =
        options.write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(disk())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(disk())?;
    std::fs::rename(&part, path).map_err(disk())?;
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(disk())
}
