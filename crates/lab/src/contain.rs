//! The whole benchmark: every variant, climate and seed, side by side.

use crate::attack::{Family, Pack};
use crate::baseline::{Caps, Forest, Nightly, Nothing, Plain, Siem};
use crate::bounds::Bounds;
use crate::campaign::{Campaign, Job};
use crate::defence::Defence;
use crate::findings::{Findings, rows};
use crate::house::{Cards, House, build};
use crate::region::{self, Region};
use crate::run::{Reactions, Run, Setting};
use crate::search::search;
use crate::server::beyond;
use crate::tally::Tally;
use crate::variant::{Baseline, Part, Variant};
use decision::Limits;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use watch::Settings;
use world::Climate;

/// A taken-over server's live sessions, and what it tries.
const SESSIONS: usize = 1_000;
const ATTEMPTS: usize = 20_000;
/// Most further worlds for one family in one climate.
const WORLDS: u64 = 60;

/// How to run it.
pub struct Options<'a> {
    /// Ends early, with what is there by then.
    pub stop: &'a AtomicBool,
    /// Told what is going on, and how many runs of how many are over.
    pub progress: &'a (dyn Fn(&'static str, usize, usize) + Sync),
    /// How many at once.
    pub threads: usize,
}

/// Runs everything; runs that were stopped early are left out.
pub fn contain(campaign: &Campaign, pack: &Pack, options: &Options) -> Findings {
    let jobs = campaign.jobs();
    let mut runs = side_by_side("the mixed pack", &jobs, options, |job| {
        run_one(campaign, *job, pack, options.stop)
    });
    let complete = runs.len() == jobs.len();
    further(campaign, pack, options, &mut runs);
    let searches = campaign.rounds > 0 && !options.stop.load(Ordering::Relaxed);
    let region = Region::new(&campaign.plan(campaign.climate()), 1);
    let scene = region.scene();
    let (people, staff) = (scene.people.len(), scene.staff.len());
    Findings {
        attacks: pack.name.clone(),
        region: [people, staff, scene.places.len(), scene.days as usize],
        rows: rows(&runs),
        adaptive: if searches { search(campaign, options) } else { Vec::new() },
        // Without randomness of the machine there are no keys, and nothing to say.
        server: beyond(SESSIONS, ATTEMPTS, 1).ok(),
        incomplete: !complete || options.stop.load(Ordering::Relaxed),
    }
}

/// Further worlds with one family alone, wherever there were too few attacks of it.
fn further(campaign: &Campaign, pack: &Pack, options: &Options, runs: &mut Vec<(Job, Tally)>) {
    let first = campaign.seeds.iter().max().map_or(1, |last| last.saturating_add(1));
    let mut used = BTreeMap::new();
    while !options.stop.load(Ordering::Relaxed) {
        let mut jobs = Vec::new();
        for (climate, family) in campaign.pairs(pack) {
            let done: &mut u64 = used.entry((climate, family)).or_default();
            let more = worlds(campaign.attacks, *done, count(runs, climate, family));
            let seeds = (first + *done)..(first + *done + more);
            let variant = Variant::Ours;
            jobs.extend(seeds.map(|seed| Job { variant, climate, seed, alone: Some(family) }));
            *done += more;
        }
        if jobs.is_empty() {
            return;
        }
        // Families take turns, so that a run that is stopped early has some of each.
        jobs.sort_by_key(|job| job.seed);
        runs.extend(side_by_side("single families", &jobs, options, |job| {
            run_one(campaign, *job, pack, options.stop)
        }));
    }
}

/// Attacks of this family on our system: all of them, and those in worlds of its own.
fn count(runs: &[(Job, Tally)], climate: Climate, family: Family) -> [usize; 2] {
    let mut counts = [0; 2];
    let ours = |job: &Job| job.variant == Variant::Ours && job.climate == climate;
    for (job, tally) in runs.iter().filter(|(job, _)| ours(job)) {
        let of = tally.attacks.iter().filter(|taken| taken.plan.family == family).count();
        counts[0] += of;
        counts[1] += if job.alone == Some(family) { of } else { 0 };
    }
    counts
}

