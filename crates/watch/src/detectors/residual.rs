//! Openings that 14 days later are still not explained: most honest ones have found their
//! relation by then, and a thief's never do.

use crate::scene::{Opening, Scene, day_of};
use crate::settings::Settings;
use crate::track::Bank;
use ledger::entry::{Confirmed, Related};
use std::collections::{HashMap, VecDeque};
use terms::{Blind, Finding, Grade, Time};

/// Openings of one day that count, assumed.
const DAY_MAX: u32 = 3;

/// An opening that waits for its explanation.
struct Due {
    opened: Time,
    due: Time,
    number: u64,
    card: usize,
    practice: usize,
    file: Blind,
    weak: bool,
}

/// When a practice's relation to a file became strong, for as long as anything waits for it.
#[derive(Default)]
struct Explained {
    waiting: u32,
    last: Option<Time>,
}

/// What is still unexplained, and who has how much of it.
pub(crate) struct Residual {
    unexplained: Bank,
    weak: Bank,
    due: VecDeque<Due>,
    explained: HashMap<(usize, Blind), Explained>,
    /// Emergencies that a colleague or officer confirmed, oldest first.
    confirmed: VecDeque<(Time, usize, Blind)>,
    /// How much of every card's latest day stayed unexplained.
    days: Vec<(u32, u32)>,
}

/// An opening that stayed unexplained.
pub(crate) struct Rest {
    pub(crate) card: usize,
    pub(crate) number: u64,
    pub(crate) at: Time,
    pub(crate) weak: bool,
}

impl Residual {
    pub(crate) fn new(settings: &Settings) -> Residual {
        let between = [settings.later; 2];
        Residual {
            unexplained: Bank::new(settings.residual, between, settings.alone),
            weak: Bank::new(settings.weak_residual, between, settings.alone_weak),
            due: VecDeque::new(),
            explained: HashMap::new(),
            confirmed: VecDeque::new(),
            days: Vec::new(),
        }
    }

    pub(crate) fn opened(&mut self, opening: &Opening, scene: &Scene<'_>) {
        let who = scene.whose(opening.card).unsuspected();
        self.unexplained.touch(who, scene.day, scene.settings);
        self.weak.touch(who, scene.day, scene.settings);
        if opening.grade == Grade::Strong {
            return self.explain(opening.practice, opening.file, scene.at);
        }
        self.explained.entry((opening.practice, opening.file)).or_default().waiting += 1;
        self.due.push_back(Due {
            opened: scene.at,
            due: scene.at + scene.settings.residual_after,
            number: scene.number,
            card: opening.card,
            practice: opening.practice,
            file: opening.file,
            weak: opening.grade == Grade::Weak,
        });
    }

    /// Somebody else signed that the patient and the practice belong together.
    pub(crate) fn related(&mut self, act: &Related, scene: &Scene<'_>) {
        if act.until > scene.at
            && let Some(practice) = scene.register.practice_number(&act.practice)
        {
            self.explain(practice, act.file, scene.at);
        }
    }

    /// A colleague says that an emergency was one. That counts for a few only: two who confirm
    /// each other must not hide what both do.
    pub(crate) fn confirmed(&mut self, act: &Confirmed, scene: &Scene<'_>) {
        let Some(card) = scene.register.card(&act.card).filter(|_| act.by != act.card) else {
            return;
        };
        let month = scene.at - terms::Duration::from_days(30);
        while self.confirmed.front().is_some_and(|(at, ..)| *at <= month) {
            self.confirmed.pop_front();
        }
        let counted = self.confirmed.iter().filter(|(_, other, _)| *other == card).count();
        if counted < scene.settings.confirmed {
            self.confirmed.push_back((scene.at, card, act.file));
        }
    }

    /// The next opening whose time is over by then and that stayed unexplained.
    pub(crate) fn next(&mut self, now: Time) -> Option<Rest> {
        while self.due.front().is_some_and(|due| due.due <= now) {
            let due = self.due.pop_front()?;
            let key = (due.practice, due.file);
            let Some(explained) = self.explained.get_mut(&key) else { continue };
            let strong = explained.last.is_some_and(|at| at >= due.opened);
            explained.waiting -= 1;
            if explained.waiting == 0 {
                self.explained.remove(&key);
            }
            let vouched = |(at, card, file): &(Time, usize, Blind)| {
                *card == due.card && *file == due.file && *at >= due.opened
            };
            if !strong && !self.confirmed.iter().any(vouched) {
                let Due { card, number, due: at, weak, .. } = due;
                return Some(Rest { card, number, at, weak });
            }
        }
        None
    }

    /// Counts what stayed unexplained. A wild day is found on the day itself; here it counts for
    /// no more than [`DAY_MAX`], as this looks for what goes on day after day.
    pub(crate) fn rest(&mut self, rest: &Rest, scene: &mut Scene<'_>) {
        let who = scene.whose(rest.card).unsuspected();
        if self.days.len() <= rest.card {
            self.days.resize(rest.card + 1, (0, 0));
        }
        let (day, count) = &mut self.days[rest.card];
        if *day != day_of(rest.at) {
            (*day, *count) = (day_of(rest.at), 0);
        }
        *count += 1;
        if *count > DAY_MAX {
            return;
        }
        let bank = if rest.weak { &mut self.weak } else { &mut self.unexplained };
        if let Some(reached) = bank.count(who, day_of(rest.at), rest.number, scene.settings) {
            // What is weakly explained is the same openings as on the day itself, so it is the same
            // finding, and one does not support the other.
            let finding = if rest.weak { Finding::Weak } else { Finding::Residual };
            scene.reached(rest.card, finding, reached);
        }
    }

    pub(crate) fn relax(&mut self, card: usize, scene: &Scene<'_>) {
        for bank in [&mut self.unexplained, &mut self.weak] {
            bank.relax(scene.whose(card), scene.settings);
        }
    }

    pub(crate) fn held(&self) -> usize {
        self.due.len() + self.explained.len()
    }

    fn explain(&mut self, practice: usize, file: Blind, at: Time) {
        if let Some(explained) = self.explained.get_mut(&(practice, file)) {
            explained.last = Some(at);
        }
    }
}
