//! Sealed bytes under opaque ids: what an attacker who takes all of it learns is sizes and times.
//!
//! The store is *not* trusted. Whoever reads it gets ciphertext; whoever changes it is noticed by
//! the reader, who knows each file's head from the keyholder and checks every hash up to it.
//! Nothing in this crate can encrypt or decrypt, and it uses no in-house crate but `terms`.
//!
//! [`Store`] is the contract, [`EmbeddedStore`] the backend for one host, `conformance` (a feature)
//! the cases that every backend passes. Everything blocks; call it from threads that may.

#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod embedded;
mod errors;
mod model;
mod sql;

pub use contract::Store;
pub use embedded::EmbeddedStore;
pub use errors::{AppendError, BackupError, CheckError, EraseError, OpenError, ReadError, World};
pub use model::{
    AttachmentId, AttachmentOutline, Checked, FileSize, Hash, NewChunk, NewSegment, Progress,
    SEALED_BYTES_MAX, SegmentOutline, Statistics, StoredSegment,
};
