//! Bodies, headers and connections that nobody sends in good faith.

use crate::client::Client;
use crate::rig::{JSON, Rig, rig};
use std::time::{Duration, Instant};

/// Peak memory of this process, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn bodies_that_are_no_resources_are_refused() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Hostile");
    let deep = "[".repeat(100_000);
    let nested = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let number = format!("{{\"resourceType\":\"Basic\",\"x\":{}}}", "9".repeat(1_000_000));
    let exponent = "{\"resourceType\":\"Observation\",\"valueQuantity\":{\"value\":1e999999999}}";
    let cases: [(&str, &[u8]); 12] = [
        ("nothing", b""),
        ("no JSON", b"<Patient/>"),
        ("arrays 100,000 deep", deep.as_bytes()),
        ("objects 50,000 deep", nested.as_bytes()),
        ("a number of a million digits", number.as_bytes()),
        ("an exponent out of this world", exponent.as_bytes()),
        ("bad UTF-8", b"{\"resourceType\":\"Patient\",\"id\":\"\xff\xfe\"}"),
        ("a lone surrogate", b"{\"resourceType\":\"Patient\",\"id\":\"\\ud800\"}"),
        ("a name twice", b"{\"resourceType\":\"Patient\",\"resourceType\":\"Observation\"}"),
        ("a zero byte", b"{\"resourceType\":\"Pat\0ient\"}"),
        ("an array", b"[]"),
        ("another type", b"{\"resourceType\":\"Nonsense\"}"),
    ];
    for (what, body) in cases {
        for path in ["/fhir/Patient", "/fhir/Observation", "/fhir", "/fhir/Patient/$validate"] {
            let response = rig.ask(&mut client, &doctor, "POST", path, &JSON, body);
            let validated = path.ends_with("$validate") && response.status == 200;
            let refused = (400..500).contains(&response.status);
            assert!(refused || validated, "{what} to {path}: {}", response.status);
            assert_eq!(response.json()["resourceType"], "OperationOutcome", "{what} to {path}");
            if response.header("connection") == Some("close") {
                client = rig.connect();
            }
        }
    }
    let path = format!("/fhir/{patient}");
    let response = rig.ask(&mut client, &doctor, "GET", &path, &[], b"");
    assert_eq!(response.status, 200, "the server is as it was");
}

