//! One rate of one card: what is usual for it, and Page's CUSUM test on Poisson counts for three
//! shifts at once.
//!
//! A day is a day at work. At its start each sum loses its shift, with each event it gains
//! ln((usual + shift) / usual); a sum above ln(days between false alarms), times the dispersion,
//! is too much (LOSS in docs/containment.md). What is
//! usual lags behind by [`LAG`] days at work and is capped by the peers,
//! so nobody teaches the test what it is there to find.

use crate::peers::{KNOWN_DAYS, Peers};
use crate::register::CardRow;
use crate::settings::{Settings, Tuning};
use std::collections::HashMap;

/// Days at work after which a day counts for what is usual, assumed.
const LAG: usize = 14;
/// How many days at work the guess of the peers weighs, assumed.
const GUESSED_DAYS: f64 = 10.0;
/// Most events that are kept as evidence.
const EVIDENCE_MAX: usize = 12;
/// How long, in days, a colleague's word raises what is usual, and how far above the peers.
const LIFTED_DAYS: u32 = 5;
const LIFTED_TIMES: f64 = 3.0;
/// While a sum is above this share of the first signal, days count for less, so that a slow thief
/// does not become usual before it is found, assumed.
const SUSPECT: f64 = 0.25;
const DOUBTED: f32 = 0.5;
/// The smallest shift, as a share of what is usual, assumed.
const LEAST_SHARE: f32 = 0.5;
/// No day at work yet.
const NEVER: u32 = u32::MAX;

/// How far a test has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reached {
    /// Which threshold.
    pub(crate) far: Far,
    /// The sum as a share of the threshold that it passed.
    pub(crate) score: f64,
    /// The events behind it.
    pub(crate) evidence: Vec<u64>,
}

/// The thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Far {
    /// Worth a new sign-in.
    First,
    /// Enough with another finding of another kind.
    Second,
    /// Enough by itself: so many times the second.
    Third,
}

/// How a track of one group of peers is tested.
pub(crate) struct Test<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) tuning: &'a Tuning,
    /// Those of the same role in the same practice.
    pub(crate) peers: &'a mut Peers,
    /// Those of the same role everywhere.
    pub(crate) wider: &'a mut Peers,
    /// How many cards the track counts for.
    pub(crate) scale: f64,
    /// Mean days between false alarms: first and second threshold.
    pub(crate) between: [f64; 2],
    /// How many times the second threshold is enough without another finding.
    pub(crate) alone: f64,
    /// The whole to which the card belongs is under suspicion.
    pub(crate) suspected: bool,
}

impl Test<'_> {
    /// The usual of the peers, and the cap.
    fn usual(&mut self, day: u32) -> (f64, f64) {
        let wider = self.wider.usual(day, self.tuning, None);
        self.peers.usual(day, self.tuning, Some(wider))
    }

    fn thresholds(&self) -> [f64; 2] {
        let [first, second] = self.between.map(|days| days.max(1.0).ln() * self.wider.dispersion());
        // Where all together do too much, it takes less to believe it of one.
        let less = second * self.settings.suspicion;
        if self.suspected { [first.min(less), less] } else { [first, second] }
    }
}

/// One rate of one card.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    day: u32,
    today: u32,
    /// The latest days, which do not count for what is usual yet.
    late: [u8; LAG],
    waiting: u8,
    next: u8,
    days: f32,
    mean: f32,
    /// The bucket among the peers.
    place: Option<u8>,
    usual: f32,
    sums: [f32; 3],
    lifted: (f32, u32),
    /// How far it was said.
    said: Option<Far>,
    evidence: Vec<u64>,
}

impl Default for Track {
    fn default() -> Track {
        Track {
            day: NEVER,
            today: 0,
            late: [0; LAG],
            waiting: 0,
            next: 0,
            days: 0.0,
            mean: 0.0,
            place: None,
            usual: 0.0,
            sums: [0.0; 3],
            lifted: (0.0, 0),
            said: None,
            evidence: Vec::new(),
        }
    }
}

