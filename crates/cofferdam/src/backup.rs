//! backup
use crate::cli::{BackupArguments, RestoreArguments};
use crate::failure::Outcome;
use crate::home::Home;
pub(crate) fn backup(_h: &Home, _a: &BackupArguments, _j: bool) -> Outcome {
    Ok(())
}
pub(crate) fn restore(_h: &Home, _a: &RestoreArguments, _j: bool) -> Outcome {
    Ok(())
}
