//! A taken-over server asks who has a file, by conditional deposits, which nobody signs.

#[path = "support/world.rs"]
mod world;

use decision::{Event, Limits, Target, Verdict};
use keyproto::statement::{Mark, Order};
use ledger::entry::{LookUp, Subject, Why};
use terms::{Duration, Role, Section};
use world::*;

/// Cards of every role, by their place: two officers, then these.
const CAST: [(Role, usize); 9] = [
    (Role::Officer, 0),
    (Role::Officer, 0),
    (Role::Doctor, 0),
    (Role::Nurse, 0),
    (Role::Receptionist, 0),
    (Role::Laboratory, 0),
    (Role::Pharmacist, 0),
    (Role::System, 0),
    (Role::Importer, 0),
];
const PEOPLE: [usize; 4] = [2, 3, 4, 6];
const MACHINES: [usize; 3] = [5, 7, 8];
const BY: LookUp = LookUp::Identifier;

/// The server's side of it: what one number came to.
#[derive(Debug, PartialEq)]
enum Told {
    Free(u64),
    Taken,
    Nothing,
}

fn probe(world: &mut World, device: &Device, number: u64, taken: bool) -> Told {
    let target = match taken {
        true => Target::Taken { file: file(number), by: BY },
        false => Target::New { file: file(number), list: None, unless: Some(BY) },
    };
    let (session, sections) = (device.session, vec![Section::Label]);
    match world.tell(device.server, Event::Deposit { session, target, sections }) {
        Verdict::Granted(granted) => Told::Free(granted.grant),
        Verdict::Exists(_) => Told::Taken,
        Verdict::Refused { why: Why::StepUp, .. } if taken => Told::Taken,
        Verdict::Refused { why: Why::Enumeration, .. } if !taken => Told::Free(u64::MAX),
        Verdict::Refused { .. } | Verdict::Busy => Told::Nothing,
        other => panic!("{other:?}"),
    }
}

fn is_frozen(world: &World, card: usize) -> bool {
    world.core.state().is_frozen(Subject::Card(world.cards[card].id))
}

fn finish(world: &mut World, grant: u64, commit: bool) {
    let event = match commit {
        true => Event::Commit { grant, head: [grant as u8; 32] },
        false => Event::Abort { grant },
    };
    world.tell(server(1), event);
}

/// How many numbers the server learns to be free before it learns nothing more. It goes on for two
/// thousand, does `each` with what it got, and never signs anything.
fn misses(card: usize, mut each: impl FnMut(&mut World, u64, u64)) -> u64 {
    let mut world = World::new(&CAST, Limits::default());
    let device = world.sign_in(card);
    let mut free = 0;
    for number in 1_000..3_000 {
        if let Told::Free(grant) = probe(&mut world, &device, number, false) {
            free += 1;
            each(&mut world, grant, free);
        }
    }
    free
}

#[test]
fn numbers_that_nobody_has_are_told_to_a_handful_for_every_role() {
    for card in PEOPLE.into_iter().chain(MACHINES) {
        let few = if PEOPLE.contains(&card) { 4 } else { 101 };
        // Given back at once; left to lapse, more each second or all at once; across restarts.
        let aborted = misses(card, |world, grant, _| finish(world, grant, false));
        let lapsed = misses(card, |world, _, _| world.pass(Duration::from_seconds(1)));
        let held = misses(card, |_, _, _| ());
        let killed = misses(card, |world, _, _| world.restart());
        for told in [aborted, lapsed, held, killed] {
            assert!(told <= few, "{:?}: {told} of 2,000", CAST[card].0);
        }
        assert!(held < few, "what is under way counts already");
    }
}

/// The attacker above, against a core that does not count.
#[test]
fn the_attacker_learns_everything_where_nothing_is_counted() {
    terms::planted::plant(Some("counts no guess"));
    let told = misses(DESK, |world, grant, _| finish(world, grant, false));
    terms::planted::plant(None);
    assert_eq!(told, 2_000);
}

