//! Measures parse, validate and split over a folder of bundles, in MB/s of what was read, and
//! a search by patient and code in the largest file.
#![allow(clippy::print_stdout)]

use fhir::{
    Index, Json, Limits, Placement, SearchQuery, placement, section_of, split_patient, validate,
};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: speed FOLDER")?;
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        texts.push(std::fs::read(entry?.path())?);
    }
    let bytes: usize = texts.iter().map(Vec::len).sum();
    for _ in 0..3 {
        round(&texts, bytes)?;
    }
    let largest = texts.iter().max_by_key(|text| text.len()).ok_or("no bundles")?;
    search(&Json::parse(largest, &Limits::default())?)
}

/// Times a search with and without the index, and the making of the index.
fn search(bundle: &Json) -> Result<(), Box<dyn std::error::Error>> {
    let entries = bundle.get("entry").map(Json::items).unwrap_or_default().iter();
    let resources: Vec<Json> = entries
        .filter_map(|entry| entry.get("resource"))
        .filter(|resource| resource.resource_type() == "Observation")
        .cloned()
        .collect();
    let subject = resources.first().and_then(|first| first.get("subject")?.text("reference"));
    let parameters = [("subject", subject.unwrap_or_default()), ("code", "8302-2")];
    let start = Instant::now();
    SearchQuery::parse("Observation", parameters, "http://x")?;
    let compiling = start.elapsed();
    let start = Instant::now();
    let query = SearchQuery::parse("Observation", parameters, "http://x")?;
    let parsing = start.elapsed();
    let start = Instant::now();
    let found = resources.iter().filter(|resource| query.matches(resource)).count();
    let scanning = start.elapsed();
    let mut index = Index::new();
    let start = Instant::now();
    index.search(&query, &resources);
    let building = start.elapsed();
    let start = Instant::now();
    let indexed = index.search(&query, &resources).len();
    let finding = start.elapsed();
    println!(
        "{found} = {indexed} of {} observations; first query of a type {compiling:?}, query \
         {parsing:?}, scan {scanning:?}, first with index {building:?}, next {finding:?}",
        resources.len(),
    );
    Ok(())
}

fn round(texts: &[Vec<u8>], bytes: usize) -> Result<(), Box<dyn std::error::Error>> {
    let [mut parsing, mut validating, mut splitting, mut dropping] = [Duration::ZERO; 4];
    let (mut resources, mut issues, mut written) = (0, 0, 0);
    for text in texts {
        let start = Instant::now();
        let bundle = Json::parse(text, &Limits::default())?;
        parsing += start.elapsed();
        let start = Instant::now();
        issues += validate(&bundle).len();
        validating += start.elapsed();
        let start = Instant::now();
        let mut out = Vec::new();
        for entry in bundle.get("entry").map(Json::items).unwrap_or_default() {
            let Some(resource) = entry.get("resource") else {
                continue;
            };
            resources += 1;
            write_parts(resource, &mut out);
        }
        written += out.len();
        splitting += start.elapsed();
        let start = Instant::now();
        drop(bundle);
        dropping += start.elapsed();
    }
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!(
        "{resources} resources, {issues} issues, {written} bytes compact; MB/s: parse {:.0}, \
         validate {:.0}, split and write {:.0}, drop {:.0}, all {:.0}",
        rate(parsing),
        rate(validating),
        rate(splitting),
        rate(dropping),
        rate(parsing + validating + splitting + dropping),
    );
    Ok(())
}

fn write_parts(resource: &Json, out: &mut Vec<u8>) {
    match placement(resource.resource_type()) {
        Placement::Patient => {
            if let Some(parts) = split_patient(resource.clone()) {
                parts.label.write_to(out);
                parts.contact.write_to(out);
                parts.identity.write_to(out);
            }
        }
        Placement::File(_) => {
            out.push(section_of(resource) as u8);
            resource.write_to(out);
        }
        Placement::Directory | Placement::Refused => resource.write_to(out),
    }
}
