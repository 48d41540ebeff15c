//! Drills: made-up people for demonstrations, tests, attackers and benchmarks; what attackers of
//! known incidents got, what ours get, and how that is judged and shown.
//!
//! Nothing here is part of a running system; it only speaks to one from outside.

pub mod holdings;
pub mod incident;
pub mod picture;
pub mod played;
pub mod population;
pub mod webpage;
