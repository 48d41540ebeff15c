//! Everything that is known about an incident, put together.

use crate::cli::PeopleArguments;
use crate::client::now;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::ledger_command;
use ::incident::facts::{Answers, Controller, tell_incident};
use ::incident::{Evidence, Folder, Knowledge, People};
use keyproto::message::CLOSING;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// The answers of persons about this incident.
pub(super) fn answers_file(folder: &Folder) -> PathBuf {
    folder.path().join("facts.toml")
}

/// What is known, and the evidence if there is an exposure.
pub(super) fn gather(
    home: &Home,
    folder: &Folder,
    arguments: Option<&PeopleArguments>,
) -> Outcome<(Knowledge, Option<Evidence>)> {
    let mut knowledge = Knowledge::default();
    tell_incident(folder, now(), &mut knowledge)?;
    Answers::read(&answers_file(folder))?.tell(&mut knowledge);
    Controller::read(&home.controller())?.tell(&mut knowledge);
    let evidence = match folder.versions()?.is_empty() {
        true => None,
        false => Some(evidence(home, folder, arguments)?),
    };
    if let Some(evidence) = &evidence {
        evidence.tell(&mut knowledge);
    }
    Ok((knowledge, evidence))
}

/// The exposure, verified with the ledger's key that lies in the data folder, and its counts.
pub(super) fn evidence(
    home: &Home,
    folder: &Folder,
    arguments: Option<&PeopleArguments>,
) -> Outcome<Evidence> {
    let verifier = ledger_command::verifier(home, None)?;
    let path = arguments.and_then(|arguments| arguments.people.as_ref());
    let people = path.map(|path| people(path)).transpose()?;
    let version = arguments.and_then(|arguments| arguments.exposure);
    Ok(Evidence::of(folder, version, &verifier, CLOSING, people.as_ref())?)
}

/// The people facts in this file.
pub(super) fn people(path: &Path) -> Outcome<People> {
    let file = std::fs::File::open(path).map_err(Failure::world(path.display()))?;
    Ok(People::read(BufReader::new(file))?)
}

/// What to do so that this becomes known.
pub(super) fn how_to_know(id: &str, name: &str) -> String {
    match name.split_once('.') {
        Some(("fact", fact)) => format!("say it: `cofferdam incident facts {id} --set {fact}=…`"),
        Some(("config", field)) => format!("write `{field}` into controller.toml"),
        Some(("count", _)) => format!(
            "{name}: count with people facts (--people), after `cofferdam incident exposure {id}`"
        ),
        _ => format!("{name}: ask the ledger with `cofferdam incident exposure {id}`"),
    }
}
