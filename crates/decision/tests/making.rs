//! How relations are made: booked, admitted, shown by a one-time code; and how many.

#[path = "support/world.rs"]
mod world;

use data_encoding::BASE64URL_NOPAD;
use decision::{Event, Verdict};
use keyproto::statement::{Order, SubjectName, code_hash};
use ledger::entry::{Act, Subject, Why};
use terms::{Duration, Grade, Ground, RelationClass};
use world::*;

/// Files 1 to `count` are of practice 2, and of nobody else.
fn elsewhere(count: u64) -> World {
    let mut world = small_world();
    let other = world.sign_in(OTHER);
    for number in 1..=count {
        world.create(&other, number, None);
    }
    world
}

fn book(world: &mut World, patient: usize, number: u64, days: u64) -> Option<Why> {
    let at = (world.now + Duration::from_days(days)).seconds();
    let order = Order::Book { file: file(number).id, practice: practice(0), at };
    why(&world.order(&[patient], order, Some(number)))
}

fn codes(world: &mut World, signers: &[usize], number: u64, codes: &[&str]) -> Option<Why> {
    let codes = codes.iter().map(|code| BASE64URL_NOPAD.encode(&code_hash(code)));
    let order = Order::Codes { file: file(number).id, codes: codes.collect() };
    why(&world.order(signers, order, Some(number)))
}

fn show(world: &mut World, card: usize, number: u64, code: &str) -> Option<Why> {
    let order = Order::Present { file: file(number).id, code: code.into() };
    why(&world.order(&[card], order, Some(number)))
}

/// What practice 0's doctor has of the file now.
fn has(world: &mut World, number: u64) -> Option<(RelationClass, Grade)> {
    let doctor = world.sign_in(DOCTOR);
    match world.open(&doctor, number) {
        Verdict::Opened(released) => Some((released.class, released.grade)),
        other => {
            assert_eq!(why(&other), Some(Why::NoRelation));
            None
        }
    }
}

#[test]
fn a_booking_is_evidence_from_a_week_before_until_two_days_after() {
    let mut world = elsewhere(1);
    let patient = world.issue_patient(1, 2);
    let strong = Some((RelationClass::Evidence, Grade::Strong));
    // Nobody but the patient books, nothing of the past and nothing in years.
    assert_eq!(book(&mut world, DOCTOR, 1, 10), Some(Why::Order));
    assert_eq!(book(&mut world, patient, 1, 500), Some(Why::Order));
    assert_eq!(book(&mut world, patient, 1, 10), None);
    world.pass(Duration::from_hours(3 * 24 - 1));
    assert_eq!(has(&mut world, 1), None, "not yet, not even as a patient of before");
    world.pass(Duration::from_hours(1));
    assert_eq!(has(&mut world, 1), strong);
    world.restart();
    world.pass(Duration::from_hours(9 * 24 - 1));
    assert_eq!(has(&mut world, 1), strong);
    world.pass(Duration::from_hours(1));
    assert_eq!(has(&mut world, 1), Some((RelationClass::Former, Grade::Weak)));
    world.pass(Duration::from_days(40));
    assert_eq!(has(&mut world, 1), Some((RelationClass::Former, Grade::Weak)));
    for _ in 0..5 {
        assert_eq!(book(&mut world, patient, 1, 100), None);
    }
    assert_eq!(book(&mut world, patient, 1, 100), Some(Why::Budget));
}

#[test]
fn contact_is_graded_by_what_the_entry_was_made_under() {
    let mut world = elsewhere(0);
    with_patients(&mut world, 2);
    let other = world.sign_in(OTHER);
    let nurse = world.sign_in(NURSE);
    let patient = world.issue_patient(2, 0);
    world.presence(patient, 2, 0);
    for number in 1..=2 {
        world.append(&other, number);
    }
    world.pass(Duration::from_hours(1));
    let listed = Some((RelationClass::Evidence, Grade::Weak));
    assert_eq!(has(&mut world, 1), listed);
    for number in 1..=2 {
        assert_eq!(world.append(&nurse, number), Verdict::Committed);
    }
    world.pass(Duration::from_days(89));
    let nurse = world.sign_in(NURSE);
    for number in 1..=2 {
        assert_eq!(world.append(&nurse, number), Verdict::Committed);
    }
    world.pass(Duration::from_days(2));
    assert_eq!(has(&mut world, 1), Some((RelationClass::Contact, Grade::Weak)));
    assert_eq!(has(&mut world, 2), Some((RelationClass::Contact, Grade::Strong)));
    // Contact does not prolong itself.
    let nurse = world.sign_in(NURSE);
    assert_eq!(world.append(&nurse, 2), Verdict::Committed);
    world.pass(Duration::from_days(13));
    assert_eq!(has(&mut world, 2), Some((RelationClass::Former, Grade::Weak)));
    let [one, two] =
        [1, 2].map(|n| world.core.state().grade(file(n).blind, practice(0), world.now));
    assert_eq!((one, two), (Grade::Weak, Grade::Weak));
    let none = world.core.state().grade(file(1).blind, practice(1), world.now);
    assert_eq!(none, Grade::None);
}

