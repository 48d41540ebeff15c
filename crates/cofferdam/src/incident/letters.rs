//! `cofferdam incident letters`: from a list of files to letters, each person exactly one.
//!
//! ```text
//! order -> approve -> run: open (spool) -> plan -> batches -> sent, returned, unreachable
//! ```
//!
//! Names and addresses lie in the folder that `run --out` names and nowhere else; the data folder
//! keeps file ids, counts, hashes of codes and what became of each letter.

mod batches;
mod chain;
mod codes;
mod delivery;
mod exposed;
mod job;
mod mail;
mod measured;
mod out;
mod place;
mod plan;
mod press;
mod run;
mod session;
mod spool;
mod status;

use crate::cli::LettersCommand;
use crate::failure::Outcome;
use crate::home::Home;

/// `cofferdam incident letters`.
pub(super) fn letters(home: &Home, command: &LettersCommand, json: bool) -> Outcome {
    match command {
        LettersCommand::Order(a) => job::order(home, a, json),
        LettersCommand::Approve(a) => job::approve(home, a, json),
        LettersCommand::Run(a) => run::run(home, a, json),
        LettersCommand::Status(a) => status::status(home, a, json),
        LettersCommand::Sent(a) => mail::sent(home, a, json),
        LettersCommand::Returned(a) => mail::returned(home, a, json),
        LettersCommand::Unreachable(a) => mail::unreachable(home, a, json),
        LettersCommand::Check(a) => mail::check(home, a, json),
    }
}
