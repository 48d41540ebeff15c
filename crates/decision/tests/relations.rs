//! A search for sequences of a practice's own acts that raise its own relation to a file of others,
//! or its grade; and of a card's own acts that take it off the rung it stands on.
//!
//! `COFFERDAM_SEED` and `COFFERDAM_SEQUENCES` say where to search and how long.

#[path = "support/random.rs"]
mod random;
#[path = "support/world.rs"]
mod world;

use decision::{Core, Event, Limits, State, Step, Stop, Target, Verdict};
use keyproto::statement::{Order, ProofClaims, code_hash};
use ledger::entry::{LookUp, Why};
use random::{Random, STAFF, from_environment};
use terms::{Duration, Finding, Grade, Ground, Purpose, RelationClass, Role, Rung, Section};
use world::*;

/// A session of this card, unless the card is frozen by then: it does nothing any more.
fn signed_in(world: &mut World, card: usize) -> Option<Device> {
    match world.try_sign_in(card, server(1), |_| {}) {
        (Verdict::SignedIn(_), device) => Some(device),
        (Verdict::Refused { why: Why::Frozen, .. }, _) => None,
        (other, _) => panic!("{other:?}"),
    }
}

/// One practice's own cards: officer 0, doctor 3, desk 5, laboratory 6, importer 18.
fn own_act(world: &mut World, act: u64, target: u64) {
    let blind = file(target).blind;
    let new = 1_000 + world.number();
    let reader = if act < 8 { 3 } else { 5 };
    match act {
        0 | 8 => {
            let Some(device) = signed_in(world, reader) else { return };
            world.open(&device, target);
        }
        1 => {
            let Some(device) = signed_in(world, 3) else { return };
            world.open_with(&device, target, |claims| {
                claims.purpose = Some(Purpose::Emergency);
                claims.reason = Some("so it says".into());
            });
        }
        2 | 9 => {
            let Some(device) = signed_in(world, reader) else { return };
            world.find(&device, LookUp::Identifier, &[target]);
            world.find(&device, LookUp::Name, &[target]);
        }
        3 | 10 | 11 | 12 => {
            let card = [3, 5, 6, 18][(act as usize).saturating_sub(9) % 4];
            let Some(device) = signed_in(world, card) else { return };
            if world.core.state().file(blind).is_some() {
                world.append(&device, target);
            } else {
                let target = Target::New {
                    file: file(target),
                    list: Some(list(1)),
                    unless: Some(LookUp::Identifier),
                };
                world.deposit(&device, target, &[Section::Label]);
            }
        }
        4 => {
            let Some(device) = signed_in(world, 18) else { return };
            world.create(&device, new, Some(list(1)));
            let taken = Target::Taken { file: file(target), by: LookUp::Identifier };
            world.deposit(&device, taken, &[Section::Label]);
        }
        5..=7 | 15..=17 => own_order(world, act, target),
        13 => world.pass(Duration::from_days(1)),
        _ => world.pass(Duration::from_days(15)),
    }
}

/// What only a patient, a patient's code or two officers could say.
fn own_relation(world: &mut World, target: u64) {
    let (named, own) = (file(target).id, practice(0));
    let soon = world.now.seconds() + 86_400;
    let hash = |code: &str| data_encoding::BASE64URL_NOPAD.encode(&code_hash(code));
    let codes = vec![hash("a guess")];
    for card in [0, 3, 4, 5] {
        let book = Order::Book { file: named, practice: own, at: soon };
        world.order(&[card], book, Some(target));
    }
    for signers in [&[0][..], &[0, 0], &[0, 3]] {
        let order = Order::Codes { file: named, codes: codes.clone() };
        world.order(signers, order, Some(target));
    }
    let order = Order::Present { file: named, code: "a guess".into() };
    world.order(&[4], order, Some(target));
}

/// What only a colleague could say, for card 3, signed by card 3 and by those of no say.
fn own_word(world: &mut World, target: u64) {
    for signers in [&[3][..], &[5], &[6], &[3, 3], &[3, 5]] {
        world.order(signers, Order::Relax { card: world.cards[3].id }, None);
        let order = Order::Confirm { file: file(target).id, card: world.cards[3].id };
        world.order(signers, order, Some(target));
    }
}

