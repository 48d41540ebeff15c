//! Proofs of the job's card: a session that is begun anew where it is about to end.

use crate::client::now;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::import::sign_in_with;
use cards::{Card, Device};
use export::Signer;
use keyproto::statement::ProofClaims;
use record::{KeyholderError, Records};
use std::sync::{Mutex, PoisonError};
use terms::{Duration, SESSION_HOURS_MAX, SessionId, Time};

/// How long before its end a session is left for a new one.
const EARLY: Duration = Duration::from_hours(1);

pub(super) struct Running<'a> {
    records: &'a Records,
    config: &'a Config,
    card: &'a Card,
    device: Device,
    session: Mutex<(SessionId, Time)>,
}

impl<'a> Running<'a> {
    pub(super) fn begin(
        records: &'a Records,
        config: &'a Config,
        card: &'a Card,
    ) -> Outcome<Running<'a>> {
        let device = Device::make().map_err(Failure::world("the device key"))?;
        let session = sign_in_with(records, config, card, &device)?;
        Ok(Running { records, config, card, device, session: Mutex::new((session, ends())) })
    }

    fn session(&self) -> Result<SessionId, KeyholderError> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if session.1 < now() {
            let begun = sign_in_with(self.records, self.config, self.card, &self.device);
            let begun = begun.map_err(|failure| KeyholderError::World(failure.to_string()))?;
            *session = (begun, ends());
        }
        Ok(session.0)
    }
}

/// When to begin another one.
fn ends() -> Time {
    now() + Duration::from_hours(SESSION_HOURS_MAX) - EARLY
}

impl Signer for Running<'_> {
    fn prove(
        &self,
        method: &str,
        url: &str,
        nonce: &str,
        claims: ProofClaims,
    ) -> Result<(SessionId, String), KeyholderError> {
        let session = self.session()?;
        let proof = self.device.prove(method, url, None, Some(nonce), now(), claims);
        let failed = |error: cards::KeyError| KeyholderError::World(error.to_string());
        Ok((session, proof.map_err(failed)?))
    }
}
