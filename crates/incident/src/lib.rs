//! What an incident touched: from lines of the ledger to exact persons and sections.
//!
//! Trust: nothing here is secret but who was touched; nothing here can open a file. What a person
//! must say is asked for and never made up.

mod association;
mod chain;
pub mod clocks;
pub mod counts;
mod error;
mod exposure;
pub mod facts;
pub mod filing;
mod fold;
mod folder;
mod journal;
mod line;
mod scope;
mod text;

pub use association::{Member, MemberCount, MemberList};
pub use chain::{Chain, Each};
pub use error::{IncidentError, Result};
pub use exposure::read::EachPerson;
pub use exposure::{Exposure, Person, digest};
pub use fold::Fold;
pub use folder::{Folder, Incident, Source, make, write_new};
pub use journal::{Event, Journal};
pub use line::{FileName, Line};
pub use scope::{OPEN_HOURS_MAX, Scope, StolenCopy};

pub use clocks::NO_ADVICE;
pub use counts::{Counts, People};
pub use facts::{Claim, Denies, Evidence, Knowledge};
