//! Who works where, in which role, and how much.

use crate::dice::Dice;
use crate::happening::{HonestWhy, PersonId, UnitId};
use crate::plan::Plan;
use crate::region::{NOBODY, Region, UnitKind};

/// What somebody of the staff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A doctor; in the research unit, a researcher.
    Doctor,
    /// A nurse; in a coding office, a coder.
    Nurse,
    /// A receptionist or secretary.
    Receptionist,
    /// A pharmacist.
    Pharmacist,
    /// Staff of a laboratory or radiology, who see the files of their worklist.
    Laboratory,
    /// Technical support.
    System,
}

/// When somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rota {
    /// Weekdays.
    Weekdays,
    /// Some weekdays.
    PartTime,
    /// Day, evening and night in turn.
    Shifts,
    /// Day and evening in turn, and on some Saturdays.
    Counter,
}

/// One of the staff: one person with one card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Staff {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub unit: UnitId,
    /// As what.
    pub role: Role,
    /// When.
    pub rota: Rota,
    /// First day with this card.
    pub joins: u32,
    /// Day on which the card ends; beyond the world's end for most.
    pub leaves: u32,
    /// Share of the full time.
    pub(crate) share: f32,
    /// Own rate of unexplained openings, 1 on average.
    pub(crate) rate: f32,
    /// Why this card began or ends, where it is out of the ordinary.
    pub(crate) kind: Engagement,
}

/// How a card came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engagement {
    Ordinary,
    /// Works on the new ward with the old card during the last days.
    Leaving,
    Locum,
}

impl Engagement {
    pub(crate) fn why(self) -> Option<HonestWhy> {
        match self {
            Engagement::Locum => Some(HonestWhy::Locum),
            Engagement::Ordinary | Engagement::Leaving => None,
        }
    }
}

/// Days for which somebody works on the new ward before the new card is there, at most.
pub(crate) const OLD_CARD_DAYS: u32 = 3;
/// Days that a locum stays.
const LOCUM_DAYS: u32 = 14;

/// Engages everybody who will work here until the end.
pub(crate) fn engage(region: &mut Region, plan: &Plan, dice: &mut Dice) {
    let mut lists = vec![0u32; region.units.len()];
    region.people.all.iter().for_each(|person| lists[usize::from(person.practice.0)] += 1);
    let wards: Vec<UnitId> = region.of_kind(UnitKind::Ward, None).collect();
    // Who comes from another ward: decided first, so that each unit's numbers stay together.
    let changes = changes(region, &wards, dice);
    for (number, list) in lists.into_iter().enumerate() {
        let unit = UnitId(number as u16);
        let first = region.staff.len() as u32;
        let posts = posts(region, plan, unit, list);
        for (role, work, least) in &posts {
            for _ in 0..work.max(*least).round() as u32 {
                post(region, unit, *role, dice);
            }
        }
        let work: f64 = posts.iter().map(|(_, work, _)| work).sum();
        let there: f64 = posts.iter().map(|(_, work, least)| work.max(*least)).sum();
        region.units[number].busy = (work / there) as f32;
        incoming(region, unit, &changes, dice);
        if region.units[number].kind == UnitKind::Practice {
            locums(region, unit, dice);
        }
        region.units[number].staff = first..region.staff.len() as u32;
    }
    outgoing(region, &changes);
}

/// Roles of a unit: the posts its work is for, and the least there are.
fn posts(region: &Region, plan: &Plan, unit: UnitId, list: u32) -> Vec<(Role, f64, f64)> {
    let p = &region.p;
    let hospital = f64::from(plan.counts.wards) / 30.0;
    let people = f64::from(plan.counts.people);
    let part = people / 250_000.0;
    // Arrivals of one department, against the 60 a day that the posts are for.
    let arrivals = p.arrivals_a_year * people / 365.0 / f64::from(plan.counts.hospitals) / 60.0;
    match region.unit(unit).kind {
        UnitKind::Practice => {
            // The counts are of full-time people who are there.
            let there = (1.0 - p.absent) * (1.0 - p.part_time * (1.0 - p.part_time_share));
            let doctors = f64::from(list) / p.people_per_doctor / there.max(0.1);
            vec![
                (Role::Doctor, doctors, 1.0),
                (Role::Nurse, doctors * p.practice_nurses, 1.0),
                (Role::Receptionist, doctors * p.practice_receptionists, 1.0),
            ]
        }
        UnitKind::Ward => vec![
            (Role::Doctor, p.ward_doctors, 2.0),
            (Role::Nurse, p.ward_nurses, 2.0),
            (Role::Receptionist, p.ward_secretaries, 2.0),
        ],
        UnitKind::Emergency => vec![
            (Role::Doctor, p.emergency_doctors * arrivals, 5.0),
            (Role::Nurse, p.emergency_nurses * arrivals, 6.0),
            (Role::Receptionist, p.emergency_secretaries * arrivals, 3.0),
        ],
        UnitKind::Desk => vec![(Role::Receptionist, p.desk_staff * hospital, 4.0)],
        UnitKind::Pharmacy => vec![(Role::Pharmacist, p.pharmacy_staff, 2.0)],
        UnitKind::HospitalPharmacy => {
            vec![(Role::Pharmacist, p.hospital_pharmacists * hospital, 2.0)]
        }
        UnitKind::Laboratory => vec![(Role::Laboratory, p.laboratory_staff * part, 2.0)],
        UnitKind::Radiology => vec![(Role::Laboratory, p.radiology_staff * hospital, 2.0)],
        UnitKind::Research => vec![(Role::Doctor, p.research_staff * part, 2.0)],
        UnitKind::Coding => vec![(Role::Nurse, p.coders * hospital, 2.0)],
        UnitKind::Support => vec![(Role::System, p.support_staff * part, 2.0)],
    }
}

