//! `cofferdam watch`: alerts, and the cases that people make of them.

use crate::alerts::{Case, Line, Ordered, Queue, Reader, State, Told, What, cases};
use crate::cli::WatchCommand;
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use std::time::Duration;

/// How often `tail` looks.
const LOOK: Duration = Duration::from_millis(300);
/// Longest note, in bytes.
const NOTE_BYTES_MAX: usize = 4_000;

/// Does what the command says.
pub(crate) fn watch(home: &Home, command: &WatchCommand, json: bool) -> Outcome {
    let queue = Queue::at(&home.alerts());
    match command {
        WatchCommand::Alerts(a) => list(&queue, a.all, json),
        WatchCommand::Show(a) => show(&find(&queue, &a.id)?, json),
        WatchCommand::Take(a) => {
            let case = find(&queue, &a.case.id)?;
            write(&queue, &case, What::Taken { who: a.who.who.clone() }, json)
        }
        WatchCommand::Note(a) => {
            let case = find(&queue, &a.case.id)?;
            let (who, note) = (a.who.who.clone(), noted(&a.note)?);
            write(&queue, &case, What::Note { who, note }, json)
        }
        WatchCommand::Close(a) => {
            let case = find(&queue, &a.case.id)?;
            if matches!(case.state, State::Closed(_)) {
                let text =
                    format!("{} is closed already; `cofferdam watch take` opens it", case.id);
                return Err(Failure::Asked(text));
            }
            let (who, verdict, note) = (a.who.who.clone(), a.verdict, noted(&a.note)?);
            write(&queue, &case, What::Closed { who, verdict, note }, json)
        }
        WatchCommand::Tail(a) => tail(home, a.all, json),
    }
}

fn noted(note: &str) -> Outcome<String> {
    let note = note.trim();
    if note.is_empty() || note.len() > NOTE_BYTES_MAX {
        return Err(Failure::Asked(format!("a note has 1 to {NOTE_BYTES_MAX} bytes")));
    }
    if note.chars().any(char::is_control) {
        return Err(Failure::Asked("a note has one line, without control characters".into()));
    }
    Ok(note.to_owned())
}

fn find(queue: &Queue, id: &str) -> Outcome<Case> {
    let found = cases(queue.lines()?).into_iter().find(|case| case.id == id);
    found.ok_or_else(|| {
        Failure::NotThere(format!(
            "there is no alert `{id}`: `cofferdam watch alerts --all` lists them"
        ))
    })
}

fn write(queue: &Queue, case: &Case, what: What, json: bool) -> Outcome {
    let line = Line::now(&case.id, now(), what);
    queue.append(&line)?;
    if json {
        console::json(&line);
    } else {
        console::say(&console::one_line(&told(&line)));
    }
    Ok(())
}

fn list(queue: &Queue, all: bool, json: bool) -> Outcome {
    let cases = cases(queue.lines()?);
    let listed: Vec<&Case> = cases.iter().filter(|case| all || case.waits()).collect();
    if json {
        listed.into_iter().for_each(|case| console::json(&object(case)));
        return Ok(());
    }
    for case in &listed {
        let urgent = if case.told.critical { "at once" } else { &case.told.level };
        let state = case.state.word();
        console::say(&format!("{}  {}  {urgent}, {state}", case.at, case.id));
        let told = format!("    {}: {}", case.told.subject(), case.told.reviewer);
        console::say(&console::one_line(&told));
    }
    match listed.len() {
        0 if all => console::say("There are no alerts."),
        0 => console::say("No alert waits for an officer."),
        count => console::heading(&format!("{count} alerts; `cofferdam watch show ID` says more")),
    }
    Ok(())
}

fn object(case: &Case) -> serde_json::Value {
    serde_json::json!({
        "id": case.id,
        "at": case.at,
        "state": case.state.word(),
        "acted": case.acted,
        "alert": case.told,
        "later": case.later,
    })
}

