//! OperationOutcome: what went wrong, in FHIR's own form.

use crate::{Issue, IssueCode, Json, Severity};

/// An OperationOutcome with these issues (an "all ok" information where there is none).
pub fn outcome(issues: &[Issue]) -> Json {
    let _ = issues;
    todo!()
}

/// An OperationOutcome with one error and this text for people.
pub fn error(code: IssueCode, diagnostics: &str) -> Json {
    let _ = (code, diagnostics, Severity::Error);
    todo!()
}
