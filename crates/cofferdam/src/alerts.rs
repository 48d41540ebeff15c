//! What the watch found, as a case that people work on: written down once, told on in the formats
//! that other systems read.

mod audit_event;
mod case;
mod ocsf;
mod syslog;
mod told;

pub(crate) use audit_event::audit_event;
pub(crate) use case::{Case, State, cases};
pub(crate) use ocsf::ocsf;
pub(crate) use syslog::{frame, syslog};
#[cfg(test)]
pub(crate) use told::tests as told_tests;
pub(crate) use told::{Line, Names, Ordered, Told, Verdict, What};

/// The file of all cases.
pub(crate) type Queue = crate::queue::Queue<Line>;

/// Reads it as it grows.
pub(crate) type Reader = crate::queue::Reader<Line>;
