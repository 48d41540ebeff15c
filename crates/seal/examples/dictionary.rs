//! Trains and measures the compression dictionary, on made-up records only.
//!
//! `cargo run -p cofferdam-seal --example dictionary -- FOLDER [OUT [KIBIBYTES]]`: FOLDER holds
//! FHIR bundles of made-up patients. Without OUT, prints what the shipped dictionary does to every
//! second bundle; with OUT, trains on the others first, writes the dictionary there and prints what
//! the new one does. A dictionary holds pieces of what it was trained on: never use real records.

#![allow(clippy::print_stdout, reason = "a tool that prints figures")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("which folder of made-up bundles?")?;
    let out = args.next();
    let kibibytes: usize = args.next().map_or(Ok(112), |text| text.parse())?;
    let (train, test) = halves(Path::new(&folder))?;
    let shipped = include_bytes!("../data/dictionary-v1").to_vec();
    let dictionary = match &out {
        None => shipped,
        Some(out) => {
            let samples: Vec<String> = train.iter().flat_map(samples).collect();
            let dictionary = zstd::dict::from_samples(&samples, kibibytes * 1024)?;
            std::fs::write(out, &dictionary)?;
            dictionary
        }
    };
    println!("unit                     pieces   json MB  sealed: plain zstd -3, with dictionary");
    for (unit, pieces) in
        [("single resources", 1), ("ten of a section", 10), ("a section", 100_000)]
    {
        measure(unit, pieces, &test, &dictionary)?;
    }
    if out.is_none() {
        speed(&test)?;
    }
    Ok(())
}

/// One patient: resources as compact JSON, by section.
type Patient = BTreeMap<&'static str, Vec<String>>;

fn halves(folder: &Path) -> Result<(Vec<Patient>, Vec<Patient>), Box<dyn Error>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.sort();
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (i, path) in paths.iter().enumerate() {
        let bundle: Value = serde_json::from_slice(&std::fs::read(path)?)?;
        let mut patient = Patient::new();
        for entry in bundle["entry"].as_array().into_iter().flatten() {
            let resource = &entry["resource"];
            let section = section(resource["resourceType"].as_str().unwrap_or_default());
            patient.entry(section).or_default().push(resource.to_string());
        }
        if i % 2 == 0 { train.push(patient) } else { test.push(patient) }
    }
    Ok((train, test))
}

fn section(resource_type: &str) -> &'static str {
    match resource_type {
        "Patient" => "label",
        "Claim" | "Coverage" | "ExplanationOfBenefit" => "insurance",
        "Observation" | "DiagnosticReport" => "results",
        t if t.starts_with("Medication") => "medication",
        "DocumentReference" | "ImagingStudy" | "Media" => "documents",
        _ => "history",
    }
}

/// Single resources, and pieces of ten, so that the dictionary serves short and long segments.
fn samples(patient: &Patient) -> Vec<String> {
    patient.values().flatten().map(|resource| format!("{resource}\n")).collect()
}

fn measure(
    unit: &str,
    pieces: usize,
    test: &[Patient],
    dictionary: &[u8],
) -> Result<(), Box<dyn Error>> {
    let mut plain = zstd::bulk::Compressor::new(3)?;
    let mut with = zstd::bulk::Compressor::with_dictionary(3, dictionary)?;
    with.include_dictid(false)?;
    let (mut count, mut json, mut without, mut sealed) = (0, 0, 0, 0);
    for section in test.iter().flat_map(|patient| patient.values()) {
        for lines in section.chunks(pieces) {
            let text = lines.join("\n");
            for text in text.as_bytes().chunks(1024 * 1024) {
                count += 1;
                json += text.len();
                without += padded(plain.compress(text)?.len());
                sealed += padded(with.compress(text)?.len());
            }
        }
    }
    let ratio = |bytes: usize| bytes as f64 / json as f64;
    println!(
        "{unit:20} {count:10} {:9.2} {:14.4} {:14.4}",
        json as f64 / 1e6,
        ratio(without),
        ratio(sealed)
    );
    Ok(())
}

/// Seals and opens ten resources of a section at a time, as the crate does it.
fn speed(test: &[Patient]) -> Result<(), Box<dyn Error>> {
    let place = seal::Place {
        tenant: "measured",
        file: terms::FileId::from_bytes([1; 16]),
        section: terms::Section::Results,
        sequence: 0,
        generation: 0,
        previous: seal::Chain::EMPTY,
    };
    let key = seal::FileKey::generate()?.segment_key(place.section, 0, 0)?;
    let sections = test.iter().flat_map(|patient| patient.values());
    let texts: Vec<String> =
        sections.flat_map(|section| section.chunks(10).map(|ten| ten.join("\n"))).collect();
    let start = Instant::now();
    let sealed: Vec<Vec<u8>> = texts
        .iter()
        .map(|text| seal::seal_segment(&place, &key, text.as_bytes()))
        .collect::<Result<_, _>>()?;
    let middle = Instant::now();
    for sealed in &sealed {
        seal::open_segment(&place, &key, sealed)?;
    }
    let each = |span: Duration| span.as_secs_f64() * 1e6 / sealed.len() as f64;
    let (sealing, opening) = (each(middle - start), each(middle.elapsed()));
    println!("ten of a section: {sealing:.1} us to seal, {opening:.1} us to open");
    Ok(())
}

fn padded(length: usize) -> usize {
    let length = (length + 1).max(64);
    length.next_multiple_of(1 << (length.ilog2() - 3)) + seal::OVERHEAD_BYTES
}
