//! Look-ups, relations, tokens, deposits, orders and snapshots, case by case.

#[path = "support/world.rs"]
mod world;

use decision::{Event, Limits, State, Target, Verdict};
use keyproto::statement::{Mark, Order, SubjectName};
use ledger::entry::{Act, LookUp, Subject, Why};
use terms::{Duration, Purpose, RelationClass, Role, Section, Sections};
use world::*;

#[test]
fn enumeration_freezes_on_the_fourth_miss_and_typing_errors_do_not() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let nurse = world.sign_in(NURSE);
    for _ in 0..3 {
        assert!(matches!(world.find(&nurse, LookUp::Identifier, &[]), Verdict::Found { .. }));
    }
    assert_eq!(why(&world.find(&nurse, LookUp::Identifier, &[])), Some(Why::Enumeration));
    assert_eq!(why(&world.find(&nurse, LookUp::Identifier, &[1])), Some(Why::Frozen));
    // A known patient looked up over and over pays for no guesses.
    let doctor = world.sign_in(DOCTOR);
    let mut guesses = 0;
    while !world.core.state().is_frozen(Subject::Card(world.cards[DOCTOR].id)) {
        for _ in 0..6 {
            world.find(&doctor, LookUp::Identifier, &[1]);
        }
        world.find(&doctor, LookUp::Identifier, &[]);
        guesses += 1;
        assert!(guesses < 10);
    }
    // A desk that registers whom it did not find, and searches names by their beginnings.
    let desk = world.sign_in(DESK);
    for number in 100..120 {
        world.pass(Duration::from_seconds(300));
        assert!(matches!(world.find(&desk, LookUp::Name, &[]), Verdict::Found { .. }));
        assert!(matches!(world.find(&desk, LookUp::Identifier, &[]), Verdict::Found { .. }));
        world.create(&desk, number, None);
    }
}

#[test]
fn look_ups_show_labels_under_a_relation_and_tell_nothing_more() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let stranger = world.sign_in(OTHER);
    let verdict = world.find(&stranger, LookUp::Identifier, &[1]);
    assert_eq!(verdict, Verdict::Found { shown: vec![], told: vec![file(1).blind] });
    let desk = world.sign_in(DESK);
    let Verdict::Found { shown, told } = world.find(&desk, LookUp::Name, &[1]) else { panic!() };
    assert!(told.is_empty());
    assert_eq!(shown[0].sections, Sections::of(&[Section::Label]));
    assert_eq!(shown[0].file.keys, vec![(0, Section::Label)]);
    // A proof that names a file is no look-up.
    let claims = world.claims("GET", &format!("{ORIGIN}/fhir/Patient/{}", file(1).id));
    let asked = world.asked(&desk, &claims);
    let event = Event::Find { asked, by: LookUp::Name, hits: vec![file(1).blind] };
    assert_eq!(why(&world.tell(server(1), event)), Some(Why::Signature));
}

#[test]
fn presence_lasts_90_days_and_3_at_a_pharmacy() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let patient = world.issue_patient(1, 0);
    for (card, days) in [(OTHER, 90), (PHARMACIST, 3)] {
        let at = world.cards[card].practice;
        let device = world.sign_in(card);
        assert_eq!(why(&world.open(&device, 1)), Some(Why::NoRelation));
        // Not by the practice's own card, nor by a patient for another's file.
        assert_eq!(why(&world.presence(card, 1, at)), Some(Why::Order));
        assert_eq!(world.presence(patient, 1, at), Verdict::Ordered);
        assert_eq!(released(world.open(&device, 1)).class, RelationClass::Presence);
        world.pass(Duration::from_days(days));
        let device = world.sign_in(card);
        assert_eq!(released(world.open(&device, 1)).class, RelationClass::Former);
    }
    let own = world.sign_in(patient);
    let released = released(world.open(&own, 1));
    assert_eq!((released.class, released.sections), (RelationClass::Own, Sections::ALL));
    assert_eq!(released.purpose, Purpose::PatientRequest);
}

