//! Why something about an incident could not be done.

use std::fmt::Display;
use std::io;
use std::path::Path;

/// By whose turn it is now.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// What was given makes no sense; the text says what to do.
    #[error("{0}")]
    Asked(String),
    /// It is not there.
    #[error("{0}")]
    NotThere(String),
    /// The disk failed.
    #[error("{0}")]
    World(String),
    /// A file of the incident was altered: an alarm.
    #[error("{0}")]
    Tampered(String),
}

impl IncidentError {
    /// The disk failed at this path.
    pub fn disk(path: &Path) -> impl FnOnce(io::Error) -> IncidentError {
        move |error| IncidentError::World(format!("{}: {error}", path.display()))
    }

    /// A file cannot be read as what it should be.
    pub fn unread<E: Display>(path: &Path) -> impl FnOnce(E) -> IncidentError {
        move |error| IncidentError::Tampered(format!("{}: {error}", path.display()))
    }
}

/// What may fail so.
pub type Result<T> = std::result::Result<T, IncidentError>;
