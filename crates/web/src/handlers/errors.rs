//! From the errors of the record to the table of problems. Details of the world stay in the log.

use crate::problem::{Family, Problem};
use hyper::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use keyproto::message::Ask;
use record::{AttachmentError, KeyholderError, OpenError, ReadError, Refused, WriteError};

pub(crate) fn refused(refused: Refused) -> Problem {
    let Some(sentence) = refused.ask.sentence() else {
        return Problem::refused(Some(refused.entry));
    };
    if refused.ask != Ask::SignIn {
        return Problem::asks(Some(refused.entry), sentence);
    }
    let challenge = HeaderValue::from_static("DPoP error=\"insufficient_user_authentication\"");
    Problem::new(Family::Login, sentence).with_header(WWW_AUTHENTICATE, challenge)
}

pub(crate) fn keyholder(error: KeyholderError) -> Problem {
    match error {
        KeyholderError::Refused(error) => refused(error),
        KeyholderError::Asked(what) => {
            tracing::warn!(what, "the keyholder does not understand");
            Problem::new(Family::BadParameter, "the keyholder does not understand this request")
        }
        KeyholderError::Busy | KeyholderError::GrantGone => busy(),
        KeyholderError::World(what) => world(&what),
        KeyholderError::Tampered(what) => tampered(&what),
    }
}

pub(crate) fn open(error: OpenError) -> Problem {
    match error {
        OpenError::Keyholder(error) => keyholder(error),
        OpenError::Asked(what) => {
            tracing::warn!(what, "a release does not fit");
            Problem::new(Family::Unavailable, "the file could not be opened: try again")
        }
        OpenError::World(what) => world(&what),
        OpenError::Tampered(what) => tampered(&what),
    }
}

pub(crate) fn read(error: ReadError) -> Problem {
    match error {
        ReadError::NotThere => Problem::not_there(),
        ReadError::Gone { .. } => Problem::new(Family::Gone, "this was deleted"),
        ReadError::Asked(what) => Problem::new(Family::BadParameter, what),
    }
}

pub(crate) fn write(error: WriteError) -> Problem {
    match error {
        WriteError::Invalid(issues) => {
            Problem::new(Family::Unprocessable, "the resource breaks rules").with_issues(issues)
        }
        WriteError::Asked(what) => Problem::new(Family::BadParameter, what),
        WriteError::NotServed(what) => Problem::new(Family::Method, what),
        WriteError::NeedsOpening => Problem::new(
            Family::NeedsPatient,
            "this depends on what is in a file: name the patient, so that it can be opened",
        ),
        WriteError::Refused(error) => refused(error),
        WriteError::NotThere => Problem::not_there(),
        WriteError::Gone { .. } => Problem::new(Family::Gone, "this was deleted"),
        WriteError::OtherVersion { current } => Problem::new(
            Family::Precondition,
            format!("the current version is {current}: read it, then decide again"),
        ),
        WriteError::SeveralMatch => {
            Problem::new(Family::Several, "the condition fits several resources")
        }
        WriteError::Conflict(what) => Problem::new(Family::Conflict, what),
        WriteError::Patch(error) => Problem::new(Family::Unprocessable, error.to_string()),
        WriteError::Stale => {
            Problem::new(Family::Conflict, "somebody else wrote to the file: read it again")
        }
        WriteError::Busy => busy(),
        WriteError::World(what) => world(&what),
        WriteError::Tampered(what) => tampered(&what),
    }
}

pub(crate) fn attachment(error: AttachmentError) -> Problem {
    match error {
        AttachmentError::NotThere => Problem::not_there(),
        AttachmentError::OutOfRange { .. } => {
            Problem::new(Family::BadParameter, "the range lies outside the attachment")
        }
        AttachmentError::Receiver(_) => Problem::new(Family::Timeout, "the client went away"),
        AttachmentError::World(what) => world(&what),
        AttachmentError::Tampered(what) => tampered(&what),
    }
}

fn busy() -> Problem {
    Problem::new(Family::Unavailable, "the file is being written to: try again")
        .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
}

fn world(what: &str) -> Problem {
    tracing::error!(what, "keyholder or store failed");
    Problem::new(Family::Unavailable, "keyholder or store cannot work at the moment: try again")
        .with_header(RETRY_AFTER, HeaderValue::from_static("5"))
}

fn tampered(what: &str) -> Problem {
    tracing::error!(alarm = true, what, "tampered");
    Problem::new(Family::Tampered, "stored bytes were altered; an alarm was raised")
}
