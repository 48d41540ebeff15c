//! Batches of letters: made side by side, each there as a whole or not at all.

use super::codes::{self, Code, Known};
use super::delivery::Delivery;
use super::exposed::Exposure;
use super::out::{Making, Out};
use super::plan::{Place, Plan};
use super::press::Press;
use super::spool::Finder;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use data_encoding::HEXLOWER;
use indicatif::ProgressBar;
use keyproto::jws::sha256;
use letters::Pages;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use terms::JobId;

/// What batches are made from.
pub(super) struct Batches<'a> {
    pub(super) incident: &'a str,
    pub(super) folder: &'a Path,
    pub(super) job: JobId,
    pub(super) press: &'a Press,
    pub(super) exposure: &'a Exposure,
    pub(super) out: &'a Out,
    /// How many letters each has.
    pub(super) size: usize,
}

impl Batches<'_> {
    /// Makes those that are not there, and writes down what is not written down.
    pub(super) fn make(&self, plan: &Plan, delivery: &mut Delivery) -> Outcome {
        Home::make(&self.out.path().join("batches"))?;
        let bar = console::progress(plan.places.len() as u64, "letters");
        let batches: Vec<&[Place]> = plan.places.chunks(self.size).collect();
        let (next, delivery) = (AtomicUsize::new(0), Mutex::new(delivery));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let done = std::thread::scope(|scope| {
            let work = || self.work(&batches, &next, &delivery, &bar);
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let ended = all.into_iter().map(|thread| match thread.join() {
                Ok(done) => done,
                Err(_) => Err(Failure::World("a letter could not be made".into())),
            });
            ended.fold(Ok(()), Result::and)
        });
        bar.finish_and_clear();
        done
    }

    fn work(
        &self,
        batches: &[&[Place]],
        next: &AtomicUsize,
        delivery: &Mutex<&mut Delivery>,
        bar: &ProgressBar,
    ) -> Outcome {
        let pages = Pages::new().map_err(Failure::world("the letters' fonts"))?;
        let mut finder = Finder::open(&self.out.spool())?;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(places) = batches.get(at) else { return Ok(()) };
            let number = u32::try_from(at + 1).map_err(Failure::world("a batch's number"))?;
            let made = self.one(number, places, (&pages, &mut finder), delivery);
            if made.is_err() {
                // The others end with the batches that they are at.
                next.store(batches.len(), Ordering::Relaxed);
                return made;
            }
            bar.inc(places.len() as u64);
        }
    }

    fn one(
        &self,
        number: u32,
        places: &[Place],
        with: (&Pages, &mut Finder),
        delivery: &Mutex<&mut Delivery>,
    ) -> Outcome {
        let folder = self.out.batch(number);
        if !folder.is_dir() {
            self.batch(number, places, with, delivery)?;
        }
        let mut delivery = delivery.lock().unwrap_or_else(PoisonError::into_inner);
        let told = delivery.told.jobs.get(&self.job.to_string());
        if told.is_some_and(|job| job.made.contains_key(&number)) {
            return Ok(());
        }
        let manifest = folder.join("manifest.csv");
        let text = std::fs::read(&manifest).map_err(Failure::world(manifest.display()))?;
        let digest = HEXLOWER.encode(&sha256(&text));
        delivery.made(self.job, number, places.len() as u64, &digest)
    }

    /// First the codes are remembered, then the folder appears as a whole: there is no letter whose
    /// code is unknown, and none that is made twice.
    fn batch(
        &self,
        number: u32,
        places: &[Place],
        (pages, finder): (&Pages, &mut Finder),
        delivery: &Mutex<&mut Delivery>,
    ) -> Outcome {
        let making = Making::begin(self.out.batch(number))?;
        let mut manifest = String::from("letter,pages,country,postcode,language,sha256\n");
        let mut remembered = String::new();
        for (at, place) in (1..).zip(places) {
            let (code, file) = (Code::draw()?, place.file);
            let known = Known { job: self.job, batch: number, number: at, file };
            remembered.push_str(&code.line(self.incident, &known));
            let person = finder.at(place.offset)?;
            let exposed = self.exposure.of(file);
            let letter = self.press.letter(pages, &person, exposed, code.text())?;
            let name = format!("{number:06}-{at:05}.pdf");
            making.write(&name, &letter.pdf)?;
            let digest = HEXLOWER.encode(&sha256(&letter.pdf));
            let (country, postcode) = (&letter.to.country, csv(&letter.to.postcode));
            let (pages, language) = (letter.pages, letter.to.language.code());
            let _ = writeln!(manifest, "{name},{pages},{country},{postcode},{language},{digest}");
        }
        making.write("manifest.csv", manifest.as_bytes())?;
        // One at a time, so that no two lines are mixed.
        let one = delivery.lock().unwrap_or_else(PoisonError::into_inner);
        codes::remember(self.folder, &remembered)?;
        drop(one);
        making.done()
    }
}

/// A field that a spreadsheet neither splits nor computes.
fn csv(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).collect()
}
