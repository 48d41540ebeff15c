//! SIGTERM, as an init system sends it: what is in hand is finished, and nothing is left over.

use crate::http::FHIR_JSON;
use crate::rig::Product;
use crate::smart_client::prove;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A body whose rest comes when the test says so.
struct Slowly {
    pieces: Receiver<Vec<u8>>,
    rest: Vec<u8>,
}

impl Read for Slowly {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = self.pieces.recv().unwrap_or_default();
        }
        let count = buffer.len().min(self.rest.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        Ok(count)
    }
}

#[test]
fn a_request_in_hand_is_finished_and_both_processes_are_gone() {
    let mut product = Product::new();
    let mut client = product.client("system", "a system");
    let patient = json!({"resourceType": "Patient", "name": [{"family": "Eigenbrot"}]});
    let patient = client.expect(201, "POST", "/fhir/Patient", &patient).created_id().unwrap();
    let observation = json!({
        "resourceType": "Observation", "status": "final", "code": {"text": "the last one"},
        "subject": {"reference": format!("Patient/{patient}")},
    });
    let body = observation.to_string().into_bytes();
    let half = body.len() / 2;
    let pids = ["server", "keyholder"].map(|name| product.process(name).unwrap());

    let (pieces, receiver) = channel();
    pieces.send(body[..half].to_vec()).unwrap();
    let (http, token) = (client.http.clone(), client.token.clone());
    let url = format!("{}/fhir/Observation", http.origin);
    let nonce = client.nonce.as_deref();
    let proof = prove(&client.device, "POST", &url, Some(&token), nonce, &json!({}));
    let slow = std::thread::spawn(move || {
        let authorization = format!("DPoP {token}");
        let headers = [("authorization", authorization.as_str()), ("dpop", &proof), FHIR_JSON];
        http.send_slowly("/fhir/Observation", &headers, Slowly { pieces: receiver, rest: vec![] })
    });
    // Long enough for the first half to be in hand.
    std::thread::sleep(Duration::from_secs(1));
    let since = Instant::now();
    product.ask_to_stop();
    assert!(product.ends_within(Duration::from_secs(1)).is_none(), "it waits for the rest");
    pieces.send(body[half..].to_vec()).unwrap();
    drop(pieces);
    assert_eq!(slow.join().unwrap(), Ok(201));
    let status = product.ends_within(Duration::from_secs(10)).expect("it stops");
    assert_eq!(status.code(), Some(0), "{}", product.log_text());
    assert!(since.elapsed() < Duration::from_secs(11), "{:?}", since.elapsed());
    for pid in pids {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{pid} is left over");
    }
    assert!(!product.log_text().contains("is killed"), "{}", product.log_text());

    product.serve();
    client.sign_in().unwrap();
    let path = format!("/fhir/Observation?patient={patient}");
    let found = client.expect(200, "GET", &path, &Value::Null).json();
    assert_eq!(found["total"], 1, "what was answered 201 is there");
}

#[test]
fn connections_that_ask_nothing_do_not_keep_it() {
    let mut product = Product::new();
    let client = product.client("system", "a system");
    let idle = std::net::TcpStream::connect(("127.0.0.1", product.port)).unwrap();
    let since = Instant::now();
    product.ask_to_stop();
    let status = product.ends_within(Duration::from_secs(10)).expect("it stops");
    assert_eq!(status.code(), Some(0), "after {:?}: {}", since.elapsed(), product.log_text());
    drop((client, idle));
}
