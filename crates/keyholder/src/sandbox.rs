//! The process locks itself in, as far as the kernel allows, and says what holds.
//!
//! Trust: after both steps the process opens no file outside of its folder, no connection to
//! anywhere, and starts no program. The second comes before the first thread is started, because
//! Landlock binds the calling thread and those it starts.

use crate::error::{KeyholderError, Result};
use landlock::{
    ABI, Access, AccessFs, AccessNet, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use nix::libc;
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::prctl;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule};
use std::fmt::Display;
use std::path::Path;

mod calls;

/// A system call, and what has to hold of its arguments.
pub type Rule = (libc::c_long, Vec<SeccompRule>);

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
    vec![wall("no core dumps", no_dumps()), wall("memory locked", lock_memory())]
}

/// The other walls; `folders` are all that stays reachable.
pub(crate) fn enter<'a>(folders: impl Iterator<Item = &'a Path>) -> Vec<Wall> {
    vec![
        wall("no new privileges", prctl::set_no_new_privs().map_err(failed)),
        wall("landlock", landlock(folders)),
        wall("seccomp", calls::allowed().map_err(failed).and_then(allow_only)),
    ]
}

fn wall(name: &'static str, up: std::result::Result<(), String>) -> Wall {
    Wall { name, missing: up.err() }
}

fn no_dumps() -> std::result::Result<(), String> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(failed)?;
    prctl::set_dumpable(false).map_err(failed)
}

/// Locks pages as they are first touched. With a limit set, a later allocation would fail in the
/// middle of work, so the lock is only taken where there is none.
fn lock_memory() -> std::result::Result<(), String> {
    let _ = setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY);
    let (soft, _) = getrlimit(Resource::RLIMIT_MEMLOCK).map_err(failed)?;
    if soft != RLIM_INFINITY {
        return Err("keys may reach the swap: set LimitMEMLOCK=infinity, or have no swap".into());
    }
    let on_fault = MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT);
    let all = MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | on_fault;
    mlockall(all).map_err(failed)
}

fn landlock<'a>(folders: impl Iterator<Item = &'a Path>) -> std::result::Result<(), String> {
    let abi = ABI::V6;
    let mut ruleset = Ruleset::default()
        .set_compatibility(landlock::CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(abi)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(abi)))
        .and_then(|ruleset| ruleset.create())
        .map_err(failed)?;
    for path in folders {
        let folder = PathFd::new(path).map_err(failed)?;
        let rule = PathBeneath::new(folder, AccessFs::from_all(abi));
        ruleset = ruleset.add_rule(rule).map_err(failed)?;
    }
    match ruleset.restrict_self().map_err(failed)?.ruleset {
        RulesetStatus::FullyEnforced => Ok(()),
        RulesetStatus::PartiallyEnforced => Err("up in part: the kernel knows less of it".into()),
        RulesetStatus::NotEnforced => Err("the kernel does not have it".into()),
    }
}

/// Lets this process make these system calls and no others, in every thread and for good.
///
/// Two filters: the kernel takes the stricter answer of both. The first tells the C library to
/// start threads by `clone`, whose flags can be looked at, instead of `clone3`, whose cannot.
pub fn allow_only(allowed: Vec<Rule>) -> std::result::Result<(), String> {
    let no_clone3 = filter(
        vec![(libc::SYS_clone3, vec![])],
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
    )
    .map_err(failed)?;
    let allowed = filter(allowed, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
        .map_err(failed)?;
    for program in [no_clone3, allowed] {
        seccompiler::apply_filter_all_threads(&program).map_err(failed)?;
    }
    Ok(())
}

fn filter(
    rules: Vec<Rule>,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram> {
    let setting_up = || KeyholderError::world("cannot set up seccomp");
    let arch = std::env::consts::ARCH.try_into().map_err(setting_up())?;
    let filter = SeccompFilter::new(rules.into_iter().collect(), otherwise, matched, arch)
        .map_err(setting_up())?;
    filter.try_into().map_err(setting_up())
}

fn failed(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests;
