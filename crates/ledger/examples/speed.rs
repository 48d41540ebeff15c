//! Measures the ledger on a disk: appending with and without sync, opening, reading, proving.
//!
//! `cargo run --release -p cofferdam-ledger --example speed -- FOLDER [MILLIONS]`: FOLDER must not
//! exist yet; it holds the measured ledgers afterwards.

#![allow(clippy::print_stdout, reason = "a tool that prints figures")]

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use ledger::{DirFiles, Files, Log, LogError, LogFile, Signer};

const ENTRY_BYTES: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("which new folder?")?;
    let millions: u64 = args.next().map_or(Ok(1), |text| text.parse())?;
    let signer = Signer::new("cofferdam/speed", &[1; 32])?;
    for batch in [1, 16, 64] {
        let files = DirFiles::new(Path::new(&folder).join(format!("synced-{batch}")));
        append("with sync", files, &signer, batch, 1000 * batch as u64)?;
    }
    for batch in [64, 1] {
        let files = DirFiles::new(Path::new(&folder).join(format!("unsynced-{batch}")));
        append("without sync", Unsynced(files.clone()), &signer, batch, millions * 1_000_000)?;
        reopen(files, &signer, batch)?;
    }
    Ok(())
}

fn append<F: Files>(
    what: &str,
    files: F,
    signer: &Signer,
    batch: usize,
    count: u64,
) -> Result<(), LogError> {
    let mut log = Log::open(files, signer.verifier(), &[])?;
    let mut entries = vec![[7; ENTRY_BYTES]; batch];
    let (start, start_cpu) = (Instant::now(), cpu()?);
    for number in 0..count / batch as u64 {
        entries[0][..8].copy_from_slice(&number.to_be_bytes());
        log.append(&entries)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "append {what}, batches of {batch}: {:.0} entries/s, {:.0} batches/s, {:.2} us CPU/entry",
        count as f64 / seconds,
        (count / batch as u64) as f64 / seconds,
        (cpu()? - start_cpu).as_secs_f64() * 1e6 / count as f64
    );
    log.checkpoint(signer)?;
    Ok(())
}

fn reopen(files: DirFiles, signer: &Signer, batch: usize) -> Result<(), LogError> {
    let (start, start_cpu) = (Instant::now(), cpu()?);
    let log = Log::open(files, signer.verifier(), &[])?;
    let size = log.head().size;
    let show = |what: &str, start: Instant, start_cpu, count: u64| {
        let each = |span: Duration| span.as_secs_f64() * 1e6 / count as f64;
        let (wall, cpu) = (each(start.elapsed()), each(cpu()? - start_cpu));
        println!("batches of {batch}: {what}: {wall:.2} us, {cpu:.2} us CPU, each");
        Ok::<_, LogError>(())
    };
    show("open, per entry", start, start_cpu, size)?;
    let (start, start_cpu) = (Instant::now(), cpu()?);
    log.read(0..size, |_, _| Ok::<_, LogError>(()))?;
    show("read, per entry", start, start_cpu, size)?;
    let (start, start_cpu) = (Instant::now(), cpu()?);
    for number in 0..1000 {
        log.inclusion_proof(number * (size / 1000), size)?;
    }
    show("inclusion proof", start, start_cpu, 1000)
}

/// How long this thread has had a processor, because wall time on a busy machine says little.
fn cpu() -> Result<Duration, LogError> {
    let failed = |source| LogError::World { what: "reading the CPU time", source };
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").map_err(failed)?;
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map(Duration::from_nanos).ok_or(LogError::Asked("no CPU time in schedstat"))
}

/// The real disk, but nothing waits for it.
struct Unsynced(DirFiles);

struct UnsyncedFile(File);

impl Files for Unsynced {
    type File = UnsyncedFile;

    fn open(&self, name: &str) -> io::Result<UnsyncedFile> {
        self.0.open(name).map(UnsyncedFile)
    }

    fn read(&self, name: &str, max: u64) -> io::Result<Option<Vec<u8>>> {
        self.0.read(name, max)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.replace(name, bytes)
    }
}

impl LogFile for UnsyncedFile {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        LogFile::read_at(&self.0, buffer, position)
    }

    fn write_at(&mut self, bytes: &[u8], position: u64) -> io::Result<()> {
        LogFile::write_at(&mut self.0, bytes, position)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.truncate(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
