//! What files cost in memory: in the state that decides, and in each process.

use super::Figure;
use super::decisions::{FILES, state};
use super::stage::{Stage, resident};
use crate::cli::BenchArguments;
use crate::client::now;
use crate::failure::{Failure, Outcome};
use std::time::Instant;

/// The state of a million files in this process, and the growth of real processes.
pub(super) fn memory(arguments: &BenchArguments) -> Outcome<Vec<Figure>> {
    let mut figures = state_of_a_million()?;
    let many = u32::try_from(arguments.patients).unwrap_or(u32::MAX);
    let [keyholder_before, server_before] = settled(Stage::new("empty")?)?;
    let [keyholder, server] = settled(Stage::with_people("memory", many, true)?)?;
    let per_file = |after: u64, before: u64| after.saturating_sub(before) as f64 / f64::from(many);
    figures.push(Figure::new("patients", f64::from(many), "files"));
    for (what, after, before) in
        [("keyholder", keyholder, keyholder_before), ("server", server, server_before)]
    {
        figures.push(Figure::new(format!("{what}, without a file"), mib(before), "MiB"));
        figures.push(Figure::new(format!("{what}, with them"), mib(after), "MiB"));
        let million = per_file(after, before) * 1e6 / f64::from(1 << 20);
        figures.push(Figure::new(format!("{what}, for a million files more"), million, "MiB"));
    }
    let all = per_file(keyholder + server, keyholder_before + server_before) * FILES as f64;
    let both = mib(keyholder_before + server_before) + all / f64::from(1 << 20);
    let what = format!("both, with {FILES} files, if linear");
    figures.push(Figure::new(what, both, "MiB").at_most(4096.0));
    Ok(figures)
}

fn state_of_a_million() -> Outcome<Vec<Figure>> {
    let own = std::process::id();
    let device = cards::Device::make().map_err(Failure::world("a device key"))?;
    let before = resident(own)?;
    let start = Instant::now();
    let state = state(FILES, &[device], now())?;
    let rate = 2.0 * FILES as f64 / start.elapsed().as_secs_f64();
    let bytes = resident(own)?.saturating_sub(before) as f64 / FILES as f64;
    let start = Instant::now();
    let snapshot = state.to_bytes();
    let wrote = start.elapsed().as_secs_f64();
    drop(state);
    let start = Instant::now();
    decision::State::from_bytes(&snapshot).map_err(Failure::world("the snapshot"))?;
    let read = start.elapsed().as_secs_f64();
    Ok(vec![
        Figure::new("files in the state that decides", FILES as f64, ""),
        Figure::new("one file in the state", bytes, "bytes"),
        Figure::new("entries taken in", rate, "1/s"),
        Figure::new("its snapshot", mib(snapshot.len() as u64), "MiB"),
        Figure::new("snapshot written", wrote, "s"),
        Figure::new("snapshot read", read, "s"),
    ])
}

/// Memory of keyholder and server after a start, when nothing of the import is left.
fn settled(mut stage: Stage) -> Outcome<[u64; 2]> {
    stage.restart()?;
    stage.memory()
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
