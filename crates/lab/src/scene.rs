//! What the lab needs of a region: who lives and works there, and what happens, in order.
//!
//! Whatever the world knows besides (why somebody opens a file, whether it was a slip) stays there:
//! the product under trial learns of it only what it would learn at a real counter.

use terms::{Role, Time};

/// One person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Person {
    /// The family name, by number.
    pub family: u32,
    /// The household, which is at one address.
    pub household: u32,
    /// Neighbours share it; the product does not know it.
    pub street: u32,
}

/// One practice, ward, pharmacy and so on.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What it is, for people.
    pub kind: String,
    /// Its patients at the beginning, as two officers approved them.
    pub list: Vec<u32>,
}

/// One person at work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Staff {
    /// Where.
    pub place: u32,
    /// As what.
    pub role: Role,
    /// Who it is among the people.
    pub person: Option<u32>,
    /// Leaves then.
    pub leaves: Time,
    /// Has a card from the beginning.
    pub starts: bool,
}

/// A region and its first day.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// When it begins.
    pub start: Time,
    /// How many days it lasts.
    pub days: u32,
    /// Who lives there.
    pub people: Vec<Person>,
    /// Where people are treated.
    pub places: Vec<Place>,
    /// Who works there.
    pub staff: Vec<Staff>,
    /// The practice on whose list each person is.
    pub home: Vec<u32>,
    /// The people everybody is curious about.
    pub famous: Vec<u32>,
}

/// What somebody does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Somebody begins to work: a new card.
    Join {
        /// Who.
        staff: u32,
    },
    /// Somebody leaves: the card is revoked.
    Leave {
        /// Who.
        staff: u32,
    },
    /// Somebody signs in.
    SignIn {
        /// Who.
        staff: u32,
    },
    /// Somebody opens a file to work with it.
    Open {
        /// Who.
        staff: u32,
        /// Whose.
        person: u32,
        /// There is a reason to tell if asked.
        reason: bool,
        /// The truth, for counting alone.
        why: &'static str,
    },
    /// Somebody looks for a person; nobody is found after a slip of the pen.
    Find {
        /// Who.
        staff: u32,
        /// Who is found.
        person: Option<u32>,
        /// By number, else by name.
        number: bool,
    },
    /// Something is put into a file.
    Write {
        /// By which place.
        place: u32,
        /// By whom there; nobody where a machine did.
        staff: Option<u32>,
        /// Whose.
        person: u32,
    },
    /// Two officers approve that these people are to be seen by this place.
    List {
        /// Which.
        place: u32,
        /// Who.
        people: Vec<u32>,
    },
    /// The patient books, or writes.
    Book {
        /// Who.
        person: u32,
        /// Where.
        place: u32,
        /// For when.
        appointment: Time,
    },
    /// The patient shows the card, or a code.
    Show {
        /// Who.
        person: u32,
        /// Where.
        place: u32,
        /// A code instead of the card.
        code: bool,
    },
    /// Somebody refers or admits the patient to another place.
    Refer {
        /// Who signs.
        staff: u32,
        /// Whom.
        person: u32,
        /// Whereto.
        place: u32,
        /// As an admission.
        admit: bool,
    },
    /// A colleague confirms that an emergency was one.
    Confirm {
        /// Who.
        by: u32,
        /// Whose.
        of: u32,
        /// About whom.
        person: u32,
    },
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// When.
    pub at: Time,
    /// What.
    pub deed: Deed,
}

impl Scene {
    /// Whether a patient is close to a member of staff, from what a product can know: one family
    /// name, household or address, or staff of the same place.
    pub fn close(&self, staff: &Staff, person: u32, works_at: &[Option<u32>]) -> bool {
        if works_at[person as usize] == Some(staff.place) {
            return true;
        }
        staff.person.is_some_and(|own| {
            let (own, other) = (self.people[own as usize], self.people[person as usize]);
            own.family == other.family || own.household == other.household
        })
    }

    /// Where each person works, if anywhere.
    pub fn works_at(&self) -> Vec<Option<u32>> {
        let mut at = vec![None; self.people.len()];
        for staff in &self.staff {
            if let Some(person) = staff.person {
                at[person as usize] = Some(staff.place);
            }
        }
        at
    }
}
