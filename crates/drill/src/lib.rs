//! Drills: made-up people for demonstrations, tests, attackers and benchmarks.
//!
//! Nothing here is part of a running system; it only speaks to one from outside.

pub mod population;
