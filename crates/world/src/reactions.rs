//! How honest people answer what the machine asks of them. An answer depends on who is asked and
//! when, and on the seed; asking again gives the same.

use crate::dice::Dice;
use crate::duty::employed;
use crate::happening::{PersonId, StaffId};
use crate::staff::Role;
use crate::world::World;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// A reason in words.
    Reason,
    /// To sign in again.
    StepUp,
    /// A colleague on duty, to lower a rung.
    Relax,
    /// Two officers, to lift a freeze.
    Unfreeze,
    /// To try a refused file again later.
    Retry,
    /// A patient who is told of an opening that was wrong: to report it.
    Report,
    /// A patient who is told of an opening that was right: to report it all the same.
    FalseReport,
}

/// What is answered, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Seconds until then.
    pub after: u64,
    /// The colleague who does it, where one is asked.
    pub by: Option<StaffId>,
}

impl World {
    /// How one of the staff answers, asked at this second; nothing if not at all.
    pub fn reaction(&self, ask: Ask, staff: StaffId, at: u64) -> Option<Answer> {
        let mut dice = Dice::of(self.region.seed, [u64::from(staff.0) << 8 | ask as u64, at, 30]);
        let (chance, mean) = self.table(ask);
        if !dice.chance(chance) {
            return None;
        }
        let after = 1 + dice.wait(mean) as u64;
        let by = match ask {
            Ask::Relax => Some(self.present_colleague(staff, at, &mut dice)?),
            _ => None,
        };
        Some(Answer { after, by })
    }

    /// How a patient answers a notice about an opening.
    pub fn notice(&self, person: PersonId, by: StaffId, at: u64, wrong: bool) -> Option<Answer> {
        let about = u64::from(person.0) << 32 | u64::from(by.0);
        let mut dice = Dice::of(self.region.seed, [about, at, 31]);
        let (chance, mean) = self.table(if wrong { Ask::Report } else { Ask::FalseReport });
        dice.chance(chance).then(|| Answer { after: 1 + dice.wait(mean) as u64, by: None })
    }

    fn table(&self, ask: Ask) -> (f64, f64) {
        let p = &self.region.p;
        match ask {
            Ask::Reason => (p.react_reason, p.react_reason_seconds),
            Ask::StepUp => (p.react_step_up, p.react_step_up_seconds),
            Ask::Relax => (p.react_relax, p.react_relax_seconds),
            Ask::Unfreeze => (p.react_unfreeze, p.react_unfreeze_seconds),
            Ask::Retry => (p.react_retry, p.react_retry_seconds),
            Ask::Report => (p.react_report, p.react_report_seconds),
            Ask::FalseReport => (p.react_false_report, p.react_report_seconds),
        }
    }

    /// A colleague of the same unit who treats patients: one on duty, if the day is today.
    fn present_colleague(&self, of: StaffId, at: u64, dice: &mut Dice) -> Option<StaffId> {
        let unit = self.region.staff[of.0 as usize].unit;
        let treats = |role| matches!(role, Role::Doctor | Role::Nurse | Role::Pharmacist);
        let second = (at % crate::DAY) as u32;
        let rows = self.duty.of(unit).iter().filter(|row| {
            row.staff != of && treats(row.role) && (row.from..row.until).contains(&second)
        });
        let there = rows.clone().count();
        if there > 0 {
            return rows.clone().nth(dice.below(there)).map(|row| row.staff);
        }
        let day = (at / crate::DAY) as u32;
        let all = self.region.unit(unit).staff.clone().map(StaffId).filter(|other| {
            let staff = &self.region.staff[other.0 as usize];
            *other != of && treats(staff.role) && employed(staff, day)
        });
        all.clone().nth(dice.below(all.clone().count()))
    }
}
