//! What is due, in the order of time and then in the order in which it was put down.

use crate::defence::Card;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use terms::Time;

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// An hour is over.
    Hour,
    /// A machine refers somebody of a list.
    Hand { place: u32, person: u32 },
    /// A list goes on.
    Again { list: usize },
    /// A list is approved anew.
    Approve { place: u32 },
    /// An attack begins at this place.
    Begin { place: u32 },
    /// An attacker acts.
    Move { attack: usize },
    /// An officer looks into an alert.
    Review { card: Option<Card>, place: Option<u32> },
    /// A patient reports a wrong opening.
    Report { card: Card },
    /// Officers lift a freeze.
    Unfreeze { card: Card },
    /// Officers free a place.
    Free { place: Option<u32> },
    /// A colleague lowers a rung.
    Relax { by: Card, of: Card },
    /// Somebody gets a new card.
    Renew { staff: u32 },
    /// What waited while somebody signed in.
    Open { staff: u32, person: u32, reason: bool, why: &'static str },
    /// An opening is two weeks old.
    Later { place: u32, person: u32, card: Card },
}

/// The agenda.
#[derive(Default)]
pub(super) struct Agenda {
    due: BinaryHeap<Reverse<(Time, u64, Item)>>,
    put: u64,
}

impl Agenda {
    pub(super) fn put(&mut self, at: Time, item: Item) {
        self.put += 1;
        self.due.push(Reverse((at, self.put, item)));
    }

    /// The next thing that is due before this time.
    pub(super) fn take(&mut self, before: Time) -> Option<(Time, Item)> {
        let Reverse((at, ..)) = self.due.peek()?;
        if *at >= before {
            return None;
        }
        let Reverse((at, _, item)) = self.due.pop()?;
        Some((at, item))
    }
}
