//! One unit's day: what it knows, whom it can ask, and the small acts every day is made of.

use crate::calendar::Sheet;
use crate::dice::{Dice, mix, share};
use crate::duty::{Duty, OnDuty, employed};
use crate::happening::{HonestWhy, PersonId, Place, StaffId, UnitId, What};
use crate::region::{Region, UnitKind};
use crate::staff::Role;
use crate::state::State;

/// One unit on one day.
pub(crate) struct Scene<'a> {
    pub(crate) region: &'a Region,
    pub(crate) duty: &'a Duty,
    pub(crate) state: &'a mut State,
    pub(crate) sheet: &'a mut Sheet,
    pub(crate) dice: Dice,
    pub(crate) unit: UnitId,
    pub(crate) day: u32,
    /// Seconds by which this unit's messages are late today, because a clock is wrong.
    pub(crate) skew: u64,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(
        region: &'a Region,
        duty: &'a Duty,
        state: &'a mut State,
        sheet: &'a mut Sheet,
        unit: UnitId,
        day: u32,
    ) -> Scene<'a> {
        let about = [u64::from(unit.0), u64::from(day), 20];
        let mut dice = Dice::of(region.seed, about);
        let wrong = dice.chance(1.0 / region.p.skew_days);
        let skew = if wrong { dice.below(region.p.skew_seconds as usize + 1) as u64 } else { 0 };
        if wrong {
            sheet.tally.count(HonestWhy::ClockSkew);
        }
        Scene { region, duty, state, sheet, dice, unit, day, skew }
    }

    pub(crate) fn midnight(&self) -> u64 {
        self.sheet.midnight
    }

    pub(crate) fn weekday(&self) -> bool {
        self.day % 7 < 5
    }

    pub(crate) fn kind(&self) -> UnitKind {
        self.region.unit(self.unit).kind
    }

    pub(crate) fn hospital(&self) -> Option<u8> {
        self.region.unit(self.unit).hospital
    }

    pub(crate) fn on_duty(&self) -> &'a [OnDuty] {
        self.duty.of(self.unit)
    }

    /// Somebody on duty in a unit at this time; else somebody who is there at all today.
    pub(crate) fn anybody(&mut self, unit: UnitId, role: Option<Role>, at: u64) -> Option<StaffId> {
        let second = at.saturating_sub(self.midnight()) as u32;
        let fits = |row: &&OnDuty| role.is_none_or(|role| row.role == role);
        let rows = self.duty.of(unit);
        let there = |row: &&OnDuty| (row.from..row.until).contains(&second);
        let now = rows.iter().filter(fits).filter(there).count();
        if now > 0 {
            let nth = self.dice.below(now);
            return rows.iter().filter(fits).filter(there).nth(nth).map(|row| row.staff);
        }
        let all = rows.iter().filter(fits).count();
        rows.iter().filter(fits).nth(self.dice.below(all)).map(|row| row.staff)
    }

    /// Somebody who may sign at this time: on duty, if it is today; else with a card by then.
    pub(crate) fn signer(&mut self, unit: UnitId, role: Role, at: u64) -> Option<StaffId> {
        let day = (at / crate::DAY) as u32;
        if day == self.day {
            return self.anybody(unit, Some(role), at);
        }
        let range = self.region.unit(unit).staff.clone();
        let fits = |number: &u32| {
            let staff = &self.region.staff[*number as usize];
            staff.role == role && employed(staff, day)
        };
        let count = range.clone().filter(fits).count();
        let nth = self.dice.below(count);
        range.filter(fits).nth(nth).map(StaffId)
    }

    /// The same time, or else the next within office hours.
    pub(crate) fn office_hours(&mut self, at: u64) -> u64 {
        let (mut day, second) = (at / crate::DAY, at % crate::DAY);
        let open = (9 * 3600..17 * 3600).contains(&second);
        if open && day % 7 < 5 {
            return at;
        }
        if second >= 17 * 3600 {
            day += 1;
        }
        if day % 7 >= 5 {
            day += 7 - day % 7;
        }
        day * crate::DAY + 9 * 3600 + self.dice.below(8 * 3600) as u64
    }

    /// Somebody on duty here.
    pub(crate) fn somebody(&mut self, role: Role, at: u64) -> Option<StaffId> {
        self.anybody(self.unit, Some(role), at)
    }

    /// A time between two hours of today.
    pub(crate) fn between(&mut self, from: f64, until: f64) -> u64 {
        self.midnight() + ((from + (until - from) * self.dice.share()) * 3600.0) as u64
    }

    /// A time within a duty.
    pub(crate) fn during(&mut self, row: &OnDuty) -> u64 {
        let length = row.until.saturating_sub(row.from) as usize;
        self.midnight() + u64::from(row.from) + self.dice.below(length) as u64
    }

    /// A time within office hours on the first weekday that many days from now.
    pub(crate) fn weekday_after(&mut self, days: f64) -> u64 {
        let mut day = self.day + days.max(1.0) as u32;
        if day % 7 >= 5 {
            day += 7 - day % 7;
        }
        u64::from(day) * crate::DAY + 8 * 3600 + self.dice.below(8 * 3600) as u64
    }

    /// Any living person.
    pub(crate) fn stranger(&mut self) -> PersonId {
        let mut person = PersonId(0);
        for _ in 0..20 {
            person = PersonId(self.dice.below(self.region.people.all.len()) as u32);
            if !self.state.dead[person.0 as usize] {
                break;
            }
        }
        person
    }

    /// Any living person of this unit's town.
    pub(crate) fn townsperson(&mut self) -> PersonId {
        let town = self.region.people.town(usize::from(self.region.unit(self.unit).town));
        let person = PersonId(town.start + self.dice.below(town.len()) as u32);
        if self.state.dead[person.0 as usize] { self.stranger() } else { person }
    }

    /// A chance out of the table that the climate makes larger or smaller.
    pub(crate) fn troubled(&mut self, p: f64) -> bool {
        self.dice.chance(p * self.region.weather.unexplained)
    }

    /// Everybody signs in when the duty begins.
    pub(crate) fn sign_ins(&mut self) {
        for (number, row) in self.on_duty().iter().enumerate().filter(|(_, row)| !row.carried) {
            let begins = self.midnight() + u64::from(row.from);
            let at = begins.saturating_sub(1 + self.dice.below(600) as u64);
            let place = Place::Workstation { unit: self.unit, number: number as u16 };
            self.sheet.push(at, What::SignIn { staff: row.staff, place });
            if row.until - row.from > 12 * 3600 {
                self.sheet.push(at + 12 * 3600 - 900, What::SignIn { staff: row.staff, place });
            }
        }
    }

    /// Today's factor for the unexplained openings of one of the staff.
    pub(crate) fn shock(&mut self) -> f64 {
        let spread = (self.region.weather.over_dispersion - 1.0) / 1.5;
        self.dice.gamma((1.0 + spread).sqrt() - 1.0)
    }

    /// Whether somebody stands in for others these days, and how much that adds.
    pub(crate) fn spell(&self, staff: StaffId) -> Option<f64> {
        let p = &self.region.p;
        let who = u64::from(staff.0);
        (0..p.spell_length as u32).find_map(|ago| {
            let day = u64::from(self.day.checked_sub(ago)?);
            let begins = share(mix(self.region.seed, [who, day, 14])) < 1.0 / p.spell_days;
            let much = share(mix(self.region.seed, [who, day, 15]));
            begins.then_some(p.spell_least + (p.spell_most - p.spell_least) * much)
        })
    }

    /// Times the usual contacts today: waves of influenza, and days that are busier than others.
    pub(crate) fn season(&mut self) -> f64 {
        let p = &self.region.p;
        let year = f64::from(self.day % 365);
        let apart = (year - p.influenza_day).abs();
        let apart = apart.min(365.0 - apart) / (p.influenza_days / 2.0);
        let wave =
            if apart < 1.0 { (p.influenza_factor - 1.0) * (1.0 - apart * apart) } else { 0.0 };
        if wave > 0.0 {
            self.sheet.tally.count(HonestWhy::Influenza);
        }
        let monday = if self.day.is_multiple_of(7) { 1.15 } else { 0.9625 };
        (1.0 + wave) * monday * self.dice.gamma(0.01)
    }
}
