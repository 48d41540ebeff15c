//! The chambers of those who were taken: each counts its own, and its sealed list names them.

use super::aftermath::ran;
use super::scene::{Beside, Scene};
use crate::failure::{Failure, Outcome};
use ::drill::played::{Check, Kind};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is known from outside of the server: the chamber of each file that was taken.
pub(super) type Chambers = BTreeMap<String, &'static str>;

/// Counts by chamber, and seals to each chamber its own.
pub(super) fn tell(
    scene: &Scene,
    id: &str,
    people: &Path,
    taken: &Chambers,
    checks: &mut Vec<Check>,
) -> Outcome {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, chamber) in taken {
        wanted.entry(chamber).or_default().insert(file);
    }
    let people = people.display().to_string();
    let counts = ran(scene, &["counts", id, "--people", &people])?;
    checks.push(counted(&counts, &wanted));
    let beside = Beside::place(scene, "chambers");
    std::fs::create_dir_all(beside.0.path()).map_err(Failure::world("the chambers' folder"))?;
    let mut stranger = None;
    for (number, (chamber, members)) in wanted.iter().enumerate() {
        let place = |what: &str| beside.0.path().join(format!("{what}-{number}"));
        let [key, public, list] = ["key", "public", "list"].map(place);
        let [key, list] = [key, list].map(|path| path.display().to_string());
        let made = ran(scene, &["association", "key", "--out", &key])?;
        let line = made["public_key"].as_str().unwrap_or_default();
        std::fs::write(&public, line).map_err(Failure::world(public.display()))?;
        let public = public.display().to_string();
        let seal = ["association", "seal", id, "--people", &people, "--association", chamber];
        ran(scene, &[&seal[..], &["--to", &public, "--out", &list]].concat())?;
        let opened = ran(scene, &["association", "open", &list, "--key", &key])?;
        checks.push(named(chamber, &opened, members));
        if let Some(stranger) = stranger.replace(key) {
            let opened = ran(scene, &["association", "open", &list, "--key", &stranger]);
            let what = format!("another chamber's key opens nothing for {chamber}");
            let refused = matches!(opened, Err(Failure::Tampered(_)));
            let found = if refused { "refused" } else { "not refused" };
            checks.push(Check::holds(Kind::HardBound, what, found, refused));
        }
    }
    Ok(())
}

/// The counts by chamber are those of the attackers' own lists, and nobody's chamber is unknown.
fn counted(counts: &Value, wanted: &BTreeMap<&str, BTreeSet<&str>>) -> Check {
    let figures = counts["figures"].as_object();
    let found: BTreeMap<&str, u64> = figures
        .into_iter()
        .flatten()
        .filter_map(|(name, figure)| {
            Some((name.strip_prefix("association.")?, figure["value"].as_u64()?))
        })
        .filter(|(name, value)| *name != "unknown" || *value > 0)
        .collect();
    let sizes = wanted.iter().map(|(chamber, files)| (*chamber, files.len() as u64));
    let is_exact = found == sizes.collect() && found.len() > 1;
    let (sum, taken) =
        (found.values().sum::<u64>(), wanted.values().map(BTreeSet::len).sum::<usize>());
    Check::holds(
        Kind::ExactList,
        "the counts by chamber add up to those taken",
        format!("{sum} in {} chambers, {taken} taken", found.len()),
        is_exact,
    )
}

/// What a chamber opens names exactly its members among those taken.
fn named(chamber: &str, opened: &Value, wanted: &BTreeSet<&str>) -> Check {
    let members = opened["list"]["members"].as_array().into_iter().flatten();
    let files: Vec<&str> = members.filter_map(|member| member["file"].as_str()).collect();
    let is_exact = files.iter().copied().collect::<BTreeSet<_>>() == *wanted
        && files.len() == wanted.len()
        && opened["list"]["counts"]["persons"]["value"] == wanted.len();
    Check::holds(
        Kind::ExactList,
        format!("the sealed list of {chamber} names its members"),
        format!("{} named, {} taken", files.len(), wanted.len()),
        is_exact,
    )
}
