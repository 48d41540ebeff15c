//! Which sections a role opens under which relation.
//!
//! Trust: this table and nothing else; the golden file of the tests shows it whole.

use super::rows::exact;
use ledger::entry::LookUp;
use terms::{RelationClass, Role, Section, Sections, planted};

const PERSON: Sections = Sections::of(&[Section::Label, Section::Contact]);
const DESK: Sections = PERSON.union(Sections::of(&[Section::Identity, Section::Insurance]));
const CARE: Sections = PERSON.union(Sections::of(&[
    Section::History,
    Section::Results,
    Section::Medication,
    Section::Documents,
    Section::Summary,
]));
const PHARMACY: Sections =
    Sections::of(&[Section::Label, Section::Insurance, Section::Medication, Section::Summary]);
const RESTRICTED: Sections = Sections::of(&[Section::Restricted]);

/// The sections that a card of this role may open under this relation.
pub fn sections(role: Role, class: RelationClass) -> Sections {
    planted!("skips the matrix", return Sections::ALL);
    let all = match role {
        Role::Doctor => Sections::ALL,
        Role::Nurse => CARE.with(Section::Identity),
        Role::Receptionist => DESK,
        Role::Pharmacist => PHARMACY,
        Role::System => Sections::ALL.without(RESTRICTED),
        Role::Laboratory | Role::Importer | Role::Officer => Sections::NONE,
        Role::Patient => {
            return if class == RelationClass::Own { Sections::ALL } else { Sections::NONE };
        }
    };
    match class {
        RelationClass::Presence | RelationClass::Evidence | RelationClass::Contact => all,
        RelationClass::Former => all.without(RESTRICTED),
        RelationClass::Emergency if emergencies(role) => all.intersection(CARE),
        RelationClass::Emergency | RelationClass::Own => Sections::NONE,
    }
}

/// Whether a role may open in an emergency: someone who treats, never a desk or a machine.
pub(super) fn emergencies(role: Role) -> bool {
    matches!(role, Role::Doctor | Role::Nurse | Role::Pharmacist)
}

/// Whether a role may look for patients so. An officer holds the records of a thief's sample
/// against the files: by number alone, and is shown nothing but that there is one.
pub(super) fn finds(role: Role, by: LookUp) -> bool {
    match role {
        Role::Importer | Role::Patient => false,
        Role::Officer => exact(by),
        _ => true,
    }
}

/// Whether a role may deposit; a patient only into the own file.
pub(super) fn deposits(role: Role) -> bool {
    !matches!(role, Role::Officer)
}

/// Whether a card of this role takes a one-time code that a patient shows.
pub(super) fn receives(role: Role) -> bool {
    matches!(role, Role::Doctor | Role::Nurse | Role::Receptionist | Role::Pharmacist)
}

/// Whether a card of this role speaks for its practice when it refers a patient to another.
pub(super) fn refers(role: Role) -> bool {
    matches!(role, Role::Doctor | Role::Nurse | Role::Receptionist | Role::System)
}
