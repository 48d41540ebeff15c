//! A seeded simulation of honest and hostile days, judged by an oracle that shares no code with
//! the core; and both judged by bugs planted in the core.
//!
//! `COFFERDAM_SEED` replays one seed, `COFFERDAM_SEEDS` says how many to try, `COFFERDAM_ATTACKS`
//! how many attacks of a taken-over server.
#![allow(clippy::print_stderr)]

#[path = "support/attacks.rs"]
mod attacks;
#[path = "support/held.rs"]
mod held;
#[path = "support/intrusion.rs"]
mod intrusion;
#[path = "support/listed.rs"]
mod listed;
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/passage.rs"]
mod passage;
#[path = "support/random.rs"]
mod random;
#[path = "support/simulation.rs"]
mod simulation;
#[path = "support/work.rs"]
mod work;
#[path = "support/world.rs"]
mod world;

use ledger::entry::{Act, Why};
use oracle::judge;
use random::from_environment;
use simulation::{run, simulate};
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use terms::RelationClass;
use terms::planted::plant;

#[test]
fn no_day_breaks_a_rule() {
    let only = std::env::var("COFFERDAM_SEED").is_ok();
    let first = from_environment("COFFERDAM_SEED", 1);
    let seeds = if only { 1 } else { from_environment("COFFERDAM_SEEDS", 8) };
    let mut refused: BTreeMap<Why, u32> = BTreeMap::new();
    let mut classes: BTreeMap<RelationClass, u32> = BTreeMap::new();
    for seed in first..first + seeds {
        let history = simulate(seed, 2_000);
        let broken = judge(&history).broken;
        assert!(broken.is_empty(), "COFFERDAM_SEED={seed} replays it: {broken:?}");
        for entry in history.iter().flat_map(|step| &step.entries) {
            match &entry.act {
                Act::Refused(one) => *refused.entry(one.why).or_default() += 1,
                Act::Opened(one) => *classes.entry(one.class).or_default() += 1,
                _ => {}
            }
        }
    }
    eprintln!("opened: {classes:?}; refused: {refused:?}");
    if !only && seeds >= 8 {
        assert_eq!(classes.len(), RelationClass::ALL.len(), "every class was met: {classes:?}");
        for why in [Why::Frozen, Why::Session, Why::Signature, Why::Replay, Why::NoFile] {
            assert!(refused.contains_key(&why), "{why:?} was met");
        }
        for why in [Why::NoRelation, Why::Role, Why::Restricted, Why::StepUp, Why::Budget] {
            assert!(refused.contains_key(&why), "{why:?} was met");
        }
        for why in [Why::SessionBudget, Why::Canary, Why::Enumeration, Why::Order] {
            assert!(refused.contains_key(&why), "{why:?} was met");
        }
        for why in [Why::Reason, Why::Weak, Why::Code] {
            assert!(refused.contains_key(&why), "{why:?} was met");
        }
    }
}

/// A fully taken-over server tries every message in every way it can.
#[test]
fn a_taken_over_server_gets_nothing_beyond_what_clients_signed() {
    let only = std::env::var("COFFERDAM_SEED").is_ok();
    let first = from_environment("COFFERDAM_SEED", 1_001);
    let most = if only { 1 } else { from_environment("COFFERDAM_ATTACKS", 3_000) };
    let (mut tried, mut seed) = (0, first);
    let (mut steps, mut keys, mut beyond) = (0, 0, 0);
    let mut attacks: BTreeMap<&str, u64> = BTreeMap::new();
    while tried < most {
        let day = run(seed, 2_000, 75);
        let judged = judge(&day.history);
        let broken = &judged.broken;
        assert!(broken.is_empty(), "COFFERDAM_SEED={seed} replays it: {broken:?}");
        tried += day.attacks.values().sum::<u64>();
        for (what, times) in day.attacks {
            *attacks.entry(what).or_default() += times;
        }
        steps += day.history.len();
        (keys, beyond) = (keys + judged.keys, beyond + judged.beyond);
        seed += 1;
    }
    eprintln!("{attacks:#?}");
    eprintln!(
        "{tried} attacks among {steps} requests of {} days: {keys} keys released, {beyond} keys \
         released beyond what clients signed",
        seed - first
    );
    assert_eq!(beyond, 0);
    assert!(only || attacks.len() >= 47, "{} kinds of attack", attacks.len());
}

/// Bugs that can be planted in the core (`terms::planted`), and the rule that has to notice each.
const PLANTED: [(&str, &str); 26] = [
    ("releases without an entry", "no release without its entry"),
    ("keeps refusals to itself", "every refusal is recorded"),
    ("forgets the freeze", "what is frozen opens nothing"),
    ("forgets holds", "what is held is not erased"),
    ("any server will do", "only live sessions open, through their server"),
    ("takes any signature", "nothing opens that a client did not sign"),
    ("accepts replays", "a proof counts once"),
    ("accepts used counters", "counters grow"),
    ("skips the relation", "no relation that others did not make"),
    ("emergencies without end", "no relation that others did not make"),
    ("skips a rung", "a rung asks what it asks"),
    ("steps nowhere", "a rung asks what it asks"),
    ("speaks for itself", "a colleague speaks for another"),
    ("summaries without end", "summaries are few"),
    ("confines nobody", "where all is stopped the summary is left"),
    ("relates without end", "relations are not made in masses"),
    ("codes count twice", "a code counts once"),
    ("skips the canary", "no canary is released"),
    ("skips the matrix", "a role opens its sections"),
    ("skips the budget", "distinct files stay within every budget"),
    ("one officer suffices", "a freeze is final until two officers lift it"),
    ("revoked cards go on", "a revoked card opens nothing"),
    ("reserves no file", "no two deposits get one segment's key"),
    ("takes any file for a job's", "a job opens what was listed"),
    ("jobs open a file without end", "a job opens a file three times"),
    ("time runs backwards", "time never runs backwards"),
];

#[test]
fn every_planted_bug_is_noticed() {
    for (bug, rule) in PLANTED {
        let noticed = (101..125).find(|seed| notices(bug, rule, *seed));
        eprintln!("{bug}: noticed with seed {noticed:?}");
        assert!(noticed.is_some(), "not noticed in 24 days: {bug}");
    }
    assert!(judge(&simulate(101, 2_000)).broken.is_empty(), "none is left planted");
}

/// Whether a day with this bug breaks this rule; a core that stops by itself notices as well.
fn notices(bug: &'static str, rule: &str, seed: u64) -> bool {
    plant(Some(bug));
    let day = catch_unwind(|| simulate(seed, 2_000));
    plant(None);
    day.map_or_else(|_| bug == "time runs backwards", |day| judge(&day).broken.contains(rule))
}
