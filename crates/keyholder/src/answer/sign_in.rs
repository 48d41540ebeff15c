//! A card signs in.

use super::{Answered, Asking, Forwarded, No};
use crate::clock::now;
use crate::random::random;
use decision::{Event, SignIn, Verdict};
use keyproto::Answer;
use keyproto::message;
use keyproto::statement::{SignedIn, UnverifiedSignIn};
use ledger::Files;
use terms::{CardId, SessionId};

impl<F: Files> Asking<'_, F> {
    /// The card's statement with the card's key, the device's proof with the key it brings.
    pub(super) fn sign_in(&self, sign_in: message::SignIn) -> Answered {
        let message::SignIn { assertion, proof, url } = sign_in;
        let signed = match self.card_statement(&assertion, &url)? {
            Ok(signed) => signed,
            Err(card) => return Err(self.unverified(None, card, None, &assertion)),
        };
        let session = random().map(SessionId::from_bytes)?;
        let asked =
            self.verified(Forwarded { session, proof, method: "POST".into(), url }, None)?;
        let decided = self.decide(Event::SignIn(SignIn { signed, asked }))?;
        match &decided.verdict {
            Verdict::SignedIn(view) => Ok(Answer::SignedIn(self.session(view)?)),
            _ => Err(self.otherwise(&decided, None)),
        }
    }

    /// The verified statement, or the card that a false one named.
    fn card_statement(
        &self,
        assertion: &str,
        url: &str,
    ) -> Result<Result<SignedIn, Option<CardId>>, No> {
        let Ok(parsed) = UnverifiedSignIn::parse(assertion) else { return Ok(Err(None)) };
        let card = parsed.card();
        let key = self.shared.mind()?.core.state().card_key(card).cloned();
        let Some(key) = key else { return Ok(Err(Some(card))) };
        Ok(parsed.verify(&key, url, now()).map_err(|_| Some(card)))
    }
}
