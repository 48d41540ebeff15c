//! The decision's limits, as far as the lab has to know them: to switch them off, and to hold
//! against what attackers got that no limit was broken.

use crate::defence::Card;
use decision::Limits;
use std::collections::{HashMap, VecDeque};
use terms::{Duration, Grade, Role, Time};

/// So many that nothing is ever too much.
const PLENTY: u32 = 1_000_000;

/// Any number of emergencies.
pub(crate) fn without_emergencies(limits: Limits) -> Limits {
    Limits { emergencies: [PLENTY; 6], summaries: [PLENTY; 2], ..limits }
}

/// No budget at all.
pub(crate) fn without_budgets(limits: Limits) -> Limits {
    let row = [PLENTY; 6];
    Limits {
        roles: [row; 9],
        former: row,
        found: row,
        matched: row,
        relating: row,
        openers: [PLENTY; 2],
        openers_unrelated: [PLENTY; 2],
        session_openings: [PLENTY; 9],
        ..without_emergencies(limits)
    }
}

/// The hard bounds of a day, whatever the watch does or does not.
#[derive(Clone, Debug)]
pub struct Bounds {
    roles: [u32; 9],
    emergencies: u32,
    opened: HashMap<Card, VecDeque<(Time, u32, bool)>>,
}

impl Bounds {
    /// Those of these limits.
    pub fn of(limits: &Limits) -> Bounds {
        let hard = |soft: u32| soft + soft.div_ceil(4);
        Bounds {
            roles: limits.roles.map(|row| hard(row[4])),
            emergencies: hard(limits.emergencies[4]),
            opened: HashMap::new(),
        }
    }

    /// A card opened a file; says which bound that broke.
    pub(crate) fn broken(
        &mut self,
        now: Time,
        (card, role): (Card, Role),
        person: u32,
        grade: Option<Grade>,
    ) -> Option<String> {
        let opened = self.opened.entry(card).or_default();
        // Windows count whole seconds: a day may end up to one of them early.
        let over = |at: Time| (at + Duration::from_days(1)).seconds() <= now.seconds();
        while opened.front().is_some_and(|(at, ..)| over(*at)) {
            opened.pop_front();
        }
        if opened.iter().all(|(_, other, _)| *other != person) {
            opened.push_back((now, person, grade == Some(Grade::None)));
        }
        let emergencies = opened.iter().filter(|(.., emergency)| *emergency).count();
        if opened.len() > self.roles[role as usize] as usize {
            return Some(format!("a {role}'s card opened {} files in a day", opened.len()));
        }
        let too_many = emergencies > self.emergencies as usize;
        too_many.then(|| format!("a card opened {emergencies} files as emergencies in a day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_too_many_in_a_day_is_noticed() {
        let mut bounds = Bounds::of(&Limits::default());
        let most = Limits::default().emergencies[4] + Limits::default().emergencies[4].div_ceil(4);
        let start = Time::from_millis(1_800_000_000_000);
        let mut broken = |hour: u64, person: u32| {
            let at = start + Duration::from_hours(hour);
            bounds.broken(at, (1, Role::Doctor), person, Some(Grade::None))
        };
        assert!((0..most).all(|person| broken(1, person).is_none()));
        assert!(broken(2, 0).is_none(), "the same file again is none more");
        assert!(broken(3, most).is_some());
        assert!(broken(30, most + 1).is_none(), "a day later");
    }

    #[test]
    fn a_day_is_counted_in_whole_seconds() {
        let mut bounds = Bounds::of(&Limits { emergencies: [1; 6], ..Limits::default() });
        let mut broken = |millis: u64, person: u32| {
            let at = Time::from_millis(1_800_000_000_000 + millis);
            bounds.broken(at, (1, Role::Doctor), person, Some(Grade::None)).is_some()
        };
        assert!(!broken(900, 1) && !broken(901, 2));
        assert!(broken(86_399_999, 3), "in the same second a day later it is over");
        assert!(!broken(86_400_100, 3));
    }
}
