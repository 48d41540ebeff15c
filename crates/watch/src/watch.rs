//! All detectors over one ledger.

use crate::detectors::{
    Alone, Canaries, Close, Crowd, Fast, LimitsReached, Lone, Lonely, Misses, Place, Probation,
    Relating, Residual, Shared, Together,
};
use crate::lifting::Lifting;
use crate::register::Register;
use crate::scene::{Opening, Scene, day_of};
use crate::stops::Stops;
use crate::{Alert, Settings};
use ledger::entry::{Act, Entry, Opened};
use terms::{Blind, Grade, RelationClass, Time};

/// The watch: entries in, alerts out. The same entries give the same alerts, however they come in
/// and whenever [`Watch::tick`] is called in between.
pub struct Watch {
    settings: Settings,
    clock: Time,
    register: Register,
    alone: Alone,
    lonely: Lonely,
    fast: Fast,
    residual: Residual,
    shared: Shared,
    together: Together,
    misses: Misses,
    crowd: Crowd,
    close: Close,
    probation: Probation,
    place: Place,
    canaries: Canaries,
    relating: Relating,
    limits: LimitsReached,
    lifting: Lifting,
    stops: Stops,
}

/// A scene of this moment; the borrows are of different fields.
macro_rules! scene {
    ($watch:ident, $number:expr, $at:expr, $alerts:expr) => {
        Scene {
            number: $number,
            at: $at,
            day: day_of($at),
            settings: &$watch.settings,
            register: &$watch.register,
            alerts: $alerts,
        }
    };
}

impl Watch {
    /// A watch that has seen nothing.
    pub fn new(settings: Settings) -> Watch {
        Watch {
            clock: Time::default(),
            register: Register::default(),
            alone: Alone::default(),
            lonely: Lonely::default(),
            fast: Fast::new(&settings),
            residual: Residual::new(&settings),
            shared: Shared::new(&settings),
            together: Together::default(),
            misses: Misses::new(&settings),
            crowd: Crowd::default(),
            close: Close::default(),
            probation: Probation::new(),
            place: Place::default(),
            canaries: Canaries::default(),
            relating: Relating::new(&settings),
            limits: LimitsReached::default(),
            lifting: Lifting::default(),
            stops: Stops::default(),
            settings,
        }
    }

    /// Takes in the next entry of the ledger.
    pub fn entry(&mut self, number: u64, entry: &Entry) -> Vec<Alert> {
        let mut alerts = Vec::new();
        self.advance(entry.at, &mut alerts);
        let at = self.clock;
        self.register.entry(entry);
        let mut scene = scene!(self, number, at, &mut alerts);
        if let Some(card) = self.lifting.lifted(&entry.act, &mut scene) {
            self.relax(number, at, card);
        }
        self.acts(number, at, &entry.act, &mut alerts);
        self.stops.entry(number, entry);
        self.stops.settle(&self.register, &self.settings, &mut alerts);
        alerts
    }

    /// What time alone brings: openings that stayed unexplained.
    pub fn tick(&mut self, now: Time) -> Vec<Alert> {
        let mut alerts = Vec::new();
        self.advance(now, &mut alerts);
        self.stops.settle(&self.register, &self.settings, &mut alerts);
        alerts
    }

    /// The canaries that the ledger names, in order.
    pub fn canaries(&self) -> Vec<Blind> {
        self.canaries.files()
    }

    /// The clock of the entries seen so far.
    pub fn time(&self) -> Time {
        self.clock
    }

    /// How many openings, files and sessions it keeps in mind: it forgets each within weeks.
    pub fn held(&self) -> usize {
        self.residual.held() + self.alone.held() + self.crowd.held() + self.register.sessions()
    }

    fn acts(&mut self, number: u64, at: Time, act: &Act, alerts: &mut Vec<Alert>) {
        let parts = self.settings.parts;
        if let Act::Opened(act) = act {
            self.opened(number, at, act, alerts);
        }
        let mut scene = scene!(self, number, at, alerts);
        match act {
            Act::Related(act) => {
                self.residual.related(act, &scene);
                self.alone.related(act, &scene);
                if parts.relating {
                    self.relating.related(act, &mut scene);
                }
            }
            Act::Refused(act) if parts.crowd => self.crowd.refused(act, &mut scene),
            Act::Confirmed(act) => self.residual.confirmed(act, &scene),
            Act::CardIssued(act) if parts.probation => self.probation.issued(act, &mut scene),
            Act::Found(found) => {
                if let Some(card) = self.register.card(&found.card).filter(|_| parts.place) {
                    self.place.acted(card, &found.session, &mut scene);
                }
            }
            _ => {}
        }
        if parts.misses {
            self.misses.entry(act, &mut scene);
        }
        if parts.limits {
            self.limits.entry(act, &mut scene);
        }
        if parts.canary {
            self.canaries.entry(act, &mut scene);
        }
        if parts.together {
            self.together.entry(act, &mut scene);
        }
    }

