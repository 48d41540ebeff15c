//! Create, update, patch, delete and validate.

use super::reads::{mark, shared};
use super::searches::patient_file;
use super::{errors, file_of, json, known_type};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::blocking::blocking;
use crate::files::Opened;
use crate::negotiate::{self, Return, Sent};
use crate::problem::{Family, Problem};
use crate::respond::{self, Answered};
use fhir::compartment::{Subject, subject_of};
use fhir::references::{Target, target};
use fhir::{Issue, IssueCode, Json, Placement, Severity, placement};
use hyper::StatusCode;
use hyper::header::{ETAG, HeaderMap, HeaderName, IF_MATCH, LAST_MODIFIED, LOCATION};
use record::{IfMatch, Outcome, Records, WriteError, Written};
use std::sync::Arc;
use terms::{FileId, SessionId};

pub(super) const IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");

/// A new resource.
pub(super) async fn create(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    no_parameters(&ask, "a create takes no search: say it by If-None-Exist")?;
    let kind = known_type(&ask)?.to_owned();
    let resource = json(app, &mut ask, Sent::Json).await?;
    of_type(&resource, &kind)?;
    let condition = header(&ask.headers, IF_NONE_EXIST)?.map(str::to_owned);
    let file = subject_file(app, &resource);
    within_token(&caller, &kind, file)?;
    let written = Writing { app, ask: &ask, caller: &caller, file, opened: None }
        .run(resource, move |records, by, resource, open| {
            records.create(by, resource, condition.as_deref(), open.map(|o| &o.file))
        })
        .await?;
    answer(app, &ask, &written)
}

/// A new version of the resource at this address.
pub(super) async fn update(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    no_parameters(&ask, "an update by id takes no search")?;
    let (kind, id) = (known_type(&ask)?.to_owned(), ask.captures.id().to_owned());
    let file = own_file(app, &id)?;
    let resource = json(app, &mut ask, Sent::Json).await?;
    of_type(&resource, &kind)?;
    if resource.id() != Some(&id) {
        return Err(wrong("the resource must have the id of the address"));
    }
    let if_match = if_match(&ask.headers)?;
    let written = Writing::opened(app, &ask, &caller, file)
        .await?
        .run(resource, move |records, _, resource, open| {
            let open = open.ok_or(WriteError::NeedsOpening)?;
            records.update(&open.file, &kind, &id, resource, if_match)
        })
        .await?;
    answer(app, &ask, &written)
}

/// A new version of what the search finds, or a new resource.
pub(super) async fn conditional_update(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    ask.query.take("_format");
    ask.query.take("_pretty");
    let kind = known_type(&ask)?.to_owned();
    let resource = json(app, &mut ask, Sent::Json).await?;
    of_type(&resource, &kind)?;
    let condition = ask.query.to_text();
    if condition.is_empty() {
        return Err(wrong("a conditional update needs a search in its address"));
    }
    let if_match = if_match(&ask.headers)?;
    let file = match placement(&kind) {
        Placement::Patient => match found_patient(app, &ask, &caller, &resource).await? {
            Ok(file) => file,
            Err(created) => return answer(app, &ask, &created),
        },
        Placement::File(_) => searched_file(app, &ask, &kind, &resource)?,
        Placement::Directory | Placement::Refused => return Err(Problem::not_there()),
    };
    within_token(&caller, &kind, Some(file))?;
    let written = Writing::opened(app, &ask, &caller, file)
        .await?
        .run(resource, move |records, _, resource, open| {
            let open = open.ok_or(WriteError::NeedsOpening)?;
            records.conditional_update(&open.file, &kind, &condition, resource, if_match)
        })
        .await?;
    answer(app, &ask, &written)
}

/// The current version, changed by a JSON Patch.
pub(super) async fn patch(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    no_parameters(&ask, "a patch by id takes no search")?;
    let (kind, id) = (known_type(&ask)?.to_owned(), ask.captures.id().to_owned());
    let file = own_file(app, &id)?;
    let patch = json(app, &mut ask, Sent::Patch).await?;
    let if_match = if_match(&ask.headers)?;
    let written = Writing::opened(app, &ask, &caller, file)
        .await?
        .run(patch, move |records, _, patch, open| {
            let open = open.ok_or(WriteError::NeedsOpening)?;
            records.patch(&open.file, &kind, &id, &patch, if_match)
        })
        .await?;
    answer(app, &ask, &written)
}

/// A version that says deleted.
pub(super) async fn delete(app: &Arc<App>, ask: Ask, caller: Caller) -> Answered {
    no_parameters(&ask, "a delete by id takes no search")?;
    let (kind, id) = (known_type(&ask)?.to_owned(), ask.captures.id().to_owned());
    let file = own_file(app, &id)?;
    let if_match = if_match(&ask.headers)?;
    let written = Writing::opened(app, &ask, &caller, file)
        .await?
        .run(Json::Null, move |records, _, _, open| {
            let open = open.ok_or(WriteError::NeedsOpening)?;
            records.delete(&open.file, &kind, &id, if_match)
        })
        .await?;
    answer(app, &ask, &written)
}

