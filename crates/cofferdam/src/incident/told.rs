//! Incidents in words.

use crate::cli::PersonArguments;
use crate::console;
use crate::failure::Outcome;
use crate::home::Home;
use ::incident::{Event, Exposure, FileName, Folder, Person};
use serde_json::{Value, json};
use terms::{Section, Sections};

/// How many persons are listed on a terminal; the file has all of them.
const LISTED: usize = 20;
/// What is neither a record's content nor left out of counting: who somebody is.
const MASTER_DATA: Sections =
    Sections::of(&[Section::Label, Section::Contact, Section::Identity, Section::Insurance]);

pub(super) fn list(home: &Home, json: bool) -> Outcome {
    let folders = Folder::list(&home.incidents())?;
    for folder in &folders {
        let (incident, events) = (folder.incident(), folder.journal().events()?);
        let state = if Folder::is_closed(&events) { "closed" } else { "open" };
        if json {
            console::json(&json!({ "incident": incident, "state": state }));
        } else {
            let aware = incident.aware;
            let told = format!("{}  {state:<6}  {}  aware {aware}", incident.id, incident.title);
            console::say(&console::one_line(&told));
        }
    }
    if folders.is_empty() && !json {
        console::say("There are no incidents; `cofferdam incident open` opens one.");
    }
    Ok(())
}

pub(super) fn show(folder: &Folder, json: bool) -> Outcome {
    let (incident, events) = (folder.incident(), folder.journal().events()?);
    let state = if Folder::is_closed(&events) { "closed" } else { "open" };
    let versions = folder.versions()?;
    if json {
        console::json(&json!({
            "incident": incident, "state": state, "versions": versions, "journal": events,
        }));
        return Ok(());
    }
    console::say(&console::one_line(&format!("{}  {}  ({state})", incident.id, incident.title)));
    console::say(&format!("aware since {}", incident.aware));
    console::heading("What was done");
    for event in &events {
        let told = format!("{}  {:<10} {}", event.at, event.what, more(event));
        console::say(&console::one_line(&told));
    }
    match versions.last() {
        Some(_) => say_exposure(&folder.exposure(None)?),
        None => console::say("\nNobody knows yet who was affected: `cofferdam incident exposure`."),
    }
    Ok(())
}

fn more(event: &Event) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match &event.more {
        Value::Object(members) => {
            let pairs = members.iter().map(|(name, value)| format!("{name}: {}", word(value)));
            pairs.collect::<Vec<_>>().join(", ")
        }
        other => word(other),
    }
}

pub(super) fn exposure(folder: &Folder, exposure: &Exposure, json: bool) {
    if json {
        console::json(exposure);
        return;
    }
    say_exposure(exposure);
    let id = &folder.incident().id;
    console::say(&format!(
        "\nnext: `cofferdam incident clocks {id}`, `cofferdam incident facts {id}`, `cofferdam \
         incident file {id} edpb`"
    ));
}

fn say_exposure(exposure: &Exposure) {
    let persons = &exposure.persons;
    let read = persons.iter().filter(|person| !person.read.is_empty()).count();
    let beyond = |person: &&Person| !person.read.without(MASTER_DATA).is_empty();
    let clinical = persons.iter().filter(beyond).count();
    console::heading(&format!("Exposure, version {}", exposure.version));
    let count = match persons.len() {
        1 => "1 person".to_owned(),
        count => format!("{count} persons"),
    };
    console::say(&format!(
        "{count}: {read} whose file was opened or whose label was shown ({clinical} of them \
         with clinical sections), {} of whom something passed through a server alone",
        persons.len() - read
    ));
    for person in persons.iter().take(LISTED) {
        console::say(&line(person));
    }
    if persons.len() > LISTED {
        console::say(&format!("… and {} more, all in the file", persons.len() - LISTED));
    }
    console::heading("What this rests on");
    exposure.rests_on.iter().for_each(|sentence| console::say(sentence));
    console::say(&format!(
        "{} lines that the keyholder signed as a whole; digest {}",
        exposure.lines, exposure.digest
    ));
    console::heading("What cannot be known");
    let unknown = exposure.unknown.iter().chain(&exposure.doubts);
    unknown.for_each(|sentence| console::say(sentence));
}

fn line(person: &Person) -> String {
    let mut text = format!("  {}  {} … {}", person.file, person.first, person.last);
    for (what, sections) in [("read", person.read), ("passed", person.passed)] {
        if !sections.is_empty() {
            text.push_str(&format!("  {what}: {sections}"));
        }
    }
    text
}

pub(super) fn person(home: &Home, arguments: &PersonArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    let exposure = folder.exposure(arguments.version)?;
    let name = FileName::File(arguments.file);
    let found = exposure.persons.iter().find(|person| person.file == name);
    if json {
        console::json(&json!({
            "file": arguments.file.to_string(), "version": exposure.version,
            "exposed": found.is_some(), "person": found,
            "checkpoint": exposure.checkpoint, "statement": exposure.statement,
        }));
        return Ok(());
    }
    match found {
        Some(person) => {
            console::say(line(person).trim_start());
            let numbers = person.entries.iter().map(u64::to_string).collect::<Vec<_>>();
            console::say(&format!("entries of the ledger: {}", numbers.join(", ")));
        }
        None => console::say(&format!(
            "{} is not in version {}: of the lines that the keyholder signed as everything the \
             ledger says to this question, none is about it",
            arguments.file, exposure.version
        )),
    }
    console::say(&format!(
        "for a proof that the person can check: `cofferdam ledger prove --file {} --out FILE`",
        arguments.file
    ));
    Ok(())
}
