//! What is measured, and how much of it.

use crate::bench;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What to measure; without it, everything.
    #[arg(value_parser = bench::NAMES)]
    pub(crate) which: Vec<String>,
    /// Folder of Synthea bundles; without it made-up people.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// How many patients the measurements of scale and memory go up to.
    #[arg(long, default_value_t = 100_000)]
    pub(crate) patients: u64,
    /// How many entries the ledger of the measurement of exposures has.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) entries: u64,
    /// How many letters the measurement of letters makes, of each kind of file.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) count: usize,
    /// How many people the measurement of an incident touches.
    #[arg(long, default_value_t = 57_000)]
    pub(crate) affected: u32,
    #[command(flatten)]
    pub(crate) containment: ContainmentArguments,
}

/// What `containment` measures.
#[derive(Args)]
pub(crate) struct ContainmentArguments {
    /// How large the made-up region of `containment` is.
    #[arg(long, value_enum, default_value_t = Scale::Small)]
    pub(crate) scale: Scale,
    /// How many seeds our system is measured with, in each climate; a third of them for each part
    /// switched off and each baseline.
    #[arg(long, default_value_t = bench::SEEDS)]
    pub(crate) seeds: u64,
    /// The first of these seeds. 1 to 99 were used in development.
    #[arg(long, default_value_t = bench::FIRST_SEED)]
    pub(crate) first_seed: u64,
    /// Go on until there are so many attacks of each family on our system in each climate, in
    /// further worlds with one family alone.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) attacks: usize,
    /// The climates of honest work; all three, with `base` first, unless said.
    #[arg(long, value_enum)]
    pub(crate) climate: Vec<Weather>,
    /// A file of attacks, as docs/attacks.md has it.
    #[arg(long)]
    pub(crate) attack: Option<PathBuf>,
    /// A file of a world, as docs/world.md has it; it says scale and climate itself.
    #[arg(long)]
    pub(crate) world: Option<PathBuf>,
    /// How many rounds the adaptive attacker searches.
    #[arg(long, default_value_t = 4)]
    pub(crate) rounds: u32,
    /// Leave out the runs with a part switched off, and the baselines.
    #[arg(long)]
    pub(crate) ours_only: bool,
}

/// How large a region is.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Scale {
    /// 5,000 people.
    Small,
    /// 62,500 people.
    Medium,
    /// 250,000 people.
    Full,
}

/// How much of what is honest looks wrong.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Weather {
    /// Half as much as in `base`.
    Calm,
    /// As the literature has it.
    Base,
    /// Twice as much, and unevenly.
    Hard,
}
