//! `cofferdam incident letters`: the letter run (crate `post`) with this data folder's keyholder,
//! store and cards.

mod facts;
mod mail;
mod prepare;
mod run;
mod session;
mod status;

use crate::cli::LettersCommand;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use post::PostError;

/// `cofferdam incident letters`.
pub(super) fn letters(home: &Home, command: &LettersCommand, json: bool) -> Outcome {
    match command {
        LettersCommand::Order(a) => prepare::order(home, a, json),
        LettersCommand::Approve(a) => prepare::approve(home, a, json),
        LettersCommand::Facts(a) => facts::facts(home, a, json),
        LettersCommand::Run(a) => run::run(home, a, json),
        LettersCommand::Status(a) => status::status(home, a, json),
        LettersCommand::Sent(a) => mail::sent(home, a, json),
        LettersCommand::Returned(a) => mail::mark(home, a, post::Post::Returned, json),
        LettersCommand::Unreachable(a) => mail::mark(home, a, post::Post::Unreachable, json),
        LettersCommand::Check(a) => mail::check(home, a, json),
    }
}

impl From<PostError> for Failure {
    fn from(error: PostError) -> Failure {
        match error {
            PostError::Asked(text) => Failure::Asked(text),
            PostError::Refused(text) => Failure::Refused(text),
            PostError::NotThere(text) => Failure::NotThere(text),
            PostError::World(text) => Failure::World(text),
            PostError::Tampered(text) => Failure::Tampered(text),
        }
    }
}

impl From<Failure> for PostError {
    fn from(failure: Failure) -> PostError {
        match failure {
            Failure::Asked(text) => PostError::Asked(text),
            Failure::Refused(text) => PostError::Refused(text),
            Failure::NotThere(text) => PostError::NotThere(text),
            Failure::World(text) => PostError::World(text),
            Failure::Tampered(text) => PostError::Tampered(text),
        }
    }
}
