//! Bodies of orders and of questions to the ledger.

pub(super) fn run(data: &[u8]) {
    web::fuzzing::bodies(data);
}
