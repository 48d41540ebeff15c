//! Strangers' files of a whole practice: many who each take little.
//!
//! Each file counts once, for whoever of the practice opened it first; and once more two days later
//! if nobody else looked at it by then. What is usual is the practice's own rate of the last
//! months, which lags behind by two weeks.

use super::Lone;
use crate::scene::Scene;
use crate::{Alert, Level};
use std::collections::VecDeque;
use terms::{Finding, Time};

/// Days after which a day counts for what is usual, and how many days are remembered, assumed.
const LAG: usize = 14;
const DAYS: f64 = 60.0;
/// Days that are seen before a sum is looked at, assumed.
const KNOWN_DAYS: f64 = 14.0;
/// The smallest shift, as a share of what is usual, assumed.
const LEAST_SHARE: f64 = 0.4;
/// Most openings that are kept as evidence.
const EVIDENCE_MAX: usize = 12;

/// One sum of one practice: Page's test on days, for three shifts.
#[derive(Clone, Default)]
struct Line {
    day: u32,
    today: u32,
    late: VecDeque<u32>,
    days: f64,
    mean: f64,
    usual: f64,
    sums: [f64; 3],
    evidence: VecDeque<u64>,
}

/// What is known of one practice: files as they are opened, and those that nobody else looked at.
#[derive(Clone, Default)]
struct Practice {
    new: Line,
    lone: Line,
    /// When officers were told.
    told: Option<Time>,
}

/// The sums of all practices.
#[derive(Default)]
pub(crate) struct Lonely {
    practices: Vec<Practice>,
}

impl Lonely {
    /// A stranger's file that is new to the practice; says whether they are too many.
    pub(crate) fn opened(&mut self, practice: usize, scene: &mut Scene<'_>) -> bool {
        let found = self.of(practice).new.count(scene);
        found.map(|evidence| self.tell(practice, evidence, scene)).is_some()
    }

    /// One that nobody else looked at; says whether they are too many.
    pub(crate) fn lone(&mut self, lone: &Lone, scene: &mut Scene<'_>) -> bool {
        let found = self.of(lone.practice).lone.count(scene);
        found.map(|evidence| self.tell(lone.practice, evidence, scene)).is_some()
    }

    fn of(&mut self, practice: usize) -> &mut Practice {
        if self.practices.len() <= practice {
            self.practices.resize(practice + 1, Practice::default());
        }
        &mut self.practices[practice]
    }

    /// Officers hear of it at once, and again while it goes on.
    fn tell(&mut self, practice: usize, evidence: Vec<u64>, scene: &mut Scene<'_>) {
        let told = &mut self.of(practice).told;
        let quiet = told.is_some_and(|at| at + scene.settings.told_again > scene.at);
        let level = if quiet { Level::Note } else { Level::Review };
        if !quiet {
            *told = Some(scene.at);
        }
        let id = Some(scene.register.practice(practice));
        let alert = scene.alert(Finding::Unexplained, level);
        scene.alerts.push(Alert { practice: id, evidence, ..alert });
    }
}

impl Line {
    /// One more file; says on what it rests if the sum is too high.
    fn count(&mut self, scene: &Scene<'_>) -> Option<Vec<u64>> {
        let tuning = &scene.settings.lone;
        self.advance(scene.day, scene);
        self.today += 1;
        if self.evidence.len() == EVIDENCE_MAX {
            self.evidence.pop_front();
        }
        self.evidence.push_back(scene.number);
        if self.days < KNOWN_DAYS {
            return None;
        }
        let usual = self.usual;
        for (sum, shift) in self.sums.iter_mut().zip(shifts(usual, tuning.shifts)) {
            *sum += ((usual + shift) / usual).ln();
        }
        let highest = self.sums.iter().copied().fold(0.0, f64::max);
        if highest <= scene.settings.lone_sum {
            return None;
        }
        // It begins again half way: what goes on is said again.
        self.sums = [scene.settings.lone_sum / 2.0; 3];
        Some(self.evidence.iter().copied().collect())
    }

    /// Closes the days that are over, those without any file as well.
    fn advance(&mut self, day: u32, scene: &Scene<'_>) {
        let tuning = &scene.settings.lone;
        if self.day == 0 {
            self.day = day;
        }
        while self.day < day {
            self.late.push_back(self.today);
            if self.late.len() > LAG
                && let Some(counted) = self.late.pop_front()
            {
                self.days = (self.days + 1.0).min(DAYS);
                self.mean += (f64::from(counted) - self.mean) / self.days;
            }
            let mean = self.mean.clamp(tuning.bounds[0], tuning.bounds[1]);
            self.usual = mean + (2.0 * mean / self.days.max(1.0)).sqrt();
            for (sum, shift) in self.sums.iter_mut().zip(shifts(self.usual, tuning.shifts)) {
                *sum = (*sum - shift).max(0.0);
            }
            (self.day, self.today) = (self.day + 1, 0);
        }
    }
}

fn shifts(usual: f64, shifts: [f64; 3]) -> [f64; 3] {
    shifts.map(|shift| shift.max(usual * LEAST_SHARE))
}
