//! One run: a region's days, attackers among them, and one defence that all of them meet.

mod after;
mod agenda;
mod honest;
mod thieves;
mod victims;

use crate::attack::Pack;
use crate::bounds::Bounds;
use crate::chance::Chance;
use crate::defence::{Card, Defence, Event, Order};
use crate::scene::{Happening, Scene};
use crate::tally::Tally;
use agenda::{Agenda, Item};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use terms::{Duration, Time};
use thieves::Attack;

/// Before the first attack, so that what is usual is known. Assumed.
const QUIET_DAYS: u64 = 45;
/// Random pairs asked about at the end.
const PAIRS: u32 = 2_000;
/// Officers approve each list anew so often: an approval lasts 90 days.
const APPROVED_DAYS: u64 = 80;
const HOUR: Duration = Duration::from_hours(1);

/// How patients and officers react. The world has the same figures; each is assumed unless said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reactions {
    /// Patients who report a wrong opening that they were told of (assumed: 2 %).
    pub report: f64,
    /// Mean days until then.
    pub report_days: f64,
    /// Share of thefts that the card's holder recognises when an officer asks after an alert.
    pub recognise: f64,
    /// The same of an insider's openings, when the officer asks.
    pub admit: f64,
    /// Colleagues who lower an honest card's rung.
    pub relax: f64,
    /// Mean hours until then.
    pub relax_hours: f64,
    /// Mean hours until officers lift an honest card's freeze.
    pub unfreeze_hours: f64,
    /// An officer reads an alert within so many days, evenly spread.
    pub review_days: [f64; 2],
}

impl Default for Reactions {
    fn default() -> Reactions {
        Reactions {
            report: 0.02,
            report_days: 5.0,
            recognise: 0.8,
            admit: 0.5,
            relax: 0.7,
            relax_hours: 0.33,
            unfreeze_hours: 2.0,
            review_days: [0.2, 3.0],
        }
    }
}

/// What one run is made of.
pub struct Setting<'a> {
    /// The region.
    pub scene: &'a Scene,
    /// The attacks; none for a run of honest people alone.
    pub pack: Option<&'a Pack>,
    /// The run's own seed.
    pub seed: u64,
    /// How people react.
    pub reactions: Reactions,
    /// Canaries on each place's list, numbered beyond the people.
    pub canaries: Vec<Vec<u32>>,
    /// Whether the canaries are marked as such.
    pub marked: bool,
    /// The hard bounds to hold against what attackers get.
    pub bounds: Option<Bounds>,
    /// Stop early.
    pub stop: &'a AtomicBool,
}

/// One run.
pub struct Run<'a, D> {
    setting: Setting<'a>,
    scene: &'a Scene,
    defence: D,
    agenda: Agenda,
    chance: Chance,
    now: Time,
    tally: Tally,
    works_at: Vec<Option<u32>>,
    /// The card that each of the staff has now, and whose a card is.
    card_of: Vec<Card>,
    holder: HashMap<Card, u32>,
    next_card: Card,
    machines: Vec<Card>,
    /// Everybody who ever works at each place.
    staff_at: Vec<Vec<u32>>,
    /// Lists that officers approved since the beginning.
    lists: Vec<(u32, Vec<u32>)>,
    live: Vec<bool>,
    frozen: HashSet<Card>,
    /// Honest figures leave out whoever had a card stolen, until then.
    apart_until: Vec<Time>,
    last_day: Vec<u64>,
    /// Until when each of the staff is busy signing in, and does what waited meanwhile.
    signing_until: Vec<Time>,
    /// Since when a place and a person belong together, and until when there is an event.
    related: HashMap<(u32, u32), (Time, Time)>,
    confirmed: HashSet<(u32, u32)>,
    /// Whom each place saw lately, and whom it ever had a relation to.
    recent: Vec<VecDeque<(u32, Time)>>,
    known: Vec<Vec<u32>>,
    attacks: Vec<Attack>,
    /// The live attack at each place, and with each card.
    busy: Vec<Option<usize>>,
    attacked: HashMap<Card, usize>,
    planned: usize,
}