#[test]
fn a_code_is_the_patients_presence_once() {
    let mut world = elsewhere(1);
    let given = ["abcd-efgh", "ijkl-mnop"];
    for signers in [&[0][..], &[0, 0], &[0, DOCTOR], &[OTHER]] {
        assert_eq!(codes(&mut world, signers, 1, &given), Some(Why::Order));
    }
    assert_eq!(codes(&mut world, &[0, 1], 1, &given), None);
    assert_eq!(has(&mut world, 1), None);
    assert_eq!(show(&mut world, LABORATORY, 1, given[0]), Some(Why::Order));
    assert_eq!(show(&mut world, DESK, 1, "ABCD EFGH"), None);
    let Act::Related(related) = &world.ledger.last().unwrap().act else { panic!() };
    assert_eq!((related.ground, related.practice), (Ground::Code, practice(0)));
    assert_eq!(has(&mut world, 1), Some((RelationClass::Presence, Grade::Strong)));
    // Never again, here or elsewhere, not even after a restart; the other one still counts.
    world.restart();
    assert_eq!(show(&mut world, NURSE, 1, given[0]), Some(Why::Code));
    assert_eq!(show(&mut world, OTHER, 1, given[0]), Some(Why::Code));
    assert_eq!(show(&mut world, PHARMACIST, 1, given[1]), None);
    // New ones replace all earlier ones.
    assert_eq!(codes(&mut world, &[0, 1], 1, &given), None);
    assert_eq!(codes(&mut world, &[0, 1], 1, &["qrst"]), None);
    assert_eq!(show(&mut world, OTHER, 1, given[1]), Some(Why::Code));
    let many: Vec<String> = (0..21).map(|n| format!("code {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(codes(&mut world, &[0, 1], 1, &many), Some(Why::Order));
}

#[test]
fn whoever_guesses_codes_is_frozen_at_the_fourth() {
    let mut world = elsewhere(9);
    for number in 1..=3 {
        assert_eq!(show(&mut world, DESK, number, "a guess"), Some(Why::Code));
    }
    world.restart();
    assert_eq!(show(&mut world, DESK, 4, "a guess"), Some(Why::Enumeration));
    assert!(world.core.state().is_frozen(Subject::Card(card_id(DESK))));
    assert_eq!(show(&mut world, DESK, 5, "a guess"), Some(Why::Frozen));
    // It is one test with look-ups: guesses of both kinds add up.
    for _ in 0..3 {
        let doctor = world.sign_in(DOCTOR);
        world.find(&doctor, ledger::entry::LookUp::Identifier, &[]);
    }
    assert_eq!(show(&mut world, DOCTOR, 5, "a guess"), Some(Why::Enumeration));
}

#[test]
fn an_admission_is_strong_and_nobody_makes_relations_in_masses() {
    let mut world = small_world();
    with_patients(&mut world, 9);
    let send = |world: &mut World, number: u64, ground| {
        let order = Order::Refer { file: file(number).id, practice: practice(2), ground };
        why(&world.order(&[DESK], order, Some(number)))
    };
    assert_eq!(send(&mut world, 1, Ground::Admission), None);
    let other = world.sign_in(OTHER);
    assert_eq!(released(world.open(&other, 1)).grade, Grade::Strong);
    for ground in [Ground::Card, Ground::Code, Ground::Booking] {
        assert_eq!(send(&mut world, 2, ground), Some(Why::Order), "{ground}");
    }
    // Seven in ten seconds; the same one again costs nothing, and nobody is frozen.
    let sent = (1..=9).filter(|n| send(&mut world, *n, Ground::Referral).is_none()).count();
    assert_eq!(sent, 7);
    assert_eq!(world.last_why(), Some(Why::Budget));
    assert!(!world.core.state().is_frozen(Subject::Card(card_id(DESK))));
    world.pass(Duration::from_seconds(10));
    assert_eq!(send(&mut world, 9, Ground::Referral), None);
}

/// A taken-over server keeps orders that were refused, and hands them in again after a restart,
/// when the budget has room or the signer is free again.
#[test]
fn an_order_that_was_refused_stays_refused_after_a_restart() {
    let mut world = small_world();
    with_patients(&mut world, 9);
    let hand_in = |world: &mut World, texts: &[String], number: Option<u64>| {
        let statements = texts.iter().map(|text| world.verified(text)).collect();
        let file = number.map(file);
        why(&world.tell(server(1), Event::Order { statements, file }))
    };
    let refer = |world: &mut World, number: u64| {
        let (practice, ground) = (practice(2), Ground::Referral);
        let order = Order::Refer { file: file(number).id, practice, ground };
        vec![world.sign_order(DESK, &order)]
    };
    let orders: Vec<_> = (1..=8).map(|number| refer(&mut world, number)).collect();
    for (number, texts) in (1..=7).zip(&orders) {
        assert_eq!(hand_in(&mut world, texts, Some(number)), None);
    }
    assert_eq!(hand_in(&mut world, &orders[7], Some(8)), Some(Why::Budget));
    // Two signers, of whom one is frozen at that moment.
    let subject = SubjectName::Server(server(9));
    let freeze = |subject| Order::Freeze { subject, reason: "odd".into() };
    assert_eq!(world.order(&[0], freeze(subject), None), Verdict::Ordered);
    let unfreeze = Order::Unfreeze { subject, reason: "looked into".into() };
    let pair = [DESK, 1].map(|card| world.sign_order(card, &unfreeze)).to_vec();
    assert_eq!(hand_in(&mut world, &pair, None), Some(Why::Order));
    world.pass(Duration::from_seconds(60));
    world.restart();
    assert_eq!(hand_in(&mut world, &orders[7], Some(8)), Some(Why::Replay));
    let turned: Vec<String> = pair.iter().rev().cloned().collect();
    for texts in [&pair, &turned] {
        assert_eq!(hand_in(&mut world, texts, None), Some(Why::Replay));
    }
    // Signed anew it is carried out.
    let again = refer(&mut world, 8);
    assert_eq!(hand_in(&mut world, &again, Some(8)), None);
}