/// What there is to say about a resource, without storing it.
pub(super) async fn validate(app: &Arc<App>, mut ask: Ask) -> Answered {
    let kind = known_type(&ask)?.to_owned();
    let sent = json(app, &mut ask, Sent::Json).await?;
    let part = |name: &str| {
        sent.get("parameter")
            .map(Json::items)
            .unwrap_or_default()
            .iter()
            .find(move |p| p.text("name") == Some(name))
    };
    if ask.query.first("profile").is_some() || part("profile").is_some() {
        let text = "validation is against the base specification: leave the profile out";
        return Err(Problem::new(Family::NotServed, text));
    }
    let resource = match part("resource").and_then(|p| p.get("resource")) {
        Some(inner) if sent.resource_type() == "Parameters" => inner,
        _ => &sent,
    };
    let mut issues = fhir::validate(resource);
    if resource.resource_type() != kind {
        issues.push(Issue {
            severity: Severity::Error,
            code: IssueCode::Invalid,
            expression: "resourceType".to_owned(),
            message: format!("the address says {kind}"),
        });
    }
    Ok(respond::resource(StatusCode::OK, ask.format, &fhir::outcome::outcome(&issues)))
}

/// One write: with the file as it is open, opened where it has to be, renewed where it has grown.
pub(super) struct Writing<'a> {
    pub(super) app: &'a Arc<App>,
    pub(super) ask: &'a Ask,
    pub(super) caller: &'a Caller,
    /// The file it goes to, as far as that can be known beforehand.
    pub(super) file: Option<FileId>,
    pub(super) opened: Option<Arc<Opened>>,
}

impl<'a> Writing<'a> {
    /// One that needs the file open from the start.
    async fn opened(
        app: &'a Arc<App>,
        ask: &'a Ask,
        caller: &'a Caller,
        file: FileId,
    ) -> Result<Writing<'a>, Problem> {
        let opened = Some(caller.open(app, ask, file).await?);
        Ok(Writing { app, ask, caller, file: Some(file), opened })
    }

    /// Writes, a second time after an opening where the first time says that it takes one.
    pub(super) async fn run<T: Send + 'static>(
        mut self,
        what: Json,
        write: impl Fn(&Records, SessionId, Json, Option<&Opened>) -> Result<T, WriteError>
        + Clone
        + Send
        + 'static,
    ) -> Result<T, Problem> {
        if self.opened.is_none() {
            self.opened = self.file.and_then(|file| self.caller.if_open(self.app, file));
        }
        match (self.once(what.clone(), write.clone()).await?, self.file) {
            (Err(WriteError::NeedsOpening | WriteError::Stale), Some(file)) => {
                let before = self.opened.take();
                let opened = self.caller.open_anew(self.app, self.ask, file, before).await?;
                self.opened = Some(opened);
                let written = self.once(what, write).await?;
                written.map_err(|error| self.problem(error))
            }
            (written, _) => written.map_err(|error| self.problem(error)),
        }
    }

    async fn once<T: Send + 'static>(
        &self,
        what: Json,
        write: impl FnOnce(&Records, SessionId, Json, Option<&Opened>) -> Result<T, WriteError>
        + Send
        + 'static,
    ) -> Result<Result<T, WriteError>, Problem> {
        let (app, opened) = (self.app.clone(), self.opened.clone());
        let (by, file) = (self.caller.session.session, self.file);
        blocking(move || {
            let written = write(&app.records, by, what, opened.as_deref());
            if let (Ok(_), Some(file)) = (&written, file) {
                app.files.grown(file, opened.as_ref());
            }
            written
        })
        .await
    }

    fn problem(&self, error: WriteError) -> Problem {
        if matches!(&error, WriteError::Refused(refused) if refused.nonce.is_none()) {
            self.app.files.close_card(self.caller.session.card);
        }
        errors::write(error)
    }
}

/// The file that a resource names as its patient's, if it names one of this server.
pub(super) fn subject_file(app: &App, resource: &Json) -> Option<FileId> {
    match subject_of(resource) {
        Subject::One(reference) => referred_file(app, reference),
        _ => None,
    }
}

/// The file of a reference to a patient of this server.
pub(super) fn referred_file(app: &App, reference: &str) -> Option<FileId> {
    match target(reference) {
        Target::Relative { resource_type: "Patient", id, .. } => patient_file(id).ok(),
        Target::Absolute { base, resource_type: "Patient", id, .. } if base == app.base_url => {
            patient_file(id).ok()
        }
        _ => None,
    }
}

/// The file of a reference to anything in a file of this server.
pub(super) fn local_file(app: &App, reference: &str) -> Option<FileId> {
    let id = match target(reference) {
        Target::Relative { id, .. } => id,
        Target::Absolute { base, id, .. } if base == app.base_url => id,
        _ => return None,
    };
    let file = file_of(id).ok()?;
    (file != app.records.directory().file()).then_some(file)
}

