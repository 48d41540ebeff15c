//! What a thief gets at each pace, and what honest days cost, on made-up streams: a first look
//! after a change of thresholds. `cargo run -p cofferdam-watch --example paces`.

#![expect(clippy::print_stdout, reason = "it prints a table")]

#[path = "../tests/detectors/stream.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod stream;

use stream::Stream;
use terms::{Finding, Grade, Role, Rung};
use watch::Level;

/// Seeds for each pace.
const SEEDS: u64 = 15;
/// Honest days at work before the thief comes.
const BEFORE: usize = 60;

fn main() {
    let paces = [
        (Grade::None, 10.0),
        (Grade::None, 3.0),
        (Grade::None, 1.0),
        (Grade::None, 0.3),
        (Grade::Weak, 40.0),
        (Grade::Weak, 10.0),
    ];
    for (grade, a_day) in paces {
        let mut got: Vec<u32> = (0..SEEDS).map(|seed| thief(seed, grade, a_day)).collect();
        got.sort_unstable();
        let at = |share: f64| got[((got.len() - 1) as f64 * share) as usize];
        println!("{grade} {a_day} a day: median {}, p95 {} files", at(0.5), at(0.95));
    }
    for (name, spread) in [("even", 0.0), ("uneven", 0.7)] {
        honest(name, spread);
    }
}

/// A rate of one card: log-normal among the cards (sigma 0.7, assumed).
fn rate(stream: &mut Stream, mean: f64, sigma: f64) -> f64 {
    let normal: f64 = (0..12).map(|_| stream.share()).sum::<f64>() - 6.0;
    mean * (sigma * normal).exp()
}

fn thief(seed: u64, grade: Grade, a_day: f64) -> u32 {
    let mut stream = Stream::new(seed);
    let cards: Vec<usize> = (0..20).map(|_| stream.card(Role::Doctor, 1, &[])).collect();
    let rates: Vec<f64> = cards.iter().map(|_| rate(&mut stream, 0.3, 0.7)).collect();
    let mut got = 0;
    for day in 0..400 {
        for (card, rate) in cards.iter().zip(&rates) {
            stream.honest_day(*card, 10.0 * rate, *rate);
        }
        let attacks = if day < BEFORE { 0 } else { stream.poisson(a_day) };
        for _ in 0..attacks {
            if stream.rung(cards[0]) == Rung::Restricted {
                return got;
            }
            got += 1;
            stream.wait(10);
            stream.open(cards[0], grade);
        }
        stream.next_day();
    }
    got
}

fn honest(name: &str, sigma: f64) {
    let mut stream = Stream::new(7);
    let cards: Vec<usize> =
        (0..200u8).map(|card| stream.card(Role::Doctor, card / 25, &[])).collect();
    let rates: Vec<f64> = cards.iter().map(|_| rate(&mut stream, 0.3, sigma)).collect();
    const DAYS: usize = 200;
    for _ in 0..DAYS {
        for (card, rate) in cards.iter().zip(&rates) {
            stream.honest_day(*card, 10.0 * rate, *rate);
        }
        stream.next_day();
    }
    let thousand = (cards.len() * DAYS) as f64 / 1_000.0;
    for finding in Finding::ALL {
        let levels = [Level::Note, Level::Prompt, Level::Review];
        let counts = levels.map(|level| stream.count(*finding, level) as f64 / thousand);
        if let [notes, prompts, reviews] = counts
            && notes + prompts + reviews > 0.0
        {
            let counts = format!("{notes:.2} notes, {prompts:.2} prompts, {reviews:.2} reviews");
            println!("{name}: {finding}: {counts} in 1,000 days at work");
        }
    }
}
