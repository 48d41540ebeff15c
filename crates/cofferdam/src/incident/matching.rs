//! `cofferdam incident match`: a thief shows a sample. Whose is it, and when was it read?
//!
//! Each number is looked up by the officer's card, which is counted, recorded, and told nothing but
//! which file it is. What the ledger says about that file tells when it can have been read.

use crate::cli::MatchArguments;
use crate::client::{Ask, SignedInCard, now};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report;
use ::incident::{Exposure, Fold, IncidentError, Person, Scope};
use keyproto::message::Question;
use keyproto::statement::ProofClaims;
use serde_json::{Value, json};
use std::path::Path;
use terms::FileId;

/// Most records of a sample that are looked up.
const SAMPLE_MAX: usize = 200;
/// Largest sample, in bytes.
const SAMPLE_BYTES_MAX: u64 = 64 * 1024;

pub(super) fn sample(home: &Home, arguments: &MatchArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    let exposure = match folder.exposure(None) {
        Err(IncidentError::NotThere(_)) => None,
        exposure => Some(exposure?),
    };
    let numbers = read(&arguments.sample)?;
    let config = Config::read(home)?;
    let mut card = SignedInCard::sign_in(home, &config, &arguments.card)?;
    let bar = console::progress(numbers.len() as u64, "records");
    let mut known = 0;
    for (line, number) in numbers.iter().enumerate() {
        let file = look_up(&mut card, number)?;
        known += u64::from(file.is_some());
        let read = file.map(|file| openings(home, &arguments.card, file)).transpose()?.flatten();
        bar.inc(1);
        bar.suspend(|| tell(line + 1, file, read.as_ref(), exposure.as_ref(), json));
    }
    bar.finish_and_clear();
    let more = json!({ "records": numbers.len(), "known": known });
    folder.journal().append(now(), "matched", more)?;
    if !json {
        let count = numbers.len();
        console::heading(&format!("{count} records, {known} of them of people with a file here"));
    }
    Ok(())
}

/// The identifiers, one a line: `system|value`.
fn read(path: &Path) -> Outcome<Vec<String>> {
    let long = || Failure::Asked(format!("a sample has at most {SAMPLE_MAX} lines"));
    let size = std::fs::metadata(path).map_err(Failure::world(path.display()))?.len();
    if size > SAMPLE_BYTES_MAX {
        return Err(long());
    }
    let text = std::fs::read_to_string(path).map_err(Failure::world(path.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let numbers: Vec<String> = lines.map(str::to_owned).collect();
    if numbers.len() > SAMPLE_MAX {
        return Err(long());
    }
    match numbers.iter().position(|number| !number.contains('|')) {
        Some(line) => Err(Failure::Asked(format!(
            "line {} of the sample is no identifier: write `system|value`, as in a Patient",
            line + 1
        ))),
        None => Ok(numbers),
    }
}

/// The file of whoever has this number, if somebody does.
fn look_up(card: &mut SignedInCard, number: &str) -> Outcome<Option<FileId>> {
    let encoded: String = number.bytes().map(|byte| format!("%{byte:02X}")).collect();
    // In the body: what stands between may write addresses down.
    let form = format!("identifier={encoded}");
    let ask = Ask {
        method: "POST",
        path: "/fhir/Patient/_search",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: form.as_bytes(),
    };
    let answer = card.send(&ask, &ProofClaims::default)?;
    match answer.status {
        200 => {}
        403 => {
            let text = "the keyholder lets this card test nothing more today: it takes an \
                        officer's, and so many numbers that nobody has are guesses";
            return Err(Failure::Refused(text.into()));
        }
        status => return Err(Failure::World(format!("the server answered {status}"))),
    }
    let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let entries = found["entry"].as_array().into_iter().flatten();
    let mut ids = entries.filter_map(|entry| entry["resource"]["id"].as_str()?.parse().ok());
    Ok(ids.next())
}

/// Everything that was ever read of this file.
fn openings(home: &Home, card: &str, file: FileId) -> Outcome<Option<Person>> {
    let question = Question { file: Some(file), ..Question::default() };
    let reported = report::ask(home, card, &question)?;
    let (notes, mut fold) = (reported.verified.notes(), Fold::new(Scope::default()));
    reported.lines.into_iter().for_each(|line| fold.add(&line.into_plain()));
    let mut persons = fold.finish(0, now(), notes).persons;
    Ok(persons.pop())
}

fn tell(
    line: usize,
    file: Option<FileId>,
    ever: Option<&Person>,
    exposure: Option<&Exposure>,
    json: bool,
) {
    let name = file.map(::incident::FileName::File);
    let in_scope =
        exposure.and_then(|exposure| exposure.persons.iter().find(|one| Some(one.file) == name));
    if json {
        console::json(&json!({
            "line": line, "file": file.map(|file| file.to_string()),
            "in_exposure": in_scope, "ever": ever,
        }));
        return;
    }
    console::say(&match (file, in_scope, ever) {
        (None, ..) => format!("line {line}: nobody with this number has a file here"),
        (Some(file), Some(person), _) => format!(
            "line {line}: {file}, in this exposure: {} … {}, {}",
            person.first,
            person.last,
            person.read.union(person.passed)
        ),
        (Some(file), None, Some(person)) => format!(
            "line {line}: {file}, not in this exposure; read at other times: {} times, {} … {}, \
             {}: widen the scope, or ask `cofferdam who-opened --patient {file}`",
            person.entries.len(),
            person.first,
            person.last,
            person.read
        ),
        (Some(file), None, None) => format!(
            "line {line}: {file}, never read here: the sample is from another source, or from \
             before the file came here"
        ),
    });
}
