//! An old backup of the keys, tried with everything that could open it.

use super::aftermath::{After, Taken};
use super::scan::{Found, People};
use super::scene::{Beside, Context, LOG, Scene, copy, moment};
use crate::client::SignedInCard;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::serve::{self, Running};
use crate::{backup, demo, ledger_command};
use ::drill::holdings::Holdings;
use ::drill::incident::Drill;
use ::drill::played::{Attacker, Check, Kind, Played};
use keyproto::message::Question;
use std::time::Duration;
use terms::FileId;
use zeroize::Zeroizing;

/// Passphrases that somebody would try first.
const GUESSES: [&str; 4] = ["", "passphrase", "cofferdam", "harbour practice"];

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let people = 60;
    let mut scene = Scene::with_people(context, drill.name, people)?;
    let mut wanted = People::new();
    (0..people).for_each(|number| wanted.add(&scene.person(number)));
    let since = moment();
    let old = Beside::place(&scene, "backup");
    backup::make(&scene.stage.home, &old.0)?;
    let mut found = Found::default();
    wanted.search_below(old.0.path(), &mut found)?;
    let file = scene.stolen_ids()?[0];
    scene.stage.stop();
    scene.stage.command(&["keys", "rotate"])?;

    let mut held = found.holdings();
    let mut checks =
        vec![Check::at_most("persons in the backup as it lies there", held.persons(), 0)];
    let mut tries = 1;
    let mut attempt = |what: &str, replaced: &[&str], passphrase: Option<&str>| {
        tries += 1;
        let (came, said) = tried(&scene, &old.0, replaced, passphrase, file)?;
        held.join(&came);
        let held = came.persons() == 0;
        checks.push(Check::holds(Kind::HardBound, what.to_owned(), said, held));
        Ok::<_, Failure>(())
    };
    let (table, ledger) = ("keyholder/keys.db", "keyholder/ledger");
    attempt("the old key table with today's keys and passphrase is refused", &[table], None)?;
    let both = [table, ledger, "keyholder/state", "store"];
    attempt("the old table, ledger and store with today's keys are refused", &both, None)?;
    let everything = ["keyholder", "store"];
    for guess in GUESSES {
        let what = format!("the whole backup with the guessed passphrase `{guess}` is refused");
        attempt(&what, &everything, Some(guess))?;
    }
    scene.stage.restart()?;
    let card = SignedInCard::anew(&scene.stage.home, &scene.stage.config, &scene.card("doctor-1")?);
    let mut card = card?;
    let works = demo::find(&mut card, &scene.person(3)).is_ok();
    let question = Question { from: Some(since), ..Question::default() };
    let mut listed = scene.listed(&question)?;
    checks.push(Check::holds(
        Kind::SelfTest,
        "the real system opens with the keys that were made anew",
        if works { "a patient is found" } else { "nothing is found" },
        works,
    ));
    let entries = copied_entries(&old.0)?;
    let taken = [Taken::copied("a backup from before the rotation", entries, &held)];
    let (title, country) = ("A backup was stolen", "DK");
    let after = After { title, country, forms: &["edpb"], since, taken: &taken };
    after.follow(&scene, &mut checks)?;
    // What its own doctor just looked up is no thief's.
    let own = Question { card: Some(scene.card("doctor-1")?.identity().card), ..question };
    let by_doctor = scene.listed(&own)?;
    listed = without(&listed, &by_doctor);
    let attacker = Attacker::new("a backup from before the rotation", tries, &held, &listed);
    let attacker = attacker.stopped(None, "the key of the old epoch is destroyed");
    let mut played = Played::new(drill, scene.files, vec![attacker], checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// How many entries the ledger in a copy has.
pub(super) fn copied_entries(copy: &Home) -> Outcome<u64> {
    let verifier = ledger_command::verifier(copy, None)?;
    Ok(ledger_command::whole(&copy.ledger(), &verifier, &[])?.head.size)
}

/// Puts old parts in the place of today's, starts a keyholder, and opens a file if it starts.
fn tried(
    scene: &Scene,
    old: &Home,
    replaced: &[&str],
    passphrase: Option<&str>,
    file: FileId,
) -> Outcome<(Holdings, String)> {
    let forged = Beside::place(scene, "forged");
    let home = &forged.0;
    copy(scene.stage.home.path(), home.path())?;
    for name in replaced {
        let place = home.path().join(name);
        let _ = std::fs::remove_file(&place).or_else(|_| std::fs::remove_dir_all(&place));
        let from = old.path().join(name);
        match *name {
            // A backup keeps the store as one file, and a running system as a folder.
            "store" => {
                Home::make(&place)?;
                copy(&from, &place.join("store.db"))?;
            }
            _ if from.exists() => copy(&from, &place)?,
            _ => {}
        }
    }
    let config = Config::read(home)?;
    let passphrase = match passphrase {
        Some(guess) => Zeroizing::new(guess.to_owned()),
        None => serve::passphrase(home, &config)?,
    };
    let log = home.path().join(LOG);
    let _ = std::fs::remove_file(&log);
    let runtime = serve::runtime()?;
    let started = runtime.block_on(Running::start(home, passphrase, Some(&log)));
    let mut held = Holdings::new();
    let Ok(mut running) = started else { return Ok((held, last_line(&log))) };
    let read = || {
        let mut thief = SignedInCard::anew(home, &config, &demo::unlock(home, "doctor-2")?)?;
        let path = format!("/fhir/Patient/{file}/$everything");
        let claims = || keyproto::statement::ProofClaims { file: Some(file), ..Default::default() };
        let ask = crate::client::Ask { method: "GET", path: &path, headers: &[], body: &[] };
        thief.send(&ask, &claims)
    };
    let said = match read() {
        Ok(answer) => {
            held.read(&answer.body);
            format!("it started, and the file was answered {}", answer.status)
        }
        Err(failure) => format!("it started, and {failure}"),
    };
    runtime.block_on(running.stop());
    std::thread::sleep(Duration::from_millis(50));
    Ok((held, said))
}

/// The last thing that a process said.
pub(super) fn last_line(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let last = text.lines().rev().find(|line| line.starts_with("cofferdam: "));
    last.or(text.lines().last()).unwrap_or("nothing").trim_start_matches("cofferdam: ").to_owned()
}

/// What is in the one and not in the other.
fn without(all: &Holdings, some: &Holdings) -> Holdings {
    let mut left = Holdings::new();
    for (file, sections) in all.files() {
        let taken = some.files().get(file).copied().unwrap_or_default();
        left.add(file, sections.without(taken));
    }
    left
}
