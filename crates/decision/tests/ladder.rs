//! The ladder of containment: what each rung asks for, who may go down it, and what is left where
//! nothing else is opened any more.

#[path = "support/world.rs"]
mod world;

use decision::{Event, Step, Stop, Verdict};
use keyproto::message::Ask;
use keyproto::statement::{Order, ProofClaims, SubjectName};
use ledger::entry::{Act, LookUp, Subject, Why};
use terms::{Duration, Finding, Grade, RelationClass, Role, Rung, Section, Sections};
use world::*;

const SUMMARY: Sections = Sections::of(&[Section::Summary]);

/// Practice 0 has file 1 by presence (strong) and files 2 to 6 by its list alone (weak).
fn world_with_grades() -> World {
    let mut world = small_world();
    with_patients(&mut world, 6);
    let patient = world.issue_patient(1, 0);
    assert_eq!(world.presence(patient, 1, 0), Verdict::Ordered);
    world
}

fn step(world: &mut World, card: usize, rung: Rung, hours: u64) {
    let lasts = Duration::from_hours(hours);
    let what = Stop::Rung { card: card_id(card), rung, lasts };
    let event = Event::Step(Step { what, finding: Finding::Unexplained });
    assert_eq!(world.tell(server(1), event), Verdict::Ordered);
}

fn rung(world: &World, card: usize) -> Rung {
    world.core.state().rung(card_id(card), world.now)
}

fn with_reason(claims: &mut ProofClaims) {
    claims.reason = Some("she called about her results".into());
}

fn asks(verdict: &Verdict) -> Ask {
    match verdict {
        Verdict::Refused { ask, .. } => *ask,
        other => panic!("not refused: {other:?}"),
    }
}

fn relax(world: &mut World, card: usize, by: usize) -> Option<Why> {
    why(&world.order(&[by], Order::Relax { card: card_id(card) }, None))
}

#[test]
fn a_weak_opening_takes_a_reason_on_the_first_rung_and_a_strong_one_does_not() {
    let mut world = world_with_grades();
    step(&mut world, DOCTOR, Rung::Reason, 24);
    let doctor = world.sign_in(DOCTOR);
    assert_eq!(released(world.open(&doctor, 1)).grade, Grade::Strong);
    let refused = world.open(&doctor, 2);
    assert_eq!((why(&refused), asks(&refused)), (Some(Why::Reason), Ask::Reason));
    let opened = released(world.open_with(&doctor, 2, with_reason));
    assert_eq!((opened.grade, opened.class), (Grade::Weak, RelationClass::Evidence));
    let Act::Opened(entry) = &world.ledger.last().unwrap().act else { panic!() };
    assert_eq!(entry.reason.as_deref(), Some("she called about her results"));
    assert_eq!(entry.grade, Grade::Weak);
    // Others are asked nothing, and a day later it is over.
    let nurse = world.sign_in(NURSE);
    released(world.open(&nurse, 3));
    world.pass(Duration::from_hours(24));
    let doctor = world.sign_in(DOCTOR);
    released(world.open(&doctor, 4));
}

#[test]
fn whoever_is_close_says_why_before_the_file_is_readable() {
    let mut world = world_with_grades();
    let doctor = world.sign_in(DOCTOR);
    let open = |world: &mut World, number: u64, reason: bool| {
        let url = format!("{ORIGIN}/fhir/Patient/{}", file(number).id);
        let mut claims = world.claims("GET", &url);
        if reason {
            with_reason(&mut claims);
        }
        let asked = world.asked(&doctor, &claims);
        world.tell(server(1), Event::Open { asked, file: file(number), close: true })
    };
    assert_eq!(why(&open(&mut world, 2, false)), Some(Why::Reason));
    released(open(&mut world, 2, true));
    let Act::Opened(entry) = &world.ledger.last().unwrap().act else { panic!() };
    assert!(entry.close);
    // The patient is here: marked, and not held up.
    released(open(&mut world, 1, false));
    let Act::Opened(entry) = &world.ledger.last().unwrap().act else { panic!() };
    assert!(entry.close);
}

