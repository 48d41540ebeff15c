//! Checks a resource against the structure that R4 defines.

mod checker;
mod primitive;
#[cfg(test)]
mod tests;

pub use primitive::is_id;

use crate::Json;

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The resource is fine.
    Information,
    /// Accepted, though R4 says otherwise.
    Warning,
    /// Refused.
    Error,
}

/// What kind of issue: the words of FHIR's IssueType that Cofferdam uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IssueCode {
    /// `structure`.
    Structure,
    /// `required`.
    Required,
    /// `value`.
    Value,
    /// `code-invalid`.
    CodeInvalid,
    /// `invariant`.
    Invariant,
    /// `invalid`.
    Invalid,
    /// `not-supported`.
    NotSupported,
    /// `not-found`.
    NotFound,
    /// `deleted`.
    Deleted,
    /// `duplicate`.
    Duplicate,
    /// `multiple-matches`.
    MultipleMatches,
    /// `conflict`.
    Conflict,
    /// `too-long`.
    TooLong,
    /// `too-costly`.
    TooCostly,
    /// `business-rule`.
    BusinessRule,
    /// `security`.
    Security,
    /// `login`.
    Login,
    /// `forbidden`.
    Forbidden,
    /// `suppressed`.
    Suppressed,
    /// `throttled`.
    Throttled,
    /// `processing`.
    Processing,
    /// `exception`.
    Exception,
    /// `timeout`.
    Timeout,
    /// `transient`.
    Transient,
    /// `informational`.
    Informational,
}

/// One finding. It names elements and rules, never content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad.
    pub severity: Severity,
    /// What kind.
    pub code: IssueCode,
    /// Where, such as `Patient.name[0].given[1]`.
    pub expression: String,
    /// What, for people.
    pub message: String,
}

/// Every finding in a resource; it may be stored if none is an [`Severity::Error`].
///
/// Checked are names, cardinalities, types, the form of primitives, demanded codes, companions of
/// primitives (`_name`), extensions, contained resources, and that nothing is empty. Not checked
/// are profiles, value sets that R4 does not spell out, and most invariants.
///
/// One deviation is a warning, because widely used data has it: a code that is missing from a
/// demanded code list of a CodeableConcept that also carries text or another coding.
pub fn validate(resource: &Json) -> Vec<Issue> {
    checker::check(resource)
}

/// Whether a resource with these findings must be refused.
pub fn is_refused(issues: &[Issue]) -> bool {
    issues.iter().any(|issue| issue.severity == Severity::Error)
}

impl IssueCode {
    /// The word for it, as `OperationOutcome.issue.code` has it.
    pub const fn word(self) -> &'static str {
        match self {
            IssueCode::Structure => "structure",
            IssueCode::Required => "required",
            IssueCode::Value => "value",
            IssueCode::CodeInvalid => "code-invalid",
            IssueCode::Invariant => "invariant",
            IssueCode::Invalid => "invalid",
            IssueCode::NotSupported => "not-supported",
            IssueCode::NotFound => "not-found",
            IssueCode::Deleted => "deleted",
            IssueCode::Duplicate => "duplicate",
            IssueCode::MultipleMatches => "multiple-matches",
            IssueCode::Conflict => "conflict",
            IssueCode::TooLong => "too-long",
            IssueCode::TooCostly => "too-costly",
            IssueCode::BusinessRule => "business-rule",
            IssueCode::Security => "security",
            IssueCode::Login => "login",
            IssueCode::Forbidden => "forbidden",
            IssueCode::Suppressed => "suppressed",
            IssueCode::Throttled => "throttled",
            IssueCode::Processing => "processing",
            IssueCode::Exception => "exception",
            IssueCode::Timeout => "timeout",
            IssueCode::Transient => "transient",
            IssueCode::Informational => "informational",
        }
    }
}

impl Severity {
    /// The word for it, as `OperationOutcome.issue.severity` has it.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Information => "information",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}
