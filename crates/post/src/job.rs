//! A job as a file: which files, what for, by whom, until when. Two officers sign what is in it.

use crate::error::{PostError, Result};
use crate::exposed::{self, Read};
use data_encoding::BASE64URL_NOPAD;
use export::FileList;
use incident::{Folder, make};
use keyproto::statement::{Errand, Order};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use terms::{CardId, Duration, FileId, JOB_DAYS_MAX, JobId, Time};

/// All that a job for letters opens.
const SECTIONS: &str = "label,contact";

/// The prepared job. The files' ids are all that it says of people.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    version: u32,
    pub(crate) job: String,
    pub(crate) incident: String,
    tenant: String,
    sections: String,
    until: u64,
    card: String,
    /// The version of the incident's exposure that the files are from.
    pub(crate) exposure: Option<u32>,
    /// What was read of them, where they are from a list.
    pub(crate) read: Option<Read>,
    files: Vec<String>,
}

/// What a job is prepared from.
pub struct Preparing<'a> {
    /// The incident.
    pub folder: &'a Folder,
    /// The keyholder's tenant.
    pub tenant: String,
    /// Who is written to.
    pub whose: Whose,
    /// The card whose sessions run the job.
    pub card: CardId,
    /// Now.
    pub now: Time,
    /// How many days from now it may run.
    pub days: u64,
}

/// Whose files a job opens.
pub enum Whose {
    /// Those of this version of the incident's exposure.
    Exposure(u32),
    /// Those of a list, with what was read of each of them.
    Listed(Vec<FileId>, Option<Read>),
}

impl Preparing<'_> {
    /// The job, its files, and how many are left out because they are erased.
    pub fn prepare(self) -> Result<(JobFile, FileList, u64)> {
        if !(1..=JOB_DAYS_MAX).contains(&self.days) {
            return Err(PostError::Asked(format!("a job runs 1 to {JOB_DAYS_MAX} days")));
        }
        let (exposure, read, (files, erased)) = match self.whose {
            Whose::Exposure(version) => {
                (Some(version), None, exposed::files(self.folder, version)?)
            }
            Whose::Listed(files, read) => (None, read, (files, 0)),
        };
        let files = FileList::of(files)?;
        let ids = (0..files.len()).filter_map(|at| files.file(at));
        let job = JobFile {
            version: 1,
            job: JobId::from_bytes(crate::random()?).to_string(),
            incident: self.folder.incident().id.clone(),
            tenant: self.tenant,
            sections: SECTIONS.into(),
            until: (self.now + Duration::from_days(self.days)).seconds(),
            card: self.card.to_string(),
            exposure,
            read,
            files: ids.map(|id| id.to_string()).collect(),
        };
        Ok((job, files, erased))
    }
}

impl JobFile {
    /// Reads a prepared job.
    pub fn read(path: &Path) -> Result<JobFile> {
        let file = File::open(path).map_err(|error| {
            PostError::NotThere(format!("{}: {error}; it is the prepared job", path.display()))
        })?;
        let read: Result<JobFile, _> = serde_json::from_reader(BufReader::new(file));
        let wrong = |why: String| PostError::Asked(format!("{}: {why}", path.display()));
        let read = read.map_err(|error| wrong(format!("not a prepared job: {error}")))?;
        if read.version != 1 {
            return Err(wrong("this program reads jobs of version 1".into()));
        }
        Ok(read)
    }

    /// Writes it there, or into the incident's folder, and says where it is.
    pub fn write(&self, folder: &Folder, path: Option<&Path>) -> Result<PathBuf> {
        let path = match path {
            Some(path) => path.to_owned(),
            None => {
                let jobs = folder.path().join("jobs");
                make(&jobs)?;
                jobs.join(format!("{}.json", self.job))
            }
        };
        let failed = || PostError::world(path.display());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = BufWriter::new(file.map_err(failed())?);
        serde_json::to_writer(&mut file, self).map_err(PostError::world(path.display()))?;
        file.write_all(b"\n").and_then(|()| file.flush()).map_err(failed())?;
        Ok(path)
    }

    /// What two officers sign over these files of it.
    pub fn order(&self, files: &FileList) -> Result<Order> {
        Ok(Order::ApproveJob {
            job: self.id()?,
            errand: Errand::Letters,
            tenant: self.tenant.clone(),
            files: files.len(),
            root: BASE64URL_NOPAD.encode(&files.root()),
            sections: self.sections.parse().map_err(PostError::Asked)?,
            until: self.until,
            card: self.card()?,
        })
    }

    /// Its id.
    pub fn id(&self) -> Result<JobId> {
        self.job.parse().map_err(|_| PostError::Asked("the job's id is none".into()))
    }

    /// The id of its incident.
    pub fn incident(&self) -> &str {
        &self.incident
    }

    /// The card whose sessions run it.
    pub fn card(&self) -> Result<CardId> {
        self.card.parse().map_err(|_| PostError::Asked("the job's card is none".into()))
    }

    /// Its end.
    pub fn until(&self) -> Time {
        Time::from_millis(self.until.saturating_mul(1_000))
    }

    /// Its files.
    pub fn list(&self) -> Result<FileList> {
        let ids = self.files.iter().map(|id| id.parse());
        let files = ids.collect::<Result<Vec<FileId>, _>>();
        let files = files.map_err(|_| PostError::Asked("the job names what is no file".into()))?;
        Ok(FileList::of(files)?)
    }
}
