//! What an incident touched: from lines of the ledger to exact persons and sections.
//!
//! Trust: nothing here is secret but who was touched; nothing here can open a file. What a person
//! must say is asked for and never made up.

mod exposure;
mod line;
mod scope;
mod text;

pub use exposure::{Exposure, Fold, Person, digest};
pub use line::{FileName, Line};
pub use scope::{OPEN_HOURS_MAX, Scope};
