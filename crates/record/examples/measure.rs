//! Prints what imports, openings, reads and searches cost in the processor time of this process.
//!
//! Set `COFFERDAM_SAMPLE_DATA` to a folder of bundles, then
//! `cargo run --release -p cofferdam-record --example measure`.
//!
//! Keyholder and store run inside the process, so their share is counted too.

#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "../tests/records/world.rs"]
#[allow(dead_code)]
mod world;

use fhir::SearchQuery;
use record::import::{Import, Source};
use record::{Everything, OpenFile, Page, Records};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use terms::{FileId, ListId, Role};
use world::{BASE, World, json, query};

const LIST: ListId = ListId::from_bytes([5; 10]);

fn main() {
    let Some(folder) = std::env::var_os("COFFERDAM_SAMPLE_DATA") else {
        eprintln!("SKIPPED: COFFERDAM_SAMPLE_DATA is not set");
        return;
    };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let world = World::new();
    import(&world, &paths);
    transactions(&world, &paths);
    one_file(&world, &paths);
    posts(&world);
}

fn import(world: &World, paths: &[PathBuf]) {
    let by = world.person(Role::Importer).id();
    let journal = world.folder.path().join("journal");
    let import = Import { by, list: LIST, journal, threads: 4 };
    let mut sources = paths.iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        Ok(Source { name, text: std::fs::read(path)? })
    });
    let (cpu, wall) = (cpu(), Instant::now());
    let (progress, rejects) = import.run(world.records(), &mut sources, &|_| ()).unwrap();
    let (cpu, wall) = (self::cpu() - cpu, wall.elapsed());
    let rate = progress.resources as f64 / wall.as_secs_f64();
    println!(
        "import: {} files, {} resources, {} rejects, {wall:.2?}, cpu {cpu:.2?}: {rate:.0}/s",
        progress.files,
        progress.resources,
        rejects.len()
    );
    let compact: usize = paths
        .iter()
        .map(|path| json(&std::fs::read_to_string(path).unwrap()).to_text().len())
        .sum();
    for folder in ["store", "keyholder"] {
        for entry in std::fs::read_dir(world.folder.path().join(folder)).unwrap().flatten() {
            let length = entry.metadata().map_or(0, |meta| meta.len());
            println!("  {folder}/{}: {length}", entry.file_name().to_string_lossy());
        }
    }
    let disk = |folder: &str| size(&world.folder.path().join(folder));
    let (store, keyholder) = (disk("store"), disk("keyholder"));
    println!(
        "at rest: store {store}, keyholder {keyholder}, of {compact} compact: {:.3}",
        (store + keyholder) as f64 / compact as f64
    );
}

/// Other patients, by the names of their identifiers; otherwise the same bundles.
fn transactions(world: &World, paths: &[PathBuf]) {
    let doctor = world.doctor();
    let texts: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let (cpu, wall, mut resources) = (cpu(), Instant::now(), 0);
    for text in &texts {
        let bundle = fhir::Json::parse(text, &fhir::Limits::default()).unwrap();
        resources += bundle.get("entry").unwrap().items().len();
        world.records().bundle(doctor.id(), bundle, None).unwrap();
    }
    let (cpu, wall) = (self::cpu() - cpu, wall.elapsed());
    println!(
        "transactions, one after another: {:.0}/s, cpu {:.1?} a resource",
        resources as f64 / wall.as_secs_f64(),
        cpu / resources as u32
    );
}

