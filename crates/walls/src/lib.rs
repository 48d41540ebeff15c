//! The walls around a process: what the kernel refuses it from then on, whoever has taken it over.
//!
//! Trust: nothing is decided here. Each process names what it needs, and gets nothing beside it: no
//! other file, port or system call. Walls bind the calling thread and those that it starts, and are
//! for good: put them up before the first thread.

#![deny(missing_docs)]

mod calls;
mod reach;

pub use calls::Calls;
pub use landlock::RulesetStatus;
pub use reach::Reach;

use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use std::fmt::Display;

/// Why a wall is not up.
pub type Missing = String;

/// No core dumps, and nobody else of this user looks into its memory.
pub fn no_dumps() -> Result<(), Missing> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(failed)?;
    prctl::set_dumpable(false).map_err(failed)
}

/// No program that it starts has more rights than it has; the other walls want that first.
pub fn no_new_privileges() -> Result<(), Missing> {
    prctl::set_no_new_privs().map_err(failed)
}

fn failed(error: impl Display) -> Missing {
    error.to_string()
}