/// Orders that only the practice itself signs.
fn own_order(world: &mut World, act: u64, target: u64) {
    let (own, other) = (practice(0), practice(1));
    match act {
        5 => {
            world.refer(3, target, 0);
            world.refer(3, target, 1);
            world.presence(3, target, 0);
            for to in [0, 1] {
                let (practice, ground) = (practice(to), Ground::Admission);
                let order = Order::Refer { file: file(target).id, practice, ground };
                world.order(&[5], order, Some(target));
            }
        }
        15 | 16 => own_relation(world, target),
        17 => own_word(world, target),
        6 => {
            for order in [
                Order::ApproveList { list: list(1), practice: own },
                Order::ApproveList { list: list(1), practice: other },
            ] {
                world.order(&[0], order.clone(), None);
                world.order(&[0, 0], order.clone(), None);
                world.order(&[0, 3], order, None);
            }
        }
        _ => {
            let mut bytes = [200; 10];
            bytes[..8].copy_from_slice(&world.number().to_be_bytes());
            for (role, at) in [(Role::Doctor, 1), (Role::Patient, 0), (Role::Officer, 0)] {
                let order = Order::IssueCard {
                    card: terms::CardId::from_bytes(bytes),
                    role,
                    practice: practice(at),
                    holder: "mine".into(),
                    key: keyproto::jws::Jwk::of(&Signer::new().key),
                    not_after: world.now.seconds() + 86_400,
                    file: (role == Role::Patient).then(|| file(target).id),
                };
                world.order(&[0], order, (role == Role::Patient).then_some(target));
            }
        }
    }
}

const OWN_ACTS: u64 = 18;

/// The class and grade with which practice 0's doctor would open the file now, in a world of its
/// own.
fn class_now(world: &mut World, target: u64) -> (Option<RelationClass>, Grade) {
    let here = world.core.state().to_bytes();
    let ledger = std::mem::take(&mut world.ledger);
    let from = std::mem::replace(&mut world.from, world.core.state().entries());
    let verdict = signed_in(world, 3).map(|device| world.open(&device, target));
    let class = match &verdict {
        Some(Verdict::Opened(released)) => (Some(released.class), released.grade),
        None | Some(Verdict::Refused { why: Why::NoRelation | Why::NoFile, .. }) => {
            (None, Grade::None)
        }
        other => panic!("{other:?}"),
    };
    (world.ledger, world.from) = (ledger, from);
    world.core = Core::new(State::from_bytes(&here).unwrap(), [5; 32], world.limits.clone());
    class
}

fn weaker(class: Option<RelationClass>) -> u32 {
    class.map_or(9, |class| class as u32)
}

/// Where the search starts: nothing of the practice's own, a relation that is over, a file made
/// before it was others', and one on the practice's own approved list.
const STARTS: u64 = 4;
const LISTED: u64 = 3;

/// Two worlds, the same but for the practice's own acts.
fn compare(sequence: &[u64], start: u64) {
    const TARGET: u64 = 1;
    let wide = [10_000; 6];
    let limits = Limits {
        roles: [wide; 9],
        former: wide,
        found: wide,
        emergencies: wide,
        relating: wide,
        ..Limits::default()
    };
    let mut worlds = [World::new(&STAFF, limits.clone()), World::new(&STAFF, limits)];
    // Where the target belongs to others from the start, or only after the first acts.
    let late = if start == 2 { sequence.len() / 2 } else { 0 };
    for (acting, world) in worlds.iter_mut().enumerate() {
        let act = |world: &mut World, one: u64| {
            if acting == 1 || one == 13 || one == 14 {
                own_act(world, one, TARGET);
            }
        };
        for one in &sequence[..late] {
            act(world, *one);
        }
        if start == LISTED {
            let laboratory = world.sign_in(6);
            world.create(&laboratory, TARGET, Some(list(1)));
            let order = Order::ApproveList { list: list(1), practice: practice(0) };
            assert_eq!(world.order(&[0, 2], order, None), Verdict::Ordered);
        }
        let other = world.sign_in(7);
        if world.core.state().file(file(TARGET).blind).is_none() {
            world.create(&other, TARGET, None);
        } else {
            world.append(&other, TARGET);
        }
        let patient = world.issue_patient(TARGET, 1);
        world.presence(patient, TARGET, 1);
        if start == 1 {
            world.presence(patient, TARGET, 0);
            world.pass(Duration::from_days(91));
        }
        for one in &sequence[late..] {
            act(world, *one);
        }
    }
    let [idle, acting] = &mut worlds;
    let ((idle, before), (acting, after)) = (class_now(idle, TARGET), class_now(acting, TARGET));
    // On the own list an own entry is a contact, as it should be; that explains nothing better.
    assert!(
        weaker(acting) >= weaker(idle) || start == LISTED,
        "own acts {sequence:?} from start {start} made {acting:?} out of {idle:?}"
    );
    assert!(
        after <= before,
        "own acts {sequence:?} from start {start} made {after:?} out of {before:?}"
    );
}

