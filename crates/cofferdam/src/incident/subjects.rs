//! Whether what an exposure asks about is there at all: of a mistyped card the ledger says nothing
//! either, and from nothing a filing would deny that anybody was affected.

use crate::failure::{Failure, Outcome};
use crate::report::{Asker, Line, Piece, fold};
use ::incident::Scope;
use keyproto::message::Question;
use ledger::entry::Act;
use terms::{CardId, FileId, Role};

/// Why an exposure of this scope that lists nobody denies nothing; what the ledger does not know is
/// not there.
pub(crate) fn doubts(asker: &mut Asker, scope: &Scope) -> Outcome<Vec<String>> {
    let mut doubts = Vec::new();
    if let Some(server) = scope.server {
        // That somebody froze it by a mistyped name makes it no server.
        let of = Question { server: Some(server), ..everything() };
        exists(asker, of, "server", &|act| !matches!(act, Act::Frozen(_) | Act::Unfrozen(_)))?;
        doubts.push(
            "Reports that officers asked for pass through a server, and the ledger has no entries \
             of them."
                .to_owned(),
        );
    }
    if let Some(practice) = scope.practice {
        let of = Question { practice: Some(practice), ..everything() };
        let acts = exists(asker, of, "practice", &|act| {
            matches!(act, Act::PracticeRegistered(_) | Act::CardIssued(_))
        })?;
        doubts.extend(officers(&acts));
    }
    let card = match (scope.card, scope.session) {
        (Some(card), _) => Some(card),
        (None, Some(session)) => {
            let acts = exists(
                asker,
                everything(),
                "session",
                &|act| matches!(act, Act::SessionStarted(started) if started.session == session),
            )?;
            acts.iter().find_map(started_by)
        }
        (None, None) => None,
    };
    if let Some(card) = card {
        let of = Question { card: Some(card), ..everything() };
        let acts = exists(asker, of, "card", &|act| matches!(act, Act::CardIssued(_)))?;
        doubts.extend(officers(&acts));
    }
    doubts.dedup();
    Ok(doubts)
}

/// Refuses a file that never was: whatever is in one was deposited once.
pub(crate) fn known_file(asker: &mut Asker, file: FileId) -> Outcome {
    let question = Question { file: Some(file), ..Question::default() };
    match fold(asker, &question, &mut |_| Ok(()))?.lines {
        0 => Err(Failure::NotThere(format!("the ledger knows no file {file}"))),
        _ => Ok(()),
    }
}

/// The acts of this kind that the ledger has; without any, what was asked about is not there.
fn exists(
    asker: &mut Asker,
    question: Question,
    what: &str,
    is_wanted: &dyn Fn(&Act) -> bool,
) -> Outcome<Vec<Act>> {
    let (mut acts, mut any) = (Vec::new(), false);
    fold(asker, &question, &mut |piece| {
        if let Piece::Line(line) = piece {
            let act = Line::of(line)?.entry.act;
            if is_wanted(&act) {
                any = true;
                if matches!(act, Act::CardIssued(_) | Act::SessionStarted(_)) {
                    acts.push(act);
                }
            }
        }
        Ok(())
    })?;
    if any {
        return Ok(acts);
    }
    Err(Failure::NotThere(format!(
        "the ledger knows no such {what}: `cofferdam card list` and `cofferdam ledger show` name \
         what there is"
    )))
}

fn everything() -> Question {
    Question { everything: true, ..Question::default() }
}

fn started_by(act: &Act) -> Option<CardId> {
    match act {
        Act::SessionStarted(started) => Some(started.card),
        _ => None,
    }
}

/// A sentence, if one of these cards is an officer's.
fn officers(acts: &[Act]) -> Option<String> {
    let is_officer =
        |act: &Act| matches!(act, Act::CardIssued(issued) if issued.role == Role::Officer);
    acts.iter().any(is_officer).then(|| {
        "An officer's card asks for reports, which tell who opened what, when and why; the ledger \
         has no entries of them."
            .to_owned()
    })
}
