//! What befalls people: they move, they die, and some are known to all.

use crate::calendar::{Job, Task};
use crate::day::Scene;
use crate::evidence::NEVER;
use crate::happening::{HonestWhy, PersonId, What};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::Role;

/// A day of the whole region.
pub(crate) fn day(scene: &mut Scene) {
    let p = &scene.region.p;
    let people = scene.region.people.all.len() as f64;
    for _ in 0..scene.dice.poisson(people * p.deaths_a_year / 365.0) {
        death(scene);
    }
    for _ in 0..scene.dice.poisson(people * p.moves_a_year / 365.0) {
        let practices = scene.region.of_kind(UnitKind::Practice, None).count();
        let nth = scene.dice.below(practices);
        let person = scene.stranger();
        if let Some(to) = scene.region.of_kind(UnitKind::Practice, None).nth(nth) {
            scene.change_practice(person, to);
        }
    }
    for number in 0..scene.region.vips.len() {
        let person = scene.region.vips[number];
        let dead = scene.state.dead[person.0 as usize];
        if !dead && scene.dice.chance(p.vip_admissions_a_year / 365.0) {
            vip(scene, person);
        }
    }
}

/// Somebody dies: often on a ward. The practice and the coders see the file once more.
fn death(scene: &mut Scene) {
    let wards = scene.region.of_kind(UnitKind::Ward, None).count();
    let nth = scene.dice.below(wards);
    let ward = scene.region.of_kind(UnitKind::Ward, None).nth(nth);
    let beds = ward.map_or(&[][..], |ward| &scene.state.beds[usize::from(ward.0)]);
    let bed = beds.get(scene.dice.below(beds.len())).map(|bed| bed.person);
    let person = bed.filter(|_| scene.dice.chance(0.5)).unwrap_or_else(|| scene.stranger());
    if scene.region.employer[person.0 as usize] != crate::region::NOBODY {
        // Staff live to the world's end, or a dead one would go on working.
        return;
    }
    scene.state.dead[person.0 as usize] = true;
    scene.sheet.tally.count(HonestWhy::Death);
    let at = scene.between(0.0, 24.0);
    scene.sheet.push(at, What::Died { person });
    let unit = crate::UnitId(scene.state.practice[person.0 as usize]);
    let at = scene.weekday_after(1.0);
    scene.sheet.plan(Task { at, job: Job::Inbox, unit, person, evident: 0 });
}

/// Somebody whom all know is admitted, and a real team of forty treats the patient.
fn vip(scene: &mut Scene, person: PersonId) {
    let hospital = Some(scene.dice.below(usize::from(scene.region.hospitals_on(scene.day))) as u8);
    let Some(ward) = scene.ward_for(person, hospital) else { return };
    let at = scene.between(8.0, 10.0);
    scene.enter(ward, person, at, NEVER);
    let here = usize::from(ward.0);
    let Some(bed) = scene.state.beds[here].last().copied() else { return };
    let others = [
        scene.region.the(UnitKind::Radiology, hospital),
        scene.region.the(UnitKind::Laboratory, None),
    ];
    let Some(doctor) = scene.anybody(ward, Some(Role::Doctor), at) else { return };
    let mut seen = 0;
    let team = scene.region.p.vip_team as usize;
    for row in scene.duty.of(ward).iter().filter(|row| !row.carried).take(team) {
        let from = (scene.midnight() + u64::from(row.from)).max(at + 120);
        let when = from + scene.dice.below(3 * 3600) as u64;
        scene.open(row.staff, person, when, Known::From(bed.evident), HonestWhy::Vip);
        seen += 1;
    }
    for other in others {
        let what = What::Referral { from: ward, to: other, person, by: doctor };
        let evident = scene.evidence(at + 600, what, 0.0, 0.0);
        for row in scene.duty.of(other).iter().filter(|row| !row.carried) {
            if seen < team {
                let from = (scene.midnight() + u64::from(row.from)).max(at + 700);
                let when = from + scene.dice.below(3 * 3600) as u64;
                scene.open(row.staff, person, when, Known::From(evident), HonestWhy::Vip);
                seen += 1;
            }
        }
    }
}
