//! `cofferdam incident exposure`: from what it is about to who was affected.

use super::told;
use crate::cli::{ExposureArguments, ScopeArguments};
use crate::client::now;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::ledger_command;
use crate::report::{Line, Piece, fold, instant, sign_in};
use ::incident::{Fold, Scope, StolenCopy};
use keyproto::message::Question;
use std::path::Path;

pub(super) fn expose(home: &Home, arguments: &ExposureArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    let scope = scope(home, &arguments.scope)?;
    let exposure = of(home, &arguments.card, scope, folder.next_version()?)?;
    folder.keep(&exposure)?;
    told::exposure(&folder, &exposure, json);
    Ok(())
}

/// Asks the ledger, and folds what it says.
pub(crate) fn of(
    home: &Home,
    card: &str,
    scope: Scope,
    version: u32,
) -> Outcome<::incident::Exposure> {
    let question = question(&scope);
    let mut folded = Fold::new(scope);
    let verified = fold(&mut sign_in(home, card)?, &question, &mut |piece| {
        if let Piece::Line(line) = piece {
            folded.add(&Line::of(line)?.into_plain());
        }
        Ok(())
    })?;
    Ok(folded.finish(version, now(), verified.notes()))
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
    Ok(scope)
}

/// A copy is told by how far its ledger goes, which must be the beginning of ours.
fn copy(home: &Home, place: &str, with_root_key: bool) -> Outcome<StolenCopy> {
    let verifier = ledger_command::verifier(home, None)?;
    let ledger = match place {
        "store" => home.ledger(),
        folder => Home::at(Path::new(folder)).ledger(),
    };
    let entries = ledger_command::whole(&ledger, &verifier, &[])?.head.size;
    Ok(StolenCopy { entries, with_root_key })
}
