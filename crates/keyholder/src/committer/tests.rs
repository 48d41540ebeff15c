//! The whole system on simulated days: real core, answers, committer, ledger, key table and store,
//! honest clients, a clock of its own, and a disk that is full, broken or powerless at any step.
//!
//! One request at a time, each on a thread with a committer that writes for it alone, so a seed
//! plays the same day again. `COFFERDAM_SEED` does, `COFFERDAM_SEEDS` says how many to try.
//!
//! Not simulated: faults of SQLite's own disk, in key table and store (their crates' tests have
//! those); here their process dies between any two of their transactions.

#![allow(clippy::print_stderr)]

mod client;
mod day;

use day::Day;
use std::panic::{AssertUnwindSafe, catch_unwind};
use terms::planted::plant;

const STEPS: usize = 150;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn no_day_loses_what_was_acknowledged_or_releases_what_is_not_recorded() {
    let (first, count) = match variable("COFFERDAM_SEED") {
        Some(seed) => (seed, 1),
        None => (1, variable("COFFERDAM_SEEDS").unwrap_or(4)),
    };
    let mut told = [0; 5];
    for seed in first..first + count {
        let day = AssertUnwindSafe(|| Day::new(seed, None).live(STEPS));
        let counts = catch_unwind(day).unwrap_or_else(|_| panic!("COFFERDAM_SEED={seed}"));
        told.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let [acknowledged, released, restarts, troubles, lost] = told;
    eprintln!(
        "{count} days: {acknowledged} acknowledged deposits, {released} releases, {restarts} \
         restarts, {troubles} failures to record, {lost} lost answers: nothing lost"
    );
    assert!(acknowledged > 0 && released > 0 && restarts > 0 && troubles > 0 && lost > 0);
}

#[test]
fn a_seed_plays_the_same_day_again() {
    let once = Day::new(77, None).live(STEPS);
    assert_eq!(once, Day::new(77, None).live(STEPS));
}

/// Bugs that can be planted in what decides and writes (`terms::planted`).
const PLANTED: [&str; 7] = [
    "skips the fsync",
    "acknowledges failures",
    "records files without their keys",
    "starts without settling",
    "the store acknowledges and does not commit",
    "releases without an entry",
    "skips the budget",
];

#[test]
fn every_planted_bug_is_noticed() {
    for bug in PLANTED {
        let noticed = (101..125).find(|seed| {
            let day = AssertUnwindSafe(|| Day::new(*seed, Some(bug)).live(STEPS));
            let noticed = catch_unwind(day).is_err();
            plant(None);
            noticed
        });
        eprintln!("{bug}: noticed with seed {noticed:?}");
        assert!(noticed.is_some(), "not noticed in 24 days: {bug}");
    }
}