/// How many further worlds it probably takes, by what those before brought.
fn worlds(wanted: usize, done: u64, [all, alone]: [usize; 2]) -> u64 {
    let missing = wanted.saturating_sub(all) as u64;
    if missing == 0 {
        return 0;
    }
    let likely = if done == 0 { 2 } else { (missing * done).div_ceil(alone.max(1) as u64) };
    likely.min(WORLDS - done)
}

/// One run on its own, for tests and for whoever wants the counts themselves.
pub fn run(campaign: &Campaign, pack: &Pack, variant: Variant, seed: u64) -> Tally {
    let job = Job { variant, climate: campaign.climate(), seed, alone: None };
    run_one(campaign, job, pack, &AtomicBool::new(false))
}

/// Does each job once, so many at a time, in an order that does not matter.
pub(crate) fn side_by_side<J: Sync + Copy + Send, T: Send>(
    what: &'static str,
    jobs: &[J],
    options: &Options,
    run: impl Fn(&J) -> T + Sync,
) -> Vec<(J, T)> {
    let (next, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..options.threads.clamp(1, jobs.len().max(1)) {
            scope.spawn(|| {
                while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(job) = jobs.get(number) else { break };
                    let result = run(job);
                    if options.stop.load(Ordering::Relaxed) {
                        break;
                    }
                    if let Ok(mut done) = done.lock() {
                        done.push((number, result));
                    }
                    (options.progress)(what, over.fetch_add(1, Ordering::Relaxed) + 1, jobs.len());
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(number, result)| (jobs[number], result)).collect()
}

/// One run, with one family of the pack where the job says so.
pub(crate) fn run_one(campaign: &Campaign, job: Job, pack: &Pack, stop: &AtomicBool) -> Tally {
    let region = campaign.region(job);
    let alone = job.alone.map(|family| pack.only(family));
    let pack = alone.as_ref().unwrap_or(pack);
    let scene = region.scene();
    let course = region::course(&region, (job.variant == Variant::Shuffled).then_some(job.seed));
    let part = job.variant.part();
    let ours = !matches!(job.variant, Variant::Baseline(_));
    let marked = ours && part != Some(Part::Canaries);
    let bounded = ours && !matches!(part, Some(Part::Budgets | Part::Emergencies));
    let setting = Setting {
        scene,
        pack: (!matches!(job.variant, Variant::Honest | Variant::Shuffled)).then_some(pack),
        seed: job.seed,
        reactions: reactions(part, ours),
        canaries: build::canaries(scene),
        marked,
        bounds: bounded.then(|| Bounds::of(&Limits::default())),
        stop,
    };
    let first = Cards::of(scene).first_free();
    match job.variant {
        Variant::Baseline(Baseline::Nothing) => {
            through(setting, Plain::new(scene, Nothing), first, course)
        }
        Variant::Baseline(Baseline::Caps) => {
            through(setting, Plain::new(scene, Caps::default()), first, course)
        }
        Variant::Baseline(Baseline::Nightly) => {
            through(setting, Plain::new(scene, Nightly::default()), first, course)
        }
        Variant::Baseline(Baseline::Siem) => {
            through(setting, Plain::new(scene, Siem::default()), first, course)
        }
        Variant::Baseline(Baseline::Forest) => {
            through(setting, Plain::new(scene, Forest::default()), first, course)
        }
        _ => {
            let limits = part.map_or_else(Limits::default, |p| p.limits(Limits::default()));
            let settings = part.map_or_else(Settings::default, |p| p.settings(Settings::default()));
            let house = House::new(scene, limits, settings, marked);
            through(setting, house, first, course)
        }
    }
}

fn through<D: Defence>(
    setting: Setting,
    defence: D,
    first_free: u32,
    course: impl Iterator<Item = crate::scene::Happening>,
) -> Tally {
    Run::new(setting, defence, first_free).through(course)
}

fn reactions(part: Option<Part>, ours: bool) -> Reactions {
    let usual = Reactions::default();
    match part {
        Some(Part::Reports) => Reactions { report: 0.0, ..usual },
        Some(Part::Readers) => Reactions { recognise: 0.0, admit: 0.0, ..usual },
        // Nobody tells patients anything there.
        _ if !ours => Reactions { report: 0.0, ..usual },
        _ => usual,
    }
}
