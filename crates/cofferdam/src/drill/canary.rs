//! The alarm's own test: a canary is opened, and has to be refused before a key leaves.

use super::alles_laegehus::encoded;
use super::scene::{Context, Scene, moment};
use super::thief::{Came, Thief};
use crate::demo;
use crate::failure::Outcome;
use ::drill::incident::Drill;
use ::drill::played::{Check, Kind, Played};
use keyproto::message::Question;
use keyproto::statement::{Mark, Order};
use ledger::entry::{Act, Subject, Why};
use terms::{CardId, FileId, Time};

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let scene = Scene::with_people(context, drill.name, 40)?;
    let config = &scene.stage.config;
    let finder = scene.card("receptionist")?;
    let mut finder = crate::client::SignedInCard::anew(&scene.stage.home, config, &finder)?;
    let canary = demo::find(&mut finder, &scene.person(7))?;
    scene.order(2, &Order::Mark { file: canary, mark: Mark::Canary, set: true })?;
    let others = scene.stolen_ids()?.into_iter().filter(|file| *file != canary);

    let since = moment();
    let mut opener = Thief::with(&scene, "doctor-1")?;
    let targets: Vec<FileId> = others.take(2).chain([canary]).collect();
    opener.take(targets.iter().copied(), std::time::Duration::ZERO)?;
    let after = opener.everything(targets[0])?;
    let mut looker = Thief::with(&scene, "doctor-2")?;
    let national = scene.person(7).national().clone();
    let (system, value) = (encoded(&national.system), encoded(&national.value));
    let looked = looker.look_up(&format!("identifier={system}%7C{value}"))?;

    let name = canary.to_string();
    let kept = |thief: &Thief<'_>| !thief.held.files().contains_key(&name);
    let mut checks = vec![
        Check::holds(
            Kind::SelfTest,
            "opening a canary is stopped before a key leaves",
            if kept(&opener) { "nothing came" } else { "the canary was read" },
            kept(&opener) && opener.is_stopped(),
        ),
        Check::holds(
            Kind::SelfTest,
            "from there on the card opens nothing, not even what it had open",
            format!("{after:?}").to_lowercase(),
            after == Came::Refused,
        ),
        Check::holds(
            Kind::SelfTest,
            "looking a canary up by its number is stopped as well",
            format!("{looked:?}").to_lowercase(),
            looked == Came::Refused && kept(&looker),
        ),
    ];
    for thief in [&opener, &looker] {
        let rang = rang(&scene, thief.id(), since)?;
        checks.push(Check::holds(
            Kind::SelfTest,
            "the ledger says canary and freezes the card, in that order, at once",
            if rang { "refused, then frozen" } else { "silent" },
            rang,
        ));
    }
    let attackers = vec![
        opener.caught("a stolen card that opens two files and then the canary")?,
        looker.caught("a stolen card that looks the canary up by number")?,
    ];
    let mut played = Played::new(drill, scene.files, attackers, checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// Whether a refusal for a canary stands on the ledger, and the card's freeze right after it.
fn rang(scene: &Scene, card: CardId, since: Time) -> Outcome<bool> {
    let question = Question { from: Some(since), everything: true, ..Question::default() };
    let lines = scene.ask(&question)?.lines;
    Ok(lines.windows(2).any(|pair| match (&pair[0].entry.act, &pair[1].entry.act) {
        (Act::Refused(refused), Act::Frozen(frozen)) => {
            refused.why == Why::Canary
                && refused.card == Some(card)
                && frozen.subject == Subject::Card(card)
                && pair[0].number + 1 == pair[1].number
        }
        _ => false,
    }))
}
