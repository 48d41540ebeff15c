//! Prints what a world is like: files a day and what explains them, role by role.
//!
//!     cargo run --release -p cofferdam-world --example show -- \
//!         [small|medium|full|FILE] [calm|base|hard] [DAYS] [SEED]

#![allow(clippy::print_stdout, missing_docs)]

#[allow(dead_code)]
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::time::Instant;
use support::{Books, mean, over_dispersion, quantile};
use world::{Climate, HonestWhy, Plan, Size, UnitKind, World};

/// Days before anything is counted: relations have to build up first.
const WARM_UP_DAYS: u64 = 30;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |n: usize, or: &str| words.get(n).cloned().unwrap_or_else(|| or.to_owned());
    let climate = match word(1, "base").as_str() {
        "calm" => Climate::Calm,
        "hard" => Climate::Hard,
        _ => Climate::Base,
    };
    let mut plan = match word(0, "small").as_str() {
        "small" => Plan::new(Size::Small, climate),
        "medium" => Plan::new(Size::Medium, climate),
        "full" => Plan::new(Size::Full, climate),
        file => {
            let text = std::fs::read_to_string(file).expect("the world file can be read");
            Plan::from_json(&text).expect("the world file is right")
        }
    };
    if let Ok(days) = word(2, "").parse() {
        plan.days = days;
    }
    let seed = word(3, "1").parse().unwrap_or(1);
    let alone = speed(&plan, seed);
    let mut world = World::new(&plan, seed);
    let mut books = Books::new(WARM_UP_DAYS.min(u64::from(plan.days) / 3) * world::DAY);
    while let Some(happening) = world.next() {
        books.take(&world, happening);
    }
    println!(
        "{} people, {} units, {} staff, {} days; {} happenings, {} openings; {alone:.2} million \
         happenings a second",
        world.people().len(),
        world.units().len(),
        world.staff().len(),
        plan.days,
        books.happenings,
        books.openings
    );
    table(&books);
    let end = u64::from(plan.days) * world::DAY;
    random_pairs(&books.random_pairs(&world, end));
    for why in HonestWhy::ALL {
        println!("{:>9}  {}", world.tally(*why), why.word());
    }
}

fn random_pairs(pairs: &BTreeMap<UnitKind, (u32, u32, u32)>) {
    let all: u32 = pairs.values().map(|(_, _, all)| all).sum();
    let share = |n: u32| f64::from(n) / f64::from(all) * 100.0;
    println!("random pairs of staff and person, of all: strongly, at all");
    for (kind, (strong, any, _)) in pairs {
        println!("{:<20} {:>5.2} % {:>5.2} %", format!("{kind:?}"), share(*strong), share(*any));
    }
    let strong = pairs.values().map(|(strong, _, _)| strong).sum();
    let any = pairs.values().map(|(_, any, _)| any).sum();
    println!("all kinds            {:>5.2} % {:>5.2} %", share(strong), share(any));
}

fn speed(plan: &Plan, seed: u64) -> f64 {
    let mut plan = plan.clone();
    plan.days = plan.days.min(30);
    let world = World::new(&plan, seed);
    let start = Instant::now();
    let count = world.count();
    count as f64 / start.elapsed().as_secs_f64() / 1e6
}

fn table(books: &Books) {
    println!(
        "unit, role                          days   files: median, p99   strong   weak  none %   \
         none a day, p99, variance/mean   none after 14 days"
    );
    for ((kind, role), line) in &books.lines {
        let all = line.explained.iter().sum::<u64>().max(1) as f64;
        let share = |n: usize| line.explained[n] as f64 / all * 100.0;
        let never = 1.0 - line.later.0 as f64 / line.later.1.max(1) as f64;
        println!(
            "{:<32} {:>7} {:>8} {:>10} {:>10.1} {:>6.1} {:>6.1} {:>10.2} {:>5} {:>8.2} \
             {:>14.2} %",
            format!("{kind:?}, {role:?}"),
            line.files.len(),
            quantile(&line.files, 0.5),
            quantile(&line.files, 0.99),
            share(2),
            share(1),
            share(0),
            mean(&line.unexplained),
            quantile(&line.unexplained, 0.99),
            over_dispersion(&line.unexplained),
            never * share(0),
        );
    }
    let [strong, weak, none, never] = books.shares().map(|share| share * 100.0);
    println!(
        "all: {strong:.2} % strongly, {weak:.2} % weakly, {none:.2} % not; {never:.2} % not \
         after 14 days"
    );
}
