//! Orders to the keyholder, and questions to its ledger.

use super::searches::{instant, patient_file};
use super::{body, errors, known_type};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::blocking::blocking;
use crate::body::{Answer, BrokeOff};
use crate::problem::{Family, Problem};
use crate::query::Query;
use crate::respond::{self, Answered};
use bytes::Bytes;
use data_encoding::BASE64;
use fhir::Json;
use fhir::bundle::{BundleBuilder, BundleKind, Entry, SearchMode};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use keyproto::message::{Closing, Line, Order, Question, Report};
use record::audit::audit_event;
use record::provenance::{Brought, FROM_LEDGER, provenance};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;
use terms::{FileId, STATEMENT_BYTES_MAX, Time};
use tokio::sync::oneshot;

/// Lines that are sent in one piece: one by one they cost a wake-up each.
const LINES_AT_A_TIME: usize = 64;
/// Most statements of one order.
const STATEMENTS_MAX: usize = 16;

/// Hands an order in: a JSON array of signed statements.
pub(super) async fn orders(app: &Arc<App>, mut ask: Ask) -> Answered {
    app.may_try(ask.peer)?;
    let read = body(app, &mut ask, STATEMENTS_MAX * (STATEMENT_BYTES_MAX + 16)).await?;
    let statements = statements(&read)?;
    let records = app.records.clone();
    let recorded = blocking(move || records.keyholder().order(Order { statements })).await?;
    let recorded = recorded.map_err(|error| {
        app.throttle.failed(ask.peer, Instant::now());
        errors::keyholder(error)
    })?;
    // Whatever the order ended must not stay open here; orders are rare.
    app.files.close_all();
    ask.note.entry(recorded.entry);
    let text = serde_json::json!({
        "entry": recorded.entry,
        "at": recorded.at.to_string(),
    });
    Ok(respond::text(StatusCode::OK, "application/json", text.to_string()))
}

pub(crate) fn statements(body: &[u8]) -> Result<Vec<String>, Problem> {
    let statements: Vec<String> = serde_json::from_slice(body)
        .map_err(|_| wrong("the body is no array of signed statements"))?;
    if statements.is_empty() || statements.len() > STATEMENTS_MAX {
        return Err(wrong("an order has one to sixteen signed statements"));
    }
    Ok(statements)
}

/// What a report is asked for; all that is left out is not narrowed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    file: Option<String>,
    card: Option<String>,
    practice: Option<String>,
    server: Option<String>,
    from: Option<String>,
    to: Option<String>,
    everything: bool,
    alone: bool,
}

/// One line of a report, as JSON. `entry` is the ledger's own encoding (CBOR, base64). What the
/// keyholder signs at the end covers it and all beside it: nobody need believe this server.
#[derive(Serialize)]
struct Told<'a> {
    number: u64,
    entry: String,
    files: Vec<ToldFile>,
    holder: Option<&'a str>,
    practice: Option<&'a str>,
}

#[derive(Serialize)]
struct ToldFile {
    blind: String,
    file: String,
}

/// How far the ledger was read, where that is all there is to say.
#[derive(Serialize)]
struct Progress {
    read: u64,
}

/// The last line: what the keyholder signed.
#[derive(Serialize)]
struct End {
    checkpoint: String,
    statement: String,
}

impl From<Closing> for End {
    fn from(Closing { checkpoint, statement }: Closing) -> End {
        End { checkpoint, statement }
    }
}

