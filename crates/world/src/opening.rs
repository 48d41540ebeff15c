//! An opening, with what goes with it: look-ups, repeats, retries, a colleague's confirmation.

use crate::day::Scene;
use crate::duty::employed;
use crate::happening::{
    Document, FindBy, Happening, HonestWhy, PersonId, Place, Reason, StaffId, UnitId, What,
};
use crate::region::UnitKind;
use crate::staff::{Role, Rota};

/// What an opening can be explained by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known {
    /// By a list or by evidence.
    Yes,
    /// By evidence from this second on.
    From(u64),
    /// By nothing yet.
    No(Reason),
}

/// How long before the opening a look-up is.
const FIND_SECONDS: u64 = 8;

impl Scene<'_> {
    /// Somebody opens a file.
    pub(crate) fn open(
        &mut self,
        staff: StaffId,
        person: PersonId,
        at: u64,
        known: Known,
        why: HonestWhy,
    ) {
        let reason = match known {
            Known::Yes => None,
            Known::From(since) => (at <= since).then_some(Reason::Acute),
            Known::No(reason) => Some(reason),
        };
        self.find(staff, person, at);
        let what = What::Open { staff, person, reason, why };
        self.sheet.push(at, what);
        if self.dice.chance(self.region.p.retry) {
            self.sheet.tally.count(HonestWhy::Retry);
            self.sheet.push(at + self.dice.below(3) as u64, what);
        }
        if self.dice.chance(self.region.p.repeat) {
            let again = at + 300 + self.dice.wait(3600.0).min(2.0 * 3600.0) as u64;
            self.sheet.push(again, what);
        }
        if reason.is_some() {
            self.confirmed(staff, person, at);
        }
        self.count(staff, person, why);
    }

    fn find(&mut self, staff: StaffId, person: PersonId, at: u64) {
        let (p, fate) = (&self.region.p, self.dice.share());
        let by = match fate {
            _ if fate < p.find_name => FindBy::Name,
            _ if fate < p.find_name + p.find_number => FindBy::Number,
            _ => return,
        };
        if self.dice.chance(p.find_miss) {
            let miss = What::Find { staff, person: None, by };
            self.sheet.push(at.saturating_sub(2 * FIND_SECONDS), miss);
        }
        let hit = What::Find { staff, person: Some(person), by };
        self.sheet.push(at.saturating_sub(FIND_SECONDS), hit);
    }

    /// A colleague confirms what had no explanation: mostly, and some days later.
    fn confirmed(&mut self, about: StaffId, person: PersonId, at: u64) {
        if !self.dice.chance(self.region.p.confirm) {
            return;
        }
        let days = self.dice.wait(self.region.p.confirm_days).min(30.0);
        let later = at + (days * crate::DAY as f64) as u64;
        let at = later - later % crate::DAY + 9 * 3600 + self.dice.below(7 * 3600) as u64;
        let at = at.max(later);
        if let Some(by) = self.colleague(about, (at / crate::DAY) as u32) {
            self.sheet.push(at, What::Confirm { by, about, person });
        }
    }

    /// Somebody else of the same unit who treats patients, or else anybody there.
    fn colleague(&mut self, of: StaffId, day: u32) -> Option<StaffId> {
        let unit = self.region.staff[of.0 as usize].unit;
        let range = self.region.unit(unit).staff.clone();
        let mut last = None;
        for _ in 0..40 {
            let other = StaffId(range.start + self.dice.below(range.len()) as u32);
            let staff = &self.region.staff[other.0 as usize];
            if other != of && employed(staff, day) {
                last = Some(other);
                if matches!(staff.role, Role::Doctor | Role::Nurse | Role::Pharmacist) {
                    break;
                }
            }
        }
        last
    }

    fn count(&mut self, staff: StaffId, person: PersonId, why: HonestWhy) {
        let (who, tally) = (&self.region.staff[staff.0 as usize], &mut self.sheet.tally);
        tally.count(why);
        if self.region.employer[person.0 as usize] == who.unit.0 {
            tally.count(HonestWhy::StaffPatient);
        }
        if who.rota == Rota::PartTime {
            tally.count(HonestWhy::PartTime);
        }
        if who.joins > 0 && who.joins == self.day {
            tally.count(HonestWhy::FirstDay);
        }
        if let Some(why) = who.kind.why() {
            tally.count(why);
        }
        let shared = matches!(self.kind(), UnitKind::Ward | UnitKind::Emergency);
        if shared && self.dice.chance(self.region.p.shared) {
            self.switch_user(staff);
        }
    }

    /// The workstation in the corridor: one after another signs in there within a minute.
    fn switch_user(&mut self, staff: StaffId) {
        let Some(Happening { at, .. }) = self.sheet.out.last().copied() else { return };
        let place = Place::Workstation { unit: self.unit, number: 999 };
        self.sheet.tally.count(HonestWhy::SharedWorkstation);
        self.sheet.push(at.saturating_sub(30), What::SignIn { staff, place });
        if let Some(other) = self.anybody(self.unit, None, at).filter(|other| *other != staff) {
            let before = at.saturating_sub(50 + self.dice.below(30) as u64);
            self.sheet.push(before, What::SignIn { staff: other, place });
        }
    }

    /// Something is put into a file after a contact.
    pub(crate) fn deposit(&mut self, staff: StaffId, person: PersonId, at: u64, kind: Document) {
        if self.dice.chance(self.region.p.deposit) {
            let unit: UnitId = self.region.staff[staff.0 as usize].unit;
            self.sheet.push(at, What::Deposit { unit, staff: Some(staff), person, kind });
        }
    }
}
