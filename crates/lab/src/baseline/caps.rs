//! Caps for each institution by role, in an hour and in a month, as the German record has them
//! since 2025. The numbers there were not readable; these are assumed: four times a busy hour of
//! the largest of its kind, and a month of busy days.

use super::{Access, Rule};
use std::collections::HashMap;
use terms::Role;

/// Distinct files in an hour and in a month, for each institution and role.
const DOCTORS: [u32; 2] = [240, 12_000];
const OTHERS: [u32; 2] = [400, 20_000];

/// The caps.
#[derive(Default)]
pub struct Caps {
    counts: HashMap<(u32, Role, usize), (u64, u32)>,
}

impl Rule for Caps {
    fn allows(&mut self, access: &Access) -> bool {
        let caps = if access.role == Role::Doctor { DOCTORS } else { OTHERS };
        let hour = access.at.millis() / 3_600_000;
        let windows = [hour, hour / (24 * 30)];
        let counted = |caps: &Caps, n: usize| {
            let count = caps.counts.get(&(access.place, access.role, n));
            count.filter(|(window, _)| *window == windows[n]).map_or(0, |(_, count)| *count)
        };
        if (0..2).any(|n| counted(self, n) >= caps[n]) {
            return false;
        }
        for (n, window) in windows.into_iter().enumerate() {
            let count = counted(self, n) + 1;
            self.counts.insert((access.place, access.role, n), (window, count));
        }
        true
    }
}
