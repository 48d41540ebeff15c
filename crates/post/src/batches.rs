//! Batches of letters: made side by side, each there as a whole or not at all.

use crate::codes::{self, Code, Known};
use crate::delivery::Delivery;
use crate::error::{PostError, Result};
use crate::exposed::Exposure;
use crate::measured::Measured;
use crate::out::{Making, Out};
use crate::plan::{Place, Plan};
use crate::press::{Press, Written};
use crate::run::Progress;
use crate::spool::Finder;
use data_encoding::HEXLOWER;
use keyproto::jws::sha256;
use letters::{Letter, Pages, html, text};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use terms::JobId;

/// A form of a letter besides PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A page for a browser.
    Html,
    /// Plain text.
    Text,
}

/// What batches are made from.
pub(crate) struct Batches<'a> {
    pub(crate) incident: &'a str,
    pub(crate) folder: &'a Path,
    pub(crate) job: JobId,
    pub(crate) press: &'a Press,
    pub(crate) exposure: &'a Exposure,
    pub(crate) out: &'a Out,
    /// How many letters each has.
    pub(crate) size: usize,
    /// One PDF for each language of a batch, not for each letter.
    pub(crate) together: bool,
    pub(crate) also: &'a [Form],
    pub(crate) measured: Mutex<Measured>,
}

impl Batches<'_> {
    /// Makes those that are not there, and writes down what is not written down.
    pub(crate) fn make(
        &self,
        plan: &Plan,
        delivery: &mut Delivery,
        progress: Progress,
    ) -> Result<()> {
        incident::make(&self.out.path().join("batches"))?;
        let at = progress(plan.places.len() as u64, "letters");
        let made = AtomicU64::new(0);
        let tell = |more: usize| at(made.fetch_add(more as u64, Ordering::Relaxed) + more as u64);
        let batches: Vec<&[Place]> = plan.places.chunks(self.size).collect();
        let (next, delivery) = (AtomicUsize::new(0), Mutex::new(delivery));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let work = || self.work(&batches, &next, &delivery, &tell);
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let ended = all.into_iter().map(|thread| match thread.join() {
                Ok(done) => done,
                Err(_) => Err(PostError::World("a letter could not be made".into())),
            });
            ended.fold(Ok(()), Result::and)
        })
    }

    fn work(
        &self,
        batches: &[&[Place]],
        next: &AtomicUsize,
        delivery: &Mutex<&mut Delivery>,
        tell: &(dyn Fn(usize) + Sync),
    ) -> Result<()> {
        let pages = Pages::new().map_err(PostError::world("the letters' fonts"))?;
        let mut finder = Finder::open(&self.out.spool())?;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(places) = batches.get(at) else { return Ok(()) };
            let number = u32::try_from(at + 1).map_err(PostError::world("a batch's number"))?;
            let made = self.one(number, places, (&pages, &mut finder), delivery);
            if made.is_err() {
                // The others end with the batches that they are at.
                next.store(batches.len(), Ordering::Relaxed);
                return made;
            }
            tell(places.len());
        }
    }

    fn measured(&self) -> MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn one(
        &self,
        number: u32,
        places: &[Place],
        with: (&Pages, &mut Finder),
        delivery: &Mutex<&mut Delivery>,
    ) -> Result<()> {
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
        let text = std::fs::read(&manifest).map_err(PostError::world(manifest.display()))?;
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
    ) -> Result<()> {
        let making = Making::begin(self.out.batch(number))?;
        let mut manifest = String::from("letter,pages,country,postcode,language,sha256\n");
        let (mut remembered, mut together) = (String::new(), BTreeMap::<_, Vec<_>>::new());
        for (at, place) in (1..).zip(places) {
            let (code, file) = (Code::draw()?, place.file);
            let known = Known { job: self.job, batch: number, number: at, file };
            remembered.push_str(&code.line(self.incident, &known));
            let person = finder.at(place.offset)?;
            let written = self.press.letter(&person, self.exposure.of(file), code.text())?;
            self.measured().add(&written.letter);
            let name = format!("{number:06}-{at:05}");
            forms(self.also, &making, &name, &written.letter)?;
            if self.together {
                together.entry(written.to.language.code()).or_default().push(written);
            } else {
                printed(pages, &making, &name, &[written], &mut manifest)?;
            }
        }
        for (language, written) in together {
            let name = format!("{number:06}-{language}");
            printed(pages, &making, &name, &written, &mut manifest)?;
        }
        making.write("manifest.csv", manifest.as_bytes())?;
        // One at a time, so that no two lines are mixed.
        let one = delivery.lock().unwrap_or_else(PoisonError::into_inner);
        codes::remember(self.folder, &remembered)?;
        drop(one);
        making.done()
    }
}

/// Letters of one language in one file, with a line of the manifest for each, in the file's order.
fn printed(
    pages: &Pages,
    making: &Making,
    name: &str,
    written: &[Written],
    manifest: &mut String,
) -> Result<()> {
    let letters: Vec<Letter> = written.iter().map(|one| one.letter.clone()).collect();
    let (pdf, count) = pages.counted(&letters).map_err(PostError::world("a letter"))?;
    let name = format!("{name}.pdf");
    making.write(&name, &pdf)?;
    let digest = HEXLOWER.encode(&sha256(&pdf));
    for one in written {
        let (country, postcode) = (&one.to.country, csv(&one.to.postcode));
        let language = one.to.language.code();
        let _ = writeln!(manifest, "{name},{count},{country},{postcode},{language},{digest}");
    }
    Ok(())
}

/// A letter in the forms that were asked for besides PDF.
pub(crate) fn forms(also: &[Form], making: &Making, name: &str, letter: &Letter) -> Result<()> {
    for form in also {
        match form {
            Form::Html => making.write(&format!("{name}.html"), html(letter).as_bytes())?,
            Form::Text => making.write(&format!("{name}.txt"), text(letter).as_bytes())?,
        }
    }
    Ok(())
}

/// A field that a spreadsheet neither splits nor computes.
fn csv(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).collect()
}
