//! The folder that a run writes to. All of it is plaintext; only its owner may enter.

use crate::error::{PostError, Result};
use crate::job::JobFile;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The folder, held by one run at a time.
pub(crate) struct Out {
    folder: PathBuf,
    _lock: File,
}

/// What a run is, so that no other goes on in its folder.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begun {
    pub(crate) version: u32,
    /// Drawn at random: the letters of a job are made in one folder.
    pub(crate) run: String,
    pub(crate) incident: String,
    pub(crate) job: String,
    pub(crate) batch: u32,
    /// The digest of the plan, once all are opened.
    pub(crate) plan: Option<String>,
    /// Letters of the plan.
    pub(crate) letters: u64,
}

impl Out {
    /// Makes the folder or enters it, and says what was begun in it, now if nothing was.
    pub(crate) fn enter(folder: &Path, job: &JobFile, batch: u32) -> Result<(Out, Begun)> {
        incident::make(folder)?;
        let failed = || PostError::world(folder.display());
        let own = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder, own).map_err(failed())?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join("lock"))
            .map_err(failed())?;
        lock.try_lock().map_err(|_| {
            PostError::Refused(format!("another run writes to {}", folder.display()))
        })?;
        let out = Out { folder: folder.to_owned(), _lock: lock };
        let begun = out.begun(job, batch)?;
        Ok((out, begun))
    }

    fn begun(&self, job: &JobFile, batch: u32) -> Result<Begun> {
        let (incident, id) = (job.incident.clone(), job.job.clone());
        let path = self.folder.join("run.json");
        let Ok(text) = std::fs::read(&path) else {
            let plan = None;
            let run = data_encoding::HEXLOWER.encode(&crate::random::<8>()?);
            let begun = Begun { version: 1, run, incident, job: id, batch, plan, letters: 0 };
            self.write_begun(&begun)?;
            return Ok(begun);
        };
        let wrong = |why: &str| PostError::Asked(format!("{}: {why}", path.display()));
        let begun: Begun = serde_json::from_slice(&text).map_err(|_| wrong("it is no run"))?;
        if (&begun.incident, &begun.job) != (&incident, &id) {
            return Err(wrong("the folder belongs to another job"));
        }
        if begun.plan.is_some() && begun.batch != batch {
            return Err(wrong(&format!("it was begun with --batch {}", begun.batch)));
        }
        Ok(Begun { batch, ..begun })
    }

    pub(crate) fn write_begun(&self, begun: &Begun) -> Result<()> {
        self.replace("run.json", &mut |file| {
            serde_json::to_writer(file, begun).map_err(PostError::world("run.json"))
        })
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.join("addressees.ndjson")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// A batch's folder.
    pub(crate) fn batch(&self, number: u32) -> PathBuf {
        self.folder.join("batches").join(format!("{number:06}"))
    }

    /// Writes a file of the folder as a whole, or leaves it as it is.
    pub(crate) fn replace(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut BufWriter<File>) -> Result<()>,
    ) -> Result<()> {
        let (path, new) = (self.folder.join(name), self.folder.join(format!("{name}.new")));
        let failed = || PostError::world(path.display());
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
        let mut file = BufWriter::new(file.map_err(failed())?);
        write(&mut file)?;
        let file = file.into_inner().map_err(|error| failed()(error.into_error()))?;
        file.sync_all().map_err(failed())?;
        std::fs::rename(&new, &path).map_err(failed())
    }
}

/// A folder that appears whole or not at all.
pub(crate) struct Making {
    at: PathBuf,
    to: PathBuf,
}

impl Making {
    pub(crate) fn begin(to: PathBuf) -> Result<Making> {
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let at = to.with_file_name(format!(".making-{name}"));
        match std::fs::remove_dir_all(&at) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(PostError::World(format!("{}: {error}", at.display())));
            }
            _ => incident::make(&at)?,
        }
        Ok(Making { at, to })
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.at.join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.map_err(PostError::world(path.display()))?;
        let written = file.write_all(bytes);
        written.and_then(|()| file.sync_data()).map_err(PostError::world(path.display()))
    }

    /// Now it is there, and stays there.
    pub(crate) fn done(self) -> Result<()> {
        let failed = || PostError::world(self.to.display());
        File::open(&self.at).and_then(|folder| folder.sync_all()).map_err(failed())?;
        std::fs::rename(&self.at, &self.to).map_err(failed())?;
        let above = self.to.parent().unwrap_or(&self.to);
        File::open(above).and_then(|folder| folder.sync_all()).map_err(failed())
    }
}
