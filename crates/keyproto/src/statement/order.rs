//! Orders: what officers, patients and practices sign besides openings.

use super::{ORDER_TYPE, StatementError, in_date, text, text_option};
use crate::jws::{Jwk, Unverified, sha256};
use serde::{Deserialize, Serialize};
use terms::{
    CardId, FileId, Ground, JobId, ListId, PracticeId, PublicKey, Role, Section, Sections,
    ServerId, Time,
};

/// One order. Where two officers are needed, both sign the same one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Order {
    /// An officer makes a practice known.
    RegisterPractice {
        /// Its new id.
        #[serde(with = "text")]
        practice: PracticeId,
        /// Its name.
        name: String,
    },
    /// An officer issues a card.
    IssueCard {
        /// Its new id.
        #[serde(with = "text")]
        card: CardId,
        /// What its holder is.
        #[serde(with = "text")]
        role: Role,
        /// The practice it belongs to.
        #[serde(with = "text")]
        practice: PracticeId,
        /// The holder as staff know them; for a patient's card a word such as `patient`.
        holder: String,
        /// The card's public key.
        key: Jwk,
        /// Last second at which it signs in.
        not_after: u64,
        /// The patient's own file, for a patient's card; for staff, the one they have as patients.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "text_option")]
        file: Option<FileId>,
    },
    /// An officer revokes a card, for good.
    RevokeCard {
        /// Which.
        #[serde(with = "text")]
        card: CardId,
        /// Why.
        reason: String,
    },
    /// An officer freezes a card, practice or server.
    Freeze {
        /// What.
        subject: SubjectName,
        /// Why.
        reason: String,
    },
    /// Two officers lift a freeze.
    Unfreeze {
        /// What.
        subject: SubjectName,
        /// Why.
        reason: String,
    },
    /// Two officers approve a practice's list of patients.
    ApproveList {
        /// The list.
        #[serde(with = "text")]
        list: ListId,
        /// The practice whose patients they are.
        #[serde(with = "text")]
        practice: PracticeId,
    },
    /// Two officers mark a file, or take the mark off.
    Mark {
        /// Which file.
        #[serde(with = "text")]
        file: FileId,
        /// Which mark.
        mark: Mark,
        /// Set or taken off.
        set: bool,
    },
    /// Two officers approve a job: openings of these files and no others.
    ApproveJob {
        /// Its new id.
        #[serde(with = "text")]
        job: JobId,
        /// What for.
        errand: Errand,
        /// The installation's name.
        tenant: String,
        /// How many files.
        files: u64,
        /// The RFC 6962 root over their ids as bytes, sorted, base64url.
        root: String,
        /// What is opened of each: `label`, `contact` or both.
        #[serde(with = "text")]
        sections: Sections,
        /// Last second at which it opens, in seconds since the epoch.
        until: u64,
        /// The card whose sessions run it.
        #[serde(with = "text")]
        card: CardId,
    },
    /// Two officers erase a file.
    Erase {
        /// Which.
        #[serde(with = "text")]
        file: FileId,
    },
    /// Two officers lay a legal hold, or lift it: while one is on, nothing it covers is erased.
    Hold {
        /// On what.
        on: HoldOn,
        /// The case it is for: a court's or an incident's number.
        case: String,
        /// Laid or lifted.
        set: bool,
        /// Why; never a patient's name.
        reason: String,
    },
    /// A patient's card says: I am present at this practice.
    Presence {
        /// The patient's file.
        #[serde(with = "text")]
        file: FileId,
        /// Where.
        #[serde(with = "text")]
        practice: PracticeId,
    },
    /// A card of another practice refers or admits the patient.
    Refer {
        /// The patient's file.
        #[serde(with = "text")]
        file: FileId,
        /// Whereto.
        #[serde(with = "text")]
        practice: PracticeId,
        /// Referral or admission.
        #[serde(with = "text")]
        ground: Ground,
    },
    /// A patient's card books an appointment.
    Book {
        /// The patient's file.
        #[serde(with = "text")]
        file: FileId,
        /// Where.
        #[serde(with = "text")]
        practice: PracticeId,
        /// When, in seconds since the epoch.
        at: u64,
    },
    /// Two officers give a patient one-time codes; they replace all earlier ones.
    Codes {
        /// The patient's file.
        #[serde(with = "text")]
        file: FileId,
        /// [`code_hash`] of each, base64url.
        codes: Vec<String>,
    },
    /// A card says: this patient showed one of those codes at my practice.
    Present {
        /// The patient's file.
        #[serde(with = "text")]
        file: FileId,
        /// The code.
        code: String,
    },
    /// A colleague or officer takes a card one rung down.
    Relax {
        /// Which.
        #[serde(with = "text")]
        card: CardId,
    },
    /// A colleague or officer says that an emergency was one.
    Confirm {
        /// The patient's file.
        #[serde(with = "text")]
        file: FileId,
        /// The card that opened it.
        #[serde(with = "text")]
        card: CardId,
    },
    /// A patient's card bars a practice, hides a section, names a deputy, or takes that back.
    Consent {
        /// The patient's file.
        #[serde(with = "text")]
        file: FileId,
        /// What.
        what: Consent,
        /// Said or taken back.
        set: bool,
    },
}