impl Track {
    /// This day is a day at work.
    pub(crate) fn touch(&mut self, day: u32, test: &mut Test<'_>) {
        if self.day != NEVER && day <= self.day {
            return;
        }
        if self.day == NEVER {
            test.peers.joins();
            test.wider.joins();
        } else {
            self.close(day, test);
        }
        (self.day, self.today) = (day, 0);
        self.usual = self.usual_on(day, test) as f32;
        let [first, _] = test.thresholds();
        for (sum, shift) in self.sums.iter_mut().zip(shifts(self.usual, test.tuning)) {
            *sum = sum.max(0.0) - shift;
        }
        if self.highest() <= 0.0 {
            self.evidence.clear();
        }
        self.said = self.said.filter(|_| self.highest() > first / 2.0);
    }

    /// One more event on a day that was touched.
    pub(crate) fn count(&mut self, number: u64, test: &Test<'_>) -> Option<Reached> {
        self.today = self.today.saturating_add(1);
        for (sum, shift) in self.sums.iter_mut().zip(shifts(self.usual, test.tuning)) {
            *sum += ((self.usual + shift) / self.usual).ln();
        }
        if self.evidence.len() == EVIDENCE_MAX {
            self.evidence.remove(0);
        }
        self.evidence.push(number);
        let ([first, second], highest) = (test.thresholds(), self.highest());
        let third = second * test.alone;
        let marks = [(third, Far::Third), (second, Far::Second), (first, Far::First)];
        let (mark, far) = marks.into_iter().find(|(mark, _)| highest > *mark)?;
        if self.said.is_some_and(|said| said >= far) {
            return None;
        }
        self.said = Some(far);
        let score = highest / if far == Far::First { mark } else { second };
        let evidence = self.evidence.clone();
        if far == Far::Third {
            // Whoever is stopped begins again half way to the first signal, and what came on this
            // day never becomes usual.
            self.sums = [(first / 2.0) as f32; 3];
            (self.today, self.said) = (0, Some(Far::First));
            self.evidence.clear();
        }
        Some(Reached { far, score, evidence })
    }

    /// A colleague or officers know better: begin anew, and for some days take for usual what was
    /// seen, within reach of the peers.
    pub(crate) fn relax(&mut self, test: &mut Test<'_>) {
        if self.day == NEVER {
            return;
        }
        let (_, cap) = test.usual(self.day);
        let seen = f64::from(self.today).max(f64::from(self.usual));
        let lifted = seen.min(LIFTED_TIMES * cap * test.scale);
        self.lifted = (lifted as f32, self.day.saturating_add(LIFTED_DAYS));
        (self.sums, self.said) = ([0.0; 3], None);
        self.usual = self.usual.max(lifted as f32);
        self.evidence.clear();
    }

    fn close(&mut self, day: u32, test: &mut Test<'_>) {
        let own = self.own(test);
        for peers in [&mut test.peers, &mut test.wider] {
            peers.day(f64::from(self.today), own, test.scale);
        }
        // A burst counts for no more than a busy day.
        let busy = own + 3.0 * (test.wider.dispersion() * own).sqrt() + 1.0;
        let counted = self.today.min(busy as u32).min(255) as u8;
        let gap = f64::from(day - self.day);
        if gap > 30.0 {
            self.days *= 0.5f64.powf(gap / 60.0) as f32;
        }
        let next = usize::from(self.next);
        if usize::from(self.waiting) == LAG {
            let [first, _] = test.thresholds();
            let suspect = self.highest() > first * SUSPECT;
            self.learn(self.late[next], if suspect { DOUBTED } else { 1.0 }, test);
        } else {
            self.waiting += 1;
        }
        self.late[next] = counted;
        self.next = ((next + 1) % LAG) as u8;
    }

    fn learn(&mut self, counted: u8, weighs: f32, test: &mut Test<'_>) {
        // Half of it is forgotten after `memory_days`.
        let most = (test.settings.memory_days / core::f64::consts::LN_2) as f32;
        self.days = (self.days + weighs).min(most.max(1.0));
        self.mean += (f32::from(counted) - self.mean) * weighs / self.days.max(1.0);
        if self.days >= KNOWN_DAYS {
            let rate = f64::from(self.mean) / test.scale;
            test.wider.moves(self.place, rate);
            self.place = Some(test.peers.moves(self.place, rate));
        }
    }

