//! Files of people close to who opens them, without a strong explanation: of one name, household
//! or address, or staff of the same practice.
//!
//! In a small town much of honest work is for people one knows. So what counts is only what
//! exceeds the share of close people in the card's own strongly explained work, and of weakly
//! explained openings each counts half.

use crate::scene::{Opening, Scene};
use crate::{Alert, Level};
use std::collections::VecDeque;
use terms::{Blind, Duration, Finding, Grade, Rung, Time};

const MONTH: Duration = Duration::from_days(30);
/// Openings that the guess of the usual share of close people weighs, and that share, assumed.
const GUESSED: f64 = 50.0;
const SHARE: f64 = 0.01;
/// No more is ever taken for usual.
const SHARE_MAX: f64 = 0.1;
/// Openings after which half of a card's earlier work is forgotten.
const FORGETS: f64 = 0.999;
/// Most close files that are kept of one card.
const FILES_MAX: usize = 64;

#[derive(Clone, Default)]
struct Work {
    /// Strongly explained openings, and how many of them were of close people.
    strong: f64,
    close: f64,
    /// Other openings, each counting half as much after 21 days, and when that was worked out.
    others: f64,
    others_at: Time,
    files: VecDeque<(Time, Blind, f64, u64)>,
    /// How far it came within the month.
    said: usize,
}

/// What every card does with files of close people.
#[derive(Default)]
pub(crate) struct Close {
    cards: Vec<Work>,
}

impl Close {
    pub(crate) fn opened(&mut self, opening: &Opening, scene: &mut Scene<'_>) {
        if self.cards.len() <= opening.card {
            self.cards.resize(opening.card + 1, Work::default());
        }
        let work = &mut self.cards[opening.card];
        if opening.grade == Grade::Strong {
            work.strong = work.strong * FORGETS + 1.0;
            work.close = work.close * FORGETS + f64::from(u8::from(opening.close));
            return;
        }
        let weighs = if opening.grade == Grade::None { 1.0 } else { 0.5 };
        work.other(weighs, scene.at);
        if !opening.close {
            return;
        }
        work.files.retain(|(at, file, ..)| *at + MONTH > scene.at && *file != opening.file);
        if work.files.is_empty() {
            work.said = 0;
        }
        if work.files.len() == FILES_MAX {
            work.files.pop_front();
        }
        work.files.push_back((scene.at, opening.file, weighs, scene.number));
        let beyond = work.beyond();
        let reached = scene.settings.close.iter().filter(|most| beyond >= **most).count();
        if reached > work.said {
            work.said = reached;
            let evidence = work.files.iter().map(|(.., number)| *number).collect();
            say(opening, reached, beyond, evidence, scene);
        }
    }

    pub(crate) fn relax(&mut self, card: usize) {
        if let Some(work) = self.cards.get_mut(card) {
            work.files.clear();
            work.said = 0;
        }
    }
}

impl Work {
    fn other(&mut self, weighs: f64, now: Time) {
        let days = now.since(self.others_at).millis() as f64 / 86_400_000.0;
        self.others = self.others * 0.5f64.powf(days / 21.0) + weighs;
        self.others_at = now;
    }

    /// What is there of close files beyond what chance brings.
    fn beyond(&self) -> f64 {
        let share = (self.close + SHARE * GUESSED) / (self.strong + GUESSED);
        let there: f64 = self.files.iter().map(|(_, _, weighs, _)| weighs).sum();
        // What was opened just now counts whole for what is there, so it explains nothing itself.
        there - share.min(SHARE_MAX) * (self.others - there).max(0.0)
    }
}

fn say(opening: &Opening, reached: usize, beyond: f64, evidence: Vec<u64>, scene: &mut Scene<'_>) {
    let level = [Level::Note, Level::Prompt, Level::Review][reached.min(3) - 1];
    let score = beyond / scene.settings.close[reached.min(3) - 1].max(0.1);
    let alert = scene.card(opening.card, Finding::Close, level);
    let alert = Alert { file: Some(opening.file), evidence, score, ..alert };
    match level {
        Level::Note => scene.alerts.push(alert),
        Level::Prompt => scene.stop(alert, Rung::Reason, MONTH),
        Level::Review => scene.stop(alert, Rung::Restricted, scene.settings.restricted),
    }
}
