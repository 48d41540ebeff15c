//! Searches inside one file or the directory, and the whole file.

use super::reads::{only_its_own, page};
use super::{body, known_type, parse};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::blocking::blocking;
use crate::body::Answer;
use crate::negotiate::{self, Sent};
use crate::problem::{Family, Problem};
use crate::query::Query;
use crate::respond::{self, Answered};
use fhir::search::NamedPatient;
use fhir::{Json, Limits, Placement, SearchError, SearchQuery, placement};
use hyper::{Method, Response, StatusCode};
use record::open_file::Everything;
use record::{Page, ResourceId};
use std::sync::Arc;
use terms::{FileId, Role, Time};

/// What to do about a search that names no patient.
const NAME_THE_PATIENT: &str = "a search of patients' files has to name one patient: add \
     `patient=<id>` (or `subject=Patient/<id>`), or search `Patient/<id>/<type>`; \
     find the id by GET Patient?identifier=<system>|<value>";

/// Longest body that has nothing but parameters.
const FORM_BYTES_MAX: usize = 64 << 10;

/// A search by type.
pub(super) async fn search(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    read_form(app, &mut ask).await?;
    let kind = known_type(&ask)?.to_owned();
    // Others have Provenances in the file as well, which clients stored: they say which they mean.
    let from_ledger = caller.session.role == Role::Officer
        || ask.query.first("_source") == Some(record::provenance::FROM_LEDGER);
    if kind == "AuditEvent" || kind == "Provenance" && from_ledger {
        return super::ledger::search(app, ask, caller, &kind).await;
    }
    match placement(&kind) {
        Placement::Directory => in_directory(app, ask, &caller, &kind),
        Placement::Patient | Placement::File(_) => {
            let page = page(app, &mut ask)?;
            let query = understand(app, &mut ask, &kind)?;
            let file = named_file(&ask, &query)?;
            in_file(app, ask, caller, file, query, page).await
        }
        Placement::Refused => Err(not_kept()),
    }
}

/// A search in the file of the patient in the address.
pub(super) async fn compartment(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    let kind = known_type(&ask)?.to_owned();
    let file = patient_file(ask.captures.id())?;
    if !matches!(placement(&kind), Placement::Patient | Placement::File(_)) {
        return Err(not_kept());
    }
    let page = page(app, &mut ask)?;
    let query = understand(app, &mut ask, &kind)?;
    match query.named_patient() {
        NamedPatient::Nobody => {}
        NamedPatient::One(id) if patient_file(id).is_ok_and(|named| named == file) => {}
        _ => {
            return Err(Problem::new(
                Family::BadParameter,
                "the address and the parameters name different patients",
            ));
        }
    }
    in_file(app, ask, caller, file, query, page).await
}

/// The whole file.
pub(super) async fn everything(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    let file = patient_file(ask.captures.id())?;
    read_parameters(app, &mut ask).await?;
    let asked_for_page = ask.query.first("_count").is_some() || ask.query.first("_page").is_some();
    let page = page(app, &mut ask)?;
    let mut asked = Everything::default();
    for (name, value) in ask.query.iter() {
        match name {
            "_since" => asked.since = Some(instant(value)?),
            "_type" => {
                asked.types = value.split(',').map(str::to_owned).collect();
                if !asked.types.iter().all(|t| fhir::definitions::is_resource_type(t)) {
                    return Err(wrong("`_type` names no resource type of FHIR R4"));
                }
            }
            "_count" | "_format" | "_pretty" => {}
            _ => return Err(wrong("$everything knows `_since`, `_type` and `_count`")),
        }
    }
    asked.page = asked_for_page.then_some(page);
    let opened = caller.open(app, &ask, file).await?;
    let app = app.clone();
    blocking(move || {
        let found = opened.file.everything(&asked, app.records.directory());
        bundle(&app, &ask, page, &found)
    })
    .await
}

/// The Bundle of an answer, with links to itself and to the next page.
pub(super) fn bundle(app: &App, ask: &Ask, page: Page, found: &record::Answer) -> Response<Answer> {
    let here = if ask.method == Method::POST {
        ask.url.strip_suffix("/_search").unwrap_or(&ask.url)
    } else {
        &ask.url
    };
    let link = |mark: Option<String>| {
        let mut query = Query::default();
        for (name, value) in ask.query.iter().filter(|(n, _)| *n != "_count") {
            query.push(name, value);
        }
        if mark.is_some() || ask.query.first("_count").is_some() {
            query.push("_count", &page.count.to_string());
        }
        if let Some(mark) = mark {
            query.push("_page", &mark);
        }
        if query.is_empty() { here.to_owned() } else { format!("{here}?{}", query.to_text()) }
    };
    let own = link(page.from.map(|mark| mark.to_string()));
    let next = found.next.map(|mark| link(Some(mark.to_string())));
    let text = found.to_bundle(&app.base_url, &own, next.as_deref());
    respond::text(StatusCode::OK, ask.format, text)
}

