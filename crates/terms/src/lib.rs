//! The words of Cofferdam as types: ids, sections, roles, relations, purposes, time, limits.
//!
//! No logic lives here beyond reading and printing these words. Every other crate uses them, so
//! that a file cannot be mistaken for a card, nor a section for a string. For tests there are
//! [`planted`] bugs.

mod calendar;
mod id;
mod key;
mod limits;
pub mod planted;
mod role;
mod section;
mod subject;
mod time;

pub use calendar::{ParseTimeError, date};
pub use id::{Blind, CardId, FileId, JobId, ListId, ParseIdError, PracticeId, ServerId, SessionId};
pub use key::{Curve, PublicKey};
pub use limits::*;
pub use role::{Finding, Freezable, Grade, Ground, Purpose, RelationClass, Role, Rung};
pub use section::{Section, Sections};
pub use subject::Subject;
pub use time::{Duration, Time};
