//! `cofferdam incident exposure`: from what it is about to who was affected.

use super::{subjects, told};
use crate::cli::{ExposureArguments, ScopeArguments};
use crate::client::now;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::ledger_command;
use crate::report::{Line, Piece, fold, instant, sign_in, span};
use ::incident::{Exposure, Fold, Scope, StolenCopy};
use keyproto::message::Question;
use std::collections::HashMap;
use std::path::Path;
use store::EmbeddedStore;
use terms::FileId;

pub(super) fn expose(home: &Home, arguments: &ExposureArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    let scope = scope(home, &arguments.scope)?;
    let stored = match &arguments.scope.copy {
        Some(place) if arguments.scope.with_root_key => stored(place)?,
        _ => HashMap::new(),
    };
    let version = folder.next_version()?;
    let exposure = of_copy(home, &arguments.card, scope, stored, version)?;
    folder.keep(&exposure)?;
    told::exposure(&folder, &exposure, json);
    Ok(())
}

/// Asks the ledger, and folds what it says.
pub(crate) fn of(home: &Home, card: &str, scope: Scope, version: u32) -> Outcome<Exposure> {
    of_copy(home, card, scope, HashMap::new(), version)
}

/// The same, with where files end in the store of the copy that it is about.
fn of_copy(
    home: &Home,
    card: &str,
    scope: Scope,
    stored: HashMap<FileId, u32>,
    version: u32,
) -> Outcome<Exposure> {
    let question = question(&scope);
    let mut asker = sign_in(home, card)?;
    let mut folded = Fold::new(scope.clone()).with_store(stored);
    let verified = fold(&mut asker, &question, &mut |piece| {
        if let Piece::Line(line) = piece {
            folded.add(&Line::of(line)?.into_plain());
        }
        Ok(())
    })?;
    let mut exposure = folded.finish(version, now(), verified.notes());
    if exposure.persons.is_empty() {
        exposure.doubts.extend(subjects::doubts(&mut asker, &scope)?);
    }
    Ok(exposure)
}

/// What the keyholder is asked; the rest of the scope is chosen among its lines.
fn question(scope: &Scope) -> Question {
    let everything = scope.copy.is_some();
    Question {
        card: scope.card,
        practice: scope.practice,
        server: scope.server,
        from: scope.read_from(),
        to: scope.to,
        everything,
        ..Question::default()
    }
}

fn scope(home: &Home, arguments: &ScopeArguments) -> Outcome<Scope> {
    let scope = Scope {
        card: arguments.by_card,
        practice: arguments.by_practice,
        server: arguments.server,
        session: arguments.session,
        class: arguments.class,
        grade: arguments.grade,
        from: instant(arguments.from.as_deref())?,
        to: instant(arguments.to.as_deref())?,
        copy: arguments
            .copy
            .as_deref()
            .map(|place| copy(home, place, arguments.with_root_key))
            .transpose()?,
    };
    if scope == Scope::default() {
        let text = "say what it is about: --by-card, --by-practice, --server, --session, --from, \
                    --to or --copy";
        return Err(Failure::Asked(text.into()));
    }
    span(scope.from, scope.to)?;
    Ok(scope)
}

/// A copy is told by how far its ledger goes, which must be the beginning of ours.
fn copy(home: &Home, place: &str, with_root_key: bool) -> Outcome<StolenCopy> {
    let verifier = ledger_command::verifier(home, None)?;
    let ledger = match place {
        "store" => home.ledger(),
        folder => Home::at(Path::new(folder)).ledger(),
    };
    if !ledger.join("entries").exists() {
        return Err(Failure::NotThere(format!(
            "{place} has no keyholder/ledger/entries: name the folder of a backup, or `store`"
        )));
    }
    let entries = ledger_command::whole(&ledger, &verifier, &[])?.head.size;
    Ok(StolenCopy { entries, with_root_key })
}

/// Where each file ends in the store of a copy: a backup's, or that of a data folder. The disk
/// itself goes no further than the ledger that is asked.
fn stored(place: &str) -> Outcome<HashMap<FileId, u32>> {
    let store = Home::at(Path::new(place)).store();
    let database = if store.is_dir() { store.join("store.db") } else { store };
    if place == "store" || !database.exists() {
        return Ok(HashMap::new());
    }
    EmbeddedStore::lengths_in_backup(&database).map_err(Failure::world(database.display()))
}