fn one_file(world: &World, paths: &[PathBuf]) {
    let doctor = world.doctor();
    let text = paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .min_by_key(|text| json(text).get("entry").unwrap().items().len().abs_diff(300))
        .unwrap();
    let answer = world.records().bundle(doctor.id(), json(&text), None).unwrap().text;
    let answer = json(&String::from_utf8(answer).unwrap());
    let file: FileId = answer
        .get("entry")
        .unwrap()
        .items()
        .iter()
        .find_map(|entry| {
            let place = entry.get("response").unwrap().text("location")?;
            place.strip_prefix("Patient/")?.split('/').next()?.parse().ok()
        })
        .unwrap();
    let open = doctor.open(file);
    let everything = open.everything(&Everything::default(), world.records().directory());
    println!(
        "one file: {} resources, {} segments",
        everything.len(),
        world.store.file_size(file).unwrap().segments
    );
    let releases: Vec<_> = (0..200).map(|_| doctor.release(file)).collect();
    let mut releases = releases.into_iter();
    each("open from a release", 200, || {
        let release = releases.next().unwrap();
        world.records().open(release).map(drop).unwrap();
    });
    let releases: Vec<_> = (0..200).map(|_| doctor.release(file)).collect();
    let mut releases = releases.into_iter();
    each("open, and $everything as bytes", 200, || {
        let open = world.records().open(releases.next().unwrap()).unwrap();
        assert!(whole(&open, world.records()) > 10_000);
    });
    each("open with the keyholder's part and the proof", 200, || {
        doctor.open(file);
    });
    each("$everything as bytes, open", 200, || {
        assert!(whole(&open, world.records()) > 10_000);
    });
    reads_and_searches(&open, world.records());
}

fn whole(open: &OpenFile, records: &Records) -> usize {
    open.everything(&Everything::default(), records.directory()).to_bundle(BASE, "self", None).len()
}

fn reads_and_searches(open: &OpenFile, records: &Records) {
    let all = open.search(&query("Observation", &[]), Page::WHOLE, records.directory());
    let ids: Vec<String> = all.versions().map(|version| version.id().to_string()).collect();
    let mut next = ids.iter().cycle();
    each("read by id", 20_000, || {
        assert!(open.read("Observation", next.next().unwrap()).unwrap().bytes().len() > 100);
    });
    let codes: Vec<String> = all
        .versions()
        .map(|version| {
            let coding = &version.tree().get("code").unwrap().get("coding").unwrap().items()[0];
            format!("{}|{}", coding.text("system").unwrap(), coding.text("code").unwrap())
        })
        .collect();
    let patient = format!("Patient/{}", open.file());
    let mut next = codes.iter().cycle();
    each("search by patient and code, 20 a page, as bytes", 5_000, || {
        let parameters = [("patient", patient.as_str()), ("code", next.next().unwrap())];
        let search = SearchQuery::parse("Observation", parameters, BASE).unwrap();
        let page = Page { from: None, count: 20 };
        let found = open.search(&search, page, records.directory());
        assert!(found.to_bundle(BASE, "self", None).len() > 100);
    });
    let page = Page { from: None, count: 20 };
    let first = Instant::now();
    let sorted = query("Encounter", &[("_sort", "-date"), ("date", "gt1990-01-01")]);
    open.search(&sorted, page, records.directory());
    println!("first sorted search of a type: {:.1?}", first.elapsed());
}

fn posts(world: &World) {
    let doctor = world.doctor();
    let files: Vec<FileId> = (0..64).map(|_| doctor.patient()).collect();
    let by = doctor.id();
    let (cpu, wall) = (cpu(), Instant::now());
    std::thread::scope(|scope| {
        for files in files.chunks(8) {
            scope.spawn(move || {
                for i in 0..500 {
                    let text = world::observation(files[i % files.len()], "718-7", "7.1");
                    world.records().create(by, json(&text), None, None).unwrap();
                }
            });
        }
    });
    let (cpu, wall) = (self::cpu() - cpu, wall.elapsed());
    println!(
        "posts of an Observation, 8 clients: {:.0}/s, cpu {:.1?} each",
        4000.0 / wall.as_secs_f64(),
        cpu / 4000
    );
}

fn each(what: &str, times: u32, mut act: impl FnMut()) {
    act_once(&mut act, times / 10);
    let (cpu, wall) = (cpu(), Instant::now());
    act_once(&mut act, times - times / 10);
    let n = times - times / 10;
    let (cpu, wall) = ((self::cpu() - cpu) / n, wall.elapsed() / n);
    println!("{what}: cpu {cpu:.1?}, {wall:.1?}");
}

fn act_once(act: &mut impl FnMut(), times: u32) {
    (0..times).for_each(|_| act());
}

/// Processor time of all threads, from the kernel, in steps of 10 ms.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = text.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn size(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
