//! `cofferdam disclosure match`: the times and files that a finder names, held against the ledger.
//!
//! The ledger says which files were opened or shown in those times, by which cards. Whether a
//! card's holder was the finder, it does not say: a person compares.

use super::{clean, keys, reports, told};
use crate::cli::DisclosureMatchArguments;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::{Line, ask, instant};
use intake::message::Report;
use keyproto::message::Question;
use ledger::entry::Act;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Blind, Duration, Section, Sections, Time};

/// Most spans of one report that are looked at.
const SPANS_MAX: usize = 32;
/// Longest span: longer ones would be the whole ledger.
const SPAN_MAX: Duration = Duration::from_days(31);

/// From when to when, before the latter.
type Span = (Time, Time);

/// Compares.
pub(super) fn compare(home: &Home, a: &DisclosureMatchArguments, as_json: bool) -> Outcome {
    let conversation = reports::find(home, &a.report.id)?;
    let first = conversation.first(&keys::unlock(home)?)?;
    let report =
        first.report.ok_or_else(|| Failure::Asked("the first message is no report".into()))?;
    let spans = match (instant(a.from.as_deref())?, instant(a.to.as_deref())?) {
        (Some(from), Some(to)) => vec![(from, to)],
        _ => spans(&report, Duration::from_seconds(a.slack))?,
    };
    let mut seen = BTreeMap::new();
    for (from, to) in spans {
        let question = Question {
            card: a.by_card,
            from: Some(from),
            to: Some(to),
            everything: true,
            ..Question::default()
        };
        let reported = ask(home, &a.card, &question)?;
        for event in reported.lines.iter().filter_map(event) {
            seen.insert(event.number, event);
        }
        reported.verified.say_verified(as_json);
    }
    tell(&report, seen.into_values().collect(), as_json);
    Ok(())
}

/// The finder's spans with slack on both sides; what cannot be read is said.
fn spans(report: &Report, slack: Duration) -> Outcome<Vec<Span>> {
    let mut spans: Vec<Span> = Vec::new();
    for request in report.requests.iter().take(SPANS_MAX) {
        let read = |text: &str| text.trim().parse::<Time>().ok();
        let (from, to) = match (read(&request.from), read(&request.to)) {
            (Some(from), Some(to)) => (from.min(to), from.max(to)),
            (Some(one), None) | (None, Some(one)) => (one, one),
            (None, None) => {
                let text = format!("{} to {}", request.from, request.to);
                console::warn(&format!("not a time: {}", clean(&text)));
                continue;
            }
        };
        if to.since(from) > SPAN_MAX {
            console::warn(&format!("longer than 31 days, left out: {from} to {to}"));
            continue;
        }
        // The last moment is part of what the finder means; the ledger's question ends before.
        spans.push((from - slack, to + slack + Duration::from_millis(1)));
    }
    if report.requests.len() > SPANS_MAX {
        console::warn(&format!("only the first {SPANS_MAX} spans of time are looked at"));
    }
    if spans.is_empty() {
        return Err(Failure::Asked(
            "the report names no times that can be read: give --from and --to".into(),
        ));
    }
    Ok(spans)
}

/// What shows nothing of a file.
const REFUSED: &str = "refused";
const TOLD_TO_EXIST: &str = "told in a look-up to be there";

/// What one entry of the ledger says that a finder could have seen or tried.
struct Event {
    number: u64,
    at: Time,
    what: &'static str,
    card: Option<String>,
    holder: Option<String>,
    practice: Option<String>,
    files: Vec<String>,
    sections: Sections,
}

fn event(line: &Line) -> Option<Event> {
    let name = |blind: &Blind| line.file(blind);
    let (what, card, files, sections) = match &line.entry.act {
        Act::Opened(a) => ("opened", Some(a.card), vec![name(&a.file)], a.sections),
        Act::OpenedByJob(a) => ("opened by a job", Some(a.card), vec![name(&a.file)], a.sections),
        // Of a look-up that found nobody there is nothing to tell.
        Act::Found(a) if a.shown.is_empty() && a.told.is_empty() => return None,
        Act::Found(a) if a.shown.is_empty() => {
            (TOLD_TO_EXIST, Some(a.card), a.told.iter().map(name).collect(), Sections::NONE)
        }
        Act::Found(a) => {
            let files = a.shown.iter().map(name).collect();
            ("shown in a look-up", Some(a.card), files, Sections::of(&[Section::Label]))
        }
        Act::Refused(a) => (REFUSED, a.card, a.file.iter().map(name).collect(), Sections::NONE),
        _ => return None,
    };
    Some(Event {
        number: line.number,
        at: line.entry.at,
        what,
        card: card.map(|card| card.to_string()),
        holder: line.holder.clone(),
        practice: line.practice.clone(),
        files,
        sections,
    })
}

