//! The rungs of containment that a card stands on: open, reason, step up, restricted.
//!
//! Trust: the watch can only put a card on a higher rung, or freeze. Whoever goes down again does
//! so by time, or by an order that somebody else signed.

use super::budget::seconds;
use super::state::State;
use super::{Core, Outcome, Step, Stop, Verdict};
use ledger::entry::{self, Act, Subject};
use minicbor::{Decode, Encode};
use terms::{CardId, Rung, Time};

/// Until which second a card stands on each rung above the open one.
#[derive(Clone, Copy, Default, PartialEq, Encode, Decode)]
pub(super) struct Ladder {
    #[n(0)]
    until: [u32; 3],
}

impl Ladder {
    fn rung(&self, now: u32) -> Rung {
        let highest = self.until.iter().rposition(|until| *until > now);
        highest.map_or(Rung::Open, |below| Rung::ALL[below + 1])
    }

    /// Second at which the rung it stands on ends.
    fn until(&self, rung: Rung) -> u32 {
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

    pub(super) fn stepped(&mut self, stepped: &entry::Stepped) -> Result<(), &'static str> {
        let card = self.card(stepped.card).ok_or("no such card")?;
        let ladder = self.ladders.entry(card).or_default();
        ladder.set(stepped.rung, seconds(stepped.until));
        // Whoever holds the card signs in again from here on.
        if stepped.by.is_empty() && stepped.rung >= Rung::StepUp {
            for session in self.sessions.values_mut().filter(|session| session.card == card) {
                session.stale = true;
            }
        }
        Ok(())
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
        self.settle(now, vec![act], Verdict::Done)
    }
}