#[test]
fn a_step_up_ends_what_a_thief_of_a_session_has() {
    let mut world = world_with_grades();
    let before = world.sign_in(DOCTOR);
    let token = keyproto::jws::sha256(b"token");
    let ask = |claims: &mut ProofClaims| {
        claims.token = Some(data_encoding::BASE64URL_NOPAD.encode(&token));
        claims.token_hours = Some(8);
    };
    released(world.open_with(&before, 1, ask));
    step(&mut world, DOCTOR, Rung::StepUp, 24);
    for number in [1, 2] {
        let refused = world.open_with(&before, number, with_reason);
        assert_eq!((why(&refused), asks(&refused)), (Some(Why::StepUp), Ask::SignIn));
    }
    assert_eq!(why(&world.find(&before, LookUp::Name, &[1])), Some(Why::StepUp));
    let presented = world.tell(server(1), Event::Present { token });
    assert_eq!(why(&presented), Some(Why::StepUp));
    // At the same moment even: what counts is what came first.
    let after = world.sign_in(DOCTOR);
    released(world.open(&after, 1));
    assert_eq!(why(&world.open(&after, 2)), Some(Why::Reason), "the rung below holds as well");
    released(world.open_with(&after, 2, with_reason));
    // Another step ends that session too; and a snapshot forgets none of it.
    step(&mut world, DOCTOR, Rung::StepUp, 48);
    world.restart();
    assert_eq!(why(&world.open(&after, 1)), Some(Why::StepUp));
}

#[test]
fn a_restricted_card_opens_strong_files_alone_and_summaries_in_emergencies() {
    let mut world = world_with_grades();
    for number in 10..=14 {
        let other = world.sign_in(OTHER);
        world.create(&other, number, None);
    }
    let token = keyproto::jws::sha256(b"weak");
    let before = world.sign_in(DOCTOR);
    released(world.open_with(&before, 2, |claims| {
        claims.token = Some(data_encoding::BASE64URL_NOPAD.encode(&token));
        claims.token_hours = Some(8);
    }));
    step(&mut world, DOCTOR, Rung::Restricted, 24);
    let doctor = world.sign_in(DOCTOR);
    released(world.open(&doctor, 1));
    let refused = world.open_with(&doctor, 2, with_reason);
    assert_eq!((why(&refused), asks(&refused)), (Some(Why::Weak), Ask::Colleague));
    assert_eq!(why(&world.tell(server(1), Event::Present { token })), Some(Why::Weak));
    // Labels are no way around it.
    let Verdict::Found { shown, told } = world.find(&doctor, LookUp::Name, &[1, 2]) else {
        panic!()
    };
    assert_eq!((shown.len(), told.len()), (1, 1));
    // Strangers and weak ones alike: the summary of three a day.
    for number in [10, 11, 2] {
        assert_eq!(released(world.open_with(&doctor, number, acute)).sections, SUMMARY);
    }
    released(world.open_with(&doctor, 10, acute));
    assert_eq!(why(&world.open_with(&doctor, 12, acute)), Some(Why::Budget));
    assert!(!world.core.state().is_frozen(Subject::Card(card_id(DOCTOR))));
    let asking = |claims: &mut ProofClaims| {
        acute(claims);
        claims.sections = Some(Sections::of(&[Section::Results]));
    };
    assert_eq!(why(&world.open_with(&doctor, 10, asking)), Some(Why::Role));
    // Desks never open in emergencies, restricted or not.
    step(&mut world, DESK, Rung::Restricted, 24);
    let desk = world.sign_in(DESK);
    assert_eq!(why(&world.open_with(&desk, 13, acute)), Some(Why::NoRelation));
    // A day later: more of them, and nothing else is restricted any more.
    world.pass(Duration::from_hours(24));
    let doctor = world.sign_in(DOCTOR);
    let opened = released(world.open_with(&doctor, 12, acute));
    assert!(opened.sections.contains(Section::Results));
}

