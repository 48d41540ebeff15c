//! What is counted in one run. Only here is it known who is an attacker.

use crate::attack::Plan;
use serde::Serialize;
use std::collections::BTreeMap;

/// What one attack got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Taken {
    /// What it was about.
    pub plan: Plan,
    /// Distinct files opened.
    pub files: u32,
    /// Distinct files of which only the summary was opened.
    pub summaries: u32,
    /// Openings that something recent explained, by chance.
    pub explained: u32,
    /// Distinct files opened without anything recent to explain it.
    pub beyond: u32,
    /// Look-ups that found somebody.
    pub hits: u32,
    /// Cards that opened something without an explanation.
    pub openers: u32,
    /// Attempts to open a file of somebody.
    pub attempts: u32,
    /// Of these, those that were held before the file was readable.
    pub held: u32,
    /// Days until it was stopped; none if it never was.
    pub days: Option<f64>,
    /// What stopped it.
    pub stopped: Option<&'static str>,
    /// A human was told of it, or it was stopped.
    pub found: bool,
}

/// The honest side of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Honest {
    /// Days on which somebody worked, for each of the staff.
    pub staff_days: u64,
    /// Openings, the first of a day of each file by each card.
    pub openings: u64,
    /// Explained strongly.
    pub strong: u64,
    /// Explained weakly.
    pub weak: u64,
    /// By nothing, as an emergency.
    pub none: u64,
    /// Refused for good.
    pub refused: u64,
    /// Of those by nothing or refused, explained within 14 days.
    pub later: u64,
    /// Of those by nothing or refused, asked after 14 days.
    pub asked_later: u64,
    /// Cards, or all cards of a practice, that opened nothing any more.
    pub suspensions: u64,
    /// Cards restricted.
    pub restrictions: u64,
    /// Times somebody had to sign in again.
    pub step_ups: u64,
    /// Times somebody was asked for a reason.
    pub prompts: u64,
    /// Alerts for a human.
    pub alerts: u64,
    /// Of these, about an attack.
    pub right: u64,
    /// Emergencies refused.
    pub emergencies_refused: u64,
    /// What the refusals were for.
    pub whys: BTreeMap<String, u64>,
    /// Relations that honest people could not make.
    pub relations_refused: BTreeMap<String, u64>,
    /// What the suspensions and restrictions were for.
    pub causes: BTreeMap<String, u64>,
    /// What the alerts were about: all, and those about an attack.
    pub findings: BTreeMap<String, (u64, u64)>,
    /// By what people really did: openings, those explained, those refused.
    pub truths: BTreeMap<String, [u64; 3]>,
    /// Random pairs of staff and patient that were asked about.
    pub pairs: u64,
    /// Of these, explained strongly, and at all.
    pub pairs_strong: u64,
    /// Explained at all.
    pub pairs_explained: u64,
}

/// One run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// The world's seed.
    pub seed: u64,
    /// The honest side.
    pub honest: Honest,
    /// The attacks.
    pub attacks: Vec<Taken>,
    /// Hard bounds that were broken, in words: there must be none.
    pub broken: Vec<String>,
}