impl<'a, D: Defence> Run<'a, D> {
    /// A run that begins on the scene's first day.
    pub fn new(setting: Setting<'a>, defence: D, first_free_card: Card) -> Run<'a, D> {
        let scene = setting.scene;
        let (staff, places) = (scene.staff.len(), scene.places.len());
        let numbers = 0..staff as u32;
        let mut agenda = Agenda::default();
        if setting.pack.is_some() {
            for place in 0..places as u32 {
                let day = QUIET_DAYS + u64::from(place) % 10;
                agenda.put(scene.start + Duration::from_days(day), Item::Begin { place });
            }
        }
        agenda.put(scene.start + HOUR, Item::Hour);
        for place in 0..places as u32 {
            agenda
                .put(scene.start + Duration::from_days(APPROVED_DAYS / 2), Item::Approve { place });
        }
        Run {
            scene,
            defence,
            agenda,
            chance: Chance::of(setting.seed, 1),
            now: scene.start,
            tally: Tally { seed: setting.seed, ..Tally::default() },
            works_at: scene.works_at(),
            card_of: numbers.clone().collect(),
            holder: numbers.map(|number| (number, number)).collect(),
            next_card: first_free_card,
            machines: (staff as u32 + places as u32..staff as u32 + 2 * places as u32).collect(),
            staff_at: staff_at(scene),
            lists: Vec::new(),
            live: scene.staff.iter().map(|staff| staff.starts).collect(),
            frozen: HashSet::new(),
            apart_until: vec![Time::from_millis(0); staff],
            signing_until: vec![Time::from_millis(0); staff],
            last_day: vec![u64::MAX; staff],
            related: HashMap::new(),
            confirmed: HashSet::new(),
            recent: vec![VecDeque::new(); places],
            known: vec![Vec::new(); places],
            attacks: Vec::new(),
            busy: vec![None; places],
            attacked: HashMap::new(),
            planned: Chance::of(setting.seed, 2).below(1_000),
            setting,
        }
    }

    /// Lets everything happen, and says what was counted.
    pub fn through(mut self, course: impl Iterator<Item = Happening>) -> Tally {
        for happening in course {
            if self.setting.stop.load(Ordering::Relaxed) {
                break;
            }
            self.until(happening.at);
            self.now = self.now.max(happening.at);
            self.happen(happening.deed);
            self.heed();
        }
        self.until(self.end());
        self.close()
    }

    fn end(&self) -> Time {
        self.scene.start + Duration::from_days(u64::from(self.scene.days))
    }

    /// Everything that is due before this time.
    fn until(&mut self, time: Time) {
        while let Some((at, item)) = self.agenda.take(time) {
            self.now = self.now.max(at);
            self.due(item);
            self.heed();
        }
    }

    fn due(&mut self, item: Item) {
        match item {
            Item::Hour => {
                self.defence.tick(self.now);
                self.agenda.put(self.now + HOUR, Item::Hour);
            }
            Item::Approve { place } => {
                self.defence.order(self.now, Order::Approve { place });
                self.agenda
                    .put(self.now + Duration::from_days(APPROVED_DAYS), Item::Approve { place });
            }
            Item::Hand { place, person } => self.hand_over(place, person),
            Item::Again { list } => self.list_again(list),
            Item::Begin { place } => self.begin_attack(place),
            Item::Move { attack } => self.move_on(attack),
            Item::Review { card, place } => self.review(card, place),
            Item::Report { card } => self.reported(card),
            Item::Unfreeze { card } => self.unfreeze(card),
            Item::Free { place } => self.free(place),
            Item::Relax { by, of } => self.relax(by, of),
            Item::Renew { staff } => self.renew(staff),
            Item::Open { staff, person, reason, why } => self.work(staff, person, reason, why),
            Item::Later { place, person, card } => self.asked_later(place, person, card),
        }
    }

    fn heed(&mut self) {
        let events = self.defence.events();
        for event in events {
            self.heed_one(event);
        }
    }

    fn heed_one(&mut self, event: Event) {
        match event {
            Event::Alert { finding, card, place, person } => {
                self.alerted(finding, card, place, person);
            }
            Event::Stepped { card, rung, finding } => self.stepped(card, rung, finding),
            Event::Frozen { card, cause } => self.card_frozen(card, cause),
            Event::FrozenPlace { place, cause } => self.place_frozen(place, cause),
            Event::FrozenServer { cause } => self.server_frozen(cause),
        }
    }

    /// A run over: what still goes on ends with the world, and random pairs are asked about.
    fn close(mut self) -> Tally {
        for attack in 0..self.attacks.len() {
            self.finish(attack, None);
        }
        let people = self.scene.people.len();
        for _ in 0..PAIRS {
            let staff = &self.scene.staff[self.chance.below(self.scene.staff.len())];
            let person = self.chance.below(people) as u32;
            let grade = self.defence.explains(self.now, staff.place, person);
            self.tally.honest.pairs += 1;
            self.tally.honest.pairs_explained += u64::from(grade.is_some());
            let strong = grade == Some(terms::Grade::Strong);
            self.tally.honest.pairs_strong += u64::from(strong);
        }
        self.tally
    }
}

fn staff_at(scene: &Scene) -> Vec<Vec<u32>> {
    let mut at = vec![Vec::new(); scene.places.len()];
    for (number, staff) in (0..).zip(&scene.staff) {
        at[staff.place as usize].push(number);
    }
    at
}
