//! The adaptive attacker's search: the cross-entropy method over the space in
//! `attack/adaptive.rs`. It may try as often as it likes on worlds of its own; what is reported is
//! its best plan on worlds that it has not seen.

use crate::attack::{Family, Pack, Plan, Ranges, adaptive};
use crate::campaign::{Campaign, Job};
use crate::contain::{Options, run_one, side_by_side};
use crate::statistics::Spread;
use crate::tally::Taken;
use crate::variant::Variant;
use serde::Serialize;

/// The best share of a round is what the next is drawn from.
const ELITE: f64 = 0.15;
/// Worlds of the search have seeds from here on, and each round others.
const SEEDS: u64 = 500_000;

/// The best that the search found.
#[derive(Clone, Debug, Serialize)]
pub struct Best {
    /// Which victims it could choose.
    pub victims: &'static str,
    /// The plan, in words.
    pub plan: String,
    /// The same as ranges, for a pack.
    pub ranges: Ranges,
    /// What it yields, on worlds that the search has not seen.
    pub spread: Spread,
    /// The most that any plan got in any round.
    pub most: f64,
    /// How many plans were tried.
    pub tried: usize,
}

/// Searches among all victims, and then among those whom nothing explains.
pub(crate) fn search(campaign: &Campaign, options: &Options) -> Vec<Best> {
    let all = adaptive::VICTIMS.to_vec();
    let unexplained = all.iter().filter(|victims| victims[2] == 0.0).copied().collect();
    let kinds = [("any victims", all), ("no current patients", unexplained)];
    let found = kinds.into_iter().map(|(name, victims)| {
        let ranges = Ranges { victims, ..Family::Adaptive.ranges() };
        best(campaign, options, name, ranges)
    });
    found.flatten().collect()
}

fn best(
    campaign: &Campaign,
    options: &Options,
    victims: &'static str,
    mut ranges: Ranges,
) -> Option<Best> {
    let (mut most, mut tried) = (0.0_f64, 0);
    for round in 0..u64::from(campaign.rounds) {
        let mut taken = population(campaign, options, &ranges, SEEDS + 100 * round);
        tried += taken.len();
        taken.sort_by_key(|one| std::cmp::Reverse(one.files));
        most = most.max(taken.first().map_or(0.0, |one| f64::from(one.files)));
        taken.truncate(((taken.len() as f64 * ELITE) as usize).max(3));
        let elite: Vec<Plan> = taken.into_iter().map(|one| one.plan).collect();
        ranges = narrowed(&ranges, &elite)?;
    }
    let last = SEEDS + 100 * u64::from(campaign.rounds);
    let taken = population(campaign, options, &ranges, last);
    let files: Vec<Vec<f64>> = vec![taken.iter().map(|one| f64::from(one.files)).collect()];
    let spread = Spread::of(&files)?;
    most = most.max(spread.max);
    Some(Best { victims, plan: words(&ranges), ranges, spread, most, tried: tried + taken.len() })
}

/// What plans of these ranges get, in as many worlds as there are seeds for comparisons.
fn population(campaign: &Campaign, options: &Options, ranges: &Ranges, first: u64) -> Vec<Taken> {
    let climate = campaign.climate();
    let worlds = campaign.others.len().max(1) as u64;
    let job = |seed| Job { variant: Variant::Ours, climate, seed, alone: None };
    let jobs: Vec<Job> = (first..first + worlds).map(job).collect();
    let pack = Pack { name: "search".into(), seed: first, attacks: vec![ranges.clone()] };
    let runs = side_by_side("the adaptive attacker", &jobs, options, |job| {
        run_one(campaign, *job, &pack, options.stop)
    });
    runs.into_iter().flat_map(|(_, tally)| tally.attacks).collect()
}

/// Ranges around the best plans.
fn narrowed(ranges: &Ranges, elite: &[Plan]) -> Option<Ranges> {
    if elite.is_empty() {
        return None;
    }
    let around = |of: &dyn Fn(&Plan) -> f64, within: [f64; 2]| {
        let n = elite.len() as f64;
        let mean = elite.iter().map(of).sum::<f64>() / n;
        let spread = (elite.iter().map(|p| (of(p) - mean).powi(2)).sum::<f64>() / n).sqrt();
        [(mean - spread).max(within[0]), (mean + spread).min(within[1])]
    };
    let logs = around(&|plan| plan.per_day.ln(), ranges.per_day.map(f64::ln));
    Some(Ranges {
        per_day: logs.map(f64::exp),
        // What many of the best chose is drawn more often.
        victims: elite.iter().map(|plan| plan.victims).collect(),
        hours: elite.iter().map(|plan| plan.hours).collect(),
        workdays: elite.iter().filter(|plan| plan.workdays).count() as f64 / elite.len() as f64,
        rest: around(&|plan| plan.rest, ranges.rest),
        excuses: around(&|plan| plan.excuses, ranges.excuses),
        ..ranges.clone()
    })
}

fn words(ranges: &Ranges) -> String {
    let usual = |all: &[[f64; 3]]| {
        let n = all.len().max(1) as f64;
        let mean = |k: usize| 100.0 * all.iter().map(|one| one[k]).sum::<f64>() / n;
        format!("{:.0} % strangers, {:.0} % own list, {:.0} % current", mean(0), mean(1), mean(2))
    };
    let mut hours = ranges.hours.clone();
    hours.sort_unstable();
    hours.dedup();
    let hours: Vec<String> = hours.iter().map(|[from, to]| format!("{from}-{to}")).collect();
    format!(
        "{:.1} to {:.1} a day; {}; hours {}; {:.0} % pause at weekends; lies low {:.1} to {:.1} \
         days; reasons unasked in {:.0} to {:.0} %",
        ranges.per_day[0],
        ranges.per_day[1],
        usual(&ranges.victims),
        hours.join(", "),
        100.0 * ranges.workdays,
        ranges.rest[0],
        ranges.rest[1],
        100.0 * ranges.excuses[0],
        100.0 * ranges.excuses[1]
    )
}
