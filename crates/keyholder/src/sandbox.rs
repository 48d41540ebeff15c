//! The process locks itself in, as far as the kernel allows, and says what holds.
//!
//! Trust: after both steps the process opens no file outside of its folder, no connection to
//! anywhere, and starts no program. The second comes before the first thread is started, because
//! Landlock binds the calling thread and those it starts.

use nix::libc;
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use std::path::PathBuf;
use walls::{Calls, Missing, Reach, RulesetStatus};

/// One wall of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// What it is.
    pub name: &'static str,
    /// Why it is not up, if it is not.
    pub missing: Option<String>,
}

/// The walls that must stand before the first key is in memory.
pub(crate) fn before_keys() -> Vec<Wall> {
    vec![wall("no core dumps", walls::no_dumps()), wall("memory locked", lock_memory())]
}

/// The other walls; `folders` are all that stays reachable.
pub(crate) fn enter(folders: Vec<PathBuf>) -> Vec<Wall> {
    vec![
        wall("no new privileges", walls::no_new_privileges()),
        wall("landlock", landlock(folders)),
        wall("seccomp", Calls::common().and_then(|calls| calls.and(CALLS).enforce())),
    ]
}

fn wall(name: &'static str, up: Result<(), Missing>) -> Wall {
    Wall { name, missing: up.err() }
}

/// Locks pages as they are first touched. With a limit set, a later allocation would fail in the
/// middle of work, so the lock is only taken where there is none.
fn lock_memory() -> Result<(), Missing> {
    let failed = |error: nix::Error| error.to_string();
    let _ = setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY);
    let (soft, _) = getrlimit(Resource::RLIMIT_MEMLOCK).map_err(failed)?;
    if soft != RLIM_INFINITY {
        return Err("keys may reach the swap: set LimitMEMLOCK=infinity, or have no swap".into());
    }
    let on_fault = MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT);
    let all = MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | on_fault;
    mlockall(all).map_err(failed)
}

fn landlock(folders: Vec<PathBuf>) -> Result<(), Missing> {
    match (Reach { folders, ..Reach::default() }).enforce()? {
        RulesetStatus::FullyEnforced => Ok(()),
        RulesetStatus::PartiallyEnforced => Err("up in part: the kernel knows less of it".into()),
        RulesetStatus::NotEnforced => Err("the kernel does not have it".into()),
    }
}

/// What the keyholder needs beside what all processes do. It opens no socket: connections are only
/// accepted.
const CALLS: &[libc::c_long] = &[
    libc::SYS_accept4,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_fallocate,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
];

#[cfg(test)]
mod tests;