#[test]
fn an_emergency_takes_a_reason_is_rare_and_has_to_be_confirmed() {
    let mut world = small_world();
    with_patients(&mut world, 9);
    let patient = world.issue_patient(1, 0);
    let mut device = world.sign_in(OTHER);
    let emergency = |world: &mut World, device: &Device, number, reason: &str| {
        let reason = Some(reason.to_owned());
        world.open_with(device, number, |claims| {
            claims.purpose = Some(Purpose::Emergency);
            claims.reason = reason;
        })
    };
    assert_eq!(why(&emergency(&mut world, &device, 1, "  ")), Some(Why::NoRelation));
    for number in 1..=3 {
        world.pass(Duration::from_seconds(30));
        let released = released(emergency(&mut world, &device, number, "unconscious"));
        assert_eq!(released.class, RelationClass::Emergency);
        assert!(!released.sections.contains(Section::Restricted));
    }
    // The fourth within ten minutes takes a new sign-in, the fifth has to wait; nobody is frozen.
    assert_eq!(why(&emergency(&mut world, &device, 4, "unconscious")), Some(Why::StepUp));
    device = world.sign_in(OTHER);
    released(emergency(&mut world, &device, 4, "unconscious"));
    assert_eq!(why(&emergency(&mut world, &device, 5, "unconscious")), Some(Why::Budget));
    assert!(!world.core.state().is_frozen(Subject::Card(card_id(OTHER))));
    world.pass(Duration::from_days(15));
    device = world.sign_in(OTHER);
    assert_eq!(why(&emergency(&mut world, &device, 5, "unconscious")), Some(Why::NoRelation));
    // Four of four are too many, and so are three: one found a relation since. With one more that
    // a colleague says was an emergency, two are left, and no more is asked.
    assert_eq!(world.presence(patient, 1, 2), Verdict::Ordered);
    let number = 3;
    assert_eq!(why(&emergency(&mut world, &device, 5, "unconscious")), Some(Why::NoRelation));
    let order = Order::Confirm { file: file(number).id, card: card_id(OTHER) };
    assert_eq!(why(&world.order(&[OTHER], order.clone(), Some(number))), Some(Why::Order));
    assert_eq!(why(&world.order(&[DOCTOR], order.clone(), Some(number))), Some(Why::Order));
    assert_eq!(world.order(&[0], order.clone(), Some(number)), Verdict::Ordered);
    assert_eq!(why(&world.order(&[1], order, Some(number))), Some(Why::Order));
    released(emergency(&mut world, &device, 5, "unconscious"));
}

#[test]
fn a_token_repeats_its_one_opening_and_dies_with_everything_it_rests_on() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    let hash = |n: u8| keyproto::jws::sha256(&[n]);
    let ask = |n: u8| {
        let token = Some(data_encoding::BASE64URL_NOPAD.encode(&hash(n)));
        move |claims: &mut keyproto::statement::ProofClaims| {
            claims.token = token;
            claims.token_hours = Some(1);
            claims.sections = Some(Sections::of(&[Section::Results]));
        }
    };
    let present =
        |world: &mut World, n: u8| world.tell(server(1), Event::Present { token: hash(n) });
    let doctor = world.sign_in(DOCTOR);
    assert_eq!(why(&present(&mut world, 1)), Some(Why::Session));
    released(world.open_with(&doctor, 1, ask(1)));
    assert_eq!(why(&world.open_with(&doctor, 2, ask(1))), Some(Why::Replay));
    let repeated = released(present(&mut world, 1));
    assert_eq!(repeated.file.file, file(1).blind);
    assert_eq!(repeated.sections, Sections::of(&[Section::Results]));
    let verdict = world.tell(server(2), Event::Present { token: hash(1) });
    assert_eq!(why(&verdict), Some(Why::Session));
    world.pass(Duration::from_hours(1));
    assert_eq!(why(&present(&mut world, 1)), Some(Why::Session));
    // Sign-out, restriction, revocation.
    released(world.open_with(&doctor, 1, ask(2)));
    world.tell(server(1), Event::SignOut(doctor.session));
    assert_eq!(why(&present(&mut world, 2)), Some(Why::Session));
    let doctor = world.sign_in(DOCTOR);
    released(world.open_with(&doctor, 1, ask(3)));
    let mark = |set| Order::Mark { file: file(1).id, mark: Mark::Restricted, set };
    assert_eq!(world.order(&[0, 1], mark(true), Some(1)), Verdict::Ordered);
    assert_eq!(why(&present(&mut world, 3)), Some(Why::Restricted));
    assert_eq!(why(&world.open(&doctor, 1)), Some(Why::Restricted));
    assert_eq!(world.order(&[0, 1], mark(false), Some(1)), Verdict::Ordered);
    released(present(&mut world, 3));
    let order = Order::RevokeCard { card: card_id(DOCTOR), reason: "left".into() };
    assert_eq!(world.order(&[0], order, None), Verdict::Ordered);
    assert_eq!(why(&present(&mut world, 3)), Some(Why::Session));
    let (verdict, _) = world.try_sign_in(DOCTOR, server(1), |_| {});
    assert_eq!(why(&verdict), Some(Why::Card));
}