/// What report and ledger say, and where they differ.
struct Comparison {
    /// Read according to the ledger and named by the finder.
    both: BTreeSet<String>,
    /// Read according to the ledger, not named.
    ledger_only: BTreeSet<String>,
    /// Named, and not read in these times according to the ledger.
    finder_only: BTreeSet<String>,
    /// Distinct files that were read, by card.
    by_card: BTreeMap<String, BTreeSet<String>>,
}

fn comparison(report: &Report, events: &[Event]) -> Comparison {
    let named: BTreeSet<String> = report.files.iter().map(|id| id.trim().to_owned()).collect();
    let mut by_card: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let shows = |event: &&Event| event.what != REFUSED && event.what != TOLD_TO_EXIST;
    for event in events.iter().filter(shows) {
        let card = event.card.clone().unwrap_or_default();
        by_card.entry(card).or_default().extend(event.files.iter().cloned());
    }
    let read: BTreeSet<String> = by_card.values().flatten().cloned().collect();
    Comparison {
        both: read.intersection(&named).cloned().collect(),
        ledger_only: read.difference(&named).cloned().collect(),
        finder_only: named.difference(&read).cloned().collect(),
        by_card,
    }
}

fn tell(report: &Report, events: Vec<Event>, as_json: bool) {
    let comparison = comparison(report, &events);
    for event in &events {
        told(as_json, &event.value(&comparison), &event.for_people(&comparison));
    }
    let Comparison { both, ledger_only, finder_only, by_card } = &comparison;
    if as_json {
        let cards: BTreeMap<_, _> = by_card.iter().map(|(card, f)| (card, f.len())).collect();
        console::json(&json!({"compared": {
            "read_and_named": both,
            "read_and_not_named": ledger_only,
            "named_and_not_read": finder_only,
            "files_by_card": cards,
            "amount_stated": report.amount,
            "erasure": report.erasure(),
        }}));
        return;
    }
    console::heading("report and ledger");
    for (card, files) in by_card {
        console::say(&format!("card {card} read {} files in these times", files.len()));
    }
    let list = |title: &str, files: &BTreeSet<String>| {
        console::say(&format!("{title}: {}", files.len()));
        files.iter().for_each(|file| console::say(&format!("  {}", clean(file))));
    };
    list("read according to the ledger, and named by the finder", both);
    list("read according to the ledger, and not named", ledger_only);
    list("named by the finder, and not read in these times according to the ledger", finder_only);
    console::say(
        "A file that was opened up to four hours before these times can have been read on in them \
         without an entry.",
    );
    if !report.amount.trim().is_empty() {
        console::say(&format!("the finder states how much: {}", clean(&report.amount)));
    }
    console::say(&clean(&report.erasure()));
}

impl Event {
    fn value(&self, comparison: &Comparison) -> Value {
        json!({
            "number": self.number,
            "at": self.at.to_string(),
            "act": self.what,
            "card": self.card,
            "holder": self.holder,
            "practice": self.practice,
            "files": self.files,
            "sections": self.sections.iter().map(Section::word).collect::<Vec<_>>(),
            "named": self.is_named(comparison),
        })
    }

    fn for_people(&self, comparison: &Comparison) -> String {
        let who = self.holder.as_deref().or(self.card.as_deref()).unwrap_or("nobody known");
        let named = if self.is_named(comparison) { "named" } else { "not named" };
        let (files, sections) = (self.files.join(" "), self.sections);
        let practice = self.practice.as_deref().unwrap_or("-");
        format!(
            "{:>8}  {}  {} by {who} ({practice})  {files}  [{sections}]  {named}",
            self.number, self.at, self.what
        )
    }

