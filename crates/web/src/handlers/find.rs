//! Finding a patient: a look-up through the keyholder. What a hit shows is the label.

use super::searches::{in_file, read_form, understand};
use super::{errors, searches};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::blocking::blocking;
use crate::problem::{Family, Problem};
use crate::query::Query as Parameters;
use crate::respond::{self, Answered};
use fhir::bundle::{BundleBuilder, BundleKind, Entry, SearchMode};
use fhir::search::NamedPatient;
use fhir::{Json, Object, SearchQuery};
use hyper::StatusCode;
use keyproto::message::{Find, Identifier, Query};
use record::{FoundFiles, Records};
use std::sync::Arc;
use terms::FileId;

const HOW: &str = "find a patient by `identifier=<system>|<value>`, by `name`, `family` and \
     `given` (three letters or more), by names and `birthdate=<YYYY-MM-DD>`, or by `phone`; \
     or name the file by `_id`";
const NAMES: [&str; 3] = ["name", "family", "given"];
/// What the keyholder looks for, each with a value of its own form.
const LOOKED_FOR: [&str; 4] = ["birthdate", "identifier", "phone", "telecom"];
/// What the label answers besides: the rest of a Patient lies in sections that a look-up does not
/// open, so comparing it would find nobody, wrongly.
const COMPARED: [&str; 4] = ["active", "death-date", "deceased", "gender"];
const LABEL_ALONE: &str = "a look-up compares names, `birthdate`, `identifier` or `phone`, and \
     besides `active`, `death-date`, `deceased`, `gender`: for all else name the file by `_id`";
/// Parameters about the answer that a look-up takes, though it never has more than ten hits.
const UNDERSTOOD: [&str; 4] = ["_count", "_format", "_pretty", "_total"];
const LETTERS_MIN: usize = 3;

/// Finds patients; with `_id`, or with a token for one file, searches in that file.
pub(super) async fn patient(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    read_form(app, &mut ask).await?;
    let page = super::reads::page(app, &mut ask)?;
    let query = understand(app, &mut ask, "Patient")?;
    match (query.named_patient(), caller.only_file()) {
        (NamedPatient::One(id), _) => {
            let file = searches::patient_file(id).map_err(|_| Problem::refused(None))?;
            return in_file(app, ask, caller, file, query, page).await;
        }
        (_, Some(own)) => return in_file(app, ask, caller, own, query, page).await,
        (NamedPatient::Unclear, None) => return Err(unclear(HOW)),
        (NamedPatient::Nobody, None) => {}
    }
    let (looked_for, filter) = split(app, &ask.query)?;
    let find = Find {
        session: caller.session.session,
        proof: caller.spend_proof(app, None).await?,
        method: ask.method.as_str().to_owned(),
        url: ask.url.clone(),
        query: looked_for,
    };
    let records = app.records.clone();
    let found = blocking(move || records.keyholder().find(find)).await?;
    let found = match found {
        Ok(found) => found,
        Err(error) => return Err(caller.refused(app, error)),
    };
    if let Some(release) = found.shown.first() {
        ask.note.entry(release.entry());
    }
    let app = app.clone();
    blocking(move || {
        let bundle = bundle(&app, &ask, &filter, found)?;
        Ok(respond::resource(StatusCode::OK, ask.format, &bundle))
    })
    .await?
}

/// What is compared with the label of a hit.
struct Filter {
    criteria: SearchQuery,
    /// For each name: where it belongs, and where it does not.
    names: Vec<(SearchQuery, SearchQuery)>,
}

impl Filter {
    /// The keyholder has found every name somewhere, spellings folded. What is left is that a
    /// family name is no given name, which only plain spelling tells.
    fn fits(&self, label: &Json) -> bool {
        let in_place = |(here, elsewhere): &(SearchQuery, SearchQuery)| {
            here.matches(label) || !elsewhere.matches(label)
        };
        self.criteria.matches(label) && self.names.iter().all(in_place)
    }
}

/// What the keyholder looks for, and what is left to compare with the labels.
fn split(app: &App, parameters: &Parameters) -> Result<(Query, Filter), Problem> {
    let (mut names, mut in_place) = (Vec::new(), Vec::new());
    let (mut identifier, mut phone, mut birth_date) = (None, None, None);
    let mut filter = Parameters::default();
    let parsed = |pairs: &Parameters| {
        SearchQuery::parse("Patient", pairs.iter(), &app.base_url)
            .map_err(|error| Problem::new(Family::BadParameter, error.to_string()))
    };
    for (name, value) in parameters.iter() {
        let once = |slot: &mut Option<String>| match slot.replace(value.to_owned()) {
            None => Ok(()),
            Some(_) => Err(unclear("say each of `identifier`, `phone` and `birthdate` once")),
        };
        match name {
            "identifier" => once(&mut identifier)?,
            "phone" | "telecom" => once(&mut phone)?,
            "birthdate" => {
                once(&mut birth_date)?;
                filter.push(name, value);
            }
            _ if UNDERSTOOD.contains(&name) => filter.push(name, value),
            _ if name.starts_with('_') => {
                return Err(unclear("a look-up of patients takes no such parameter"));
            }
            "name" => names.extend(words(value)?),
            "family" | "given" => {
                names.extend(words(value)?);
                let only = |name| {
                    let mut only = Parameters::default();
                    only.push(name, value);
                    parsed(&only)
                };
                let other = if name == "family" { "given" } else { "family" };
                in_place.push((only(name)?, only(other)?));
            }
            _ if is_compared(name.split(':').next().unwrap_or(name)) => filter.push(name, value),
            _ => return Err(unclear(LABEL_ALONE)),
        }
    }
    let query = match (identifier, phone, birth_date) {
        (Some(text), None, _) => Query::Identifier(understood_identifier(&text)?),
        (None, Some(text), _) => Query::Telephone(telephone(&text)?),
        (None, None, _) if names.is_empty() => return Err(unclear(HOW)),
        (None, None, Some(date)) => Query::NameAndBirthDate(names, day(&date)?),
        (None, None, None) => Query::Name(names),
        (Some(_), Some(_), _) => {
            return Err(unclear("look by identifier or by phone, not by both"));
        }
    };
    Ok((query, Filter { criteria: parsed(&filter)?, names: in_place }))
}

