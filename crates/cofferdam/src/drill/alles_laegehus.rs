//! Store, backup, ledger and logs stolen as they lie there; and clinicians' cards that read master
//! data in bulk.

use super::aftermath::{After, Taken};
use super::bounds;
use super::old_backup::copied_entries;
use super::scan::{Found, People};
use super::scene::{Beside, Context, SEED, Scene, copy, moment};
use super::thief::Thief;
use crate::client::now;
use crate::failure::Outcome;
use crate::{backup, demo};
use ::drill::holdings::Holdings;
use ::drill::incident::Drill;
use ::drill::played::{Attacker, Check, Kind, Played, grouped};
use ::drill::population::{Richness, plant};
use keyproto::message::Question;
use std::time::Duration;

/// How many records hold a marker in every kind of field, and what all of them begin with.
const MARKED: u32 = 20;
const MARKER: &str = "qzvxkwjdrill";
/// What lies in the data folder on the server's disk: all but passphrase and cards.
const ON_DISK: &[&str] =
    &["store", "keyholder", "tls", "cofferdam.toml", "ledger.vkey", super::scene::LOG];

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let people = context.pick(300, 130_000);
    let mut scene = Scene::new(context, drill.name)?;
    let (mut wanted, mut in_clear) = (People::new(), Found::default());
    wanted.add_text(MARKER, people);
    let population = demo::population(SEED, people).with_richness(Richness::Thin);
    population.people().for_each(|person| wanted.add(&person));
    let mut markers = (0..).map(|number| format!("{MARKER}{number:06}"));
    let mut bundles = population.people().map(|person| {
        let bundle = person.bundle();
        let planted = (person.number() < MARKED).then(|| plant(&bundle, &mut markers));
        let bundle = planted.and_then(Result::ok).map_or(bundle, |planted| planted.bundle);
        if in_clear.files < u64::from(MARKED) {
            in_clear.files += 1;
            wanted.search(bundle.as_bytes(), &mut in_clear.people);
        }
        bundle
    });
    scene.bring_in(people, true, &mut bundles)?;
    drop(bundles);

    let (disk, found, listed, entries) = steal(&scene, &wanted)?;
    let held = found.holdings();
    let who = format!("disk, backup, ledger and logs ({} MB)", grouped(found.bytes >> 20));
    let thief_of_disk = Attacker::new(who, disk, &held, &listed);
    let mut checks = vec![
        Check::at_most("persons in what lies on disk", held.persons(), 0),
        Check::holds(
            Kind::SelfTest,
            "the same search finds people and markers in records that are not sealed",
            format!("{} persons or markers in {MARKED} records", in_clear.people.len()),
            in_clear.people.contains(&people) && in_clear.people.len() as u64 >= in_clear.files,
        ),
    ];
    let mut attackers = vec![thief_of_disk];
    let copied = Taken::copied("disk, backup, ledger and logs", entries, &held);
    master_data(&scene, copied, &mut attackers, &mut checks)?;
    let mut played = Played::new(drill, scene.files, attackers, checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// Takes everything while it is served, and a backup; says what is in it, and what the ledger says.
fn steal(scene: &Scene, wanted: &People) -> Outcome<(u64, Found, Holdings, u64)> {
    let (since, mut found) = (moment(), Found::default());
    let stolen = Beside::place(scene, "stolen");
    crate::home::Home::make(stolen.0.path())?;
    for name in ON_DISK {
        copy(&scene.stage.home.path().join(name), &stolen.0.path().join(name))?;
    }
    let copied = Beside::place(scene, "backup");
    backup::make(&scene.stage.home, &copied.0)?;
    let until = now();
    for folder in [&stolen, &copied] {
        scene.go_on()?;
        wanted.search_below(folder.0.path(), &mut found)?;
    }
    let (from, to) = (Some(since), Some(until));
    let listed = scene.listed(&Question { from, to, ..Question::default() })?;
    Ok((found.files, found, listed, copied_entries(&copied.0)?))
}

/// Reads master data: by the ids that lie in the stolen store, and by names.
fn master_data(
    scene: &Scene,
    copied: Taken<'_>,
    attackers: &mut Vec<Attacker>,
    checks: &mut Vec<Check>,
) -> Outcome {
    let ids = scene.stolen_ids()?;
    let (since, mut thieves) = (moment(), Vec::new());
    for (card, who) in [
        ("receptionist", "a stolen receptionist's card, bulk reading by id"),
        ("doctor-1", "a stolen doctor's card, bulk reading by id"),
    ] {
        let mut thief = Thief::with(scene, card)?;
        thief.take(ids.iter().copied(), Duration::ZERO)?;
        let most = bounds::opened(thief.role(), thief.span());
        checks.push(Check::at_most(format!("files for {who}"), thief.held.persons(), most));
        attackers.push(thief.caught(who)?);
        thieves.push((who, thief));
    }
    let mut thief = Thief::with(scene, "nurse")?;
    let names: Vec<String> = (b'a'..=b'z')
        .flat_map(|first| b"aeiouhjlnrst".iter().map(move |second| (first, *second)))
        .flat_map(|(first, second)| {
            b"nrlstm".iter().map(move |third| {
                [first, second, *third].map(char::from).iter().collect::<String>()
            })
        })
        .collect();
    let families = (0..200).map(|number| scene.person(number).family().to_lowercase());
    let known: Vec<String> = families.map(|name| name.chars().take(4).collect()).collect();
    thief.until_stopped(known.iter().chain(&names), Duration::ZERO, |thief, name| {
        thief.look_up(&format!("name={}", encoded(name)))
    })?;
    let who = "a stolen nurse's card, looking up names";
    let most = bounds::found(thief.span());
    checks.push(Check::at_most(format!("labels for {who}"), thief.held.persons(), most));
    attackers.push(thief.caught(who)?);
    thieves.push((who, thief));
    let mut taken = vec![copied];
    taken.extend(thieves.iter().map(|(who, thief)| Taken::by(who, thief)));
    let (title, country) = ("Stolen disk, stolen cards", "DK");
    let after = After { title, country, forms: &["edpb", "denmark"], since, taken: &taken };
    after.follow(scene, checks)
}

/// As an address has it.
pub(super) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
