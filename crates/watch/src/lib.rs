//! The watch: detectors over the ledger's entries, which can order the keyholder to take away.
//!
//! Trust: it holds no key and sees no record, and of a patient nothing but a blind. Taken over it
//! could stop too much or say nothing; it cannot open, lift or relax anything. Everything here is
//! a pure function of the entries: what it knows after a restart is what the ledger says.

mod alert;
mod detectors;
mod lifting;
mod peers;
mod register;
mod scene;
pub mod sentences;
mod settings;
mod stops;
mod track;
mod watch;

pub use alert::{Alert, Level};
pub use decision::{Step, Stop};
pub use settings::{Parts, Settings, Tuning};
pub use watch::Watch;
