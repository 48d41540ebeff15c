//! Openings that nothing explains yet: the stranger who calls, the letter without a message, the
//! wrong one of two of the same name, the ward of a colleague who is ill.

use crate::care::pharmacy;
use crate::day::Scene;
use crate::duty::OnDuty;
use crate::evidence::NEVER;
use crate::happening::{HonestWhy, PersonId, Proof, Reason, StaffId, UnitId, What};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::{Engagement, OLD_CARD_DAYS, Role};

/// Spells of standing in are work in another place: most of what is unexplained then.
const SPELL_SHARE: f64 = 0.85;

/// Today's, for everybody on duty here.
pub(crate) fn day(scene: &mut Scene) {
    for row in scene.on_duty().iter().filter(|row| !row.carried) {
        let mean = usual(scene, row.role);
        let staff = scene.region.staff[row.staff.0 as usize];
        let changing =
            staff.kind == Engagement::Leaving && staff.leaves - scene.day <= OLD_CARD_DAYS;
        let spell = if changing { Some(8.0) } else { scene.spell(row.staff) };
        let busy = f64::from(scene.region.unit(scene.unit).busy);
        let factor = busy * f64::from(staff.rate) * scene.shock() * spell.unwrap_or(1.0);
        for _ in 0..scene.dice.poisson(mean * scene.region.weather.unexplained * factor) {
            let away = spell.is_some() && scene.dice.chance(SPELL_SHARE);
            if away && matches!(scene.kind(), UnitKind::Ward | UnitKind::Practice) {
                stand_in(scene, row, changing);
            } else {
                one(scene, row);
            }
        }
    }
}

/// Mean of a staff-day.
fn usual(scene: &Scene, role: Role) -> f64 {
    let p = &scene.region.p;
    match (scene.kind(), role) {
        (UnitKind::Practice, _) => p.stray_practice,
        (UnitKind::Ward, Role::Doctor) => p.stray_ward_doctor,
        (UnitKind::Ward, _) => p.stray_ward_nurse,
        (UnitKind::Emergency, _) => p.stray_emergency,
        (UnitKind::Pharmacy, _) => p.stray_pharmacy,
        (UnitKind::Support, _) => p.stray_support,
        (UnitKind::Research, _) => 0.0,
        _ => p.stray_worklist,
    }
}

fn one(scene: &mut Scene, row: &OnDuty) {
    let p = &scene.region.p;
    let at = scene.during(row);
    let fate = scene.dice.share();
    if fate < p.stray_acquaintance {
        return acquaintance(scene, row.staff, at);
    }
    if fate < p.stray_acquaintance + p.stray_wrong {
        return wrong_person(scene, row.staff, at);
    }
    if shared(scene, row, at) {
        return;
    }
    let (why, reason, person, later) = match scene.kind() {
        UnitKind::Support => (HonestWhy::SystemTest, Reason::Test, scene.stranger(), 0.0),
        UnitKind::Pharmacy => errand(scene),
        UnitKind::Ward if row.role == Role::Doctor && scene.dice.chance(0.45) => {
            let Some(bed) = elsewhere(scene) else { return };
            (HonestWhy::Consult, Reason::Consult, bed, 0.92)
        }
        UnitKind::Emergency | UnitKind::Desk if scene.dice.chance(0.5) => {
            (HonestWhy::Expected, Reason::Expected, scene.stranger(), 0.95)
        }
        _ if scene.dice.chance(0.5) => caller(scene),
        _ => (HonestWhy::LateReferral, Reason::Letter, concerned(scene), 0.92),
    };
    scene.open(row.staff, person, at, Known::No(reason), why);
    let evident = scene.explained_later(scene.unit, person, at, later);
    // One that is never explained is in hand no longer than the others.
    let until = if evident == NEVER { at + scene.lateness() } else { evident };
    let left = scene.dice.poisson(scene.region.p.case_colleagues);
    scene.state.take_up(scene.unit, person, until, left);
}

/// A case that a colleague has in hand already.
fn shared(scene: &mut Scene, row: &OnDuty, at: u64) -> bool {
    let wide = matches!(scene.kind(), UnitKind::Ward | UnitKind::Practice | UnitKind::Emergency);
    if !wide || !scene.dice.chance(scene.region.p.stray_shared) {
        return false;
    }
    let Some(person) = scene.state.case(scene.unit, at, &mut scene.dice) else { return false };
    scene.open(row.staff, person, at, Known::No(Reason::Letter), HonestWhy::LateReferral);
    true
}

fn caller(scene: &mut Scene) -> (HonestWhy, Reason, PersonId, f64) {
    let person = concerned(scene);
    // Who calls a ward often wants advice, or is a relative; who calls a practice comes.
    let comes = if scene.kind() == UnitKind::Ward { 0.65 } else { 0.85 };
    (HonestWhy::UnknownCaller, Reason::Phone, person, comes)
}

