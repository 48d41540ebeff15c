//! CPU time of server and keyholder per request, over HTTP keep-alive with a bearer token.
//!
//! `COFFERDAM_SAMPLE_DATA` names a folder with transaction Bundles; without it a made-up file of
//! 300 resources stands in. The client runs in the same process, on a thread that is not counted.

#![allow(dead_code, clippy::print_stdout)]

#[path = "../tests/web/client.rs"]
mod client;
#[path = "../tests/web/rig.rs"]
mod rig;

/// What the rig's tests keep of the log; nothing is logged here.
mod logs {
    pub(crate) fn keep() {}
}

use rig::{JSON, Rig};
use serde_json::{Value, json};
use std::time::Instant;

fn main() {
    let rig = Rig::start(|_| {});
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let bundle = bundle();
    let body = bundle.to_string();
    let response = rig.ask(&mut client, &doctor, "POST", "/fhir", &JSON, body.as_bytes());
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    let patient = place_of(&response.json(), "Patient/");
    let token = rig.token(&mut client, &doctor, &patient);
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    let id = patient.strip_prefix("Patient/").unwrap();
    let count = bundle["entry"].as_array().unwrap().len();
    println!("file of {count} resources, {} bytes as it came", body.len());
    let observation = place_of(&response.json(), "Observation/");
    let code = bundle["entry"].as_array().unwrap().iter().find_map(|entry| {
        let resource = &entry["resource"];
        let code = resource["code"]["coding"][0]["code"].as_str()?;
        (resource["resourceType"] == "Observation").then(|| code.to_owned())
    });
    let code = code.unwrap();
    let paths = [
        ("read by id", format!("/fhir/{observation}"), 20_000),
        (
            "search by patient and code",
            format!("/fhir/Observation?patient={id}&code={code}"),
            5_000,
        ),
        ("$everything", format!("/fhir/{patient}/$everything"), 500),
    ];
    for (name, path, times) in paths {
        let mut bytes = 0;
        for _ in 0..times / 10 {
            let response = client.send("GET", &path, &headers, b"");
            assert_eq!(response.status, 200);
            bytes = response.body.len();
        }
        let (cpu, own, began) = (others_cpu(), own_cpu(), Instant::now());
        for _ in 0..times {
            client.send("GET", &path, &headers, b"");
        }
        let each = |nanos: u64| nanos as f64 / f64::from(times) / 1e6;
        println!(
            "{name}: {:.3} ms CPU of server and keyholder, {:.3} of the client, {:.3} in all, \
             {bytes} bytes",
            each(others_cpu() - cpu),
            each(own_cpu() - own),
            each(u64::try_from(began.elapsed().as_nanos()).unwrap()),
        );
    }
    let mut holders = vec![(patient, bearer.clone())];
    while holders.len() < CLIENTS {
        let patient = rig.patient(&mut client, &doctor, "Made-up");
        let token = rig.token(&mut client, &doctor, &patient);
        holders.push((patient, format!("Bearer {token}")));
    }
    writes(&rig, "create at 8 clients, each into one file", &holders);
    writes(&rig, "create at 8 clients, all into one file", &vec![holders[0].clone(); CLIENTS]);
}

const CLIENTS: usize = 8;

/// Creates Observations from several clients at a time.
fn writes(rig: &Rig, name: &str, holders: &[(String, String)]) {
    const EACH: u32 = 250;
    let began = Instant::now();
    std::thread::scope(|scope| {
        for (patient, bearer) in holders {
            scope.spawn(move || {
                let body = json!({
                    "resourceType": "Observation", "status": "final", "code": { "text": "x" },
                    "subject": { "reference": patient },
                })
                .to_string();
                let mut client = rig.connect();
                let headers = [JSON[0], ("Authorization", bearer.as_str())];
                for _ in 0..EACH {
                    let response =
                        client.send("POST", "/fhir/Observation", &headers, body.as_bytes());
                    assert_eq!(response.status, 201);
                }
            });
        }
    });
    let rate = holders.len() as f64 * f64::from(EACH) / began.elapsed().as_secs_f64();
    println!("{name}: {rate:.0}/s");
}

fn place_of(response: &Value, kind: &str) -> String {
    let entries = response["entry"].as_array().unwrap();
    let mut places = entries.iter().filter_map(|e| e["response"]["location"].as_str());
    let place = places.find(|place| place.contains(kind)).unwrap();
    let place = &place[place.find(kind).unwrap()..];
    place.split("/_history").next().unwrap().to_owned()
}

fn bundle() -> Value {
    let folder = std::env::var("COFFERDAM_SAMPLE_DATA").unwrap_or_default();
    let bundles = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut bundles: Vec<_> = bundles.map(|entry| entry.path()).collect();
    bundles.sort();
    let texts = bundles.iter().filter_map(|path| std::fs::read(path).ok());
    let mut texts = texts.filter_map(|text| serde_json::from_slice::<Value>(&text).ok());
    let about_300 =
        |b: &Value| b["entry"].as_array().is_some_and(|e| (250..400).contains(&e.len()));
    texts.find(about_300).unwrap_or_else(made_up)
}

fn made_up() -> Value {
    let patient = "urn:uuid:5f1b7f3e-0d0c-4d1b-8a80-0c2b6a5a0002";
    let mut entries = vec![json!({
        "fullUrl": patient,
        "resource": { "resourceType": "Patient", "name": [{ "family": "Made-up" }] },
        "request": { "method": "POST", "url": "Patient" },
    })];
    entries.extend((0..299).map(|number| {
        json!({
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "code": { "coding": [{ "code": format!("{}", number % 20) }] },
                "subject": { "reference": patient },
                "effectiveDateTime": "2020-01-01",
                "note": [{ "text": "x".repeat(900) }],
            },
            "request": { "method": "POST", "url": "Observation" },
        })
    }));
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
}

/// CPU time of every other thread of this process, in nanoseconds.
fn others_cpu() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let all: u64 = threads.map(|t| nanos(&t.unwrap().path().join("schedstat"))).sum();
    all - own_cpu()
}

fn own_cpu() -> u64 {
    nanos("/proc/thread-self/schedstat".as_ref())
}

fn nanos(path: &std::path::Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}
