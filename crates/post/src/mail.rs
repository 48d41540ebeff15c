//! What the post did: sent, returned, unreachable; and whether a letter is one of ours.

use crate::codes::{self, Known};
use crate::delivery::{Delivery, Told};
use crate::error::{PostError, Result};
use incident::Folder;
use terms::{FileId, JobId, Time};

/// What became of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// They came back.
    Returned,
    /// Their readers cannot be reached by letter, as somebody said.
    Unreachable,
}

/// A letter of ours.
pub struct Checked {
    /// Where it is.
    pub known: Known,
    /// Whether its batch went to the post.
    pub sent: bool,
    /// Whether it came back.
    pub returned: bool,
}

/// These batches of a job went to the post, or all that are made and not sent; returns how many.
pub fn sent(
    folder: &Folder,
    job: JobId,
    batches: Option<&[u32]>,
    now: fn() -> Time,
) -> Result<usize> {
    let mut delivery = Delivery::open(folder.path(), now)?;
    let told = delivery.told.jobs.get(&job.to_string());
    let told = told.ok_or_else(|| PostError::NotThere("no letters of this job are made".into()))?;
    let batches: Vec<u32> = match batches {
        None => told.made.keys().copied().filter(|number| !told.sent.contains(number)).collect(),
        Some(batches) => batches.to_vec(),
    };
    if let Some(missing) = batches.iter().find(|number| !told.made.contains_key(number)) {
        return Err(PostError::NotThere(format!("batch {missing} is not made")));
    }
    if !batches.is_empty() {
        delivery.sent(job, &batches)?;
    }
    Ok(batches.len())
}

/// This became of these letters, named by their codes or by the ids of the files they are about.
pub fn mark(folder: &Folder, letters: &[String], what: Post, now: fn() -> Time) -> Result<Told> {
    // All are looked up before anything is written down.
    let files = letters.iter().map(|letter| {
        let found = codes::find(folder.path(), &folder.incident().id, letter)?;
        found.map(|known| known.file).ok_or_else(|| {
            PostError::NotThere(format!("`{letter}` is neither a code nor the file of a letter"))
        })
    });
    let files = files.collect::<Result<Vec<FileId>>>()?;
    let mut delivery = Delivery::open(folder.path(), now)?;
    for file in files {
        match what {
            Post::Returned => delivery.returned(file)?,
            Post::Unreachable => delivery.unreachable(file, "said")?,
        }
    }
    Ok(delivery.told)
}

/// The letter of this incident with this code.
pub fn check(folder: &Folder, code: &str) -> Result<Option<Checked>> {
    let Some(known) = codes::find(folder.path(), &folder.incident().id, code)? else {
        return Ok(None);
    };
    let told = Told::of(folder)?;
    let job = told.jobs.get(&known.job.to_string());
    let sent = job.is_some_and(|job| job.sent.contains(&known.batch));
    let returned = told.returned.contains(&known.file.to_string());
    Ok(Some(Checked { known, sent, returned }))
}
