//! What is to happen on later days: a ring of days, so that memory does not grow with them.

use crate::happening::{Happening, PersonId, UnitId, What};
use crate::tally::Tally;

/// Days ahead that anything is planned; what would be later happens on the last of them.
const AHEAD: usize = 128;

/// Work that is planned for a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) at: u64,
    pub(crate) job: Job,
    pub(crate) unit: UnitId,
    pub(crate) person: PersonId,
    /// When the unit has evidence for the person; never, where it was lost.
    pub(crate) evident: u64,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// A visit at a practice.
    Visit,
    /// A visit at a clinic.
    Clinic,
    /// An admission to a ward, planned or from the emergency department.
    Admit,
    /// A result or letter for a practice.
    Inbox,
    /// Coding.
    Code,
    /// One person of a campaign.
    Campaign,
    /// One file of a list that was taken over.
    TakeOver,
}

/// The happenings of one day, and those and the tasks of the days that follow.
pub(crate) struct Sheet {
    pub(crate) midnight: u64,
    pub(crate) out: Vec<Happening>,
    pub(crate) tally: Tally,
    later: Vec<Vec<Happening>>,
    tasks: Vec<Vec<Task>>,
}

impl Sheet {
    pub(crate) fn new() -> Sheet {
        Sheet {
            midnight: 0,
            out: Vec::new(),
            tally: Tally::new(),
            later: (0..AHEAD).map(|_| Vec::new()).collect(),
            tasks: (0..AHEAD).map(|_| Vec::new()).collect(),
        }
    }

    /// Begins a day with what was planned for it, and hands over its tasks.
    pub(crate) fn begin(&mut self, day: u32, tasks: &mut Vec<Task>) {
        self.midnight = u64::from(day) * crate::DAY;
        let slot = day as usize % AHEAD;
        self.out.clear();
        self.out.append(&mut self.later[slot]);
        tasks.clear();
        tasks.append(&mut self.tasks[slot]);
    }

    /// Puts down what happens, today or later; nothing happens before today.
    pub(crate) fn push(&mut self, at: u64, what: What) {
        let at = at.max(self.midnight);
        let (at, ahead) = self.within(at);
        let happening = Happening { at, what };
        if ahead == 0 {
            self.out.push(happening);
        } else {
            self.later[(at / crate::DAY) as usize % AHEAD].push(happening);
        }
    }

    /// Puts down what happens on the first day, before that day is made.
    pub(crate) fn first(&mut self, at: u64, what: What) {
        self.later[0].push(Happening { at, what });
    }

    /// Plans a task for a later day; for today it is too late, so it is tomorrow's.
    pub(crate) fn plan(&mut self, task: Task) {
        let (at, _) = self.within(task.at.max(self.midnight + crate::DAY));
        self.tasks[(at / crate::DAY) as usize % AHEAD].push(Task { at, ..task });
    }

    fn within(&self, at: u64) -> (u64, u64) {
        let ahead = at.saturating_sub(self.midnight) / crate::DAY;
        let most = AHEAD as u64 - 1;
        (at.min(self.midnight + most * crate::DAY + at % crate::DAY), ahead.min(most))
    }

    /// Everything that is planned, for the bound on memory.
    pub(crate) fn held(&self) -> usize {
        let later: usize = self.later.iter().map(Vec::capacity).sum();
        let tasks: usize = self.tasks.iter().map(Vec::capacity).sum();
        self.out.capacity() + later + tasks
    }
}
