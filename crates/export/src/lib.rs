//! The only code that opens many files: those of a job that two officers approved.
//!
//! Trust: an [`ApprovedExport`] exists only after the keyholder said that it knows this job over
//! exactly these files, and even then every file is decided, counted and recorded by the keyholder
//! one by one. What comes out is a [`Person`]: label and contact, and nothing else of the file.
//!
//! ```text
//! FileList::of(ids)  ->  its root goes into the order  ->  ApprovedExport::of  ->  run
//! ```

mod approved;
mod list;
mod open;
mod patient;
mod person;

pub use approved::{ApprovedExport, Came, Signer};
pub use list::FileList;
pub use open::Left;
pub use person::{Address, Contact, Person, Telecom};

/// An export came to nothing, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The list of files makes no sense.
    #[error("{0}")]
    Asked(&'static str),
    /// The job is not approved, is over, or is about other files.
    #[error("{0}")]
    Refused(&'static str),
    /// The keyholder refused so many files in a row that it is not about the files.
    #[error(
        "the keyholder refused {0} files in a row, the last with ledger entry {1}: is the job \
         over, or its card frozen?"
    )]
    RefusedAll(u32, u64),
    /// Keyholder or store failed; run it again and it goes on where it stopped.
    #[error("{0}")]
    World(String),
    /// Something was altered: an alarm.
    #[error("tampered: {0}")]
    Tampered(String),
}
