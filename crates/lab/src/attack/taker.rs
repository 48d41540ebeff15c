//! What most attackers are: a card that takes files at some pace, and knows what to answer.
//!
//! Asked to sign in again, it does, for it has card and PIN; asked for a reason, it makes one up.
//! What it cannot open it leaves, and lies low for a while if its plan says so.

use super::rhythm::{Rhythm, days_after, tomorrow};
use super::{Act, Move, Plan, Saw, Strategy, Victim};
use crate::chance::Chance;
use terms::{Duration, Time};

/// After so many refusals in a row it leaves it for the day.
const ENOUGH_TODAY: u32 = 4;
/// After so many days in a row with nothing but refusals it believes that it is over.
const IDLE_DAYS_MAX: u32 = 40;

/// What it is in the middle of.
#[derive(Clone, Copy, PartialEq)]
enum Doing {
    /// Waiting for the next opening.
    Waiting,
    /// Opening a file, with these tries left.
    Opening { victim: Victim, excuse: bool, tries: u8 },
    /// Signing in before it tries that again.
    SigningIn { victim: Victim, excuse: bool, tries: u8 },
}

/// A card that takes files.
pub(super) struct Taker {
    plan: Plan,
    rhythm: Rhythm,
    chance: Chance,
    end: Time,
    doing: Doing,
    /// Not before this.
    next: Time,
    refused: u32,
    idle: u32,
    started: bool,
    /// Which member of an attack it is.
    pub(super) member: usize,
}

impl Taker {
    /// Begins at `start`.
    pub(super) fn new(plan: &Plan, seed: u64, start: Time) -> Taker {
        let plan = plan.clone();
        let Plan { per_day, hours, workdays, .. } = plan;
        let rhythm = Rhythm { per_day, hours, workdays };
        let mut chance = Chance::new(seed);
        let (end, next) = (days_after(start, plan.days), rhythm.after(start, &mut chance));
        let (doing, refused, idle, started, member) = (Doing::Waiting, 0, 0, false, 0);
        Taker { plan, rhythm, chance, end, doing, next, refused, idle, started, member }
    }

    /// The same, boxed.
    pub(super) fn boxed(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
        Box::new(Taker::new(plan, seed, start))
    }

    fn victim(&mut self) -> Victim {
        let [strangers, listed, _] = self.plan.victims;
        match self.chance.unit() {
            u if u < strangers => Victim::Stranger,
            u if u < strangers + listed => Victim::Listed,
            _ => Victim::Current,
        }
    }

    fn open(&mut self, victim: Victim, excuse: bool, tries: u8) -> Act {
        self.doing = Doing::Opening { victim, excuse, tries };
        Act::Open { victim, emergency: victim == Victim::Stranger, excuse }
    }

    fn wait(&mut self, now: Time) -> Act {
        self.doing = Doing::Waiting;
        self.next = self.next.max(self.rhythm.after(now, &mut self.chance));
        Act::Wait(self.next)
    }

    fn rest(&mut self, now: Time) {
        self.next = self.next.max(days_after(now, self.plan.rest));
    }

    fn answered(&mut self, now: Time, victim: Victim, excuse: bool, tries: u8, saw: Saw) -> Act {
        match saw {
            Saw::StepUp if tries > 0 => {
                self.rest(now);
                self.doing = Doing::SigningIn { victim, excuse, tries: tries - 1 };
                Act::SignIn
            }
            Saw::AskedReason if tries > 0 => {
                self.rest(now);
                let again = if victim == Victim::Stranger { victim } else { Victim::Same };
                self.open(again, true, tries - 1)
            }
            Saw::Opened | Saw::Summary => {
                (self.refused, self.idle) = (0, 0);
                self.wait(now)
            }
            _ => {
                self.refused += 1;
                if self.refused >= ENOUGH_TODAY {
                    // Tomorrow's budget is a new one, and a rung ends one day.
                    (self.refused, self.idle) = (0, self.idle + 1);
                    self.next = self.next.max(tomorrow(now));
                }
                if self.idle > IDLE_DAYS_MAX { Act::End } else { self.wait(now) }
            }
        }
    }

    pub(super) fn act(&mut self, now: Time, saw: Saw) -> Act {
        if now >= self.end {
            return Act::End;
        }
        match self.doing {
            _ if !self.started => {
                self.started = true;
                Act::SignIn
            }
            Doing::Opening { victim, excuse, tries } => {
                self.answered(now, victim, excuse, tries, saw)
            }
            Doing::SigningIn { excuse, tries, .. } => self.open(Victim::Same, excuse, tries),
            Doing::Waiting if now < self.next => Act::Wait(self.next),
            Doing::Waiting => {
                // A session lasts a day; who has the PIN signs in as often as it likes.
                let victim = self.victim();
                let excuse = self.chance.with(self.plan.excuses);
                self.open(victim, excuse, 2)
            }
        }
    }
}

impl Strategy for Taker {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        Move { member: self.member, act: self.act(now, saw) }
    }
}

/// Several takers with a card each, who act in turn, each at its own time.
pub(super) struct Gang {
    takers: Vec<(Taker, Time)>,
    /// Whose answer is awaited.
    acting: Option<usize>,
}

impl Gang {
    pub(super) fn new(plan: &Plan, seed: u64, start: Time) -> Gang {
        let taker = |member: u32| {
            let seed = Chance::of(seed, u64::from(member)).number();
            let mut taker = Taker::new(plan, seed, start);
            taker.member = member as usize;
            // They do not all begin in the same minute.
            (taker, start + Duration::from_millis(u64::from(member) * 600_000))
        };
        Gang { takers: (0..plan.members).map(taker).collect(), acting: None }
    }

    /// The next move of whoever is next; that of the acting one if its answer is here.
    pub(super) fn act(&mut self, now: Time, saw: Saw) -> Move {
        let mut saw = saw;
        loop {
            let next = (0..self.takers.len()).min_by_key(|member| self.takers[*member].1);
            let Some(member) = self.acting.take().or(next) else {
                return Move { member: 0, act: Act::End };
            };
            let (taker, due) = &mut self.takers[member];
            if *due > now {
                return Move { member, act: Act::Wait(*due) };
            }
            match taker.act(now, saw) {
                Act::Wait(until) => *due = until,
                Act::End => *due = Time::from_millis(u64::MAX),
                act => {
                    self.acting = Some(member);
                    return Move { member, act };
                }
            }
            saw = Saw::Nothing;
            if self.takers.iter().all(|(_, due)| *due == Time::from_millis(u64::MAX)) {
                return Move { member, act: Act::End };
            }
        }
    }
}
