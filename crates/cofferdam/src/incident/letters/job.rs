//! A job as a file: which files, what for, by whom, until when. Two officers sign what is in it.

use super::exposed::{self, Read};
use crate::cli::{ApproveJobArguments, JobArguments};
use crate::client::now;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::incident::{folder, place_of};
use crate::orders::{random, two};
use crate::report::instant;
use data_encoding::BASE64URL_NOPAD;
use export::{ExportError, FileList};
use keyproto::statement::{Errand, Order};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use terms::{CardId, Duration, FileId, JOB_DAYS_MAX, JobId};

/// All that a job for letters opens.
const SECTIONS: &str = "label,contact";

/// The prepared job. The files' ids are all that it says of people.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobFile {
    version: u32,
    pub(super) job: String,
    pub(super) incident: String,
    tenant: String,
    sections: String,
    until: u64,
    card: String,
    /// The version of the incident's exposure that the files are from.
    pub(super) exposure: Option<u32>,
    /// What was read of them, where they are from a list.
    pub(super) read: Option<Read>,
    files: Vec<String>,
}

/// `cofferdam incident letters order`.
pub(super) fn order(home: &Home, arguments: &JobArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let (id, incident) = resolved(home, &arguments.incident)?;
    if !(1..=JOB_DAYS_MAX).contains(&arguments.days) {
        return Err(Failure::Asked(format!("a job runs 1 to {JOB_DAYS_MAX} days")));
    }
    let (files, erased) = match (&arguments.exposure, &arguments.list) {
        (Some(version), _) => exposed::files(&incident, *version)?,
        (None, Some(list)) => (listed(list)?, 0),
        (None, None) => return Err(Failure::Asked("name --exposure or --list".into())),
    };
    let files = FileList::of(files).map_err(failure)?;
    let job = JobId::from_bytes(random()?);
    let file = JobFile {
        version: 1,
        job: job.to_string(),
        incident: id,
        tenant: config.tenant.clone(),
        sections: SECTIONS.into(),
        until: (now() + Duration::from_days(arguments.days)).seconds(),
        card: arguments.card.to_string(),
        exposure: arguments.exposure,
        read: read(arguments)?,
        files: (0..files.len()).filter_map(|at| files.file(at)).map(|id| id.to_string()).collect(),
    };
    let path = match &arguments.job_file {
        Some(path) => path.clone(),
        None => {
            Home::make(&incident.join("jobs"))?;
            incident.join("jobs").join(format!("{job}.json"))
        }
    };
    file.write(&path)?;
    said(&path, &file, &files, erased, json);
    Ok(())
}

/// The id behind `last`, and where it lies.
fn resolved(home: &Home, name: &str) -> Outcome<(String, PathBuf)> {
    let folder = folder(home, name)?;
    Ok((folder.incident().id.clone(), folder.path().to_owned()))
}

fn read(arguments: &JobArguments) -> Outcome<Option<Read>> {
    let Some(sections) = arguments.read else { return Ok(None) };
    let first = instant(arguments.first.as_deref())?;
    let last = instant(arguments.last.as_deref())?;
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Failure::Asked("--read needs --first and --last: when was it read?".into()));
    };
    let words = sections.iter().map(|section| section.word().to_owned()).collect();
    Ok(Some(Read { sections: words, first: first.to_string(), last: last.to_string() }))
}

/// `cofferdam incident letters approve`.
pub(super) fn approve(home: &Home, arguments: &ApproveJobArguments, json: bool) -> Outcome {
    let file = JobFile::read(&arguments.job_file)?;
    let files = file.list()?;
    let order = Order::ApproveJob {
        job: file.id()?,
        errand: Errand::Letters,
        tenant: file.tenant.clone(),
        files: files.len(),
        root: BASE64URL_NOPAD.encode(&files.root()),
        sections: file.sections.parse().map_err(Failure::Asked)?,
        until: file.until,
        card: file.card()?,
    };
    let count = files.len();
    let what = format!("approved: label and contact of {count} files, for letters");
    two(home, &arguments.officers, &order, json, &what)
}

fn said(path: &Path, file: &JobFile, files: &FileList, erased: u64, json: bool) {
    let root = BASE64URL_NOPAD.encode(&files.root());
    let until = terms::Time::from_millis(file.until * 1_000);
    if json {
        return console::json(&serde_json::json!({
            "job": file.job, "job_file": path, "files": files.len(), "erased": erased,
            "root": root, "until": until.to_string(),
        }));
    }
    console::say(&format!("job {}: {} files, until {until}, root {root}", file.job, files.len()));
    if erased > 0 {
        console::say(&format!("{erased} erased files are left out: nobody can open them"));
    }
    let path = path.display();
    console::say(&format!(
        "two officers approve it:\n  cofferdam incident letters approve --job-file {path}"
    ));
}

impl JobFile {
    pub(super) fn read(path: &Path) -> Outcome<JobFile> {
        let file = std::fs::File::open(path).map_err(|error| {
            Failure::NotThere(format!("{}: {error}; it is the prepared job", path.display()))
        })?;
        let read: Result<JobFile, _> = serde_json::from_reader(BufReader::new(file));
        let wrong = |why: String| Failure::Asked(format!("{}: {why}", path.display()));
        let read = read.map_err(|error| wrong(format!("not a prepared job: {error}")))?;
        if read.version != 1 {
            return Err(wrong("this program reads jobs of version 1".into()));
        }
        Ok(read)
    }

    fn write(&self, path: &Path) -> Outcome {
        let failed = || Failure::world(path.display());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file = BufWriter::new(file.map_err(failed())?);
        serde_json::to_writer(&mut file, self).map_err(Failure::world(path.display()))?;
        file.write_all(b"\n").and_then(|()| file.flush()).map_err(failed())
    }

    pub(super) fn id(&self) -> Outcome<JobId> {
        self.job.parse().map_err(|_| Failure::Asked("the job's id is none".into()))
    }

    pub(super) fn card(&self) -> Outcome<CardId> {
        self.card.parse().map_err(|_| Failure::Asked("the job's card is none".into()))
    }

    pub(super) fn list(&self) -> Outcome<FileList> {
        let parsed: Result<Vec<FileId>, _> = self.files.iter().map(|id| id.parse()).collect();
        let files = parsed.map_err(|_| Failure::Asked("the job names what is no file".into()))?;
        FileList::of(files).map_err(failure)
    }

    /// Where the incident's folder is.
    pub(super) fn incident(&self, home: &Home) -> Outcome<PathBuf> {
        place_of(home, &self.incident)
    }
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

/// An export's error as a command's failure.
pub(super) fn failure(error: ExportError) -> Failure {
    let text = error.to_string();
    match error {
        ExportError::Asked(_) => Failure::Asked(text),
        ExportError::Refused(_) | ExportError::RefusedAll(..) => Failure::Refused(text),
        ExportError::World(_) => {
            Failure::World(format!("{text}. Give the same command again: it goes on from here"))
        }
        ExportError::Tampered(_) => Failure::Tampered(text),
    }
}
