//! What outside bytes reach first, for the fuzz targets alone; each says what must hold.

use crate::handlers::{ledger, proofs};
use crate::query::Query;
use crate::{negotiate, respond};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};

/// A query and a form: what is understood is written and read again alike.
pub fn parameters(query: &str, form: &[u8]) {
    let understood = Query::parse(query).and_then(|query| query.and_form(form));
    let Ok(mut query) = understood else { return };
    let Ok(again) = Query::parse(&query.to_text()) else { panic!("it is not read again") };
    assert!(again.iter().eq(query.iter()), "it says something else");
    let name = query.iter().next().map(|(name, _)| name.to_owned());
    if let Some(name) = name {
        let first = query.first(&name).map(str::to_owned);
        assert!(query.take(&name) == first && query.first(&name).is_none());
    }
    for (_, value) in query.iter() {
        if let Ok(mark) = value.parse::<record::PageMark>() {
            let again = mark.to_string().parse::<record::PageMark>();
            assert!(again.is_ok_and(|again| again.to_string() == mark.to_string()));
        }
    }
}

/// Headers by name and value, one a line.
pub fn headers(text: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in text.split(|byte| *byte == b'\n').take(64) {
        let at = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(at);
        let name = HeaderName::from_bytes(name);
        let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    for format in [None, Some("json"), Some("xml")] {
        let _ = negotiate::format(&headers, format);
        let _ = negotiate::wants_resource(&headers, format);
    }
    let _ = negotiate::sent(&headers);
    let _ = negotiate::preferences(&headers);
    for value in headers.get_all(IF_MATCH).iter().chain(headers.get_all(IF_NONE_MATCH)) {
        let Ok(text) = value.to_str() else { continue };
        for tag in text.split(',') {
            if let Some(version) = respond::version_of(tag) {
                assert!(respond::version_of(&respond::etag(version)) == Some(version));
            }
        }
    }
    if let Some(Ok(text)) = headers.get("if-modified-since").map(HeaderValue::to_str) {
        let _ = httpdate::parse_http_date(text);
    }
}

/// The body of an order, of a question to the ledger, or of a request for proofs.
pub fn bodies(body: &[u8]) {
    if let Ok(statements) = ledger::statements(body) {
        assert!((1..=16).contains(&statements.len()));
    }
    let _ = ledger::question(body);
    if let Ok(asked) = proofs::asked(body) {
        assert!(asked.entries.len() <= 256);
    }
}
