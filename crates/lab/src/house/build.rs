//! The house on its first day: practices, cards, files, approved lists, canaries.

use super::numbers::{PATIENTS, blind, card, key, list, practice};
use super::{Cards, House};
use crate::defence::Order;
use crate::scene::Scene;
use decision::{Begin, Limits, Trial};
use keyproto::statement;
use ledger::entry::{CardIssued, PracticeRegistered};
use terms::{Blind, Duration, Role, Section, SessionId, Time};

/// What every file holds.
const SECTIONS: [Section; 6] = [
    Section::Label,
    Section::Contact,
    Section::History,
    Section::Results,
    Section::Medication,
    Section::Summary,
];
/// The import was so long before the first day that new files are new no more.
const BEFORE: Duration = Duration::from_days(30);
/// Canaries among a place's list: one in a hundred, and at least five. Assumed: what officers can
/// keep looking real.
const CANARY_SHARE: usize = 100;
const CANARIES_MIN: usize = 5;

/// The canaries on each place's list, numbered beyond the people.
pub(crate) fn canaries(scene: &Scene) -> Vec<Vec<u32>> {
    let mut next = scene.people.len() as u32;
    let each = scene.places.iter().map(|place| {
        let many = (place.list.len() / CANARY_SHARE).max(CANARIES_MIN) as u32;
        let first = next;
        next += many;
        (first..next).collect()
    });
    each.collect()
}

/// The trial with everything in it, told entry by entry to whoever watches.
pub(super) fn build(house: &mut House, scene: &Scene) {
    let at = scene.start - BEFORE;
    for (place, patients) in (0..).zip(&scene.places) {
        let hand = crate::defence::Hand { card: house.cards.importer(place), thief: false };
        house.begin_session(at, hand);
        let Some(session) = house.session(hand) else { continue };
        let canaries = house.canaries[place as usize].clone();
        for person in patients.list.iter().chain(&canaries) {
            deposit(house, at, session, *person, Some(place));
        }
        house.order_now(at, Order::Approve { place });
        let marked = house.marked;
        for canary in canaries.into_iter().filter(|_| marked) {
            mark(house, at, canary);
        }
    }
    // Whoever is on nobody's list has a file as well, from the last place's import.
    let last = scene.places.len() as u32 - 1;
    let hand = crate::defence::Hand { card: house.cards.importer(last), thief: false };
    let Some(session) = house.session(hand) else { return };
    for person in 0..scene.people.len() as u32 {
        if house.trial.state().file(blind(person)).is_none() {
            deposit(house, at, session, person, None);
        }
    }
}

fn deposit(house: &mut House, at: Time, session: SessionId, person: u32, place: Option<u32>) {
    let (server, file) = (house.server, blind(person));
    let sections = SECTIONS.to_vec();
    let outcome = house.trial.deposit(at, server, session, file, sections, place.map(list));
    house.follow(at, outcome);
}

fn mark(house: &mut House, at: Time, canary: u32) {
    let mark = statement::Mark::Canary;
    let order = statement::Order::Mark { file: super::numbers::file(canary), mark, set: true };
    let by = house.cards.officers().map(card);
    let outcome = house.trial.order(at, house.server, &order, Some(blind(canary)), &by);
    house.follow(at, outcome);
}

/// A ledger that begins with these practices and cards.
pub(super) fn begin(
    scene: &Scene,
    cards: &Cards,
    limits: Limits,
) -> (Trial, Vec<ledger::entry::Entry>) {
    let places = scene.places.len() as u32;
    let practices = (0..=places).map(|place| PracticeRegistered {
        practice: practice(place),
        name: scene.places.get(place as usize).map_or("region", |place| &place.kind).into(),
        by: Vec::new(),
        order: [0; 32],
    });
    let issued = |number: u32, role: Role, place: u32, file: Option<Blind>| CardIssued {
        card: card(number),
        role,
        practice: practice(place),
        holder: String::new(),
        key: key(number),
        not_after: scene.start + Duration::from_days(10_000),
        file,
        by: Vec::new(),
        order: [0; 32],
    };
    let mut all = Vec::new();
    for (number, staff) in (0..).zip(&scene.staff) {
        if staff.starts {
            all.push(issued(number, staff.role, staff.place, None));
        }
    }
    for place in 0..places {
        all.push(issued(cards.officer(place), Role::Officer, place, None));
        all.push(issued(cards.machine(place), Role::System, place, None));
        all.push(issued(cards.importer(place), Role::Importer, place, None));
    }
    all.extend(cards.officers().map(|number| issued(number, Role::Officer, places, None)));
    all.extend(
        (0..scene.people.len() as u32)
            .map(|person| issued(PATIENTS | person, Role::Patient, places, Some(blind(person)))),
    );
    let (tenant, directory) = ("trial".into(), Blind::from_bytes([0; 16]));
    let begin = Begin { tenant, directory, practices: practices.collect(), cards: all };
    Trial::new(limits, scene.start - BEFORE - Duration::from_days(60), begin)
}
