//! `cofferdam incident clocks`: what is due when.

use super::known;
use crate::cli::ClocksArguments;
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::instant;
use ::incident::Folder;
use ::incident::clocks::{Law, NO_ADVICE, Row, State, laws, timetable};
use serde_json::json;

pub(super) fn clocks(home: &Home, arguments: &ClocksArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    let laws = laws(Some(&home.clocks()))?;
    if let Some(clock) = &arguments.done {
        done(&folder, &laws, clock, arguments)?;
    }
    let (knowledge, _) = known::gather(home, &folder, Some(&arguments.people))?;
    let mut rows = timetable(&laws, &knowledge, now());
    rows.retain(|row| arguments.all || row.state != State::NotDue);
    if json {
        console::json(&json!({ "clocks": rows, "notice": NO_ADVICE }));
        return Ok(());
    }
    let id = &arguments.incident.id;
    rows.iter().for_each(|row| say(id, row));
    if !arguments.all {
        console::say("\nwhat is not due, and why: --all");
    }
    console::say(&format!("\n{NO_ADVICE}"));
    Ok(())
}

/// Writes down that a duty was done. Whether it was, nobody but a person can say.
fn done(folder: &Folder, laws: &[Law], clock: &str, arguments: &ClocksArguments) -> Outcome {
    if laws.iter().flat_map(|law| &law.clocks).all(|known| known.id != clock) {
        let text = format!("there is no clock `{clock}`: --all lists them");
        return Err(Failure::NotThere(text));
    }
    let now = now();
    let at = instant(arguments.at.as_deref())?.unwrap_or(now);
    if at > now {
        return Err(Failure::Asked("--at lies in the future".into()));
    }
    if at < folder.incident().aware {
        let text = "--at lies before you became aware: nothing of this can have been done then";
        return Err(Failure::Asked(text.into()));
    }
    let note = arguments.note.as_deref().map(super::written).transpose()?;
    let more = json!({ "clock": clock, "done_at": at.to_string(), "note": note });
    Ok(folder.journal().append(now, "done", more)?)
}

fn say(id: &str, row: &Row) {
    let word = match row.state {
        State::Overdue => "OVERDUE",
        State::Due => "due",
        State::Possible => "possible",
        State::Waiting => "waiting",
        State::Done => "done",
        State::DoneLate => "done late",
        State::NotDue => "not due",
    };
    let due = row.due.map_or_else(|| "when its start is known".to_owned(), |due| due.to_string());
    console::heading(&format!("{word:<9} {due}  {} {}", row.law, row.section));
    console::say(&format!("  {} -> {}  [{}]", row.duty, row.to, row.clock));
    if let Some(done) = &row.done {
        console::say(&format!("  done {done}"));
    }
    if !row.because.is_empty() {
        console::say(&format!("  because {}", row.because.join(", ")));
    }
    if row.state != State::Done && row.state != State::NotDue {
        for name in &row.unknown {
            console::say(&format!("  not known: {}", known::how_to_know(id, name)));
        }
    }
    if !row.note.is_empty() {
        console::say(&format!("  note: {}", row.note));
    }
    console::say(&format!("  {}", row.source));
}