    fn opened(&mut self, number: u64, at: Time, act: &Opened, alerts: &mut Vec<Alert>) {
        let parts = self.settings.parts;
        let mut scene = scene!(self, number, at, alerts);
        let Some(card) = self.register.card(&act.card) else { return };
        // The own file is nobody else's matter.
        if act.class == RelationClass::Own {
            return;
        }
        if parts.place {
            self.place.acted(card, &act.session, &mut scene);
        }
        if act.repeat {
            return;
        }
        let practice = self.register.row(card).practice;
        let server = self.register.server_number(&act.server);
        let (file, grade, close) = (act.file, act.grade, act.close);
        let mut opening = Opening { card, practice, server, file, grade, close, new: false };
        opening.new = self.alone.opened(&opening, &scene);
        self.together.seen(card, server);
        if parts.fast {
            self.fast.opened(&opening, &mut scene);
        }
        if parts.residual || parts.shared {
            self.residual.opened(&opening, &scene);
        }
        if parts.crowd {
            self.crowd.opened(&opening, &mut scene);
        }
        if parts.close {
            self.close.opened(&opening, &mut scene);
        }
        if parts.probation {
            self.probation.opened(&opening, &mut scene);
        }
        if parts.shared {
            self.shared.at_work(&opening, &scene);
            if grade == Grade::None {
                self.sum(number, at, practice, server, alerts);
            }
            let mut scene = scene!(self, number, at, alerts);
            if grade == Grade::None && opening.new && self.lonely.opened(practice, &mut scene) {
                self.suspect(practice, at);
            }
        }
    }

    /// One more unexplained opening in the sums of its practice and server.
    fn sum(
        &mut self,
        number: u64,
        at: Time,
        practice: usize,
        server: Option<usize>,
        alerts: &mut Vec<Alert>,
    ) {
        let mut scene = scene!(self, number, at, alerts);
        let sums = self.shared.count(practice, server, at, number, &mut scene);
        for sum in &sums {
            if self.settings.parts.together {
                self.together.sum(*sum, &mut scene);
            }
        }
    }

    /// A stranger's file that one card alone looked at, in the sum of its practice.
    fn lone(&mut self, lone: &Lone, alerts: &mut Vec<Alert>) {
        let mut scene = scene!(self, lone.number, lone.at, alerts);
        if self.settings.parts.shared && self.lonely.lone(lone, &mut scene) {
            self.suspect(lone.practice, lone.at);
        }
    }

    fn suspect(&mut self, practice: usize, at: Time) {
        self.register.suspect(practice, at + self.settings.suspected);
    }

    /// Moves the clock, and does on its way what was due.
    fn advance(&mut self, now: Time, alerts: &mut Vec<Alert>) {
        let before = day_of(self.clock);
        let now = now.max(self.clock);
        // In the order of time, so that it does not matter when it is asked.
        loop {
            let next = self.alone.due().filter(|due| *due <= now);
            if let Some(rest) = self.residual.next(next.unwrap_or(now)) {
                let mut scene = scene!(self, rest.number, rest.at, alerts);
                if self.settings.parts.residual {
                    self.residual.rest(&rest, &mut scene);
                }
                if self.settings.parts.shared && !rest.weak {
                    let practice = self.register.row(rest.card).practice;
                    self.sum(rest.number, rest.at, practice, None, alerts);
                }
            } else if next.is_some() {
                if let Some(lone) = self.alone.next() {
                    self.lone(&lone, alerts);
                }
            } else {
                break;
            }
        }
        while let Some(alert) = self.stops.unlifted(now, &self.register) {
            alerts.push(alert);
        }
        self.clock = now;
        if day_of(now) != before {
            self.register.purge(now);
            self.alone.purge(now);
            self.crowd.purge(now);
            self.probation.purge(now);
            self.shared.purge(day_of(now));
        }
    }

    /// Somebody who may said that this card is well: what was counted is forgotten.
    fn relax(&mut self, number: u64, at: Time, card: usize) {
        let mut none = Vec::new();
        let scene = scene!(self, number, at, &mut none);
        self.fast.relax(card, &scene);
        self.residual.relax(card, &scene);
        self.misses.relax(card, &scene);
        self.relating.relax(card, &scene);
        self.close.relax(card);
        self.place.relax(card);
        self.stops.relax(card);
    }
}
