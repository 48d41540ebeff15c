//! A job: prepared here, approved by two officers.

use crate::cli::{ApproveJobArguments, JobArguments};
use crate::client::now;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::incident::folder;
use crate::orders::two;
use crate::report::instant;
use cards::CardFile;
use data_encoding::BASE64URL_NOPAD;
use post::{JobFile, Preparing, Read, Whose};
use std::path::Path;
use terms::{CardId, FileId};

/// `cofferdam incident letters order`.
pub(super) fn order(home: &Home, arguments: &JobArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let folder = folder(home, &arguments.incident)?;
    let whose = match (arguments.exposure, &arguments.list) {
        (Some(version), _) => Whose::Exposure(version),
        (None, Some(list)) => Whose::Listed(listed(list)?, read(arguments)?),
        (None, None) => return Err(Failure::Asked("name --exposure or --list".into())),
    };
    let preparing = Preparing {
        folder: &folder,
        tenant: config.tenant,
        whose,
        card: card(home, &arguments.card)?,
        now: now(),
        days: arguments.days,
    };
    let (job, files, erased) = preparing.prepare()?;
    let path = job.write(&folder, arguments.job_file.as_deref())?;
    let (id, until) = (job.id()?, job.until());
    let root = BASE64URL_NOPAD.encode(&files.root());
    if json {
        console::json(&serde_json::json!({
            "job": id.to_string(), "job_file": path, "files": files.len(), "erased": erased,
            "root": root, "until": until.to_string(),
        }));
        return Ok(());
    }
    said(&format!("job {id}: {} files, until {until}, root {root}", files.len()), erased, &path);
    Ok(())
}

fn said(job: &str, erased: u64, path: &Path) {
    console::say(job);
    if erased > 0 {
        console::say(&format!("{erased} erased files are left out: nobody can open them"));
    }
    let path = path.display();
    console::say(&format!(
        "two officers approve it:\n  cofferdam incident letters approve --job-file {path}"
    ));
}

/// A card by its id, by its file, or by its name in `cards/`.
fn card(home: &Home, name: &str) -> Outcome<CardId> {
    if let Ok(card) = name.parse() {
        return Ok(card);
    }
    let path = home.card(name)?;
    let file = CardFile::read(&path).map_err(Failure::world(path.display()))?;
    Ok(file.identity().card)
}

fn read(arguments: &JobArguments) -> Outcome<Option<Read>> {
    let Some(sections) = arguments.read else { return Ok(None) };
    let first = instant(arguments.first.as_deref())?;
    let last = instant(arguments.last.as_deref())?;
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Failure::Asked("--read needs --first and --last: when was it read?".into()));
    };
    Ok(Some(Read::of(sections, first, last)))
}

fn listed(path: &Path) -> Outcome<Vec<FileId>> {
    let text = std::fs::read_to_string(path).map_err(Failure::world(path.display()))?;
    let lines = text.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty());
    let ids = lines.map(|(line, number)| {
        line.parse().map_err(|_| {
            Failure::Asked(format!("{}: line {number} is no file's id", path.display()))
        })
    });
    ids.collect()
}

/// `cofferdam incident letters approve`.
pub(super) fn approve(home: &Home, arguments: &ApproveJobArguments, json: bool) -> Outcome {
    let job = JobFile::read(&arguments.job_file)?;
    let files = job.list()?;
    let what = format!("approved: label and contact of {} files, for letters", files.len());
    two(home, &arguments.officers, &job.order(&files)?, json, &what)
}
