//! The timetable of one incident.

use super::Date;
use super::law::{Clock, Law, Start};
use crate::facts::{Holds, Knowledge, Value};
use serde::{Serialize, Serializer};
use std::fmt;
use terms::Time;

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// By this moment.
    Moment(Time),
    /// By the end of this day.
    Day(Date),
    /// At once: the law gives no figure.
    AtOnce,
}

/// Where a duty stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its time is over, and nobody said that it was done.
    Overdue,
    /// It is due.
    Due,
    /// It may be due: something is not known.
    Possible,
    /// It will be due, after what starts it.
    Waiting,
    /// It was done.
    Done,
    /// It was done after its time.
    DoneLate,
    /// Its condition does not hold.
    NotDue,
}

/// A line of the timetable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The clock.
    pub clock: String,
    /// The law.
    pub law: String,
    /// Article or section.
    pub section: String,
    /// Who has to do what.
    pub duty: String,
    /// Who is told.
    pub to: String,
    /// Where it stands.
    pub state: State,
    /// When it is due; none while what starts it is not known.
    pub due: Option<Due>,
    /// The counts and facts that make it due, or not.
    pub because: Vec<String>,
    /// What is not known.
    pub unknown: Vec<String>,
    /// When it was done, as somebody wrote down.
    pub done: Option<String>,
    /// What a reader should know about it.
    pub note: String,
    /// Where the law can be read, and of which day that text is.
    pub source: String,
}

/// Every duty, the soonest first.
pub fn timetable(laws: &[Law], knowledge: &Knowledge, now: Time) -> Vec<Row> {
    let mut rows: Vec<Row> = laws
        .iter()
        .flat_map(|law| law.clocks.iter().map(move |clock| row(law, clock, knowledge, now)))
        .collect();
    let moment = |row: &Row| row.due.map_or(Time::from_millis(u64::MAX), Due::last_moment);
    rows.sort_by_key(|row| (row.state, moment(row)));
    rows
}

fn row(law: &Law, clock: &Clock, knowledge: &Knowledge, now: Time) -> Row {
    let verdict = clock.when.holds(knowledge);
    let start = start(clock, knowledge);
    let due = match (start, clock.span) {
        (Some(_), None) => Some(Due::AtOnce),
        (Some(start), Some(span)) => Some(span.after(start).map_or_else(Due::Day, Due::Moment)),
        (None, _) => None,
    };
    let done = moment(knowledge, &format!("done.{}", clock.id));
    let state = state(verdict.holds, due, start, done, now);
    let mut unknown = verdict.unknown;
    if let (None, Start::Fact(fact)) = (start, &clock.from) {
        unknown.push(format!("fact.{fact}"));
    }
    Row {
        clock: clock.id.clone(),
        law: law.law.clone(),
        section: clock.section.clone(),
        duty: clock.duty.clone(),
        to: clock.to.clone(),
        state,
        due,
        because: verdict.because,
        unknown,
        done: done.map(|at| at.to_string()),
        note: clock.note.clone(),
        source: format!("{} (of {}, compared {})", law.source, law.source_date, law.checked),
    }
}

fn state(
    holds: Holds,
    due: Option<Due>,
    start: Option<Time>,
    done: Option<Time>,
    now: Time,
) -> State {
    // A duty that has no figure starts to be late when it can start, and never by a date.
    let over = |at: Time| match due {
        Some(Due::AtOnce) | None => false,
        Some(due) => at > due.last_moment(),
    };
    match (done, holds) {
        (Some(at), _) if over(at) => State::DoneLate,
        (Some(_), _) => State::Done,
        (None, Holds::No) => State::NotDue,
        (None, _) if start.is_none() => State::Waiting,
        (None, Holds::Unknown) => State::Possible,
        (None, Holds::Yes) if over(now) => State::Overdue,
        (None, Holds::Yes) => State::Due,
    }
}

fn start(clock: &Clock, knowledge: &Knowledge) -> Option<Time> {
    match &clock.from {
        Start::Aware => moment(knowledge, "evidence.aware"),
        Start::Done(other) => moment(knowledge, &format!("done.{other}")),
        Start::Fact(fact) => moment(knowledge, &format!("fact.{fact}")),
    }
}

fn moment(knowledge: &Knowledge, name: &str) -> Option<Time> {
    match &knowledge.get(name)?.value {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

impl Due {
    /// The last moment at which it is in time. A day ends last at the westernmost place; here it
    /// ends in UTC, so that nobody is told a later end than most have.
    pub fn last_moment(self) -> Time {
        match self {
            Due::Moment(time) => time,
            Due::Day(date) => Time::from_millis(date.plus_days(1).start().millis() - 1),
            Due::AtOnce => Time::from_millis(0),
        }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Due::Moment(time) => write!(f, "{time}"),
            Due::Day(date) => write!(f, "end of {date} (UTC)"),
            Due::AtOnce => f.write_str("without undue delay"),
        }
    }
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
