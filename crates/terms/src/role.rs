//! Roles of cards, classes of relations, purposes of openings.

use core::fmt;
use core::str::FromStr;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal {
        $($(#[$vdoc:meta])* $variant:ident = $number:literal $word:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(minicbor::Encode, minicbor::Decode)]
        #[cbor(index_only)]
        pub enum $name {
            $($(#[$vdoc])* #[n($number)] $variant,)*
        }

        impl $name {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.word() == text).ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|v| v.word()).collect();
                    format!(concat!("no such ", $what, "; choose one of {}"), words.join(", "))
                })
            }
        }
    };
}

words!(
    /// What a card's holder is. The table of sections per role is `keyholder`'s golden matrix.
    Role, "role" {
        /// A doctor.
        Doctor = 0 "doctor",
        /// A nurse.
        Nurse = 1 "nurse",
        /// A receptionist or secretary.
        Receptionist = 2 "receptionist",
        /// A pharmacist.
        Pharmacist = 3 "pharmacist",
        /// A laboratory or device: deposits and opens nothing.
        Laboratory = 4 "laboratory",
        /// A system that signs in by itself (SMART Backend Services), such as a records system.
        System = 5 "system",
        /// An import: deposits and opens nothing.
        Importer = 6 "importer",
        /// A security officer: orders, never files.
        Officer = 7 "officer",
        /// A patient, for the own file.
        Patient = 8 "patient",
    }
);

words!(
    /// Why a practice may open a file, strongest first.
    RelationClass, "relation class" {
        /// The patient's card or phone signed.
        Presence = 0 "presence",
        /// Another party signed: referral, admission, booking, a list that two officers approved.
        Evidence = 1 "evidence",
        /// The practice's own entry under presence or evidence within 14 days.
        Contact = 2 "contact",
        /// The practice's own patient without current contact.
        Former = 3 "former",
        /// No relation: a reason in words, few a day, everybody concerned is told.
        Emergency = 4 "emergency",
        /// The file is the card holder's own.
        Own = 5 "own",
    }
);

words!(
    /// What an opening is for.
    Purpose, "purpose" {
        /// Treatment of the patient.
        Treatment = 0 "treatment",
        /// Acute treatment in an emergency.
        Emergency = 1 "emergency",
        /// Billing.
        Payment = 2 "payment",
        /// Running the practice: quality, complaints.
        Operations = 3 "operations",
        /// The patient asked, or is the one who opens.
        PatientRequest = 4 "patient-request",
    }
);

words!(
    /// What can be frozen.
    Freezable, "thing to freeze" {
        /// One card.
        Card = 0 "card",
        /// One practice, with all its cards.
        Practice = 1 "practice",
        /// One server.
        Server = 2 "server",
    }
);

words!(
    /// How an opening is explained, by somebody other than who opens.
    Grade, "grade" {
        /// By nothing: an emergency.
        None = 0 "none",
        /// By what is old, general, or said by the practice itself: a list, a former contact, a
        /// file of its own making.
        Weak = 1 "weak",
        /// By something that happened now and that somebody else signed.
        Strong = 2 "strong",
    }
);

words!(
    /// What a relation rests on: who signed, and why.
    Ground, "ground" {
        /// The patient's card or phone, at the practice.
        Card = 0 "card",
        /// A one-time code of the patient's, shown at the practice.
        Code = 1 "code",
        /// Another practice referred the patient, or ordered something.
        Referral = 2 "referral",
        /// Another practice, such as an admission desk, admitted the patient to this one.
        Admission = 3 "admission",
        /// The patient booked an appointment.
        Booking = 4 "booking",
    }
);

words!(
    /// The rungs of containment below a freeze.
    Rung, "rung" {
        /// Nothing out of the ordinary.
        Open = 0 "open",
        /// What is not strongly explained needs a reason, and the patient is told.
        Reason = 1 "reason",
        /// Sign in with the card again.
        StepUp = 2 "step-up",
        /// Strongly explained files alone; in an emergency the summary.
        Restricted = 3 "restricted",
    }
);

words!(
    /// What made the machine act.
    Finding, "finding" {
        /// A budget's limit.
        Budget = 0 "budget",
        /// More openings without any explanation than before.
        Unexplained = 1 "unexplained",
        /// More weakly explained openings than before.
        Weak = 2 "weak",
        /// Openings that nothing explained within 14 days.
        Residual = 3 "residual",
        /// Look-ups that find nobody.
        Misses = 4 "misses",
        /// Many who open one file.
        Crowd = 5 "crowd",
        /// Files of people close to who opens them.
        Close = 6 "close",
        /// A new card that does much.
        Probation = 7 "probation",
        /// Two places at once.
        Place = 8 "place",
        /// A canary.
        Canary = 9 "canary",
        /// Many relations made.
        Relating = 10 "relating",
        /// A patient says that an opening was wrong.
        Reported = 11 "reported",
        /// Several signals about one practice or server.
        Together = 12 "together",
        /// A colleague who knows better; an officer.
        Colleague = 13 "colleague",
        /// A guard that should have acted did not.
        Silent = 14 "silent",
    }
);
