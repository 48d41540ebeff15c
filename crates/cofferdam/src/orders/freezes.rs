//! `cofferdam freeze` and `unfreeze`, and who is frozen by what the ledger says.

use super::{done, one, two};
use crate::cli::{FreezeArguments, SubjectArguments, UnfreezeArguments};
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::ledger_command;
use crate::report::Line;
use keyproto::statement::{Order, SubjectName};
use ledger::entry::{Act, Subject};
use std::collections::HashMap;

/// `cofferdam freeze`. The machine may have been quicker: then there is nothing to order.
pub(crate) fn freeze(home: &Home, arguments: &FreezeArguments, json: bool) -> Outcome {
    let (name, subject) = subject(&arguments.subject)?;
    let officer = &arguments.officer;
    let order = Order::Freeze { subject: name, reason: arguments.reason.clone() };
    let refused = match one(home, officer, &order, json, "frozen") {
        Err(Failure::Refused(refused)) => refused,
        other => return other,
    };
    let Ok(reported) = ledger_command::fetch(home, &officer.officer) else {
        return Err(Failure::Refused(refused));
    };
    match Freezes::of(&reported.lines).of_subject(subject) {
        Some((entry, since)) => done(entry, json, &format!("frozen already, since {since}")),
        None => Err(Failure::Refused(refused)),
    }
}

/// `cofferdam unfreeze`.
pub(crate) fn unfreeze(home: &Home, arguments: &UnfreezeArguments, json: bool) -> Outcome {
    let (name, _) = subject(&arguments.subject)?;
    let order = Order::Unfreeze { subject: name, reason: arguments.reason.clone() };
    two(home, &arguments.officers, &order, json, "free again")
}

fn subject(arguments: &SubjectArguments) -> Outcome<(SubjectName, Subject)> {
    match (arguments.card, arguments.practice, arguments.server) {
        (Some(card), None, None) => Ok((SubjectName::Card(card), Subject::Card(card))),
        (None, Some(practice), None) => {
            Ok((SubjectName::Practice(practice), Subject::Practice(practice)))
        }
        (None, None, Some(server)) => Ok((SubjectName::Server(server), Subject::Server(server))),
        _ => Err(Failure::Asked("name one of --card, --practice and --server".into())),
    }
}

/// Who is frozen now: the entry that froze it, and since when.
pub(super) struct Freezes(HashMap<Subject, (u64, String)>);

impl Freezes {
    pub(super) fn of(lines: &[Line]) -> Freezes {
        let mut now = HashMap::new();
        for line in lines {
            match &line.entry.act {
                Act::Frozen(frozen) => {
                    now.insert(frozen.subject, (line.number, line.entry.at.to_string()));
                }
                Act::Unfrozen(unfrozen) => {
                    now.remove(&unfrozen.subject);
                }
                _ => {}
            }
        }
        Freezes(now)
    }

    pub(super) fn of_subject(&self, subject: Subject) -> Option<(u64, &str)> {
        self.0.get(&subject).map(|(entry, since)| (*entry, since.as_str()))
    }
}
