//! What goes wrong, in one table: family, HTTP status, FHIR code.

use fhir::{Issue, IssueCode, Severity, outcome};
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use std::borrow::Cow;

/// Why a request is not answered as asked. It carries no content of any file.
pub(crate) struct Problem(Box<Inner>);

struct Inner {
    family: Family,
    text: Cow<'static, str>,
    issues: Vec<Issue>,
    headers: Vec<(HeaderName, HeaderValue)>,
    entry: Option<u64>,
}

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident $status:ident $code:ident,)*) => {
        /// What went wrong; each has one status and one code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Family {
            $($(#[$doc])* $name,)*
        }

        impl Family {
            /// Every family.
            #[cfg(test)]
            const ALL: &'static [Family] = &[$(Family::$name,)*];

            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Family::$name => StatusCode::$status,)* }
            }

            const fn code(self) -> IssueCode {
                match self { $(Family::$name => IssueCode::$code,)* }
            }
        }
    };
}

families!(
    /// The request cannot be read.
    Malformed BAD_REQUEST Structure,
    /// A parameter or header makes no sense here.
    BadParameter BAD_REQUEST Invalid,
    /// A search of files that does not say whose.
    NeedsPatient BAD_REQUEST Required,
    /// Nobody proved to be anybody.
    Login UNAUTHORIZED Login,
    /// The keyholder said no, or the token is for something else: always the same shape.
    Refused FORBIDDEN Forbidden,
    /// Nothing there, or nothing that may be seen.
    NotThere NOT_FOUND NotFound,
    /// The address is known and the method is not.
    Method METHOD_NOT_ALLOWED NotSupported,
    /// None of the formats that the client accepts is spoken here.
    Format NOT_ACCEPTABLE NotSupported,
    /// The client took too long.
    Timeout REQUEST_TIMEOUT Timeout,
    /// Somebody else was faster.
    Conflict CONFLICT Conflict,
    /// It was deleted.
    Gone GONE Deleted,
    /// The condition of the request does not hold.
    Precondition PRECONDITION_FAILED Conflict,
    /// The condition of the request fits several.
    Several PRECONDITION_FAILED MultipleMatches,
    /// Longer than what is taken.
    TooLarge PAYLOAD_TOO_LARGE TooLong,
    /// The body is in a form that is not spoken here.
    Media UNSUPPORTED_MEDIA_TYPE NotSupported,
    /// The resource breaks a rule.
    Unprocessable UNPROCESSABLE_ENTITY Invariant,
    /// Too many requests.
    Throttled TOO_MANY_REQUESTS Throttled,
    /// A mistake of this server.
    Broken INTERNAL_SERVER_ERROR Exception,
    /// Something that was stored is not what was written: an alarm was raised.
    Tampered INTERNAL_SERVER_ERROR Exception,
    /// What is asked for is not served here.
    NotServed NOT_IMPLEMENTED NotSupported,
    /// Disk, keyholder or room is missing at the moment.
    Unavailable SERVICE_UNAVAILABLE Transient,
);

impl Problem {
    pub(crate) fn new(family: Family, text: impl Into<Cow<'static, str>>) -> Problem {
        let text = text.into();
        let (issues, headers) = (Vec::new(), Vec::new());
        Problem(Box::new(Inner { family, text, issues, headers, entry: None }))
    }

    /// The same for everything that must not be told apart.
    pub(crate) fn not_there() -> Problem {
        Problem::new(Family::NotThere, "there is nothing here that you may see")
    }

    /// The keyholder refused; the entry holds the reason.
    pub(crate) fn refused(entry: Option<u64>) -> Problem {
        let mut problem = match entry {
            Some(entry) => Problem::new(
                Family::Refused,
                format!("refused; the reason is entry {entry} of the ledger, ask an officer"),
            ),
            None => Problem::new(Family::Refused, "refused"),
        };
        problem.0.entry = entry;
        problem
    }

    /// The keyholder refused, and there is something that the asker can do about it.
    pub(crate) fn asks(entry: Option<u64>, sentence: &'static str) -> Problem {
        let mut problem = Problem::new(Family::Refused, sentence);
        problem.0.entry = entry;
        problem
    }

    /// Findings of a validation.
    pub(crate) fn with_issues(mut self, issues: Vec<Issue>) -> Problem {
        self.0.issues = issues;
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.headers.push((name, value));
        self
    }

    pub(crate) fn family(&self) -> Family {
        self.0.family
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.family.status()
    }

    /// Number of the ledger entry it is about.
    pub(crate) fn entry(&self) -> Option<u64> {
        self.0.entry
    }

    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    /// The OperationOutcome.
    pub(crate) fn outcome(&self) -> fhir::Json {
        let has_error = self.0.issues.iter().any(|i| i.severity == Severity::Error);
        if has_error {
            outcome::outcome(&self.0.issues)
        } else {
            outcome::error(self.0.family.code(), &self.0.text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_an_error() {
        for family in Family::ALL {
            let status = family.status();
            assert!(status.is_client_error() || status.is_server_error(), "{family:?}");
        }
    }

    #[test]
    fn refusals_have_one_shape() {
        let shape =
            |entry| Problem::refused(Some(entry)).outcome().to_text().replace(char::is_numeric, "");
        assert_eq!(shape(1), shape(1_000_000));
    }
}