    fn is_named(&self, comparison: &Comparison) -> bool {
        self.files.iter().any(|file| comparison.both.contains(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use intake::message::Request;

    fn event(number: u64, what: &'static str, card: &str, files: &[&str]) -> Event {
        Event {
            number,
            at: Time::from_millis(0),
            what,
            card: Some(card.into()),
            holder: None,
            practice: None,
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            sections: Sections::NONE,
        }
    }

    #[test]
    fn what_the_finder_left_out_and_what_never_happened_are_told_apart() {
        let report =
            Report { files: vec!["a".into(), " b ".into(), "never".into()], ..Report::default() };
        let events = [
            event(1, "opened", "one", &["a"]),
            event(2, "opened", "one", &["c"]),
            event(3, "shown in a look-up", "two", &["b", "d"]),
            event(4, "refused", "one", &["e"]),
            event(5, TOLD_TO_EXIST, "one", &["f"]),
        ];
        let found = comparison(&report, &events);
        let set = |files: &[&str]| files.iter().map(|f| (*f).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(found.both, set(&["a", "b"]));
        assert_eq!(found.ledger_only, set(&["c", "d"]), "a refusal shows nothing");
        assert_eq!(found.finder_only, set(&["never"]));
        assert_eq!((found.by_card["one"].len(), found.by_card["two"].len()), (2, 2));
        assert!(events[0].is_named(&found) && !events[1].is_named(&found));
    }

    #[test]
    fn a_look_up_that_showed_nothing_is_not_told_as_one_that_did() {
        use ledger::entry::{Entry, Found, LookUp};
        use terms::{CardId, PracticeId, ServerId, SessionId};
        let look_up = |shown: &[u8], told: &[u8]| {
            let blinds =
                |of: &[u8]| of.iter().map(|n| Blind::from_bytes([*n; Blind::LENGTH])).collect();
            let act = Act::Found(Found {
                session: SessionId::from_bytes([1; SessionId::LENGTH]),
                card: CardId::from_bytes([2; CardId::LENGTH]),
                practice: PracticeId::from_bytes([3; PracticeId::LENGTH]),
                server: ServerId::from_bytes([4; ServerId::LENGTH]),
                by: LookUp::Identifier,
                shown: blinds(shown),
                told: blinds(told),
                request: [0; 32],
            });
            let entry = Entry { at: Time::from_millis(1), act }.to_bytes().into();
            let (files, holder, practice) = (Vec::new(), None, None);
            let line = keyproto::message::Line { number: 1, entry, files, holder, practice };
            super::event(&Line::of(line).unwrap())
        };
        assert!(look_up(&[], &[]).is_none());
        let told = look_up(&[], &[7]).unwrap();
        assert_eq!(
            (told.what, told.sections, told.files.len()),
            (TOLD_TO_EXIST, Sections::NONE, 1)
        );
        assert_eq!(look_up(&[7], &[]).unwrap().sections, Sections::of(&[Section::Label]));
    }

    #[test]
    fn spans_are_read_with_slack_and_bounded() {
        let request = |from: &str, to: &str| Request {
            from: from.into(),
            to: to.into(),
            method: String::new(),
        };
        let requests = vec![
            request("2026-11-26T12:00:00Z", "2026-11-26T12:05:00Z"),
            request("2026-11-26T13:05:00Z", "2026-11-26T13:00:00Z"),
            request("2026-11-27T12:00:00Z", ""),
            request("yesterday", "\u{1b}[2J"),
            request("1990-01-01", "2026-11-26"),
        ];
        let report = Report { requests, ..Report::default() };
        let found = spans(&report, Duration::from_seconds(60)).unwrap();
        let at = |text: &str| text.parse().unwrap();
        let millisecond = Duration::from_millis(1);
        assert_eq!(
            found,
            [
                (at("2026-11-26T11:59:00Z"), at("2026-11-26T12:06:00Z") + millisecond),
                (at("2026-11-26T12:59:00Z"), at("2026-11-26T13:06:00Z") + millisecond),
                (at("2026-11-27T11:59:00Z"), at("2026-11-27T12:01:00Z") + millisecond),
            ]
        );
        assert!(spans(&Report::default(), Duration::from_seconds(60)).is_err());
        let many = vec![request("2026-11-26T12:00:00Z", ""); 1000];
        let report = Report { requests: many, ..Report::default() };
        assert_eq!(spans(&report, Duration::from_seconds(1)).unwrap().len(), SPANS_MAX);
    }
}
