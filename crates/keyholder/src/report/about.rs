//! Whom and what an entry is about.

use ledger::entry::{Act, Subject};
use terms::{Blind, CardId, PracticeId, ServerId};

/// The one file, card, practice and server of an entry, or of a question.
#[derive(Clone, Copy, Default)]
pub(super) struct About {
    pub(super) file: Option<Blind>,
    pub(super) card: Option<CardId>,
    pub(super) practice: Option<PracticeId>,
    pub(super) server: Option<ServerId>,
}

impl About {
    /// Whether an entry is about everything that is asked for.
    pub(super) fn matches(&self, act: &Act) -> bool {
        fn fits<T: PartialEq>(wanted: Option<T>, found: Option<T>) -> bool {
            wanted.is_none() || wanted == found
        }
        let of = About::of(act);
        fits(self.card, of.card)
            && fits(self.practice, of.practice)
            && fits(self.server, of.server)
            && self.file.is_none_or(|file| files(act).contains(&file))
    }

    /// Who did it, and where.
    pub(super) fn of(act: &Act) -> About {
        let none = About::default();
        let (card, practice, server) = match act {
            Act::SessionStarted(a) => (Some(a.card), None, Some(a.server)),
            Act::Opened(a) => (Some(a.card), Some(a.practice), Some(a.server)),
            Act::Refused(a) => (a.card, None, Some(a.server)),
            Act::Found(a) => (Some(a.card), Some(a.practice), Some(a.server)),
            Act::FileCreated(a) => (None, Some(a.practice), None),
            Act::Deposited(a) => (Some(a.card), Some(a.practice), Some(a.server)),
            Act::Related(a) => (Some(a.by), Some(a.practice), None),
            Act::PracticeRegistered(a) => (a.by.first().copied(), Some(a.practice), None),
            Act::CardIssued(a) => (Some(a.card), Some(a.practice), None),
            Act::CardRevoked(a) => (Some(a.card), None, None),
            Act::ListApproved(a) => (a.by.first().copied(), Some(a.practice), None),
            Act::Frozen(a) => return subject(&a.subject),
            Act::Unfrozen(a) => return subject(&a.subject),
            Act::Marked(a) => (a.by.first().copied(), None, None),
            Act::Erased(a) => (a.by.first().copied(), None, None),
            Act::Began(_) | Act::SessionEnded(_) | Act::EpochBegan(_) => (None, None, None),
        };
        About { card, practice, server, ..none }
    }
}

/// Every file in an entry.
pub(super) fn files(act: &Act) -> Vec<Blind> {
    match act {
        Act::Began(a) => vec![a.directory],
        Act::CardIssued(a) => a.file.into_iter().collect(),
        Act::Opened(a) => vec![a.file],
        Act::Refused(a) => a.file.into_iter().collect(),
        Act::Found(a) => a.shown.iter().chain(&a.told).copied().collect(),
        Act::FileCreated(a) => vec![a.file],
        Act::Deposited(a) => vec![a.file],
        Act::Related(a) => vec![a.file],
        Act::Marked(a) => vec![a.file],
        Act::Erased(a) => vec![a.file],
        Act::PracticeRegistered(_)
        | Act::CardRevoked(_)
        | Act::SessionStarted(_)
        | Act::SessionEnded(_)
        | Act::ListApproved(_)
        | Act::Frozen(_)
        | Act::Unfrozen(_)
        | Act::EpochBegan(_) => Vec::new(),
    }
}

fn subject(subject: &Subject) -> About {
    match *subject {
        Subject::Card(card) => About { card: Some(card), ..About::default() },
        Subject::Practice(practice) => About { practice: Some(practice), ..About::default() },
        Subject::Server(server) => About { server: Some(server), ..About::default() },
    }
}
