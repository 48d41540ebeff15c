//! What is compared: our system, our system with one part switched off, and the baselines.

use decision::Limits;
use serde::Serialize;
use watch::{Parts, Settings};

/// What defends in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// The product as it is.
    Ours,
    /// The product without one part.
    Without(Part),
    /// What the field has.
    Baseline(Baseline),
    /// The product, with relations between the wrong people: nothing should be explained.
    Shuffled,
    /// The product, without attacks.
    Honest,
}

/// A part of the product that can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// One detector of the watch.
    Detector(&'static str),
    /// The whole watch.
    Watch,
    /// Every budget of the decision.
    Budgets,
    /// The budget of emergencies alone.
    Emergencies,
    /// The canaries' marks.
    Canaries,
    /// Patients who report.
    Reports,
    /// Officers who read alerts.
    Readers,
}

/// A baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Nothing.
    Nothing,
    /// Caps for each institution.
    Caps,
    /// Nightly rules.
    Nightly,
    /// A SIEM every ten minutes.
    Siem,
    /// An isolation forest.
    Forest,
}

impl Variant {
    /// Our system, each part switched off, the baselines.
    pub fn all() -> Vec<Variant> {
        let mut all = vec![Variant::Ours];
        all.extend(Part::all().into_iter().map(Variant::Without));
        all.extend(Baseline::ALL.map(Variant::Baseline));
        all
    }

    /// Its name in tables.
    pub fn name(self) -> String {
        match self {
            Variant::Ours => "our system".into(),
            Variant::Without(part) => format!("without {}", part.name()),
            Variant::Baseline(baseline) => baseline.name().into(),
            Variant::Shuffled => "shuffled relations".into(),
            Variant::Honest => "no attacks".into(),
        }
    }

    pub(crate) fn part(self) -> Option<Part> {
        match self {
            Variant::Without(part) => Some(part),
            _ => None,
        }
    }
}

impl Part {
    /// Every part.
    pub fn all() -> Vec<Part> {
        let mut all: Vec<Part> = Parts::NAMES.into_iter().map(Part::Detector).collect();
        all.extend([Part::Watch, Part::Budgets, Part::Emergencies]);
        all.extend([Part::Canaries, Part::Reports, Part::Readers]);
        all
    }

    fn name(self) -> String {
        match self {
            Part::Detector(name) => format!("detector \"{name}\""),
            Part::Watch => "the whole watch".into(),
            Part::Budgets => "any budget".into(),
            Part::Emergencies => "the budget of emergencies".into(),
            Part::Canaries => "canaries".into(),
            Part::Reports => "patients' reports".into(),
            Part::Readers => "officers who read alerts".into(),
        }
    }

    /// The decision's limits without this part.
    pub(crate) fn limits(self, limits: Limits) -> Limits {
        match self {
            Part::Emergencies => crate::bounds::without_emergencies(limits),
            Part::Budgets => crate::bounds::without_budgets(limits),
            _ => limits,
        }
    }

    /// The watch's settings without this part.
    pub(crate) fn settings(self, mut settings: Settings) -> Settings {
        match self {
            Part::Detector(name) => {
                if let Some(on) = settings.parts.named(name) {
                    *on = false;
                }
            }
            Part::Watch => settings.parts = Parts::NONE,
            _ => {}
        }
        settings
    }
}

impl Baseline {
    /// Every baseline.
    pub const ALL: [Baseline; 5] =
        [Baseline::Nothing, Baseline::Caps, Baseline::Nightly, Baseline::Siem, Baseline::Forest];

    fn name(self) -> &'static str {
        match self {
            Baseline::Nothing => "nothing",
            Baseline::Caps => "caps per institution",
            Baseline::Nightly => "nightly rules",
            Baseline::Siem => "SIEM, 10 minutes",
            Baseline::Forest => "isolation forest",
        }
    }
}
