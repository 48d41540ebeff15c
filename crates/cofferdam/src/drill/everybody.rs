//! A stolen card reads everybody: at machine speed, paced, and those who are no patients any more.

use super::aftermath::{After, Taken};
use super::bounds;
use super::scene::{Context, SEED, Scene, moment};
use super::thief::Thief;
use crate::failure::{Failure, Outcome};
use crate::{demo, server_process};
use ::drill::incident::Drill;
use ::drill::played::{Check, Kind, Played};
use ::drill::population::{Identifier, Person, Richness};
use keyproto::statement::Order;
use serde_json::json;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use store::Store;
use terms::{FileId, Time};

/// Of 1,060,936 persons 145,000 were patients.
const PATIENTS_PERCENT: u32 = 14;
/// How many files a thief has the ids of, more than it will ever open.
const TARGETS: usize = 2_000;
/// How many old persons' files are past their time.
const GONE: usize = 8;

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let people = context.pick(600, 1_060_936);
    let patients = people * PATIENTS_PERCENT / 100;
    let mut scene = Scene::new(context, drill.name)?;
    let population = demo::population(SEED, people).with_richness(Richness::Thin);
    let mut everybody = population.people();
    let treated = everybody.by_ref().take(patients as usize);
    scene.bring_in(patients, true, &mut treated.map(|person| person.bundle()))?;
    let current = scene.stolen_ids()?;
    scene.bring_in(people - patients, false, &mut everybody.map(|person| tested(&person)))?;
    let known: HashSet<&FileId> = current.iter().collect();
    let all = scene.stolen_ids()?;
    let old: Vec<FileId> = all.into_iter().filter(|id| !known.contains(id)).collect();
    if old.is_empty() {
        return Err(Failure::World("no old persons were brought in".into()));
    }

    let targets = || current.iter().copied().cycle().take(TARGETS.min(current.len()));
    let since = moment();
    let mut burst = Thief::with(&scene, "doctor-1")?;
    burst.take(targets(), Duration::ZERO)?;
    // Slower than the shortest window minds, and as long as the next one lets it.
    let pace = Duration::from_millis(context.pick(2_200, 5_200).into());
    let mut paced = Thief::with(&scene, "doctor-2")?;
    paced.take(targets(), pace)?;
    let (gone, old) = old.split_at(GONE.min(old.len()));
    let mut late = Thief::with(&scene, "receptionist")?;
    gone.iter().try_for_each(|file| erase(&scene, *file))?;
    late.take(gone.iter().copied(), Duration::ZERO)?;
    let mut strangers = Thief::with(&scene, "nurse")?;
    strangers.take(old.iter().copied().take(TARGETS), Duration::ZERO)?;

    let mut checks = Vec::new();
    for (who, thief) in [("at machine speed", &burst), ("paced", &paced)] {
        let most = bounds::opened(thief.role(), thief.span());
        checks.push(Check::at_most(
            format!("files a card opens {who}"),
            thief.held.persons(),
            most,
        ));
        let what = format!("the thief is stopped ({who})");
        checks.push(Check::holds(Kind::HardBound, what, stopped(thief), thief.is_stopped()));
    }
    // For two weeks what a practice brought in itself counts as in contact with it.
    let most = bounds::opened(strangers.role(), strangers.span());
    let held = strangers.held.persons();
    checks.push(Check::at_most("files of old persons a card opens", held, most));
    let held = late.held.persons();
    checks.push(Check::at_most("old persons whose files are erased", held, 0));
    follow(&scene, since, [&burst, &paced, &strangers, &late], &mut checks)?;
    let asked = Instant::now();
    let attackers = vec![
        burst.caught("a stolen doctor's card, at machine speed")?,
        paced.caught("a stolen doctor's card, one file every few seconds")?,
        strangers.caught("a stolen nurse's card, at old persons' files")?,
        late.caught("a stolen receptionist's card, at old persons' files that are erased")?,
    ];
    let took = asked.elapsed().as_secs_f64();
    let what = "the lists of the affected, of all of them, are there at once (within 60 s)";
    checks.push(Check::holds(Kind::ExactList, what, format!("{took:.2} s"), took < 60.0));
    let mut played = Played::new(drill, scene.files, attackers, checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// An incident about all four thieves.
fn follow(
    scene: &Scene,
    since: Time,
    [burst, paced, strangers, late]: [&Thief<'_>; 4],
    checks: &mut Vec<Check>,
) -> Outcome {
    let taken = [
        Taken::by("at machine speed", burst),
        Taken::by("paced", paced),
        Taken::by("old persons", strangers),
        Taken::by("erased files", late),
    ];
    let after = After {
        title: "Stolen cards read files in bulk",
        country: "US",
        forms: &["hhs", "maine"],
        since,
        taken: &taken,
    };
    after.follow(scene, checks)
}

/// What is kept of somebody who came for a test once.
fn tested(person: &Person) -> String {
    let number = person.number();
    let urn = |part: u32| format!("urn:uuid:00000000-0000-4000-8{part:03}-{number:012}");
    let identifier = |of: &Identifier| json!({"system": of.system.as_ref(), "value": of.value});
    let address = person.address();
    let patient = json!({
        "resourceType": "Patient",
        "identifier": [identifier(person.national()), identifier(person.chart())],
        "name": [{"family": person.family(), "given": person.given()}],
        "telecom": [{"system": "phone", "value": person.phone()}],
        "birthDate": person.birth().to_string(),
        "address": [{"line": [address.line], "city": address.town, "postalCode": address.postcode}],
    });
    let result = if number.is_multiple_of(9) { "detected" } else { "not detected" };
    let test = json!({
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
        "subject": {"reference": urn(0)},
        "effectiveDateTime": "2021-02-11",
        "valueCodeableConcept": {"text": result},
    });
    let entry = |part: u32, resource: serde_json::Value| {
        let request = json!({"method": "POST", "url": resource["resourceType"]});
        json!({"fullUrl": urn(part), "resource": resource, "request": request})
    };
    let entries = [entry(0, patient), entry(1, test)];
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string()
}

/// Two officers end a file whose time is over: its key first, then the sealed bytes.
fn erase(scene: &Scene, file: FileId) -> Outcome {
    scene.order(2, &Order::Erase { file })?;
    let store = server_process::open_store(&scene.stage.home)?;
    store.erase(file).map(drop).map_err(Failure::world("the sealed bytes"))
}

fn stopped(thief: &Thief<'_>) -> &'static str {
    if thief.is_stopped() { "stopped" } else { "still reading" }
}
