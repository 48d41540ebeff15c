//! What can go wrong, one enum per family of operations. Messages carry ids and counts only.

use fhir::{Issue, IssueCode, Json, outcome};
use keyproto::message::Ask;

/// The keyholder did not allow it. Why is in the ledger alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused; ledger entry {entry}")]
pub struct Refused {
    /// Number of the ledger entry that holds the reason.
    pub entry: u64,
    /// What lifts it, if it is something that the asker can do.
    pub ask: Ask,
    /// A fresh nonce, where that is all that was missing.
    pub nonce: Option<String>,
}

/// A call to the keyholder failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyholderError {
    /// Not allowed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Asked wrongly: a mistake of the server or client.
    #[error("the keyholder does not understand: {0}")]
    Asked(String),
    /// Another deposit to the same file is under way.
    #[error("another deposit to the file is under way")]
    Busy,
    /// The grant ran out, or the keyholder restarted since.
    #[error("the deposit's grant is gone")]
    GrantGone,
    /// The keyholder cannot be reached, or cannot record.
    #[error("the keyholder cannot answer: {0}")]
    World(String),
    /// Something was altered: an alarm.
    #[error("tampered: {0}")]
    Tampered(String),
}

/// Opening a file failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The keyholder did not release the keys.
    #[error(transparent)]
    Keyholder(#[from] KeyholderError),
    /// The release is for another file, session or moment than it was used for.
    #[error("asked wrongly: {0}")]
    Asked(&'static str),
    /// The store failed.
    #[error("the store failed: {0}")]
    World(String),
    /// What is stored is not what was deposited: an alarm.
    #[error("tampered: {0}")]
    Tampered(String),
}

/// A read or search in an open file came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no such resource among what was released; hidden and missing look the same.
    #[error("no such resource")]
    NotThere,
    /// It was deleted; this is the version that says so.
    #[error("deleted by version {version}")]
    Gone {
        /// The version that says deleted.
        version: u32,
    },
    /// Asked wrongly.
    #[error("{0}")]
    Asked(&'static str),
}

/// A create, update, patch, delete, transaction or attachment was not stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The resource or bundle is wrong; the issues say where and why.
    #[error("invalid: {} issues", .0.len())]
    Invalid(Vec<Issue>),
    /// Asked wrongly, in words for people.
    #[error("{0}")]
    Asked(String),
    /// The interaction is not served for this type or id (405), in words for people.
    #[error("{0}")]
    NotServed(String),
    /// This needs the file to be open, because it depends on what is in it.
    #[error("the patient's file has to be open for this")]
    NeedsOpening,
    /// The keyholder did not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No such resource; hidden and missing look the same.
    #[error("no such resource")]
    NotThere,
    /// The resource was deleted.
    #[error("deleted by version {version}")]
    Gone {
        /// The version that says deleted.
        version: u32,
    },
    /// `If-Match` named another version than the current one (412).
    #[error("the current version is {current}")]
    OtherVersion {
        /// The current version.
        current: u32,
    },
    /// A condition matched several resources (412).
    #[error("the condition matches several resources")]
    SeveralMatch,
    /// Two entries of a transaction change the same resource, or the like (409).
    #[error("{0}")]
    Conflict(String),
    /// A patch could not be applied (422).
    #[error(transparent)]
    Patch(#[from] fhir::patch::PatchError),
    /// The file has grown since it was opened: open it again and repeat.
    #[error("the file has grown since it was opened")]
    Stale,
    /// Another deposit to the file took too long: repeat.
    #[error("the file is busy")]
    Busy,
    /// Keyholder, store or reader failed.
    #[error("{0}")]
    World(String),
    /// What is stored is not what was deposited: an alarm.
    #[error("tampered: {0}")]
    Tampered(String),
}

/// Reading an attachment failed.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// No such Binary among what was released.
    #[error("no such attachment")]
    NotThere,
    /// The range lies outside the attachment.
    #[error("the attachment has {length} bytes")]
    OutOfRange {
        /// Its length.
        length: u64,
    },
    /// The receiver failed.
    #[error("the receiver failed: {0}")]
    Receiver(#[source] std::io::Error),
    /// The store failed.
    #[error("the store failed: {0}")]
    World(String),
    /// What is stored is not what was deposited: an alarm.
    #[error("tampered: {0}")]
    Tampered(String),
}

impl WriteError {
    /// The HTTP status that says this.
    pub fn status(&self) -> &'static str {
        match self {
            WriteError::Invalid(_) | WriteError::Patch(_) => "422 Unprocessable Entity",
            WriteError::Asked(_) => "400 Bad Request",
            WriteError::NotServed(_) => "405 Method Not Allowed",
            WriteError::NeedsOpening | WriteError::Refused(_) => "403 Forbidden",
            WriteError::NotThere => "404 Not Found",
            WriteError::Gone { .. } => "410 Gone",
            WriteError::OtherVersion { .. } | WriteError::SeveralMatch => "412 Precondition Failed",
            WriteError::Conflict(_) | WriteError::Stale => "409 Conflict",
            WriteError::Busy | WriteError::World(_) => "503 Service Unavailable",
            WriteError::Tampered(_) => "500 Internal Server Error",
        }
    }

    /// The same as an OperationOutcome, without anything that an attacker would like to know.
    pub fn outcome(&self) -> Json {
        let code = match self {
            WriteError::Invalid(issues) => return outcome::outcome(issues),
            WriteError::Asked(_) => IssueCode::Invalid,
            WriteError::Patch(_) => IssueCode::Processing,
            WriteError::NotServed(_) => IssueCode::NotSupported,
            WriteError::NeedsOpening | WriteError::Refused(_) => IssueCode::Forbidden,
            WriteError::NotThere => IssueCode::NotFound,
            WriteError::Gone { .. } => IssueCode::Deleted,
            WriteError::SeveralMatch => IssueCode::MultipleMatches,
            WriteError::OtherVersion { .. } | WriteError::Conflict(_) | WriteError::Stale => {
                IssueCode::Conflict
            }
            WriteError::Busy => IssueCode::Transient,
            WriteError::World(_) => {
                let what = "keyholder or store failed, and whether this was stored is not known: \
                            read before you send it again";
                return outcome::error(IssueCode::Transient, what);
            }
            WriteError::Tampered(_) => {
                return outcome::error(IssueCode::Exception, "what is stored is damaged");
            }
        };
        outcome::error(code, &self.to_string())
    }
}