#[test]
fn files_made_for_nothing_buy_a_day_of_registrations_and_no_more() {
    for card in PEOPLE {
        let committed = misses(card, |world, grant, _| finish(world, grant, true));
        assert!(committed <= 54, "{:?}: {committed}", CAST[card].0);
        // A file of another number between any two guesses.
        let bought = misses(card, |world, grant, _| {
            finish(world, grant, false);
            let device = Device { card, ..last_device(world, card) };
            let number = world.number() + 10_000;
            let target = Target::New { file: file(number), list: None, unless: None };
            world.deposit(&device, target, &[Section::Label]);
        });
        assert!(bought <= 54, "{:?}: {bought}", CAST[card].0);
    }
}

/// The session that this card began.
fn last_device(world: &World, card: usize) -> Device {
    let session = world.ledger.iter().rev().find_map(|entry| match &entry.act {
        ledger::entry::Act::SessionStarted(new) if new.card == world.cards[card].id => {
            Some(new.session)
        }
        _ => None,
    });
    let (signer, text) = (world.cards[card].signer.clone(), String::new());
    Device { session: session.unwrap(), signer, server: server(1), card, text }
}

#[test]
fn numbers_that_somebody_has_are_told_within_a_budget_and_then_the_card_is_frozen() {
    // A tenth of what is allowed.
    let matched = Limits::default().matched.map(|files| files / 10);
    let most = 2_500;
    for card in [DESK, LABORATORY, 8] {
        let mut world = World::new(&CAST, Limits { matched, ..Limits::default() });
        let importer = world.sign_in(8);
        for number in 1..=most + 100 {
            world.create(&importer, number, None);
        }
        let device = world.sign_in(card);
        let mut told = 0;
        for number in 1..=most + 100 {
            told += u64::from(probe(&mut world, &device, number, true) == Told::Taken);
            world.pass(Duration::from_millis(3_001));
            if is_frozen(&world, card) {
                break;
            }
        }
        // Nobody signs in anew for the server, and what is withheld counts.
        assert!(is_frozen(&world, card), "{:?} was told {told}", CAST[card].0);
        let budget = if card == DESK { 807 } else { most };
        assert!(told <= budget, "{:?} was told {told}", CAST[card].0);
    }
}

/// What a machine may match unsigned gives its signed look-ups nothing: those show names.
#[test]
fn a_systems_look_ups_are_budgeted_as_anybodys() {
    let mut world = World::new(&CAST, Limits::default());
    let importer = world.sign_in(8);
    for number in 1..=700 {
        world.create(&importer, number, None);
    }
    let system = world.sign_in(7);
    let mut shown = 0;
    for number in 1..=700 {
        world.pass(Duration::from_seconds(20));
        if let Verdict::Found { .. } = world.find(&system, LookUp::Name, &[number]) {
            shown += 1;
        }
    }
    assert_eq!(shown, Limits::default().found[4]);
    assert_eq!(probe(&mut world, &system, 1, true), Told::Taken, "another budget");
}

#[test]
fn a_full_hand_of_grants_hides_no_guess_and_no_patients_session_guesses() {
    let mut world = World::new(&CAST, Limits::default());
    let device = world.sign_in(DESK);
    world.create(&device, 1, None);
    for number in 2..258 {
        let target = Target::New { file: file(number), list: None, unless: None };
        let (session, sections) = (device.session, vec![Section::Label]);
        let event = Event::Deposit { session, target, sections };
        assert!(matches!(world.tell(server(1), event), Verdict::Granted(_)));
    }
    for taken in [true, false] {
        assert_eq!(probe(&mut world, &device, 1 + 999 * u64::from(!taken), taken), Told::Nothing);
    }
    let patient = world.issue_patient(1, 0);
    let own = world.sign_in(patient);
    for taken in [true, false] {
        assert_eq!(probe(&mut world, &own, 1 + 999 * u64::from(!taken), taken), Told::Nothing);
    }
}

