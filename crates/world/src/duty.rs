//! Who is on duty today, and until when.

use crate::dice::{mix, share};
use crate::happening::{StaffId, UnitId};
use crate::region::{Region, UnitKind};
use crate::staff::{Role, Rota, Staff};
use std::ops::Range;

pub(crate) const HOUR: u32 = 3600;
const DAY: u32 = 86_400;

/// Somebody on duty, from and until seconds of today; a night ends tomorrow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnDuty {
    pub(crate) staff: StaffId,
    pub(crate) role: Role,
    pub(crate) from: u32,
    pub(crate) until: u32,
    /// Began yesterday.
    pub(crate) carried: bool,
    /// Works in the clinic, not on the beds.
    pub(crate) clinic: bool,
}

/// Everybody on duty, unit by unit.
pub(crate) struct Duty {
    rows: Vec<OnDuty>,
    units: Vec<Range<u32>>,
    yesterday: Vec<(UnitId, OnDuty)>,
    /// Where the rota of each unit and role goes on.
    next: Vec<[u32; 6]>,
}

impl Duty {
    pub(crate) fn new(units: usize) -> Duty {
        let none = vec![0..0; units];
        Duty { rows: Vec::new(), units: none, yesterday: Vec::new(), next: vec![[0; 6]; units] }
    }

    /// Who is on duty in a unit.
    pub(crate) fn of(&self, unit: UnitId) -> &[OnDuty] {
        let range = &self.units[usize::from(unit.0)];
        &self.rows[range.start as usize..range.end as usize]
    }

    pub(crate) fn begin(&mut self, region: &Region, day: u32) {
        self.yesterday.clear();
        for (unit, range) in self.units.iter().enumerate() {
            let rows = &self.rows[range.start as usize..range.end as usize];
            for row in rows.iter().filter(|row| row.until > DAY && !row.carried) {
                let until = row.until - DAY;
                let row = OnDuty { from: 0, until, carried: true, ..*row };
                self.yesterday.push((UnitId(unit as u16), row));
            }
        }
        self.rows.clear();
        let mut carried = 0;
        for number in 0..region.units.len() {
            let first = self.rows.len() as u32;
            while let Some((unit, row)) = self.yesterday.get(carried) {
                if usize::from(unit.0) != number {
                    break;
                }
                self.rows.push(*row);
                carried += 1;
            }
            self.fill(region, UnitId(number as u16), day);
            self.units[number] = first..self.rows.len() as u32;
        }
    }

    fn fill(&mut self, region: &Region, unit: UnitId, day: u32) {
        let (p, weekday) = (&region.p, day % 7 < 5);
        let here = region.unit(unit);
        let some = |role, part: f64| {
            let all = here.staff.clone().map(|n| &region.staff[n as usize]);
            let all = all.filter(|s| s.role == role && employed(s, day)).count();
            (all as f64 * part).round().max(1.0) as usize
        };
        let weekly = |on_weekdays: f64, at_weekends: f64| {
            if weekday { on_weekdays as usize } else { at_weekends as usize }
        };
        match here.kind {
            UnitKind::Ward => {
                let beds = [p.ward_nurses_day, p.ward_nurses_evening, p.ward_nurses_night];
                self.shifts(region, unit, Role::Nurse, day, beds.map(|n| n as usize));
                let clinic = weekly(p.clinic_nurses, 0.0);
                self.turn(region, unit, Role::Nurse, day, clinic, 8 * HOUR..16 * HOUR, true);
                let doctors = weekly(p.ward_doctors_day, 0.0);
                let night = p.ward_doctors_night as usize;
                self.turn(region, unit, Role::Doctor, day, doctors, 8 * HOUR..16 * HOUR, false);
                let call = if weekday { 16 * HOUR } else { 8 * HOUR }..32 * HOUR;
                self.turn(region, unit, Role::Doctor, day, night, call, false);
                self.office(region, unit, Role::Receptionist, day);
            }
            UnitKind::Emergency => {
                for role in [Role::Doctor, Role::Nurse, Role::Receptionist] {
                    let day_evening_night = [some(role, 0.17), some(role, 0.16), some(role, 0.09)];
                    self.shifts(region, unit, role, day, day_evening_night);
                }
            }
            UnitKind::Desk => {
                let counts = [some(Role::Receptionist, 0.25), some(Role::Receptionist, 0.12), 1];
                self.shifts(region, unit, Role::Receptionist, day, counts);
            }
            UnitKind::Laboratory | UnitKind::Radiology => {
                let role = Role::Laboratory;
                let day_share = if weekday { 0.55 } else { 0.25 };
                let counts = [some(role, day_share), some(role, 0.1), some(role, 0.06)];
                self.shifts(region, unit, role, day, counts);
            }
            UnitKind::Pharmacy => self.counter(region, unit, day),
            UnitKind::HospitalPharmacy => self.office(region, unit, Role::Pharmacist, day),
            UnitKind::Research => self.office(region, unit, Role::Doctor, day),
            UnitKind::Coding => self.office(region, unit, Role::Nurse, day),
            UnitKind::Support => self.office(region, unit, Role::System, day),
            UnitKind::Practice => {
                for role in [Role::Doctor, Role::Nurse, Role::Receptionist] {
                    self.office(region, unit, role, day);
                }
            }
        }
    }

