//! Formats and preferences: what the client accepts, what it sends, what it would rather have.

use crate::problem::{Family, Problem};
use hyper::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};

/// The media type of FHIR in JSON.
pub(crate) const FHIR_JSON: &str = "application/fhir+json";
/// The media type of JSON Patch.
const JSON_PATCH: &str = "application/json-patch+json";
/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";
/// The parameter of a media type that says which FHIR it is about.
const FHIR_VERSION: &str = "fhirVersion";
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// What `Prefer: return=` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Return {
    /// No body.
    Minimal,
    /// The resource as it now is.
    #[default]
    Representation,
    /// What there is to say about it.
    OperationOutcome,
}

/// What the client would rather have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// What a write answers, if the client says it.
    pub(crate) returns: Option<Return>,
    /// Whether search parameters that are not known are left out instead of refused.
    pub(crate) lenient: bool,
}

/// What a request's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// A resource in JSON.
    Json,
    /// A JSON Patch.
    Patch,
    /// A form.
    Form,
    /// Anything else.
    Other,
}

/// The media type to answer with, or 406 where the client accepts no JSON.
pub(crate) fn format(headers: &HeaderMap, format: Option<&str>) -> Result<&'static str, Problem> {
    if let Some(format) = format.filter(|format| !format.is_empty()) {
        let format = format.split(';').next().unwrap_or_default().trim();
        // An unencoded plus sign reads as a space.
        return match format {
            "json" | "application/fhir+json" | "application/fhir json" => Ok(FHIR_JSON),
            "application/json" | "text/json" => Ok("application/json"),
            _ => Err(not_acceptable()),
        };
    }
    let values = headers.get_all(ACCEPT).iter().filter_map(|v| v.to_str().ok());
    let ranges = values.flat_map(|v| v.split(',')).filter(|range| !range.trim().is_empty());
    let mut ranges = ranges.peekable();
    // An empty header says no more than none.
    if ranges.peek().is_none() {
        return Ok(FHIR_JSON);
    }
    let mut found = None;
    for range in ranges {
        match accepted(range) {
            Some(FHIR_JSON) => return Ok(FHIR_JSON),
            Some(other) => found = found.or(Some(other)),
            None => {}
        }
    }
    found.ok_or_else(not_acceptable)
}

/// Whether the client asks for a resource in JSON by name, and not for whatever there is.
pub(crate) fn wants_resource(headers: &HeaderMap, format: Option<&str>) -> bool {
    let named = |text: &str| text.contains("fhir+json") || text.contains("fhir json");
    format.is_some_and(|f| named(f) || f == "json")
        || headers.get_all(ACCEPT).iter().any(|v| v.to_str().is_ok_and(named))
}

/// What the body is, by its media type; encodings and other character sets are refused.
pub(crate) fn sent(headers: &HeaderMap) -> Result<Sent, Problem> {
    let encoding = headers.get(CONTENT_ENCODING);
    if encoding.is_some_and(|e| !e.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::new(Family::Media, "send the body without a content encoding"));
    }
    let Some(kind) = headers.get(CONTENT_TYPE) else { return Ok(Sent::Json) };
    let kind = kind.to_str().unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let parameters = parts.filter_map(|p| p.split_once('='));
    let parameters = parameters.map(|(name, value)| (name.trim(), value.trim().trim_matches('"')));
    let named = |name: &str| {
        let mut parameters = parameters.clone();
        parameters.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let sent = match essence.as_str() {
        FHIR_JSON | "application/json" | "text/json" => Sent::Json,
        JSON_PATCH => Sent::Patch,
        FORM => Sent::Form,
        _ => return Ok(Sent::Other),
    };
    if named("charset").is_some_and(|set| !set.eq_ignore_ascii_case("utf-8")) {
        return Err(Problem::new(Family::Media, "send the body in UTF-8"));
    }
    if named(FHIR_VERSION).is_some_and(|version| !is_served(version)) {
        return Err(Problem::new(Family::Media, "send resources of FHIR R4 (fhirVersion=4.0)"));
    }
    Ok(sent)
}

/// Refuses a body that is not what the route takes.
pub(crate) fn expect(headers: &HeaderMap, wanted: Sent) -> Result<(), Problem> {
    if sent(headers)? == wanted {
        return Ok(());
    }
    Err(Problem::new(
        Family::Media,
        match wanted {
            Sent::Patch => "send a JSON Patch as application/json-patch+json",
            Sent::Form => "send the parameters as application/x-www-form-urlencoded",
            Sent::Json | Sent::Other => "send the resource as application/fhir+json",
        },
    ))
}

