//! kill -9 under load: what was acknowledged is there, and no key left without an entry.

use crate::client::*;
use keyproto::Answer;
use ledger::entry::{Act, Entry};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;
use terms::FileId;

const ROUNDS: u64 = 20;
const CLIENTS: usize = 4;

/// What the keyholder said it did.
#[derive(Default)]
struct Acknowledged {
    /// By which client.
    created: Mutex<BTreeMap<FileId, usize>>,
    opened: Mutex<Vec<(u64, FileId)>>,
}

#[test]
fn twenty_kills_lose_nothing_that_was_acknowledged() {
    let world = World::with(CLIENTS, |_| ());
    let acknowledged = Acknowledged::default();
    for round in 0..ROUNDS {
        let mut process = world.spawn();
        std::thread::scope(|scope| {
            for number in 0..CLIENTS {
                let (world, acknowledged) = (&world, &acknowledged);
                scope.spawn(move || load(world, number, acknowledged));
            }
            // Spread over what the load does in its first quarter of a second.
            std::thread::sleep(Duration::from_millis(30 + round * 7919 % 220));
            process.kill();
        });
        check(&world, &acknowledged);
    }
    let opened = acknowledged.opened.into_inner().unwrap().len();
    let created = acknowledged.created.into_inner().unwrap().len();
    eprintln!("{ROUNDS} kills: {created} files created and {opened} openings, none lost");
    assert!(created > 20 && opened > 20, "there was hardly any load");
}

/// Creates and opens files until the connection breaks.
fn load(world: &World, number: usize, acknowledged: &Acknowledged) {
    // Panics of the client are how this ends: the keyholder is killed in the middle of it.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut doctor = world.doctor(number);
        loop {
            let file = doctor.create(Some(facts(&["Andersen"], "010203-1234")));
            acknowledged.created.lock().unwrap().insert(file, number);
            for _ in 0..3 {
                if let Answer::Opened(release) = doctor.open(file) {
                    assert_eq!(release.keys.len(), 2);
                    acknowledged.opened.lock().unwrap().push((release.entry, file));
                }
            }
        }
    }));
}

fn check(world: &World, acknowledged: &Acknowledged) {
    let running = world.serve();
    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let lines = officer.report(|report| report.everything = true);
    let lines = lines.unwrap_or_else(|answer| panic!("{}", told(&answer)));
    let mut opened = BTreeMap::new();
    let mut created = BTreeSet::new();
    for line in &lines {
        match Entry::from_bytes(&line.entry).unwrap().act {
            Act::Opened(_) => drop(opened.insert(line.number, line.files[0].1)),
            Act::FileCreated(_) => drop(created.insert(line.files[0].1)),
            _ => {}
        }
    }
    for file in acknowledged.created.lock().unwrap().keys() {
        assert!(created.contains(file), "an acknowledged file is lost");
    }
    for (entry, file) in acknowledged.opened.lock().unwrap().iter() {
        assert_eq!(opened.get(entry), Some(file), "keys went out without an entry");
    }
    if let Some((file, client)) = acknowledged.created.lock().unwrap().last_key_value() {
        assert!(matches!(world.doctor(*client).open(*file), Answer::Opened(_)));
    }
    running.stop().unwrap();
}
