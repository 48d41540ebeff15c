//! The hours after an attack: an incident, and whether its exposures are what the attackers hold.

use super::scene::Scene;
use super::thief::Thief;
use crate::client::now;
use crate::failure::Outcome;
use crate::incident;
use ::drill::holdings::Holdings;
use ::drill::played::{Check, Kind};
use ::incident::{Folder, Incident, Scope, Source, StolenCopy};

/// The officer's card that asks.
const OFFICER: &str = "officer-1";

/// What one attacker took, and what the incident is asked about it.
pub(super) struct Taken<'a> {
    who: &'a str,
    scope: Scope,
    held: &'a Holdings,
}

impl<'a> Taken<'a> {
    /// By a stolen card.
    pub(super) fn by(who: &'a str, thief: &'a Thief<'_>) -> Taken<'a> {
        let scope = Scope { card: Some(thief.id()), ..Scope::default() };
        Taken { who, scope, held: &thief.held }
    }

    /// From a copy with so many entries of the ledger, without the root key.
    pub(super) fn copied(who: &'a str, entries: u64, held: &'a Holdings) -> Taken<'a> {
        let copy = Some(StolenCopy { entries, with_root_key: false });
        Taken { who, scope: Scope { copy, ..Scope::default() }, held }
    }
}

/// Opens an incident, asks the ledger about each attacker, and holds what it says against what
/// they hold.
pub(super) fn follow(
    scene: &Scene,
    title: &str,
    taken: &[Taken<'_>],
    checks: &mut Vec<Check>,
) -> Outcome {
    let home = &scene.stage.home;
    scene.sign_in_officer()?;
    let (at, title) = (now(), title.to_owned());
    let incident = |id| Incident {
        id,
        title: title.clone(),
        opened: at,
        aware: at,
        source: Source::Hand,
        reference: None,
    };
    let folder = Folder::create(&home.incidents(), incident, at)?;
    for one in taken {
        scene.go_on()?;
        let exposure = incident::of(home, OFFICER, one.scope.clone(), folder.next_version()?)?;
        folder.keep(&exposure)?;
        let mut exposed = Holdings::new();
        for person in &exposure.persons {
            exposed.add(&person.file.to_string(), person.read.union(person.passed));
        }
        let what = format!("the incident's exposure is what was taken: {}", one.who);
        let found = format!("{} persons exposed, {} taken", exposed.persons(), one.held.persons());
        let exact = exposed.agreement(one.held).is_exact();
        checks.push(Check::holds(Kind::ExactList, what, found, exact));
    }
    Ok(())
}