/// SHA-256 of a one-time code, however its letters and groups are written.
pub fn code_hash(code: &str) -> [u8; 32] {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    sha256(letters.to_ascii_lowercase().as_bytes())
}

/// What a patient says of the own file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// This practice opens nothing of it.
    Bar(#[serde(with = "text")] PracticeId),
    /// Nobody but the patient sees this section.
    Hide(#[serde(with = "text")] Section),
    /// This card, another patient's, opens it as the patient does.
    Deputy(#[serde(with = "text")] CardId),
}

/// What to freeze.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectName {
    /// One card.
    Card(#[serde(with = "text")] CardId),
    /// One practice.
    Practice(#[serde(with = "text")] PracticeId),
    /// One server.
    Server(#[serde(with = "text")] ServerId),
}

/// What a legal hold is on.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoldOn {
    /// One file.
    File(#[serde(with = "text")] FileId),
    /// The files of one practice.
    Practice(#[serde(with = "text")] PracticeId),
}

/// A mark on a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Nobody has reason to open it.
    Canary,
    /// Kept, but not used.
    Restricted,
}

/// What a job is for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Errand {
    /// Letters to those whom an incident concerns.
    Letters,
}

/// The claims around an order.
#[derive(Serialize, Deserialize)]
pub struct OrderClaims {
    /// The card that signs.
    pub iss: String,
    /// The origin of the server, such as `https://localhost:8443`.
    pub aud: String,
    /// End, in seconds since the epoch.
    pub exp: u64,
    /// Makes it unique.
    pub jti: String,
    /// The order.
    pub order: Order,
}

/// An order whose signature was not looked at yet.
pub struct UnverifiedOrder<'a> {
    jws: Unverified<'a>,
    card: CardId,
}

/// An order that this card signed, in date and for this server.
pub struct SignedOrder {
    card: CardId,
    order: Order,
    hash: [u8; 32],
}

impl<'a> UnverifiedOrder<'a> {
    /// Takes the text apart, to learn which card's key to verify it with.
    pub fn parse(text: &'a str) -> Result<UnverifiedOrder<'a>, StatementError> {
        let jws = Unverified::parse(text)?;
        if jws.header.typ.as_deref() != Some(ORDER_TYPE) {
            return Err(StatementError::Kind);
        }
        let claims: OrderClaims = jws.hearsay()?;
        let card = claims.iss.parse().map_err(|_| StatementError::Claim)?;
        Ok(UnverifiedOrder { jws, card })
    }

    /// The card it claims to be of.
    pub fn card(&self) -> CardId {
        self.card
    }

    /// Verifies it: `key` is that card's, `origin` the server's.
    pub fn verify(
        &self,
        key: &PublicKey,
        origin: &str,
        now: Time,
    ) -> Result<SignedOrder, StatementError> {
        let (claims, hash): (OrderClaims, _) = self.jws.verify(key)?;
        in_date(now, claims.exp)?;
        if claims.aud != origin {
            return Err(StatementError::Audience);
        }
        if claims.jti.is_empty() {
            return Err(StatementError::Claim);
        }
        Ok(SignedOrder { card: self.card, order: claims.order, hash })
    }
}

impl SignedOrder {
    /// The card that signed.
    pub fn card(&self) -> CardId {
        self.card
    }

    /// What it orders.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Hash of the statement: it counts once.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}
