//! Why a practice may open a file.
//!
//! Trust: no sequence of a practice's own acts raises its own class for a file of others
//! (`docs/decisions/0003-new-files.md`); `tests/relations.rs` searches for one.

use super::budget::{DAY, Key, seconds};
use super::rows::FileRow;
use super::state::State;
use terms::{Duration, Grade, RelationClass, Role, Time};

/// How long what two officers approved, or another practice signed, is evidence.
pub(super) const EVIDENCE: Duration = Duration::from_days(90);
/// How long after an entry of its own a practice is in contact.
pub(super) const CONTACT: Duration = Duration::from_days(14);
/// How long an emergency may stay without any other relation.
const CONFIRM_SECONDS: u32 = 14 * DAY;

/// How long the signature of the patient's card lasts: a pharmacy has pharmacists and no doctors.
pub(super) fn presence(staff: &[u32; 9]) -> Duration {
    let pharmacy = staff[Role::Pharmacist as usize] > 0 && staff[Role::Doctor as usize] == 0;
    Duration::from_days(if pharmacy { 3 } else { 90 })
}

impl State {
    /// The strongest relation that others gave this practice, or its own entries under one.
    pub(super) fn given(&self, file: u32, practice: u32, now: Time) -> Option<RelationClass> {
        let relation = self.relations.get(&(file, practice)).copied();
        if self.is_barred(file, practice) {
            return None;
        }
        let row = self.files.row(file);
        let approved = (row.creator == practice).then(|| self.approval(row)).flatten();
        let listed = approved.filter(|(owner, _)| *owner == practice).map(|(_, until)| until);
        let now = seconds(now);
        let is = |until: fn(&super::rows::Relation) -> u32| {
            relation.is_some_and(|relation| until(&relation) > now)
        };
        if is(|r| r.presence) {
            Some(RelationClass::Presence)
        } else if is(|r| r.evidence) || listed.is_some_and(|until| until > now) {
            Some(RelationClass::Evidence)
        } else if is(|r| r.contact) {
            Some(RelationClass::Contact)
        } else if relation.is_some() || listed.is_some() {
            Some(RelationClass::Former)
        } else {
            None
        }
    }

    /// The same, or else what creating the file gives for as long as nobody else deposits in it:
    /// such a file tells the practice nothing that it did not say itself.
    pub(super) fn related(&self, file: u32, practice: u32, now: Time) -> Option<RelationClass> {
        let row = self.files.row(file);
        let own = row.creator == practice && !self.is_barred(file, practice);
        let alone = own && !row.is(FileRow::SHARED);
        let fresh = u64::from(row.created) + CONTACT.millis() / 1000 > now.seconds();
        match self.given(file, practice, now) {
            None | Some(RelationClass::Former) if alone && fresh => Some(RelationClass::Contact),
            None if alone => Some(RelationClass::Former),
            given => given,
        }
    }

    /// How well a relation of this class explains an opening.
    pub(super) fn grade(&self, class: RelationClass) -> Grade {
        match class {
            RelationClass::Former => Grade::Weak,
            RelationClass::Emergency => Grade::None,
            _ => Grade::Strong,
        }
    }

    /// Whether this card may open one more file as an emergency: few a day, and none while one
    /// that is older than 14 days never found any other relation.
    pub(super) fn emergency_left(&self, card: u32, file: u32, day_max: u32, now: Time) -> bool {
        let Some(window) = self.budgets.get(&Key::Emergency(card)) else { return day_max > 0 };
        let practice = self.cards[card as usize].practice;
        let unconfirmed = window.iter().any(|(other, at)| {
            at.saturating_add(CONFIRM_SECONDS) <= seconds(now) && {
                let erased = self.files.row(other).is(FileRow::ERASED);
                !erased && self.given(other, practice, now).is_none()
            }
        });
        !unconfirmed && window.with(file, seconds(now))[4] <= day_max
    }

    fn approval(&self, row: &FileRow) -> Option<(u32, u32)> {
        let list = row.list.checked_sub(1)?;
        // Invariant: numbers of lists come from `State::list` alone, and no list is ever removed.
        self.lists[list as usize].approved
    }
}
