//! Bulk import: whole files, by deposits only, resumable.
//!
//! Every source has a name of the import's (a hash of list and name), under which the keyholder
//! makes one file and no second, whatever becomes of the Patient. So a source that was imported
//! before is found again even if the journal is lost; the journal only spares asking. A patient
//! that is known already by an identifier of its own, but did not come from this import, is
//! rejected.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE32_NOPAD;
use fhir::{Json, Limits};
use keyproto::message::Identifier;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use terms::{DEPOSIT_SECONDS_MAX, ListId, SessionId};

use crate::errors::WriteError;
use crate::journal::Journal;
use crate::records::Records;
use crate::segment_content::known_type;
use crate::transaction::{Act, Asked, Creation};

/// The system of the names that an import gives; they never leave the locator.
pub(crate) const IMPORT_SYSTEM: &str = "urn:cofferdam:import";

/// Everything about one patient, as it was found.
pub struct Source {
    /// Names it in the journal and among the rejects, such as the name of a file: the same at every
    /// run, and no other's. Never content.
    pub name: String,
    /// A Bundle, or resources one per line (NDJSON).
    pub text: Vec<u8>,
}

/// How to import.
pub struct Import {
    /// Who imports.
    pub by: SessionId,
    /// The list that the files belong to.
    pub list: ListId,
    /// Keeps what is done; the same file and list resume.
    pub journal: PathBuf,
    /// Worker threads.
    pub threads: usize,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files imported by this run.
    pub files: u64,
    /// Resources in them.
    pub resources: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Sources that an earlier run had done.
    pub skipped: u64,
    /// Sources rejected.
    pub rejected: u64,
    /// AuditEvents left out: they tell what another server did; here the ledger alone makes them.
    pub left_out: u64,
}

impl std::ops::Add for Progress {
    type Output = Progress;

    fn add(self, other: Progress) -> Progress {
        Progress {
            files: self.files + other.files,
            resources: self.resources + other.resources,
            bytes: self.bytes + other.bytes,
            skipped: self.skipped + other.skipped,
            rejected: self.rejected + other.rejected,
            left_out: self.left_out + other.left_out,
        }
    }
}

/// One source that was not imported, and why; names elements and rules, never content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The name of the source.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// An import stopped before the end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The journal belongs to another list, or cannot be read or written.
    #[error("the journal: {0}")]
    Journal(String),
    /// Keyholder, store or source failed; run it again to resume.
    #[error("{0}")]
    World(String),
    /// The keyholder refused the import as a whole.
    #[error(transparent)]
    Refused(#[from] crate::Refused),
    /// What is stored is not what was deposited: an alarm.
    #[error("tampered: {0}")]
    Tampered(String),
}

impl Import {
    /// Imports every source, each as a whole file; rejects are listed and the rest goes on.
    pub fn run(
        &self,
        records: &Records,
        sources: &mut (dyn Iterator<Item = std::io::Result<Source>> + Send),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(Progress, Vec<Reject>), ImportError> {
        let run = Run {
            import: self,
            records,
            sources: Mutex::new(sources),
            progress,
            shared: Mutex::new(Shared {
                journal: Journal::open(&self.journal, self.list)?,
                progress: Progress::default(),
                rejects: Vec::new(),
                error: None,
            }),
            stop: AtomicBool::new(false),
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(|| run.work());
            }
        });
        let mut shared = run.shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        shared.journal.sync()?;
        match shared.error {
            Some(error) => Err(error),
            None => Ok((shared.progress, shared.rejects)),
        }
    }
}

struct Run<'a> {
    import: &'a Import,
    records: &'a Records,
    sources: Mutex<&'a mut (dyn Iterator<Item = std::io::Result<Source>> + Send)>,
    progress: &'a (dyn Fn(Progress) + Sync),
    shared: Mutex<Shared>,
    stop: AtomicBool,
}

struct Shared {
    journal: Journal,
    progress: Progress,
    rejects: Vec<Reject>,
    error: Option<ImportError>,
}

enum Done {
    Imported { resources: u64, left_out: u64 },
    Before,
}

