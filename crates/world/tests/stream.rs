//! The stream itself: the same each time, in order, possible, and of bounded memory.

use std::collections::{HashMap, HashSet};
use world::{Answer, Ask, Climate, DAY, Happening, PersonId, Plan, Size, StaffId, What, World};

fn plan(size: Size, days: u32) -> Plan {
    let mut plan = Plan::new(size, Climate::Base);
    plan.days = days;
    plan
}

/// FNV-1a over everything that is said of each happening.
fn hash(plan: &Plan, seed: u64) -> (u64, u64) {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    let mut count = 0;
    for happening in World::new(plan, seed) {
        count += 1;
        for byte in format!("{happening:?}").bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    (count, hash)
}

#[test]
fn the_same_seed_gives_the_same_stream() {
    let plan = plan(Size::Small, 40);
    let first = hash(&plan, 7);
    assert!(first.0 > 50_000, "{} happenings", first.0);
    assert_eq!(first, hash(&plan, 7));
    assert_ne!(first, hash(&plan, 8));
}

#[test]
fn another_climate_gives_another_stream() {
    let mut hard = plan(Size::Small, 10);
    let base = hash(&hard, 7);
    hard.weather = Climate::Hard.weather();
    assert_ne!(base, hash(&hard, 7));
}

#[test]
fn everything_comes_in_order_and_nothing_is_impossible() {
    let mut world = World::new(&plan(Size::Small, 200), 3);
    let (mut last, mut held) = (0, HashSet::new());
    let mut dead: HashMap<PersonId, u64> = HashMap::new();
    let mut signed_in = vec![None; world.staff().len()];
    while let Some(Happening { at, what }) = world.next() {
        assert!(at >= last, "{what:?} at {at} after {last}");
        last = at;
        let acts = |staff: StaffId| {
            assert!(held.contains(&staff), "{what:?} without a card");
            let since: u64 = signed_in[staff.0 as usize].expect("signed in at some time");
            assert!(since + DAY / 2 >= at, "{what:?} at {at}, signed in at {since}");
        };
        match what {
            What::Open { staff, .. } | What::Find { staff, .. } => acts(staff),
            What::Deposit { staff: Some(staff), .. } => acts(staff),
            What::SignIn { staff, .. } => {
                assert!(held.contains(&staff), "{what:?} without a card");
                signed_in[staff.0 as usize] = Some(at);
            }
            What::Referral { by, from, .. } => {
                assert!(held.contains(&by), "{what:?} without a card");
                assert_eq!(world.staff()[by.0 as usize].unit, from);
            }
            What::Admission { by, desk, .. } => {
                assert!(held.contains(&by), "{what:?} without a card");
                assert_eq!(world.staff()[by.0 as usize].unit, desk);
            }
            What::Confirm { by, about, .. } => {
                assert_ne!(by, about, "nobody confirms the own opening");
                let unit = |staff: StaffId| world.staff()[staff.0 as usize].unit;
                assert_eq!(unit(by), unit(about));
            }
            What::CardIssued { staff } => assert!(held.insert(staff), "{staff:?} twice"),
            What::CardEnded { staff } => assert!(held.remove(&staff), "{staff:?} had none"),
            What::Died { person } => {
                assert!(dead.insert(person, at / DAY).is_none(), "{person:?} died twice");
            }
            What::Listed { list, .. } => assert!(!world.list(list).is_empty()),
            What::Presence { person, .. } | What::Booking { person, .. } => {
                let died = dead.get(&person);
                assert!(died.is_none_or(|day| at / DAY <= *day), "{person:?} is dead: {what:?}");
            }
            _ => {}
        }
    }
    assert!(last < 200 * DAY && last > 199 * DAY);
    assert!(!dead.is_empty());
}

#[test]
fn a_hospital_that_joins_late_does_nothing_before() {
    let mut plan = plan(Size::Small, 90);
    plan.counts.hospitals = 2;
    plan.parameters.last_hospital_joins = 60.0;
    let mut world = World::new(&plan, 3);
    let mut opened = [0, 0];
    while let Some(Happening { at, what }) = world.next() {
        let staff = match what {
            What::Open { staff, .. } | What::CardIssued { staff } => staff,
            _ => continue,
        };
        let unit = world.staff()[staff.0 as usize].unit;
        if world.units()[usize::from(unit.0)].hospital == Some(1) {
            opened[usize::from(at >= 60 * DAY)] += 1;
        }
    }
    assert_eq!(opened[0], 0);
    assert!(opened[1] > 500, "{opened:?}");
}

#[test]
fn memory_does_not_grow_with_the_days() {
    let mut world = World::new(&plan(Size::Small, 400), 5);
    let mut marks = Vec::new();
    while let Some(happening) = world.next() {
        while marks.len() < (happening.at / (100 * DAY)) as usize {
            marks.push(world.held());
        }
    }
    // Two full turns of the planning horizon lie before the first comparison.
    let [_, second, third] = marks[..] else { panic!("{marks:?}") };
    assert!(third <= second + second / 4, "{marks:?}");
}

#[test]
fn an_answer_depends_on_who_is_asked_and_when() {
    let world = World::new(&plan(Size::Small, 1), 9);
    let asked: Vec<Option<Answer>> =
        (0..2000).map(|at| world.reaction(Ask::StepUp, StaffId(3), at * 600)).collect();
    let again: Vec<Option<Answer>> =
        (0..2000).map(|at| world.reaction(Ask::StepUp, StaffId(3), at * 600)).collect();
    assert_eq!(asked, again);
    let given = asked.iter().flatten().count() as f64 / 2000.0;
    assert!((0.95..0.99).contains(&given), "{given}");
    let by = world
        .reaction(Ask::Relax, StaffId(3), 40_000 + 3)
        .or_else(|| (4..40).find_map(|n| world.reaction(Ask::Relax, StaffId(3), 40_000 + n)));
    let by = by.and_then(|answer| answer.by).expect("a colleague answers");
    assert_ne!(by, StaffId(3));
    assert_eq!(world.staff()[by.0 as usize].unit, world.staff()[3].unit);
}
