//! What is to be run: which variants in which climates with which seeds.

use crate::attack::{Family, Pack};
use crate::region::Region;
use crate::variant::Variant;
use serde::Serialize;
use world::{Climate, Plan, Size};

/// What to run.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// How large a region.
    pub size: Size,
    /// A world of one's own instead; it says size and climate itself.
    pub world: Option<Plan>,
    /// In which climates; the base one if none is said.
    pub climates: Vec<Climate>,
    /// Seeds of our system's runs.
    pub seeds: Vec<u64>,
    /// Our system meets single families in further worlds until each has so many attacks.
    pub attacks: usize,
    /// Seeds of the runs with a part switched off and of the baselines.
    pub others: Vec<u64>,
    /// How many rounds the adaptive attacker searches; none at 0.
    pub rounds: u32,
}

/// One run's place in the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Job {
    /// What defends.
    pub variant: Variant,
    /// The climate of honest work.
    pub climate: Climate,
    /// The seed.
    pub seed: u64,
    /// The one family that attacks; without, the whole pack. Its honest side is not counted.
    pub alone: Option<Family>,
}

impl Campaign {
    /// Every run that is known beforehand.
    pub fn jobs(&self) -> Vec<Job> {
        let mut others = Variant::all().split_off(1);
        others.extend([Variant::Shuffled, Variant::Honest]);
        let climates = self.in_turn();
        let of = |variant: Variant, climate: Climate, seeds: &[u64]| {
            let job = |seed: &u64| Job { variant, climate, seed: *seed, alone: None };
            seeds.iter().map(job).collect::<Vec<_>>()
        };
        let ours = climates.iter().flat_map(|climate| of(Variant::Ours, *climate, &self.seeds));
        let mut jobs: Vec<Job> = ours.collect();
        for climate in &climates {
            jobs.extend(others.iter().flat_map(|variant| of(*variant, *climate, &self.others)));
        }
        jobs
    }

    /// Every climate and family of the pack.
    pub(crate) fn pairs(&self, pack: &Pack) -> Vec<(Climate, Family)> {
        let families: Vec<Family> =
            Family::ALL.iter().copied().filter(|family| pack.has(*family)).collect();
        let of = |climate| families.iter().map(move |family| (climate, *family));
        self.in_turn().into_iter().flat_map(of).collect()
    }

    fn in_turn(&self) -> Vec<Climate> {
        match &self.world {
            Some(plan) => vec![plan.climate],
            None if self.climates.is_empty() => vec![Climate::Base],
            None => self.climates.clone(),
        }
    }

    /// The climate of what is measured in one alone.
    pub(crate) fn climate(&self) -> Climate {
        self.in_turn()[0]
    }

    /// Where a run takes place.
    pub(crate) fn region(&self, job: Job) -> Region {
        Region::new(&self.plan(job.climate), job.seed)
    }

    pub(crate) fn plan(&self, climate: Climate) -> Plan {
        self.world.clone().unwrap_or_else(|| Plan::new(self.size, climate))
    }
}