/// What `Prefer` says (RFC 7240): names in any case, blanks and quotation marks around values, and
/// the first of several counts. What it says besides is no concern of ours.
pub(crate) fn preferences(headers: &HeaderMap) -> Preferences {
    let (mut returns, mut lenient) = (None, None);
    let values = headers.get_all(PREFER).iter().filter_map(|v| v.to_str().ok());
    for preference in values.flat_map(|v| v.split([',', ';'])) {
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        let value = value.trim().trim_matches('"').to_ascii_lowercase();
        match (name.trim().to_ascii_lowercase().as_str(), value.as_str()) {
            ("return", "minimal") => _ = returns.get_or_insert(Return::Minimal),
            ("return", "representation") => _ = returns.get_or_insert(Return::Representation),
            ("return", "operationoutcome") => _ = returns.get_or_insert(Return::OperationOutcome),
            ("handling", "lenient") => _ = lenient.get_or_insert(true),
            ("handling", "strict") => _ = lenient.get_or_insert(false),
            _ => {}
        }
    }
    Preferences { returns, lenient: lenient.unwrap_or_default() }
}

fn accepted(range: &str) -> Option<&'static str> {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    for (name, value) in parts.filter_map(|p| p.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match name.trim() {
            "q" if value.parse::<f32>().is_ok_and(|q| q <= 0.0) => return None,
            name if name.eq_ignore_ascii_case(FHIR_VERSION) && !is_served(value) => return None,
            _ => {}
        }
    }
    match essence.as_str() {
        FHIR_JSON | "*/*" | "application/*" => Some(FHIR_JSON),
        "application/json" | "text/json" => Some("application/json"),
        _ => None,
    }
}

fn is_served(fhir_version: &str) -> bool {
    matches!(fhir_version, "4.0" | "4.0.0" | "4.0.1")
}

fn not_acceptable() -> Problem {
    Problem::new(Family::Format, "this server speaks JSON only: accept application/fhir+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn json_is_spoken_under_each_of_its_names_and_nothing_else_is() {
        let cases = [
            ("application/fhir+json", Some(FHIR_JSON)),
            ("application/json", Some("application/json")),
            ("application/json, */*;q=0.1", Some(FHIR_JSON)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(FHIR_JSON)),
            ("application/fhir+json; fhirVersion=4.0", Some(FHIR_JSON)),
            ("application/fhir+json; fhirVersion=5.0", None),
            ("application/fhir+xml", None),
            ("application/fhir+xml, application/json;q=0", None),
            ("application/fhir+json; fhirversion=\"3.0\"", None),
            ("", Some(FHIR_JSON)),
            (" , ", Some(FHIR_JSON)),
        ];
        for (accept, expected) in cases {
            assert_eq!(format(&headers(ACCEPT, accept), None).ok(), expected, "{accept}");
        }
        assert_eq!(format(&HeaderMap::new(), None).ok(), Some(FHIR_JSON));
        assert_eq!(format(&HeaderMap::new(), Some("xml")).ok(), None);
        assert_eq!(format(&HeaderMap::new(), Some("")).ok(), Some(FHIR_JSON));
        let xml = headers(ACCEPT, "application/fhir+xml");
        assert_eq!(format(&xml, Some("json")).ok(), Some(FHIR_JSON));
    }

    #[test]
    fn encodings_character_sets_and_other_versions_of_fhir_are_refused() {
        let kind = |kind| sent(&headers(CONTENT_TYPE, kind)).ok();
        assert_eq!(kind("application/fhir+json; charset=UTF-8"), Some(Sent::Json));
        assert_eq!(kind("application/json;charset=\"utf-8\""), Some(Sent::Json));
        assert_eq!(kind("application/json; charset=latin1"), None);
        assert_eq!(kind("application/json; Charset=latin1"), None);
        assert_eq!(kind("application/fhir+json; fhirVersion=4.0; charset=utf-8"), Some(Sent::Json));
        assert_eq!(kind("application/fhir+json; fhirVersion=\"4.0.1\""), Some(Sent::Json));
        assert_eq!(kind("application/fhir+json; fhirVersion=5.0"), None);
        assert_eq!(kind("application/fhir+json;charset=utf-8;fhirversion=3.0"), None);
        assert_eq!(kind("application/json-patch+json"), Some(Sent::Patch));
        assert_eq!(kind("application/fhir+xml"), Some(Sent::Other));
        assert!(sent(&headers(CONTENT_ENCODING, "gzip")).is_err());
    }

    #[test]
    fn preferences_are_read_from_one_header_or_several() {
        let strict = preferences(&HeaderMap::new());
        assert_eq!(strict, Preferences { returns: None, lenient: false });
        let minimal = Preferences { returns: Some(Return::Minimal), lenient: true };
        for text in [
            "return=minimal; handling=lenient, x=y",
            "RETURN=minimal, Handling=LENIENT",
            "return=\"minimal\",handling=\"lenient\"",
            "return = minimal , handling = lenient",
            "return=minimal, handling=lenient, return=representation, handling=strict",
        ] {
            assert_eq!(preferences(&headers(PREFER, text)), minimal, "{text}");
        }
        let other = preferences(&headers(PREFER, "respond-async, return, return=everything"));
        assert_eq!(other, Preferences::default());
    }
}
