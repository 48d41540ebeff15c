//! From the opening of an incident to a filing and to letters that a printer can have.

use super::Figure;
use super::stage::Stage;
use crate::cli::BenchArguments;
use crate::failure::{Failure, Outcome};
use std::time::Instant;

/// The facts of made-up letters; their country is filled in.
const FACTS: &str = include_str!("letters.toml");
/// What the worst day leaves for machines, in minutes.
const MINUTES_MAX: f64 = 10.0;

/// Brings in so many people through a server, and does what an officer does when it was taken over.
pub(super) fn incident(arguments: &BenchArguments) -> Outcome<Vec<Figure>> {
    let stage = Stage::with_people("incident", arguments.affected, true)?;
    let out = stage.home.path().with_extension("letters");
    let done = worst_day(&stage, &out);
    // A folder that stays costs disk space only.
    let _ = std::fs::remove_dir_all(&out);
    done
}

fn worst_day(stage: &Stage, out: &std::path::Path) -> Outcome<Vec<Figure>> {
    let facts = stage.home.path().join("letters.toml");
    let text = FACTS.replace("COUNTRY", "DK");
    std::fs::write(&facts, text).map_err(Failure::world(facts.display()))?;
    let server = stage.config.server_id()?.to_string();
    let (start, mut figures) = (Instant::now(), Vec::new());
    let mut step = |what: &str, arguments: &[&str]| {
        let since = Instant::now();
        let said = stage.officer(arguments)?;
        figures.push(Figure::new(what, since.elapsed().as_secs_f64(), "s"));
        Ok::<_, Failure>(said)
    };
    step("incident opened", &["open", "--title", "a server that was taken over"])?;
    let exposure = step("exposure", &["exposure", "last", "--server", &server])?;
    let persons = exposure["persons"].as_array().map_or(0, Vec::len);
    step("draft of a filing", &["file", "last", "edpb"])?;
    let card = stage.officers.first.identity().card.to_string();
    let order = ["letters", "order", "last", "--exposure", "1", "--card", &card];
    let ordered = step("list for the letters", &order)?;
    let job = ordered["job_file"].as_str().unwrap_or_default();
    step("two officers approve it", &["letters", "approve", "--job-file", job])?;
    let (facts, out) = (facts.display().to_string(), out.display().to_string());
    let run = ["letters", "run", "--job-file", job, "--facts", &facts, "--out", &out, "--together"];
    let made = step("openings and letters", &run)?;
    let letters = made["letters"].as_u64().unwrap_or_default();
    let left = made["left_out"].as_u64().unwrap_or_default();
    if letters + left != persons as u64 {
        let text = format!("{letters} letters and {left} without one, of {persons} persons");
        return Err(Failure::Tampered(text));
    }
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    figures.insert(0, Figure::new("persons", persons as f64, "persons"));
    figures.push(Figure::new("letters", letters as f64, "letters"));
    figures.push(Figure::new("all of it", minutes, "min").at_most(MINUTES_MAX));
    Ok(figures)
}
