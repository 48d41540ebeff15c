//! What the fuzz target `disclosure` promises, over its seeds and changes of them: few inputs, but
//! in every run of the tests.

#[path = "../../../fuzz/src/targets/disclosure.rs"]
mod disclosure;

use std::path::Path;

/// Changes of each seed that are tried.
const CHANGES: u64 = 4_000;

/// Marsaglia's xorshift: the same numbers each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

fn changed(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(data.len());
        match numbers.below(5) {
            0 => data.truncate(at),
            1 => data.insert(at.min(data.len()), numbers.below(256) as u8),
            2 if at < data.len() => data[at] ^= 1 << numbers.below(8),
            3 if at < data.len() => drop(data.remove(at)),
            _ => data.extend_from_within(at.min(data.len())..),
        }
    }
    data
}

#[test]
fn the_promises_hold_for_seeds_and_changes_of_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/disclosure");
    let mut seeds: Vec<_> = folder.read_dir().unwrap().map(|seed| seed.unwrap().path()).collect();
    seeds.sort();
    assert!(seeds.len() >= 9, "{seeds:?}");
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for seed in seeds {
        let seed = std::fs::read(seed).unwrap();
        disclosure::run(&seed);
        for _ in 0..CHANGES {
            disclosure::run(&changed(&seed, &mut numbers));
        }
    }
}

/// The seeds reach what they are for.
#[test]
fn seeds_of_signed_texts_count() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/disclosure");
    let seed = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(intake::key::Certificate::parse(&seed("certificate")).is_ok());
    assert!(intake::receipt::Receipt::verify(&seed("receipt")).is_ok());
    assert!(seed("phrase").parse::<intake::phrase::Phrase>().is_ok());
    assert!(intake::message::parse(seed("report").as_bytes()).is_some());
    assert!(intake::desk::posted(seed("message").as_bytes()).is_some());
}