/// What was opened, by whom: one JSON object a line.
pub(super) async fn who_opened(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    let read = body(app, &mut ask, 4096).await?;
    let report = report(app, &ask, &caller, question(&read)?).await?;
    let (sender, answer) = Answer::pieces(None, 16);
    let (began, beginning) = oneshot::channel();
    let (records, quiet) = (app.records.clone(), app.bounds.report_quiet);
    tokio::task::spawn_blocking(move || {
        let (mut began, mut said) = (Some(began), Instant::now());
        let mut begin = |how| began.take().map(|began| began.send(how));
        let say = |text: Bytes| match sender.blocking_send(Ok(text)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let told = records.keyholder().report(report, &mut |lines, next| {
            begin(Ok(()));
            if lines.is_empty() && said.elapsed() < quiet {
                return ControlFlow::Continue(());
            }
            said = Instant::now();
            if lines.is_empty() {
                return say(line_of(&Progress { read: next }));
            }
            lines.chunks(LINES_AT_A_TIME).try_for_each(|some| {
                let mut text = Vec::new();
                some.iter().for_each(|line| tell(&mut text, line));
                say(text.into())
            })
        });
        match told {
            Ok(closing) => {
                begin(Ok(()));
                let _ = closing.map(|closing| say(line_of(&End::from(closing))));
            }
            // Too late to say anything but that the lines are not all there are.
            Err(error) => match begin(Err(error)) {
                Some(_) => {}
                None => {
                    let _ = sender.blocking_send(Err(BrokeOff));
                }
            },
        }
    });
    let broken = || Problem::new(Family::Broken, "this server made a mistake");
    if let Err(error) = beginning.await.map_err(|_| broken())? {
        return Err(caller.refused(app, error));
    }
    let mut response = Response::new(answer);
    let kind = HeaderValue::from_static("application/jsonl");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// The question that a body asks.
pub(crate) fn question(body: &[u8]) -> Result<Question, Problem> {
    let asked: Asked = if body.is_empty() {
        Asked::default()
    } else {
        serde_json::from_slice(body).map_err(|_| {
            wrong("the body says file, card, practice, server, from, to, everything, alone")
        })?
    };
    Ok(Question {
        file: id(asked.file.as_deref())?,
        card: id(asked.card.as_deref())?,
        practice: id(asked.practice.as_deref())?,
        server: id(asked.server.as_deref())?,
        from: asked.from.as_deref().map(instant).transpose()?,
        to: asked.to.as_deref().map(instant).transpose()?,
        everything: asked.everything,
        first: 0,
        alone: asked.alone,
    })
}

/// AuditEvents or Provenances of one patient, made from the ledger.
pub(super) async fn search(app: &Arc<App>, ask: Ask, caller: Caller, kind: &str) -> Answered {
    let asked = AskedEvents::of(app, &ask)?;
    let Views { events, next } = views(app, &ask, &caller, kind, asked).await?;
    let bundle = bundle(app, &ask, kind, events, next);
    Ok(respond::resource(StatusCode::OK, ask.format, &bundle))
}

/// One of them: the view of this entry.
pub(super) async fn read(
    app: &Arc<App>,
    ask: Ask,
    caller: Caller,
    file: FileId,
    entry: u64,
) -> Answered {
    let kind = known_type(&ask)?.to_owned();
    let asked = AskedEvents { file, from: None, to: None, first: entry, last: entry, count: 1 };
    let Views { events, .. } = views(app, &ask, &caller, &kind, asked).await?;
    let id = ask.captures.id();
    let event = events.into_iter().find(|event| event.id() == Some(id));
    let event = event.ok_or_else(Problem::not_there)?;
    Ok(respond::resource(StatusCode::OK, ask.format, &event))
}

/// Some views, and the number of the entry at which there may be more.
struct Views {
    events: Vec<Json>,
    next: Option<u64>,
}

async fn views(
    app: &Arc<App>,
    ask: &Ask,
    caller: &Caller,
    kind: &str,
    asked: AskedEvents,
) -> Result<Views, Problem> {
    let AskedEvents { file, from, to, first, last, count } = asked;
    let question =
        Question { file: Some(file), from, to, first, everything: true, ..Question::default() };
    let report = report(app, ask, caller, question).await?;
    let provenances = kind == "Provenance";
    let open = caller.if_open(app, file).filter(|_| provenances);
    let brought = open.map(|open| Brought::of(&open.file)).unwrap_or_default();
    let make = move |line: &Line| match provenances {
        true => provenance(line, file, &brought),
        false => audit_event(line, file),
    };
    let (records, longest) = (app.records.clone(), app.bounds.ledger_page);
    let found = blocking(move || {
        let (mut events, mut next, since) = (Vec::new(), None, Instant::now());
        let told = records.keyholder().report(report, &mut |lines, read| {
            for line in lines {
                let Some(event) = make(&line) else { continue };
                if events.len() == count {
                    next = Some(line.number);
                    return ControlFlow::Break(());
                }
                events.push(event);
            }
            if read <= last && since.elapsed() < longest {
                return ControlFlow::Continue(());
            }
            next = Some(read);
            ControlFlow::Break(())
        });
        told.map(|_| Views { events, next })
    });
    found.await?.map_err(|error| caller.refused(app, error))
}

struct AskedEvents {
    file: FileId,
    from: Option<Time>,
    to: Option<Time>,
    /// Number of the ledger entry that the page begins with.
    first: u64,
    /// Number of the last one that is of interest.
    last: u64,
    count: usize,
}

impl AskedEvents {
    fn of(app: &App, ask: &Ask) -> Result<AskedEvents, Problem> {
        let (mut file, mut from, mut to, mut first) = (None, None, None, 0);
        let mut count = 100;
        for (name, value) in ask.query.iter() {
            let number = || value.parse::<u64>().map_err(|_| wrong("not a number"));
            match name {
                "patient" => {
                    let id = value.strip_prefix("Patient/").unwrap_or(value);
                    file = Some(patient_file(id).map_err(|_| Problem::refused(None))?);
                }
                "date" => match value.split_at_checked(2) {
                    Some(("ge", date)) => from = Some(instant(date)?),
                    Some(("lt", date)) => to = Some(instant(date)?),
                    _ => return Err(wrong("`date` is served with `ge` and `lt`")),
                },
                "_count" => count = usize::try_from(number()?).unwrap_or(usize::MAX),
                "_page" => first = number()?,
                "_source" if value == FROM_LEDGER => {}
                "_format" | "_pretty" => {}
                _ => return Err(wrong("name the patient by `patient`, the span by `date`")),
            }
        }
        let file =
            file.ok_or_else(|| Problem::new(Family::NeedsPatient, "say whose by `patient=<id>`"))?;
        let (last, count) = (u64::MAX, count.clamp(1, app.bounds.page.max(1)));
        Ok(AskedEvents { file, from, to, first, last, count })
    }
}

fn bundle(app: &App, ask: &Ask, kind: &str, events: Vec<Json>, next: Option<u64>) -> Json {
    let here = format!("{}/{kind}", app.base_url);
    let link = |mark: Option<u64>| {
        let mut query = Query::default();
        for (name, value) in ask.query.iter().filter(|(n, _)| *n != "_page" || mark.is_none()) {
            query.push(name, value);
        }
        if let Some(mark) = mark {
            query.push("_page", &mark.to_string());
        }
        format!("{here}?{}", query.to_text())
    };
    let mut builder = BundleBuilder::new(BundleKind::Searchset).link("self", &link(None));
    if let Some(next) = next {
        builder = builder.link("next", &link(Some(next)));
    }
    for event in events {
        builder.push(Entry {
            full_url: event.id().map(|id| format!("{here}/{id}")),
            resource: Some(event),
            mode: Some(SearchMode::Match),
            ..Entry::default()
        });
    }
    builder.build()
}

/// The question, by this request's proof.
async fn report(
    app: &Arc<App>,
    ask: &Ask,
    caller: &Caller,
    question: Question,
) -> Result<Report, Problem> {
    Ok(Report {
        session: caller.session.session,
        proof: caller.spend_proof(app, question.file).await?,
        method: ask.method.as_str().to_owned(),
        url: ask.url.clone(),
        question,
    })
}

/// Writes a line of a report.
fn tell(text: &mut Vec<u8>, line: &Line) {
    let files = line.files.iter();
    let told = Told {
        number: line.number,
        entry: BASE64.encode(&line.entry),
        files: files
            .map(|(blind, file)| ToldFile { blind: blind.to_string(), file: file.to_string() })
            .collect(),
        holder: line.holder.as_deref(),
        practice: line.practice.as_deref(),
    };
    write_line(text, &told);
}

fn line_of(told: &impl Serialize) -> Bytes {
    let mut text = Vec::new();
    write_line(&mut text, told);
    text.into()
}

fn write_line(text: &mut Vec<u8>, told: &impl Serialize) {
    // Strings and numbers always encode, and a `Vec` takes every write.
    let _ = serde_json::to_writer(&mut *text, told);
    text.push(b'\n');
}

pub(super) fn id<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(|_| wrong("an id is not one of this server"))).transpose()
}

pub(super) fn wrong(what: &'static str) -> Problem {
    Problem::new(Family::BadParameter, what)
}
