//! A query and a form of HTTP: the first line is the query, the rest the form.

pub(super) fn run(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (query, form) = data.split_at(end);
    let Ok(query) = std::str::from_utf8(query) else { return };
    web::fuzzing::parameters(query, form.get(1..).unwrap_or_default());
}