#[test]
fn where_a_practice_or_server_is_frozen_ten_summaries_a_day_are_left() {
    let mut cards = vec![(Role::Officer, 0), (Role::Officer, 0), (Role::Doctor, 2)];
    cards.extend([(Role::Doctor, 1); 5]);
    for subject in [SubjectName::Practice(practice(1)), SubjectName::Server(server(1))] {
        let mut world = World::new(&cards, decision::Limits::default());
        let other = world.sign_in(2);
        for number in 1..=20 {
            world.create(&other, number, None);
        }
        let freeze = Order::Freeze { subject, reason: "odd".into() };
        assert_eq!(world.order(&[0], freeze, None), Verdict::Ordered);
        let (mut got, mut number) = (0, 0);
        for card in 3..8 {
            let doctor = world.sign_in(card);
            assert_eq!(why(&world.open(&doctor, 1)), Some(Why::Frozen));
            assert_eq!(why(&world.find(&doctor, LookUp::Identifier, &[1])), Some(Why::Frozen));
            assert_eq!(why(&world.append(&doctor, 1)), Some(Why::Frozen));
            for _ in 0..4 {
                number += 1;
                match world.open_with(&doctor, number, acute) {
                    Verdict::Opened(released) => {
                        assert_eq!(released.sections, SUMMARY);
                        got += 1;
                    }
                    refused => assert_eq!(why(&refused), Some(Why::Budget)),
                }
            }
        }
        assert_eq!(got, 10);
        // A frozen card is left nothing at all.
        let doctor = world.sign_in(3);
        let freeze = Stop::Freeze(Subject::Card(card_id(3)));
        world.tell(server(1), Event::Step(Step { what: freeze, finding: Finding::Canary }));
        assert_eq!(why(&world.open_with(&doctor, 1, acute)), Some(Why::Frozen));
        assert_eq!(why(&world.try_sign_in(3, server(1), |_| {}).0), Some(Why::Frozen));
    }
}

#[test]
fn only_somebody_else_relaxes_a_card_and_not_often() {
    let mut world = world_with_grades();
    step(&mut world, DOCTOR, Rung::Restricted, 24 * 40);
    // Not oneself, no desk, nobody elsewhere, nobody in the own practice who is held to something.
    for by in [DOCTOR, DESK, LABORATORY, OTHER, PHARMACIST] {
        assert_eq!(relax(&mut world, DOCTOR, by), Some(Why::Order), "by {by}");
    }
    step(&mut world, NURSE, Rung::Reason, 1);
    assert_eq!(relax(&mut world, DOCTOR, NURSE), Some(Why::Order));
    world.pass(Duration::from_hours(1));
    // One rung at a time, and the time does not begin anew.
    assert_eq!(relax(&mut world, DOCTOR, NURSE), None);
    assert_eq!(rung(&world, DOCTOR), Rung::StepUp);
    assert_eq!(relax(&mut world, DOCTOR, NURSE), None);
    assert_eq!(rung(&world, DOCTOR), Rung::Reason);
    world.pass(Duration::from_days(1));
    assert_eq!(relax(&mut world, DOCTOR, NURSE), Some(Why::Budget), "twice in 30 days");
    world.restart();
    assert_eq!(relax(&mut world, DOCTOR, NURSE), Some(Why::Budget), "a restart forgets nothing");
    assert_eq!(relax(&mut world, DOCTOR, 0), None, "an officer looked into it");
    assert_eq!(rung(&world, DOCTOR), Rung::Open);
    assert_eq!(relax(&mut world, DOCTOR, 0), Some(Why::Order), "there is nothing to relax");
    // What the watch finds afterwards counts again, and nobody talks a freeze away.
    step(&mut world, DOCTOR, Rung::Restricted, 24);
    let freeze = Stop::Freeze(Subject::Practice(practice(0)));
    world.tell(server(1), Event::Step(Step { what: freeze, finding: Finding::Together }));
    assert_eq!(relax(&mut world, DOCTOR, NURSE), Some(Why::Frozen));
    assert!(world.core.state().is_frozen(Subject::Practice(practice(0))));
}

#[test]
fn each_who_relaxes_or_confirms_does_so_a_few_times_a_day() {
    let mut cards = vec![(Role::Officer, 0), (Role::Officer, 0), (Role::Nurse, 0)];
    cards.extend([(Role::Doctor, 0); 4]);
    cards.push((Role::Doctor, 1));
    let mut world = World::new(&cards, decision::Limits::default());
    let other = world.sign_in(7);
    for number in 1..=4 {
        world.create(&other, number, None);
    }
    for card in 3..7 {
        let doctor = world.sign_in(card);
        released(world.open_with(&doctor, card as u64 - 2, acute));
        step(&mut world, card, Rung::Reason, 48);
    }
    let confirm = |world: &mut World, card: usize| {
        let number = card as u64 - 2;
        let order = Order::Confirm { file: file(number).id, card: card_id(card) };
        why(&world.order(&[2], order, Some(number)))
    };
    assert_eq!([3, 4, 5].map(|card| confirm(&mut world, card)), [None; 3]);
    assert_eq!(confirm(&mut world, 6), Some(Why::Budget));
    assert_eq!([3, 4].map(|card| relax(&mut world, card, 2)), [None; 2]);
    assert_eq!(relax(&mut world, 5, 2), Some(Why::Budget));
    world.pass(Duration::from_hours(24));
    assert_eq!(confirm(&mut world, 6), None);
    assert_eq!(relax(&mut world, 5, 2), None);
}

