//! The rungs of containment that a card stands on: open, reason, step up, restricted.
//!
//! Trust: the watch can only put a card on a higher rung, or freeze. Whoever goes down again does
//! so by time, or by an order that somebody else signed.

use super::budget::seconds;
use super::decide::Who;
use super::matrix;
use super::state::State;
use super::{Core, Outcome, Step, Stop, Verdict, Wish};
use ledger::entry::{self, Act, Subject, Why};
use minicbor::{Decode, Encode};
use terms::{CardId, Grade, Purpose, RelationClass, Rung, ServerId, Time, planted};

/// Until which second a card stands on each rung above the open one.
#[derive(Clone, Copy, Default, PartialEq, Encode, Decode)]
pub(super) struct Ladder {
    #[n(0)]
    until: [u32; 3],
}

impl Ladder {
    pub(super) fn rung(&self, now: u32) -> Rung {
        let highest = self.until.iter().rposition(|until| *until > now);
        highest.map_or(Rung::Open, |below| Rung::ALL[below + 1])
    }

    /// Second at which the rung it stands on ends.
    pub(super) fn until(&self, rung: Rung) -> u32 {
        (rung as usize).checked_sub(1).map_or(0, |below| self.until[below])
    }

    /// Down to this rung at the most, and on it until then at least.
    fn set(&mut self, rung: Rung, until: u32) {
        for (below, one) in self.until.iter_mut().enumerate() {
            match (below + 1).cmp(&(rung as usize)) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => *one = until.max(*one),
                std::cmp::Ordering::Greater => *one = 0,
            }
        }
    }
}

impl State {
    /// The rung that a card stands on.
    pub fn rung(&self, card: CardId, now: Time) -> Rung {
        self.card(card).map_or(Rung::Open, |card| self.rung_of(card, now))
    }

    pub(super) fn rung_of(&self, card: u32, now: Time) -> Rung {
        self.ladders.get(&card).map_or(Rung::Open, |ladder| ladder.rung(seconds(now)))
    }

    /// Whether emergencies of this card open the summary alone.
    pub(super) fn is_confined(&self, card: u32, server: ServerId, now: Time) -> bool {
        let practice = self.cards[card as usize].practice;
        self.rung_of(card, now) == Rung::Restricted || self.is_stopped(practice, server)
    }

    pub(super) fn stepped(&mut self, stepped: &entry::Stepped) -> Result<(), &'static str> {
        let card = self.card(stepped.card).ok_or("no such card")?;
        planted!("steps nowhere", return Ok(()));
        let ladder = self.ladders.entry(card).or_default();
        ladder.set(stepped.rung, seconds(stepped.until));
        if let [by] = stepped.by[..] {
            self.count_statement(stepped.order);
            return self.relaxed(card, by);
        }
        // Whoever holds the card signs in again from here on.
        if stepped.rung >= Rung::StepUp {
            for session in self.sessions.values_mut().filter(|session| session.card == card) {
                session.stale = true;
            }
        }
        Ok(())
    }
}

/// What an opening rests on.
pub(super) struct Basis {
    pub(super) class: RelationClass,
    pub(super) grade: Grade,
    /// The summary is all that is left.
    pub(super) confined: bool,
}

impl Core {
    /// The relation, or in an emergency none.
    pub(super) fn basis(&self, now: Time, who: &Who, wish: &Wish, file: u32) -> Result<Basis, Why> {
        let why = match self.class_of(now, who, file) {
            _ if who.stopped => Why::Frozen,
            None => Why::NoRelation,
            Some(_) if self.is_unwitnessed(now) => Why::Unwitnessed,
            Some((_, grade)) if self.is_too_weak(now, who, grade) => Why::Weak,
            Some((class, grade)) => return Ok(Basis { class, grade, confined: false }),
        };
        let asked = wish.purpose == Purpose::Emergency && wish.reason.is_some();
        let confined = who.stopped || self.state.rung_of(who.card, now) == Rung::Restricted;
        let confirmed = || confined || !self.state.is_unconfirmed(who.card, now);
        if asked && matrix::emergencies(who.view.role) && confirmed() {
            return Ok(Basis { class: RelationClass::Emergency, grade: Grade::None, confined });
        }
        Err(why)
    }

    /// What the rung asks for, and what is asked of whoever opens the file of somebody close.
    pub(super) fn rung_allows(
        &self,
        now: Time,
        who: &Who,
        grade: Grade,
        wish: &Wish,
    ) -> Result<(), Why> {
        planted!("skips a rung", return Ok(()));
        let rung = self.state.rung_of(who.card, now);
        if rung >= Rung::StepUp && who.stale {
            return Err(Why::StepUp);
        }
        let asks = wish.close || rung >= Rung::Reason;
        if asks && grade != Grade::Strong && wish.reason.is_none() {
            return Err(Why::Reason);
        }
        Ok(())
    }

    /// Whether a token may still repeat its opening, for which nobody says a reason.
    pub(super) fn may_repeat(&self, now: Time, who: &Who, grade: Grade) -> Result<(), Why> {
        if self.is_too_weak(now, who, grade) {
            return Err(Why::Weak);
        }
        let (purpose, sections, reason) = (Purpose::Treatment, None, None);
        self.rung_allows(now, who, grade, &Wish { purpose, sections, reason, close: false })
    }

    /// Whether the card is restricted to what is explained better.
    pub(super) fn is_too_weak(&self, now: Time, who: &Who, grade: Grade) -> bool {
        planted!("skips a rung", return false);
        grade != Grade::Strong && self.state.rung_of(who.card, now) == Rung::Restricted
    }
}

impl Core {
    /// The watch steps in. What would take nothing away changes nothing.
    pub(super) fn step(&mut self, now: Time, step: Step) -> Outcome {
        let unknown = Verdict::AskedWrongly("a step against nobody who is known");
        let finding = step.finding;
        let act = match step.what {
            Stop::Rung { card, rung, lasts } => {
                let Some(number) = self.state.card(card) else { return self.say(now, unknown) };
                let until = now + lasts.min(Step::LASTS_MAX);
                let ladder = self.state.ladders.get(&number).copied().unwrap_or_default();
                let least = ladder.rung(seconds(now)).max(Rung::Reason);
                if rung < least || seconds(until) <= ladder.until(rung).max(seconds(now)) {
                    return self.say(now, Verdict::Done);
                }
                let (by, order) = (Vec::new(), [0; 32]);
                Act::Stepped(entry::Stepped { card, rung, until, finding, by, order })
            }
            Stop::Freeze(subject) => {
                let known = match subject {
                    Subject::Card(card) => self.state.card(card).is_some(),
                    Subject::Practice(practice) => self.state.practice(practice).is_some(),
                    Subject::Server(_) => true,
                };
                if !known || self.state.is_frozen(subject) {
                    return self.say(now, if known { Verdict::Done } else { unknown });
                }
                let (why, reason, by, finding) = (None, None, Vec::new(), Some(finding));
                Act::Frozen(entry::Frozen { subject, why, reason, by, finding })
            }
        };
        self.settle(now, vec![act], Verdict::Ordered)
    }
}
