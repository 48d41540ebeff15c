//! A disk that is full, broken, or full again: nothing is released, and it goes on afterwards.

use crate::client::*;
use keyholder::Keyholder;
use keyproto::Answer;
use keyproto::message::{Failure, NewFile, Target};
use ledger::faults::{Fault, FaultyFiles};
use std::process::Command;
use std::time::{Duration, Instant};
use terms::FileId;

#[test]
fn a_full_or_broken_ledger_disk_refuses_and_then_goes_on() {
    let world = World::to_be(1, |_| ());
    let disk = FaultyFiles::new(7);
    let (settings, files) = (world.settings.clone(), disk.clone());
    drop(Keyholder::create_on(settings, files, &passphrase(), world.genesis()).unwrap());
    let open = || Keyholder::open_on(world.settings.clone(), disk.clone(), &passphrase()).unwrap();
    let running = world.serve_this(open());
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    for fault in [Fault::NoSpace, Fault::Broken] {
        let requests: Vec<_> = (0..5).map(|_| doctor.opening(file)).collect();
        let before = doctor.health();
        disk.fail(disk.steps()..u64::MAX, fault);
        for request in requests {
            let answer = doctor.ask(request);
            assert!(matches!(answer, Answer::Failed(Failure::World(_))), "{}", told(&answer));
        }
        let health = doctor.health();
        assert!(!health.ready);
        let trouble = health.trouble.unwrap();
        assert!(trouble.contains("cannot record, so it releases nothing"), "{trouble}");
        assert_eq!((health.openings, health.entries), (before.openings, before.entries));
        disk.repair();
        until_ready(&mut doctor);
        assert!(matches!(doctor.open(file), Answer::Opened(_)));
        // The key table had the file already when the ledger failed: nobody may find it.
        let cpr = format!("{fault:?}");
        let new = Target::New(NewFile { unless: Some(cpr_of(&cpr)), list: None, source: None });
        let grant = doctor.deposit(new, Some(facts(&["Holm"], &cpr)));
        let Answer::Granted(grant) = grant else { panic!("{}", told(&grant)) };
        disk.fail(disk.steps()..u64::MAX, fault);
        let answer = doctor.commit(&grant);
        assert!(matches!(answer, Answer::Failed(Failure::World(_))), "{}", told(&answer));
        disk.repair();
        until_ready(&mut doctor);
        let made = doctor.create_unless(Some(cpr_of(&cpr)), Some(facts(&["Holm"], &cpr)));
        assert!(made.is_ok_and(|made| made != grant.file));
    }
    running.stop().unwrap();
    let running = world.serve_this(open());
    assert!(matches!(world.doctor(0).open(file), Answer::Opened(_)));
    running.stop().unwrap();
}

/// A disk that is not there stops everything, evenly, until it is back; another one in its place
/// ends the process, whose walls know the one before.
#[test]
fn a_second_place_that_goes_away_stops_everything_until_it_is_back() {
    let world = World::with(1, |settings| {
        let second = settings.folder.parent().unwrap().join("elsewhere/second");
        std::fs::create_dir(second.parent().unwrap()).unwrap();
        settings.second_place = Some(second);
    });
    let [here, away] = ["elsewhere", "away"].map(|name| world.folder.path().join(name));
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    std::fs::rename(&here, &away).unwrap();
    let since = Instant::now();
    while doctor.health().ready {
        let _ = doctor.open(file);
        assert!(since.elapsed() < Duration::from_secs(30), "it goes on without its second place");
    }
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(3) {
        assert!(!doctor.health().ready, "it comes and goes");
    }
    std::fs::rename(&away, &here).unwrap();
    until_ready(&mut doctor);
    assert!(matches!(doctor.open(file), Answer::Opened(_)));
    std::fs::rename(&here, &away).unwrap();
    while doctor.health().ready {
        let _ = doctor.open(file);
    }
    let other = world.folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::copy(away.join("second"), other.join("second")).unwrap();
    std::fs::rename(&other, &here).unwrap();
    let since = Instant::now();
    while Client::try_connect(&world.socket()).is_ok() {
        assert!(since.elapsed() < Duration::from_secs(30), "it stays behind its walls");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(running.stop().unwrap_err().to_string().contains("another one since the start"));
    world.serve().stop().unwrap();
    std::fs::remove_dir_all(&here).unwrap();
    assert!(world.refusal().contains("no such folder"));
}

#[test]
fn a_process_on_a_full_disk_refuses_and_goes_on_when_there_is_space() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no prlimit (util-linux) to fill the disk with");
        return;
    }
    let world = World::new();
    let process = world.spawn();
    let id = format!("--pid={}", process.id());
    let limit = |bytes: &str| {
        let fsize = format!("--fsize={bytes}");
        assert!(Command::new("prlimit").args([&id, &fsize]).status().unwrap().success());
    };
    let mut doctor = world.doctor(0);
    let mut made = vec![doctor.create(Some(facts(&["Dahl"], "1")))];
    for round in 0..3 {
        limit("20000:unlimited");
        let failed = fill(&mut doctor, &mut made);
        assert!(failed.contains("releases nothing"), "{failed}");
        let alive = doctor.ask(keyproto::Request::Health);
        let Answer::Health(health) = alive else { panic!("{}", told(&alive)) };
        assert!(!health.ready, "round {round}");
        limit("unlimited:unlimited");
        until_ready(&mut doctor);
        made.push(doctor.create(Some(facts(&["Dahl"], &format!("{round}9999")))));
    }
    for file in &made {
        assert!(matches!(doctor.open(*file), Answer::Opened(_)));
    }
    process.terminate();
    let running = world.serve();
    let mut officer = world.connect();
    assert_eq!(officer.health().files, made.len() as u64 + 1);
    running.stop().unwrap();
}

/// Creates files until something fails, and says what.
fn fill(doctor: &mut Client, made: &mut Vec<FileId>) -> String {
    for number in 0.. {
        match doctor.create_unless(None, Some(facts(&["Dahl"], &number.to_string()))) {
            Ok(file) => made.push(file),
            Err(answer) => match *answer {
                Answer::Failed(Failure::World(why)) => return why,
                other => panic!("{}", told(&other)),
            },
        }
    }
    unreachable!()
}

fn until_ready(doctor: &mut Client) {
    let started = Instant::now();
    while !doctor.health().ready {
        assert!(started.elapsed() < Duration::from_secs(20), "it does not go on");
        std::thread::sleep(Duration::from_millis(50));
    }
}