impl Run<'_> {
    fn work(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            let next = self.sources.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(source) = next else { return };
            let result = source
                .map_err(|error| ImportError::World(format!("a source: {error}")))
                .and_then(|source| self.one(source));
            if let Err(error) = result {
                self.stop.store(true, Ordering::Relaxed);
                self.shared().error.get_or_insert(error);
            }
        }
    }

    fn one(&self, source: Source) -> Result<(), ImportError> {
        let key = source_key(self.import.list, &source.name);
        let bytes = source.text.len() as u64;
        let skip = self.shared().journal.has(&key);
        let result = if skip { Ok(Done::Before) } else { self.deposit(&source, &key) };
        let mut shared = self.shared();
        shared.progress.bytes += bytes;
        match result {
            Ok(done) => {
                match done {
                    Done::Imported { resources, left_out } => {
                        // A source of AuditEvents alone makes no file.
                        shared.progress.files += u64::from(resources > 0);
                        shared.progress.resources += resources;
                        shared.progress.left_out += left_out;
                    }
                    Done::Before => shared.progress.skipped += 1,
                }
                if !skip {
                    shared.journal.done(&key)?;
                }
            }
            Err(WriteError::Busy) => return Err(ImportError::World("a file stays busy".into())),
            Err(WriteError::World(what)) => return Err(ImportError::World(what)),
            Err(WriteError::Tampered(what)) => return Err(ImportError::Tampered(what)),
            Err(WriteError::Refused(refused)) => return Err(ImportError::Refused(refused)),
            Err(error) => {
                shared.progress.rejected += 1;
                let reason = reason(&error);
                shared.rejects.push(Reject { name: source.name, reason });
            }
        }
        let progress = shared.progress;
        drop(shared);
        (self.progress)(progress);
        Ok(())
    }

    fn deposit(&self, source: &Source, key: &str) -> Result<Done, WriteError> {
        let (asked, left_out) = creations(&source.text)?;
        let resources = asked.len() as u64;
        let called = Identifier { system: IMPORT_SYSTEM.into(), value: key.to_owned() };
        let creation = Creation {
            list: Some(self.import.list),
            unless: own_identifier(&asked),
            source: Some(called.clone()),
        };
        let by = self.import.by;
        let Some(file) = patiently(|| self.records.import_file(by, &asked, &creation))? else {
            return Ok(Done::Imported { resources, left_out });
        };
        // From an earlier run of this import, or known from elsewhere by its own identifier.
        match self.records.file_of_source(by, &called)? {
            Some(same) if same == file => Ok(Done::Before),
            _ => Err(WriteError::Conflict(
                "a patient with the same identifier has a file already".into(),
            )),
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries for as long as what a killed import had begun may keep a file busy.
fn patiently<T>(act: impl Fn() -> Result<T, WriteError>) -> Result<T, WriteError> {
    let until = Instant::now() + Duration::from_secs(DEPOSIT_SECONDS_MAX + 5);
    loop {
        // Each act waits for seconds by itself.
        match act() {
            Err(WriteError::Busy) if Instant::now() < until => {}
            other => return other,
        }
    }
}

/// Names a source in the journal and to the keyholder.
fn source_key(list: ListId, name: &str) -> String {
    let text = format!("{list}/{name}");
    BASE32_NOPAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..20]).to_lowercase()
}

/// Everything in a source, to be created whatever request its entries carry, and how many
/// AuditEvents were left out.
pub(crate) fn creations(text: &[u8]) -> Result<(Vec<Asked>, u64), WriteError> {
    let mut resources = match Json::parse(text, &Limits::default()) {
        Ok(bundle) if bundle.resource_type() == "Bundle" => bundle_resources(bundle)?,
        Ok(single) => vec![(None, single)],
        // More than one value: resources one per line.
        Err(error) => lines(text).ok_or_else(|| WriteError::Asked(error.to_string()))?,
    };
    let all = resources.len();
    resources.retain(|(_, resource)| resource.resource_type() != "AuditEvent");
    let left_out = (all - resources.len()) as u64;
    let create = |(full_url, resource): (Option<String>, Json)| {
        let name = known_type(resource.resource_type());
        let name = name.ok_or_else(|| WriteError::Asked("a resource of no known type".into()))?;
        let act = Act::Create(name);
        Ok(Asked { full_url, act, resource, if_none_exist: None, if_match: None })
    };
    let asked: Result<_, WriteError> = resources.into_iter().map(create).collect();
    Ok((asked?, left_out))
}

fn bundle_resources(mut bundle: Json) -> Result<Vec<(Option<String>, Json)>, WriteError> {
    if bundle.text("type") == Some("history") {
        let what = "a Bundle of type history: what was replaced or deleted would be current again";
        return Err(WriteError::Asked(what.into()));
    }
    let entries = bundle.as_object_mut().and_then(|bundle| bundle.remove("entry"));
    let Some(Json::Array(entries)) = entries else {
        return Err(WriteError::Asked("a Bundle without entries".into()));
    };
    let resource = |mut entry: Json| {
        let url = entry.text("fullUrl").map(str::to_owned);
        let resource = entry.as_object_mut()?.remove("resource")?;
        Some((url, resource))
    };
    let resources: Option<_> = entries.into_iter().map(resource).collect();
    resources.ok_or_else(|| WriteError::Asked("an entry without a resource".into()))
}

fn lines(text: &[u8]) -> Option<Vec<(Option<String>, Json)>> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    // A file that lost its text is told as one that ends too early.
    lines.clone().next()?;
    lines.map(|line| Some((None, Json::parse(line, &Limits::default()).ok()?))).collect()
}

/// The first identifier of the source's Patient that says where it comes from.
fn own_identifier(asked: &[Asked]) -> Option<Identifier> {
    let patient = asked.iter().find(|asked| asked.resource.resource_type() == "Patient")?;
    let identifiers = patient.resource.get("identifier").map(Json::items).unwrap_or_default();
    identifiers.iter().find_map(|identifier| {
        let system = identifier.text("system").filter(|system| !system.is_empty())?;
        let value = identifier.text("value").filter(|value| !value.is_empty())?;
        Some(Identifier { system: system.to_owned(), value: value.to_owned() })
    })
}

fn reason(error: &WriteError) -> String {
    match error {
        WriteError::Invalid(issues) => {
            let first = issues.iter().take(3);
            let first: Vec<String> =
                first.map(|issue| format!("{}: {}", issue.expression, issue.message)).collect();
            let more = issues.len().saturating_sub(3);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            format!("{}{more}", first.join("; "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_not_imported_as_what_is_current() {
        let bundle = |kind: &str| {
            let entry = r#"{"resource":{"resourceType":"Patient","id":"p"}}"#;
            format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{entry}]}}"#)
        };
        for kind in ["transaction", "batch", "collection", "searchset"] {
            assert_eq!(creations(bundle(kind).as_bytes()).unwrap().0.len(), 1, "{kind}");
        }
        let refused = creations(bundle("history").as_bytes());
        assert!(matches!(refused, Err(WriteError::Asked(_))));
    }

    #[test]
    fn a_file_that_lost_its_text_is_no_import_that_was_done() {
        for text in ["", " \n\t\n"] {
            assert!(matches!(creations(text.as_bytes()), Err(WriteError::Asked(_))), "{text:?}");
        }
    }
}
