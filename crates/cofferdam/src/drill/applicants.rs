//! Applicants for cards: a file like a patient's, and somebody who counts through the numbers.

use super::aftermath::{After, Taken};
use super::bounds;
use super::chambers::{self, Chambers};
use super::scene::{Context, Scene, moment};
use super::thief::{Came, Thief};
use crate::failure::Outcome;
use crate::orders::random;
use ::drill::incident::Drill;
use ::drill::played::{Check, Kind, Played};
use serde_json::json;
use std::time::Duration;
use terms::FileId;

/// The namespaces of application numbers: one where every number is somebody's, one with gaps.
const DENSE: &str = "https://chamber.example/application";
const SPARSE: &str = "https://chamber.example/new-application";
const FIRST: u32 = 7_000_000;
/// Every third number is somebody's.
const GAP: u32 = 3;
/// The chambers that the applicants belong to.
const CHAMBERS: [&str; 3] =
    ["Chamber of Physicians North", "Chamber of Physicians South", "Chamber of Pharmacists"];
/// How many ids are guessed: each is one of 2^128.
const GUESSES: usize = 40;

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let people = context.pick(200, 12_113);
    let mut scene = Scene::new(context, drill.name)?;
    scene.bring_in(people, true, &mut (0..people).map(application))?;

    let since = moment();
    let mut dense = Thief::with(&scene, "receptionist")?;
    let mut members = Chambers::new();
    walk(&mut dense, DENSE, 1, &mut members)?;
    let mut sparse = Thief::with(&scene, "nurse")?;
    let misses = walk(&mut sparse, SPARSE, GAP, &mut members)?;
    let mut guesser = Thief::with(&scene, "doctor-1")?;
    for _ in 0..GUESSES {
        guesser.everything(FileId::from_bytes(random()?))?;
    }
    let mut checks = vec![
        Check::at_most(
            "applicants found where every number is somebody's",
            dense.held.persons(),
            bounds::found(dense.span()),
        ),
        Check::at_most(
            "numbers that are nobody's until a walk through gaps is stopped",
            misses,
            bounds::MISSES,
        ),
        Check::at_most(format!("applicants by {GUESSES} guessed ids"), guesser.held.persons(), 0),
    ];
    for (thief, who) in [(&dense, "without gaps"), (&sparse, "with gaps")] {
        let what = format!("the walk {who} is stopped");
        let found = format!("after {} numbers", thief.tries);
        checks.push(Check::holds(Kind::HardBound, what, found, thief.is_stopped()));
    }
    let taken = [Taken::by("without gaps", &dense), Taken::by("with gaps", &sparse)];
    let after = After {
        title: "Applicants' data read by number",
        country: "DE",
        forms: &["edpb", "germany"],
        since,
        taken: &taken,
    };
    after.follow_and(&scene, &mut checks, &|id, people, checks| {
        chambers::tell(&scene, id, people, &members, checks)
    })?;
    let attackers = vec![
        dense.caught("counts through numbers of which each is somebody's")?,
        sparse.caught("counts through numbers with gaps")?,
        guesser.caught("guesses ids of files")?,
    ];
    let mut played = Played::new(drill, scene.files, attackers, checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// Counts up and asks for each number; returns how many were nobody's, the refused one included.
/// By the number it is known which application a file is, and so the chamber.
fn walk(thief: &mut Thief<'_>, system: &str, gap: u32, members: &mut Chambers) -> Outcome<u64> {
    let (mut misses, mut refused) = (0, false);
    thief.until_stopped(FIRST.., Duration::ZERO, |thief, number| {
        let system = super::alles_laegehus::encoded(system);
        let came = thief.look_up(&format!("identifier={system}%7C{number}"))?;
        misses += u64::from(came == Came::Nobody || came == Came::Refused && !refused);
        refused |= came == Came::Refused;
        for file in thief.held.files().keys() {
            let chamber = || chamber((number - FIRST) / gap);
            members.entry(file.clone()).or_insert_with(chamber);
        }
        Ok(came)
    })?;
    Ok(misses)
}

fn chamber(number: u32) -> &'static str {
    CHAMBERS[number as usize % CHAMBERS.len()]
}

/// One application, as an application portal would keep it.
fn application(number: u32) -> String {
    let families = ["Lindqvist", "Obermeier", "Kowalczyk", "Thorvaldsen", "Achterberg"];
    let family = families[number as usize % families.len()];
    let year = 1950 + number % 50;
    let identifier =
        |system: &str, value: u32| json!({"system": system, "value": value.to_string()});
    let patient = json!({
        "resourceType": "Patient",
        "identifier": [
            identifier(DENSE, FIRST + number),
            identifier(SPARSE, FIRST + GAP * number),
            {"system": "https://example.org/identity-document", "value": format!("L{number:08}X")},
        ],
        "name": [{"family": family, "given": [format!("Applicant{number}")]}],
        "telecom": [{"system": "email", "value": format!("applicant{number}@example.org")}],
        "address": [{"line": [format!("Kammerweg {number}")], "city": "Beispielstadt",
                     "postalCode": format!("{:05}", 10_000 + number % 80_000), "country": "DE"}],
        "contact": [{
            "relationship": [{
                "coding": [{"system": "urn:cofferdam:contact", "code": "association"}],
            }],
            "organization": {"display": chamber(number)},
        }],
        "birthDate": format!("{year}-05-{:02}", 1 + number % 28),
    });
    let entry = json!({
        "fullUrl": format!("urn:uuid:00000000-0000-4000-8000-{number:012}"),
        "resource": patient,
        "request": {"method": "POST", "url": "Patient"},
    });
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).to_string()
}