    fn shifts(&mut self, region: &Region, unit: UnitId, role: Role, day: u32, counts: [usize; 3]) {
        for (count, from) in counts.into_iter().zip([7, 15, 23]) {
            let hours = from * HOUR..(from + 8) * HOUR;
            self.turn(region, unit, role, day, count, hours, false);
        }
    }

    fn counter(&mut self, region: &Region, unit: UnitId, day: u32) {
        let role = Role::Pharmacist;
        let hours = |from: u32, to: u32| from * HOUR / 2..to * HOUR / 2;
        match day % 7 {
            6 => {}
            5 => self.turn(region, unit, role, day, 3, hours(18, 28), false),
            _ => {
                self.turn(region, unit, role, day, 3, hours(16, 31), false);
                self.turn(region, unit, role, day, 3, hours(21, 36), false);
            }
        }
    }

    /// The next ones of the rota.
    #[expect(clippy::too_many_arguments, reason = "a row of the rota has this many sides")]
    fn turn(
        &mut self,
        region: &Region,
        unit: UnitId,
        role: Role,
        day: u32,
        count: usize,
        hours: Range<u32>,
        clinic: bool,
    ) {
        let range = region.unit(unit).staff.clone();
        let length = range.end - range.start;
        let mut next = self.next[usize::from(unit.0)][role as usize];
        let (mut left, mut looked) = (count, 0);
        while left > 0 && looked < 2 * length {
            let number = range.start + next % length;
            next = (next + 1) % length;
            looked += 1;
            let staff = &region.staff[number as usize];
            let skips = share(mix(region.seed, [u64::from(number), u64::from(day), 11]));
            if staff.role == role && working(region, number, day) && skips < f64::from(staff.share)
            {
                let staff = StaffId(number);
                let (from, until) = (hours.start, hours.end);
                self.rows.push(OnDuty { staff, role, from, until, carried: false, clinic });
                left -= 1;
            }
        }
        self.next[usize::from(unit.0)][role as usize] = next;
    }

    /// Those who work on weekdays.
    fn office(&mut self, region: &Region, unit: UnitId, role: Role, day: u32) {
        if day % 7 >= 5 {
            return;
        }
        let before = self.rows.len();
        for number in region.unit(unit).staff.clone() {
            let staff = &region.staff[number as usize];
            let weekday = mix(region.seed, [u64::from(number), u64::from(day % 7), 12]);
            let free = staff.rota == Rota::PartTime && share(weekday) >= f64::from(staff.share);
            if staff.role == role && !free && working(region, number, day) {
                self.rows.push(in_the_office(number, role));
            }
        }
        // Colleagues do not go on leave together: half of them are there, and always somebody.
        let employees = || {
            region.unit(unit).staff.clone().filter(|n| {
                let staff = &region.staff[*n as usize];
                staff.role == role && employed(staff, day)
            })
        };
        let least = employees().count().div_ceil(2);
        for number in employees() {
            let here = &self.rows[before..];
            if here.len() < least && here.iter().all(|row| row.staff.0 != number) {
                self.rows.push(in_the_office(number, role));
            }
        }
    }
}

fn in_the_office(number: u32, role: Role) -> OnDuty {
    let (from, until) = (8 * HOUR, 16 * HOUR);
    OnDuty { staff: StaffId(number), role, from, until, carried: false, clinic: false }
}

/// Whether somebody has a card that day.
pub(crate) fn employed(staff: &Staff, day: u32) -> bool {
    (staff.joins..staff.leaves).contains(&day)
}

/// Employed, and neither on leave nor ill that week.
pub(crate) fn working(region: &Region, number: u32, day: u32) -> bool {
    let week = mix(region.seed, [u64::from(number), u64::from(day / 7), 13]);
    employed(&region.staff[number as usize], day) && share(week) >= region.p.absent
}
