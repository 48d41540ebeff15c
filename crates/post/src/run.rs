//! The run: open, plan, make. After kill -9 at any moment the same command goes on.

use crate::batches::{Batches, Form, forms};
use crate::delivery::{Delivery, ToldOfJob};
use crate::error::{PostError, Result};
use crate::exposed::Exposure;
use crate::job::JobFile;
use crate::measured::Measured;
use crate::out::{Begun, Making, Out};
use crate::place::Ages;
use crate::plan::Plan;
use crate::press::{self, Press};
use crate::spool::{self, Spool, is_done};
use export::{Came, FileList, Left};
use incident::Folder;
use letters::Pages;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use terms::{FileId, JobId, Time};

/// How a run is made.
pub struct Settings<'a> {
    /// The folder to write to. It is plaintext.
    pub out: &'a Path,
    /// The file of facts: who writes, what happened.
    pub facts: &'a Path,
    /// The folder of texts that stand in place of those that are built in; there or not.
    pub texts: &'a Path,
    /// From which age people are written to themselves.
    pub ages: Ages,
    /// How many letters a batch has.
    pub batch: u32,
    /// Open so many files only, and make a test print that counts as no letter.
    pub limit: Option<u64>,
    /// One PDF for each language of a batch, not for each letter.
    pub together: bool,
    /// Other forms to write each letter in.
    pub also: &'a [Form],
    /// The clock.
    pub now: fn() -> Time,
}

/// Whether the file of this place in the list is opened already.
pub type IsDone<'a> = &'a (dyn Fn(u64) -> bool + Sync);

/// Takes what came of one file; it may stop the run.
pub type Take<'a> = &'a mut dyn FnMut(Came) -> ControlFlow<()>;

/// What opens the files of an approved job.
pub trait Opener {
    /// Opens every file but those that are done, and hands each over as it comes.
    fn open(&self, job: &JobFile, files: &FileList, is_done: IsDone, take: Take) -> Result<()>;
}

/// Begins to show how far so many of something are; what it returns is told how many are done, and
/// ends what is shown when it is dropped.
pub type Progress<'a> = &'a dyn Fn(u64, &str) -> Box<dyn Fn(u64) + Sync>;

/// What a run came to.
pub enum Ended {
    /// All letters are made.
    Made {
        /// How many.
        letters: u64,
        /// In how many batches.
        batches: usize,
        /// How many people get none.
        left_out: u64,
        /// Whether a substitute notice is due.
        substitute: bool,
        /// How hard those are to read that were made now.
        measured: Measured,
    },
    /// Some were made that count as none.
    Tested {
        /// How many.
        letters: u64,
        /// How many people could not be written to.
        left_out: u64,
        /// Where they are.
        folder: PathBuf,
        /// How hard they are to read.
        measured: Measured,
    },
}

/// Everything that a run works with.
pub struct Run<'a> {
    settings: Settings<'a>,
    job: JobFile,
    id: JobId,
    folder: &'a Folder,
    press: Press,
    exposure: Exposure,
    out: Out,
    begun: Begun,
}

