//! The same work at few and at many patients.

use super::Figure;
use super::http::{Holder, cost};
use super::keys::Opener;
use super::stage::{Stage, bytes_below};
use crate::cli::BenchArguments;
use crate::client::SignedInCard;
use crate::demo;
use crate::failure::Outcome;

/// The small population.
const FEW: u32 = 100;
/// Requests of each kind.
const READS: u32 = 5_000;
const SEARCHES: u32 = 5_000;
const OPENINGS: u32 = 3_000;

/// How often both sizes are measured, in turn: a machine is never equally busy twice, and the
/// median of each is what counts.
const ROUNDS: usize = 9;

/// What one size costs.
struct Costs {
    read: f64,
    search: f64,
    opening: f64,
}

/// A practice, and one patient of it whom somebody has open.
struct Practice {
    stage: Stage,
    holder: Holder,
    opener: Opener,
}

/// Costs at few and at many patients, their ratio, and what many patients take in memory.
pub(crate) fn scale(arguments: &BenchArguments) -> Outcome<Vec<Figure>> {
    let many = u32::try_from(arguments.patients).unwrap_or(u32::MAX);
    let mut figures = Vec::new();
    let practices = [Practice::new("few", FEW)?, Practice::new("many", many)?];
    let mut rounds = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (practice, costs) in practices.iter().zip(&mut rounds) {
            costs.push(practice.costs()?);
        }
    }
    let [few_costs, many_costs] = rounds.map(|costs| Costs::median(&costs));
    let [_, Practice { stage, .. }] = &practices;
    let [keyholder, server] = stage.memory()?;
    let disk = bytes_below(&stage.home.store())? + bytes_below(&stage.home.keyholder())?;
    let million = 1e6 / f64::from(many);
    for (what, few, many) in [
        ("read by id", few_costs.read, many_costs.read),
        ("search by patient and code", few_costs.search, many_costs.search),
        ("opening", few_costs.opening, many_costs.opening),
    ] {
        figures.push(Figure::new(format!("{what}, {FEW} patients"), few, "CPU ms"));
        figures.push(Figure::new(format!("{what}, many patients"), many, "CPU ms"));
        figures.push(Figure::new(format!("{what}, ratio"), many / few, "").at_most(1.2));
    }
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    figures.push(Figure::new("patients", f64::from(many), "files"));
    figures.push(Figure::new("keyholder, resident", mib(keyholder), "MiB"));
    figures.push(Figure::new("server, resident", mib(server), "MiB"));
    figures.push(Figure::new("both, per million files", mib(keyholder + server) * million, "MiB"));
    figures.push(Figure::new("disk", mib(disk), "MiB"));
    Ok(figures)
}

impl Practice {
    fn new(name: &str, patients: u32) -> Outcome<Practice> {
        let stage = Stage::with_people(name, patients, true)?;
        let card = demo::unlock(&stage.home, "doctor-1")?;
        let mut card = SignedInCard::anew(&stage.home, &stage.config, &card)?;
        let holder = Holder::of(&stage, &mut card, 0)?;
        // One card to and fro between two devices would have to sign in again.
        let other = demo::unlock(&stage.home, "doctor-2")?;
        let opener = Opener::new(&stage, &other, holder.patient)?;
        Ok(Practice { stage, holder, opener })
    }

    fn costs(&self) -> Outcome<Costs> {
        let (stage, holder, patient) = (&self.stage, &self.holder, self.holder.patient);
        let read = format!("/fhir/Patient/{patient}");
        let search =
            format!("/fhir/Condition?patient={patient}&code=http://snomed.info/sct%7C38341003");
        Ok(Costs {
            read: cost(stage, holder, "", &read, READS)?.value,
            search: cost(stage, holder, "", &search, SEARCHES)?.value,
            opening: self.opener.cost(stage, OPENINGS)?,
        })
    }
}

impl Costs {
    fn median(of: &[Costs]) -> Costs {
        let median = |one: fn(&Costs) -> f64| {
            let mut values: Vec<f64> = of.iter().map(one).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        Costs {
            read: median(|c| c.read),
            search: median(|c| c.search),
            opening: median(|c| c.opening),
        }
    }
}
