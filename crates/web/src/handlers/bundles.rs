//! Batch and transaction: entries about one patient, and directory entries.

use super::json;
use super::writes::{Writing, local_file, referred_file};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::negotiate::{self, Return, Sent};
use crate::problem::{Family, Problem};
use crate::respond::{self, Answered};
use fhir::compartment::all_patient_references;
use fhir::references::{Target, for_each_reference, target};
use fhir::{Json, Placement, placement};
use hyper::StatusCode;
use record::ResourceId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use terms::FileId;

/// Carries out a batch or transaction.
pub(super) async fn bundle(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    let bundle = json(app, &mut ask, Sent::Json).await?;
    if bundle.resource_type() != "Bundle" {
        return Err(wrong("a Bundle of type batch or transaction belongs here"));
    }
    if !matches!(bundle.text("type"), Some("batch" | "transaction")) {
        return Err(wrong("the Bundle is neither a batch nor a transaction"));
    }
    let entries = bundle.get("entry").map(Json::items).unwrap_or_default();
    if entries.len() > app.bounds.bundle_entries {
        return Err(Problem::new(Family::TooLarge, "the Bundle has too many entries"));
    }
    if !caller.scope.is_whole() {
        entries.iter().try_for_each(|entry| caller.scope.check_entry(entry))?;
    }
    let named = named_files(app, entries)?;
    if named.len() > 1 {
        let text = "a Bundle belongs to one patient: send one for each";
        return Err(Problem::new(Family::Unprocessable, text));
    }
    let file = named.into_iter().next();
    if let Some(own) = caller.only_file() {
        stays_within(app, entries, own)?;
    }
    // What has to be read first is opened by this request's proof, before anything is written.
    let opened = match file {
        Some(file) if entries.iter().any(reads_first) => Some(caller.open(app, &ask, file).await?),
        _ => None,
    };
    let returns = negotiate::preferences(&ask.headers).returns;
    let written = Writing { app, ask: &ask, caller: &caller, file, opened }
        .run(bundle, move |records, by, bundle, open| {
            let open = open.map(|o| &o.file);
            // A client that says nothing has what it sent, and is spared the same again.
            match returns {
                Some(Return::Representation) => records.bundle_with_resources(by, bundle, open),
                _ => records.bundle(by, bundle, open),
            }
        })
        .await?;
    if let Some(error) = written.stopped_by {
        // The client reads it at the entry; this puts it into the log, and raises an alarm.
        if super::errors::write(error).family() == Family::Tampered {
            app.metrics.tampered.fetch_add(1, Relaxed);
        }
    }
    Ok(match returns {
        Some(Return::OperationOutcome) => {
            respond::resource(StatusCode::OK, ask.format, &fhir::outcome::outcome(&[]))
        }
        _ => respond::text(StatusCode::OK, ask.format, written.text),
    })
}

/// Whether an entry depends on what is in the file: anything but a plain create.
fn reads_first(entry: &Json) -> bool {
    let Some(request) = entry.get("request") else { return false };
    let kind = entry.get("resource").map(Json::resource_type).unwrap_or_default();
    let conditional = request.get("ifNoneExist").is_some();
    let in_file = matches!(placement(kind), Placement::File(_));
    request.text("method") != Some("POST") || conditional && in_file
}

/// The patients' files that a Bundle names: by reference, and by the addresses of its entries.
fn named_files(app: &App, entries: &[Json]) -> Result<BTreeSet<FileId>, Problem> {
    let directory = app.records.directory().file();
    let mut files = BTreeSet::new();
    for entry in entries {
        if let Some(resource) = entry.get("resource") {
            files.extend(referred_files(app, resource));
        }
        let url = entry.get("request").and_then(|r| r.text("url")).unwrap_or_default();
        files.extend(addressed_file(app, url).filter(|file| *file != directory));
        if files.len() > 1 {
            break;
        }
    }
    Ok(files)
}

/// The files of everything that a resource refers to.
fn referred_files(app: &App, resource: &Json) -> BTreeSet<FileId> {
    let mut files = BTreeSet::new();
    for_each_reference(resource, &mut |reference| files.extend(local_file(app, reference)));
    files
}

/// The file that the address of an entry names.
fn addressed_file(app: &App, url: &str) -> Option<FileId> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = path.strip_prefix(app.base_url.as_str()).unwrap_or(path).trim_matches('/');
    let by_id = path.split('/').nth(1).and_then(|id| id.parse::<ResourceId>().ok());
    if let Some(id) = by_id {
        return Some(id.file);
    }
    let query = crate::query::Query::parse(query).ok()?;
    let named = ["patient", "subject", "beneficiary", "_id"];
    let value = query.iter().find(|(name, _)| named.contains(name)).map(|(_, value)| value)?;
    referred_file(app, value).or_else(|| value.parse::<ResourceId>().ok().map(|id| id.file))
}

/// A token for one file writes nothing else: no new patient, no directory, no other file.
fn stays_within(app: &App, entries: &[Json], own: FileId) -> Result<(), Problem> {
    for entry in entries {
        let url = entry.get("request").and_then(|r| r.text("url")).unwrap_or_default();
        let addressed = addressed_file(app, url);
        let other = addressed.is_some_and(|file| file != own);
        let resource = entry.get("resource");
        let misplaced = resource.is_some_and(|resource| {
            let kind = resource.resource_type();
            let placed = match placement(kind) {
                Placement::File(_) => true,
                Placement::Patient => addressed == Some(own),
                Placement::Directory | Placement::Refused => false,
            };
            let references = all_patient_references(resource);
            !placed
                || referred_files(app, resource).iter().any(|file| *file != own)
                || references.iter().any(|r| !is_own(app, r, own))
                || looks_patients_up(resource)
        });
        if other || misplaced {
            return Err(Problem::refused(None));
        }
    }
    Ok(())
}

/// Whether a reference is a search that would find some patient.
fn looks_patients_up(resource: &Json) -> bool {
    let mut found = false;
    for_each_reference(resource, &mut |reference| {
        let target = target(reference);
        found |= matches!(target, Target::Conditional { resource_type: "Patient", .. });
    });
    found
}

fn is_own(app: &App, reference: &str, own: FileId) -> bool {
    // A reference to another entry stays inside the Bundle, where no new patient may be.
    matches!(target(reference), Target::Other(other) if other.starts_with("urn:uuid:"))
        || referred_file(app, reference) == Some(own)
}

fn wrong(what: &'static str) -> Problem {
    Problem::new(Family::BadParameter, what)
}
