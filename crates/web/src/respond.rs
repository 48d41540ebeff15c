//! Answers: their headers, and what every one of them carries.

use crate::body::Answer;
use crate::problem::{Family, Problem};
use fhir::Json;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use terms::Time;

pub(crate) type Answered = Result<Response<Answer>, Problem>;

/// Headers of every answer: nothing is cached, framed, sniffed or told to other origins.
const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds what every answer carries.
pub(crate) fn harden(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        // A page that runs its own script says so itself.
        if !(name == header::CONTENT_SECURITY_POLICY && headers.contains_key(&name)) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// An answer with this text of this media type.
pub(crate) fn text(
    status: StatusCode,
    kind: &'static str,
    text: impl Into<bytes::Bytes>,
) -> Response<Answer> {
    let mut response = Response::new(Answer::whole(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// An answer with this resource.
pub(crate) fn resource(
    status: StatusCode,
    kind: &'static str,
    resource: &Json,
) -> Response<Answer> {
    let mut out = Vec::with_capacity(1024);
    resource.write_to(&mut out);
    text(status, kind, out)
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Answer> {
    let mut response = Response::new(Answer::empty());
    *response.status_mut() = status;
    response
}

/// A problem as an OperationOutcome.
pub(crate) fn problem(problem: &Problem, kind: &'static str) -> Response<Answer> {
    let mut response = resource(problem.status(), kind, &problem.outcome());
    for (name, value) in problem.headers() {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}

/// A problem as the token endpoint tells it (RFC 6749, section 5.2).
pub(crate) fn oauth_problem(problem: &Problem) -> Response<Answer> {
    let status = problem.status();
    let error = match problem.family() {
        Family::Throttled | Family::Unavailable => "temporarily_unavailable",
        _ if status.is_server_error() => "server_error",
        _ => "invalid_request",
    };
    let mut response = oauth_error(status, error);
    for (name, value) in problem.headers() {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}

/// An error of the token endpoint.
pub(crate) fn oauth_error(status: StatusCode, error: &'static str) -> Response<Answer> {
    let body = serde_json::json!({ "error": error });
    text(status, "application/json", body.to_string())
}

/// A header that is made of ids, numbers and addresses of our own.
pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The weak entity tag of a version.
pub(crate) fn etag(version: &str) -> String {
    format!("W/\"{version}\"")
}

/// The version in an `If-Match` or `If-None-Match`, weak or not.
pub(crate) fn version_of(tag: &str) -> Option<&str> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"')?.strip_suffix('"').filter(|v| !v.is_empty())
}

/// A time as HTTP writes it.
pub(crate) fn http_date(time: Time) -> String {
    let since = std::time::Duration::from_millis(time.millis());
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_read_back() {
        assert_eq!(version_of(&etag("7")), Some("7"));
        assert_eq!(version_of(" \"7\""), Some("7"));
        for wrong in ["7", "", "\"", "W/", "\"\"", "*"] {
            assert_eq!(version_of(wrong), None, "{wrong}");
        }
        assert_eq!(http_date(Time::from_millis(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn times_beyond_what_http_can_write_do_not_panic() {
        let text = http_date(Time::from_millis(253_402_300_799_000));
        assert!(text.starts_with("Fri, 31 Dec 9999"));
    }
}
