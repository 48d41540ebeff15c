//! Legal holds: who lays and lifts them, and what they keep two officers from.

#[path = "support/world.rs"]
mod world;

use decision::{Event, State, Verdict};
use keyproto::message::Ask;
use keyproto::statement::{HoldOn, Order};
use ledger::entry::{Act, Entry, Erased, Why};
use world::*;

fn hold(on: HoldOn, case: &str, set: bool) -> Order {
    Order::Hold { on, case: case.into(), set, reason: "claims are pending".into() }
}

fn on_file(number: u64, case: &str, set: bool) -> Order {
    hold(HoldOn::File(file(number).id), case, set)
}

fn erase(world: &mut World, number: u64) -> Verdict {
    world.order(&[0, 1], Order::Erase { file: file(number).id }, Some(number))
}

#[test]
fn one_officer_a_doctor_or_the_same_officer_twice_lays_and_lifts_nothing() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let others: [&[usize]; 5] = [&[0], &[0, 0], &[0, DOCTOR], &[DOCTOR], &[DOCTOR, NURSE]];
    for signers in others {
        let verdict = world.order(signers, on_file(1, "4 C 12/26", true), Some(1));
        assert_eq!(why(&verdict), Some(Why::Order), "{signers:?}");
    }
    assert_eq!(world.order(&[0, 1], on_file(1, "4 C 12/26", true), Some(1)), Verdict::Ordered);
    for signers in others {
        let verdict = world.order(signers, on_file(1, "4 C 12/26", false), Some(1));
        assert_eq!(why(&verdict), Some(Why::Order), "{signers:?}");
    }
    assert_eq!(why(&erase(&mut world, 1)), Some(Why::Held));
}

#[test]
fn a_held_file_is_not_erased_and_the_officers_are_told_what_to_do() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    assert_eq!(world.order(&[0, 1], on_file(1, "a", true), Some(1)), Verdict::Ordered);
    let refused = Verdict::Refused { why: Why::Held, ask: Ask::Release };
    assert_eq!(erase(&mut world, 1), refused);
    assert!(world.core.state().file(file(1).blind).is_some());
    // One officer who tries learns nothing of holds.
    let alone = world.order(&[0], Order::Erase { file: file(1).id }, Some(1));
    assert_eq!(alone, Verdict::Refused { why: Why::Order, ask: Ask::Nothing });
    // A hold stops nothing but erasure, and of nothing else.
    let doctor = world.sign_in(DOCTOR);
    released(world.open(&doctor, 1));
    assert_eq!(erase(&mut world, 2), Verdict::Ordered);
}

#[test]
fn each_case_holds_by_itself() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    for case in ["court", "incident 7"] {
        assert_eq!(world.order(&[0, 1], on_file(1, case, true), Some(1)), Verdict::Ordered);
        let twice = world.order(&[0, 1], on_file(1, case, true), Some(1));
        assert_eq!(why(&twice), Some(Why::Order), "laid already");
    }
    let never = world.order(&[0, 1], on_file(1, "another", false), Some(1));
    assert_eq!(why(&never), Some(Why::Order), "never laid");
    assert_eq!(world.order(&[0, 1], on_file(1, "court", false), Some(1)), Verdict::Ordered);
    assert_eq!(why(&erase(&mut world, 1)), Some(Why::Held), "the incident still holds");
    assert_eq!(world.order(&[0, 1], on_file(1, "incident 7", false), Some(1)), Verdict::Ordered);
    assert_eq!(erase(&mut world, 1), Verdict::Ordered);
}

#[test]
fn a_practice_is_held_with_what_it_made_and_what_it_was_related_to() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    let patient = world.issue_patient(1, 0);
    let other = world.cards[OTHER].practice;
    assert_eq!(world.presence(patient, 1, other), Verdict::Ordered);
    let on = |number| HoldOn::Practice(practice(number));
    assert_eq!(world.order(&[0, 1], hold(on(other), "b", true), None), Verdict::Ordered);
    assert_eq!(why(&erase(&mut world, 1)), Some(Why::Held));
    assert_eq!(erase(&mut world, 2), Verdict::Ordered, "nothing of the other practice");
    assert_eq!(world.order(&[0, 1], hold(on(other), "b", false), None), Verdict::Ordered);
    assert_eq!(world.order(&[0, 1], hold(on(0), "b", true), None), Verdict::Ordered);
    assert_eq!(why(&erase(&mut world, 1)), Some(Why::Held), "who made it");
}

