//! `cofferdam retention`: how long files are kept, what holds them, and how they end.
//!
//! Trust: no date erases anything. What is due is listed; two officers sign each erasure, by the
//! same order as `cofferdam erase`.

mod certificate;
mod check;
mod erasure;
mod law;
mod made;
mod told;
mod verify;

pub(crate) use erasure::erase;

use crate::cli::{HoldArguments, HoldOnArguments, RetentionCommand, RulesArguments};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::orders;
use keyproto::statement::{HoldOn, Order};
use retention::{Books, Rule};
use terms::FileId;

/// `cofferdam retention …`.
pub(crate) fn command(home: &Home, command: &RetentionCommand, json: bool) -> Outcome {
    match command {
        RetentionCommand::List(a) => told::list(home, a, json),
        RetentionCommand::Show(a) => told::show(home, a, json),
        RetentionCommand::Rules(a) => rules(home, a, json),
        RetentionCommand::Hold(a) => hold(home, a, true, json),
        RetentionCommand::Release(a) => hold(home, a, false, json),
        RetentionCommand::Erase(a) => erasure::retention_erase(home, a, json),
        RetentionCommand::Certify(a) => made::certify(home, a, json),
        RetentionCommand::Verify(a) => verify::verify(home, a, json),
        RetentionCommand::Check(a) => check::check(home, a, json),
    }
}

fn rules(home: &Home, arguments: &RulesArguments, json: bool) -> Outcome {
    let books = match &arguments.check {
        Some(folder) => law::folder(folder)?,
        None => law::Written::read(home)?.books,
    };
    for (book, rule) in books.rules() {
        if json {
            console::json(&serde_json::json!({
                "country": book.country, "rule": rule.id, "kinds": kinds(rule),
                "since": rule.period.since.words(), "years": rule.period.years,
                "says": rule.says, "source": rule.source, "read": rule.read.to_string(),
            }));
        } else {
            console::say(&format!("{}  {}: {}", book.country, rule.id, rule.says));
            console::say(&format!(
                "    {} years from {}; for {}; {} (read {})",
                rule.period.years,
                rule.period.since.words(),
                kinds(rule).join(", "),
                rule.source,
                rule.read
            ));
        }
    }
    if arguments.check.is_some() && !json {
        console::say(&format!("sound: {} rules", books.rules().count()));
    }
    say_demands(&books, json);
    Ok(())
}

fn say_demands(books: &Books, json: bool) {
    for book in books.all() {
        if let (Some(demand), false) = (&book.demand, json) {
            console::say(&format!("{}  on demand: {}", book.country, demand.says));
            console::say(&format!("    instead: {} ({})", demand.instead, demand.source));
        }
    }
}

fn kinds(rule: &Rule) -> Vec<&'static str> {
    rule.kinds.iter().map(|kind| kind.word()).collect()
}

/// One order for each file, each signed by both officers; a file that is refused stops nothing.
fn hold(home: &Home, arguments: &HoldArguments, set: bool, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let [first, second] = orders::unlock_two(home, &arguments.officers)?;
    let on = subjects(&arguments.on)?;
    let bar = console::progress(on.len() as u64, "holds");
    let mut refused = 0;
    for on in on {
        let (case, reason) = (arguments.case.clone(), arguments.reason.clone());
        let order = Order::Hold { on, case, set, reason };
        let name = match on {
            HoldOn::File(file) => file.to_string(),
            HoldOn::Practice(practice) => format!("practice {practice}"),
        };
        let done = if set { "held" } else { "released" };
        match orders::send(home, &config, &[&first, &second], &order) {
            Ok(entry) if json => {
                console::json(&serde_json::json!({"entry": entry, "done": done, "on": name}));
            }
            Ok(entry) => console::say(&format!("{done}: {name} (ledger entry {entry})")),
            Err(Failure::Refused(_)) => {
                refused += 1;
                let never = if set { "held for this case already" } else { "not held for it" };
                console::warn(&format!("{name}: refused; not there, erased, or {never}"));
            }
            Err(failure) => return Err(failure),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if refused > 0 {
        let text = format!("{refused} were refused: `cofferdam ledger show` says why");
        return Err(Failure::Refused(text));
    }
    Ok(())
}

fn subjects(on: &HoldOnArguments) -> Outcome<Vec<HoldOn>> {
    if let Some(practice) = on.practice {
        return Ok(vec![HoldOn::Practice(practice)]);
    }
    let Some(path) = &on.files else {
        return Ok(on.file.iter().copied().map(HoldOn::File).collect());
    };
    let text = std::fs::read_to_string(path).map_err(Failure::world(path.display()))?;
    let file = |(number, line): (usize, &str)| {
        let id: Option<FileId> = line.trim().parse().ok();
        let wrong = || Failure::Asked(format!("{}, line {}: no id", path.display(), number + 1));
        id.map(HoldOn::File).ok_or_else(wrong)
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(file).collect()
}
