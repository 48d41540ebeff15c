//! Clocks: what is due when, by which law, for which reason.
//!
//! Trust: the laws are data with their sources. A duty that hangs on something nobody knows yet
//! stays on the list as possible. None of it is legal advice.

mod date;
mod law;
mod timetable;

pub use date::{Date, ParseDateError};
pub use law::{Clock, Law, Span, Start, laws};
pub use timetable::{Due, Row, State, timetable};

/// Stands under everything that speaks of duties.
pub const NO_ADVICE: &str = "This is not legal advice. Laws change and countries add their own; \
                             ask your data protection officer or a lawyer before you rely on it.";