#[test]
fn no_sequence_of_own_acts_raises_ones_own_relation() {
    // Every pair, from every start, then longer ones at random.
    for start in 0..STARTS {
        for first in 0..OWN_ACTS {
            for second in 0..OWN_ACTS {
                compare(&[first, second], start);
            }
        }
    }
    let seed = from_environment("COFFERDAM_SEED", 7);
    let mut random = Random(seed);
    for _ in 0..from_environment("COFFERDAM_SEQUENCES", 250) {
        let depth = 6 + random.below(6);
        let sequence: Vec<u64> = (0..depth).map(|_| random.below(OWN_ACTS)).collect();
        compare(&sequence, random.below(STARTS));
    }
}

/// Keeps the search honest: with the one act that is another's, the class does rise.
#[test]
fn the_search_would_notice_a_raise() {
    let mut world = World::new(&STAFF, Limits::default());
    let other = world.sign_in(7);
    world.create(&other, 1, None);
    assert_eq!(class_now(&mut world, 1), (None, Grade::None));
    let patient = world.issue_patient(1, 1);
    world.presence(patient, 1, 1);
    assert_eq!(world.refer(7, 1, 0), Verdict::Ordered);
    let strong = (Some(RelationClass::Evidence), Grade::Strong);
    assert_eq!(class_now(&mut world, 1), strong);
}

/// One card's own acts, as it stands restricted, with an emergency that nobody confirmed.
fn held_world() -> World {
    let mut world = World::new(&STAFF, Limits::default());
    let other = world.sign_in(7);
    for number in 1..=4 {
        world.create(&other, number, None);
    }
    let acute = |claims: &mut ProofClaims| {
        claims.purpose = Some(Purpose::Emergency);
        claims.reason = Some("unconscious".into());
    };
    let doctor = world.sign_in(3);
    for number in [1, 3, 4] {
        released(world.open_with(&doctor, number, acute));
        world.pass(Duration::from_hours(1));
    }
    let (rung, lasts) = (Rung::Restricted, Duration::from_days(90));
    let what = Stop::Rung { card: world.cards[3].id, rung, lasts };
    let step = Event::Step(Step { what, finding: Finding::Weak });
    assert_eq!(world.tell(server(1), step), Verdict::Ordered);
    world.pass(Duration::from_days(15));
    world
}

fn act_alone(world: &mut World, act: u64) {
    match act {
        0 => drop(world.sign_in(3)),
        1 | 2 => own_act(world, act - 1, 1),
        3 => own_word(world, 1),
        4 => own_order(world, 5, 1),
        5 => world.restart(),
        _ => world.pass(Duration::from_days(1)),
    }
}

/// The rung, and whether the card has an emergency left once it is restricted no more.
fn still_held(world: &mut World) -> bool {
    let card = world.cards[3].id;
    let restricted = world.core.state().rung(card, world.now) == Rung::Restricted;
    // Off the ladder by an officer's word alone.
    for _ in 0..3 {
        world.order(&[2], Order::Relax { card }, None);
        world.order(&[1], Order::Relax { card }, None);
    }
    let doctor = world.sign_in(3);
    let verdict = world.open_with(&doctor, 2, |claims| {
        claims.purpose = Some(Purpose::Emergency);
        claims.reason = Some("unconscious".into());
    });
    restricted && why(&verdict) == Some(Why::NoRelation)
}

#[test]
fn no_sequence_of_a_cards_own_acts_takes_it_down_or_confirms_it() {
    for first in 0..7 {
        for second in 0..7 {
            for third in 0..7 {
                let mut world = held_world();
                for act in [first, second, third] {
                    act_alone(&mut world, act);
                }
                assert!(still_held(&mut world), "{:?}", [first, second, third]);
            }
        }
    }
    // Keeps the search honest: a colleague's word does both.
    let mut world = held_world();
    assert_eq!(world.order(&[4], Order::Relax { card: world.cards[3].id }, None), Verdict::Ordered);
    assert!(!still_held(&mut world));
    let mut world = held_world();
    let order = Order::Confirm { file: file(1).id, card: world.cards[3].id };
    assert_eq!(world.order(&[4], order, Some(1)), Verdict::Ordered);
    assert!(!still_held(&mut world));
}
