//! A curious colleague: files of people who are nobody's patients here, each with an excuse.

use super::aftermath::{After, Taken};
use super::bounds;
use super::scene::{Context, Scene, moment};
use super::thief::Thief;
use crate::failure::Outcome;
use ::drill::incident::Drill;
use ::drill::played::{Check, Kind, Played};
use keyproto::message::Question;
use ledger::entry::Act;
use std::time::Duration;

/// What is written into the field for the reason.
const EXCUSES: [&str; 4] =
    ["found unconscious", "called by the family", "asked by a colleague", "chest pain"];

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let scene = Scene::with_people(context, drill.name, context.pick(120, 1_230))?;
    let ids = scene.stolen_ids()?;
    let mut plain = Thief::with(&scene, "doctor-elsewhere")?;
    plain.take(ids.iter().copied(), Duration::ZERO)?;
    let without_excuse = plain.held.persons();
    let since = moment();
    let mut insider = Thief::with(&scene, "doctor-elsewhere")?;
    let mut taken = Vec::new();
    let with_excuses = ids.iter().copied().zip(EXCUSES.into_iter().cycle());
    insider.until_stopped(with_excuses, Duration::ZERO, |thief, (file, excuse)| {
        let before = thief.held.persons();
        let came = thief.emergency(file, excuse)?;
        // A card that the watch restricted meanwhile is answered, with a summary that is not there.
        if thief.held.persons() > before {
            taken.push(file);
        }
        Ok(came)
    })?;
    let mut reasons = 0;
    for file in &taken {
        let lines = scene.ask(&Question { file: Some(*file), ..Question::default() })?.lines;
        let told = lines.iter().any(|line| match &line.entry.act {
            Act::Opened(opened) => opened.card == insider.id() && opened.reason.is_some(),
            _ => false,
        });
        reasons += u64::from(told);
    }
    let held = insider.held.persons();
    let mut checks = vec![
        Check::at_most("files opened without an excuse", without_excuse, 0),
        Check::at_most("files opened with excuses", held, bounds::emergencies(insider.span())),
        Check::holds(
            Kind::ExactList,
            "what each patient may read of the own file names the colleague and the excuse",
            format!("{reasons} of {held}"),
            reasons == held && held > 0,
        ),
        Check::holds(
            Kind::HardBound,
            "the next excuse is refused",
            format!("{} tries, {held} files", insider.tries),
            insider.is_stopped(),
        ),
    ];
    let taken = [Taken::by("a colleague with excuses", &insider)];
    let after = After {
        title: "Files opened with made-up reasons",
        country: "DK",
        forms: &["edpb", "denmark"],
        since,
        taken: &taken,
    };
    after.follow(&scene, &mut checks)?;
    let attackers = vec![insider.caught("a doctor of another practice, with made-up emergencies")?];
    let mut played = Played::new(drill, scene.files, attackers, checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}
