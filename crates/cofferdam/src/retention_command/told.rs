//! Files as `retention list` and `show` tell them.

use super::law::{Known, said};
use crate::cli::{ListArguments, ShowFileArguments};
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::sign_in;
use retention::{Clock, FileFacts, Missing, Said, State, Term};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use terms::Blind;

/// `cofferdam retention list`.
pub(super) fn list(home: &Home, arguments: &ListArguments, json: bool) -> Outcome {
    let mut asker = sign_in(home, &arguments.asks.officer)?;
    let mut known = Known::ask(home, &mut asker)?;
    known.today = arguments.on.unwrap_or(known.today);
    known.warn();
    let mut totals: BTreeMap<State, u64> = BTreeMap::new();
    for (blind, file) in known.facts.files() {
        let clock = known.clock(file, &Said::default());
        let state = clock.state(file, known.today);
        *totals.entry(state).or_default() += 1;
        let cases = known.facts.cases(file);
        if arguments.due && (state != State::Due || !cases.is_empty()) {
            continue;
        }
        if json {
            console::json(&in_json(&known, blind, file, &clock));
        } else {
            console::say(&in_words(&known, blind, file, &clock));
        }
    }
    if json {
        let totals: BTreeMap<_, _> = totals.iter().map(|(s, count)| (s.word(), count)).collect();
        console::json(&json!({ "total": totals }));
    } else {
        let totals: Vec<_> = totals.iter().map(|(s, n)| format!("{n} {}", s.word())).collect();
        console::heading(&totals.join(", "));
    }
    known.closed.say_verified(json);
    Ok(())
}

/// `cofferdam retention show`.
pub(super) fn show(home: &Home, arguments: &ShowFileArguments, json: bool) -> Outcome {
    let mut asker = sign_in(home, &arguments.asks.officer)?;
    let known = Known::ask(home, &mut asker)?;
    known.warn();
    let (blind, file) = known.facts.named(arguments.file).ok_or_else(not_there)?;
    let clock = known.clock(file, &said(&arguments.said));
    if json {
        let mut value = in_json(&known, blind, file, &clock);
        value["rules"] = clock.terms.iter().map(term).collect();
        console::json(&value);
    } else {
        console::say(&in_words(&known, blind, file, &clock));
        for Term { until, book, rule } in &clock.terms {
            let (country, says, source) = (&book.country, &rule.says, &rule.source);
            console::say(&format!("    {until}  {} ({country}): {says}", rule.id));
            console::say(&format!("        {source} (read {})", rule.read));
        }
        for demand in clock.demands(known.today) {
            console::say(&format!("    on demand before that: {}", demand.says));
            console::say(&format!("        instead: {}", demand.instead));
        }
    }
    known.closed.say_verified(json);
    Ok(())
}

/// No such file, or none any more.
pub(super) fn not_there() -> Failure {
    Failure::NotThere(
        "the ledger has no such file, or it is erased: `cofferdam retention certify` tells".into(),
    )
}

fn in_json(known: &Known, blind: &Blind, file: &FileFacts, clock: &Clock<'_>) -> Value {
    let missing: Vec<_> = clock.missing.iter().map(missing).collect();
    json!({
        "file": file.file.map(|file| file.to_string()),
        "ledger_name": blind.to_string(),
        "state": clock.state(file, known.today).word(),
        "until": clock.until().map(|until| until.to_string()),
        "rule": clock.terms.first().map(term),
        "missing": missing,
        "held": known.facts.cases(file),
        "restricted": file.restricted,
        "created": file.created.to_string(),
        "last_entry": file.last_entry.to_string(),
        "last_treatment": file.last_treatment.map(|day| day.to_string()),
        "erased": file.erased.as_ref().map(|end| json!({
            "entry": end.entry, "at": end.at.to_string(), "epoch": end.epoch,
        })),
    })
}

fn term(term: &Term<'_>) -> Value {
    let Term { until, book, rule } = term;
    json!({
        "id": rule.id, "country": book.country, "until": until.to_string(),
        "says": rule.says, "source": rule.source, "read": rule.read.to_string(),
    })
}

/// One line: name, state, date, rule, and what was not known.
pub(super) fn in_words(
    known: &Known,
    blind: &Blind,
    file: &FileFacts,
    clock: &Clock<'_>,
) -> String {
    let name = file.file.map_or_else(|| format!("erased {blind}"), |file| file.to_string());
    let mut text = format!("{name}  {:<10}", clock.state(file, known.today).word());
    if let Some(end) = &file.erased {
        text.push_str(&format!("  {} (ledger entry {})", end.at, end.entry));
        return text;
    }
    if let Some(Term { until, book, rule }) = clock.terms.first() {
        text.push_str(&format!("  until {until}  {} ({})", rule.id, book.country));
    }
    if !clock.missing.is_empty() {
        let words: Vec<_> = clock.missing.iter().map(missing).collect();
        text.push_str(&format!("  not known: {}", words.join("; ")));
    }
    let cases: Vec<_> = known.facts.cases(file).into_iter().collect();
    if !cases.is_empty() {
        text.push_str(&format!("  held for {}", cases.join(", ")));
    }
    text
}

fn missing(missing: &Missing) -> String {
    match missing {
        Missing::Practice(practice) => {
            format!("where practice {practice} is and what it keeps: every rule is taken")
        }
        Missing::Rule(country, kind) => {
            format!("a rule of {country} for {}: every rule is taken", kind.word())
        }
        Missing::Birth => "the birth: taken for the day the file was made".into(),
        Missing::Death => "a death: taken for none".into(),
    }
}
