//! How many letters this machine makes in a second: one in a file, and a hundred in a file.

#[path = "../tests/letters/facts.rs"]
mod facts;

use letters::{Language, Letter, Pages, Variant, Writer};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(2_000), |text| text.parse())?;
    let threads = std::thread::available_parallelism()?.get();
    let writer = Writer::built_in()?;
    for batch in [1, 100] {
        let (begin, busy) = (Instant::now(), cpu_seconds());
        let bytes: usize = std::thread::scope(|scope| {
            let work: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| one_thread(&writer, count / threads, batch)))
                .collect();
            work.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
        });
        let seconds = begin.elapsed().as_secs_f64();
        report(&format!(
            "{batch} a file: {:.0} letters/s on {threads} threads, {:.0} a second of CPU time, \
             {} bytes a letter",
            count as f64 / seconds,
            count as f64 / (cpu_seconds() - busy),
            bytes / count
        ));
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    report(status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    Ok(())
}

fn one_thread(writer: &Writer, count: usize, batch: usize) -> usize {
    let Ok(pages) = Pages::new() else { return 0 };
    let language = Language::Danish;
    let run = facts::run(facts::country(language));
    let mut letters: Vec<Letter> = Vec::new();
    let mut bytes = 0;
    for number in 0..count {
        let mut to = facts::reader(language, Variant::Adult);
        to.name = format!("Åse Ærø {number}");
        to.code = format!("K7QM-{number:08}");
        letters.extend(writer.compose(&run, &to));
        if letters.len() == batch || number + 1 == count {
            bytes += pages.pdf(&letters).map_or(0, |pdf| pdf.len());
            letters.clear();
        }
    }
    bytes
}

/// What this process has used, in all threads: machines that are busy with other things lie.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn report(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}
