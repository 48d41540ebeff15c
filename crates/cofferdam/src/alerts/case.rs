//! A case: an alert, and what was done about it. Open, then taken, then closed.

use super::told::{Line, Told, Verdict, What};
use std::collections::BTreeMap;

/// How far a case is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody looked at it.
    Open,
    /// Somebody is on it.
    Taken(String),
    /// It has come to its end.
    Closed(Verdict),
}

impl State {
    pub(crate) fn word(&self) -> String {
        match self {
            State::Open => "open".to_owned(),
            State::Taken(who) => format!("taken by {who}"),
            State::Closed(verdict) => format!("closed: {}", verdict.word()),
        }
    }
}

/// An alert and its lines.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) at: String,
    pub(crate) told: Told,
    pub(crate) state: State,
    /// Whether the keyholder did what was ordered, once it is known.
    pub(crate) acted: Option<bool>,
    /// Everything after the alert, in order.
    pub(crate) later: Vec<Line>,
}

/// The cases that these lines are about, oldest first. An alert that is there twice is one.
pub(crate) fn cases(lines: Vec<Line>) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        match (places.get(&line.id), line.what) {
            (None, What::Alert(told)) => {
                places.insert(line.id.clone(), cases.len());
                let Line { id, at, .. } = line;
                let (state, acted, later) = (State::Open, None, Vec::new());
                cases.push(Case { id, at, told: *told, state, acted, later });
            }
            (Some(place), what) if !matches!(what, What::Alert(_)) => {
                cases[*place].goes_on(Line { id: line.id, at: line.at, what });
            }
            _ => {}
        }
    }
    cases
}

impl Case {
    fn goes_on(&mut self, line: Line) {
        match &line.what {
            What::Acted { done } => self.acted = Some(*done),
            What::Taken { who } => self.state = State::Taken(who.clone()),
            What::Closed { verdict, .. } => self.state = State::Closed(*verdict),
            What::Note { .. } | What::Alert(_) => {}
        }
        self.later.push(line);
    }

    /// Whether an officer has to do something about it.
    pub(crate) fn waits(&self) -> bool {
        self.told.level == "review" && !matches!(self.state, State::Closed(_))
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::tests::{closed, line};
    use super::*;
    use terms::Time;

    #[test]
    fn a_case_goes_from_open_to_taken_to_closed_and_may_be_taken_again() {
        let taken = What::Taken { who: "officer-2".into() };
        let taken = Line::now(&line().id, Time::from_millis(0), taken);
        let states: Vec<State> = (1..=5)
            .map(|count| {
                let all = [line(), taken.clone(), closed(), taken.clone(), line()];
                cases(all[..count].to_vec()).remove(0).state
            })
            .collect();
        let taken = State::Taken("officer-2".into());
        let closed = State::Closed(Verdict::Wrong);
        assert_eq!(states, [State::Open, taken.clone(), closed, taken.clone(), taken]);
    }

    #[test]
    fn notes_about_nothing_are_passed_over() {
        assert!(cases(vec![closed()]).is_empty());
    }
}
