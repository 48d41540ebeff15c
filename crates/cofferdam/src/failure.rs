//! Why a command ended without doing what it was asked.

use std::fmt::Display;
use std::process::ExitCode;

/// A command's failure, by whose turn it is now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command or its files do not make sense: the caller's turn.
    #[error("{0}")]
    Asked(String),
    /// Refused: an officer's turn.
    #[error("{0}")]
    Refused(String),
    /// It is not there.
    #[error("{0}")]
    NotThere(String),
    /// Disk, network or another process: the operator's turn.
    #[error("{0}")]
    World(String),
    /// Something was altered: an alarm.
    #[error("{0}")]
    Tampered(String),
}

/// What every command returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// 2 asked wrongly, 3 refused, 4 not there, 5 the world failed, 6 tampered.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Asked(_) => 2,
            Failure::Refused(_) => 3,
            Failure::NotThere(_) => 4,
            Failure::World(_) => 5,
            Failure::Tampered(_) => 6,
        })
    }

    /// The same family as that of a process which ended with this code.
    pub(crate) fn of_code(code: Option<i32>, text: String) -> Failure {
        match code {
            Some(2) => Failure::Asked(text),
            Some(4) => Failure::NotThere(text),
            Some(6) => Failure::Tampered(text),
            _ => Failure::World(text),
        }
    }

    /// One word for `--json`.
    pub(crate) fn family(&self) -> &'static str {
        match self {
            Failure::Asked(_) => "asked-wrongly",
            Failure::Refused(_) => "refused",
            Failure::NotThere(_) => "not-there",
            Failure::World(_) => "world-failed",
            Failure::Tampered(_) => "tampered",
        }
    }

    /// Makes a failure of the world with what was being done.
    pub(crate) fn world<E: Display>(doing: impl Display) -> impl FnOnce(E) -> Failure {
        move |error| Failure::World(format!("{doing}: {error}"))
    }
}
