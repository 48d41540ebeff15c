//! Medians, percentiles and their intervals.

use crate::chance::Chance;
use serde::Serialize;

/// How often the bootstrap draws again.
const DRAWS: usize = 1_000;

/// What is said of many numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many.
    pub n: usize,
    /// The median, and its 95 % interval over seeds.
    pub median: f64,
    /// Lower and upper end.
    pub median_interval: [f64; 2],
    /// The 95th percentile.
    pub p95: f64,
    /// Lower and upper end.
    pub p95_interval: [f64; 2],
    /// The largest.
    pub max: f64,
}

/// The smallest number that at least this share does not exceed; 0 of none.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(at.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(0.0)
}

impl Spread {
    /// Of numbers by seed: what belongs to one seed is drawn together, since it is not independent.
    pub fn of(by_seed: &[Vec<f64>]) -> Option<Spread> {
        let mut all: Vec<f64> = by_seed.iter().flatten().copied().collect();
        if all.is_empty() {
            return None;
        }
        all.sort_by(f64::total_cmp);
        let (mut medians, mut p95s) = (Vec::new(), Vec::new());
        let mut chance = Chance::new(all.len() as u64);
        for _ in 0..DRAWS {
            let mut drawn: Vec<f64> = Vec::with_capacity(all.len());
            while drawn.is_empty() {
                for _ in by_seed {
                    drawn.extend(&by_seed[chance.below(by_seed.len())]);
                }
            }
            drawn.sort_by(f64::total_cmp);
            medians.push(quantile(&drawn, 0.5));
            p95s.push(quantile(&drawn, 0.95));
        }
        Some(Spread {
            n: all.len(),
            median: quantile(&all, 0.5),
            median_interval: interval(medians),
            p95: quantile(&all, 0.95),
            p95_interval: interval(p95s),
            max: quantile(&all, 1.0),
        })
    }
}

/// How often something happened among so many chances.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// How often.
    pub count: u64,
    /// Among how many.
    pub of: f64,
    /// The rate, or its upper bound where nothing was counted.
    pub rate: f64,
    /// Its 95 % interval over seeds.
    pub interval: [f64; 2],
}

impl Rate {
    /// Of counts and chances by seed.
    pub fn of(by_seed: &[(u64, f64)]) -> Rate {
        let sum = |of: &mut dyn Iterator<Item = (u64, f64)>| {
            of.fold((0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1))
        };
        let (count, of) = sum(&mut by_seed.iter().copied());
        let mut chance = Chance::new(count ^ 0x5eed);
        let draws = (0..DRAWS).map(|_| {
            let many = by_seed.len();
            let (count, of) = sum(&mut (0..many).map(|_| by_seed[chance.below(many)]));
            if of > 0.0 { count as f64 / of } else { 0.0 }
        });
        let interval = interval(draws.collect());
        // The rule of three: what was never seen happens less often than 3 in n, with 95 %.
        let rate = if of <= 0.0 {
            0.0
        } else if count == 0 {
            (3.0 / of).min(1.0)
        } else {
            count as f64 / of
        };
        Rate { count, of, rate, interval }
    }

    /// The rate times `per`, as text: `< x` where nothing was counted.
    pub fn text(&self, per: f64) -> String {
        if self.of <= 0.0 {
            return "-".into();
        }
        let less = if self.count == 0 { "< " } else { "" };
        format!("{less}{}", figure(self.rate * per))
    }
}

/// A number as people read it.
pub fn figure(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 || (v - v.round()).abs() < 1e-9 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn interval(mut draws: Vec<f64>) -> [f64; 2] {
    draws.sort_by(f64::total_cmp);
    [quantile(&draws, 0.025), quantile(&draws, 0.975)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_and_rates_are_what_they_say() {
        let seeds: Vec<Vec<f64>> = vec![(1..=50).map(f64::from).collect(), vec![], vec![100.0]];
        let spread = Spread::of(&seeds).unwrap();
        assert_eq!((spread.n, spread.median, spread.p95, spread.max), (51, 26.0, 49.0, 100.0));
        assert!(spread.median_interval[0] <= 26.0 && spread.median_interval[1] >= 26.0);
        assert_eq!(Spread::of(&[vec![]]), None);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), 2.0);
        let never = Rate::of(&[(0, 1_500.0), (0, 1_500.0)]);
        assert_eq!(never.text(1_000.0), "< 1");
        assert_eq!(Rate::of(&[(0, 2.0)]).text(100.0), "< 100");
        assert_eq!(Rate::of(&[(3, 100.0), (1, 100.0)]).rate, 0.02);
    }
}
