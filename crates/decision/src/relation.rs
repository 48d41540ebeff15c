//! Why a practice may open a file.
//!
//! Trust: no sequence of a practice's own acts raises its own class or grade for a file of others
//! (`docs/decisions/0003-new-files.md`); `tests/relations.rs` searches for one.

use super::budget::{DAY, Key, MONTH, seconds};
use super::rows::{FileRow, Relation};
use super::state::State;
use std::collections::BTreeSet;
use terms::{Blind, Duration, Grade, PracticeId, RelationClass, Role, Time};

/// How long what two officers approved, or another practice signed, is evidence.
pub(super) const EVIDENCE: Duration = Duration::from_days(90);
/// How long after an entry of its own a practice is in contact.
pub(super) const CONTACT: Duration = Duration::from_days(14);
/// How long an emergency may stay without any other relation.
const CONFIRM_SECONDS: u32 = 14 * DAY;
/// So many of those, and more than one in so many of all, end a card's emergencies: one that nobody
/// got round to confirming is a ward's ordinary month (assumed).
const UNCONFIRMED: usize = 3;

/// How long the signature of the patient's card lasts: a pharmacy has pharmacists and no doctors.
pub(super) fn presence(staff: &[u32; 9]) -> Duration {
    let pharmacy = staff[Role::Pharmacist as usize] > 0 && staff[Role::Doctor as usize] == 0;
    Duration::from_days(if pharmacy { 3 } else { 90 })
}

/// From how long before an appointment until how long after it a booking is evidence.
const BOOKED_BEFORE: Duration = Duration::from_days(7);
pub(super) const BOOKED_AFTER: Duration = Duration::from_days(2);
/// How long a booking is evidence altogether, in seconds.
const BOOKED_SECONDS: u32 = ((BOOKED_BEFORE.millis() + BOOKED_AFTER.millis()) / 1_000) as u32;

/// A relation, and how well it explains an opening.
pub(super) type Related = (RelationClass, Grade);

/// What others gave a practice that is in force.
#[derive(Clone, Copy)]
struct Given {
    presence: bool,
    /// Referred, admitted or booked.
    evidence: bool,
    /// On a list that two officers approved.
    listed: bool,
}

impl State {
    /// How a practice's opening of this file would be explained now; emergencies apart, which
    /// nothing explains.
    pub fn grade(&self, file: Blind, practice: PracticeId, now: Time) -> Grade {
        let numbers = self.files.find(&file).zip(self.practice(practice));
        let related = numbers.and_then(|(file, practice)| self.related(file, practice, now));
        related.map_or(Grade::None, |(_, grade)| grade)
    }

    /// The strongest relation that others gave this practice, or its own entries under one.
    pub(super) fn given(&self, file: u32, practice: u32, now: Time) -> Option<Related> {
        if self.is_barred(file, practice) {
            return None;
        }
        let relation = self.relations.get(&(file, practice)).copied();
        let second = seconds(now);
        let is = |until: fn(&Relation) -> u32| relation.is_some_and(|one| until(&one) > second);
        let given = self.in_force(file, practice, second);
        let was_listed = self.listed(file, practice).is_some();
        let was_booked = self.bookings(file, practice).any(|until| booked_from(until) <= second);
        let class = if given.presence {
            RelationClass::Presence
        } else if given.evidence || given.listed {
            RelationClass::Evidence
        } else if is(|r| r.contact) || is(|r| r.listed_contact) {
            RelationClass::Contact
        } else if relation.is_some() || was_listed || was_booked {
            RelationClass::Former
        } else {
            return None;
        };
        let strong = given.presence || given.evidence || is(|r| r.contact);
        Some((class, if strong { Grade::Strong } else { Grade::Weak }))
    }

    /// The same, or else what creating the file gives for as long as nobody else deposits in it:
    /// such a file tells the practice nothing that it did not say itself.
    pub(super) fn related(&self, file: u32, practice: u32, now: Time) -> Option<Related> {
        let row = self.files.row(file);
        let own = row.creator == practice && !self.is_barred(file, practice);
        let alone = own && !row.is(FileRow::SHARED);
        let fresh = u64::from(row.created) + CONTACT.millis() / 1000 > now.seconds();
        match self.given(file, practice, now) {
            None | Some((RelationClass::Former, _)) if alone && fresh => {
                Some((RelationClass::Contact, Grade::Weak))
            }
            None if alone => Some((RelationClass::Former, Grade::Weak)),
            given => given,
        }
    }

    /// How well what others gave explains an entry made now, or nothing where nothing is in force.
    /// Contact is not asked: it would prolong itself.
    pub(super) fn ground(&self, file: u32, practice: u32, now: Time) -> Option<Grade> {
        if self.is_barred(file, practice) {
            return None;
        }
        let given = self.in_force(file, practice, seconds(now));
        let strong = given.presence || given.evidence;
        (strong || given.listed).then_some(if strong { Grade::Strong } else { Grade::Weak })
    }

    fn in_force(&self, file: u32, practice: u32, now: u32) -> Given {
        let relation = self.relations.get(&(file, practice)).copied().unwrap_or_default();
        let booked =
            self.bookings(file, practice).any(|until| booked_from(until) <= now && until > now);
        Given {
            presence: relation.presence > now,
            evidence: relation.evidence > now || booked,
            listed: self.listed(file, practice).is_some_and(|until| until > now),
        }
    }

    /// Until when the file is on an approved list of the practice that created it.
    fn listed(&self, file: u32, practice: u32) -> Option<u32> {
        let row = self.files.row(file);
        let list = row.list.checked_sub(1).filter(|_| row.creator == practice)?;
        // Invariant: numbers of lists come from `State::list` alone, and no list is ever removed.
        let approved = self.lists[list as usize].approved;
        approved.filter(|(owner, _)| *owner == practice).map(|(_, until)| until)
    }

    fn bookings(&self, file: u32, practice: u32) -> impl Iterator<Item = u32> {
        let all = self.bookings.get(&(file, practice)).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied()
    }

    /// Whether too many emergencies of this card that are older than 14 days neither found any
    /// relation since nor were confirmed: several, and a good part of all of the last 30 days.
    pub(super) fn is_unconfirmed(&self, card: u32, now: Time) -> bool {
        let Some(window) = self.budgets.get(&Key::Emergency(card)) else { return false };
        let practice = self.cards[card as usize].practice;
        let second = seconds(now);
        let is_open = |(file, at): &(u32, u32)| {
            let confirmed = self.confirmed.get(&(card, *file)).is_some_and(|then| then >= at);
            at.saturating_add(CONFIRM_SECONDS) <= second
                && !(confirmed || self.files.row(*file).is(FileRow::ERASED))
                && self.given(*file, practice, now).is_none()
        };
        // Each opening by itself: opening a file again makes the earlier one no younger.
        let recent = || window.iter().filter(|(_, at)| at.saturating_add(MONTH) > second);
        let files = |all: &mut dyn Iterator<Item = (u32, u32)>| {
            all.map(|(file, _)| file).collect::<BTreeSet<u32>>().len()
        };
        let (all, open) = (files(&mut recent()), files(&mut recent().filter(is_open)));
        open >= UNCONFIRMED && open * UNCONFIRMED > all
    }
}

/// Second from which a booking that ends then is evidence.
pub(super) fn booked_from(until: u32) -> u32 {
    until.saturating_sub(BOOKED_SECONDS)
}
