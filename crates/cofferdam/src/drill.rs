//! `cofferdam drill`: known incidents replayed against real processes, and what the attackers got.
//!
//! Every drill makes a practice of its own, attacks it from outside, writes down what it can read,
//! and holds that against what the ledger lists. What was promised is checked here, and a broken
//! promise is an exit code.

mod administrator;
mod aftermath;
mod alles_laegehus;
mod applicants;
mod bounds;
mod canary;
mod chambers;
mod everybody;
mod insider;
mod officers;
mod old_backup;
mod paper;
mod ports;
mod practice_card;
mod report;
mod sabotage;
mod scan;
mod scene;
mod taken_over;
mod thief;

use crate::bench;
use crate::cli::{self, ContainmentArguments, DrillArguments, DrillCommand, Weather};
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use ::drill::incident::{DRILLS, Drill, drill as named};
use ::drill::played::{Check, Kind, Played, Run, grouped};
use scene::Context;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many files there are to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scale {
    /// Hundreds: minutes for all drills together.
    Small,
    /// As many as the original incidents had.
    Full,
}

/// The drill that lasts for hundreds of days, and so has no processes of its own.
const CONTAINMENT: &str = "containment";

/// `cofferdam drill`.
pub(crate) fn command(command: &DrillCommand, json: bool) -> Outcome<ExitCode> {
    match command {
        DrillCommand::List => {
            list(json);
            Ok(ExitCode::SUCCESS)
        }
        DrillCommand::Run { name, how } if name == CONTAINMENT => {
            bench::containment(&region(how), json)?;
            Ok(ExitCode::SUCCESS)
        }
        DrillCommand::Run { name, how } => {
            let drill = named(name).ok_or_else(|| {
                Failure::Asked(format!("there is no drill `{name}`: see `cofferdam drill list`"))
            })?;
            all(&[drill], how, json)
        }
        DrillCommand::All(how) => all(&DRILLS.iter().collect::<Vec<_>>(), how, json),
    }
}

/// Our system alone, in the world's climate or the base one.
fn region(how: &DrillArguments) -> ContainmentArguments {
    ContainmentArguments {
        scale: match how.scale {
            Scale::Small => cli::Scale::Small,
            Scale::Full => cli::Scale::Full,
        },
        seeds: bench::SEEDS,
        first_seed: bench::FIRST_SEED,
        attacks: 0,
        climate: vec![Weather::Base],
        attack: how.attack.clone(),
        world: how.world.clone(),
        rounds: 0,
        ours_only: true,
    }
}

fn list(json: bool) {
    for drill in &DRILLS {
        if json {
            console::json(drill);
        } else {
            console::say(&format!("{:<24} {}", drill.name, drill.title));
            console::say(&format!("{:<24} replays {}", "", drill.incident.name));
        }
    }
    if !json {
        console::say(&format!("{CONTAINMENT:<24} Attacks that last for days, in a made-up region"));
        console::say(&format!(
            "{:<24} takes --world FILE and --attack FILE; not part of `all`",
            ""
        ));
    }
}

fn all(drills: &[&'static Drill], how: &DrillArguments, json: bool) -> Outcome<ExitCode> {
    if how.world.is_some() || how.attack.is_some() {
        let text = "--world and --attack belong to `cofferdam drill run containment`";
        return Err(Failure::Asked(text.into()));
    }
    let context = Context::new(how, json)?;
    if let Some(folder) = &how.report {
        std::fs::create_dir_all(folder).map_err(Failure::world(folder.display()))?;
    }
    let (began, start) = (now().to_string(), Instant::now());
    let mut played = Vec::new();
    for drill in drills {
        if !json {
            console::heading(&format!("{}: {}", drill.name, drill.title));
        }
        let one = play(drill, &context)?;
        tell(&one, json);
        played.push(one);
    }
    let run = Run {
        scale: format!("{:?}", how.scale).to_lowercase(),
        version: env!("CARGO_PKG_VERSION").into(),
        began,
        seconds: rounded(start.elapsed()),
        held: played.iter().all(|one| one.held),
        drills: played,
    };
    if let Some(folder) = &how.report {
        report::write(folder, &run)?;
    }
    conclude(&run, how, json);
    Ok(if run.held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays one; what cannot be played to its end has not held.
fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let start = Instant::now();
    let played = match drill.name {
        "alles-laegehus" => alles_laegehus::play(drill, context),
        "d-trust" => applicants::play(drill, context),
        "community-health-center" => everybody::play(drill, context),
        "taken-over-server" => taken_over::play(drill, context),
        "insider" => insider::play(drill, context),
        "stolen-practice-card" => practice_card::play(drill, context),
        "stolen-backup" => old_backup::play(drill, context),
        "database-administrator" => administrator::play(drill, context),
        "ledger-sabotage" => sabotage::play(drill, context),
        "rogue-officer" => officers::play(drill, context),
        "open-port" => ports::play(drill, context),
        _ => canary::play(drill, context),
    };
    // Told to stop is no failure of the drill's.
    context.go_on()?;
    let mut played = played.unwrap_or_else(|failure| {
        let what = "the drill can be played to its end";
        let check = Check::holds(Kind::SelfTest, what, failure.to_string(), false);
        Played::new(drill, 0, Vec::new(), vec![check])
    });
    played.attacking = rounded(start.elapsed()) - played.preparing;
    Ok(played)
}

/// Seconds to a thousandth.
fn rounded(span: Duration) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}

fn tell(played: &Played, json: bool) {
    if json {
        console::json(played);
        return;
    }
    let incident = &played.incident;
    let then = incident.persons.map_or("nobody could say how many".into(), grouped);
    console::say(&format!("  then     {then} persons ({}; {})", incident.name, incident.source));
    for attacker in &played.attackers {
        console::say(&format!("  here     {}: {}", attacker.who, ::drill::webpage::got(attacker)));
    }
    for check in &played.checks {
        let mark = if check.held { "held    " } else { "BROKEN  " };
        console::say(&format!("  {mark} {} ({})", check.what, check.found));
    }
    console::say(&format!(
        "  {} files, made in {:.1} s, attacked for {:.1} s",
        grouped(played.files),
        played.preparing,
        played.attacking
    ));
}

fn conclude(run: &Run, how: &DrillArguments, json: bool) {
    if json {
        let seconds = run.seconds;
        console::json(&serde_json::json!({"held": run.held, "seconds": seconds}));
        return;
    }
    console::heading(&::drill::webpage::conclusion(run));
    if let Some(folder) = &how.report {
        console::say(&format!("report: {}", folder.join("report.html").display()));
    }
}
