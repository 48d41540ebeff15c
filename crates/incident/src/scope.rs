//! What an incident is about: a card, a practice, a server, a span of time.

use crate::text;
use ledger::entry::{Act, Opened};
use serde::{Deserialize, Serialize};
use terms::{CardId, Duration, Grade, PracticeId, RelationClass, ServerId, SessionId, Time};

/// How long keys that a server was given before may still be in its memory: a file stays open so
/// long at most (`web::Bounds`).
pub const OPEN_HOURS_MAX: u64 = 4;

/// What is asked about. All that is left out is not narrowed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// What this card did.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// What cards of this practice did.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeId>,
    /// What went through this server.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerId>,
    /// What this session, and so one device, did.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// What rested on a relation of this class.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub class: Option<RelationClass>,
    /// What was explained so.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// Not before.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Before.
    #[serde(default, with = "text::option", skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
    /// A copy that was stolen, instead of all that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<StolenCopy>,
}

/// A copy of store and keyholder's folder, such as a backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StolenCopy {
    /// How many entries the ledger had when it was made: what came later is not in it.
    pub entries: u64,
    /// Whether the root key's passphrase, or the HSM, went with it.
    pub with_root_key: bool,
}

impl Scope {
    /// From when on the ledger is read: what was opened shortly before the beginning can be read on
    /// without an entry.
    pub fn read_from(&self) -> Option<Time> {
        self.from.map(|from| from - Duration::from_hours(OPEN_HOURS_MAX))
    }

    /// Whether this is before the beginning.
    pub fn is_before(&self, at: Time) -> bool {
        self.from.is_some_and(|from| at < from)
    }

    /// Whether whoever this is about has what was open at the beginning: a server has it in its
    /// memory, a session by its device. A card signs in anew, and reads nothing of it.
    pub fn has_what_was_open(&self) -> bool {
        self.server.is_some() || self.session.is_some()
    }

    /// Whether deposits count too: what was deposited passed through a server in plaintext, and
    /// through nothing else that can be taken over.
    pub fn counts_passing(&self) -> bool {
        self.server.is_some() && self.session.is_none()
    }

    /// Whether this entry is within it, as far as the keyholder does not choose by it. Of what was
    /// before the beginning only openings count: nothing else is still in a server's memory.
    pub fn includes(&self, at: Time, act: &Act) -> bool {
        let is_before = self.is_before(at);
        match act {
            Act::Found(_) | Act::Deposited(_) | Act::Abandoned(_) if is_before => false,
            Act::Opened(_) | Act::OpenedByJob(_) if is_before && !self.has_what_was_open() => false,
            Act::Opened(opened) => self.includes_opening(opened),
            Act::OpenedByJob(opened) => {
                self.class.is_none()
                    && self.grade.is_none()
                    && self.session.is_none_or(|session| session == opened.session)
            }
            Act::Found(found) => {
                self.class.is_none()
                    && self.grade.is_none()
                    && self.session.is_none_or(|session| session == found.session)
            }
            Act::Deposited(_) | Act::Abandoned(_) => {
                self.counts_passing() && self.class.is_none() && self.grade.is_none()
            }
            _ => false,
        }
    }

    /// Whether this entry opened a file that may still have been open at the beginning, and that
    /// nobody can say was read since.
    pub(crate) fn leaves_open(&self, at: Time, act: &Act) -> bool {
        let Act::Opened(opened) = act else { return false };
        self.is_before(at) && !self.has_what_was_open() && self.includes_opening(opened)
    }

    fn includes_opening(&self, opened: &Opened) -> bool {
        self.session.is_none_or(|session| session == opened.session)
            && self.class.is_none_or(|class| class == opened.class)
            && self.grade.is_none_or(|grade| grade == opened.grade)
    }
}
