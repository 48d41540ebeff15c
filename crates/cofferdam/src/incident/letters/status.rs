//! How far the letters of an incident are.

use crate::cli::StatusArguments;
use crate::console;
use crate::failure::Outcome;
use crate::home::Home;
use crate::incident::folder;
use post::{SUBSTITUTE_FROM, Told};

/// `cofferdam incident letters status`.
pub(super) fn status(home: &Home, arguments: &StatusArguments, json: bool) -> Outcome {
    let told = Told::of(&folder(home, &arguments.incident)?)?;
    let (returned, unreachable) = (told.returned.len(), told.unreachable.len());
    if json {
        let jobs: Vec<_> = told
            .jobs
            .iter()
            .map(|(id, job)| {
                serde_json::json!({
                    "job": id, "planned": job.planned, "left_out": job.left_out,
                    "made": job.made.values().sum::<u64>(), "batches": job.made.len(),
                    "sent_batches": job.sent.len(),
                })
            })
            .collect();
        console::json(&serde_json::json!({
            "jobs": jobs, "returned": returned, "unreachable": unreachable,
            "substitute_notice_due_since": told.substitute,
        }));
        return Ok(());
    }
    for (id, job) in &told.jobs {
        let made: u64 = job.made.values().sum();
        let (planned, batches, sent) = (job.planned, job.made.len(), job.sent.len());
        let left_out = job.left_out;
        console::say(&format!(
            "job {id}: {made} of {planned} letters made, in {batches} batches, {sent} of them \
             sent; {left_out} people get none"
        ));
    }
    console::say(&format!("{returned} letters came back, {unreachable} people are unreachable"));
    match &told.substitute {
        Some(since) => console::say(&format!(
            "a substitute notice is due since {since} (45 CFR 164.404(d)(2)(ii))"
        )),
        None => {
            let left = SUBSTITUTE_FROM.saturating_sub(unreachable);
            console::say(&format!("a substitute notice is due with {left} more unreachable"));
        }
    }
    Ok(())
}
