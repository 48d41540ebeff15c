//! A pharmacy: strangers all day, whose card is read at the counter.

use crate::day::Scene;
use crate::dice::{mix, share};
use crate::evidence::NEVER;
use crate::happening::{Document, HonestWhy, PersonId, Reason, What};
use crate::opening::Known;
use crate::staff::Role;

/// A day at a pharmacy.
pub(crate) fn day(scene: &mut Scene) {
    let busy = match scene.day % 7 {
        6 => return,
        5 => 0.45,
        _ => 1.1,
    };
    let mean = scene.region.p.customers * busy * scene.dice.gamma(0.02);
    for _ in 0..scene.dice.poisson(mean) {
        customer(scene);
    }
}

/// Somebody of the town; some come every week. Each pharmacy has its own regulars.
pub(crate) fn regular(scene: &mut Scene) -> PersonId {
    let town = scene.region.people.town(usize::from(scene.region.unit(scene.unit).town));
    let place = scene.dice.share().powf(scene.region.p.customer_skew);
    let first = share(mix(scene.region.seed, [u64::from(scene.unit.0), 0, 16]));
    let at = ((place + first).fract() * town.len() as f64) as u32;
    let person = PersonId(town.start + at.min(town.end - town.start - 1));
    if scene.state.dead[person.0 as usize] { scene.townsperson() } else { person }
}

fn customer(scene: &mut Scene) {
    let p = &scene.region.p;
    let person = if scene.dice.chance(p.counter_near) { regular(scene) } else { scene.stranger() };
    let until = if scene.day % 7 == 5 { 13.9 } else { 17.9 };
    let at = scene.between(if scene.day % 7 == 5 { 9.0 } else { 8.0 }, until);
    let seen = scene.presence(person, at - 20, p.counter_presence);
    let mut known = Known::From(seen);
    let mut why = HonestWhy::Counter;
    if seen == NEVER {
        let unit = scene.unit;
        if scene.troubled(1.0 - p.counter_order) {
            why = HonestWhy::Errand;
            known = Known::No(Reason::Errand);
            scene.explained_later(scene.unit, person, at, 0.85);
        } else {
            let ordered = What::Booking { person, unit, at };
            known = Known::From(scene.evidence(at - 3600, ordered, 0.0, 0.0));
        }
    }
    let openers = p.customer_file as usize;
    let openers = openers + usize::from(scene.dice.chance(p.customer_file.fract()));
    for number in 0..openers as u64 {
        let at = at + number * 240;
        let Some(staff) = scene.somebody(Role::Pharmacist, at) else { return };
        scene.open(staff, person, at, known, why);
        scene.deposit(staff, person, at + 120, Document::Medication);
    }
}
