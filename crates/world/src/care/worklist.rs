//! Orders to a laboratory, a radiology or a hospital pharmacy, and the coders' lists.

use crate::calendar::{Job, Task};
use crate::day::Scene;
use crate::happening::{Document, HonestWhy, PersonId, StaffId, UnitId, What};
use crate::opening::Known;
use crate::region::UnitKind;

impl Scene<'_> {
    /// Orders something; whoever works off the list there opens the file, and a result comes back.
    pub(crate) fn order(&mut self, to: UnitId, person: PersonId, by: StaffId, at: u64) {
        let p = &self.region.p;
        let evident = self.refer(to, person, by, at);
        let (openers, wait) = match self.region.unit(to).kind {
            UnitKind::Laboratory => (p.laboratory_openers, 2.0),
            UnitKind::Radiology => (p.radiology_openers, 1.5),
            _ => (1.0, 1.0),
        };
        let whole = openers as usize + usize::from(self.dice.chance(openers.fract()));
        let mut at = at;
        for _ in 0..whole {
            at += 120 + (self.dice.wait(wait) * 3600.0) as u64;
            self.work_off(to, person, at, evident, HonestWhy::Worklist);
        }
        if self.region.unit(to).kind != UnitKind::HospitalPharmacy {
            let (unit, kind) = (to, Document::Result);
            self.sheet.push(at + 1800, What::Deposit { unit, staff: None, person, kind });
        }
    }

    /// Somebody there takes the next of the list; who comes too late for today does it tomorrow.
    fn work_off(&mut self, to: UnitId, person: PersonId, at: u64, evident: u64, why: HonestWhy) {
        let second = at.saturating_sub(self.midnight()) as u32;
        let rows = self.duty.of(to);
        let Some(last) = rows.iter().map(|row| row.until).max() else { return };
        let first = rows.iter().map(|row| row.from).min().unwrap_or(0);
        let open = (first..last).contains(&second);
        let row = rows[self.dice.below(rows.len())];
        let at = if open { at } else { self.during(&row) };
        let now = at.saturating_sub(self.midnight()) as u32;
        let there = rows.iter().filter(|row| (row.from..row.until).contains(&now)).count();
        let nth = self.dice.below(there);
        let mut there = rows.iter().filter(|row| (row.from..row.until).contains(&now));
        let staff = there.nth(nth).map_or(row.staff, |row| row.staff);
        self.open(staff, person, at, Known::From(evident), why);
    }

    /// A coder codes a stay or a visit some weeks later.
    pub(crate) fn hand_to_coders(&mut self, person: PersonId, by: StaffId, at: u64) {
        let office = self.region.the(UnitKind::Coding, self.hospital());
        let evident = self.refer(office, person, by, at);
        let days = 2.0 + self.dice.wait(self.region.p.coding_delay_days);
        let at = self.weekday_after(days);
        self.sheet.plan(Task { at, job: Job::Code, unit: office, person, evident });
    }
}

/// A coder's task.
pub(crate) fn code(scene: &mut Scene, task: &Task) {
    let Some(staff) = scene.anybody(scene.unit, None, task.at) else { return };
    scene.open(staff, task.person, task.at, Known::From(task.evident), HonestWhy::Coding);
    scene.deposit(staff, task.person, task.at + 300, Document::Codes);
}
