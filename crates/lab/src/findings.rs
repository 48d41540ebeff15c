//! What came out: figures with their intervals, beside those that are to be reached.

use crate::attack::{Family, Goal, Measure};
use crate::campaign::Job;
use crate::search::Best;
use crate::server::Beyond;
use crate::statistics::{Rate, Spread};
use crate::tally::{Honest, Taken, Tally};
use crate::variant::Variant;
use serde::Serialize;
use std::collections::BTreeMap;
use world::Climate;

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// The pack's name.
    pub attacks: String,
    /// How large the region was: people, staff who ever had a card, places, days.
    pub region: [usize; 4],
    /// One row for each variant and climate.
    pub rows: Vec<Row>,
    /// The adaptive attacker's best, with current patients among the victims and without.
    pub adaptive: Vec<Best>,
    /// What a taken-over server got.
    pub server: Option<Beyond>,
    /// It was stopped before all runs were over.
    pub incomplete: bool,
}

/// One variant in one climate.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What defended.
    pub variant: String,
    /// The climate.
    pub climate: Climate,
    /// How many seeds.
    pub seeds: usize,
    /// How many further worlds with one family alone, for the attacks.
    pub further: usize,
    /// The attacks.
    pub families: Vec<FamilyRow>,
    /// The honest side.
    pub honest: Vec<HonestRow>,
    /// What honest people were stopped for, and what alerts were about.
    pub causes: BTreeMap<String, u64>,
    /// Alerts: all, and those about an attack.
    pub findings: BTreeMap<String, (u64, u64)>,
    /// Hard bounds that were broken: there must be none.
    pub broken: Vec<String>,
}

/// One family of attacks.
#[derive(Clone, Debug, Serialize)]
pub struct FamilyRow {
    /// Which.
    pub family: Family,
    /// What is counted.
    pub measure: Measure,
    /// The figures to reach.
    pub goal: Option<Goal>,
    /// What was counted, for each attack.
    pub spread: Spread,
    /// Files opened without anything recent to explain it, for each attack.
    pub beyond: Spread,
    /// Files of which the summary alone was seen, for each attack.
    pub summaries: Spread,
    /// Days until the stop, where there was one.
    pub days: Option<Spread>,
    /// Attacks that were found or stopped.
    pub found: Rate,
    /// Attempts that were held before the file was readable, of those that nothing explained.
    pub held: Rate,
    /// Attempts at a file that something recent explained: nothing can hold those.
    pub explained: Rate,
    /// What stopped how many.
    pub stopped_by: BTreeMap<&'static str, u64>,
    /// Whether the figures are reached.
    pub reached: Option<bool>,
}

/// One figure of the honest side.
#[derive(Clone, Debug, Serialize)]
pub struct HonestRow {
    /// What.
    pub what: &'static str,
    /// The rate.
    pub rate: Rate,
    /// Times this it is given: for 1,000 staff-days, or in percent.
    pub per: f64,
    /// The figure to reach, at most (true) or at least.
    pub goal: Option<(f64, bool)>,
}

impl HonestRow {
    /// Whether the figure is reached; what was never seen has to be bounded below the figure.
    pub fn reached(&self) -> Option<bool> {
        let (goal, most) = self.goal?;
        let seen = if self.rate.of > 0.0 { self.rate.count as f64 / self.rate.of } else { 0.0 };
        let value = if most { self.rate.rate } else { seen } * self.per;
        Some(if most { value <= goal } else { value >= goal })
    }
}

/// The rows of all runs.
pub fn rows(all: &[(Job, Tally)]) -> Vec<Row> {
    let mut groups: BTreeMap<(Variant, Climate), Vec<(Job, &Tally)>> = BTreeMap::new();
    let mut order = Vec::new();
    for (job, tally) in all {
        let key = (job.variant, job.climate);
        if !groups.contains_key(&key) {
            order.push(key);
        }
        groups.entry(key).or_default().push((*job, tally));
    }
    order.into_iter().map(|key| row(key, &groups[&key])).collect()
}

fn row((variant, climate): (Variant, Climate), all: &[(Job, &Tally)]) -> Row {
    let families = Family::ALL.iter().filter_map(|family| {
        let of = all.iter().filter(|(job, _)| job.alone.is_none_or(|alone| alone == *family));
        family_row(*family, &of.map(|(_, tally)| *tally).collect::<Vec<_>>())
    });
    let families = families.collect();
    // Where one family attacks all the time, nobody else's work is as usual.
    let mixed = all.iter().filter(|(job, _)| job.alone.is_none());
    let runs: Vec<&Tally> = mixed.map(|(_, tally)| *tally).collect();
    let (mut causes, mut findings) = (BTreeMap::new(), BTreeMap::new());
    for run in &runs {
        for (cause, count) in &run.honest.causes {
            *causes.entry(cause.clone()).or_default() += count;
        }
        for (finding, (count, right)) in &run.honest.findings {
            let of: &mut (u64, u64) = findings.entry(finding.clone()).or_default();
            *of = (of.0 + count, of.1 + right);
        }
    }
    let baseline = matches!(variant, Variant::Baseline(_));
    Row {
        variant: variant.name(),
        climate,
        seeds: runs.len(),
        further: all.len() - runs.len(),
        families,
        honest: honest(&runs, baseline),
        causes,
        findings,
        broken: all.iter().flat_map(|(_, run)| run.broken.clone()).collect(),
    }
}

