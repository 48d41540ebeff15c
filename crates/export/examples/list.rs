//! What a list of files costs: `cargo run -p cofferdam-export --example list 1060936`.
#![allow(clippy::print_stdout)]

use export::FileList;
use std::time::Instant;
use terms::FileId;

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_060_936u64);
    // Spread as random ids are.
    let spread = |number: u64| number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let id = |number: u64| {
        let mut bytes = [7; 16];
        bytes[..8].copy_from_slice(&spread(number).to_be_bytes());
        FileId::from_bytes(bytes)
    };
    let begun = Instant::now();
    let list = FileList::of((0..count).map(id).collect()).expect("a list");
    println!("{count} files in a tree: {:?}", begun.elapsed());
    let begun = Instant::now();
    let paths = 1_000.min(count);
    let hashes: usize = (0..paths)
        .map(|at| list.path(at * (count / paths)).expect("a path of a listed file").len())
        .sum();
    println!("a path: {:?}, {} hashes", begun.elapsed() / paths as u32, hashes as u64 / paths);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("memory: {peak}");
}
