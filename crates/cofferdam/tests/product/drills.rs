//! Every drill at its small scale: what the attackers got is bounded and exactly listed, the report
//! is whole, nothing is left over, and what breaks is an exit code.

use crate::rig::{Done, PROGRAM, Product, signal};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn every_drill_holds_at_the_small_scale() {
    let product = Product::nothing();
    let (temporary, report) = (temporary(&product), product.work().join("report"));
    let names: Vec<Value> = product.json(&["drill", "list"]);
    let mut all = drill(&product, &temporary, &["all", "--scale", "small", "--report"]);
    let done = Done::of(all.arg(&report));
    assert_eq!(done.code, 0, "{done:?}");
    let run: Value =
        serde_json::from_slice(&fs::read(report.join("report.json")).unwrap()).unwrap();
    let drills = run["drills"].as_array().unwrap();
    assert_eq!(run["held"], true);
    let named = |all: &[Value]| all.iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    assert_eq!((named(drills), drills.len()), (named(&names), 12));
    for played in drills {
        let checks = played["checks"].as_array().unwrap();
        assert!(!checks.is_empty() && checks.iter().all(|check| check["held"] == true), "{played}");
        let attackers = played["attackers"].as_array().unwrap();
        assert!(!attackers.is_empty(), "{played}");
        for attacker in attackers {
            assert_eq!(attacker["persons"], attacker["listed"], "{attacker}");
            assert_eq!((&attacker["precision"], &attacker["recall"]), (&1.0.into(), &1.0.into()));
        }
    }
    let got = |name: &str| {
        let played = drills.iter().find(|one| one["name"] == name).unwrap();
        let persons = played["attackers"].as_array().unwrap().iter();
        persons.map(|one| one["persons"].as_u64().unwrap()).max().unwrap()
    };
    // An attack that gets nothing although it should get a handful was not played.
    assert!(got("community-health-center") > 0 && got("insider") > 0 && got("d-trust") > 2);
    assert_eq!(got("open-port") + got("stolen-backup") + got("database-administrator"), 0);
    let page = fs::read_to_string(report.join("report.html")).unwrap();
    assert!(page.contains("<svg") && !page.contains("<script") && !page.contains("src="));
    assert!(fs::read(report.join("report.pdf")).unwrap().starts_with(b"%PDF-"));
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "something is left over");
}

#[test]
fn a_drill_that_cannot_be_played_has_not_held() {
    let product = Product::nothing();
    let nowhere = product.folder().join("t/not/there");
    fs::write(product.folder().join("t"), "a file").unwrap();
    let done = Done::of(&mut drill(&product, &nowhere, &["run", "canary"]));
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("\"held\":false"), "{done:?}");
    let unknown = product.run(&["drill", "run", "no-such-drill"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
}

#[test]
fn a_drill_that_is_told_to_stop_clears_away() {
    let product = Product::nothing();
    let temporary = temporary(&product);
    let mut command = drill(&product, &temporary, &["run", "community-health-center"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let since = Instant::now();
    while !fs::read_dir(&temporary).unwrap().any(|entry| serves(&entry.unwrap().path())) {
        assert!(since.elapsed() < Duration::from_secs(60), "nothing is served");
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(child.id(), Signal::SIGINT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("stopped before the end"), "{said}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "something is left over");
}

/// A folder of its own for what drills put aside: its path is short, as those of sockets are.
fn temporary(product: &Product) -> std::path::PathBuf {
    let folder = product.folder().join("t");
    fs::create_dir(&folder).unwrap();
    folder
}

fn drill(product: &Product, temporary: &Path, arguments: &[&str]) -> Command {
    let mut command = product.command(PROGRAM);
    command.env("TMPDIR", temporary).args(["--json", "drill"]).args(arguments);
    command
}

fn serves(home: &Path) -> bool {
    home.join("run/keyholder.sock").exists()
}
