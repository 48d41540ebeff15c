//! Look-ups.

use super::{Answered, Asking, Forwarded, No};
use crate::locator;
use decision::{Event, Verdict};
use keyproto::Answer;
use keyproto::message::{self, Find};
use ledger::Files;
use terms::{PracticeId, SessionId};

impl<F: Files> Asking<'_, F> {
    /// The locator answers before the decision, so that misses and hits cost the same.
    pub(super) fn find(&self, find: Find) -> Answered {
        let Find { session, proof, method, url, query } = find;
        let asked = self.verified(Forwarded { session, proof, method, url }, None)?;
        let practice = self.practice(session)?;
        let shared = self.shared;
        let wanted = locator::wanted(&shared.ring.tokens, practice, &query)?;
        let hits = shared.table.find(&shared.ring, practice, &wanted.tokens)?;
        let decided = self.decide(Event::Find { asked, by: wanted.by, hits: hits.files })?;
        let Verdict::Found { shown, told } = decided.verdict else {
            return Err(self.otherwise(&decided, None));
        };
        let shown = shown.into_iter().map(|released| self.release(released));
        let told = told.into_iter().map(|blind| Ok(self.file_key(blind)?.0));
        Ok(Answer::Found(message::Found {
            shown: shown.collect::<Result<_, No>>()?,
            told: told.collect::<Result<_, No>>()?,
            more: hits.more,
        }))
    }

    /// The practice of a session; for none, one that has no patients: the core refuses then.
    pub(super) fn practice(&self, session: SessionId) -> Result<PracticeId, No> {
        let mind = self.shared.mind()?;
        let view = mind.core.state().session(session);
        Ok(view.map_or(PracticeId::from_bytes([0; PracticeId::LENGTH]), |view| view.practice))
    }
}