/// A rogue officer issues cards to himself: each has one emergency a day, two with a new sign-in.
#[test]
fn a_new_card_has_one_emergency_a_day_for_two_weeks() {
    let mut world = small_world();
    let other = world.sign_in(OTHER);
    for number in 1..=9 {
        world.create(&other, number, None);
    }
    let new = world.issue(Role::Doctor, 0, None);
    let doctor = world.sign_in(new);
    world.pass(Duration::from_seconds(2));
    released(world.open_with(&doctor, 1, acute));
    world.pass(Duration::from_hours(2));
    assert_eq!(why(&world.open_with(&doctor, 2, acute)), Some(Why::StepUp));
    let doctor = world.sign_in(new);
    released(world.open_with(&doctor, 2, acute));
    world.pass(Duration::from_hours(2));
    world.restart();
    let doctor = world.sign_in(new);
    assert_eq!(why(&world.open_with(&doctor, 3, acute)), Some(Why::Budget));
    world.pass(Duration::from_days(14));
    let doctor = world.sign_in(new);
    for number in 4..=5 {
        released(world.open_with(&doctor, number, acute));
    }
}

/// What a doctor gets of one file in one situation, in a word.
fn cell(situation: &str, number: u64, how: &str, close: bool) -> String {
    let mut world = world_with_grades();
    let other = world.sign_in(OTHER);
    world.create(&other, 10, None);
    let before = world.sign_in(DOCTOR);
    let stop = |world: &mut World, what| {
        world.tell(server(1), Event::Step(Step { what, finding: Finding::Together }));
    };
    match situation {
        "reason" => step(&mut world, DOCTOR, Rung::Reason, 24),
        "step-up" | "step-up, old session" => step(&mut world, DOCTOR, Rung::StepUp, 24),
        "restricted" => step(&mut world, DOCTOR, Rung::Restricted, 24),
        "practice frozen" => stop(&mut world, Stop::Freeze(Subject::Practice(practice(0)))),
        "server frozen" => stop(&mut world, Stop::Freeze(Subject::Server(server(1)))),
        "card frozen" => stop(&mut world, Stop::Freeze(Subject::Card(card_id(DOCTOR)))),
        _ => {}
    }
    let device = match situation {
        "step-up, old session" | "card frozen" => before,
        _ => world.sign_in(DOCTOR),
    };
    let url = format!("{ORIGIN}/fhir/Patient/{}", file(number).id);
    let mut claims = world.claims("GET", &url);
    match how {
        "reason" => with_reason(&mut claims),
        "emergency" => acute(&mut claims),
        _ => {}
    }
    let asked = world.asked(&device, &claims);
    match world.tell(server(1), Event::Open { asked, file: file(number), close }) {
        Verdict::Opened(released) if released.sections == SUMMARY => "the summary".into(),
        Verdict::Opened(released) => format!("opens by {}", released.class),
        Verdict::Refused { why, ask: Ask::Nothing } => format!("refused: {why:?}"),
        Verdict::Refused { why, ask } => format!("refused: {why:?}, asks: {ask:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_ladder_is_the_golden_one() {
    let situations = [
        "open",
        "reason",
        "step-up",
        "step-up, old session",
        "restricted",
        "practice frozen",
        "server frozen",
        "card frozen",
    ];
    let mut text = String::from("# where a card stands | the file | what is said: what follows\n");
    for situation in situations {
        for (number, grade) in [(1, "strong"), (2, "weak"), (10, "stranger")] {
            for close in [false, true] {
                for how in ["nothing", "reason", "emergency"] {
                    let near = if close { ", close" } else { "" };
                    let got = cell(situation, number, how, close);
                    text += &format!("{situation} | {grade}{near} | {how}: {got}\n");
                }
            }
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/ladder.txt");
    if std::env::var_os("COFFERDAM_REGENERATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    for (was, is) in golden.lines().zip(text.lines()) {
        assert_eq!(was, is, "the ladder changed; if that is meant, COFFERDAM_REGENERATE=1");
    }
    assert_eq!(golden.lines().count(), text.lines().count());
}
