//! Several signals about one practice or server: only then is it frozen, because that stops many.
//!
//! A signal is: too many of its cards stopped within an hour; its sum too high; limits of the
//! whole refused to several others of its cards within an hour; canaries met by two cards. Two
//! signals freeze.

use super::shared::Sum;
use crate::scene::Scene;
use crate::{Alert, Level};
use ledger::entry::{Act, Frozen, Refused, Stepped, Subject, Why};
use std::collections::{BTreeSet, VecDeque};
use terms::{Duration, Finding, Grade, Rung, Time};

/// How long a stopped card, a canary or a refusal is a signal, and how long a sum is.
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Cards that met a canary within an hour: one is one stolen card.
const CANARIES: usize = 2;
/// Most signals that are kept of one whole; the oldest go first.
const KEPT_MAX: usize = 256;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Stopped,
    Refused,
    Canary,
    Sum,
}

/// One sign about one whole; for a server, `of` is the practice of the card.
#[derive(Clone, Copy)]
struct Sign {
    at: Time,
    kind: Kind,
    card: usize,
    of: usize,
    number: u64,
}

#[derive(Clone, Default)]
struct Whole {
    signs: VecDeque<Sign>,
    /// Frozen, or said to be, until then.
    said: Option<Time>,
}

/// The signs about every practice and server.
#[derive(Default)]
pub(crate) struct Together {
    practices: Vec<Whole>,
    servers: Vec<Whole>,
    /// A refusal by a budget that the next entry may explain as the card's own.
    budget: Option<(u64, usize, Option<usize>)>,
    /// The server through which each card was last seen.
    through: Vec<Option<usize>>,
    /// The last day on which each card opened a stranger's file: what it is refused on that day may
    /// be its own want of emergencies, and no limit of the whole.
    strangers: Vec<Option<u32>>,
}

impl Together {
    /// A card was seen at a server.
    pub(crate) fn seen(&mut self, card: usize, server: Option<usize>) {
        if self.through.len() <= card {
            self.through.resize(card + 1, None);
        }
        self.through[card] = server.or(self.through[card]);
    }

    pub(crate) fn entry(&mut self, act: &Act, scene: &mut Scene<'_>) {
        // A limit of the card itself freezes it by the next entry; others freeze nobody.
        if let Some((number, card, server)) = self.budget.take() {
            let own = matches!(act, Act::Frozen(_)) && scene.number == number + 1;
            if !own {
                self.sign(Kind::Refused, card, server, scene);
            }
        }
        match act {
            Act::Frozen(act) => self.frozen(act, scene),
            Act::Stepped(act) => self.stepped(act, scene),
            Act::Refused(act) => self.refused(act, scene),
            Act::Unfrozen(act) => self.unfrozen(act.subject, scene),
            Act::Opened(act) if act.grade == Grade::None => {
                if let Some(card) = scene.register.card(&act.card) {
                    if self.strangers.len() <= card {
                        self.strangers.resize(card + 1, None);
                    }
                    self.strangers[card] = Some(scene.day);
                }
            }
            _ => {}
        }
    }

    /// The sum of a whole is too high.
    pub(crate) fn sum(&mut self, sum: Sum, scene: &mut Scene<'_>) {
        let at = scene.at;
        let sign = Sign { at, kind: Kind::Sum, card: 0, of: 0, number: scene.number };
        match sum {
            Sum::Practice(practice) => self.practice(practice, sign, scene),
            Sum::Server(server) => self.server(server, sign, scene),
        }
    }

    fn frozen(&mut self, act: &Frozen, scene: &mut Scene<'_>) {
        let Subject::Card(card) = act.subject else { return };
        if let Some(card) = scene.register.card(&card).filter(|_| act.by.is_empty()) {
            // The canary itself is the sign, and the freeze that follows no second one.
            if act.why != Some(Why::Canary) {
                self.sign(Kind::Stopped, card, None, scene);
            }
        }
    }

    fn stepped(&mut self, act: &Stepped, scene: &mut Scene<'_>) {
        if act.rung == Rung::Restricted
            && act.by.is_empty()
            && let Some(card) = scene.register.card(&act.card)
        {
            self.sign(Kind::Stopped, card, None, scene);
        }
    }

    fn refused(&mut self, act: &Refused, scene: &mut Scene<'_>) {
        let Some(card) = act.card.and_then(|card| scene.register.card(&card)) else { return };
        let server = scene.register.server_number(&act.server);
        self.seen(card, server);
        match act.why {
            Why::Budget if self.strangers.get(card) != Some(&Some(scene.day)) => {
                self.budget = Some((scene.number, card, server));
            }
            Why::Canary => self.sign(Kind::Canary, card, server, scene),
            _ => {}
        }
    }

