//! Getting patients in, and what they weigh.

use super::Figure;
use super::stage::{Stage, bytes_below};
use crate::cli::BenchArguments;
use crate::client::{Ask, SignedInCard};
use crate::failure::{Failure, Outcome};
use crate::orders::random;
use crate::{demo, import, server_process};
use drill::population::Population;
use fhir::{Json, Limits};
use keyproto::statement::ProofClaims;
use record::import::{Progress, Source};
use std::time::{Duration, Instant};
use terms::ListId;

/// How many made-up people stand in for a folder of bundles.
const PEOPLE: u32 = 100;

/// Bundles with their size as compact JSON.
struct Bundles {
    texts: Vec<Vec<u8>>,
    compact_bytes: u64,
    resources: u64,
}

fn bundles(arguments: &BenchArguments) -> Outcome<Bundles> {
    let texts = match &arguments.data {
        Some(folder) => {
            let found = import::sources::find(folder)?;
            let all = found.shared.chain(found.sources);
            let texts: Result<Vec<_>, _> =
                all.map(|source| source.map(|source| source.text)).collect();
            texts.map_err(Failure::world(folder.display()))?
        }
        None => Population::new(7, PEOPLE).people().map(|p| p.bundle().into_bytes()).collect(),
    };
    let (mut compact_bytes, mut resources) = (0, 0);
    for text in &texts {
        let bundle = Json::parse(text, &Limits::default())
            .map_err(|error| Failure::Asked(format!("a bundle: {error}")))?;
        compact_bytes += bundle.to_text().len() as u64;
        resources += bundle.get("entry").map_or(0, |entries| entries.items().len()) as u64;
    }
    Ok(Bundles { texts, compact_bytes, resources })
}

fn bring_in(stage: &Stage, bundles: &Bundles) -> Outcome<(Progress, Duration)> {
    let importer = demo::unlock(&stage.home, "importer")?;
    let records = server_process::open_records(&stage.home, &stage.config)?;
    let by = import::sign_in(&records, &stage.config, &importer)?;
    let journal = stage.home.path().join("bench.journal");
    let list = ListId::from_bytes(random()?);
    let mut sources =
        bundles.texts.iter().enumerate().map(|(number, text)| {
            Ok(Source { name: format!("bundle {number}"), text: text.clone() })
        });
    let start = Instant::now();
    let (progress, rejects) = import::import_sources(&records, by, list, journal, &mut sources)?;
    let took = start.elapsed();
    match rejects.first() {
        None => Ok((progress, took)),
        Some(reject) => Err(Failure::Asked(format!("{}: {}", reject.name, reject.reason))),
    }
}

/// How fast an import goes.
pub(crate) fn import(arguments: &BenchArguments) -> Outcome<Vec<Figure>> {
    let bundles = bundles(arguments)?;
    let stage = Stage::new("import")?;
    let (progress, took) = bring_in(&stage, &bundles)?;
    let rate = progress.resources as f64 / took.as_secs_f64();
    Ok(vec![
        Figure::new("bundles imported", progress.files as f64, "files"),
        Figure::new("import by deposits", rate, "resources/s").at_least(10_000.0),
    ])
}

/// What it weighs on disk, everything included.
pub(crate) fn at_rest(arguments: &BenchArguments) -> Outcome<Vec<Figure>> {
    let bundles = bundles(arguments)?;
    let mut stage = Stage::new("at-rest")?;
    let before = bytes_below(stage.home.path())?;
    bring_in(&stage, &bundles)?;
    std::fs::remove_file(stage.home.path().join("bench.journal"))
        .map_err(Failure::world("the journal"))?;
    stage.stop();
    let store = bytes_below(&stage.home.store())? as f64;
    let keyholder = bytes_below(&stage.home.keyholder())? as f64;
    let compact = bundles.compact_bytes as f64;
    Ok(vec![
        Figure::new("compact JSON", compact, "bytes"),
        Figure::new("data folder before", before as f64, "bytes"),
        Figure::new("store / compact JSON", store / compact, ""),
        Figure::new("ledger, keys, locator / compact JSON", keyholder / compact, ""),
        Figure::new("everything / compact JSON", (store + keyholder) / compact, "").at_most(0.12),
    ])
}

/// How fast the same bundles go in as transactions over HTTP.
pub(crate) fn transactions(arguments: &BenchArguments) -> Outcome<Vec<Figure>> {
    let bundles = bundles(arguments)?;
    let stage = Stage::new("transactions")?;
    let cards = ["doctor-1", "doctor-2"];
    let clients: Result<Vec<_>, _> = cards
        .iter()
        .map(|name| {
            let card = demo::unlock(&stage.home, name)?;
            SignedInCard::anew(&stage.home, &stage.config, &card)
        })
        .collect();
    let start = Instant::now();
    let results: Vec<Outcome> = std::thread::scope(|scope| {
        let texts = &bundles.texts;
        let threads: Vec<_> = clients?
            .into_iter()
            .enumerate()
            .map(|(first, client)| {
                let texts = texts.iter().skip(first).step_by(cards.len());
                scope.spawn(move || post_all(client, texts))
            })
            .collect();
        Ok::<_, Failure>(threads.into_iter().filter_map(|t| t.join().ok()).collect())
    })?;
    let took = start.elapsed();
    results.into_iter().collect::<Outcome>()?;
    let rate = bundles.resources as f64 / took.as_secs_f64();
    Ok(vec![Figure::new("transactions over HTTP", rate, "resources/s").at_least(3_000.0)])
}

fn post_all<'a>(mut client: SignedInCard, texts: impl Iterator<Item = &'a Vec<u8>>) -> Outcome {
    for text in texts {
        let ask = Ask {
            method: "POST",
            path: "/fhir",
            headers: &[("content-type", "application/fhir+json")],
            body: text,
        };
        let answer = client.send(&ask, &ProofClaims::default)?;
        if answer.status != 200 {
            return Err(Failure::Asked(format!("a transaction was answered {}", answer.status)));
        }
    }
    Ok(())
}
