use crate::failure::Outcome;
use ::drill::played::Run;
use std::path::Path;
pub(super) fn write(_folder: &Path, _run: &Run) -> Outcome {
    Ok(())
}