/// Somebody who may well have to do with this unit: of the town, or ill with what a ward treats.
fn concerned(scene: &mut Scene) -> PersonId {
    if scene.kind() != UnitKind::Ward {
        return scene.townsperson();
    }
    let mut person = scene.stranger();
    for _ in 0..200 {
        if scene.region.is_usual(person, scene.unit, scene.day) {
            break;
        }
        person = scene.stranger();
    }
    person
}

fn errand(scene: &mut Scene) -> (HonestWhy, Reason, PersonId, f64) {
    let person = pharmacy::regular(scene);
    (HonestWhy::Errand, Reason::Errand, person, 0.9)
}

/// An inpatient of any other ward of the hospital.
fn elsewhere(scene: &mut Scene) -> Option<PersonId> {
    let hospital = scene.hospital();
    let wards = scene.region.of_kind(UnitKind::Ward, hospital).count();
    let nth = scene.dice.below(wards);
    let ward = scene.region.of_kind(UnitKind::Ward, hospital).nth(nth)?;
    scene.state.inpatient(ward, &mut scene.dice).filter(|_| ward != scene.unit)
}

/// Work in another ward, or for another practice, with the card of this one.
fn stand_in(scene: &mut Scene, row: &OnDuty, changing: bool) {
    let at = scene.during(row);
    let person = match scene.kind() {
        UnitKind::Ward if scene.dice.chance(scene.region.p.spell_sister) => {
            scene.state.inpatient(scene.region.sister(scene.unit), &mut scene.dice)
        }
        UnitKind::Ward => elsewhere(scene),
        _ => Some(scene.townsperson()),
    };
    let Some(person) = person else { return };
    let why = if changing { HonestWhy::WardChange } else { HonestWhy::Substitute };
    scene.open(row.staff, person, at, Known::No(Reason::Substitute), why);
    scene.explained_later(scene.unit, person, at, 0.5);
}

/// The other one of the same name, or a sibling; then the right one.
fn wrong_person(scene: &mut Scene, staff: StaffId, at: u64) {
    let right = if scene.kind() == UnitKind::Practice {
        scene.state.listed(scene.unit, scene.region.p.attender_skew, &mut scene.dice)
    } else {
        scene.state.recent(scene.unit, &mut scene.dice).map(|recent| recent.person)
    };
    let Some(right) = right else { return };
    let wrong = scene.region.people.mistaken_for(right, &mut scene.dice);
    if let Some(wrong) = wrong {
        scene.open(staff, wrong, at, Known::No(Reason::Phone), HonestWhy::WrongPerson);
    }
    scene.open(staff, right, at + 45, Known::Yes, HonestWhy::Call);
}

/// A neighbour, a relative or a colleague asks in passing; half of them come as patients later.
fn acquaintance(scene: &mut Scene, staff: StaffId, at: u64) {
    let me = scene.region.staff[staff.0 as usize].person;
    let person = if scene.dice.chance(0.25) {
        let colleagues = scene.region.unit(scene.unit).staff.clone();
        let other = colleagues.start + scene.dice.below(colleagues.len()) as u32;
        Some(scene.region.staff[other as usize].person).filter(|other| *other != me)
    } else {
        scene.region.people.acquaintance(me, &mut scene.dice)
    };
    let Some(person) = person else { return };
    scene.open(staff, person, at, Known::No(Reason::Phone), HonestWhy::Acquaintance);
    scene.explained_later(scene.unit, person, at, 0.5);
}

impl Scene<'_> {
    /// By this chance what explains an opening is recorded afterwards, when the climate's lag lets
    /// it: the person comes, writes, is referred or is admitted. Says when.
    pub(crate) fn explained_later(
        &mut self,
        unit: UnitId,
        person: PersonId,
        at: u64,
        chance: f64,
    ) -> u64 {
        if !self.dice.chance(chance) {
            return NEVER;
        }
        let at = at + self.lateness();
        match self.region.unit(unit).kind {
            UnitKind::Practice | UnitKind::Pharmacy => {
                let at = self.office_hours(at);
                let what = if self.dice.chance(0.6) {
                    let by = Proof::Card;
                    What::Presence { person, unit, by }
                } else {
                    What::Booking { person, unit, at: at + 3600 }
                };
                self.sheet.push(at, what);
                at
            }
            UnitKind::Emergency => self.admit(unit, person, at),
            _ => self.referred_by_others(unit, person, at),
        }
    }

    /// The person's practice, or a ward, writes the referral afterwards.
    fn referred_by_others(&mut self, to: UnitId, person: PersonId, at: u64) -> u64 {
        let hospital = self.hospital();
        let ward = if self.dice.chance(0.5) { self.ward_for(person, hospital) } else { None };
        let practice = UnitId(self.state.practice[person.0 as usize]);
        let from = ward.filter(|ward| *ward != to).unwrap_or(practice);
        let at = self.office_hours(at);
        let Some(by) = self.signer(from, Role::Doctor, at) else { return NEVER };
        self.sheet.push(at, What::Referral { from, to, person, by });
        at
    }
}
