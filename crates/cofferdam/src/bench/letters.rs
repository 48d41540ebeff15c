//! Letters: how many in a second, one in a file and a hundred in a file, and what they take.

use super::Figure;
use crate::failure::{Failure, Outcome};
use letters::{Language, Letter, Opened, Pages, Recipient, Refused, Run, Variant, Writer};
use std::time::Instant;
use terms::Section;

/// The facts of a made-up run; its country is filled in.
const RUN: &str = include_str!("letters.toml");
/// How many persons the largest of the incidents in docs/drills.md touched.
const LARGEST: f64 = 1_060_936.0;
const BATCH: usize = 100;
/// What a letter of a batch may take.
const BYTES_MOST: f64 = 4_000.0;

/// Composes and prints so many letters, on as many threads as there are cores.
pub(super) fn letters(count: usize) -> Outcome<Vec<Figure>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let writer = Writer::built_in().map_err(Failure::world("the texts"))?;
    let count = count.max(BATCH * threads);
    let mut figures = vec![Figure::new("letters, on all cores", count as f64, "letters")];
    for (what, batch, least, most) in
        [("one a file", 1, 250.0, 30_000.0), ("a hundred a file", BATCH, 500.0, BYTES_MOST)]
    {
        let start = Instant::now();
        let bytes = run(&writer, count, batch, threads)?;
        let rate = count as f64 / start.elapsed().as_secs_f64();
        let of = |thing: &str| format!("{thing}, {what}");
        figures.push(Figure::new(of("letters"), rate, "letters/s").at_least(least));
        let each = bytes as f64 / count as f64;
        figures.push(Figure::new(of("a letter"), each, "bytes").at_most(most));
        let minutes = LARGEST / rate / 60.0;
        let largest = Figure::new(of(&format!("{LARGEST} letters")), minutes, "min");
        figures.push(if batch == 1 { largest } else { largest.at_most(45.0) });
    }
    figures.push(Figure::new("memory at most", peak()?, "MiB").at_most(300.0));
    Ok(figures)
}

/// How many bytes all letters together have.
fn run(writer: &Writer, count: usize, batch: usize, threads: usize) -> Outcome<usize> {
    let share = count.div_ceil(threads);
    let bytes: Result<usize, Refused> = std::thread::scope(|scope| {
        let work: Vec<_> = (0..threads)
            .map(|thread| {
                let numbers = thread * share..count.min((thread + 1) * share);
                scope.spawn(move || some(writer, numbers, batch))
            })
            .collect();
        let done = work.into_iter().map(|thread| {
            thread.join().unwrap_or(Err(Refused::Variant("a thread of the benchmark ended")))
        });
        done.sum()
    });
    bytes.map_err(Failure::world("letters"))
}

fn some(writer: &Writer, numbers: std::ops::Range<usize>, batch: usize) -> Result<usize, Refused> {
    let pages = Pages::new()?;
    let runs = Language::ALL.map(facts);
    let (mut bytes, mut waiting): (usize, Vec<Letter>) = (0, Vec::with_capacity(batch));
    for number in numbers.clone() {
        // A file of many letters has one language, as a bag of mail has one country.
        let language = number / BATCH % Language::ALL.len();
        let run = runs[language].as_ref().map_err(|_| Refused::Variant("the made-up facts"))?;
        waiting.push(writer.compose(run, &reader(Language::ALL[language], number))?);
        if waiting.len() == batch || number + 1 == numbers.end {
            bytes += pages.pdf(&waiting)?.len();
            waiting.clear();
        }
    }
    Ok(bytes)
}

fn country(language: Language) -> &'static str {
    match language {
        Language::Danish => "DK",
        Language::German => "DE",
        Language::English => "US",
    }
}

fn facts(language: Language) -> Result<Run, toml::de::Error> {
    toml::from_str(&RUN.replace("COUNTRY", country(language)))
}

/// A made-up reader: one in ten is no adult patient, and what was opened differs.
fn reader(language: Language, number: usize) -> Recipient {
    let variant = match number % 70 {
        at @ 0..7 => Variant::ALL[at],
        _ => Variant::Adult,
    };
    let sections = [Section::Label, Section::Identity, Section::History, Section::Medication];
    let minute = number % 50;
    let opened = sections
        .into_iter()
        .filter(|section| *section == Section::Label || number >> (*section as usize % 8) & 1 == 0);
    let opened = opened.filter_map(|section| {
        let first = format!("2026-11-24T13:{minute:02}:10Z").parse().ok()?;
        let last = format!("2026-11-24T13:{:02}:50Z", minute + 7).parse().ok()?;
        Some(Opened { section, first, last, by: None, passed: false })
    });
    Recipient {
        name: format!("Åse Ærø Müller {number}"),
        address: vec![format!("Nørregade {}", number % 200 + 1)],
        postcode: format!("{:04}", number % 9_000 + 1_000),
        town: "Aarhus".to_owned(),
        country: country(language).to_owned(),
        country_line: None,
        language,
        variant,
        person: variant.is_about_another().then(|| format!("Maja Lind {number}")),
        opened: if variant == Variant::NotOpened { Vec::new() } else { opened.collect() },
        not_opened: vec![Section::Contact, Section::Results, Section::Documents],
        code: format!("K7QM-{number:08}"),
        protection_code: Some(format!("PW-{number:08}")),
    }
}

/// The most memory that this process ever held, in MiB.
fn peak() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status");
    let status = status.map_err(Failure::world("/proc/self/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.unwrap_or(f64::NAN) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The benchmark's limit, language by language: the mean of three would hide one.
    #[test]
    fn a_letter_of_a_batch_takes_at_most_four_thousand_bytes_in_each_language() {
        let writer = Writer::built_in().unwrap();
        let pages = Pages::new().unwrap();
        for language in Language::ALL {
            let run = facts(language).unwrap();
            let letter = |number| writer.compose(&run, &reader(language, number)).unwrap();
            let letters: Vec<Letter> = (0..BATCH).map(letter).collect();
            let each = pages.pdf(&letters).unwrap().len() / BATCH;
            assert!(each as f64 <= BYTES_MOST, "{}: {each} bytes", language.code());
        }
    }
}
