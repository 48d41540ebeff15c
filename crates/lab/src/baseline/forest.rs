//! An isolation forest over each card's days, at the alert budget that our system has.
//!
//! Our own, and small: the published crate draws from the machine's randomness, so a run could not
//! be repeated. After Liu, Ting and Zhou, 2008: 64 trees of 256 samples.

use super::{Access, Readers, Rule, Says, is_night_run};
use crate::chance::Chance;
use crate::defence::Card;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use terms::Time;

const TREES: usize = 64;
const SAMPLES: usize = 256;
/// Learnt anew after so many days, from so many days of cards at most.
const LEARNS_DAYS: u32 = 30;
const REMEMBERED: usize = 20_000;

/// Files, new files, share new, openings at night, most in an hour, close ones.
type Features = [f64; 6];

#[derive(Default)]
struct Day {
    files: BTreeSet<u32>,
    new: u32,
    night: u32,
    close: u32,
    hours: [u32; 24],
}

enum Node {
    Leaf(usize),
    Split { feature: usize, at: f64, below: Box<Node>, above: Box<Node> },
}

/// The forest.
#[derive(Default)]
pub struct Forest {
    today: BTreeMap<Card, Day>,
    seen: HashMap<Card, BTreeSet<u32>>,
    past: Vec<Features>,
    trees: Vec<Node>,
    days: u32,
    readers: Readers,
}

impl Rule for Forest {
    fn note(&mut self, access: &Access) -> Option<Says> {
        self.readers.saw(access.card);
        let day = self.today.entry(access.card).or_default();
        let hour = (access.at.millis() / 3_600_000 % 24) as usize;
        if day.files.insert(access.person) {
            let seen = self.seen.entry(access.card).or_default();
            day.new += u32::from(seen.insert(access.person));
            day.night += u32::from(!(7..20).contains(&hour));
            day.close += u32::from(access.close);
            day.hours[hour] += 1;
        }
        None
    }

    fn hour(&mut self, now: Time) -> Vec<Says> {
        if !is_night_run(now) {
            return Vec::new();
        }
        let today: Vec<(Card, Features)> = std::mem::take(&mut self.today)
            .iter()
            .map(|(card, day)| (*card, day.features()))
            .collect();
        let scores = today.iter().map(|(card, features)| (self.score(features), *card));
        let scores = scores.filter(|(score, _)| *score > 0.5).collect();
        let says = self.readers.read(scores);
        self.past.extend(today.into_iter().map(|(_, features)| features));
        let too_many = self.past.len().saturating_sub(REMEMBERED);
        self.past.drain(..too_many);
        self.days += 1;
        if self.days.is_multiple_of(LEARNS_DAYS) {
            self.learn();
        }
        says
    }
}

impl Day {
    fn features(&self) -> Features {
        let files = self.files.len() as f64;
        let most = self.hours.iter().max().copied().unwrap_or(0);
        let share = f64::from(self.new) / files.max(1.0);
        let [new, night, most, close] = [self.new, self.night, most, self.close].map(f64::from);
        [files, new, share, night, most, close]
    }
}

impl Forest {
    fn learn(&mut self) {
        let mut chance = Chance::new(u64::from(self.days));
        let past = &self.past;
        let depth = (SAMPLES as f64).log2().ceil() as u32;
        self.trees = (0..TREES)
            .map(|_| {
                let sample = (0..SAMPLES).filter_map(|_| chance.pick(past).copied()).collect();
                grow(sample, depth, &mut chance)
            })
            .collect();
    }

    /// From 0 to 1: how quickly a day is alone.
    fn score(&self, day: &Features) -> f64 {
        if self.trees.is_empty() {
            return 0.0;
        }
        let depths: f64 = self.trees.iter().map(|tree| depth(tree, day)).sum();
        2f64.powf(-depths / self.trees.len() as f64 / usual_depth(SAMPLES))
    }
}

fn grow(sample: Vec<Features>, depth: u32, chance: &mut Chance) -> Node {
    let feature = chance.below(6);
    let values = || sample.iter().map(|features| features[feature]);
    let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    if depth == 0 || sample.len() <= 1 || least >= most {
        return Node::Leaf(sample.len());
    }
    let at = chance.between([least, most]);
    let (below, above) = sample.into_iter().partition(|features| features[feature] < at);
    let below = Box::new(grow(below, depth - 1, chance));
    let above = Box::new(grow(above, depth - 1, chance));
    Node::Split { feature, at, below, above }
}

fn depth(node: &Node, day: &Features) -> f64 {
    match node {
        Node::Leaf(many) => usual_depth(*many),
        Node::Split { feature, at, below, above } => {
            1.0 + depth(if day[*feature] < *at { below } else { above }, day)
        }
    }
}

/// The mean depth of a search tree of so many.
fn usual_depth(many: usize) -> f64 {
    match many {
        0 | 1 => 0.0,
        2 => 1.0,
        many => {
            let n = many as f64;
            2.0 * ((n - 1.0).ln() + 0.577_215_664_9) - 2.0 * (n - 1.0) / n
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alone_scores_high() {
        let mut chance = Chance::new(5);
        let usual = |chance: &mut Chance| {
            let files = chance.between([20.0, 60.0]);
            [files, files * 0.5, 0.5, chance.between([0.0, 3.0]), files / 6.0, 0.0]
        };
        let past = (0..2_000).map(|_| usual(&mut chance)).collect();
        let mut forest = Forest { past, days: 30, ..Forest::default() };
        forest.learn();
        let wild = forest.score(&[900.0, 890.0, 0.99, 400.0, 200.0, 4.0]);
        let usual = (0..100).map(|_| forest.score(&usual(&mut chance)));
        let above = usual.filter(|score| *score >= wild).count();
        assert!(above <= 5, "{above} of 100 usual days score {wild} or more");
    }
}