impl<'a> Run<'a> {
    /// Begins the run of this job of the incident, or goes on with it; enters the folder to write
    /// to, which no other run may enter meanwhile.
    pub fn begin(job: JobFile, folder: &'a Folder, settings: Settings<'a>) -> Result<Run<'a>> {
        let id = job.id()?;
        let facts = press::facts(settings.facts)?;
        let press = Press::of(facts, settings.ages.clone(), (settings.now)(), settings.texts)?;
        let exposure = match job.exposure {
            Some(version) => Exposure::version(folder, version)?,
            None => Exposure::all(job.read.as_ref())?,
        };
        let (out, begun) = Out::enter(settings.out, &job, settings.batch)?;
        Ok(Run { settings, job, id, folder, press, exposure, out, begun })
    }

    /// Opens what is not opened yet, and makes the letters that are not made yet.
    pub fn go(&self, opener: &dyn Opener, progress: Progress) -> Result<Ended> {
        let mut delivery = Delivery::open(self.folder.path(), self.settings.now)?;
        let made = delivery.told.jobs.get(&self.job.job).map_or(0, |job| job.made.values().sum());
        if self.begun.plan.is_some() && made == self.begun.letters {
            self.forget_addresses()?;
            return Ok(self.made(&delivery, made, Measured::default()));
        }
        if self.settings.limit.is_none() {
            delivery.begun(self.id, &self.begun.run)?;
        }
        let is_planned = self.begun.plan.is_some();
        let left = if is_planned { Vec::new() } else { self.open(opener, progress)? };
        if let Some(limit) = self.settings.limit {
            return self.test_print(limit);
        }
        let plan = self.plan(&left, &mut delivery)?;
        let batches = Batches {
            incident: &self.job.incident,
            folder: self.folder.path(),
            job: self.id,
            press: &self.press,
            exposure: &self.exposure,
            out: &self.out,
            size: self.settings.batch as usize,
            together: self.settings.together,
            also: self.settings.also,
            measured: Mutex::default(),
        };
        batches.make(&plan, &mut delivery, progress)?;
        let measured = batches.measured.into_inner().unwrap_or_default();
        self.forget_addresses()?;
        Ok(self.made(&delivery, plan.places.len() as u64, measured))
    }

    fn made(&self, delivery: &Delivery, letters: u64, measured: Measured) -> Ended {
        let none = ToldOfJob::default();
        let job = delivery.told.jobs.get(&self.job.job).unwrap_or(&none);
        let (batches, left_out) = (job.made.len(), job.left_out);
        let substitute = delivery.told.substitute.is_some();
        Ended::Made { letters, batches, left_out, substitute, measured }
    }

    /// The letters are made: nobody needs the addresses any more.
    fn forget_addresses(&self) -> Result<()> {
        let spool = self.out.spool();
        match std::fs::remove_file(&spool) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(PostError::World(format!("{}: {error}", spool.display())))
            }
            _ => Ok(()),
        }
    }

    /// Opens what is not opened yet.
    fn open(&self, opener: &dyn Opener, progress: Progress) -> Result<Vec<(FileId, Left)>> {
        let files = self.job.list()?;
        let mut spool = Spool::open(&self.out.spool(), files.len())?;
        let most = self.settings.limit.unwrap_or(files.len()).min(files.len());
        if spool.count() >= most {
            return Ok(Vec::new());
        }
        let at = progress(most, "opened");
        let (done, mut left, mut failed) = (spool.done(), Vec::new(), None);
        // A test print opens the first files alone.
        let is_done = |at| at >= most || is_done(&done, at);
        let opened = opener.open(&self.job, &files, &is_done, &mut |came| {
            match came.person {
                Ok(person) => failed = spool.add(&person).err(),
                Err(why) => left.push((came.file, why)),
            }
            at(spool.count() + left.len() as u64);
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        spool.sync()?;
        failed.map_or(Ok(()), Err)?;
        opened?;
        Ok(left)
    }

    fn plan(&self, left: &[(FileId, Left)], delivery: &mut Delivery) -> Result<Plan> {
        if let Some(digest) = &self.begun.plan {
            return Plan::again(&self.out, &self.press, &self.exposure, digest);
        }
        let plan = Plan::make(&self.out, &self.press, &self.exposure, left)?;
        let letters = plan.places.len() as u64;
        for (file, why) in &plan.left_out {
            delivery.unreachable(*file, why)?;
        }
        delivery.planned(self.id, letters, plan.left_out.len() as u64, &plan.digest)?;
        let digest = Some(plan.digest.clone());
        self.out.write_begun(&Begun { plan: digest, letters, ..self.begun.clone() })?;
        Ok(plan)
    }

    /// Letters of the first people that were opened, which count as none: no code of theirs is
    /// known.
    fn test_print(&self, limit: u64) -> Result<Ended> {
        let folder = self.out.path().join("test-print");
        if folder.is_dir() {
            std::fs::remove_dir_all(&folder).map_err(PostError::world(folder.display()))?;
        }
        let making = Making::begin(folder.clone())?;
        let pages = Pages::new().map_err(PostError::world("the letters' fonts"))?;
        let (mut letters, mut left_out, mut measured) = (0, 0, Measured::default());
        spool::each(&self.out.spool(), &mut |_, _, person| {
            if letters == limit {
                return Ok(());
            }
            let exposed = self.exposure.of(person.file);
            if self.press.recipient(&person, exposed, "TEST-PRINT").is_err() {
                left_out += 1;
                return Ok(());
            }
            let letter = &[self.press.letter(&person, exposed, "TEST-PRINT")?.letter];
            letters += 1;
            let name = format!("test-{letters:05}");
            measured.add(&letter[0]);
            forms(self.settings.also, &making, &name, &letter[0])?;
            let pdf = pages.pdf(letter).map_err(PostError::world("a letter"))?;
            making.write(&format!("{name}.pdf"), &pdf)
        })?;
        making.done()?;
        Ok(Ended::Tested { letters, left_out, folder, measured })
    }
}
