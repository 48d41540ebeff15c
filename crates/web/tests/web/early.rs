//! Answers that are known before the body of the request was read: they reach the client all the
//! same, and nobody can use that to keep a connection busy.

use crate::client::Client;
use crate::rig::{JSON, Rig, Session, rig};
use bytes::Bytes;
use keyproto::statement::ProofClaims;
use std::time::{Duration, Instant};

/// More than the kernel keeps for a socket, on both sides together.
const LONG: usize = 24 << 20;
const BAD: (&str, &str) = ("Authorization", "DPoP made-up");

fn head(headers: &[(&str, &str)], length: usize) -> String {
    let mut head = format!("POST /fhir/Patient HTTP/1.1\r\nContent-Length: {length}\r\n");
    for (name, value) in [("Host", "localhost")].iter().chain(headers) {
        head += &format!("{name}: {value}\r\n");
    }
    head + "\r\n"
}

/// A proof with a nonce that nobody issued.
fn stale(rig: &Rig, session: &Session) -> String {
    let url = format!("{}/fhir/Patient", rig.origin);
    let token = Some(session.token.as_str());
    let now = crate::rig::now();
    session.device.prove("POST", &url, token, Some("old"), now, ProofClaims::default()).unwrap()
}

#[test]
fn a_client_that_sends_all_before_it_reads_hears_why_it_was_refused() {
    let rig = Rig::start(|bounds| bounds.body_bytes = 1 << 20);
    let doctor = rig.sign_in("doctor");
    let token = format!("DPoP {}", doctor.token);
    let body = vec![b' '; LONG];
    let mut client = rig.connect();
    let mut refused = |what: &str, headers: &[(&str, &str)], status: u16| {
        client.write(head(headers, LONG).as_bytes()).unwrap();
        client.write(&body).unwrap_or_else(|error| panic!("{what}: {error}"));
        let response = client.receive().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(response.status, status, "{what}");
        // The connection goes on.
        assert_eq!(client.send("GET", "/fhir/metadata", &[], b"").status, 200, "{what}");
        response
    };
    refused("a token that nobody gave", &[BAD, ("DPoP", "x.y.z"), JSON[0]], 401);
    let proof = stale(&rig, &doctor);
    let own = [("Authorization", token.as_str()), ("DPoP", &proof), JSON[0]];
    let challenge = refused("a nonce that nobody gave", &own, 401);
    assert!(challenge.header("www-authenticate").unwrap().contains("use_dpop_nonce"));
    let proof = rig.prove(&doctor, "POST", "/fhir/Patient", ProofClaims::default());
    let own = [("Authorization", token.as_str()), ("DPoP", &proof)];
    refused("another type", &[own[0], own[1], ("Content-Type", "text/plain")], 415);
    let proof = rig.prove(&doctor, "POST", "/fhir/Patient", ProofClaims::default());
    let own = [("Authorization", token.as_str()), ("DPoP", &proof)];
    refused("too long", &[own[0], own[1], JSON[0]], 413);
}

#[tokio::test]
async fn a_client_of_http_2_hears_why_it_was_refused_and_its_stream_is_not_reset() {
    let rig = rig();
    let mut sender = rig.http_2().await;
    for _ in 0..2 {
        let request = hyper::Request::post(format!("{}/fhir/Patient", rig.origin));
        let request = request.header("authorization", BAD.1).header("dpop", "x.y.z");
        sender = sender.ready().await.unwrap();
        let (answer, mut body) = sender.send_request(request.body(()).unwrap(), false).unwrap();
        let mut left = LONG;
        while left > 0 {
            body.reserve_capacity(left.min(1 << 16));
            let room = std::future::poll_fn(|cx| body.poll_capacity(cx)).await;
            let piece = room.expect("the stream goes on").unwrap().min(left);
            left -= piece;
            body.send_data(Bytes::from(vec![b' '; piece]), left == 0).unwrap();
        }
        assert_eq!(answer.await.unwrap().status().as_u16(), 401);
    }
}

#[test]
fn a_client_that_waits_to_be_asked_for_its_body_is_not_asked() {
    let mut client = rig().connect();
    let headers = [BAD, ("DPoP", "x.y.z"), ("Expect", "100-continue")];
    client.write(head(&headers, LONG).as_bytes()).unwrap();
    assert_eq!(client.receive().unwrap().status, 401, "and not 100 before");
}

#[test]
fn the_rest_of_a_body_is_waited_for_only_a_while() {
    let rig = Rig::start(|bounds| bounds.rest = Duration::from_millis(300));
    let mut client = rig.connect();
    client.write(head(&[BAD, ("DPoP", "x.y.z")], LONG).as_bytes()).unwrap();
    assert_eq!(client.receive().unwrap().status, 401);
    let began = Instant::now();
    // Whoever sends a little now and then is not kept for it.
    while client.write(b" ").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(15), "the connection is kept");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_rest_of_a_body_is_taken_in_only_so_far() {
    let rig = Rig::start(|bounds| {
        bounds.body_bytes = 1 << 20;
        bounds.attachment_bytes = 1 << 20;
        bounds.rest = Duration::from_secs(600);
    });
    let mut client: Client = rig.connect();
    client.write(head(&[BAD, ("DPoP", "x.y.z")], 1 << 40).as_bytes()).unwrap();
    assert_eq!(client.receive().unwrap().status, 401);
    let piece = vec![b' '; 1 << 16];
    let mut sent = 0_u64;
    while client.write(&piece).is_ok() {
        sent += 1 << 16;
        assert!(sent < 256 << 20, "the server takes all of it");
    }
}