/// One post, with whoever holds it one after another.
fn post(region: &mut Region, unit: UnitId, role: Role, dice: &mut Dice) {
    let late = !region.is_there(unit, 0);
    let mut from = if late { region.p.last_hospital_joins as u32 } else { 0 };
    loop {
        let stays = dice.wait(365.0 / region.p.turnover_a_year.max(1e-9)) as u32;
        let until = from.saturating_add(stays.max(20));
        let person = applicant(region, unit, dice);
        hire(region, unit, role, person, from..until, Engagement::Ordinary, dice);
        if until >= region.days {
            break;
        }
        // The post is empty for some weeks.
        from = until + dice.between(7, 45) as u32;
    }
}

fn hire(
    region: &mut Region,
    unit: UnitId,
    role: Role,
    person: PersonId,
    days: std::ops::Range<u32>,
    kind: Engagement,
    dice: &mut Dice,
) {
    let part = dice.chance(region.p.part_time);
    let rota = match (region.unit(unit).kind, role) {
        (UnitKind::Ward | UnitKind::Emergency, Role::Nurse | Role::Doctor)
        | (UnitKind::Desk, _)
        | (UnitKind::Emergency, Role::Receptionist) => Rota::Shifts,
        (UnitKind::Pharmacy, _) => Rota::Counter,
        _ if part => Rota::PartTime,
        _ => Rota::Weekdays,
    };
    let spread = (region.weather.over_dispersion - 1.0) / 1.5;
    let rate = dice.log_normal((1.0 + spread).sqrt() - 1.0) as f32;
    let share = if part { region.p.part_time_share as f32 } else { 1.0 };
    region.employer[person.0 as usize] = unit.0;
    let (joins, leaves) = (days.start, days.end);
    region.staff.push(Staff { person, unit, role, rota, joins, leaves, share, rate, kind });
}

/// Somebody of working age who works nowhere else; often from the same town.
fn applicant(region: &Region, unit: UnitId, dice: &mut Dice) -> PersonId {
    let people = &region.people;
    let here = region.unit(unit);
    let near = here.hospital.is_none() && dice.chance(region.p.staff_near);
    let from = if near { people.town(usize::from(here.town)) } else { 0..people.all.len() as u32 };
    let mut last = PersonId(from.start);
    for _ in 0..200 {
        last = PersonId(from.start + dice.below(from.len()) as u32);
        let free = region.employer[last.0 as usize] == NOBODY;
        if free && (22..=64).contains(&people.all[last.0 as usize].age) {
            break;
        }
    }
    last
}

/// Who changes from one ward to another: from, to, and the day of the change.
fn changes(region: &Region, wards: &[UnitId], dice: &mut Dice) -> Vec<(UnitId, UnitId, u32, Role)> {
    let p = &region.p;
    let each = (p.ward_nurses + p.ward_doctors) * p.ward_changes_a_year / 365.0;
    let count = dice.poisson(each * f64::from(region.days) * wards.len() as f64);
    let mut changes = Vec::new();
    for _ in 0..count {
        let (from, to) = (wards[dice.below(wards.len())], wards[dice.below(wards.len())]);
        let same = region.unit(from).hospital == region.unit(to).hospital;
        let day = dice.between(10, u64::from(region.days.max(11))) as u32;
        let doctor = dice.chance(p.ward_doctors / (p.ward_doctors + p.ward_nurses));
        if from != to && same && region.is_there(from, day) {
            changes.push((from, to, day, if doctor { Role::Doctor } else { Role::Nurse }));
        }
    }
    changes
}

/// New cards for those who come from other wards. Their persons follow in [`outgoing`].
fn incoming(
    region: &mut Region,
    unit: UnitId,
    changes: &[(UnitId, UnitId, u32, Role)],
    dice: &mut Dice,
) {
    for (_, _, day, role) in changes.iter().filter(|(_, to, _, _)| *to == unit) {
        let person = applicant(region, unit, dice);
        hire(region, unit, *role, person, *day..u32::MAX, Engagement::Ordinary, dice);
    }
}

/// Ends the old cards of those who changed, and lets the new ones be theirs.
fn outgoing(region: &mut Region, changes: &[(UnitId, UnitId, u32, Role)]) {
    for (from, to, day, role) in changes {
        let old = region.unit(*from).staff.clone().find(|n| {
            let staff = &region.staff[*n as usize];
            let there = staff.joins + 30 < *day && staff.leaves > *day + 30;
            staff.role == *role && there && staff.kind == Engagement::Ordinary
        });
        let new = region.unit(*to).staff.clone().find(|n| {
            let staff = &region.staff[*n as usize];
            staff.joins == *day && staff.role == *role && staff.leaves == u32::MAX
        });
        let (Some(old), Some(new)) = (old, new) else { continue };
        let person = region.staff[old as usize].person;
        let stranger = std::mem::replace(&mut region.staff[new as usize].person, person);
        region.employer[stranger.0 as usize] = NOBODY;
        region.employer[person.0 as usize] = to.0;
        region.staff[old as usize].leaves = *day;
        region.staff[old as usize].kind = Engagement::Leaving;
    }
}

fn locums(region: &mut Region, unit: UnitId, dice: &mut Dice) {
    let years = f64::from(region.days) / 365.0;
    for _ in 0..dice.poisson(region.p.locums_a_year * years) {
        let person = applicant(region, unit, dice);
        let from = dice.below(region.days as usize) as u32;
        let kind = Engagement::Locum;
        hire(region, unit, Role::Doctor, person, from..from + LOCUM_DAYS, kind, dice);
    }
}