/// Results of today are what a token of this morning is for; other sections than it was signed for
/// stay out of it.
#[test]
fn a_token_opens_what_arrives_in_its_sections_later() {
    let mut world = small_world();
    let doctor = world.sign_in(DOCTOR);
    let new = Target::New { file: file(1), list: None, unless: None };
    assert_eq!(world.deposit(&doctor, new, &[Section::Label]), Verdict::Committed);
    let hash = keyproto::jws::sha256(b"token");
    let asked = Sections::of(&[Section::Label, Section::Documents]);
    let seen = released(world.open_with(&doctor, 1, |claims| {
        claims.token = Some(data_encoding::BASE64URL_NOPAD.encode(&hash));
        claims.sections = Some(asked);
    }));
    assert!(!seen.sections.contains(Section::Documents), "nothing of it is there yet");
    let more = [Section::Documents, Section::Results];
    assert_eq!(world.deposit(&doctor, Target::File(file(1)), &more), Verdict::Committed);
    let later = released(world.tell(server(1), Event::Present { token: hash }));
    assert!(
        later.sections.contains(Section::Documents) && later.sections.without(asked).is_empty()
    );
    assert!(world.replayed() == *world.core.state());
}

#[test]
fn deposits_reserve_their_file_and_read_nothing() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let other = world.sign_in(OTHER);
    let deposit = |world: &mut World, target| {
        let (session, sections) = (other.session, vec![Section::Results]);
        world.tell(server(1), Event::Deposit { session, target, sections })
    };
    let Verdict::Granted(first) = deposit(&mut world, Target::File(file(1))) else { panic!() };
    assert_eq!(first.file.keys, vec![(10, Section::Results)]);
    assert_eq!(deposit(&mut world, Target::File(file(1))), Verdict::Busy);
    let commit = |grant| Event::Commit { grant, head: [9; 32] };
    assert_eq!(world.tell(server(2), commit(first.grant)), Verdict::GrantGone);
    world.pass(Duration::from_seconds(31));
    assert_eq!(world.tell(server(1), commit(first.grant)), Verdict::GrantGone);
    let Verdict::Granted(second) = deposit(&mut world, Target::File(file(1))) else { panic!() };
    assert_eq!(world.tell(server(1), commit(second.grant)), Verdict::Committed);
    assert_eq!(world.tell(server(1), commit(second.grant)), Verdict::GrantGone);
    let view = world.core.state().file(file(1).blind).unwrap();
    assert_eq!((view.segments, view.head), (11, Some([9; 32])));
    // Depositing made no relation.
    assert_eq!(why(&world.open(&other, 1)), Some(Why::NoRelation));
    // A free identifier that is asked for and not used is on the ledger.
    let target = Target::New { file: file(50), list: None, unless: Some(LookUp::Identifier) };
    let Verdict::Granted(third) = deposit(&mut world, target) else { panic!() };
    assert!(matches!(world.ledger.last().unwrap().act, Act::Found(_)));
    let event = Event::Abort { grant: third.grant };
    assert_eq!(world.tell(server(1), event), Verdict::Done);
    let never: Vec<_> = abandoned(&world);
    assert_eq!(never, [(file(1).blind, false), (file(50).blind, true)]);
    // Many segments, more than a row holds, keep their order.
    let sections: Vec<Section> = (0..100).map(|n| Section::ALL[n % 10]).collect();
    assert_eq!(world.deposit(&other, Target::File(file(1)), &sections), Verdict::Committed);
    let view = world.core.state().file(file(1).blind).unwrap();
    assert_eq!(view.segments, 111);
    for (n, section) in sections.iter().enumerate() {
        assert_eq!(view.keys[11 + n], (11 + n as u32, *section));
    }
}