fn family_row(family: Family, runs: &[&Tally]) -> Option<FamilyRow> {
    let of = |run: &Tally| -> Vec<Taken> {
        run.attacks.iter().filter(|taken| taken.plan.family == family).cloned().collect()
    };
    let by_seed: Vec<Vec<Taken>> = runs.iter().map(|run| of(run)).collect();
    let each = |value: &dyn Fn(&Taken) -> f64| {
        by_seed.iter().map(|seed| seed.iter().map(value).collect()).collect::<Vec<Vec<f64>>>()
    };
    let measure = family.measure();
    let spread = Spread::of(&each(&|taken| counted(measure, taken)))?;
    let days: Vec<Vec<f64>> =
        by_seed.iter().map(|seed| seed.iter().filter_map(|taken| taken.days).collect()).collect();
    let rate = |of: &dyn Fn(&Taken) -> (u64, f64)| {
        let sum = |seed: &Vec<Taken>| {
            seed.iter().map(of).fold((0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1))
        };
        Rate::of(&by_seed.iter().map(sum).collect::<Vec<_>>())
    };
    let found = rate(&|taken| (u64::from(taken.found), 1.0));
    // What something recent explained strongly is no snooping that anybody could see.
    let held = rate(&|taken| {
        let unexplained = taken.attempts.saturating_sub(taken.explained);
        (u64::from(taken.held), f64::from(unexplained))
    });
    let explained = rate(&|taken| (u64::from(taken.explained), f64::from(taken.attempts)));
    let mut stopped_by = BTreeMap::new();
    for taken in by_seed.iter().flatten() {
        *stopped_by.entry(taken.stopped.unwrap_or("nothing")).or_default() += 1;
    }
    let goal = family.goal();
    let reached = goal.map(|goal| {
        let share = |rate: &Rate| if rate.of > 0.0 { rate.count as f64 / rate.of } else { 0.0 };
        if measure == Measure::Held {
            return share(&held) >= goal.median;
        }
        spread.median <= goal.median
            && goal.p95.is_none_or(|p95| spread.p95 <= p95)
            && goal.found.is_none_or(|least| share(&found) >= least)
    });
    Some(FamilyRow {
        family,
        measure,
        goal,
        spread,
        beyond: Spread::of(&each(&|taken| f64::from(taken.beyond)))?,
        summaries: Spread::of(&each(&|taken| f64::from(taken.summaries)))?,
        days: Spread::of(&days),
        found,
        held,
        explained,
        stopped_by,
        reached,
    })
}

fn counted(measure: Measure, taken: &Taken) -> f64 {
    match measure {
        Measure::Files => f64::from(taken.files),
        Measure::Hits => f64::from(taken.hits),
        Measure::Openers => f64::from(taken.openers),
        Measure::Held => f64::from(taken.held) / f64::from(taken.attempts.max(1)),
    }
}

fn honest(runs: &[&Tally], baseline: bool) -> Vec<HonestRow> {
    type Of<'a> = &'a dyn Fn(&Honest) -> (u64, f64);
    let row = |what, per, goal, of: Of| {
        let rate = Rate::of(&runs.iter().map(|run| of(&run.honest)).collect::<Vec<_>>());
        HonestRow { what, rate, per, goal }
    };
    let days = |honest: &Honest| honest.staff_days as f64;
    let most = |goal| Some((goal, true));
    let least = |goal| Some((goal, false));
    let mut rows = vec![
        row("suspensions", 1e3, most(0.2), &|h| (h.suspensions, days(h))),
        row("restrictions", 1e3, most(1.0), &|h| (h.restrictions, days(h))),
        row("step-ups", 1e3, most(10.0), &|h| (h.step_ups, days(h))),
        row("asked for a reason", 1e3, None, &|h| (h.prompts, days(h))),
        row("alerts for a human", 1e3, most(1.0), &|h| (h.alerts, days(h))),
        row("alerts that are right, %", 1e2, least(20.0), &|h| (h.right, h.alerts as f64)),
        row("emergencies refused, none being left", 1e3, None, &|h| {
            (h.emergencies_refused, days(h))
        }),
        row("openings refused", 1e3, None, &|h| (h.refused, days(h))),
    ];
    if baseline {
        return rows;
    }
    let all = |h: &Honest| h.openings as f64;
    rows.extend([
        row("explained at opening, %", 1e2, least(95.0), &|h| (h.strong + h.weak, all(h))),
        row("explained strongly, %", 1e2, least(85.0), &|h| (h.strong, all(h))),
        row("explained after 14 days, %", 1e2, least(99.0), &|h| {
            let asked = h.asked_later as f64 / ((h.none + h.refused).max(1) as f64);
            let later = h.later as f64 / asked.max(1e-9);
            ((h.strong + h.weak) + later.round() as u64, all(h))
        }),
        row("random pairs explained, %", 1e2, most(3.0), &|h| (h.pairs_explained, h.pairs as f64)),
        row("random pairs, strongly, %", 1e2, None, &|h| (h.pairs_strong, h.pairs as f64)),
    ]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_days_reach_nothing() {
        let row = |days: f64| {
            let rate = Rate::of(&[(0, days)]);
            HonestRow { what: "suspensions", rate, per: 1e3, goal: Some((0.2, true)) }
        };
        assert_eq!(row(5_000.0).reached(), Some(false));
        assert_eq!(row(20_000.0).reached(), Some(true));
    }
}