impl From<KeyholderError> for WriteError {
    fn from(error: KeyholderError) -> WriteError {
        match error {
            KeyholderError::Refused(refused) => WriteError::Refused(refused),
            KeyholderError::Asked(what) => WriteError::Asked(what),
            KeyholderError::Busy | KeyholderError::GrantGone => WriteError::Busy,
            KeyholderError::World(what) => WriteError::World(what),
            KeyholderError::Tampered(what) => WriteError::Tampered(what),
        }
    }
}

impl From<OpenError> for WriteError {
    fn from(error: OpenError) -> WriteError {
        match error {
            OpenError::Keyholder(error) => error.into(),
            OpenError::Asked(what) => WriteError::Asked(what.into()),
            OpenError::World(what) => WriteError::World(what),
            OpenError::Tampered(what) => WriteError::Tampered(what),
        }
    }
}

impl From<ReadError> for WriteError {
    fn from(error: ReadError) -> WriteError {
        match error {
            ReadError::NotThere => WriteError::NotThere,
            ReadError::Gone { version } => WriteError::Gone { version },
            ReadError::Asked(what) => WriteError::Asked(what.into()),
        }
    }
}

impl From<seal::SealError> for OpenError {
    fn from(error: seal::SealError) -> OpenError {
        match error {
            seal::SealError::Asked(what) => OpenError::Asked(what),
            seal::SealError::Tampered(what) => OpenError::Tampered(what.into()),
            seal::SealError::World(what) => OpenError::World(what.into()),
        }
    }
}

impl From<store::ReadError> for OpenError {
    fn from(error: store::ReadError) -> OpenError {
        match error {
            store::ReadError::Tampered(what) => OpenError::Tampered(what),
            other => OpenError::World(other.to_string()),
        }
    }
}

impl From<store::AppendError> for WriteError {
    fn from(error: store::AppendError) -> WriteError {
        match error {
            store::AppendError::Tampered(what) => WriteError::Tampered(what),
            other => WriteError::World(other.to_string()),
        }
    }
}

impl From<seal::SealError> for AttachmentError {
    fn from(error: seal::SealError) -> AttachmentError {
        match error {
            seal::SealError::Tampered(what) => AttachmentError::Tampered(what.into()),
            other => AttachmentError::World(other.to_string()),
        }
    }
}

impl From<store::ReadError> for AttachmentError {
    fn from(error: store::ReadError) -> AttachmentError {
        match error {
            store::ReadError::Tampered(what) => AttachmentError::Tampered(what),
            // The sealed record says that the chunk is there.
            store::ReadError::NotThere { number, .. } => {
                AttachmentError::Tampered(format!("chunk {number} is missing"))
            }
            other => AttachmentError::World(other.to_string()),
        }
    }
}
