//! `cofferdam incident`: who was affected, exactly, and what is done about it.

mod association;
mod clocks;
mod counts;
mod exposure;
mod facts;
mod file;
mod known;
mod letters;
mod matching;
mod paper;
pub(crate) mod subjects;
mod told;
mod verify;

pub(crate) use exposure::of;

use crate::alerts::{Queue, cases};
use crate::cli::{IncidentCommand, IncidentNoteArguments, KnownBy, OpenIncidentArguments};
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::instant;
use ::incident::{Folder, Incident, IncidentError, Source};
use serde_json::json;

/// Longest title or note, in bytes.
const NOTE_BYTES_MAX: usize = 4_000;

/// Does what the command says.
pub(crate) fn incident(home: &Home, command: &IncidentCommand, json: bool) -> Outcome {
    match command {
        IncidentCommand::Open(arguments) => open(home, arguments, json),
        IncidentCommand::List => told::list(home, json),
        IncidentCommand::Show(arguments) => told::show(&folder(home, &arguments.id)?, json),
        IncidentCommand::Exposure(arguments) => exposure::expose(home, arguments, json),
        IncidentCommand::Person(arguments) => told::person(home, arguments, json),
        IncidentCommand::Counts(arguments) => counts::counts(home, arguments, json),
        IncidentCommand::Clocks(arguments) => clocks::clocks(home, arguments, json),
        IncidentCommand::Facts(arguments) => facts::facts(home, arguments, json),
        IncidentCommand::File(arguments) => file::file(home, arguments, json),
        IncidentCommand::Verify(arguments) => verify::verify(arguments, json),
        IncidentCommand::Match(arguments) => matching::sample(home, arguments, json),
        IncidentCommand::Letters(command) => letters::letters(home, command, json),
        IncidentCommand::Association(command) => association::association(home, command, json),
        IncidentCommand::Note(arguments) => write(home, arguments, "note"),
        IncidentCommand::Close(arguments) => write(home, arguments, "closed"),
        IncidentCommand::Reopen(arguments) => write(home, arguments, "reopened"),
    }
}

/// The folder of an incident.
pub(crate) fn folder(home: &Home, id: &str) -> Outcome<Folder> {
    Ok(Folder::open(&home.incidents(), id)?)
}

fn open(home: &Home, arguments: &OpenIncidentArguments, json: bool) -> Outcome {
    let title = written(&arguments.title)?;
    if title.contains('\n') {
        return Err(Failure::Asked("a title has one line".into()));
    }
    let reference = arguments.reference.as_deref().map(written).transpose()?;
    let now = now();
    let aware = instant(arguments.aware.as_deref())?.unwrap_or(now);
    if aware > now {
        return Err(Failure::Asked("--aware lies in the future".into()));
    }
    let source = match arguments.source {
        KnownBy::Hand => Source::Hand,
        KnownBy::Watch => Source::Watch,
        KnownBy::Outside => Source::Outside,
    };
    if source == Source::Watch {
        let wanted = arguments.reference.as_deref();
        let known = cases(Queue::at(&home.alerts()).lines()?);
        if !known.iter().any(|case| Some(&*case.id) == wanted) {
            let text = "--source watch takes --reference with an alert's name: `cofferdam watch \
                        alerts --all` lists them";
            return Err(Failure::Asked(text.into()));
        }
    }
    let incident = |id| {
        let (title, reference) = (title.clone(), reference.clone());
        Incident { id, title, opened: now, aware, source, reference }
    };
    let folder = Folder::create(&home.incidents(), incident, now)?;
    let id = &folder.incident().id;
    if json {
        console::json(folder.incident());
        return Ok(());
    }
    console::say(&format!("incident {id} is open; its clocks run since {aware}"));
    console::say(&format!(
        "next: `cofferdam incident exposure {id}` with what it is about, such as --by-card CARD"
    ));
    Ok(())
}

fn write(home: &Home, arguments: &IncidentNoteArguments, what: &str) -> Outcome {
    let folder = folder(home, &arguments.incident.id)?;
    let is_closed = Folder::is_closed(&folder.journal().events()?);
    if (what == "closed") == is_closed && what != "note" {
        let text = format!("{} is {} already", folder.incident().id, what);
        return Err(Failure::Asked(text));
    }
    let note = written(&arguments.note)?;
    folder.journal().append(now(), what, json!({ "note": note }))?;
    console::say(&format!("written into the journal of {}", folder.incident().id));
    Ok(())
}

fn written(text: &str) -> Outcome<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > NOTE_BYTES_MAX {
        return Err(Failure::Asked(format!("it takes 1 to {NOTE_BYTES_MAX} bytes of text")));
    }
    // Lists and journals are read on terminals.
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(Failure::Asked("it takes text without control characters".into()));
    }
    Ok(text.to_owned())
}

impl From<IncidentError> for Failure {
    fn from(error: IncidentError) -> Failure {
        match error {
            IncidentError::Asked(text) => Failure::Asked(text),
            IncidentError::NotThere(text) => Failure::NotThere(text),
            IncidentError::World(text) => Failure::World(text),
            IncidentError::Tampered(text) => Failure::Tampered(text),
        }
    }
}
