//! Headers of HTTP, one a line: formats, preferences, entity tags, dates.

pub(super) fn run(data: &[u8]) {
    web::fuzzing::headers(data);
}