#[test]
fn orders_take_the_officers_they_take() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let issue = |role, at, n: u8| Order::IssueCard {
        card: terms::CardId::from_bytes([n; 10]),
        role,
        practice: practice(at),
        holder: "new".into(),
        key: keyproto::jws::Jwk::of(&Signer::new().key),
        not_after: world_time_limit(),
        file: (role == Role::Patient).then_some(file(1).id),
    };
    let about = |role| (role == Role::Patient).then_some(1);
    for (role, at, one) in [
        (Role::Nurse, 0, true),
        (Role::Nurse, 2, false),
        (Role::Officer, 0, false),
        (Role::Patient, 0, false),
    ] {
        let verdict = world.order(&[0], issue(role, at, 200), about(role));
        assert_eq!(why(&verdict).is_none(), one, "{role} at {at}");
    }
    for (n, role) in [(201, Role::Officer), (202, Role::Patient)] {
        assert_eq!(world.order(&[0, 1], issue(role, 0, n), about(role)), Verdict::Ordered);
    }
    // A doctor orders nothing; the same signatures order nothing twice.
    let freeze =
        Order::Freeze { subject: SubjectName::Practice(practice(0)), reason: "odd".into() };
    assert_eq!(why(&world.order(&[DOCTOR], freeze.clone(), None)), Some(Why::Order));
    assert_eq!(world.order(&[0], freeze, None), Verdict::Ordered);
    let doctor = world.sign_in(DOCTOR);
    assert_eq!(why(&world.open(&doctor, 1)), Some(Why::Frozen));
    let unfreeze = Order::Unfreeze {
        subject: SubjectName::Practice(practice(0)),
        reason: "looked into".into(),
    };
    let texts = [world.sign_order(0, &unfreeze), world.sign_order(1, &unfreeze)];
    let again = |world: &mut World, texts: &[&String]| {
        let statements = texts.iter().map(|text| world.verified(text)).collect();
        world.tell(server(1), Event::Order { statements, file: None })
    };
    assert_eq!(again(&mut world, &[&texts[0], &texts[1]]), Verdict::Ordered);
    let freeze = Order::Freeze { subject: SubjectName::Practice(practice(0)), reason: "".into() };
    assert_eq!(world.order(&[1], freeze, None), Verdict::Ordered);
    assert_eq!(why(&again(&mut world, &[&texts[1], &texts[0]])), Some(Why::Replay));
    let fresh = world.sign_order(1, &unfreeze);
    assert_eq!(why(&again(&mut world, &[&texts[0], &fresh])), Some(Why::Replay));
    world.restart();
    assert_eq!(why(&again(&mut world, &[&texts[1], &texts[0]])), Some(Why::Replay));
    assert_eq!(world.order(&[0, 1], unfreeze, None), Verdict::Ordered);
    let erase = Order::Erase { file: file(1).id };
    assert_eq!(world.order(&[0, 1], erase, Some(1)), Verdict::Ordered);
    assert!(world.core.state().file(file(1).blind).is_none());
    let doctor = world.sign_in(DOCTOR);
    assert_eq!(why(&world.open(&doctor, 1)), Some(Why::NoFile));
}

