//! What defends: the product under trial, or one of the baselines. The same people and the same
//! attackers meet each of them.

use crate::attack::Saw;
use ledger::entry::Why;
use terms::{Finding, Grade, Role, Rung, Time};

/// A card by number. Staff come first, in the order of the scene.
pub type Card = u32;

/// What an opening is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// As an emergency.
    pub emergency: bool,
    /// With a reason in words.
    pub reason: bool,
    /// The patient is close to the card's holder.
    pub close: bool,
}

/// What came of it. The asker sees `saw` alone; the rest is for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What the asker sees.
    pub saw: Saw,
    /// How the opening was explained, if there was one.
    pub grade: Option<Grade>,
    /// The same card had opened the file within a day.
    pub repeat: bool,
    /// Why it was refused.
    pub why: Option<Why>,
}

/// Something that people sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// The patient books; signed by the patient's card, or falsely by another.
    Book {
        /// Who.
        person: u32,
        /// Where.
        place: u32,
        /// When it is.
        appointment: Time,
        /// A card that is not the patient's.
        by: Option<Card>,
    },
    /// The patient shows the card, or a code that somebody there enters.
    Show {
        /// Who.
        person: u32,
        /// Where.
        place: u32,
        /// The card of the place where it is a code that is shown.
        by: Option<Card>,
    },
    /// Somebody refers or admits.
    Refer {
        /// The card that signs.
        by: Card,
        /// Whom.
        person: u32,
        /// Whereto.
        place: u32,
        /// As an admission.
        admit: bool,
    },
    /// Two officers approve a place's list anew.
    Approve {
        /// Whose.
        place: u32,
    },
    /// A card is issued by the place's officer.
    Issue {
        /// Its number.
        card: Card,
        /// Where.
        place: u32,
        /// As what.
        role: Role,
        /// By the place's own officer alone.
        alone: bool,
    },
    /// A card is revoked.
    Revoke {
        /// Which.
        card: Card,
    },
    /// An officer freezes a card.
    Freeze {
        /// Which.
        card: Card,
    },
    /// Two officers lift a card's freeze.
    Unfreeze {
        /// Which.
        card: Card,
    },
    /// Two officers lift a place's freeze.
    Free {
        /// Which.
        place: u32,
    },
    /// Two officers lift the server's freeze.
    FreeServer,
    /// A card confirms another's emergency.
    Confirm {
        /// Who signs.
        by: Card,
        /// Whose it was.
        of: Card,
        /// About whom.
        person: u32,
    },
    /// A card lowers another's rung.
    Relax {
        /// Who signs.
        by: Card,
        /// Whose.
        of: Card,
    },
}

/// Something that happened to a card, place or server, or that a human is to read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// For a human.
    Alert {
        /// What.
        finding: Finding,
        /// About this card.
        card: Option<Card>,
        /// About this place.
        place: Option<u32>,
        /// About this file.
        person: Option<u32>,
    },
    /// A card stands on a rung.
    Stepped {
        /// Which.
        card: Card,
        /// On which.
        rung: Rung,
        /// Why.
        finding: Finding,
    },
    /// A card is frozen.
    Frozen {
        /// Which.
        card: Card,
        /// By what.
        cause: &'static str,
    },
    /// A place is frozen.
    FrozenPlace {
        /// Which.
        place: u32,
        /// By what.
        cause: &'static str,
    },
    /// The server is frozen.
    FrozenServer {
        /// By what.
        cause: &'static str,
    },
}

/// A card's session: the holder's, or a thief's beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hand {
    /// The card.
    pub card: Card,
    /// The thief's.
    pub thief: bool,
}

/// What defends.
pub trait Defence {
    /// Signs in with the card.
    fn sign_in(&mut self, now: Time, hand: Hand) -> Saw;
    /// Opens a file; numbers beyond the people are canaries.
    fn open(&mut self, now: Time, hand: Hand, person: u32, wish: Wish) -> Look;
    /// Looks for somebody; `None` is nobody.
    fn find(&mut self, now: Time, hand: Hand, person: Option<u32>, number: bool) -> Saw;
    /// Writes into a file.
    fn write(&mut self, now: Time, hand: Hand, person: u32) -> Saw;
    /// People sign an order.
    fn order(&mut self, now: Time, order: Order) -> Saw;
    /// Time passes.
    fn tick(&mut self, now: Time);
    /// What happened since.
    fn events(&mut self) -> Vec<Event>;
    /// Whether this place's relation to this person would explain an opening now.
    fn explains(&mut self, now: Time, place: u32, person: u32) -> Option<Grade>;
}
