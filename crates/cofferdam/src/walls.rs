//! What the walls of our processes have in common: Landlock, of the newest rules the kernel has.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreated, RulesetError, RulesetStatus, Scope,
};

/// The newest rules that are asked for; an older kernel gives what it has.
pub(crate) const RULES: ABI = ABI::V6;

/// Everything one may do with files, but for starting them as programs.
pub(crate) fn everything() -> BitFlags<AccessFs> {
    AccessFs::from_all(RULES) & !AccessFs::Execute
}

/// Walls without a door: no file, no port, no signal to others, no socket of theirs without a path.
pub(crate) fn closed() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?
        .scope(Scope::from_all(RULES))?
        .create()
}

/// Says in the log what the kernel made of them; `missing` is what their lack means.
pub(crate) fn told(status: &RestrictionStatus, missing: &str) {
    match status.ruleset {
        RulesetStatus::FullyEnforced => tracing::info!(wall = "landlock", state = "up"),
        RulesetStatus::PartiallyEnforced => tracing::warn!(wall = "landlock", state = "in part"),
        RulesetStatus::NotEnforced => tracing::warn!(wall = "landlock", state = missing),
    }
}
