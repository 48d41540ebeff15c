//! The embedded backend keeps the contract.

use std::path::Path;

use store::EmbeddedStore;
use store::conformance::{Backend, run_all};

struct Embedded;

impl Backend for Embedded {
    type Store = EmbeddedStore;

    fn open(&self, place: &Path) -> EmbeddedStore {
        EmbeddedStore::open(place).unwrap()
    }

    fn restore(&self, backup: &Path, place: &Path) {
        EmbeddedStore::restore(backup, place).unwrap();
    }
}

#[test]
fn the_embedded_store_conforms() {
    let folder = tempfile::tempdir().unwrap();
    run_all(&Embedded, folder.path());
}
