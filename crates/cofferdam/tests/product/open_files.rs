//! What is open in the server when the watch stops its card.

use crate::rig::Product;
use keyproto::message::{Step, Stop};
use keyproto::watcher::{SECRET, SOCKET, Watcher};
use serde_json::{Value, json};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use terms::{Finding, Subject};

#[test]
fn a_freeze_by_the_watch_closes_what_is_open() {
    let product = Product::demo(3);
    let mut doctor = product.client("doctor", "a doctor");
    let patient = json!({"resourceType": "Patient", "name": [{"family": "Open"}]});
    let file = doctor.expect(201, "POST", "/fhir/Patient", &patient).created_id().unwrap();
    let read = format!("/fhir/Patient/{file}");
    doctor.expect(200, "GET", &read, &Value::Null);

    let door = product.home().join("run/watch");
    let secret = std::fs::read(door.join(SECRET)).unwrap().try_into().unwrap();
    let stream = UnixStream::connect(door.join(SOCKET)).unwrap();
    let mut watcher = Watcher::greet(stream, secret).unwrap();
    let card = doctor.card.parse().unwrap();
    let what = Stop::Freeze(Subject::Card(card));
    assert!(watcher.step(Step { what, finding: Finding::Canary }).unwrap().is_some());

    let since = Instant::now();
    while doctor.ask("GET", &read, &[], b"").unwrap().status == 200 {
        assert!(since.elapsed() < Duration::from_secs(20), "the file is open still");
        std::thread::sleep(Duration::from_millis(200));
    }
}
