//! Audits, complaints, teaching rounds.

use crate::day::Scene;
use crate::happening::{HonestWhy, Reason};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::Role;

/// A weekday on a ward or at a practice.
pub(crate) fn day(scene: &mut Scene) {
    if !scene.weekday() {
        return;
    }
    let p = &scene.region.p;
    if scene.dice.chance(p.audits_a_year / 250.0) {
        audit(scene);
    }
    if scene.dice.chance(p.complaints_a_year / 250.0) {
        complaint(scene);
    }
    if scene.kind() == UnitKind::Ward && scene.dice.chance(p.teaching_a_week / 5.0) {
        teaching(scene);
    }
}

/// One doctor reads the files of recent patients in an afternoon.
fn audit(scene: &mut Scene) {
    let start = scene.between(12.0, 13.0);
    let Some(staff) = scene.somebody(Role::Doctor, start) else { return };
    for number in 0..scene.dice.poisson(scene.region.p.audit_files) {
        let at = start + number as u64 * 240 + scene.dice.below(120) as u64;
        let (person, known) = if scene.kind() == UnitKind::Practice {
            let skew = scene.region.p.attender_skew;
            let listed = scene.state.listed(scene.unit, skew, &mut scene.dice);
            let Some(person) = listed else { continue };
            (person, Known::Yes)
        } else {
            let Some(recent) = scene.state.recent(scene.unit, &mut scene.dice) else { return };
            (recent.person, Known::From(recent.evident))
        };
        scene.open(staff, person, at, known, HonestWhy::Audit);
    }
}

/// Somebody complains: the file is read again, by a doctor and the office. A third of those who
/// complain were here so long ago that nothing says so any more.
fn complaint(scene: &mut Scene) {
    let at = scene.between(9.0, 15.0);
    let recent = scene.state.recent(scene.unit, &mut scene.dice);
    let (person, known) = match recent.filter(|_| !scene.dice.chance(0.33)) {
        Some(recent) => (recent.person, Known::From(recent.evident)),
        None => (scene.stranger(), Known::No(Reason::Quality)),
    };
    for (role, after) in [(Role::Receptionist, 0), (Role::Doctor, 2400)] {
        if let Some(staff) = scene.somebody(role, at + after) {
            scene.open(staff, person, at + after, known, HonestWhy::Complaint);
        }
    }
}

/// Many look at the same few files within half an hour.
fn teaching(scene: &mut Scene) {
    let start = scene.between(13.0, 14.5);
    let here = usize::from(scene.unit.0);
    let people = scene.region.p.teaching_people as usize;
    for _ in 0..6 {
        let number = scene.dice.below(scene.state.beds[here].len());
        let Some(bed) = scene.state.beds[here].get(number).copied() else { return };
        if bed.since >= start {
            continue;
        }
        let rows = scene.on_duty().iter().filter(|row| !row.carried);
        for row in rows.take(people) {
            let at = start + scene.dice.below(1800) as u64;
            scene.open(row.staff, bed.person, at, Known::From(bed.evident), HonestWhy::Teaching);
        }
    }
}
