//! Evidence: what others sign, on time, late or never.

use crate::day::Scene;
use crate::happening::{HonestWhy, PersonId, Proof, StaffId, UnitId, What};
use crate::region::UnitKind;
use crate::staff::Role;

/// Evidence that never comes.
pub(crate) const NEVER: u64 = u64::MAX;
/// Most days that anything is late.
const LATE_DAYS_MAX: f64 = 60.0;

impl Scene<'_> {
    /// Records evidence; says when it is there.
    pub(crate) fn evidence(&mut self, at: u64, what: What, late: f64, lost: f64) -> u64 {
        let factor = self.region.weather.unexplained;
        let fate = self.dice.share();
        if fate < lost * factor {
            self.sheet.tally.count(HonestWhy::LateReferral);
            return NEVER;
        }
        let late = fate < (lost + late) * factor;
        let lateness = match what {
            _ if !late => 0,
            // The ward misses its patient in the system sooner than a register would.
            What::Admission { .. } => (self.lateness() as f64 * self.region.p.admission_lag) as u64,
            _ => self.lateness(),
        };
        let at = at + self.skew + lateness;
        if late {
            self.sheet.tally.count(HonestWhy::LateReferral);
        }
        self.sheet.push(at, what);
        if self.dice.chance(self.region.p.retry) {
            self.sheet.tally.count(HonestWhy::Retry);
            self.sheet.push(at + 1 + self.dice.below(20) as u64, what);
        }
        at
    }

    /// Seconds by which late evidence is late.
    pub(crate) fn lateness(&mut self) -> u64 {
        let mean = self.region.weather.lag_days * self.region.p.late_share;
        (self.dice.wait(mean).min(LATE_DAYS_MAX) * crate::DAY as f64) as u64 + 600
    }

    /// The person's card or phone is read here, by this chance; says when there is evidence.
    pub(crate) fn presence(&mut self, person: PersonId, at: u64, chance: f64) -> u64 {
        if !self.dice.chance(chance) {
            return NEVER;
        }
        let code = self.dice.chance(self.region.p.presence_code);
        let by = if code { Proof::Code } else { Proof::Card };
        self.evidence(at, What::Presence { person, unit: self.unit, by }, 0.0, 0.0)
    }

    /// This unit refers somebody to another.
    pub(crate) fn refer(&mut self, to: UnitId, person: PersonId, by: StaffId, at: u64) -> u64 {
        let what = What::Referral { from: self.unit, to, person, by };
        let (late, lost) = match self.region.unit(to).kind {
            UnitKind::Laboratory
            | UnitKind::Radiology
            | UnitKind::HospitalPharmacy
            | UnitKind::Coding => (self.region.p.order_late, self.region.p.order_lost),
            _ => (self.region.p.referral_late, self.region.p.referral_lost),
        };
        self.evidence(at, what, late, lost)
    }

    /// The desk admits somebody to a ward or an emergency department.
    pub(crate) fn admit(&mut self, ward: UnitId, person: PersonId, at: u64) -> u64 {
        let desk = self.region.the(UnitKind::Desk, self.region.unit(ward).hospital);
        let Some(by) = self.signer(desk, Role::Receptionist, at) else { return NEVER };
        let what = What::Admission { desk, ward, person, by };
        self.evidence(at, what, self.region.p.admission_late, self.region.p.admission_lost)
    }
}
