//! The product under trial: the decision, and the watch that follows its ledger and steps in.
//!
//! The watch is told entries and nothing else, so no label of the lab can reach it: what an attack
//! is, only the counting in `tally.rs` knows.

pub(crate) mod build;
mod cards;
pub(crate) mod numbers;
mod orders;

pub(crate) use cards::Cards;

use crate::attack::Saw;
use crate::defence::{Card, Defence, Event, Hand, Look, Order, Wish};
use crate::scene::Scene;
use data_encoding::BASE64URL_NOPAD;
use decision::{Limits, Outcome, Trial, Verdict};
use keyproto::message::Ask;
use keyproto::statement::{Order as Signed, code_hash};
use ledger::entry::{Act, Entry, LookUp, Subject, Why};
use numbers::{blind, card, card_number, person, place};
use std::collections::HashMap;
use terms::{Blind, Grade, Purpose, Role, Section, Sections, ServerId, SessionId, Time};
use watch::{Level, Settings, Watch};

/// The label alone, or the summary with it, is no open file.
const LITTLE: Sections = Sections::of(&[Section::Label, Section::Summary]);

/// The product under trial.
pub struct House {
    pub(crate) trial: Trial,
    watch: Watch,
    pub(crate) server: ServerId,
    pub(crate) cards: Cards,
    pub(crate) canaries: Vec<Vec<u32>>,
    sessions: HashMap<Hand, SessionId>,
    sessions_begun: u64,
    events: Vec<Event>,
    /// What the ledger would hold by now.
    pub(crate) entries: u64,
    /// Canaries work.
    marked: bool,
}

impl House {
    /// A house with everything in it, on the evening before the first day.
    pub fn new(scene: &Scene, limits: Limits, settings: Settings, marked: bool) -> House {
        let cards = Cards::of(scene);
        let (trial, entries) = build::begin(scene, &cards, limits);
        let mut house = House {
            trial,
            watch: Watch::new(settings),
            server: ServerId::from_bytes([0x73; 10]),
            cards,
            canaries: build::canaries(scene),
            sessions: HashMap::new(),
            sessions_begun: 0,
            events: Vec::new(),
            entries: 0,
            marked,
        };
        assert!(!entries.is_empty(), "the ledger begins");
        for entry in &entries {
            house.watched(entry);
        }
        build::build(&mut house, scene);
        house.events.clear();
        house
    }

    /// Tells the watch one entry; what it orders is done at once, as its process would.
    fn watched(&mut self, entry: &Entry) {
        let alerts = self.watch.entry(self.entries, entry);
        self.entries += 1;
        self.happened(entry);
        self.alerted(entry.at, alerts);
    }

    fn alerted(&mut self, now: Time, alerts: Vec<watch::Alert>) {
        for alert in alerts {
            if alert.level == Level::Review {
                self.events.push(Event::Alert {
                    finding: alert.finding,
                    card: alert.card.map(card_number),
                    place: alert.practice.map(place),
                    person: alert.file.map(person),
                });
            }
            if let Some(step) = alert.action {
                let outcome = self.trial.step(now, step);
                self.follow(now, outcome);
            }
        }
    }

    /// Takes in what an event led to.
    pub(crate) fn follow(&mut self, _now: Time, outcome: Outcome) -> Verdict {
        for entry in &outcome.entries {
            self.watched(entry);
        }
        outcome.verdict
    }

    /// What of an entry the lab has to react to.
    fn happened(&mut self, entry: &Entry) {
        match &entry.act {
            Act::Stepped(stepped) => self.events.push(Event::Stepped {
                card: card_number(stepped.card),
                rung: stepped.rung,
                finding: stepped.finding,
            }),
            Act::Frozen(frozen) => {
                let cause = match (frozen.why, frozen.finding) {
                    (Some(Why::Budget), _) => "hard budget",
                    (Some(Why::Canary), _) => "canary",
                    (Some(Why::Enumeration), _) => "misses",
                    (Some(_), _) => "decision",
                    (None, Some(finding)) => finding.word(),
                    (None, None) => "officer",
                };
                self.events.push(match frozen.subject {
                    Subject::Card(card) => Event::Frozen { card: card_number(card), cause },
                    Subject::Practice(at) => Event::FrozenPlace { place: place(at), cause },
                    Subject::Server(_) => Event::FrozenServer { cause },
                });
            }
            _ => {}
        }
    }

    /// The session of a hand.
    pub(crate) fn session(&self, hand: Hand) -> Option<SessionId> {
        self.sessions.get(&hand).copied()
    }

    /// Begins a session; a thief's device is not the holder's.
    pub(crate) fn begin_session(&mut self, now: Time, hand: Hand) -> Saw {
        self.sessions_begun += 1;
        let mut id = [0x73; 16];
        id[8..].copy_from_slice(&self.sessions_begun.to_be_bytes());
        let session = SessionId::from_bytes(id);
        let mut device = [u8::from(hand.thief); 32];
        device[28..].copy_from_slice(&hand.card.to_be_bytes());
        let outcome = self.trial.sign_in(now, self.server, card(hand.card), session, device);
        match self.follow(now, outcome) {
            Verdict::SignedIn(_) => {
                self.sessions.insert(hand, session);
                Saw::Done
            }
            verdict => seen(&verdict),
        }
    }

