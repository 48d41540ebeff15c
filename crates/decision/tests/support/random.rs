//! Seeds, and the cast of the larger worlds.
#![allow(dead_code, unreachable_pub)]

use terms::Role;

/// SplitMix64: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }
}

pub fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Officers 0 to 2, then four cards in each of four practices, an importer and a system.
pub const STAFF: [(Role, usize); 21] = [
    (Role::Officer, 0),
    (Role::Officer, 1),
    (Role::Officer, 1),
    (Role::Doctor, 0),
    (Role::Nurse, 0),
    (Role::Receptionist, 0),
    (Role::Laboratory, 0),
    (Role::Doctor, 1),
    (Role::Nurse, 1),
    (Role::Receptionist, 1),
    (Role::Laboratory, 1),
    (Role::Doctor, 2),
    (Role::Nurse, 2),
    (Role::Receptionist, 2),
    (Role::Pharmacist, 2),
    (Role::Pharmacist, 3),
    (Role::Pharmacist, 3),
    (Role::Pharmacist, 3),
    (Role::Importer, 0),
    (Role::System, 1),
    (Role::Doctor, 0),
];
