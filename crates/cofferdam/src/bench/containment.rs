//! How many files an attacker gets before the machine stops it, and how often it stops somebody
//! honest: attackers in a made-up region, under a virtual clock (crate `lab`).

use crate::cli::{ContainmentArguments, Scale, Weather};
use crate::console;
use crate::failure::{Failure, Outcome};
use lab::attack::Pack;
use lab::{Campaign, Options, table};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use world::{Climate, Plan, Size};

/// How many seeds our system is measured with, unless said.
pub(crate) const SEEDS: u64 = 6;
/// The first of them: 1 to 99 were used in development.
pub(crate) const FIRST_SEED: u64 = 101;

/// `cofferdam bench containment`.
pub(crate) fn containment(arguments: &ContainmentArguments, json: bool) -> Outcome {
    let pack = match &arguments.attack {
        Some(path) => Pack::parse(&read(path)?).map_err(asked(path))?,
        None => Pack::development(),
    };
    let campaign = campaign(arguments)?;
    let stop = stopped_by_interrupt()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bar = console::progress(0, "runs");
    let progress = |what: &'static str, over: usize, all: usize| {
        bar.set_message(what);
        bar.set_length(all as u64);
        bar.set_position(over as u64);
    };
    let options = Options { stop: &stop, progress: &progress, threads };
    let findings = lab::contain(&campaign, &pack, &options);
    bar.finish_and_clear();
    if json {
        console::json(&findings);
    } else {
        table::lines(&findings).iter().for_each(|line| console::say(line));
    }
    let broken = findings.rows.iter().map(|row| row.broken.len()).sum::<usize>();
    let beyond = findings.server.as_ref().map_or(0, |server| server.beyond);
    if broken + beyond > 0 {
        return Err(Failure::Tampered(format!("{} hard bounds were broken", broken + beyond)));
    }
    Ok(())
}

fn campaign(arguments: &ContainmentArguments) -> Outcome<Campaign> {
    let world = match &arguments.world {
        Some(path) => Some(Plan::from_json(&read(path)?).map_err(asked(path))?),
        None => None,
    };
    let size = match arguments.scale {
        Scale::Small => Size::Small,
        Scale::Medium => Size::Medium,
        Scale::Full => Size::Full,
    };
    let climate = |weather: &Weather| match weather {
        Weather::Calm => Climate::Calm,
        Weather::Base => Climate::Base,
        Weather::Hard => Climate::Hard,
    };
    let all = [Weather::Base, Weather::Calm, Weather::Hard];
    let climates = if arguments.climate.is_empty() { &all[..] } else { &arguments.climate };
    let first = arguments.first_seed;
    let seeds = |many: u64| (first..first.saturating_add(many)).collect();
    let others = if arguments.ours_only { 0 } else { arguments.seeds.div_ceil(3) };
    Ok(Campaign {
        size,
        world,
        climates: climates.iter().map(climate).collect(),
        seeds: seeds(arguments.seeds.max(1)),
        attacks: arguments.attacks,
        others: seeds(others),
        rounds: arguments.rounds,
    })
}

fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(Failure::world(path.display()))
}

fn asked<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Failure {
    move |error| Failure::Asked(format!("{}: {error}", path.display()))
}

/// Ctrl-C ends the runs under way; what is over by then is reported.
fn stopped_by_interrupt() -> Outcome<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(Failure::world("waiting for Ctrl-C"))?;
    std::thread::spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            told.store(true, Ordering::Relaxed);
        }
    });
    Ok(stop)
}
