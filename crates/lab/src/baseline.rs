//! What the field has instead: every card opens every file, and something looks on.
//!
//! Each baseline meets the same honest days and the same attackers. None of them knows relations,
//! so nothing is explained there, and patients are told nothing.

mod caps;
mod forest;
mod nightly;
mod siem;

pub use caps::Caps;
pub use forest::Forest;
pub use nightly::Nightly;
pub use siem::Siem;

use crate::attack::Saw;
use crate::defence::{Card, Defence, Event, Hand, Look, Order, Wish};
use crate::scene::Scene;
use std::collections::{HashMap, HashSet};
use terms::{Finding, Grade, Role, Time};

/// One opening as a log has it.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// When.
    pub at: Time,
    /// By which card.
    pub card: Card,
    /// As what.
    pub role: Role,
    /// Where.
    pub place: u32,
    /// Whose.
    pub person: u32,
    /// A colleague, or family by name or address.
    pub close: bool,
}

/// What a rule says.
pub enum Says {
    /// A human is to look at this card.
    Look(Card),
    /// This card is suspended.
    Stop(Card),
}

/// One way to look on.
pub trait Rule {
    /// Whether an opening is let through.
    fn allows(&mut self, _access: &Access) -> bool {
        true
    }

    /// An hour is over.
    fn hour(&mut self, _now: Time) -> Vec<Says> {
        Vec::new()
    }

    /// What ran within the hour, at ten-minute intervals; told with each opening.
    fn note(&mut self, _access: &Access) -> Option<Says> {
        None
    }
}

/// Nothing at all.
pub struct Nothing;

impl Rule for Nothing {}

/// A record system of the usual kind, with one rule beside it.
pub struct Plain<R> {
    rule: R,
    cards: HashMap<Card, (u32, Role)>,
    stopped: HashSet<Card>,
    events: Vec<Event>,
}

impl<R: Rule> Plain<R> {
    /// Of this region.
    pub fn new(scene: &Scene, rule: R) -> Plain<R> {
        let (staff, places) = (scene.staff.len() as u32, scene.places.len() as u32);
        let mut cards: HashMap<Card, (u32, Role)> = (0..)
            .zip(&scene.staff)
            .map(|(card, staff)| (card, (staff.place, staff.role)))
            .collect();
        for place in 0..places {
            cards.insert(staff + place, (place, Role::Officer));
            cards.insert(staff + places + place, (place, Role::System));
        }
        Plain { rule, cards, stopped: HashSet::new(), events: Vec::new() }
    }

    fn say(&mut self, says: Says) {
        match says {
            Says::Look(card) => self.events.push(Event::Alert {
                finding: Finding::Unexplained,
                card: Some(card),
                place: None,
                person: None,
            }),
            Says::Stop(card) => self.stop(card, "rule"),
        }
    }

    fn stop(&mut self, card: Card, cause: &'static str) {
        if self.stopped.insert(card) {
            self.events.push(Event::Frozen { card, cause });
        }
    }
}

impl<R: Rule> Defence for Plain<R> {
    fn sign_in(&mut self, _now: Time, hand: Hand) -> Saw {
        if self.stopped.contains(&hand.card) { Saw::Refused } else { Saw::Done }
    }

    fn open(&mut self, now: Time, hand: Hand, person: u32, wish: Wish) -> Look {
        let refused = Look { saw: Saw::Refused, grade: None, repeat: false, why: None };
        let Some((place, role)) = self.cards.get(&hand.card).copied() else { return refused };
        let close = wish.close;
        let access = Access { at: now, card: hand.card, role, place, person, close };
        let opens = !matches!(role, Role::Officer | Role::Importer | Role::Laboratory);
        if self.stopped.contains(&hand.card) || !opens || !self.rule.allows(&access) {
            return refused;
        }
        if let Some(says) = self.rule.note(&access) {
            self.say(says);
        }
        Look { saw: Saw::Opened, grade: Some(Grade::Weak), repeat: false, why: None }
    }

    fn find(&mut self, _now: Time, hand: Hand, person: Option<u32>, _number: bool) -> Saw {
        match person {
            _ if self.stopped.contains(&hand.card) => Saw::Refused,
            Some(_) => Saw::Hit,
            None => Saw::Miss,
        }
    }

    fn write(&mut self, _now: Time, _hand: Hand, _person: u32) -> Saw {
        Saw::Done
    }

    fn order(&mut self, _now: Time, order: Order) -> Saw {
        match order {
            Order::Issue { card, place, role, .. } => {
                self.cards.insert(card, (place, role));
            }
            Order::Revoke { card } => {
                self.cards.remove(&card);
            }
            Order::Freeze { card } => self.stop(card, "officer"),
            Order::Unfreeze { card } => {
                self.stopped.remove(&card);
            }
            Order::Book { by: Some(_), .. } => return Saw::Refused,
            _ => {}
        }
        Saw::Done
    }

    fn tick(&mut self, now: Time) {
        for says in self.rule.hour(now) {
            self.say(says);
        }
    }

    fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn explains(&mut self, _now: Time, _place: u32, _person: u32) -> Option<Grade> {
        None
    }
}

/// How many alerts humans can read: one for 1,000 staff-days, as for our own system.
#[derive(Default)]
pub(super) struct Readers {
    left: f64,
    at_work: HashSet<Card>,
}

impl Readers {
    pub(super) fn saw(&mut self, card: Card) {
        self.at_work.insert(card);
    }

    /// The worst of these, as many as can be read tonight.
    pub(super) fn read(&mut self, mut all: Vec<(f64, Card)>) -> Vec<Says> {
        self.left += self.at_work.len() as f64 / 1_000.0;
        self.at_work.clear();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let many = (self.left as usize).min(all.len());
        self.left -= many as f64;
        all.into_iter().take(many).map(|(_, card)| Says::Look(card)).collect()
    }
}

/// Whether this hour is the one in which nightly jobs run.
pub(super) fn is_night_run(now: Time) -> bool {
    now.millis() / 3_600_000 % 24 == 2
}
