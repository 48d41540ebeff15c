//! Offices: research and support.

use crate::day::Scene;
use crate::happening::{HonestWhy, PersonId, What};
use crate::opening::Known;

/// A day at the research unit: a new cohort now and then, and files of the present one.
pub(crate) fn research(scene: &mut Scene) {
    let p = &scene.region.p;
    if scene.day.is_multiple_of(p.cohort_days as u32) {
        let count = (scene.region.people.all.len() as f64 * p.cohort_people).ceil() as usize;
        let cohort: Vec<PersonId> = (0..count).map(|_| scene.stranger()).collect();
        let list = scene.state.announce(scene.day, cohort.clone());
        scene.state.cohort = cohort;
        let at = scene.midnight() + 7 * 3600;
        scene.sheet.push(at, What::Listed { unit: scene.unit, list });
    }
    for row in scene.on_duty() {
        for _ in 0..scene.dice.poisson(p.cohort_files) {
            let number = scene.dice.below(scene.state.cohort.len());
            let Some(person) = scene.state.cohort.get(number).copied() else { return };
            let at = scene.during(row);
            scene.open(row.staff, person, at, Known::Yes, HonestWhy::Cohort);
        }
    }
}

/// A day at support: files of made-up patients, which a list of theirs allows.
pub(crate) fn support(scene: &mut Scene) {
    let p = &scene.region.p;
    // The last people of the region are nobody's patients in earnest.
    let everybody = scene.region.people.all.len() as u32;
    let tests = everybody - (p.test_files as u32).min(everybody)..everybody;
    if scene.day == 0 {
        let list = scene.state.announce(scene.day, tests.clone().map(PersonId).collect());
        scene.sheet.push(0, What::Listed { unit: scene.unit, list });
    }
    for row in scene.on_duty() {
        for _ in 0..scene.dice.poisson(p.support_tests) {
            let person = PersonId(tests.start + scene.dice.below(tests.len()) as u32);
            let at = scene.during(row);
            scene.open(row.staff, person, at, Known::Yes, HonestWhy::SystemTest);
        }
    }
}
