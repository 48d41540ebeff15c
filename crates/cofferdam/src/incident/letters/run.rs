//! The run: open, plan, make. After kill -9 at any moment the same command goes on.

use super::batches::{Batches, forms};
use super::delivery::Delivery;
use super::exposed::Exposure;
use super::job::{JobFile, failure};
use super::measured::Measured;
use super::out::{Begun, Making, Out};
use super::place::Ages;
use super::plan::Plan;
use super::press::{self, Press};
use super::session::Running;
use super::spool::{self, Spool, is_done};
use crate::cli::RunArguments;
use crate::client::{now, unlock};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::{serve, server_process};
use export::{ApprovedExport, Left};
use letters::Pages;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use terms::{FileId, JobId};

/// How many openings are in flight: each waits for the disk most of the time.
const THREADS: usize = 16;

/// Everything that a run works with.
struct Run<'a> {
    home: &'a Home,
    arguments: &'a RunArguments,
    job: JobFile,
    id: JobId,
    incident: PathBuf,
    press: Press,
    exposure: Exposure,
    out: Out,
}

/// `cofferdam incident letters run`.
pub(super) fn run(home: &Home, arguments: &RunArguments, json: bool) -> Outcome {
    let job = JobFile::read(&arguments.job_file)?;
    let (id, incident) = (job.id()?, job.incident(home)?);
    let ages = Ages::of(arguments.adult_age, &arguments.adult_age_in)?;
    let press = Press::of(press::facts(&arguments.facts)?, ages, now(), &home.letters())?;
    let exposure = match job.exposure {
        Some(version) => Exposure::version(&incident, version)?,
        None => Exposure::all(job.read.as_ref())?,
    };
    outside(home, &arguments.out)?;
    let (out, begun) = Out::enter(&arguments.out, &job, arguments.batch)?;
    console::warn(&format!(
        "{} holds names, addresses and letters in plaintext: keep it off shared disks and \
         backups, and destroy it once the letters are at the post",
        arguments.out.display()
    ));
    let run = Run { home, arguments, job, id, incident, press, exposure, out };
    run.go(begun, json)
}

