//! The containment benchmark: how many files an attacker gets before the machine stops it, and how
//! often an honest clinician is stopped, under a virtual clock.
//!
//! A made-up region's days (crate `world`) pass through the very decision code (`decision::Trial`)
//! and the very detectors (`watch::Watch`), with attackers among the honest. Nothing here is part
//! of a running system. `docs/containment.md` says how to read what comes out.

pub mod attack;
pub mod baseline;
pub mod bounds;
pub mod campaign;
mod chance;
pub mod contain;
pub mod defence;
pub mod findings;
pub mod house;
mod region;
pub mod run;
pub mod scene;
mod search;
mod server;
pub mod statistics;
pub mod table;
pub mod tally;
pub mod variant;

pub use campaign::Campaign;
pub use contain::{Options, contain};
pub use findings::Findings;
pub use search::Best;
pub use server::Beyond;
