//! Checkpoints go out to witnesses, and come back cosigned.
//!
//! Trust: whoever carries them can withhold them, and then only emergencies are served; a
//! cosignature that is not of a known witness over this very ledger counts for nothing.

use super::{Answered, Asking, No};
use crate::error::KeyholderError;
use crate::settings::Settings;
use keyproto::Answer;
use ledger::{Files, LogError};
use std::sync::PoisonError;

impl<F: Files> Asking<'_, F> {
    pub(super) fn checkpoint(&self, older: u64) -> Answered {
        let shared = self.shared;
        let note = shared.checkpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if note.is_empty() {
            return Err("no checkpoint yet: ask again in a second".into());
        }
        let head = shared.ring.signer.verifier().verify(note.as_bytes()).map_err(failed)?;
        let proof = shared.log().consistency_proof(older, head.size);
        let proof = proof.map_err(|_| No::from("the ledger was never that long"))?;
        Ok(Answer::Checkpoint(note, proof.into_iter().map(Into::into).collect()))
    }

    pub(super) fn cosigned(&self, note: &str) -> Answered {
        let (shared, settings) = (self.shared, &self.shared.settings);
        let head = shared.ring.signer.verifier().verify(note.as_bytes()).map_err(failed)?;
        if shared.log().root_at(head.size).ok() != Some(head.root) {
            return Err(KeyholderError::Tampered("a checkpoint of another history".into()).into());
        }
        if settings.quorum.witnesses.is_empty()
            || !settings.quorum.verify(note.as_bytes()).map_err(failed)?
        {
            return Err("too few witnesses cosigned it".into());
        }
        crate::files::replace(&settings.path(Settings::COSIGNED), note.as_bytes())?;
        shared.mind()?.core.witnessed(head.size);
        Ok(Answer::Done)
    }
}

fn failed(error: LogError) -> No {
    KeyholderError::from(error).into()
}
