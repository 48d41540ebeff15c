//! FHIR interactions on one open file, and the directory of practitioners and organisations.
//!
//! Everything blocks; nothing needs an async runtime. Reads and searches in a file that is open
//! work on memory alone. Trust: an [`OpenFile`] exists only by a [`RecordedRelease`], which only an
//! answer of the keyholder makes; what the store returns is believed only where it fits the head
//! that came with the release.
//!
//! | module | what it gives |
//! |---|---|
//! | [`records`] | [`Records`]: the entry point: open, create, update, transaction, attachments |
//! | [`keyholder`] | [`Keyholder`]: the client, a pool of connections |
//! | [`open_file`] | [`OpenFile`]: one file's released sections in memory |
//! | [`answer`] | [`Answer`]: a searchset or history, written straight to bytes |
//! | [`directory`] | [`Directory`]: practitioners, organisations, places |
//! | [`ids`] | [`ResourceId`]: an id names its file |
//! | [`segment_content`] | the format inside a segment |
//! | [`audit`] | AuditEvents from lines of the ledger |
//! | [`provenance`] | Provenances from lines of the ledger |
//! | [`views`] | what an id of either says |
//! | [`import`] | whole files in bulk, by deposits, resumable |
//! | [`ndjson`] | folders of bulk NDJSON as sources of an import |

pub mod answer;
pub mod audit;
pub mod directory;
pub mod errors;
pub mod ids;
pub mod import;
pub mod keyholder;
pub mod ndjson;
pub mod open_file;
pub mod provenance;
pub mod records;
pub mod segment_content;
pub mod transaction;
pub mod version;
pub mod views;

mod attachments;
mod changing;
mod contents;
mod creating;
mod deposit;
mod draft;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod journal;
mod names;
mod opening;
mod reading;
mod redacted;
mod replacing;
mod resolving;
mod searching;

pub use answer::{Answer, Page, PageMark};
pub use changing::IfMatch;
pub use directory::Directory;
pub use errors::{AttachmentError, KeyholderError, OpenError, ReadError, Refused, WriteError};
pub use ids::ResourceId;
pub use keyholder::{FoundFiles, Keyholder, RecordedRelease};
pub use open_file::{Everything, OpenFile};
pub use reading::part_of_read;
pub use records::{Outcome, Records, Settings, Written};
pub use transaction::Carried;
pub use version::Version;
