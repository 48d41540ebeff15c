//! A region: its people, its units, its staff. What does not change while the days pass.

use crate::dice::{Dice, mix};
use crate::happening::{PersonId, UnitId};
use crate::parameters::Parameters;
use crate::people::People;
use crate::plan::{Plan, Weather};
use crate::staff::{Staff, engage};
use std::ops::Range;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// A practice of family doctors, with a list.
    Practice,
    /// A ward with its outpatient clinic.
    Ward,
    /// An emergency department.
    Emergency,
    /// An admission desk of a hospital.
    Desk,
    /// A pharmacy in a town.
    Pharmacy,
    /// The pharmacy of a hospital.
    HospitalPharmacy,
    /// The laboratory.
    Laboratory,
    /// A radiology of a hospital.
    Radiology,
    /// The research unit.
    Research,
    /// The coding office of a hospital.
    Coding,
    /// Technical support.
    Support,
}

/// One unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// What it is.
    pub kind: UnitKind,
    /// Its hospital, if it belongs to one.
    pub hospital: Option<u8>,
    /// Its town.
    pub town: u16,
    /// Its staff, by number: all who work there at any time.
    pub staff: Range<u32>,
    /// How much of a full day's work there is for its staff: less than 1 in small worlds, whose
    /// units have more staff than work.
    pub(crate) busy: f32,
}

pub(crate) struct Region {
    pub(crate) seed: u64,
    pub(crate) days: u32,
    pub(crate) p: Parameters,
    pub(crate) weather: Weather,
    pub(crate) people: People,
    pub(crate) units: Vec<Unit>,
    /// The wards of each hospital.
    wards: Vec<Vec<UnitId>>,
    pub(crate) staff: Vec<Staff>,
    /// The unit that each person works for, or [`NOBODY`].
    pub(crate) employer: Vec<u16>,
    pub(crate) vips: Vec<PersonId>,
}

/// Wards that a person's diseases belong to.
pub(crate) const USUAL_WARDS: usize = 2;
/// No unit.
pub(crate) const NOBODY: u16 = u16::MAX;

impl Region {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Region {
        let p = plan.parameters.clone();
        let mut dice = Dice::of(seed, [1, 0, 0]);
        let towns = (f64::from(plan.counts.people) / p.town_people).round().max(1.0) as u16;
        let units = units(plan, towns);
        let mut practices = vec![Vec::new(); usize::from(towns)];
        for (number, unit) in units.iter().enumerate() {
            if unit.kind == UnitKind::Practice {
                practices[usize::from(unit.town)].push(UnitId(number as u16));
            }
        }
        let people = People::new(plan.counts.people, &p, &practices, &mut dice);
        let vips = (f64::from(plan.counts.people) * p.vip_people).round().max(1.0) as u64;
        let vips = (0..vips).map(|n| PersonId(mix(seed, [2, n, 0]) as u32 % plan.counts.people));
        let mut region = Region {
            seed,
            days: plan.days,
            p,
            weather: plan.weather.clone(),
            employer: vec![NOBODY; people.all.len()],
            vips: vips.collect(),
            people,
            wards: wards(&units, plan.counts.hospitals),
            units,
            staff: Vec::new(),
        };
        engage(&mut region, plan, &mut dice);
        region
    }

    pub(crate) fn unit(&self, unit: UnitId) -> &Unit {
        &self.units[usize::from(unit.0)]
    }

