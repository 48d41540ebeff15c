//! Many who open one file without a good explanation: somebody the town talks about.

use crate::scene::{Opening, Scene};
use crate::{Alert, Level};
use std::collections::{HashMap, VecDeque};
use terms::{Blind, Duration, Finding, Grade, Time};

const MONTH: Duration = Duration::from_days(30);
/// Crowds of one practice in 30 days that an officer is told of, assumed.
const USUAL_MAX: usize = 3;
/// Most openers that are kept of one file.
const OPENERS_MAX: usize = 64;

#[derive(Default)]
struct Openers {
    /// Card, last time, whether weakly explained, and the entry.
    cards: Vec<(usize, Time, bool, u64)>,
    /// The number of openers at which it is said again.
    next: usize,
}

/// Who opened what without a good explanation, within 30 days.
#[derive(Default)]
pub(crate) struct Crowd {
    files: HashMap<Blind, Openers>,
    /// When each practice had its latest crowds.
    practices: Vec<VecDeque<Time>>,
}

impl Crowd {
    pub(crate) fn opened(&mut self, opening: &Opening, scene: &mut Scene<'_>) {
        if opening.grade == Grade::Strong {
            return;
        }
        let openers = self.files.entry(opening.file).or_default();
        openers.purge(scene.at);
        let weak = opening.grade == Grade::Weak;
        let before = openers.cards.iter().position(|(card, ..)| *card == opening.card);
        let was_unexplained = before.is_some_and(|at| !openers.cards.remove(at).2);
        if openers.cards.len() == OPENERS_MAX {
            openers.cards.remove(0);
        }
        let weak = weak && !was_unexplained;
        openers.cards.push((opening.card, scene.at, weak, scene.number));
        let unexplained = openers.cards.iter().filter(|(_, _, weak, _)| !weak).count();
        let (crowd, all) = (scene.settings.crowd, openers.cards.len());
        let share = |count: usize, most: usize| count as f64 / (most + 1) as f64;
        let unexplained = share(unexplained, crowd);
        let most = unexplained.max(share(all, scene.settings.crowd_weak));
        if most >= 1.0 && all >= openers.next {
            openers.next = 2 * all;
            let evidence = openers.cards.iter().rev().take(12).rev().map(|(.., n)| *n).collect();
            // A practice's own staff, with substitutes, may be many; and where there are many such
            // files, relations come late, and nobody is talked about.
            let usual = self.usual(opening.practice, scene.at);
            let review = unexplained >= 1.0 && usual < USUAL_MAX;
            let level = if review { Level::Review } else { Level::Note };
            let alert = scene.alert(Finding::Crowd, level);
            scene.alerts.push(Alert { file: Some(opening.file), evidence, score: most, ..alert });
        }
    }

    /// How many crowds this practice had within 30 days before this one.
    fn usual(&mut self, practice: usize, now: Time) -> usize {
        if self.practices.len() <= practice {
            self.practices.resize(practice + 1, VecDeque::new());
        }
        let crowds = &mut self.practices[practice];
        crowds.retain(|at| *at + MONTH > now);
        if crowds.len() == USUAL_MAX {
            crowds.pop_front();
            crowds.push_back(now);
            return USUAL_MAX;
        }
        crowds.push_back(now);
        crowds.len() - 1
    }

    pub(crate) fn purge(&mut self, now: Time) {
        self.files.retain(|_, openers| {
            openers.purge(now);
            !openers.cards.is_empty()
        });
    }

    pub(crate) fn held(&self) -> usize {
        self.files.len()
    }
}

impl Openers {
    fn purge(&mut self, now: Time) {
        self.cards.retain(|(_, at, ..)| *at + MONTH > now);
        if self.cards.is_empty() {
            self.next = 0;
        }
    }
}
