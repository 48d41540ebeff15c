//! What happens in the world: the only thing an engine and its detectors see of it.

/// One of the staff, with one card. Who changes to another unit is a new one, of the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaffId(pub u32);

/// A person, who has a file. Staff are people too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// A unit: what the product calls a practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u16);

/// A list of people, to be read with [`World::list`](crate::World::list) when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListNumber(pub u32);

/// Something that happens, and when: seconds from the world's beginning, a Monday at midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Happening {
    /// When. Never before the happening that came last.
    pub at: u64,
    /// What.
    pub what: What,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Somebody gets a card and may work from now on. Who was there already has it at second 0.
    CardIssued {
        /// Whose.
        staff: StaffId,
    },
    /// Somebody has left; the card ends.
    CardEnded {
        /// Whose.
        staff: StaffId,
    },
    /// A card signs in.
    SignIn {
        /// Whose.
        staff: StaffId,
        /// Where.
        place: Place,
    },
    /// Somebody opens a file.
    Open {
        /// Who.
        staff: StaffId,
        /// Whose file.
        person: PersonId,
        /// What who opens says if asked; nothing where it is believed to be routine.
        reason: Option<Reason>,
        /// The truth, for statistics alone: no detector may see it.
        why: HonestWhy,
    },
    /// Somebody looks for a file.
    Find {
        /// Who.
        staff: StaffId,
        /// Who was found; nobody where it was a miss.
        person: Option<PersonId>,
        /// By what.
        by: FindBy,
    },
    /// Something is put into a file.
    Deposit {
        /// By whom it was made.
        unit: UnitId,
        /// By whom there; nobody where a device or system did.
        staff: Option<StaffId>,
        /// Into whose file.
        person: PersonId,
        /// What.
        kind: Document,
    },
    /// Two officers approved a list of people for a unit.
    Listed {
        /// For which.
        unit: UnitId,
        /// Who is on it.
        list: ListNumber,
    },
    /// A person is there, and signed it.
    Presence {
        /// Who.
        person: PersonId,
        /// Where.
        unit: UnitId,
        /// How it was signed.
        by: Proof,
    },
    /// A unit referred a person to another, or ordered something there.
    Referral {
        /// From which.
        from: UnitId,
        /// To which.
        to: UnitId,
        /// Whom.
        person: PersonId,
        /// Whose card signed.
        by: StaffId,
    },
    /// An admission desk admitted a person to a ward or an emergency department.
    Admission {
        /// Which desk.
        desk: UnitId,
        /// To where.
        ward: UnitId,
        /// Whom.
        person: PersonId,
        /// Whose card signed.
        by: StaffId,
    },
    /// A person booked an appointment, or wrote to a unit, with the own card.
    Booking {
        /// Who.
        person: PersonId,
        /// Where.
        unit: UnitId,
        /// For when, in seconds from the beginning.
        at: u64,
    },
    /// A colleague confirms that an opening without explanation was right.
    Confirm {
        /// Who confirms.
        by: StaffId,
        /// Whose opening.
        about: StaffId,
        /// Of whose file.
        person: PersonId,
    },
    /// A person changed from one practice to another. It gives no relation by itself.
    Moved {
        /// Who.
        person: PersonId,
        /// From which.
        from: UnitId,
        /// To which.
        to: UnitId,
    },
    /// A person died. It gives no relation by itself.
    Died {
        /// Who.
        person: PersonId,
    },
}

/// Where a card signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A workstation of a unit.
    Workstation {
        /// Whose.
        unit: UnitId,
        /// Which there; several people may use one.
        number: u16,
    },
    /// At home.
    Home,
}

/// By what a file is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindBy {
    /// The national number.
    Number,
    /// The name.
    Name,
}

/// How presence was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// With the person's card or phone.
    Card,
    /// With a one-time code.
    Code,
}

/// What is put into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Document {
    /// A note of care.
    Note,
    /// A result of a laboratory or of radiology.
    Result,
    /// What was prescribed or dispensed.
    Medication,
    /// A letter.
    Letter,
    /// Codes for billing.
    Codes,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The words for it.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    };
}

