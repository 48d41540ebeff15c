//! What all cards of a practice, or of a server, do together: many who each do little.

use crate::scene::{Opening, Scene, day_of};
use crate::settings::{Settings, Tuning};
use crate::track::{Bank, Whose};
use crate::{Alert, Level};
use terms::{Finding, Time};

/// How fast the number of cards at work follows the days.
const FOLLOWS: f64 = 0.1;
/// Days of a whole before its sum is looked at, assumed.
const KNOWN_DAYS: u32 = 5;

/// The sums of practices and servers.
pub(crate) struct Shared {
    practices: Sums,
    servers: Sums,
}

/// A sum that is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    Practice(usize),
    Server(usize),
}

struct Sums {
    bank: Bank,
    /// How many cards were at work on the day, and on most days.
    crews: Vec<Crew>,
    /// The day on which each card was last seen at work here.
    seen: std::collections::HashMap<(usize, usize), u32>,
}

#[derive(Clone, Copy)]
struct Crew {
    day: u32,
    /// How many days there were.
    days: u32,
    today: u32,
    usual: f64,
}

impl Shared {
    pub(crate) fn new(settings: &Settings) -> Shared {
        let sums = |tuning: Tuning| Sums {
            bank: Bank::new(tuning, [settings.shared; 2], 1.0),
            crews: Vec::new(),
            seen: std::collections::HashMap::new(),
        };
        Shared { practices: sums(settings.practice), servers: sums(settings.server) }
    }

    /// A card is at work; whether nothing explains what it opens is another question.
    pub(crate) fn at_work(&mut self, opening: &Opening, scene: &Scene<'_>) {
        self.practices.at_work(opening.practice, opening.card, scene);
        if let Some(server) = opening.server {
            self.servers.at_work(server, opening.card, scene);
        }
    }

    /// One opening that nothing explains, or that stayed so, by a card of this practice.
    pub(crate) fn count(
        &mut self,
        practice: usize,
        server: Option<usize>,
        at: Time,
        number: u64,
        scene: &mut Scene<'_>,
    ) -> Vec<Sum> {
        let mut found = Vec::new();
        if let Some(alert) = self.practices.count(practice, at, number, scene) {
            let practice_id = Some(scene.register.practice(practice));
            scene.alerts.push(Alert { practice: practice_id, ..alert });
            found.push(Sum::Practice(practice));
        }
        if let Some(server) = server
            && let Some(alert) = self.servers.count(server, at, number, scene)
        {
            let server_id = Some(scene.register.server(server));
            scene.alerts.push(Alert { server: server_id, ..alert });
            found.push(Sum::Server(server));
        }
        found
    }

    /// Forgets who was at work on earlier days.
    pub(crate) fn purge(&mut self, day: u32) {
        for sums in [&mut self.practices, &mut self.servers] {
            sums.seen.retain(|_, seen| *seen >= day);
        }
    }
}

impl Sums {
    fn at_work(&mut self, number: usize, card: usize, scene: &Scene<'_>) {
        if self.seen.insert((number, card), scene.day) == Some(scene.day) {
            return;
        }
        if self.crews.len() <= number {
            self.crews.resize(number + 1, Crew { day: scene.day, days: 0, today: 0, usual: 0.0 });
        }
        let crew = &mut self.crews[number];
        if crew.day != scene.day {
            // The first days count alike, later ones ever less.
            crew.days += 1;
            let follows = FOLLOWS.max(1.0 / f64::from(crew.days));
            crew.usual += (f64::from(crew.today) - crew.usual) * follows;
            (crew.day, crew.today) = (scene.day, 0);
        }
        crew.today += 1;
        let who = self.whose(number);
        self.bank.touch(who, scene.day, scene.settings);
    }

    fn count(
        &mut self,
        number: usize,
        at: Time,
        entry: u64,
        scene: &mut Scene<'_>,
    ) -> Option<Alert> {
        // Before it is known how many work there, no sum is too much.
        self.crews.get(number).filter(|crew| crew.days >= KNOWN_DAYS)?;
        let who = self.whose(number);
        let reached = self.bank.count(who, day_of(at), entry, scene.settings)?;
        let alert = scene.alert(Finding::Unexplained, Level::Note);
        Some(Alert { score: reached.score, evidence: reached.evidence, ..alert })
    }

    fn whose(&self, number: usize) -> Whose {
        let scale = self.crews.get(number).map_or(1.0, |crew| crew.usual.max(1.0));
        Whose { number, group: 0, within: 0, scale, suspected: false }
    }
}