impl Run<'_> {
    fn go(&self, begun: Begun, json: bool) -> Outcome {
        let mut delivery = Delivery::open(&self.incident)?;
        let made = delivery.told.jobs.get(&self.job.job).map_or(0, |job| job.made.values().sum());
        if begun.plan.is_some() && made == begun.letters {
            self.forget_addresses()?;
            return self.said(&delivery, begun.letters, json);
        }
        if self.arguments.limit.is_none() {
            delivery.begun(self.id, &begun.run)?;
        }
        let left = if begun.plan.is_none() { self.open()? } else { Vec::new() };
        if let Some(limit) = self.arguments.limit {
            return self.test_print(limit);
        }
        let (plan, begun) = self.plan(begun, &left, &mut delivery)?;
        let batches = Batches {
            incident: &self.job.incident,
            folder: &self.incident,
            job: self.id,
            press: &self.press,
            exposure: &self.exposure,
            out: &self.out,
            size: self.arguments.batch as usize,
            together: self.arguments.together,
            also: &self.arguments.also,
            measured: Mutex::default(),
        };
        batches.make(&plan, &mut delivery)?;
        if !json {
            batches.measured.into_inner().unwrap_or_default().say();
        }
        self.forget_addresses()?;
        self.said(&delivery, begun.letters, json)
    }

    /// The letters are made: nobody needs the addresses any more.
    fn forget_addresses(&self) -> Outcome {
        let spool = self.out.spool();
        match std::fs::remove_file(&spool) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::World(format!("{}: {error}", spool.display())))
            }
            _ => Ok(()),
        }
    }

    /// Opens what is not opened yet.
    fn open(&self) -> Outcome<Vec<(FileId, Left)>> {
        let files = self.job.list()?;
        let mut spool = Spool::open(&self.out.spool(), files.len())?;
        let most = self.arguments.limit.unwrap_or(files.len()).min(files.len());
        if spool.count() >= most {
            return Ok(Vec::new());
        }
        let config = Config::read(self.home)?;
        let card = unlock(&self.home.card(&self.arguments.as_card)?)?;
        if card.identity().card != self.job.card()? {
            return Err(Failure::Asked("the job names another card: see --as-card".into()));
        }
        let _keyholder = serve::keyholder_for_a_while(self.home, &config)?;
        let records = server_process::open_records(self.home, &config)?;
        let approved = ApprovedExport::of(&records, &config.origin, self.id, &files);
        let approved = approved.map_err(failure)?;
        let session = Running::begin(&records, &config, &card)?;
        let bar = console::progress(most, "opened");
        let (done, mut left, mut failed) = (spool.done(), Vec::new(), None);
        // A test print opens the first files alone.
        let is_done = |at| at >= most || is_done(&done, at);
        let opened = approved.run(&session, THREADS, &is_done, &mut |came| {
            match came.person {
                Ok(person) => failed = spool.add(&person).err(),
                Err(why) => left.push((came.file, why)),
            }
            bar.set_position(spool.count() + left.len() as u64);
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        bar.finish_and_clear();
        spool.sync()?;
        failed.map_or(Ok(()), Err)?;
        opened.map_err(failure)?;
        Ok(left)
    }

    fn plan(
        &self,
        begun: Begun,
        left: &[(FileId, Left)],
        delivery: &mut Delivery,
    ) -> Outcome<(Plan, Begun)> {
        if let Some(digest) = &begun.plan {
            let plan = Plan::again(&self.out, &self.press, &self.exposure, digest)?;
            return Ok((plan, begun));
        }
        let plan = Plan::make(&self.out, &self.press, &self.exposure, left)?;
        let letters = plan.places.len() as u64;
        for (file, why) in &plan.left_out {
            delivery.unreachable(*file, why)?;
        }
        delivery.planned(self.id, letters, plan.left_out.len() as u64, &plan.digest)?;
        let begun = Begun { plan: Some(plan.digest.clone()), letters, ..begun };
        self.out.write_begun(&begun)?;
        Ok((plan, begun))
    }

    /// Letters of the first people that were opened, which count as none: no code of theirs is
    /// known.
    fn test_print(&self, limit: u64) -> Outcome {
        let folder = self.out.path().join("test-print");
        if folder.is_dir() {
            std::fs::remove_dir_all(&folder).map_err(Failure::world(folder.display()))?;
        }
        let making = Making::begin(folder.clone())?;
        let pages = Pages::new().map_err(Failure::world("the letters' fonts"))?;
        let (mut made, mut left_out, mut measured) = (0, 0, Measured::default());
        spool::each(&self.out.spool(), &mut |_, _, person| {
            if made == limit {
                return Ok(());
            }
            let exposed = self.exposure.of(person.file);
            match self.press.recipient(&person, exposed, "TEST-PRINT") {
                Ok(_) => {
                    let written = self.press.letter(&person, exposed, "TEST-PRINT")?;
                    made += 1;
                    let (name, letter) = (format!("test-{made:05}"), &[written.letter]);
                    measured.add(&letter[0]);
                    forms(&self.arguments.also, &making, &name, &letter[0])?;
                    let pdf = pages.pdf(letter).map_err(Failure::world("a letter"))?;
                    making.write(&format!("{name}.pdf"), &pdf)
                }
                Err(_) => {
                    left_out += 1;
                    Ok(())
                }
            }
        })?;
        making.done()?;
        console::say(&format!(
            "{made} letters for a test in {}; {left_out} people cannot be written to",
            folder.display()
        ));
        measured.say();
        Ok(())
    }

    fn said(&self, delivery: &Delivery, letters: u64, json: bool) -> Outcome {
        let told = delivery.told.jobs.get(&self.job.job);
        let (batches, left_out) = told.map_or((0, 0), |job| (job.made.len(), job.left_out));
        let due = delivery.told.substitute.is_some();
        if json {
            console::json(&serde_json::json!({
                "job": self.job.job, "letters": letters, "batches": batches,
                "left_out": left_out, "substitute_notice_due": due, "out": self.out.path(),
            }));
            return Ok(());
        }
        let place = self.out.path().display();
        console::say(&format!("{letters} letters in {batches} batches in {place}"));
        if left_out > 0 {
            console::say(&format!("{left_out} people get none: see {place}/left-out.ndjson"));
        }
        if due {
            console::say("a substitute notice is due: ten or more people are unreachable");
        }
        Ok(())
    }
}

/// The letters never lie in the data folder, which is backed up.
fn outside(home: &Home, out: &Path) -> Outcome {
    let whole = |path: &Path| std::path::absolute(path).map_err(Failure::world(path.display()));
    if whole(out)?.starts_with(whole(home.path())?) {
        return Err(Failure::Asked("--out must be outside the data folder".into()));
    }
    Ok(())
}
