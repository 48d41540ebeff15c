//! An attacker with a card and its PIN: a client from outside that writes down what it reads.

use super::scene::{Scene, moment};
use crate::client::{Ask, SignedInCard};
use crate::failure::{Failure, Outcome};
use ::drill::holdings::Holdings;
use ::drill::played::Attacker;
use cards::Card;
use keyproto::message::Question;
use keyproto::statement::ProofClaims;
use std::time::{Duration, Instant};
use terms::{CardId, FileId, Purpose, Role, Time};

/// How often in a row it is refused before it gives up.
const GIVES_UP: u32 = 5;

/// A thief at work.
pub(super) struct Thief<'a> {
    scene: &'a Scene,
    card: Card,
    session: SignedInCard,
    pub(super) held: Holdings,
    pub(super) tries: u64,
    since: Time,
    start: Instant,
    last_given: Instant,
    refused: Option<Instant>,
}

/// What came of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// An answer with something in it.
    Something,
    /// An answer that tells of nobody.
    Nobody,
    /// A refusal.
    Refused,
}

impl<'a> Thief<'a> {
    /// Signs in with a card of the staff whose PIN it knows.
    pub(super) fn with(scene: &'a Scene, name: &str) -> Outcome<Thief<'a>> {
        Thief::with_card(scene, scene.card(name)?)
    }

    /// Signs in with this card.
    pub(super) fn with_card(scene: &'a Scene, card: Card) -> Outcome<Thief<'a>> {
        let since = moment();
        let session = SignedInCard::anew(&scene.stage.home, &scene.stage.config, &card)?;
        let start = Instant::now();
        let (held, last_given) = (Holdings::new(), start);
        let (tries, refused) = (0, None);
        Ok(Thief { scene, card, session, held, tries, since, start, last_given, refused })
    }

    /// The stolen card.
    pub(super) fn id(&self) -> CardId {
        self.card.identity().card
    }

    /// What its holder is.
    pub(super) fn role(&self) -> Role {
        self.card.identity().role
    }

    /// From its first request until the last that told it something.
    pub(super) fn span(&self) -> Duration {
        self.last_given - self.start
    }

    /// Asks for everything of a file.
    pub(super) fn everything(&mut self, file: FileId) -> Outcome<Came> {
        self.get(&format!("/fhir/Patient/{file}/$everything"), || ProofClaims {
            file: Some(file),
            ..ProofClaims::default()
        })
    }

    /// The same as an emergency with an excuse.
    pub(super) fn emergency(&mut self, file: FileId, excuse: &str) -> Outcome<Came> {
        self.get(&format!("/fhir/Patient/{file}/$everything"), || ProofClaims {
            file: Some(file),
            purpose: Some(Purpose::Emergency),
            reason: Some(excuse.into()),
            ..ProofClaims::default()
        })
    }

    /// Looks somebody up.
    pub(super) fn look_up(&mut self, query: &str) -> Outcome<Came> {
        self.get(&format!("/fhir/Patient?{query}"), ProofClaims::default)
    }

    /// Opens one file after the other until nothing comes any more.
    pub(super) fn take(
        &mut self,
        files: impl IntoIterator<Item = FileId>,
        pace: Duration,
    ) -> Outcome {
        self.until_stopped(files, pace, Thief::everything)
    }

    /// Does one thing after the other until it is refused for good.
    pub(super) fn until_stopped<T>(
        &mut self,
        targets: impl IntoIterator<Item = T>,
        pace: Duration,
        mut act: impl FnMut(&mut Thief<'a>, T) -> Outcome<Came>,
    ) -> Outcome {
        let mut in_vain = 0;
        for target in targets {
            in_vain = if act(self, target)? == Came::Refused { in_vain + 1 } else { 0 };
            if in_vain == GIVES_UP {
                break;
            }
            std::thread::sleep(if in_vain > 0 { Duration::ZERO } else { pace });
        }
        Ok(())
    }

    /// What it got and what stopped it, held against the ledger's list.
    pub(super) fn caught(&self, who: &str) -> Outcome<Attacker> {
        let question = Question { card: Some(self.id()), ..Question::default() };
        let listed = self.scene.listed(&question)?;
        let attacker = Attacker::new(who, self.tries, &self.held, &listed);
        let Some(refused) = self.refused else { return Ok(attacker) };
        let seconds = super::rounded(refused - self.start);
        let by = self.scene.what_stopped(self.id(), self.since)?;
        Ok(attacker.stopped(Some(seconds), by))
    }

    /// Whether the last that it asked for was refused.
    pub(super) fn is_stopped(&self) -> bool {
        self.refused.is_some()
    }

    fn get(&mut self, path: &str, claims: impl Fn() -> ProofClaims) -> Outcome<Came> {
        self.scene.go_on()?;
        self.tries += 1;
        let ask = Ask { method: "GET", path, headers: &[], body: &[] };
        let mut answer = self.session.send(&ask, &claims)?;
        if answer.status == 401 && self.signs_in_again()? {
            answer = self.session.send(&ask, &claims)?;
        }
        match answer.status {
            200 => {
                let before = self.held.clone();
                self.held.read(&answer.body);
                let found = self.held != before || !is_empty(&answer.body);
                self.last_given = Instant::now();
                self.refused = None;
                Ok(if found { Came::Something } else { Came::Nobody })
            }
            401 | 403 | 404 => {
                self.refused.get_or_insert_with(Instant::now);
                Ok(Came::Refused)
            }
            status => Err(Failure::World(format!("a thief was answered {status}"))),
        }
    }

    /// It knows the PIN, so a step up is no wall.
    fn signs_in_again(&mut self) -> Outcome<bool> {
        match SignedInCard::anew(&self.scene.stage.home, &self.scene.stage.config, &self.card) {
            Ok(session) => {
                self.session = session;
                Ok(true)
            }
            Err(Failure::Refused(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

/// Whether a search found nobody.
fn is_empty(body: &[u8]) -> bool {
    let found: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    found["resourceType"] == "Bundle" && found["entry"].as_array().is_none_or(Vec::is_empty)
}
