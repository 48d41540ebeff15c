//! Whom and what an entry is about.

use ledger::entry::{Act, HoldOn, Subject};
use terms::{Blind, CardId, PracticeId, ServerId};

/// Every file in an entry, and the card, practice and server that it names.
pub(crate) struct About {
    pub(crate) files: Vec<Blind>,
    pub(crate) card: Option<CardId>,
    pub(crate) practice: Option<PracticeId>,
    pub(crate) server: Option<ServerId>,
}

impl About {
    pub(crate) fn of(act: &Act) -> About {
        let no = Vec::new;
        let (files, card, practice, server) = match act {
            Act::Began(a) => (vec![a.directory], None, None, None),
            Act::PracticeRegistered(a) => (no(), a.by.first().copied(), Some(a.practice), None),
            Act::CardIssued(a) => (Vec::from_iter(a.file), Some(a.card), Some(a.practice), None),
            Act::CardRevoked(a) => (no(), Some(a.card), None, None),
            Act::SessionStarted(a) => (no(), Some(a.card), None, Some(a.server)),
            Act::Opened(a) => (vec![a.file], Some(a.card), Some(a.practice), Some(a.server)),
            Act::OpenedByJob(a) => (vec![a.file], Some(a.card), Some(a.practice), Some(a.server)),
            Act::JobApproved(a) => (no(), Some(a.card), None, None),
            Act::Refused(a) => (Vec::from_iter(a.file), a.card, None, Some(a.server)),
            Act::Found(a) => {
                let files = a.shown.iter().chain(&a.told).copied().collect();
                (files, Some(a.card), Some(a.practice), Some(a.server))
            }
            Act::FileCreated(a) => (vec![a.file], None, Some(a.practice), None),
            Act::Deposited(a) | Act::Abandoned(a) => {
                (vec![a.file], Some(a.card), Some(a.practice), Some(a.server))
            }
            Act::Related(a) => (vec![a.file], Some(a.by), Some(a.practice), None),
            Act::ListApproved(a) => (no(), a.by.first().copied(), Some(a.practice), None),
            Act::Stepped(a) => (no(), Some(a.card), None, None),
            Act::Confirmed(a) => (vec![a.file], Some(a.card), None, None),
            Act::CodesIssued(a) => (vec![a.file], a.by.first().copied(), None, None),
            Act::Frozen(a) => subject(&a.subject),
            Act::Unfrozen(a) => subject(&a.subject),
            Act::Consented(a) => (vec![a.file], Some(a.by), None, None),
            Act::Marked(a) => (vec![a.file], a.by.first().copied(), None, None),
            Act::Erased(a) => (vec![a.file], a.by.first().copied(), None, None),
            Act::Held(a) => match a.on {
                HoldOn::File(file) => (vec![file], a.by.first().copied(), None, None),
                HoldOn::Practice(one) => (no(), a.by.first().copied(), Some(one), None),
            },
            Act::SessionEnded(_) | Act::EpochBegan(_) => (no(), None, None, None),
        };
        About { files, card, practice, server }
    }
}

type Parts = (Vec<Blind>, Option<CardId>, Option<PracticeId>, Option<ServerId>);

fn subject(subject: &Subject) -> Parts {
    match *subject {
        Subject::Card(card) => (Vec::new(), Some(card), None, None),
        Subject::Practice(practice) => (Vec::new(), None, Some(practice), None),
        Subject::Server(server) => (Vec::new(), None, None, Some(server)),
    }
}
