//! Entries of the ledger: they mean the same when they are written and read again.

use ledger::entry::Entry;

pub(super) fn run(data: &[u8]) {
    let Ok(entry) = Entry::from_bytes(data) else { return };
    let again = Entry::from_bytes(&entry.to_bytes());
    assert!(again.is_ok_and(|again| again == entry), "an entry that is not read again");
}