#[test]
fn what_is_not_there_is_not_held() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let unknown = world.order(&[0, 1], on_file(99, "a", true), Some(99));
    assert_eq!(why(&unknown), Some(Why::NoFile));
    let nowhere = HoldOn::Practice(terms::PracticeId::from_bytes([9; 10]));
    assert_eq!(why(&world.order(&[0, 1], hold(nowhere, "a", true), None)), Some(Why::Order));
    for case in ["", "  ", &"x".repeat(65)] {
        let verdict = world.order(&[0, 1], on_file(1, case, true), Some(1));
        assert_eq!(why(&verdict), Some(Why::Order));
    }
    let on = HoldOn::File(file(1).id);
    let silent = Order::Hold { on, case: "a".into(), set: true, reason: " ".into() };
    assert_eq!(why(&world.order(&[0, 1], silent, Some(1))), Some(Why::Order));
    // An order that names one file is not about another.
    let verdict = world.order(&[0, 1], on_file(1, "a", true), None);
    assert!(matches!(verdict, Verdict::AskedWrongly(_)));
    assert_eq!(erase(&mut world, 1), Verdict::Ordered);
    let late = world.order(&[0, 1], on_file(1, "a", true), Some(1));
    assert_eq!(why(&late), Some(Why::NoFile), "what is erased");
}

#[test]
fn a_release_that_was_signed_once_does_not_lift_the_next_hold() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    assert_eq!(world.order(&[0, 1], on_file(1, "a", true), Some(1)), Verdict::Ordered);
    let release = on_file(1, "a", false);
    let texts = [world.sign_order(0, &release), world.sign_order(1, &release)];
    let give = |world: &mut World, texts: &[&String]| {
        let statements = texts.iter().map(|text| world.verified(text)).collect();
        world.tell(server(1), Event::Order { statements, file: Some(file(1)) })
    };
    assert_eq!(give(&mut world, &[&texts[0], &texts[1]]), Verdict::Ordered);
    assert_eq!(world.order(&[0, 1], on_file(1, "a", true), Some(1)), Verdict::Ordered);
    assert_eq!(why(&give(&mut world, &[&texts[0], &texts[1]])), Some(Why::Replay));
    assert_eq!(why(&give(&mut world, &[&texts[1], &texts[0]])), Some(Why::Replay));
    let fresh = world.sign_order(1, &release);
    assert_eq!(why(&give(&mut world, &[&texts[0], &fresh])), Some(Why::Replay));
    world.restart();
    assert_eq!(why(&give(&mut world, &[&texts[0], &texts[1]])), Some(Why::Replay));
    assert_eq!(why(&erase(&mut world, 1)), Some(Why::Held), "after a restart as well");
}

#[test]
fn holds_are_a_fold_of_the_ledger_and_survive_a_snapshot() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    assert_eq!(world.order(&[0, 1], on_file(1, "a", true), Some(1)), Verdict::Ordered);
    let on = HoldOn::Practice(practice(0));
    assert_eq!(world.order(&[0, 1], hold(on, "b", true), None), Verdict::Ordered);
    assert!(*world.core.state() == world.replayed());
    let state = State::from_bytes(&world.core.state().to_bytes()).unwrap();
    assert!(state == world.replayed());
    let held = world.ledger.iter().filter(|entry| matches!(entry.act, Act::Held(_))).count();
    assert_eq!(held, 2);
}

#[test]
fn an_erasure_says_which_epoch_was_the_newest() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    assert_eq!(erase(&mut world, 1), Verdict::Ordered);
    assert_eq!(world.tell(server(1), Event::Epoch(2)), Verdict::Done);
    assert_eq!(erase(&mut world, 2), Verdict::Ordered);
    let epochs = world.ledger.iter().filter_map(|entry| match &entry.act {
        Act::Erased(erased) => Some(erased.epoch),
        _ => None,
    });
    assert_eq!(epochs.collect::<Vec<_>>(), [Some(1), Some(2)]);
}

#[test]
fn erasures_of_before_holds_still_read() {
    let by = vec![card_id(0), card_id(1)];
    let erased = Erased { file: file(1).blind, by: by.clone(), order: [3; 32], epoch: None };
    let mut bytes = minicbor::Encoder::new(Vec::new());
    bytes.array(2).unwrap().encode(START).unwrap().array(2).unwrap().u32(16).unwrap();
    bytes.array(1).unwrap().array(3).unwrap().encode(erased.file).unwrap();
    bytes.encode(&by).unwrap().bytes(&erased.order).unwrap();
    let read = Entry::from_bytes(&bytes.into_writer()).unwrap();
    assert_eq!(read.act, Act::Erased(erased));
}
