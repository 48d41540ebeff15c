//! The journal of an import: what it says is done stays done, however it was cut.

pub(super) fn run(data: &[u8]) {
    record::fuzzing::journal(&crate::targets::scratch("journal", data));
}