    /// Its own rate, as far as it is known, else that of its peers.
    fn own(&self, test: &mut Test<'_>) -> f64 {
        let (median, _) = test.usual(self.day);
        let (days, mean) = (f64::from(self.days), f64::from(self.mean));
        (mean * days + median * test.scale * GUESSED_DAYS) / (days + GUESSED_DAYS)
    }

    fn usual_on(&self, day: u32, test: &mut Test<'_>) -> f64 {
        let (_, cap) = test.usual(day);
        let least = test.tuning.bounds[0] * test.scale;
        let own = self.own(test);
        // As much more as its estimate may be wrong by chance.
        let days = f64::from(self.days) + GUESSED_DAYS;
        let own = own + (test.wider.dispersion() * own / days).sqrt();
        let own = own.clamp(least, (cap * test.scale).max(least));
        let (lifted, until) = self.lifted;
        if day < until { own.max(f64::from(lifted)) } else { own }
    }

    fn highest(&self) -> f64 {
        f64::from(self.sums.iter().copied().fold(f32::MIN, f32::max))
    }
}

/// The shifts that are looked for: small ones against much that is usual would find its ups and
/// downs.
fn shifts(usual: f32, tuning: &Tuning) -> [f32; 3] {
    tuning.shifts.map(|shift| (shift as f32).max(usual * LEAST_SHARE))
}

/// The tracks of all cards, practices or servers for one rate.
pub(crate) struct Bank {
    tuning: Tuning,
    between: [f64; 2],
    alone: f64,
    tracks: Vec<Track>,
    /// One group for each role, and one for each role in each practice.
    wider: Vec<Peers>,
    peers: HashMap<(usize, usize), Peers>,
}

impl Bank {
    pub(crate) fn new(tuning: Tuning, between: [f64; 2], alone: f64) -> Bank {
        let wider = vec![Peers::new(&tuning); terms::Role::ALL.len()];
        Bank { tuning, between, alone, tracks: Vec::new(), wider, peers: HashMap::new() }
    }

    pub(crate) fn touch(&mut self, who: Whose, day: u32, settings: &Settings) {
        let (track, mut test) = self.of(who, settings);
        track.touch(day, &mut test);
    }

    /// Counts an event, on a day that it makes a day at work.
    pub(crate) fn count(
        &mut self,
        who: Whose,
        day: u32,
        number: u64,
        settings: &Settings,
    ) -> Option<Reached> {
        let (track, mut test) = self.of(who, settings);
        track.touch(day, &mut test);
        track.count(number, &test)
    }

    pub(crate) fn relax(&mut self, who: Whose, settings: &Settings) {
        let (track, mut test) = self.of(who, settings);
        track.relax(&mut test);
    }

    fn of<'a>(&'a mut self, who: Whose, settings: &'a Settings) -> (&'a mut Track, Test<'a>) {
        if self.tracks.len() <= who.number {
            self.tracks.resize(who.number + 1, Track::default());
        }
        let Whose { scale, suspected, group, within, .. } = who;
        let (tuning, between, alone) = (&self.tuning, self.between, self.alone);
        let wider = &mut self.wider[group];
        let peers = self.peers.entry((within, group)).or_insert_with(|| Peers::new(tuning));
        let test = Test { settings, tuning, peers, wider, scale, between, alone, suspected };
        (&mut self.tracks[who.number], test)
    }
}

/// Whose track it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose {
    pub(crate) number: usize,
    /// The group of peers: the number of a role, 0 for practices and servers.
    pub(crate) group: usize,
    /// The practice in which they are peers, 0 for practices and servers.
    pub(crate) within: usize,
    /// How many cards it counts for.
    pub(crate) scale: f64,
    /// Its practice is under suspicion.
    pub(crate) suspected: bool,
}

impl Whose {
    pub(crate) fn card(number: usize, row: &CardRow, suspected: bool) -> Whose {
        let (group, within) = (row.role as usize, row.practice);
        Whose { number, group, within, scale: 1.0, suspected }
    }

    /// The same for what suspicion says nothing about.
    pub(crate) fn unsuspected(self) -> Whose {
        Whose { suspected: false, ..self }
    }
}
