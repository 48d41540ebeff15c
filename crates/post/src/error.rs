//! Why something about letters could not be done.

use export::ExportError;
use incident::IncidentError;
use std::fmt::Display;

/// By whose turn it is now.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// What was given makes no sense; the text says what to do.
    #[error("{0}")]
    Asked(String),
    /// Refused: an officer's turn.
    #[error("{0}")]
    Refused(String),
    /// It is not there.
    #[error("{0}")]
    NotThere(String),
    /// Disk, keyholder or store failed.
    #[error("{0}")]
    World(String),
    /// Something was altered: an alarm.
    #[error("{0}")]
    Tampered(String),
}

/// What may fail so.
pub type Result<T, E = PostError> = std::result::Result<T, E>;

impl PostError {
    /// A failure of the world with what was being done.
    pub(crate) fn world<E: Display>(doing: impl Display) -> impl FnOnce(E) -> PostError {
        move |error| PostError::World(format!("{doing}: {error}"))
    }
}

impl From<IncidentError> for PostError {
    fn from(error: IncidentError) -> PostError {
        match error {
            IncidentError::Asked(text) => PostError::Asked(text),
            IncidentError::NotThere(text) => PostError::NotThere(text),
            IncidentError::World(text) => PostError::World(text),
            IncidentError::Tampered(text) => PostError::Tampered(text),
        }
    }
}

impl From<ExportError> for PostError {
    fn from(error: ExportError) -> PostError {
        let text = error.to_string();
        match error {
            ExportError::Asked(_) => PostError::Asked(text),
            ExportError::Refused(_) | ExportError::RefusedAll(..) => PostError::Refused(text),
            ExportError::World(_) => PostError::World(format!(
                "{text}. Give the same command again: it goes on from here"
            )),
            ExportError::Tampered(_) => PostError::Tampered(text),
        }
    }
}
