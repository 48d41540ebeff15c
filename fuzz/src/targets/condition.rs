//! A condition: the first line is the resource type, the rest what `If-None-Exist` says.

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (resource_type, query) = text.split_once('\n').unwrap_or(("Patient", text));
    record::fuzzing::conditions(resource_type, query);
}