words!(
    /// What an honest person says when asked why.
    Reason {
        /// Acute.
        Acute = "acute treatment",
        /// The patient, or somebody for the patient, called.
        Phone = "telephone call",
        /// A colleague asked for advice.
        Consult = "colleague asked for advice",
        /// The patient is on the way.
        Expected = "patient is expected",
        /// Works for somebody who is absent, or on another ward.
        Substitute = "standing in for a colleague",
        /// Somebody fetches medicine for another.
        Errand = "fetched by somebody else",
        /// A letter that came by another way.
        Letter = "letter received",
        /// Quality work or a complaint.
        Quality = "quality or complaint",
        /// A test after a change of the system.
        Test = "test of the system",
        /// The list of a practice that was taken over.
        TakeOver = "practice taken over",
    }
);

words!(
    /// Why somebody really opened a file, and what else honest people and systems do.
    HonestWhy {
        /// A visit at a practice.
        Visit = "visit at a practice",
        /// A message of the patient.
        Message = "message of the patient",
        /// A call of a listed patient.
        Call = "call of a listed patient",
        /// A result or letter that came in.
        Inbox = "result or letter came in",
        /// Care of an inpatient.
        WardCare = "care on the ward",
        /// A visit at an outpatient clinic.
        Clinic = "outpatient clinic",
        /// Care in the emergency department.
        EmergencyCare = "care in the emergency department",
        /// Registration at an admission desk.
        Registration = "registration at the desk",
        /// A customer at the counter of a pharmacy.
        Counter = "customer at the counter",
        /// An order on a worklist.
        Worklist = "laboratory or radiology worklist",
        /// A secretary's work for all doctors.
        Secretary = "secretary working for all doctors",
        /// Coding for billing.
        Coding = "coding weeks after discharge",
        /// An approved cohort.
        Cohort = "research cohort",
        /// The other one of the same name, or a sibling.
        WrongPerson = "wrong person of the same name or family",
        /// A call of somebody unknown to the unit.
        UnknownCaller = "call of an unregistered patient",
        /// Advice before any referral is recorded.
        Consult = "consult before a referral",
        /// A patient who is on the way to the ward.
        Expected = "patient on the way",
        /// A patient without identity, known later.
        Unidentified = "emergency patient identified later",
        /// Work on another ward, or in another practice, with the old card.
        Substitute = "substitute or float",
        /// The first days after a change of ward, with the old card.
        WardChange = "change of ward",
        /// A locum at a practice.
        Locum = "locum",
        /// The first day of somebody new.
        FirstDay = "first day of new staff",
        /// A part-timer's day.
        PartTime = "part-time",
        /// On call, at night or at the weekend.
        OnCall = "on call, nights, weekends",
        /// From home.
        Home = "home access",
        /// A whole ward in ten minutes.
        Handover = "handover of a ward in ten minutes",
        /// A wave of influenza.
        Influenza = "influenza peak",
        /// A recall or vaccination campaign.
        Campaign = "vaccination or recall campaign",
        /// A list that was taken over.
        TakeOver = "practice taken over",
        /// Quality audit.
        Audit = "quality audit",
        /// A complaint.
        Complaint = "complaint",
        /// A teaching round.
        Teaching = "teaching round",
        /// A test by support.
        SystemTest = "system test by support",
        /// A neighbour, a relative or a colleague who asks.
        Acquaintance = "neighbour, relative or colleague asks",
        /// Staff who are patients where they work.
        StaffPatient = "staff as patient at the workplace",
        /// Somebody known to all, with a real team.
        Vip = "VIP admission",
        /// Medicine fetched by another.
        Errand = "medicine fetched by somebody else",
        /// A letter on paper; the message is late or lost.
        LateReferral = "late or lost referral",
        /// Several people at one workstation.
        SharedWorkstation = "shared workstation",
        /// A clock that is wrong.
        ClockSkew = "clock skew",
        /// The same again, by a retry.
        Retry = "retry or double event",
        /// Work after an outage.
        CatchUp = "catch-up after downtime",
        /// Patients who change their practice.
        MovedPractice = "patient moving practice",
        /// A death.
        Death = "patient's death",
    }
);
