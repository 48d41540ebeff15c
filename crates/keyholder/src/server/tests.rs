//! A panic with the one lock held: nothing is released, and the state is made anew.

use super::{Keyholder, listen};
use crate::error::Result;
use crate::mind::Shared;
use crate::root::RootCost;
use crate::settings::{Passphrase, Settings};
use crate::start::Genesis;
use ledger::Files;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn whoever_panics_with_the_lock_costs_a_start_over_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().join("keyholder"));
    settings.root_cost = RootCost { memory_kib: 64, passes: 1 };
    settings.sandbox = false;
    let passphrase = Passphrase::new("x".to_owned().into()).unwrap();
    let genesis = Genesis { tenant: "t".into(), practices: Vec::new(), cards: Vec::new() };
    Keyholder::create(settings.clone(), &passphrase, genesis).unwrap();
    let keyholder = Keyholder::open(settings, &passphrase).unwrap();
    let shared = Arc::new(keyholder.shared);
    let committer = super::spawn(&shared, crate::committer::run).unwrap();

    assert!(shared.mind().is_ok());
    let panicked = Arc::clone(&shared);
    let thread = std::thread::spawn(move || {
        let _mind = panicked.mind();
        panic!("with the lock held");
    });
    assert!(thread.join().is_err());
    let started = Instant::now();
    while shared.mind().is_err() {
        assert!(started.elapsed() < Duration::from_secs(10), "it does not start over");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(shared.mind().ok().unwrap().core.state().entries(), 1);
    shared.stopper.stop();
    shared.wake();
    committer.join().unwrap().unwrap();
}

#[test]
fn a_committer_that_panics_stops_the_process_with_an_error() {
    fn dies<F: Files>(_: &Shared<F>) -> Result<()> {
        panic!("in the committer");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().join("keyholder"));
    settings.root_cost = RootCost { memory_kib: 64, passes: 1 };
    let passphrase = Passphrase::new("x".to_owned().into()).unwrap();
    let genesis = Genesis { tenant: "t".into(), practices: Vec::new(), cards: Vec::new() };
    let files = ledger::DirFiles::new(settings.path(Settings::LEDGER));
    let shared = crate::start::create(settings, files, &passphrase, genesis).unwrap();
    let shared = Arc::new(shared);
    let listener = listen(&folder.path().join("run/socket")).unwrap();
    shared.stopper.listens(&listener).unwrap();
    let committer = super::spawn(&shared, dies).unwrap();
    // Returns at once, because the committer's end stops everything.
    super::accept(&shared, &listener, None);
    assert!(committer.join().is_err());
}
