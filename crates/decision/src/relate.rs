//! How relations come about: presence by card or code, referral, admission, booking.
//!
//! Trust: each is signed by somebody other than who opens, but for a code, which somebody else
//! handed over; and none can be made in masses.

use super::Core;
use super::budget::{DAY, Key, hard, over, seconds};
use super::colleague::Deed;
use super::decide::No;
use super::matrix;
use super::relation::{BOOKED_AFTER, EVIDENCE, presence};
use super::rows::{Card, Misses};
use data_encoding::BASE64URL_NOPAD;
use keyproto::statement::{Order, code_hash};
use ledger::entry::{self, Act, Hash, LookUp, Subject, Why};
use minicbor::bytes::ByteArray;
use terms::{Blind, Duration, Ground, PracticeId, RelationClass, Role, Time, planted};

/// A relation that comes about, or why not.
type Made = Result<entry::Related, No>;

/// An order that is not carried out.
const NO: No = (Why::Order, None);
/// How far ahead an appointment may be booked.
const AHEAD: Duration = Duration::from_days(400);
/// Most one-time codes at a time.
const CODES_MAX: usize = 20;

/// The hashes of one-time codes, if they are what they should be.
pub(super) fn hashes(codes: &[String]) -> Option<Vec<ByteArray<32>>> {
    let hash = |text: &String| {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        Some(ByteArray::from(<Hash>::try_from(bytes).ok()?))
    };
    if codes.len() > CODES_MAX { None } else { codes.iter().map(hash).collect() }
}

/// What is to be related, and who says so.
struct Saying<'c> {
    file: Blind,
    number: u32,
    card: &'c Card,
    signer: u32,
    order: Hash,
}

impl Core {
    /// Carries out what one card says about a relation.
    pub(super) fn relate(
        &self,
        now: Time,
        order: &Order,
        file: Option<Blind>,
        by: (u32, Hash),
    ) -> Result<Act, No> {
        let (file, number) = self.known(file)?;
        let card = &self.state.cards[by.0 as usize];
        let saying = Saying { file, number, card, signer: by.0, order: by.1 };
        let own = card.role == Role::Patient && card.file == Some(file);
        let made = match order {
            Order::Presence { practice, .. } if own => {
                let until = now + self.presence_lasts(*practice)?;
                Ok(related(&saying, *practice, Ground::Card, until))
            }
            Order::Book { practice, at, .. } if own => self.book(now, &saying, *practice, *at),
            Order::Refer { practice, ground, .. } => self.refer(now, &saying, *practice, *ground),
            Order::Present { code, .. } => self.present_code(now, &saying, code),
            _ => Err(NO),
        };
        made.map(Act::Related)
    }

    fn presence_lasts(&self, practice: PracticeId) -> Result<Duration, No> {
        let number = self.state.practice(practice).ok_or(NO)?;
        Ok(presence(&self.state.practices[number as usize].staff))
    }

    /// The patient booked an appointment at this second.
    fn book(&self, now: Time, saying: &Saying, practice: PracticeId, at: u64) -> Made {
        let at = Time::from_millis(at.saturating_mul(1_000));
        if self.state.practice(practice).is_none() || at < now || at > now + AHEAD {
            return Err(NO);
        }
        let today = self.state.done(Deed::Book(saying.signer), DAY, now);
        if today >= self.limits.bookings as usize {
            return Err((Why::Budget, None));
        }
        Ok(related(saying, practice, Ground::Booking, at + BOOKED_AFTER))
    }

    /// What a practice created alone, or has no relation to any more, is not enough to pass it on:
    /// see `relation.rs`.
    fn refer(&self, now: Time, saying: &Saying, practice: PracticeId, ground: Ground) -> Made {
        let whereto = self.state.practice(practice).ok_or(NO)?;
        self.is_free(saying.card)?;
        let from = saying.card.practice;
        let passes_on = matches!(ground, Ground::Referral | Ground::Admission);
        if !matrix::refers(saying.card.role) || from == whereto || !passes_on {
            return Err(NO);
        }
        match self.state.given(saying.number, from, now) {
            None | Some((RelationClass::Former, _)) => return Err((Why::NoRelation, None)),
            Some(_) => self.may_relate(now, saying)?,
        }
        Ok(related(saying, practice, ground, now + EVIDENCE))
    }

    /// A one-time code of the patient's was shown at the signer's practice.
    fn present_code(&self, now: Time, saying: &Saying, code: &str) -> Made {
        self.is_free(saying.card)?;
        if !matrix::receives(saying.card.role) {
            return Err(NO);
        }
        let code = ByteArray::from(code_hash(code));
        if !self.state.codes.get(&saying.number).is_some_and(|codes| codes.contains(&code)) {
            // Whoever tries many guesses.
            let (by, weight) = (LookUp::Identifier, Misses::weight(LookUp::Identifier));
            let score = saying.card.misses(by).with_miss(weight, seconds(now));
            let guesses = (Why::Enumeration, Some(Subject::Card(saying.card.id)));
            return Err(if score > Misses::TOO_MANY { guesses } else { (Why::Code, None) });
        }
        self.may_relate(now, saying)?;
        let practice = self.state.practices[saying.card.practice as usize].id;
        let until = now + self.presence_lasts(practice)?;
        let made = related(saying, practice, Ground::Code, until);
        Ok(entry::Related { code: Some(code), ..made })
    }

    /// A practice that is frozen says nothing.
    fn is_free(&self, card: &Card) -> Result<(), No> {
        let practice = self.state.practices[card.practice as usize].id;
        let frozen = self.state.is_frozen(Subject::Practice(practice));
        if frozen { Err((Why::Frozen, None)) } else { Ok(()) }
    }

    /// A budget of distinct files; it refuses and freezes nothing.
    fn may_relate(&self, now: Time, saying: &Saying) -> Result<(), No> {
        planted!("relates without end", return Ok(()));
        let window = self.state.budgets.get(&Key::Relating(saying.signer));
        let counts = window.map(|window| window.with(saying.number, seconds(now)));
        let full = counts.is_some_and(|counts| over(counts, hard(self.limits.relating)));
        if full { Err((Why::Budget, None)) } else { Ok(()) }
    }
}

fn related(saying: &Saying, practice: PracticeId, ground: Ground, until: Time) -> entry::Related {
    let class = match ground {
        Ground::Card | Ground::Code => RelationClass::Presence,
        _ => RelationClass::Evidence,
    };
    let Saying { file, card, order, .. } = *saying;
    let (by, code) = (card.id, None);
    entry::Related { file, practice, class, until, by, order, ground, code }
}