#[test]
fn an_endless_body_is_cut_off_in_bounded_memory() {
    let rig = Rig::start(|bounds| bounds.body_bytes = 8 << 20);
    let doctor = rig.sign_in("doctor");
    let before = peak();
    let proof = rig.prove(&doctor, "POST", "/fhir", Default::default());
    let mut client = rig.connect();
    let head = format!(
        "POST /fhir HTTP/1.1\r\nHost: localhost\r\nAuthorization: DPoP {}\r\nDPoP: {proof}\r\n\
         Content-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n",
        doctor.token
    );
    client.write(head.as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut sent = 0_u64;
    // A gigabyte, as far as the server takes it.
    while sent < 1 << 30 && client.write(chunk.as_bytes()).is_ok() {
        sent += 0x10000;
    }
    if let Ok(response) = client.receive() {
        assert_eq!(response.status, 413);
        assert_eq!(response.json()["resourceType"], "OperationOutcome");
    }
    assert!(sent < 256 << 20, "the server took {sent} bytes");
    assert!(peak() - before < 128 << 20, "it took {} bytes of memory", peak() - before);
}

#[test]
fn many_bodies_in_small_pieces_share_one_bound() {
    const TOGETHER: usize = 1 << 20;
    let rig = Rig::start(|bounds| bounds.body_bytes_together = TOGETHER);
    let doctor = rig.sign_in("doctor");
    let begin = || {
        let proof = rig.prove(&doctor, "POST", "/fhir", Default::default());
        let mut client = rig.connect();
        let head = format!(
            "POST /fhir HTTP/1.1\r\nHost: localhost\r\nAuthorization: DPoP {}\r\n\
             DPoP: {proof}\r\nContent-Type: application/fhir+json\r\n\
             Transfer-Encoding: chunked\r\n\r\n",
            doctor.token
        );
        client.write(head.as_bytes()).unwrap();
        client
    };
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    let mut clients: Vec<Client> = (0..8).map(|_| begin()).collect();
    // Together four times what the server bears, each of them half of it.
    for _ in 0..TOGETHER / 2 / 0x1000 {
        for client in &mut clients {
            // One that was answered already is written to in vain.
            let _ = client.write(chunk.as_bytes());
        }
    }
    for client in &mut clients {
        let _ = client.write(b"0\r\n\r\n");
    }
    let statuses: Vec<_> =
        clients.iter_mut().filter_map(|c| c.receive().ok()).map(|r| r.status).collect();
    // A client that goes on writing may see the connection end before it sees the answer.
    let taken = statuses.iter().filter(|status| **status == 400).count();
    assert!((1..=2).contains(&taken), "two of them fit: {statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 400 | 503)), "{statuses:?}");
    // What they were allowed is given back.
    let mut client = begin();
    for _ in 0..TOGETHER / 2 / 0x1000 {
        client.write(chunk.as_bytes()).unwrap();
    }
    client.write(b"0\r\n\r\n").unwrap();
    assert_eq!(client.receive().unwrap().status, 400, "blanks are no JSON");
}

#[test]
fn a_length_that_is_too_long_is_refused_before_anything_is_sent() {
    let rig = rig();
    let doctor = rig.sign_in("doctor");
    let proof = rig.prove(&doctor, "POST", "/fhir", Default::default());
    let mut client = rig.connect();
    let head = format!(
        "POST /fhir HTTP/1.1\r\nHost: localhost\r\nAuthorization: DPoP {}\r\nDPoP: {proof}\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: 1073741824\r\n\r\n",
        doctor.token
    );
    client.write(head.as_bytes()).unwrap();
    let response = client.receive().unwrap();
    assert_eq!(response.status, 413);
}

#[test]
fn compressed_bodies_and_other_character_sets_are_refused() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    for (name, value) in [
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "zstd"),
        ("Content-Type", "application/fhir+json; charset=utf-16"),
        ("Content-Type", "application/fhir+json; fhirVersion=5.0"),
        ("Content-Type", "application/fhir+xml"),
        ("Content-Type", "text/plain"),
    ] {
        let headers = [(name, value)];
        let body = [0x1f, 0x8b, 8, 0];
        let response = rig.ask(&mut client, &doctor, "POST", "/fhir/Patient", &headers, &body);
        assert_eq!(response.status, 415, "{name}: {value}");
        if response.header("connection") == Some("close") {
            client = rig.connect();
        }
    }
}

#[test]
fn headers_and_addresses_are_bounded() {
    let rig = rig();
    let long = "x".repeat(200_000);
    let answers = |head: String| {
        let mut client = rig.connect();
        let _ = client.write(head.as_bytes());
        client.receive().map(|response| response.status)
    };
    let header = format!("GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n");
    let address = format!("GET /fhir/metadata?{long} HTTP/1.1\r\nHost: x\r\n\r\n");
    let many = "A: b\r\n".repeat(5_000);
    let many = format!("GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    for head in [header, address, many] {
        let status = answers(head);
        assert!(status.as_ref().is_ok_and(|s| (400..500).contains(s)) || status.is_err());
    }
    let tokens = format!("Bearer {}", "y".repeat(20_000));
    let mut client = rig.connect();
    let headers = [("Authorization", tokens.as_str())];
    assert_eq!(client.send("GET", "/fhir/Observation", &headers, b"").status, 401);
}

#[test]
fn whoever_says_nothing_is_let_go() {
    let rig = Rig::start(|bounds| {
        bounds.header = Duration::from_millis(400);
        bounds.pause = Duration::from_millis(400);
    });
    let silent = |begin: &str| {
        let mut client: Client = rig.connect();
        let began = Instant::now();
        client.write(begin.as_bytes()).unwrap();
        let answered = client.receive().map(|r| r.status);
        assert!(began.elapsed() < Duration::from_secs(20), "{begin:?} was kept");
        answered
    };
    assert!(silent("").is_err());
    let cut = silent("GET /fhir/metadata HTTP/1.1\r\nHost: ");
    assert!(cut.is_err() || cut.is_ok_and(|status| status == 408));
    let doctor = rig.sign_in("doctor");
    let proof = rig.prove(&doctor, "POST", "/fhir", Default::default());
    let head = format!(
        "POST /fhir HTTP/1.1\r\nHost: localhost\r\nAuthorization: DPoP {}\r\nDPoP: {proof}\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: 1000\r\n\r\n{{",
        doctor.token
    );
    let stalled = silent(&head);
    assert!(stalled.is_err() || stalled.is_ok_and(|status| status == 408));
}