/// What was to be stored and never was.
fn abandoned(world: &World) -> Vec<(terms::Blind, bool)> {
    let never = world.ledger.iter().filter_map(|entry| match &entry.act {
        Act::Abandoned(never) => Some((never.file, never.first == 0)),
        _ => None,
    });
    never.collect()
}

#[test]
fn a_deposit_that_lapses_is_on_the_ledger_before_anything_else_happens() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let doctor = world.sign_in(DOCTOR);
    let (session, target) = (doctor.session, Target::File(file(1)));
    let sections = vec![Section::Results, Section::History];
    let deposit = Event::Deposit { session, target, sections };
    assert!(matches!(world.tell(server(1), deposit), Verdict::Granted(_)));
    world.pass(Duration::from_seconds(31));
    let entry = released(world.open(&doctor, 1)).entry;
    let last = world.ledger.len() as u64 - 1;
    assert_eq!(entry, last);
    let Act::Abandoned(never) = &world.ledger[last as usize - 1].act else { panic!() };
    assert_eq!((never.file, never.session, never.first), (file(1).blind, session, 10));
    assert_eq!(never.sections, [Section::Results, Section::History]);
    assert!(*world.core.state() == world.replayed());
}

#[test]
fn entries_of_before_new_files_said_what_they_depended_on_still_read() {
    let created = ledger::entry::FileCreated {
        file: file(1).blind,
        practice: practice(0),
        session: terms::SessionId::from_bytes([5; 16]),
        list: Some(list(1)),
        unless: None,
    };
    let mut bytes = minicbor::Encoder::new(Vec::new());
    bytes.array(2).unwrap().encode(START).unwrap().array(2).unwrap().u32(9).unwrap();
    bytes.array(1).unwrap().array(4).unwrap().encode(created.file).unwrap();
    bytes.encode(created.practice).unwrap().encode(created.session).unwrap();
    bytes.encode(created.list).unwrap();
    let read = ledger::entry::Entry::from_bytes(&bytes.into_writer()).unwrap();
    assert_eq!((read.at, read.act), (START, Act::FileCreated(created)));
}

fn world_time_limit() -> u64 {
    START.seconds() + 86_400
}

#[test]
fn a_snapshot_reads_back_equal_and_goes_on_alike() {
    let mut world = small_world();
    with_patients(&mut world, 8);
    let doctor = world.sign_in(DOCTOR);
    for number in 1..=7 {
        world.open(&doctor, number);
        world.pass(Duration::from_seconds(3));
    }
    let state = world.core.state();
    let bytes = state.to_bytes();
    let read = State::from_bytes(&bytes).unwrap();
    assert!(read == *state && read == world.replayed());
    assert_eq!(read.to_bytes(), bytes);
    assert!(State::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    world.core = decision::Core::new(read, [1; 32], Limits::default());
    world.open(&doctor, 8);
    assert!(*world.core.state() == world.replayed());
}

#[test]
fn a_ledger_that_was_edited_does_not_replay() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    let doctor = world.sign_in(DOCTOR);
    world.open(&doctor, 1);
    let replay = |entries: &[ledger::entry::Entry]| {
        let mut state = State::default();
        (0..).zip(entries).try_for_each(|(number, entry)| state.apply(number, entry))
    };
    assert!(replay(&world.ledger).is_ok());
    let position = |wanted: fn(&Act) -> bool| {
        world.ledger.iter().position(|entry| wanted(&entry.act)).unwrap()
    };
    for gone in [
        position(|act| matches!(act, Act::Opened(_))) - 1,
        position(|act| matches!(act, Act::FileCreated(_))),
        position(|act| matches!(act, Act::CardIssued(new) if new.card == card_id(DOCTOR))),
        0,
    ] {
        let mut cut = world.ledger.clone();
        cut.remove(gone);
        assert!(replay(&cut).is_err(), "without entry {gone}");
    }
    let mut swapped = world.ledger.clone();
    let last = swapped.len() - 1;
    swapped[last].at = START - Duration::from_seconds(1);
    assert!(replay(&swapped).is_err());
}
