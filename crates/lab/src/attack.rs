//! Attackers. Each is a strategy of its own: what it does next follows from its plan, its seed, the
//! time, and what it was answered.
//!
//! An attacker is a client: it sees what the product answers and nothing else, not the rung it
//! stands on, not what the watch thinks, not which files are canaries. Whom it means by
//! "a stranger" it knows from outside, such as a telephone book, or the screen of the practice;
//! the lab draws that person for it.

pub mod adaptive;
mod burst;
mod card_office;
mod colluders;
mod crowd;
mod excuses;
mod family;
mod officer;
mod own_list;
mod paced;
mod pack;
mod plan;
mod practice_card;
mod rhythm;
mod snooper;
mod taker;
mod walk;

pub use family::{Family, Goal, Measure};
pub use pack::{Pack, PackError};
pub use plan::{Plan, Ranges};

use terms::Time;

/// Whose file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// Somebody the practice has nothing to do with; the attacker knows the national identifier.
    Stranger,
    /// Somebody on the practice's list without a current event.
    Listed,
    /// A patient whom the practice sees these days.
    Current,
    /// Somebody the card's holder knows: family, household, colleague, neighbour.
    Known,
    /// The one person everybody is curious about.
    Famous,
    /// The same as last time.
    Same,
}

/// What an attacker does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    /// Nothing before this time.
    Wait(Time),
    /// Signs in with card and PIN.
    SignIn,
    /// Opens a file.
    Open {
        /// Whose.
        victim: Victim,
        /// Says that it is an emergency, which takes a reason in words.
        emergency: bool,
        /// Gives a reason in words, made up.
        excuse: bool,
    },
    /// Looks up an identifier that it made up.
    Guess,
    /// Writes a note into the file it opened last, as if somebody had been treated.
    Note,
    /// Signs a booking for the person it opened last, with the card it holds.
    Book,
    /// Confirms another member's latest emergency.
    Confirm(usize),
    /// Lowers another member's rung.
    Relax(usize),
    /// Issues a card to itself, as an officer can; it becomes the next member.
    Issue,
    /// Gives up.
    End,
}

/// What one of the attack's cards does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// Which card, from 0.
    pub member: usize,
    /// What.
    pub act: Act,
}

/// What the attacker was answered to its last act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saw {
    /// Nothing: it starts, or has waited.
    Nothing,
    /// It worked.
    Done,
    /// The file is open.
    Opened,
    /// The file's summary alone is open.
    Summary,
    /// Refused; signing in again would help.
    StepUp,
    /// Refused; a reason in words is asked for.
    AskedReason,
    /// Refused, and not told why.
    Refused,
    /// The look-up found somebody.
    Hit,
    /// The look-up found nobody.
    Miss,
}

/// One attacker.
pub trait Strategy: Send {
    /// What it does now, after what it saw.
    fn next(&mut self, now: Time, saw: Saw) -> Move;
}

/// The strategy of a plan.
pub fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    match plan.family {
        Family::Burst => burst::strategy(plan, seed, start),
        Family::Paced10 | Family::Paced3 | Family::Paced1 | Family::Paced03 => {
            paced::strategy(plan, seed, start)
        }
        Family::OwnList => own_list::strategy(plan, seed, start),
        Family::PracticeCardStrangers | Family::PracticeCardList => {
            practice_card::strategy(plan, seed, start)
        }
        Family::Walk => walk::strategy(plan, seed, start),
        Family::SnooperSilent | Family::SnooperExcuse => snooper::strategy(plan, seed, start),
        Family::Crowd => crowd::strategy(plan, seed, start),
        Family::Colluders => colluders::strategy(plan, seed, start),
        Family::Excuses => excuses::strategy(plan, seed, start),
        Family::Officer => officer::strategy(plan, seed, start),
        Family::CardOffice => card_office::strategy(plan, seed, start),
        Family::Adaptive => adaptive::strategy(plan, seed, start),
    }
}
