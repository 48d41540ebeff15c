//! How much of the ledger witnesses have seen, and what opens while they lag behind.
//!
//! Trust: whoever sets the ledger back or rewrites it cannot have that cosigned. So where witnesses
//! are asked for, a ledger that they did not cosign in time opens nothing but emergencies.

use super::Core;
use std::collections::VecDeque;
use terms::{Duration, Time};

/// How far witnesses may lag behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Most entries that no quorum of witnesses has cosigned.
    pub entries: u64,
    /// Most seconds since the oldest of them was made.
    pub seconds: u64,
}

/// What no quorum has cosigned yet.
#[derive(Default)]
pub(super) struct Waiting {
    witnessed: u64,
    /// The last entry of each second, with its time, oldest first.
    seconds: VecDeque<(u64, Time)>,
}

impl Waiting {
    /// Everything up to this size waits, and has waited for as long as anybody knows.
    pub(super) fn since_ever(size: u64) -> Waiting {
        let seconds = size.checked_sub(1).map(|last| (last, Time::default()));
        Waiting { witnessed: 0, seconds: seconds.into_iter().collect() }
    }

    /// Entries up to this one were made.
    pub(super) fn made(&mut self, last: u64, at: Time) {
        match self.seconds.back_mut() {
            Some((newest, time)) if time.seconds() == at.seconds() => *newest = last,
            _ => self.seconds.push_back((last, at)),
        }
    }
}

impl Core {
    /// A quorum of witnesses cosigned the ledger of this many entries.
    pub fn witnessed(&mut self, size: u64) {
        let waiting = &mut self.waiting;
        waiting.witnessed = waiting.witnessed.max(size);
        while waiting.seconds.front().is_some_and(|(last, _)| *last < size) {
            waiting.seconds.pop_front();
        }
    }

    /// Whether witnesses lag behind more than they may.
    pub(super) fn is_unwitnessed(&self, now: Time) -> bool {
        let Some(Lag { entries, seconds }) = self.limits.lag else { return false };
        let waiting = &self.waiting;
        let oldest = waiting.seconds.front().map(|(_, at)| *at);
        self.state.entries().saturating_sub(waiting.witnessed) > entries
            || oldest.is_some_and(|at| now.since(at) > Duration::from_seconds(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::Lag;
    use crate::{Begin, Core, Event, Limits, State};
    use terms::{Blind, ServerId, Time};

    #[test]
    fn what_waits_is_remembered_only_where_witnesses_are_asked_for() {
        let waiting = |lag: Option<Lag>| {
            let limits = Limits { lag, ..Limits::default() };
            let mut core = Core::new(State::default(), [1; 32], limits);
            let directory = Blind::from_bytes([0; Blind::LENGTH]);
            let (practices, cards) = (Vec::new(), Vec::new());
            let begin = Begin { tenant: "t".into(), directory, practices, cards };
            let server = ServerId::from_bytes([1; ServerId::LENGTH]);
            core.handle(Time::from_millis(1_000), server, Event::Begin(begin));
            assert_eq!(core.state().entries(), 1);
            core.waiting.seconds.len()
        };
        assert_eq!(waiting(None), 0);
        assert_eq!(waiting(Some(Lag { entries: 5, seconds: 5 })), 1);
    }
}