    /// The units of a kind, of this hospital or of any.
    pub(crate) fn of_kind(
        &self,
        kind: UnitKind,
        hospital: Option<u8>,
    ) -> impl Iterator<Item = UnitId> + '_ {
        let of = move |unit: &Unit| {
            unit.kind == kind && (hospital.is_none() || unit.hospital == hospital)
        };
        let all = self.units.iter().enumerate().filter(move |(_, unit)| of(unit));
        all.map(|(number, _)| UnitId(number as u16))
    }

    /// The one unit of a kind in a hospital.
    pub(crate) fn the(&self, kind: UnitKind, hospital: Option<u8>) -> UnitId {
        // Every hospital is made with one of each, and the region with one laboratory.
        self.of_kind(kind, hospital).next().expect("every region has one of each kind")
    }

    /// How many hospitals are there on a day: the last one may join late.
    pub(crate) fn hospitals_on(&self, day: u32) -> u8 {
        let late = f64::from(day) < self.p.last_hospital_joins;
        (self.hospitals() - u8::from(late)).max(1)
    }

    /// Whether a unit is there on a day.
    pub(crate) fn is_there(&self, unit: UnitId, day: u32) -> bool {
        self.unit(unit).hospital.is_none_or(|hospital| hospital < self.hospitals_on(day))
    }

    /// The hospital that is nearest for a person.
    pub(crate) fn hospital_of(&self, person: PersonId, day: u32) -> u8 {
        let hospitals = u64::from(self.hospitals_on(day));
        (mix(self.seed, [u64::from(person.0), 0, 17]) % hospitals) as u8
    }

    /// One of the wards of a hospital that a person's diseases belong to.
    pub(crate) fn usual_ward(&self, person: PersonId, hospital: u8, nth: usize) -> Option<UnitId> {
        let wards = &self.wards[usize::from(hospital)];
        let pick = mix(self.seed, [u64::from(person.0), nth as u64, 18]) % wards.len() as u64;
        wards.get(pick as usize).copied()
    }

    /// Whether a ward is one of those that a person's diseases belong to.
    pub(crate) fn is_usual(&self, person: PersonId, ward: UnitId, day: u32) -> bool {
        let Some(hospital) = self.unit(ward).hospital else { return false };
        self.hospital_of(person, day) == hospital
            && (0..USUAL_WARDS).any(|nth| self.usual_ward(person, hospital, nth) == Some(ward))
    }

    /// The ward that a ward lends its nurses to: the next of the hospital.
    pub(crate) fn sister(&self, ward: UnitId) -> UnitId {
        let hospital = self.unit(ward).hospital;
        let mut wards = self.of_kind(UnitKind::Ward, hospital);
        let first = wards.next();
        let next = self.of_kind(UnitKind::Ward, hospital).find(|other| *other > ward);
        next.or(first).unwrap_or(ward)
    }

    pub(crate) fn hospitals(&self) -> u8 {
        self.units.iter().filter_map(|unit| unit.hospital).max().map_or(0, |last| last + 1)
    }
}

fn wards(units: &[Unit], hospitals: u32) -> Vec<Vec<UnitId>> {
    let of = |hospital: u32| {
        let here = units.iter().enumerate().filter(move |(_, unit)| {
            unit.kind == UnitKind::Ward && unit.hospital == Some(hospital as u8)
        });
        here.map(|(number, _)| UnitId(number as u16)).collect()
    };
    (0..hospitals).map(of).collect()
}

fn units(plan: &Plan, towns: u16) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut add = |kind, hospital, town: u32| {
        units.push(Unit {
            kind,
            hospital,
            town: (town % u32::from(towns)) as u16,
            staff: 0..0,
            busy: 1.0,
        });
    };
    for number in 0..plan.counts.practices {
        add(UnitKind::Practice, None, number);
    }
    for hospital in 0..plan.counts.hospitals {
        let here = Some(hospital as u8);
        for kind in [
            UnitKind::Emergency,
            UnitKind::Desk,
            UnitKind::Radiology,
            UnitKind::HospitalPharmacy,
            UnitKind::Coding,
        ] {
            add(kind, here, hospital);
        }
        for _ in 0..plan.counts.wards {
            add(UnitKind::Ward, here, hospital);
        }
    }
    for number in 0..plan.counts.pharmacies {
        add(UnitKind::Pharmacy, None, number);
    }
    for kind in [UnitKind::Laboratory, UnitKind::Research, UnitKind::Support] {
        add(kind, None, 0);
    }
    units
}
