//! What the decision core grants and refuses, case by case, attackers first.

#[path = "support/world.rs"]
mod world;

use decision::{Event, Limits, Verdict, sections};
use keyproto::message::Ask;
use keyproto::statement::{Mark, Order, Proof, SubjectName};
use ledger::entry::{Act, LookUp, Subject, Why};
use std::fmt::Write;
use terms::{Duration, RelationClass, Role, Sections};
use world::*;

#[test]
fn the_access_matrix_is_the_golden_one() {
    let mut text = String::from("# role, relation class: the sections it opens\n");
    for role in Role::ALL {
        for class in RelationClass::ALL {
            writeln!(text, "{role} {class}: {}", sections(*role, *class)).unwrap();
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/access-matrix.txt");
    if std::env::var_os("COFFERDAM_REGENERATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    let differences: Vec<String> = golden
        .lines()
        .filter(|line| !text.lines().any(|new| new == *line))
        .map(|line| format!("- {line}"))
        .chain(
            text.lines()
                .filter(|line| !golden.lines().any(|old| old == *line))
                .map(|line| format!("+ {line}")),
        )
        .collect();
    assert!(
        golden == text,
        "the matrix changed; if that is meant, COFFERDAM_REGENERATE=1:\n{}",
        differences.join("\n")
    );
}

#[test]
fn the_matrix_gives_what_it_says() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    for card in [DOCTOR, NURSE, DESK] {
        let device = world.sign_in(card);
        let released = released(world.open(&device, 1));
        let role = world.cards[card].role;
        assert_eq!(released.class, RelationClass::Evidence);
        assert_eq!(released.sections, sections(role, RelationClass::Evidence));
        assert_eq!(released.hidden, Sections::ALL.without(released.sections));
        assert!(released.file.keys.iter().all(|(_, s)| released.sections.contains(*s)));
        assert_eq!(released.file.keys.len(), released.sections.iter().count());
        assert_eq!(released.entry, world.ledger.len() as u64 - 1);
    }
    let laboratory = world.sign_in(LABORATORY);
    assert_eq!(why(&world.open(&laboratory, 1)), Some(Why::Role));
    let officer = world.sign_in(0);
    assert_eq!(why(&world.open(&officer, 1)), Some(Why::Role));
    let stranger = world.sign_in(OTHER);
    assert_eq!(why(&world.open(&stranger, 1)), Some(Why::NoRelation));
    assert_eq!(why(&world.open(&stranger, 99)), Some(Why::NoFile));
}

#[test]
fn a_proof_of_anything_else_is_refused() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    let doctor = world.sign_in(DOCTOR);
    let nurse = world.sign_in(NURSE);
    // Another device's key, another method, address, origin or file.
    let mut stolen = doctor.clone();
    stolen.signer = nurse.signer.clone();
    assert_eq!(why(&world.open(&stolen, 1)), Some(Why::Signature));
    let url = format!("{ORIGIN}/fhir/Patient/{}", file(1).id);
    for wrong in 0..5 {
        let claims = world.claims("GET", &url);
        let mut asked = world.asked(&doctor, &claims);
        let mut about = file(1);
        match wrong {
            0 => asked.method = "PUT".into(),
            1 => asked.url.push('2'),
            2 => asked.origin = "https://localhost:84".into(),
            3 => asked.origin = "https://elsewhere".into(),
            _ => about = file(2),
        }
        let verdict = world.tell(server(1), Event::Open { asked, file: about, close: false });
        assert_eq!(why(&verdict), Some(Why::Signature), "{wrong}");
    }
    // Claim and address that name different files; no file at all.
    let verdict = world.open_with(&doctor, 1, |claims| claims.file = Some(file(2).id));
    assert_eq!(why(&verdict), Some(Why::Signature));
    let elsewhere = format!("{ORIGIN}/fhir");
    let verdict = world.open_with(&doctor, 1, |claims| claims.htu = elsewhere.clone());
    assert_eq!(why(&verdict), Some(Why::Signature));
    let verdict = world.open_with(&doctor, 1, |claims| {
        claims.htu = elsewhere.clone();
        claims.file = Some(file(1).id);
    });
    released(verdict);
    // Another server passes the request on; the session belongs to the first.
    let claims = world.claims("GET", &url);
    let asked = world.asked(&doctor, &claims);
    let verdict = world.tell(server(2), Event::Open { asked, file: file(1), close: false });
    assert_eq!(why(&verdict), Some(Why::Session));
}

#[test]
fn nonces_bind_expire_and_die_with_the_process() {
    let mut world = small_world();
    with_patients(&mut world, 2);
    let doctor = world.sign_in(DOCTOR);
    let url = format!("{ORIGIN}/fhir");
    let nonce = world.core.nonce(world.now, Some(file(1).id));
    assert!(nonce.starts_with(&file(1).id.to_string()), "a client sees what it signs for");
    let bound = |n: &str| {
        let (url, nonce) = (url.clone(), n.to_owned());
        move |claims: &mut keyproto::statement::ProofClaims| {
            claims.htu = url;
            claims.nonce = Some(nonce);
        }
    };
    assert_eq!(why(&world.open_with(&doctor, 2, bound(&nonce))), Some(Why::Signature));
    released(world.open_with(&doctor, 1, bound(&nonce)));
    let before = world.ledger.len();
    // Rewritten to another file, cut, missing, from the future's past.
    let forged = nonce.replace(&file(1).id.to_string(), &file(2).id.to_string());
    for bad in [forged.as_str(), &nonce[..nonce.len() - 2], "", ".", "AAAA"] {
        assert_eq!(world.open_with(&doctor, 2, bound(bad)), Verdict::StaleNonce, "{bad}");
    }
    assert_eq!(world.open_with(&doctor, 1, |c| c.nonce = None), Verdict::StaleNonce);
    world.pass(Duration::from_seconds(121));
    assert_eq!(world.open_with(&doctor, 1, bound(&nonce)), Verdict::StaleNonce);
    let fresh = world.core.nonce(world.now, Some(file(1).id));
    world.restart();
    assert_eq!(world.open_with(&doctor, 1, bound(&fresh)), Verdict::StaleNonce);
    assert_eq!(world.ledger.len(), before, "a stale nonce is not worth an entry");
    released(world.open(&doctor, 1));
}

#[test]
fn a_statement_counts_once_however_its_signature_is_written() {
    let mut world = small_world();
    with_patients(&mut world, 1);
    let doctor = world.sign_in(DOCTOR);
    let url = format!("{ORIGIN}/fhir/Patient/{}", file(1).id);
    let claims = world.claims("GET", &url);
    let text = doctor.signer.prove(&claims);
    let mut replay = |text: &str| {
        let mut asked = world.asked(&doctor, &claims);
        asked.proof = Proof::verify(text).unwrap();
        world.tell(server(1), Event::Open { asked, file: file(1), close: false })
    };
    released(replay(&text));
    assert_eq!(why(&replay(&text)), Some(Why::Replay));
    assert_eq!(why(&replay(&other_half(&text))), Some(Why::Replay));
    // A counter that does not grow.
    released(world.open_with(&doctor, 1, |claims| claims.counter = Some(5)));
    for counter in [5, 4, 0] {
        let verdict = world.open_with(&doctor, 1, |claims| claims.counter = Some(counter));
        assert_eq!(why(&verdict), Some(Why::Replay));
    }
    released(world.open_with(&doctor, 1, |claims| claims.counter = Some(6)));
}

/// The same statement with the signature (r, n - s): just as valid.
fn other_half(text: &str) -> String {
    use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order = HEXLOWER.decode(order.as_bytes()).unwrap();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let mut signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let mut borrow = 0i16;
    for at in (0..32).rev() {
        let digit = i16::from(order[at]) - i16::from(signature[32 + at]) - borrow;
        borrow = i16::from(digit < 0);
        signature[32 + at] = digit.rem_euclid(256) as u8;
    }
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

#[test]
fn a_sign_in_counts_once_even_across_a_restart() {
    let mut world = small_world();
    let (verdict, device) = world.try_sign_in(DOCTOR, server(1), |claims| {
        claims.hours = Some(100);
        claims.openings = Some(100_000);
    });
    let Verdict::SignedIn(view) = verdict else { panic!("{verdict:?}") };
    assert_eq!(view.until, world.now + Duration::from_hours(12));
    let Act::SessionStarted(started) = &world.ledger.last().unwrap().act else { panic!() };
    assert_eq!(started.openings_max, 250);
    let mut thief = device.clone();
    thief.session = world.session_id();
    assert_eq!(why(&world.sign_in_again(&thief)), Some(Why::Replay));
    world.restart();
    assert_eq!(why(&world.sign_in_again(&thief)), Some(Why::Replay));
    // Another device with the card's statement for this one.
    let (_, other) = world.try_sign_in(NURSE, server(1), |_| {});
    let (_, mut mixed) = world.try_sign_in(NURSE, server(1), |_| {});
    mixed.signer = other.signer.clone();
    mixed.session = world.session_id();
    assert!(why(&world.sign_in_again(&mixed)).is_some());
    // The session ends with its hours.
    with_patients(&mut world, 1);
    released(world.open(&device, 1));
    world.pass(Duration::from_hours(12));
    assert_eq!(why(&world.open(&device, 1)), Some(Why::Session));
}

#[test]
fn a_thief_at_machine_speed_is_frozen_after_a_handful() {
    let mut world = small_world();
    with_patients(&mut world, 60);
    // With the stolen session alone.
    let doctor = world.sign_in(DOCTOR);
    world.pass(Duration::from_seconds(60));
    let mut got = 0;
    for number in 1..=60 {
        got += usize::from(matches!(world.open(&doctor, number), Verdict::Opened(_)));
    }
    assert_eq!(got, 5);
    assert!(world.core.state().is_frozen(Subject::Card(world.cards[DOCTOR].id)));
    // With card and PIN, signing in again and again.
    let mut got = 0;
    for number in 1..=60 {
        world.pass(Duration::from_millis(20));
        let (verdict, device) = world.try_sign_in(NURSE, server(1), |_| {});
        if matches!(verdict, Verdict::SignedIn(_)) {
            got += usize::from(matches!(world.open(&device, number), Verdict::Opened(_)));
        }
    }
    assert!(got <= 7, "{got}");
    assert!(world.core.state().is_frozen(Subject::Card(world.cards[NURSE].id)));
    // Frozen until two officers say otherwise; one is not enough, nor the same one twice.
    let order = || Order::Unfreeze {
        subject: SubjectName::Card(card_id(NURSE)),
        reason: "it was me".into(),
    };
    assert_eq!(why(&world.order(&[0], order(), None)), Some(Why::Order));
    assert_eq!(why(&world.order(&[0, 0], order(), None)), Some(Why::Order));
    assert_eq!(why(&world.order(&[0, DESK], order(), None)), Some(Why::Order));
    world.pass(Duration::from_days(400));
    let (verdict, _) = world.try_sign_in(NURSE, server(1), |_| {});
    assert_eq!(why(&verdict), Some(Why::Frozen));
    assert_eq!(world.order(&[0, 1], order(), None), Verdict::Ordered);
    world.sign_in(NURSE);
}

#[test]
fn a_whole_practice_is_stopped_where_its_cards_together_go_too_far() {
    let mut cards = vec![(Role::Officer, 1), (Role::Officer, 1), (Role::Laboratory, 0)];
    cards.extend([(Role::Doctor, 0); 4]);
    let mut world = World::new(&cards, Limits::default());
    let laboratory = world.sign_in(2);
    for number in 1..=20 {
        world.create(&laboratory, number, Some(list(1)));
    }
    let order = Order::ApproveList { list: list(1), practice: practice(0) };
    assert_eq!(world.order(&[0, 1], order, None), Verdict::Ordered);
    let devices: Vec<Device> = (3..7).map(|card| world.sign_in(card)).collect();
    let mut opened = 0;
    for number in 1..=20 {
        let device = &devices[number as usize % 4];
        opened += u32::from(matches!(world.open(device, number), Verdict::Opened(_)));
    }
    // Four doctors' hard limits are 28 files in 10 seconds, a half of that is 14.
    assert_eq!(opened, 14);
    assert_eq!(world.last_why(), Some(Why::Budget));
    // A busy practice is no proof of a theft: nothing is frozen, and soon it goes on.
    assert!(!world.core.state().is_frozen(Subject::Practice(practice(0))));
    world.pass(Duration::from_seconds(10));
    released(world.open(&devices[0], 20));
}

#[test]
fn a_step_up_goes_on_and_repeats_are_free() {
    let mut world = small_world();
    with_patients(&mut world, 20);
    let doctor = world.sign_in(DOCTOR);
    world.pass(Duration::from_seconds(2));
    for number in 1..=5 {
        released(world.open(&doctor, number));
    }
    // The same files again, as often as one likes, recorded as repeats.
    for number in 1..=5 {
        released(world.open(&doctor, number));
        let Act::Opened(opened) = &world.ledger.last().unwrap().act else { panic!() };
        assert!(opened.repeat);
    }
    let verdict = world.open(&doctor, 6);
    assert_eq!(verdict, Verdict::Refused { why: Why::StepUp, ask: Ask::SignIn });
    let again = world.sign_in(DOCTOR);
    released(world.open(&again, 6));
    // A day later it is a new opening.
    world.pass(Duration::from_hours(25));
    let doctor = world.sign_in(DOCTOR);
    released(world.open(&doctor, 1));
    let Act::Opened(opened) = &world.ledger.last().unwrap().act else { panic!() };
    assert!(!opened.repeat);
}

#[test]
fn time_that_jumps_back_refills_nothing() {
    let mut world = small_world();
    with_patients(&mut world, 20);
    let doctor = world.sign_in(DOCTOR);
    world.pass(Duration::from_seconds(2));
    for number in 1..=5 {
        released(world.open(&doctor, number));
    }
    let there = world.now;
    for jump in [1, 60, 100_000] {
        world.now = there - Duration::from_seconds(jump);
        assert!(why(&world.open(&doctor, 6)).is_some());
        let at = world.ledger.last().unwrap().at;
        assert!(at >= there, "the ledger's time never runs backwards");
    }
    world.restart();
    world.now = there - Duration::from_seconds(5);
    assert!(why(&world.open(&doctor, 7)).is_some());
}

#[test]
fn a_canary_freezes_before_any_key_leaves_and_even_when_refused_otherwise() {
    for stranger in [false, true] {
        let mut world = small_world();
        with_patients(&mut world, 2);
        let mark = Order::Mark { file: file(2).id, mark: Mark::Canary, set: true };
        assert_eq!(why(&world.order(&[0], mark.clone(), Some(2))), Some(Why::Order));
        assert_eq!(world.order(&[0, 1], mark, Some(2)), Verdict::Ordered);
        let card = if stranger { OTHER } else { DOCTOR };
        let device = world.sign_in(card);
        // Without a proof by the device nobody is frozen: a server could freeze them all.
        let nurse = world.sign_in(NURSE);
        let mut forged = device.clone();
        forged.signer = nurse.signer.clone();
        assert_eq!(why(&world.open(&forged, 2)), Some(Why::Signature));
        assert_eq!(why(&world.open(&device, 2)), Some(Why::Canary));
        assert!(world.core.state().is_frozen(Subject::Card(world.cards[card].id)));
        assert_eq!(why(&world.open(&device, 1)), Some(Why::Frozen));
        let mut seen = world.ledger.iter().filter(|e| matches!(e.act, Act::Opened(_)));
        assert!(seen.next().is_none());
        // A name may hit it innocently, its number may not.
        assert!(matches!(world.find(&nurse, LookUp::Name, &[1, 2]), Verdict::Found { .. }));
        assert_eq!(why(&world.find(&nurse, LookUp::Identifier, &[2])), Some(Why::Canary));
        assert_eq!(why(&world.find(&nurse, LookUp::Name, &[1])), Some(Why::Frozen));
    }
}

#[test]
fn too_many_openers_of_one_file_are_refused() {
    let mut cards = vec![(Role::Officer, 0), (Role::Officer, 0), (Role::Laboratory, 0)];
    cards.extend([(Role::Doctor, 0); 45]);
    let mut world = World::new(&cards, Limits::default());
    let laboratory = world.sign_in(2);
    world.create(&laboratory, 1, Some(list(1)));
    let order = Order::ApproveList { list: list(1), practice: practice(0) };
    world.order(&[0, 1], order, None);
    let mut opened = 0;
    for card in 3..48 {
        let device = world.sign_in(card);
        opened += u32::from(matches!(world.open(&device, 1), Verdict::Opened(_)));
    }
    assert_eq!(opened, 40);
    assert_eq!(world.last_why(), Some(Why::Openers));
}
