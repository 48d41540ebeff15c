//! A Bundle as a transaction, and as a source of an import.

pub(super) fn run(data: &[u8]) {
    record::fuzzing::bundle(data);
    record::fuzzing::source(data);
}
