//! The whole benchmark: every variant, climate and seed, side by side.

use crate::attack::Pack;
use crate::baseline::{Caps, Forest, Nightly, Nothing, Plain, Siem};
use crate::bounds::Bounds;
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
use serde::Serialize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use watch::Settings;
use world::{Climate, Plan, Size};

/// A taken-over server's live sessions, and what it tries.
const SESSIONS: usize = 1_000;
const ATTEMPTS: usize = 20_000;

/// What to run.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// How large a region.
    pub size: Size,
    /// A world of one's own instead; it says size and climate itself.
    pub world: Option<Plan>,
    /// In which climates our system is measured.
    pub climates: Vec<Climate>,
    /// Seeds of our system's runs.
    pub seeds: Vec<u64>,
    /// Seeds of the runs with a part switched off and of the baselines, in the first climate.
    pub others: Vec<u64>,
    /// How many rounds the adaptive attacker searches; none at 0.
    pub rounds: u32,
}

/// How to run it.
pub struct Options<'a> {
    /// Ends early, with what is there by then.
    pub stop: &'a AtomicBool,
    /// Told how many runs of how many are over.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
    /// How many at once.
    pub threads: usize,
}

/// One run's place in the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Job {
    /// What defends.
    pub variant: Variant,
    /// The climate's word.
    #[serde(serialize_with = "climate_word")]
    pub climate: Weather,
    /// The seed.
    pub seed: u64,
}

/// A climate that can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weather {
    /// Half of what is unexplained.
    Calm,
    /// As the literature has it.
    Base,
    /// Twice as much.
    Hard,
}

fn climate_word<S: serde::Serializer>(weather: &Weather, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(weather.word())
}

impl Weather {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Weather::Calm => "calm",
            Weather::Base => "base",
            Weather::Hard => "hard",
        }
    }
}

impl From<Climate> for Weather {
    fn from(climate: Climate) -> Weather {
        match climate {
            Climate::Calm => Weather::Calm,
            Climate::Base => Weather::Base,
            Climate::Hard => Weather::Hard,
        }
    }
}

impl Campaign {
    fn jobs(&self) -> Vec<Job> {
        let climates: Vec<Weather> = match &self.world {
            Some(plan) => vec![plan.climate.into()],
            None => self.climates.iter().map(|climate| Weather::from(*climate)).collect(),
        };
        let of = |variant: Variant, climate: Weather, seeds: &[u64]| {
            seeds.iter().map(|seed| Job { variant, climate, seed: *seed }).collect::<Vec<_>>()
        };
        let ours = climates.iter().flat_map(|climate| of(Variant::Ours, *climate, &self.seeds));
        let mut jobs: Vec<Job> = ours.collect();
        let mut more = Variant::all().split_off(1);
        more.extend([Variant::Shuffled, Variant::Honest]);
        let first = self.weather();
        jobs.extend(more.into_iter().flat_map(|variant| of(variant, first, &self.others)));
        jobs
    }

    /// The climate of comparisons.
    pub(crate) fn weather(&self) -> Weather {
        match (&self.world, self.climates.first()) {
            (Some(plan), _) => plan.climate.into(),
            (None, Some(climate)) => (*climate).into(),
            (None, None) => Weather::Base,
        }
    }

    pub(crate) fn plan(&self, climate: Weather) -> Plan {
        let climate = match climate {
            Weather::Calm => Climate::Calm,
            Weather::Base => Climate::Base,
            Weather::Hard => Climate::Hard,
        };
        self.world.clone().unwrap_or_else(|| Plan::new(self.size, climate))
    }
}

/// Runs everything; runs that were stopped early are left out.
pub fn contain(campaign: &Campaign, pack: &Pack, options: &Options) -> Findings {
    let jobs = campaign.jobs();
    let runs = side_by_side(&jobs, options, |job| {
        let region = Region::new(&campaign.plan(job.climate), job.seed);
        run_one(&region, *job, pack, options.stop)
    });
    let searches = campaign.rounds > 0 && !options.stop.load(Ordering::Relaxed);
    let region = Region::new(&campaign.plan(campaign.weather()), 1);
    let scene = region.scene();
    let (people, staff) = (scene.people.len(), scene.staff.len());
    Findings {
        attacks: pack.name.clone(),
        region: [people, staff, scene.places.len(), scene.days as usize],
        rows: rows(&runs),
        adaptive: if searches { search(campaign, options) } else { Vec::new() },
        // Without randomness of the machine there are no keys, and nothing to say.
        server: beyond(SESSIONS, ATTEMPTS, 1).ok(),
        incomplete: runs.len() < jobs.len() || options.stop.load(Ordering::Relaxed),
    }
}

/// One run on its own, for tests and for whoever wants the counts themselves.
pub fn run(campaign: &Campaign, pack: &Pack, variant: Variant, seed: u64) -> Tally {
    let climate = campaign.weather();
    let region = Region::new(&campaign.plan(climate), seed);
    run_one(&region, Job { variant, climate, seed }, pack, &AtomicBool::new(false))
}

/// Does each job once, so many at a time, in an order that does not matter.
pub(crate) fn side_by_side<J: Sync + Copy + Send, T: Send>(
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
                    (options.progress)(over.fetch_add(1, Ordering::Relaxed) + 1, jobs.len());
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(number, result)| (jobs[number], result)).collect()
}

/// One run.
pub(crate) fn run_one(region: &Region, job: Job, pack: &Pack, stop: &AtomicBool) -> Tally {
    let scene = region.scene();
    let course = region::course(region, (job.variant == Variant::Shuffled).then_some(job.seed));
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
