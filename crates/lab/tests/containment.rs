//! A small region through the whole benchmark, in seconds: no hard bound breaks, and what measures
//! does not deceive itself.

use lab::attack::{Family, Pack, Ranges};
use lab::campaign::Campaign;
use lab::contain::{Options, contain, run};
use lab::findings::{Row, rows};
use lab::tally::Tally;
use lab::variant::{Baseline, Part, Variant};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use world::{Climate, Plan, Size};

/// A village with a small hospital, for two months and a half.
fn village() -> Campaign {
    let mut plan = Plan::new(Size::Small, Climate::Base);
    plan.days = 75;
    plan.counts.people = 1_000;
    plan.counts.wards = 2;
    plan.parameters.ward_beds = 6.0;
    Campaign {
        size: Size::Small,
        world: Some(plan),
        climates: Vec::new(),
        seeds: Vec::new(),
        attacks: 0,
        others: Vec::new(),
        rounds: 0,
    }
}

/// Attacks that fit into the village's time.
fn quick() -> Pack {
    let families = [
        Family::Burst,
        Family::PracticeCardList,
        Family::Walk,
        Family::CardOffice,
        Family::OwnList,
        Family::Excuses,
    ];
    let of = |family: Family| Ranges { days: [8.0, 8.0], ..family.ranges() };
    Pack { name: "quick".into(), seed: 5, attacks: families.map(of).to_vec() }
}

fn played(variant: Variant) -> Tally {
    run(&village(), &quick(), variant, 7)
}

fn ours() -> &'static Tally {
    static OURS: OnceLock<Tally> = OnceLock::new();
    OURS.get_or_init(|| played(Variant::Ours))
}

fn honest() -> &'static Tally {
    static HONEST: OnceLock<Tally> = OnceLock::new();
    HONEST.get_or_init(|| played(Variant::Honest))
}

fn explained(tally: &Tally) -> f64 {
    let honest = &tally.honest;
    (honest.strong + honest.weak) as f64 / honest.openings as f64
}

#[test]
fn no_hard_bound_breaks_and_a_seed_gives_one_result() {
    let ours = ours();
    assert!(ours.broken.is_empty(), "{:?}", ours.broken);
    assert!(ours.attacks.len() >= 10, "{} attacks", ours.attacks.len());
    assert!(ours.honest.staff_days > 500 && ours.honest.openings > 10_000);
    assert_eq!(*ours, played(Variant::Ours));
}

#[test]
fn relations_between_the_wrong_people_explain_little() {
    let (ours, shuffled) = (explained(honest()), explained(&played(Variant::Shuffled)));
    // The approved lists stay: they are of the right people.
    assert!(shuffled < ours - 0.2, "{shuffled:.2} instead of {ours:.2}");
}

#[test]
fn without_attacks_there_is_nobody_to_find() {
    let honest = honest();
    assert!(honest.attacks.is_empty());
    assert_eq!(honest.honest.right, 0);
    assert!(honest.honest.staff_days > 500);
}

#[test]
fn a_system_without_bounds_loses_more() {
    let most = |tally: &Tally| {
        let of = tally.attacks.iter().filter(|taken| taken.plan.family == Family::Burst);
        of.map(|taken| taken.files).max().unwrap_or(0)
    };
    let (ours, nothing) = (most(ours()), most(&played(Variant::Baseline(Baseline::Nothing))));
    assert!(nothing > 50 && nothing > 3 * ours, "{nothing} instead of {ours}");
}

/// A part that is switched off is off: nothing is stopped by canaries that nobody marked.
#[test]
fn a_part_switched_off_stops_nobody() {
    let by_canary = |tally: &Tally| {
        tally.attacks.iter().filter(|taken| taken.stopped == Some("canary")).count()
    };
    assert!(by_canary(ours()) > 0);
    assert_eq!(by_canary(&played(Variant::Without(Part::Canaries))), 0);
}

/// Every figure of every part and baseline comes in every climate that was asked for, and where
/// attacks are few, worlds with one family alone bring more of them and nothing else.
#[test]
fn a_campaign_has_every_climate_and_goes_on_until_there_are_enough_attacks() {
    let campaign = Campaign {
        world: None,
        climates: vec![Climate::Base, Climate::Hard],
        seeds: vec![1, 2],
        others: vec![1],
        ..village()
    };
    let jobs = campaign.jobs();
    let comparisons = jobs.iter().filter(|job| job.variant != Variant::Ours).count();
    assert_eq!((jobs.len() - comparisons, comparisons % 2), (4, 0));
    for variant in [Variant::Without(Part::Budgets), Variant::Baseline(Baseline::Forest)] {
        for climate in [Climate::Base, Climate::Hard] {
            assert!(jobs.iter().any(|job| (job.variant, job.climate) == (variant, climate)));
        }
    }

    let few = Campaign { seeds: vec![7], ..village() };
    let pack = quick().only(Family::Walk);
    let once = (few.jobs()[0], run(&few, &pack, Variant::Ours, 7));
    let once = rows(&[once]).remove(0);
    let stop = AtomicBool::new(false);
    let options = Options { stop: &stop, progress: &|_, _, _| (), threads: 2 };
    let enough = Campaign { attacks: 20, ..few };
    let enough = contain(&enough, &pack, &options).rows.remove(0);
    assert!(once.families[0].spread.n < 20, "{}", once.families[0].spread.n);
    assert!(enough.families[0].spread.n >= 20 && enough.further > 0);
    let honest = |row: &Row| row.honest.iter().map(|one| one.rate.clone()).collect::<Vec<_>>();
    assert_eq!(honest(&once), honest(&enough));
}
