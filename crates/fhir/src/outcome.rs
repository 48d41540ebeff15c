//! OperationOutcome: what went wrong, in FHIR's own form.

use crate::{Issue, IssueCode, Json, Object, Severity};

/// An OperationOutcome with these issues (an "all ok" information where there is none).
pub fn outcome(issues: &[Issue]) -> Json {
    let mut listed: Vec<Json> = issues.iter().map(issue).collect();
    if listed.is_empty() {
        listed.push(plain(Severity::Information, IssueCode::Informational, "all ok").into());
    }
    let outcome = Object::new().with("resourceType", "OperationOutcome").with("issue", listed);
    outcome.into()
}

/// An OperationOutcome with one error and this text for people.
pub fn error(code: IssueCode, diagnostics: &str) -> Json {
    let issues = vec![plain(Severity::Error, code, diagnostics).into()];
    Object::new().with("resourceType", "OperationOutcome").with("issue", issues).into()
}

fn issue(issue: &Issue) -> Json {
    let listed = plain(issue.severity, issue.code, &issue.message);
    if issue.expression.is_empty() {
        return listed.into();
    }
    listed.with("expression", vec![Json::from(issue.expression.as_str())]).into()
}

fn plain(severity: Severity, code: IssueCode, diagnostics: &str) -> Object {
    let listed = Object::new().with("severity", severity.word()).with("code", code.word());
    if diagnostics.is_empty() { listed } else { listed.with("diagnostics", diagnostics) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate;

    #[test]
    fn outcomes_are_valid_resources() {
        let patient = Object::new().with("resourceType", "Patient").with("gender", "x").into();
        for made in [
            outcome(&[]),
            outcome(&validate(&patient)),
            error(IssueCode::NotSupported, "the parameter is not served"),
            error(IssueCode::MultipleMatches, ""),
        ] {
            assert_eq!(validate(&made), []);
        }
        let text = outcome(&validate(&patient)).to_text();
        assert!(text.contains(r#""severity":"error","code":"code-invalid""#));
        assert!(text.contains(r#""expression":["Patient.gender"]"#));
    }
}
