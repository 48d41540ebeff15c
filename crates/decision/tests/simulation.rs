//! A seeded simulation of honest and hostile days, judged by an oracle that shares no code with
//! the core; and the oracle itself, judged by planted bugs.
//!
//! `COFFERDAM_SEED` replays one seed, `COFFERDAM_SEEDS` says how many to try.
#![allow(clippy::print_stderr)]

#[path = "support/attacks.rs"]
mod attacks;
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/random.rs"]
mod random;
#[path = "support/simulation.rs"]
mod simulation;
#[path = "support/world.rs"]
mod world;

use ledger::entry::{Act, Entry, Opened, Why};
use oracle::{Ask, Said, Step, judge};
use random::from_environment;
use simulation::simulate;
use std::collections::BTreeMap;
use terms::{RelationClass, Sections};
use world::START;

#[test]
fn no_day_breaks_a_rule() {
    let only = std::env::var("COFFERDAM_SEED").is_ok();
    let first = from_environment("COFFERDAM_SEED", 1);
    let seeds = if only { 1 } else { from_environment("COFFERDAM_SEEDS", 6) };
    let mut refused: BTreeMap<Why, u32> = BTreeMap::new();
    let mut classes: BTreeMap<RelationClass, u32> = BTreeMap::new();
    for seed in first..first + seeds {
        let history = simulate(seed, 2_000);
        let broken = judge(&history);
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
    if !only && seeds >= 6 {
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
    }
}

/// A core that skips one check is planted by rewriting what a right core did: a refusal for that
/// reason becomes the release it would have been.
fn grant_instead(history: &[Step], skipped: Why) -> Option<Vec<Step>> {
    let openings: Vec<&Opened> = history
        .iter()
        .flat_map(|step| &step.entries)
        .filter_map(|entry| match &entry.act {
            Act::Opened(opened) => Some(opened),
            _ => None,
        })
        .collect();
    let mut changed = history.to_vec();
    for step in &mut changed {
        let Ask::Open { session, file, sections, .. } = step.ask.clone() else { continue };
        let Some(Act::Refused(refused)) = step.entries.first().map(|e| e.act.clone()) else {
            continue;
        };
        let like = openings.iter().find(|o| Some(o.card) == refused.card && !o.repeat);
        let (true, Some(like)) = (refused.why == skipped, like) else { continue };
        let opened = Opened {
            session,
            file,
            server: step.server,
            sections: like.sections.intersection(sections),
            token: None,
            ..(*like).clone()
        };
        let said = Said::Released { file, sections: opened.sections, entry: step.first };
        let at = step.entries[0].at;
        step.entries = vec![Entry { at, act: Act::Opened(opened) }];
        step.said = said;
        renumber(&mut changed);
        return Some(changed);
    }
    None
}

/// Numbers follow again, as they would with the planted bug.
fn renumber(history: &mut [Step]) {
    let mut number = 0;
    for step in history {
        if let Said::Released { entry, .. } = &mut step.said {
            *entry = number + (*entry - step.first);
        }
        step.first = number;
        number += step.entries.len() as u64;
    }
}

/// Changes the first entry that `change` takes.
fn change_entry(history: &[Step], mut change: impl FnMut(&mut Act) -> bool) -> Option<Vec<Step>> {
    let mut changed = history.to_vec();
    for step in &mut changed {
        for entry in &mut step.entries {
            if change(&mut entry.act) {
                if let (Act::Opened(opened), Said::Released { sections, .. }) =
                    (&entry.act, &mut step.said)
                {
                    *sections = opened.sections;
                }
                return Some(changed);
            }
        }
    }
    None
}

/// Drops the first entry that `wanted` takes.
fn drop_entry(history: &[Step], wanted: impl Fn(&Act) -> bool) -> Option<Vec<Step>> {
    let mut changed = history.to_vec();
    let step = changed.iter_mut().find(|step| step.entries.iter().any(|e| wanted(&e.act)))?;
    let at = step.entries.iter().position(|entry| wanted(&entry.act))?;
    step.entries.remove(at);
    renumber(&mut changed);
    Some(changed)
}

type Planted = (&'static str, &'static str, fn(&[Step]) -> Option<Vec<Step>>);

/// Each planted bug, the rule that has to notice it, and how a core with it would have behaved.
const PLANTED: [Planted; 18] = [
    ("released without an entry", "no release without its entry", |history| {
        drop_entry(history, |act| matches!(act, Act::Opened(_)))
    }),
    ("a refusal is not recorded", "every refusal is recorded", |history| {
        drop_entry(history, |act| matches!(act, Act::Refused(_)))
    }),
    ("forgets to freeze", "what is to freeze is frozen", |history| {
        drop_entry(history, |act| matches!(act, Act::Frozen(f) if f.why.is_some()))
    }),
    ("skips the freeze", "what is frozen opens nothing", |history| {
        grant_instead(history, Why::Frozen)
    }),
    ("skips the session", "only live sessions open, through their server", |history| {
        let mut changed = history.to_vec();
        let until =
            changed.iter_mut().flat_map(|s| &mut s.entries).find_map(|e| match &mut e.act {
                Act::Opened(opened) => Some(&mut opened.session),
                _ => None,
            })?;
        *until = terms::SessionId::from_bytes([0; 16]);
        Some(changed)
    }),
    ("skips the proof", "nothing opens that a client did not sign", |history| {
        grant_instead(history, Why::Signature)
    }),
    ("forgets proofs", "a proof counts once", |history| {
        let step = history.iter().find(|step| matches!(step.said, Said::Released { .. }))?;
        let mut changed = history.to_vec();
        let mut again = step.clone();
        let at = history.iter().position(|s| s.first == step.first)?;
        for entry in &mut again.entries {
            if let Act::Opened(opened) = &mut entry.act {
                opened.repeat = true;
            }
        }
        let found = matches!(again.ask, Ask::Open { .. });
        changed.insert(at + 1, again);
        renumber(&mut changed);
        found.then_some(changed)
    }),
    ("reuses a counter", "counters grow", |history| {
        let mut seen = BTreeMap::new();
        for (at, step) in history.iter().enumerate() {
            let Ask::Open { session, counter: Some(counter), .. } = &step.ask else { continue };
            if !matches!(step.said, Said::Released { .. }) {
                continue;
            }
            if let Some(earlier) = seen.insert(*session, *counter) {
                let mut changed = history.to_vec();
                if let Ask::Open { counter, .. } = &mut changed[at].ask {
                    *counter = Some(earlier);
                }
                return Some(changed);
            }
        }
        None
    }),
    ("skips the relation", "no relation that others did not make", |history| {
        grant_instead(history, Why::NoRelation)
    }),
    ("takes a weak relation for a strong one", "no relation that others did not make", |history| {
        change_entry(history, |act| match act {
            Act::Opened(opened) if opened.class == RelationClass::Former => {
                opened.class = RelationClass::Presence;
                true
            }
            _ => false,
        })
    }),
    ("skips restricted", "restricted files rest", |history| {
        grant_instead(history, Why::Restricted)
    }),
    ("skips the canary", "no canary is released", |history| grant_instead(history, Why::Canary)),
    ("skips the matrix", "a role opens its sections", |history| {
        change_entry(history, |act| match act {
            Act::Opened(opened) if opened.class != RelationClass::Own => {
                opened.sections = Sections::ALL;
                true
            }
            _ => false,
        })
    }),
    ("skips the budget", "distinct files stay within every budget", |history| {
        grant_instead(history, Why::Budget)
    }),
    ("skips the session's budget", "a session opens as many files as it was signed for", |h| {
        grant_instead(h, Why::SessionBudget)
    }),
    ("one officer unfreezes", "a freeze is final until two officers lift it", |history| {
        change_entry(history, |act| match act {
            Act::Unfrozen(unfrozen) => {
                unfrozen.by.truncate(1);
                true
            }
            _ => false,
        })
    }),
    ("time runs backwards", "time never runs backwards", |history| {
        let mut changed = history.to_vec();
        let last = changed.iter_mut().rev().find_map(|step| step.entries.last_mut())?;
        last.at = START;
        Some(changed)
    }),
    ("a practice makes its own relation", "others make relations", |history| {
        change_entry(history, |act| match act {
            Act::Related(related) if related.class == RelationClass::Evidence => {
                related.class = RelationClass::Presence;
                true
            }
            _ => false,
        })
    }),
];

#[test]
fn the_oracle_notices_every_planted_bug() {
    let histories: Vec<Vec<Step>> = (101..107).map(|seed| simulate(seed, 2_000)).collect();
    for (bug, rule, plant) in PLANTED {
        let planted: Vec<_> = histories.iter().filter_map(|history| plant(history)).collect();
        assert!(!planted.is_empty(), "nowhere to plant: {bug}");
        let noticed = planted.iter().filter(|history| judge(history).contains(rule)).count();
        assert!(noticed > 0, "not noticed in {} histories: {bug}", planted.len());
        eprintln!("{bug}: noticed in {noticed} of {}", planted.len());
    }
}