/// Understands the query; parameters that are not known are refused, or left out where the
/// client asked for that.
pub(super) fn understand(app: &App, ask: &mut Ask, kind: &str) -> Result<SearchQuery, Problem> {
    let lenient = negotiate::preferences(&ask.headers).lenient;
    loop {
        let parsed = SearchQuery::parse(kind, ask.query.iter(), &app.base_url);
        let error = match parsed {
            Ok(query) => return Ok(query),
            Err(error) => error,
        };
        let unknown = match &error {
            SearchError::UnknownParameter { name, .. } | SearchError::NotServed { name } => name,
            _ => return Err(Problem::new(Family::BadParameter, error.to_string())),
        };
        if !lenient || ask.query.take(unknown).is_none() {
            return Err(Problem::new(Family::BadParameter, error.to_string()));
        }
    }
}

/// The parameters of a search by POST are in the body as well.
pub(super) async fn read_form(app: &App, ask: &mut Ask) -> Result<(), Problem> {
    if ask.method != Method::POST {
        return Ok(());
    }
    if negotiate::sent(&ask.headers)? != Sent::Form {
        negotiate::expect(&ask.headers, Sent::Form)?;
    }
    let form = body(app, ask, FORM_BYTES_MAX).await?;
    ask.query = std::mem::take(&mut ask.query).and_form(&form)?;
    if let Some(format) = ask.query.first("_format") {
        ask.format = negotiate::format(&ask.headers, Some(format))?;
    }
    Ok(())
}

/// The parameters of an operation that is invoked by POST are in the body as well, if there is one.
async fn read_parameters(app: &App, ask: &mut Ask) -> Result<(), Problem> {
    if ask.method != Method::POST {
        return Ok(());
    }
    let bytes = body(app, ask, FORM_BYTES_MAX).await?;
    if bytes.trim_ascii().is_empty() {
        return Ok(());
    }
    negotiate::expect(&ask.headers, Sent::Json)?;
    let sent = parse(&bytes, &Limits::default())?;
    if sent.resource_type() != "Parameters" {
        return Err(wrong("the body is a resource of type Parameters, or empty"));
    }
    for parameter in sent.get("parameter").map(Json::items).unwrap_or_default() {
        let simple = simple_parameter(parameter);
        let (name, value) = simple.ok_or_else(|| {
            wrong("each parameter of the operation has a name and one simple value")
        })?;
        // What repeats in a resource is a list in an address.
        let before = ask.query.take(name).map(|before| before + ",").unwrap_or_default();
        ask.query.push(name, &(before + &value));
    }
    Ok(())
}

fn simple_parameter(parameter: &Json) -> Option<(&str, String)> {
    let mut values = parameter.as_object()?.iter().filter(|(name, _)| name.starts_with("value"));
    let value = match (values.next()?, values.next()) {
        ((_, Json::String(text)), None) => text.to_string(),
        ((_, number @ Json::Number(_)), None) => number.to_text(),
        _ => return None,
    };
    Some((parameter.text("name")?, value))
}

/// The file of a patient's id.
pub(super) fn patient_file(id: &str) -> Result<FileId, Problem> {
    let id = id.parse::<ResourceId>().map_err(|_| Problem::not_there())?;
    if id.number.is_some() { Err(Problem::not_there()) } else { Ok(id.file) }
}

/// A search in this file.
pub(super) async fn in_file(
    app: &Arc<App>,
    ask: Ask,
    caller: Caller,
    file: FileId,
    query: SearchQuery,
    page: Page,
) -> Answered {
    only_its_own(&caller, file)?;
    caller.scope.check_includes(&query)?;
    let opened = caller.open(app, &ask, file).await?;
    let found = opened.file.search(&query, page, app.records.directory());
    Ok(bundle(app, &ask, page, &found))
}

fn in_directory(app: &Arc<App>, mut ask: Ask, caller: &Caller, kind: &str) -> Answered {
    let page = page(app, &mut ask)?;
    let query = understand(app, &mut ask, kind)?;
    caller.scope.check_includes(&query)?;
    let found = app.records.directory().search(&query, page);
    Ok(bundle(app, &ask, page, &found))
}

/// The one file that a query names, by its patient or by the ids it asks for.
fn named_file(ask: &Ask, query: &SearchQuery) -> Result<FileId, Problem> {
    match query.named_patient() {
        // An id that this server does not give is like one that may not be opened.
        NamedPatient::One(id) => patient_file(id).map_err(|_| Problem::refused(None)),
        NamedPatient::Unclear => Err(Problem::new(
            Family::NeedsPatient,
            "a search of patients' files names exactly one patient, by the id it has here",
        )),
        NamedPatient::Nobody => {
            let needs = || Problem::new(Family::NeedsPatient, NAME_THE_PATIENT);
            let ids = ask.query.first("_id").ok_or_else(needs)?;
            let mut files = ids.split(',').map(|id| id.parse::<ResourceId>().map(|id| id.file));
            let first = files.next().and_then(Result::ok).ok_or_else(needs)?;
            if files.all(|file| file == Ok(first)) { Ok(first) } else { Err(needs()) }
        }
    }
}

fn not_kept() -> Problem {
    Problem::new(Family::NotThere, "resources of this type are not kept here")
}

/// An instant of FHIR, or the first moment of a date.
pub(super) fn instant(text: &str) -> Result<Time, Problem> {
    text.parse().map_err(|_| wrong("not an instant such as 2026-01-31T12:00:00Z"))
}

fn wrong(what: &'static str) -> Problem {
    Problem::new(Family::BadParameter, what)
}
