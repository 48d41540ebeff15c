//! `cofferdam bench`: measures this build on this machine, with real processes and a real disk.
//!
//! Figures are of this machine at this moment. Rates are wall-clock; costs are CPU time of
//! keyholder and server together, read from `/proc`: the load generator's own does not count.

mod containment;
mod decisions;
mod exposure;
mod http;
mod incident;
mod keys;
mod letters;
mod load;
mod memory;
mod refusals;
mod scale;
pub(crate) mod stage;

pub(crate) use stage::bytes_below;

pub(crate) use containment::{FIRST_SEED, SEEDS, containment};

use crate::cli::BenchArguments;
use crate::console;
use crate::failure::Outcome;
use serde::Serialize;

/// What can be measured.
pub(crate) const NAMES: [&str; 15] = [
    "import",
    "transactions",
    "at-rest",
    "requests",
    "posts",
    "decisions",
    "openings",
    "refusals",
    "replay",
    "memory",
    "scale",
    "exposure",
    "letters",
    "incident",
    "containment",
];

/// One measured figure.
#[derive(Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// How much.
    pub(crate) value: f64,
    /// In what.
    pub(crate) unit: &'static str,
    /// The limit the project sets itself, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<Limit>,
}

/// A limit to meet.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Limit {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Figure {
        Figure { what: what.into(), value, unit, limit: None }
    }

    pub(crate) fn at_least(self, limit: f64) -> Figure {
        Figure { limit: Some(Limit::AtLeast(limit)), ..self }
    }

    pub(crate) fn at_most(self, limit: f64) -> Figure {
        Figure { limit: Some(Limit::AtMost(limit)), ..self }
    }

    fn verdict(&self) -> String {
        match self.limit {
            None => String::new(),
            Some(Limit::AtLeast(limit)) => verdict(self.value >= limit, ">=", limit),
            Some(Limit::AtMost(limit)) => verdict(self.value <= limit, "<=", limit),
        }
    }
}

fn verdict(met: bool, sign: &str, limit: f64) -> String {
    format!("{} {sign} {}", if met { "met:" } else { "MISSED:" }, number(limit))
}

/// `cofferdam bench`.
pub(crate) fn bench(arguments: &BenchArguments, json: bool) -> Outcome {
    let all: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
    let which = if arguments.which.is_empty() { &all } else { &arguments.which };
    for name in which {
        if !json {
            console::heading(name);
        }
        if name == "containment" {
            containment(&arguments.containment, json)?;
            continue;
        }
        let figures = match name.as_str() {
            "import" => load::import(arguments),
            "transactions" => load::transactions(arguments),
            "at-rest" => load::at_rest(arguments),
            "requests" => http::requests(),
            "posts" => http::posts(),
            "decisions" => decisions::decisions(),
            "openings" => keys::openings(),
            "refusals" => refusals::refusals(),
            "replay" => keys::replay(),
            "memory" => memory::memory(arguments),
            "exposure" => exposure::exposure(arguments),
            "letters" => letters::letters(arguments.count),
            "incident" => incident::incident(arguments),
            _ => scale::scale(arguments),
        };
        for figure in figures? {
            show(&figure, json);
        }
    }
    Ok(())
}

fn show(figure: &Figure, json: bool) {
    if json {
        console::json(figure);
        return;
    }
    let value = number(figure.value);
    console::say(&format!(
        "  {:<58} {value:>12} {:<14} {}",
        figure.what,
        figure.unit,
        figure.verdict()
    ));
}

fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if v >= 1000.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}