    fn unfrozen(&mut self, subject: Subject, scene: &Scene<'_>) {
        let whole = match subject {
            Subject::Card(_) => None,
            Subject::Practice(id) => {
                scene.register.practice_number(&id).and_then(|n| self.practices.get_mut(n))
            }
            Subject::Server(id) => {
                scene.register.server_number(&id).and_then(|n| self.servers.get_mut(n))
            }
        };
        if let Some(whole) = whole {
            *whole = Whole::default();
        }
    }

    fn sign(&mut self, kind: Kind, card: usize, server: Option<usize>, scene: &mut Scene<'_>) {
        let of = scene.register.row(card).practice;
        let sign = Sign { at: scene.at, kind, card, of, number: scene.number };
        self.practice(of, sign, scene);
        if let Some(server) = server.or(self.through.get(card).copied().flatten()) {
            self.server(server, sign, scene);
        }
    }

    fn practice(&mut self, practice: usize, sign: Sign, scene: &mut Scene<'_>) {
        let needed = scene.settings.stopped.max(scene.register.staff(practice).div_ceil(10));
        if let Some((score, evidence)) = whole(&mut self.practices, practice).add(sign, needed, 1) {
            let id = scene.register.practice(practice);
            let alert = scene.alert(Finding::Together, Level::Review);
            let alert = Alert { practice: Some(id), score, evidence, ..alert };
            scene.freeze(alert, Subject::Practice(id));
        }
    }

    fn server(&mut self, server: usize, sign: Sign, scene: &mut Scene<'_>) {
        // Trouble within one practice is that practice's, and within a few theirs.
        let needed = (2 * scene.settings.stopped).max(scene.register.all_staff() / 20);
        let practices = scene.register.practices().div_ceil(4).max(2);
        let whole = whole(&mut self.servers, server);
        if let Some((score, evidence)) = whole.add(sign, needed, practices) {
            let id = scene.register.server(server);
            let alert = scene.alert(Finding::Together, Level::Review);
            let alert = Alert { server: Some(id), score, evidence, ..alert };
            scene.freeze(alert, Subject::Server(id));
        }
    }
}

fn whole(wholes: &mut Vec<Whole>, number: usize) -> &mut Whole {
    if wholes.len() <= number {
        wholes.resize(number + 1, Whole::default());
    }
    &mut wholes[number]
}

impl Whole {
    /// Takes in a sign; says whether that is enough, how strong it is, and what it rests on.
    fn add(&mut self, sign: Sign, needed: usize, practices: usize) -> Option<(f64, Vec<u64>)> {
        let now = sign.at;
        let lasts = |sign: &Sign| if sign.kind == Kind::Sum { DAY } else { HOUR };
        self.signs.retain(|sign| sign.at + lasts(sign) > now);
        if self.signs.len() == KEPT_MAX {
            self.signs.pop_front();
        }
        self.signs.push_back(sign);
        if self.said.is_some_and(|until| until > now) {
            return None;
        }
        let signals = self.signals(needed);
        let of: BTreeSet<usize> =
            self.signs.iter().filter(|s| s.kind != Kind::Sum).map(|sign| sign.of).collect();
        if signals < 2 || of.len() < practices {
            return None;
        }
        self.said = Some(now + DAY);
        let evidence = self.signs.iter().rev().take(12).map(|sign| sign.number);
        let evidence = evidence.collect::<BTreeSet<_>>().into_iter().collect();
        Some((signals as f64 / 2.0, evidence))
    }

    /// How many kinds of signals there are, each from cards of its own: one cause, such as an
    /// outage or one stolen card, often shows in two ways.
    fn signals(&self, needed: usize) -> usize {
        let needed = needed.max(1);
        let (stopped, canaries) = (self.cards(Kind::Stopped), self.cards(Kind::Canary));
        let mut refused = self.cards(Kind::Refused);
        refused.retain(|card| !stopped.contains(card));
        usize::from(stopped.len() >= needed)
            + usize::from(refused.len() >= needed)
            + usize::from(canaries.len() >= CANARIES)
            + usize::from(self.has(Kind::Sum))
    }

    fn cards(&self, kind: Kind) -> BTreeSet<usize> {
        self.signs.iter().filter(|sign| sign.kind == kind).map(|sign| sign.card).collect()
    }

    fn has(&self, kind: Kind) -> bool {
        self.signs.iter().any(|sign| sign.kind == kind)
    }
}
