//! What patients forbid and allow.

#[path = "support/world.rs"]
mod world;

use decision::{Event, Verdict};
use keyproto::statement::{Consent, Order};
use ledger::entry::{Act, Why};
use terms::{Duration, RelationClass, Section};
use world::*;

/// The patient's own word counts at once, for sessions and tokens that are there already.
#[test]
fn a_patient_bars_hides_and_takes_it_back_and_nobody_else_does() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    let (doctor, patient, other) =
        (world.sign_in(DOCTOR), world.issue_patient(1, 0), world.issue_patient(2, 0));
    let say = |world: &mut World, by: usize, what: Consent, set: bool| {
        let order = Order::Consent { file: file(1).id, what, set };
        world.order(&[by], order, Some(1))
    };
    let token = keyproto::jws::sha256(b"token");
    let seen = released(world.open_with(&doctor, 1, |claims| {
        claims.token = Some(data_encoding::BASE64URL_NOPAD.encode(&token));
    }));
    assert!(seen.sections.contains(Section::Results));
    let present = |world: &mut World| world.tell(server(1), Event::Present { token });
    let bar = Consent::Bar(practice(0));
    for by in [DOCTOR, 0, other] {
        assert_eq!(why(&say(&mut world, by, bar, true)), Some(Why::Order), "card {by}");
    }
    assert_eq!(say(&mut world, patient, Consent::Hide(Section::Results), true), Verdict::Ordered);
    let seen = released(world.open(&doctor, 1));
    assert!(!seen.sections.contains(Section::Results) && seen.hidden.contains(Section::Results));
    assert!(!released(present(&mut world)).sections.contains(Section::Results));
    let own = world.sign_in(patient);
    assert!(released(world.open(&own, 1)).sections.contains(Section::Results), "not from oneself");
    assert_eq!(say(&mut world, patient, bar, true), Verdict::Ordered);
    assert_eq!(why(&world.open(&doctor, 1)), Some(Why::NoRelation));
    assert_eq!(why(&present(&mut world)), Some(Why::NoRelation));
    assert_eq!(why(&world.refer(DOCTOR, 1, 2)), Some(Why::NoRelation), "nothing to pass on");
    // Presence is no way around it, and another patient's file is as it was.
    assert_eq!(world.presence(patient, 1, 0), Verdict::Ordered);
    assert_eq!(why(&world.open(&doctor, 1)), Some(Why::NoRelation));
    released(world.open(&doctor, 2));
    assert_eq!(say(&mut world, patient, bar, false), Verdict::Ordered);
    assert_eq!(say(&mut world, patient, Consent::Hide(Section::Results), false), Verdict::Ordered);
    assert!(released(world.open(&doctor, 1)).sections.contains(Section::Results));
    assert!(world.replayed() == *world.core.state());
}

/// Whose file was open an hour ago is no exception: the emergency counts, and a second is the same.
#[test]
fn an_emergency_with_a_patient_who_barred_the_practice_is_counted() {
    let mut world = small_world();
    with_patients(&mut world, 4);
    let others = world.sign_in(OTHER);
    for number in 5..=7 {
        world.create(&others, number, None);
    }
    let mut doctor = world.sign_in(DOCTOR);
    for number in 1..=4 {
        released(world.open(&doctor, number));
        let patient = world.issue_patient(number, 0);
        let (file, what) = (file(number).id, Consent::Bar(practice(0)));
        let bar = Order::Consent { file, what, set: true };
        assert_eq!(world.order(&[patient], bar, Some(number)), Verdict::Ordered);
        world.pass(Duration::from_hours(1));
    }
    for (number, repeat) in [(1, false), (1, true), (2, false), (3, false), (4, false)] {
        world.pass(Duration::from_hours(1));
        doctor = world.sign_in(DOCTOR);
        let seen = released(world.open_with(&doctor, number, acute));
        assert_eq!(seen.class, RelationClass::Emergency);
        let Act::Opened(opened) = &world.ledger.last().unwrap().act else { panic!() };
        assert_eq!(opened.repeat, repeat, "file {number}");
    }
    // Those five were the day's emergencies: four files, and with one more it is over the limit.
    released(world.open_with(&doctor, 5, acute));
    assert_eq!(why(&world.open_with(&doctor, 6, acute)), Some(Why::Budget));
    assert!(world.replayed() == *world.core.state());
}

#[test]
fn a_deputy_opens_what_is_not_hidden_and_only_while_named() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    let (patient, other) = (world.issue_patient(1, 0), world.issue_patient(2, 0));
    let deputy = world.sign_in(other);
    let say = |world: &mut World, what: Consent, set: bool| {
        let order = Order::Consent { file: file(1).id, what, set };
        world.order(&[patient], order, Some(1))
    };
    assert_eq!(why(&world.open(&deputy, 1)), Some(Why::NoRelation));
    // A doctor is no deputy: what doctors open is counted.
    let doctor = Consent::Deputy(world.cards[DOCTOR].id);
    assert_eq!(why(&say(&mut world, doctor, true)), Some(Why::Order));
    let named = Consent::Deputy(world.cards[other].id);
    assert_eq!(say(&mut world, named, true), Verdict::Ordered);
    assert_eq!(say(&mut world, Consent::Hide(Section::Restricted), true), Verdict::Ordered);
    let seen = released(world.open(&deputy, 1));
    assert_eq!(seen.class, RelationClass::Own);
    assert!(!seen.sections.contains(Section::Restricted) && seen.sections.contains(Section::Label));
    let order = Order::Consent { file: file(1).id, what: named, set: false };
    assert_eq!(why(&world.order(&[other], order, Some(1))), Some(Why::Order), "not the deputy's");
    assert_eq!(say(&mut world, named, false), Verdict::Ordered);
    assert_eq!(why(&world.open(&deputy, 1)), Some(Why::NoRelation));
}