/// Whether the label has what this parameter is about.
fn is_compared(name: &str) -> bool {
    NAMES.contains(&name) || COMPARED.contains(&name) || name == "birthdate"
}

/// Whether a look-up takes this parameter; with `_id`, a search takes every one of a Patient.
pub(crate) fn takes(name: &str) -> bool {
    name == "_id" || is_compared(name) || LOOKED_FOR.contains(&name)
}

fn bundle(app: &App, ask: &Ask, filter: &Filter, found: FoundFiles) -> Result<Json, Problem> {
    let mut entries = Vec::new();
    for release in found.shown {
        let file = release.file();
        let label = label(&app.records, release)?;
        if filter.fits(&label) {
            entries.push(entry(app, file, label, SearchMode::Match));
        }
    }
    for file in found.told {
        let bare = Object::new().with("resourceType", "Patient").with("id", file.to_string());
        entries.push(entry(app, file, bare.into(), SearchMode::Match));
    }
    // Where there are more, how many is not said: ask more narrowly.
    let mut builder = BundleBuilder::new(BundleKind::Searchset);
    if !found.more {
        builder = builder.total(entries.len() as u64);
    }
    // The address of a look-up holds names and numbers: it is not repeated.
    builder = builder.link("self", &ask.url);
    for entry in entries {
        builder.push(entry);
    }
    if found.more {
        let text = "more than ten fit: ask more narrowly";
        let outcome = fhir::outcome::outcome(&[fhir::Issue {
            severity: fhir::Severity::Warning,
            code: fhir::IssueCode::TooCostly,
            expression: String::new(),
            message: text.to_owned(),
        }]);
        builder.push(Entry {
            resource: Some(outcome),
            mode: Some(SearchMode::Outcome),
            ..Entry::default()
        });
    }
    Ok(builder.build())
}

fn label(records: &Records, release: record::RecordedRelease) -> Result<Json, Problem> {
    let id = release.file().to_string();
    let open = records.open(release).map_err(errors::open)?;
    let version = open.read("Patient", &id).map_err(errors::read)?;
    Ok(version.tree().clone())
}

fn entry(app: &App, file: FileId, mut patient: Json, mode: SearchMode) -> Entry {
    fhir::subset::mark(&mut patient);
    Entry {
        full_url: Some(format!("{}/Patient/{file}", app.base_url)),
        resource: Some(patient),
        mode: Some(mode),
        ..Entry::default()
    }
}

fn words(value: &str) -> Result<Vec<String>, Problem> {
    if value.contains(',') {
        // Each would be a look-up of its own, with a budget of its own.
        return Err(unclear("names are looked for one at a time: ask once for each"));
    }
    let words: Vec<_> = value.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() || words.iter().any(|w| w.chars().count() < LETTERS_MIN) {
        return Err(unclear("a name is looked for by three letters or more of each word"));
    }
    Ok(words)
}

fn understood_identifier(text: &str) -> Result<Identifier, Problem> {
    let (system, value) = text.split_once('|').unwrap_or(("", text));
    if system.is_empty() || value.is_empty() || value.contains([',', '|']) {
        return Err(unclear("an identifier is looked for as <system>|<value>, one at a time"));
    }
    Ok(Identifier { system: system.to_owned(), value: value.to_owned() })
}

fn telephone(text: &str) -> Result<String, Problem> {
    if text.contains(',') {
        return Err(unclear("telephone numbers are looked for one at a time: ask once for each"));
    }
    let number = text.rsplit_once('|').map_or(text, |(_, number)| number);
    if number.bytes().filter(u8::is_ascii_digit).count() < 5 {
        return Err(unclear("a telephone number has five digits or more"));
    }
    Ok(number.to_owned())
}

fn day(text: &str) -> Result<String, Problem> {
    let day = text.strip_prefix("eq").unwrap_or(text);
    if day.len() != 10 || terms::date(day).is_none() {
        return Err(unclear("a birth date is looked for as a whole: YYYY-MM-DD"));
    }
    Ok(day.to_owned())
}

fn unclear(what: &'static str) -> Problem {
    Problem::new(Family::NeedsPatient, what)
}
