//! Writes a made-up population as bundles, or only says how large it is and how long it takes.
//!
//! `cargo run --release -p cofferdam-drill --example population -- SEED SIZE rich|thin [FOLDER]`

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use drill::population::{Population, Richness};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "SEED SIZE rich|thin [FOLDER]";
    let mut words = std::env::args().skip(1);
    let seed = words.next().ok_or(usage)?.parse()?;
    let size = words.next().ok_or(usage)?.parse()?;
    let richness = match words.next().ok_or(usage)?.as_str() {
        "rich" => Richness::Rich,
        "thin" => Richness::Thin,
        _ => return Err(usage.into()),
    };
    let folder = words.next().map(PathBuf::from);
    let population = Population::new(seed, size).with_richness(richness);
    let (mut spent, mut bytes, mut resources) = (Duration::ZERO, Vec::new(), Vec::new());
    for person in population.people() {
        let start = Instant::now();
        let bundle = person.bundle();
        spent += start.elapsed();
        bytes.push(bundle.len());
        resources.push(bundle.matches("\"fullUrl\":").count());
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{:07}.json", person.number())), bundle)?;
        }
    }
    print(&population, "bytes", bytes);
    print(&population, "resources", resources);
    println!("{:?} per bundle", spent / population.size().max(1));
    Ok(())
}

fn print(population: &Population, what: &str, mut values: Vec<usize>) {
    values.sort_unstable();
    let at = |share: usize| values.get(values.len() * share / 100).copied().unwrap_or(0);
    let (least, most) = (at(0), values.last().copied().unwrap_or(0));
    let sum: usize = values.iter().sum();
    println!(
        "{} people: {sum} {what}, per person {least}, median {}, 90 % below {}, at most {most}",
        population.size(),
        at(50),
        at(90)
    );
}
