//! How many entries a second one core takes in: `cargo run --release -p cofferdam-watch --example
//! speed`. The stream is made beforehand: 2,000 cards, of whose openings one in ten is weakly
//! explained and one in fifty not at all.

#![expect(clippy::print_stdout, reason = "it prints a figure")]

#[path = "../tests/detectors/stream.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod stream;

use std::time::Instant;
use stream::Stream;
use terms::{Grade, Role};
use watch::{Parts, Settings, Watch};

const CARDS: u16 = 2_000;
const DAYS: usize = 20;

fn main() {
    let mut stream = Stream::with(1, Settings { parts: Parts::NONE, ..Settings::default() });
    let cards: Vec<usize> =
        (0..CARDS).map(|card| stream.card(Role::Doctor, (card / 20) as u8, &[])).collect();
    for _ in 0..DAYS {
        for card in &cards {
            for _ in 0..40 {
                let grade = match stream.share() {
                    share if share < 0.02 => Grade::None,
                    share if share < 0.12 => Grade::Weak,
                    _ => Grade::Strong,
                };
                stream.wait(1);
                stream.open(*card, grade);
            }
        }
        stream.next_day();
    }
    let mut watch = Watch::new(Settings::default());
    let since = Instant::now();
    let mut alerts = 0;
    for (number, entry) in (0..).zip(&stream.entries) {
        alerts += watch.entry(number, entry).len();
    }
    let seconds = since.elapsed().as_secs_f64();
    let entries = stream.entries.len();
    println!("{entries} entries, {:.0} a second, {alerts} alerts", entries as f64 / seconds);
}
