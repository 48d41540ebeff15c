//! The report of a run: JSON, a web page, and paper.

use super::paper;
use crate::failure::{Failure, Outcome};
use ::drill::played::Run;
use ::drill::webpage;
use std::path::Path;

/// Writes `report.json`, `report.html` and `report.pdf`.
pub(super) fn write(folder: &Path, run: &Run) -> Outcome {
    let json = serde_json::to_vec_pretty(run).map_err(Failure::world("the report"))?;
    let pdf = paper::pdf(run).map_err(Failure::world("the report as PDF"))?;
    let files = [
        ("report.json", json),
        ("report.html", webpage::page(run).into_bytes()),
        ("report.pdf", pdf),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(Failure::world(path.display()))?;
    }
    Ok(())
}