    fn with_session(&mut self, hand: Hand) -> SessionId {
        self.session(hand).unwrap_or(SessionId::from_bytes([0; 16]))
    }

    pub(crate) fn order_now(&mut self, now: Time, order: Order) -> Saw {
        let state = (self.trial.state(), self.server);
        let (order, file, by) = orders::signed(&self.cards, state, order);
        let outcome = self.trial.order(now, self.server, &order, file, &by);
        seen(&self.follow(now, outcome))
    }

    /// Two officers give a patient a code, who shows it where it is seen.
    fn show_code(&mut self, now: Time, person: u32, at: Card) -> Saw {
        let code = format!("{person}-{}", self.entries);
        let codes = vec![BASE64URL_NOPAD.encode(&code_hash(&code))];
        let (file, blind) = (numbers::file(person), Some(blind(person)));
        let officers = self.cards.officers().map(card);
        let order = Signed::Codes { file, codes };
        let outcome = self.trial.order(now, self.server, &order, blind, &officers);
        self.follow(now, outcome);
        let by = [card(at)];
        let order = Signed::Present { file, code };
        let outcome = self.trial.order(now, self.server, &order, blind, &by);
        seen(&self.follow(now, outcome))
    }

    fn is_canary(&self, person: u32) -> bool {
        self.canaries.first().and_then(|all| all.first()).is_some_and(|first| person >= *first)
    }
}

/// What a client sees of a verdict.
fn seen(verdict: &Verdict) -> Saw {
    match verdict {
        Verdict::SignedIn(_) | Verdict::Ordered | Verdict::Committed | Verdict::Done => Saw::Done,
        Verdict::Opened(released) if released.sections.without(LITTLE).is_empty() => Saw::Summary,
        Verdict::Opened(_) => Saw::Opened,
        Verdict::Found { shown, told } if shown.is_empty() && told.is_empty() => Saw::Miss,
        Verdict::Found { .. } => Saw::Hit,
        // Whose session is over learns it, and signs in anew.
        Verdict::Refused { why: Why::Session | Why::SessionBudget, .. }
        | Verdict::Refused { ask: Ask::SignIn, .. } => Saw::StepUp,
        Verdict::Refused { ask: Ask::Reason, .. } => Saw::AskedReason,
        _ => Saw::Refused,
    }
}

impl Defence for House {
    fn sign_in(&mut self, now: Time, hand: Hand) -> Saw {
        self.begin_session(now, hand)
    }

    fn open(&mut self, now: Time, hand: Hand, person: u32, wish: Wish) -> Look {
        let session = self.with_session(hand);
        let purpose = if wish.emergency { Purpose::Emergency } else { Purpose::Treatment };
        let reason = wish.reason.then(|| "in words".to_owned());
        let wish = decision::Wish { purpose, sections: None, reason, close: wish.close };
        let outcome = self.trial.open(now, self.server, session, blind(person), wish);
        let repeat = outcome.entries.iter().any(|entry| match &entry.act {
            Act::Opened(opened) => opened.repeat,
            _ => false,
        });
        let verdict = self.follow(now, outcome);
        let (grade, why) = match &verdict {
            Verdict::Opened(released) => (Some(released.grade), None),
            Verdict::Refused { why, .. } => (None, Some(*why)),
            _ => (None, None),
        };
        debug_assert!(!(self.marked && grade.is_some() && self.is_canary(person)));
        Look { saw: seen(&verdict), grade, repeat, why }
    }

    fn find(&mut self, now: Time, hand: Hand, person: Option<u32>, number: bool) -> Saw {
        let session = self.with_session(hand);
        let by = if number { LookUp::Identifier } else { LookUp::Name };
        let hits: Vec<Blind> = person.into_iter().map(blind).collect();
        let outcome = self.trial.find(now, self.server, session, by, &hits);
        seen(&self.follow(now, outcome))
    }

    fn write(&mut self, now: Time, hand: Hand, person: u32) -> Saw {
        let session = self.with_session(hand);
        let (server, file) = (self.server, blind(person));
        let sections = vec![Section::History];
        let outcome = self.trial.deposit(now, server, session, file, sections, None);
        seen(&self.follow(now, outcome))
    }

    fn order(&mut self, now: Time, order: Order) -> Saw {
        match order {
            Order::Show { person, by: Some(by), .. } => self.show_code(now, person, by),
            Order::Issue { card, place, role: Role::System, .. } => {
                self.cards.machines[place as usize] = card;
                self.order_now(now, order)
            }
            _ => self.order_now(now, order),
        }
    }

    fn tick(&mut self, now: Time) {
        let alerts = self.watch.tick(now);
        self.alerted(now, alerts);
    }

    fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn explains(&mut self, now: Time, place: u32, person: u32) -> Option<Grade> {
        let grade = self.trial.state().grade(blind(person), numbers::practice(place), now);
        (grade != Grade::None).then_some(grade)
    }
}
