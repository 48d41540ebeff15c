//! A search: the first line is `Type?query`, the rest the resources of the file.
//!
//! With and without the index the same resources match, and the order is one.

use fhir::{Index, Json, Limits, SearchQuery};
use std::cmp::Ordering;

/// From here on the index is used.
const RESOURCES: usize = 64;

pub(super) fn run(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (line, rest) = data.split_at(end);
    let Ok(line) = std::str::from_utf8(line) else { return };
    let (resource_type, query) = line.split_once('?').unwrap_or((line, ""));
    let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let parameters = parameters.iter().map(|(name, value)| (&**name, &**value));
    let base = "https://localhost:8443/fhir";
    let Ok(query) = SearchQuery::parse(resource_type, parameters, base) else { return };
    let _ = query.named_patient();
    let Ok(file) = Json::parse(rest, &Limits::default()) else { return };
    let one = std::slice::from_ref(&file);
    let resources = if file.items().is_empty() { one } else { file.items() };
    for resource in resources {
        let keys = query.sort_keys(resource);
        assert!(query.compare(&keys, &keys) == Ordering::Equal, "not in its own place");
        let first = query.sort_keys(&resources[0]);
        let (there, back) = (query.compare(&first, &keys), query.compare(&keys, &first));
        assert!(there == back.reverse(), "an order that is none");
        let _ = query.subset().of(resource);
    }
    let many: Vec<&Json> = resources.iter().cycle().take(RESOURCES.max(resources.len())).collect();
    let matching = many.iter().enumerate().filter(|(_, resource)| query.matches(resource));
    let expected: Vec<u32> = matching.map(|(at, _)| at as u32).collect();
    assert!(Index::new().search(&query, &many) == expected, "the index finds others");
}
