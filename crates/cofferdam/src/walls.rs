//! Puts the walls of our processes up, and says in the log which of them stand.

use crate::failure::{Failure, Outcome};
use walls::{Calls, Missing, Reach, RulesetStatus};

/// Closes the calling thread in, and every one that it starts: call it before the first. `whom` is
/// the process, for the log.
pub(crate) fn enter(whom: &str, reach: &Reach, calls: Result<Calls, Missing>) -> Outcome {
    let broken = |missing| Failure::World(format!("the walls of the {whom}: {missing}"));
    walls::no_dumps().and_then(|()| walls::no_new_privileges()).map_err(broken)?;
    match reach.enforce().map_err(broken)? {
        RulesetStatus::FullyEnforced => tracing::info!(wall = "landlock", state = "up"),
        RulesetStatus::PartiallyEnforced => tracing::warn!(wall = "landlock", state = "in part"),
        RulesetStatus::NotEnforced => {
            let state = "missing: whoever takes it over can read this user's files";
            tracing::warn!(wall = "landlock", state);
        }
    }
    match calls.and_then(Calls::enforce) {
        Ok(()) => tracing::info!(wall = "seccomp", state = "up"),
        Err(why) => {
            let state = "missing: whoever takes it over can send datagrams to anywhere";
            tracing::warn!(wall = "seccomp", state, %why);
        }
    }
    Ok(())
}