fn show(case: &Case, json: bool) -> Outcome {
    if json {
        console::json(&object(case));
        return Ok(());
    }
    let told = &case.told;
    console::say(&format!("{}  {}  {}", case.id, case.at, case.state.word()));
    console::say(&console::one_line(&format!("about {}", told.subject())));
    if let (Some(_), Some(practice)) = (&told.card, &told.practice) {
        let name = told.practice_name.as_deref().unwrap_or("a practice");
        console::say(&console::one_line(&format!("of {name} ({practice})")));
    }
    console::heading("What was found");
    console::say(&told.reviewer);
    let entries = told.evidence.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    console::say(&format!("It rests on entries {entries} of the ledger."));
    console::say(&format!("Its strength is {}; 1 is just enough to tell.", told.score));
    if let Some(ordered) = &told.ordered {
        console::heading("What was done");
        console::say(&done(ordered, case.acted));
    }
    if told.frozen {
        console::heading("What was done");
        console::say("The keyholder froze it by itself, at once. Two officers can lift that.");
    }
    console::heading("What people are told");
    let ordered = told.ordered.as_ref();
    let both = |found: &str, done: Option<&String>| match done {
        Some(done) => format!("{found} {done}"),
        None => found.to_owned(),
    };
    console::say(&format!("User: {}", both(&told.user, ordered.map(|o| &o.user))));
    console::say(&format!("Patient: {}", both(&told.patient, ordered.map(|o| &o.patient))));
    if !case.later.is_empty() {
        console::heading("What came after");
        let later = case.later.iter().map(self::told);
        later.for_each(|line| console::say(&console::one_line(&line)));
    }
    console::heading("What you can do");
    next_steps(case).iter().for_each(|step| console::say(step));
    Ok(())
}

fn done(ordered: &Ordered, acted: Option<bool>) -> String {
    let until = match ordered.days {
        Some(days) => format!("It ends by itself after {days} days."),
        None => String::new(),
    };
    let acted = match acted {
        Some(true) => "The keyholder did so.",
        Some(false) => "The keyholder refused to.",
        None => "The keyholder has not been asked yet.",
    };
    format!("{} {until} {acted}", ordered.reviewer).replace("  ", " ")
}

/// The commands that follow from a case.
fn next_steps(case: &Case) -> Vec<String> {
    let Told { card, practice, server, ordered, frozen, .. } = &case.told;
    let step = ordered.as_ref().map(|ordered| ordered.step.as_str());
    let mut steps = Vec::new();
    if let Some(card) = card {
        steps.push(format!("see what it did:   cofferdam who-opened --by-card {card}"));
        if !frozen && step != Some("frozen") {
            steps.push(format!("stop it:           cofferdam freeze --card {card} --reason TEXT"));
        }
        if step.is_some_and(|step| step != "frozen") {
            steps.push(format!("let it work:       cofferdam card relax {card} --card officer-1"));
        }
        steps.push(format!("lift a freeze:     cofferdam unfreeze --card {card} --reason TEXT"));
    } else if let Some(practice) = practice {
        steps.push(format!("see what it did:   cofferdam who-opened --by-practice {practice}"));
        steps.push(format!(
            "lift a freeze:     cofferdam unfreeze --practice {practice} --reason TEXT"
        ));
    } else if let Some(server) = server {
        steps.push(format!("see what it did:   cofferdam who-opened --server {server}"));
        steps
            .push(format!("lift a freeze:     cofferdam unfreeze --server {server} --reason TEXT"));
    } else {
        steps.push("see the entries:   cofferdam ledger show".to_owned());
    }
    if case.waits() {
        let id = &case.id;
        steps.push(format!("take the case:     cofferdam watch take {id}"));
        let close = format!("cofferdam watch close {id} --verdict right|wrong|unclear --note TEXT");
        steps.push(format!("close it:          {close}"));
    }
    steps
}

/// A line for people.
fn told(line: &Line) -> String {
    let what = match &line.what {
        What::Alert(told) => format!("{} ({}): {}", told.subject(), told.level, told.reviewer),
        What::Acted { done: true } => "the keyholder carried out the step".to_owned(),
        What::Acted { done: false } => "the keyholder refused the step".to_owned(),
        What::Taken { who } => format!("{who} took the case"),
        What::Note { who, note } => format!("{who}: {note}"),
        What::Closed { who, verdict, note } => {
            format!("{who} closed the case, {}: {note}", verdict.word())
        }
    };
    format!("{}  {}  {what}", line.at, line.id)
}

fn tail(home: &Home, all: bool, json: bool) -> Outcome {
    let path = home.alerts();
    let mut reader = Reader::new(&path);
    let mut skip = !all;
    loop {
        let lines = reader.new_lines().map_err(Failure::world(path.display()))?;
        for line in lines.iter().filter(|_| !skip) {
            if json {
                console::json(line);
            } else {
                console::say(&console::one_line(&told(line)));
            }
        }
        skip = false;
        std::thread::sleep(LOOK);
    }
}