/// A bearer token writes into its one file and nowhere else.
fn within_token(caller: &Caller, kind: &str, file: Option<FileId>) -> Result<(), Problem> {
    let Some(own) = caller.only_file() else { return Ok(()) };
    let inside = matches!(placement(kind), Placement::File(_)) || file.is_some();
    if inside && file == Some(own) { Ok(()) } else { Err(Problem::refused(None)) }
}

/// A patient found by identifier, or created because there was none.
async fn found_patient(
    app: &Arc<App>,
    ask: &Ask,
    caller: &Caller,
    resource: &Json,
) -> Result<Result<FileId, Written>, Problem> {
    if let Some(id) = ask.query.first("_id") {
        return patient_file(id).map(Ok);
    }
    if caller.only_file().is_some() {
        return Err(Problem::refused(None));
    }
    let condition = ask.query.to_text();
    let written = Writing { app, ask, caller, file: None, opened: None }
        .run(resource.clone(), move |records, by, resource, _| {
            records.create(by, resource, Some(&condition), None)
        })
        .await?;
    if written.outcome == Outcome::Existed { Ok(Ok(written.id.file)) } else { Ok(Err(written)) }
}

/// The file of a conditional update: the search names it, and the resource does not disagree.
fn searched_file(app: &App, ask: &Ask, kind: &str, resource: &Json) -> Result<FileId, Problem> {
    let query = fhir::SearchQuery::parse(kind, ask.query.iter(), &app.base_url);
    let query = query.map_err(|e| Problem::new(Family::BadParameter, e.to_string()))?;
    let of_resource = subject_file(app, resource);
    let searched = match query.named_patient() {
        fhir::search::NamedPatient::One(id) => Some(patient_file(id)?),
        _ => of_resource,
    };
    match searched {
        Some(file) if of_resource.is_none_or(|other| other == file) => Ok(file),
        Some(_) => Err(wrong("search and resource name different patients")),
        None => Err(Problem::new(
            Family::NeedsPatient,
            "name the patient in the search, or in the resource",
        )),
    }
}

/// What a write answers: the headers always, the body as the client would rather have it.
pub(super) fn answer(app: &App, ask: &Ask, written: &Written) -> Answered {
    let status = match written.outcome {
        Outcome::Created => StatusCode::CREATED,
        Outcome::Deleted => StatusCode::NO_CONTENT,
        Outcome::Updated | Outcome::Unchanged | Outcome::Existed => StatusCode::OK,
    };
    let stored = written.stored.as_ref().filter(|version| !version.is_deleted());
    let returns = negotiate::preferences(&ask.headers).returns.unwrap_or_default();
    let mut response = match (returns, stored) {
        (Return::OperationOutcome, _) => {
            let status = if status == StatusCode::NO_CONTENT { StatusCode::OK } else { status };
            respond::resource(status, ask.format, &fhir::outcome::outcome(&[]))
        }
        (Return::Representation, Some(version)) if version.is_whole() => {
            respond::text(status, ask.format, shared(version))
        }
        (Return::Representation, Some(version)) => {
            respond::resource(status, ask.format, &version.shown())
        }
        _ => respond::empty(status),
    };
    let headers = response.headers_mut();
    if let Some(version) = stored {
        mark(headers, version);
    }
    if let Some(version) = written.version {
        respond::set(headers, ETAG, &respond::etag(&version.to_string()));
        let (base, kind, id) = (&app.base_url, written.resource_type, written.id);
        respond::set(headers, LOCATION, &format!("{base}/{kind}/{id}/_history/{version}"));
    } else {
        let (base, kind, id) = (&app.base_url, written.resource_type, written.id);
        respond::set(headers, LOCATION, &format!("{base}/{kind}/{id}"));
    }
    if let Some(at) = written.last_updated {
        respond::set(headers, LAST_MODIFIED, &respond::http_date(at));
    }
    Ok(response)
}

/// What `If-Match` asks for.
fn if_match(headers: &HeaderMap) -> Result<Option<IfMatch>, Problem> {
    let Some(tag) = header(headers, IF_MATCH)? else { return Ok(None) };
    let wanted = IfMatch::parse(tag);
    wanted.map(Some).ok_or_else(|| wrong("If-Match is not an entity tag such as W/\"1\""))
}

fn header(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    value.to_str().map(Some).map_err(|_| wrong("a header is not text"))
}

fn own_file(app: &App, id: &str) -> Result<FileId, Problem> {
    let file = file_of(id)?;
    if file == app.records.directory().file() {
        return Err(Problem::not_there());
    }
    Ok(file)
}

fn of_type(resource: &Json, kind: &str) -> Result<(), Problem> {
    if resource.resource_type() == kind {
        return Ok(());
    }
    Err(wrong("the resource is not of the type in the address"))
}

pub(super) fn no_parameters(ask: &Ask, what: &'static str) -> Result<(), Problem> {
    let mut names = ask.query.iter().map(|(name, _)| name);
    if names.all(|name| matches!(name, "_format" | "_pretty")) { Ok(()) } else { Err(wrong(what)) }
}

fn wrong(what: &'static str) -> Problem {
    Problem::new(Family::BadParameter, what)
}
