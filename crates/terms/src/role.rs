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
