//! What an attack is about: drawn from ranges, which are documented in `docs/attacks.md`.

use super::Family;
use crate::chance::Chance;
use serde::{Deserialize, Serialize};

/// One attack's parameters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The family.
    pub family: Family,
    /// Openings, or guesses, a day for each card.
    pub per_day: f64,
    /// Shares of the victims: strangers, on the list, current patients.
    pub victims: [f64; 3],
    /// From this hour of the day to that one.
    pub hours: [u8; 2],
    /// Not at weekends.
    pub workdays: bool,
    /// How many cards take part.
    pub members: u32,
    /// After so many days it has what it wanted.
    pub days: f64,
    /// How many days it lies low after it was asked to sign in again or for a reason.
    pub rest: f64,
    /// Share of openings for which it makes up a reason although nobody asked.
    pub excuses: f64,
    /// Share of made-up identifiers that are somebody's.
    pub density: f64,
}

/// Ranges to draw plans from; what a pack leaves out is as the family has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranges {
    /// The family.
    pub family: Family,
    /// Openings, or guesses, a day for each card.
    #[serde(default = "Ranges::unset")]
    pub per_day: [f64; 2],
    /// Shares of the victims, one choice of several.
    #[serde(default)]
    pub victims: Vec<[f64; 3]>,
    /// Hours of the day, one choice of several.
    #[serde(default)]
    pub hours: Vec<[u8; 2]>,
    /// The share of attacks that pause at weekends.
    #[serde(default = "Ranges::nothing")]
    pub workdays: f64,
    /// How many cards take part.
    #[serde(default)]
    pub members: Option<[u32; 2]>,
    /// How many days it goes on.
    #[serde(default = "Ranges::unset")]
    pub days: [f64; 2],
    /// How many days it lies low when asked for something.
    #[serde(default = "Ranges::unset")]
    pub rest: [f64; 2],
    /// Share of openings with a made-up reason.
    #[serde(default = "Ranges::unset")]
    pub excuses: [f64; 2],
    /// Share of made-up identifiers that are somebody's.
    #[serde(default = "Ranges::unset")]
    pub density: [f64; 2],
}

impl Ranges {
    const fn unset() -> [f64; 2] {
        [-1.0, -1.0]
    }

    const fn nothing() -> f64 {
        -1.0
    }

    /// These ranges, with the family's own where nothing is said.
    #[must_use]
    pub fn filled(self) -> Ranges {
        let own = self.family.ranges();
        let or = |given: [f64; 2], own: [f64; 2]| if given[0] < 0.0 { own } else { given };
        Ranges {
            family: self.family,
            per_day: or(self.per_day, own.per_day),
            victims: if self.victims.is_empty() { own.victims } else { self.victims },
            hours: if self.hours.is_empty() { own.hours } else { self.hours },
            workdays: if self.workdays < 0.0 { own.workdays } else { self.workdays },
            members: self.members.or(own.members),
            days: or(self.days, own.days),
            rest: or(self.rest, own.rest),
            excuses: or(self.excuses, own.excuses),
            density: or(self.density, own.density),
        }
    }

    /// One plan of these ranges.
    pub fn draw(&self, chance: &mut Chance) -> Plan {
        let members = self.members.unwrap_or([1, 1]);
        let more = members[1].saturating_sub(members[0]) as usize + 1;
        Plan {
            family: self.family,
            per_day: chance.spread(self.per_day),
            victims: chance.pick(&self.victims).copied().unwrap_or([1.0, 0.0, 0.0]),
            hours: chance.pick(&self.hours).copied().unwrap_or([8, 18]),
            workdays: chance.with(self.workdays),
            members: members[0] + chance.below(more) as u32,
            days: chance.between(self.days),
            rest: chance.between(self.rest),
            excuses: chance.between(self.excuses),
            density: chance.between(self.density),
        }
    }

    /// Why these ranges make no sense, if they do not.
    pub fn fault(&self) -> Option<String> {
        let ordered = |range: [f64; 2]| range[0].is_finite() && range[0] <= range[1];
        let share = |range: [f64; 2]| ordered(range) && range[0] >= 0.0 && range[1] <= 1.0;
        let say = |wrong: &str| Some(format!("{}: {wrong}", self.family.word()));
        if !ordered(self.per_day) || self.per_day[0] <= 0.0 || self.per_day[1] > 200_000.0 {
            return say("per_day: two numbers above 0 and up to 200,000, the smaller first");
        }
        let sums = |shares: &[f64; 3]| {
            shares.iter().all(|s| *s >= 0.0) && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-6
        };
        if !self.victims.iter().all(sums) {
            return say("victims: shares of strangers, list and current patients that add up to 1");
        }
        if !self.hours.iter().all(|[from, to]| from < to && *to <= 24) {
            return say("hours: pairs such as [8, 18], up to 24");
        }
        if self.members.is_some_and(|[few, many]| few == 0 || few > many || many > 200) {
            return say("members: two numbers from 1 to 200, the smaller first");
        }
        if !ordered(self.days) || self.days[0] <= 0.0 || !ordered(self.rest) || self.rest[0] < 0.0 {
            return say("days and rest: two numbers each, the smaller first");
        }
        if !share(self.excuses) || !share(self.density) || !(0.0..=1.0).contains(&self.workdays) {
            return say("excuses, density and workdays: shares from 0 to 1");
        }
        None
    }
}
