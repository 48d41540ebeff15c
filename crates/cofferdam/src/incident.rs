//! `cofferdam incident`: what is done about an incident.

mod folder;
mod letters;

use crate::cli::IncidentCommand;
use crate::failure::Outcome;
use crate::home::Home;

/// `cofferdam incident`.
pub(crate) fn incident(home: &Home, command: &IncidentCommand, json: bool) -> Outcome {
    match command {
        IncidentCommand::Letters(command) => letters::letters(home, command, json),
    }
}