#[test]
fn an_honest_import_of_a_hundred_thousand_is_not_stopped() {
    let mut world = World::new(&CAST, Limits::default());
    let importer = world.sign_in(8);
    // Eight threads; one in a thousand fails on the way, as where a source is broken.
    for batch in 0..100_000 / 8 {
        let numbers = (0..8).map(|thread| 1 + batch * 8 + thread);
        let told: Vec<Told> =
            numbers.map(|number| probe(&mut world, &importer, number, false)).collect();
        for (thread, told) in told.into_iter().enumerate() {
            let Told::Free(grant) = told else { panic!("batch {batch}: {told:?}") };
            finish(&mut world, grant, (batch * 8 + thread as u64) % 1_000 != 999);
        }
        world.pass(Duration::from_millis(400));
        world.ledger.drain(..);
        world.from = world.core.state().entries();
    }
    assert!(!is_frozen(&world, 8));
}

#[test]
fn an_honest_laboratorys_day_fits() {
    let mut world = World::new(&CAST, Limits::default());
    let importer = world.sign_in(8);
    for number in 1..=5_000 {
        world.create(&importer, number, None);
    }
    let laboratory = world.sign_in(LABORATORY);
    for number in 1..=5_000u64 {
        // Four hundred results of the night in a few seconds, the others over ten hours.
        let pause = if number <= 400 { 20 } else { 7_000 };
        world.pass(Duration::from_millis(pause));
        assert_eq!(probe(&mut world, &laboratory, number, true), Told::Taken, "{number}");
        if number % 10 == 0 {
            let told = probe(&mut world, &laboratory, 100_000 + number, false);
            let Told::Free(grant) = told else { panic!("{number}: {told:?}") };
            finish(&mut world, grant, true);
        }
    }
    assert!(!is_frozen(&world, LABORATORY));
    assert!(!world.ledger.iter().any(|e| matches!(e.act, ledger::entry::Act::Refused(_))));
}

#[test]
fn people_who_look_first_and_then_register_are_not_stopped() {
    let mut world = World::new(&CAST, Limits::default());
    let desk = world.sign_in(DESK);
    for number in 100..148 {
        world.pass(Duration::from_seconds(600 / 8));
        assert!(matches!(world.find(&desk, LookUp::Identifier, &[]), Verdict::Found { .. }));
        let told = probe(&mut world, &desk, number, false);
        let Told::Free(grant) = told else { panic!("{number}: {told:?}") };
        finish(&mut world, grant, true);
    }
    // Three at once, as a page that registers a family.
    let family = [200, 201, 202].map(|number| probe(&mut world, &desk, number, false));
    for told in family {
        let Told::Free(grant) = told else { panic!("{told:?}") };
        finish(&mut world, grant, true);
    }
    assert!(!is_frozen(&world, DESK));
}

/// What a thief's sample holds, an officer tests: whose number it is, and nothing else.
#[test]
fn an_officer_tests_numbers_and_is_shown_nothing() {
    let mut world = World::new(&CAST, Limits::default());
    let (system, officer) = (world.sign_in(7), world.sign_in(0));
    for number in 1..4 {
        world.create(&system, number, None);
    }
    let canary = Order::Mark { file: file(2).id, mark: Mark::Canary, set: true };
    assert_eq!(world.order(&[0, 1], canary, Some(2)), Verdict::Ordered);
    for number in 1..4 {
        match world.find(&officer, BY, &[number]) {
            Verdict::Found { shown, told } => {
                assert!(shown.is_empty());
                assert_eq!(told, [file(number).blind]);
            }
            other => panic!("{other:?}"),
        }
    }
    for by in [LookUp::Name, LookUp::NameAndBirthDate, LookUp::Telephone] {
        let verdict = world.find(&officer, by, &[1]);
        assert!(matches!(verdict, Verdict::Refused { why: Why::Role, .. }), "{verdict:?}");
    }
    // Made-up numbers in a sample are no guesses, but they end some time.
    let misses =
        (0..500).take_while(|_| matches!(world.find(&officer, BY, &[]), Verdict::Found { .. }));
    assert_eq!(misses.count(), 100);
}
