//! Strangers' files that one card alone of its practice looks at.
//!
//! Who is brought in unconscious is looked at by several: that is one case, and it is counted once.
//! A thief's files are looked at by nobody else, however many thieves share the work.

use crate::scene::{Opening, Scene};
use ledger::entry::Related;
use std::collections::{HashMap, VecDeque};
use terms::{Blind, Duration, Grade, Time};

/// How long a file that a practice looked at is not new to it, assumed.
const KNOWN: Duration = Duration::from_days(14);
/// How long a colleague has time to look at the same case, assumed: a shift and the next day's.
const TIME: Duration = Duration::from_days(2);

/// What a practice did with a file lately.
struct Case {
    by: usize,
    last: Time,
    /// A colleague opened it too, or it found a relation.
    shared: bool,
}

/// A stranger's file that waits for a colleague to look at it too.
struct Due {
    file: Blind,
    lone: Lone,
}

/// A stranger's file that nobody else looked at.
#[derive(Clone, Copy)]
pub(crate) struct Lone {
    pub(crate) at: Time,
    pub(crate) number: u64,
    pub(crate) practice: usize,
}

/// The files of every practice, within two weeks.
#[derive(Default)]
pub(crate) struct Alone {
    cases: HashMap<(usize, Blind), Case>,
    due: VecDeque<Due>,
}

impl Alone {
    /// Takes in an opening; says whether the practice has not seen the file lately.
    pub(crate) fn opened(&mut self, opening: &Opening, scene: &Scene<'_>) -> bool {
        let (card, practice, file, now) = (opening.card, opening.practice, opening.file, scene.at);
        let case = self.cases.get_mut(&(practice, file)).filter(|case| case.last + KNOWN > now);
        if let Some(case) = case {
            case.shared |= case.by != card;
            case.last = now;
            return false;
        }
        self.cases.insert((practice, file), Case { by: card, last: now, shared: false });
        if opening.grade == Grade::None {
            let (at, number) = (now + TIME, scene.number);
            self.due.push_back(Due { file, lone: Lone { at, number, practice } });
        }
        true
    }

    /// Somebody else signed that the patient and the practice belong together.
    pub(crate) fn related(&mut self, act: &Related, scene: &Scene<'_>) {
        if act.until > scene.at
            && let Some(practice) = scene.register.practice_number(&act.practice)
        {
            let new = Case { by: usize::MAX, last: scene.at, shared: true };
            let case = self.cases.entry((practice, act.file)).or_insert(new);
            (case.shared, case.last) = (true, scene.at);
        }
    }

    /// When the next one's time is over.
    pub(crate) fn due(&self) -> Option<Time> {
        self.due.front().map(|due| due.lone.at)
    }

    /// The next whose time is over, if nobody else looked at it.
    pub(crate) fn next(&mut self) -> Option<Lone> {
        let Due { file, lone } = self.due.pop_front()?;
        let shared = self.cases.get(&(lone.practice, file)).is_some_and(|case| case.shared);
        (!shared).then_some(lone)
    }

    pub(crate) fn purge(&mut self, now: Time) {
        self.cases.retain(|_, case| case.last + KNOWN > now);
    }

    pub(crate) fn held(&self) -> usize {
        self.cases.len() + self.due.len()
    }
}
