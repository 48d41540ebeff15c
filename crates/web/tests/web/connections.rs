//! TLS, HTTP/2, stopping, and addresses that fail too often.

use crate::client::Client;
use crate::rig::{JSON, Rig, rig};
use rustls::{NamedGroup, ProtocolVersion};
use std::time::Duration;

#[test]
fn tls_is_1_3_with_a_key_exchange_that_a_quantum_computer_does_not_undo() {
    let rig = rig();
    let mut client = rig.connect();
    assert_eq!(client.send("GET", "/fhir/metadata", &[], b"").status, 200);
    assert_eq!(client.tls().protocol_version(), Some(ProtocolVersion::TLSv1_3));
    let group = client.tls().negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), NamedGroup::X25519MLKEM768);
}

#[test]
fn plain_http_is_not_answered() {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(rig().address).unwrap();
    stream.write_all(b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    assert!(!bytes.starts_with(b"HTTP"));
}

#[tokio::test]
async fn http_2_is_spoken() {
    let rig = rig();
    let mut sender = rig.http_2().await;
    for (path, status) in [("/fhir/metadata", 200), ("/fhir/Patient/x", 401), ("/x", 404)] {
        let uri = format!("{}{path}", rig.origin);
        let request = hyper::Request::get(uri).body(()).unwrap();
        let (answer, _) = sender.send_request(request, true).unwrap();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let mut body = answer.into_body();
        let mut length = 0;
        while let Some(piece) = body.data().await {
            let piece = piece.unwrap();
            length += piece.len();
            body.flow_control().release_capacity(piece.len()).unwrap();
        }
        assert!(length > 50, "{path}");
    }
}

#[test]
fn a_server_that_stops_answers_what_it_has_in_hand() {
    let rig = Rig::start(|_| {});
    let doctor = rig.sign_in("doctor");
    let mut setup = rig.connect();
    let patient = rig.patient(&mut setup, &doctor, "Stopping");
    let body = format!(
        "{{\"resourceType\":\"Condition\",\"code\":{{\"text\":\"x\"}},\
         \"subject\":{{\"reference\":\"{patient}\"}}}}"
    );
    let proof = rig.prove(&doctor, "POST", "/fhir/Condition", Default::default());
    let mut client: Client = rig.connect();
    let head = format!(
        "POST /fhir/Condition HTTP/1.1\r\nHost: localhost\r\nAuthorization: DPoP {}\r\n\
         DPoP: {proof}\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n",
        doctor.token,
        body.len()
    );
    let (first, second) = body.split_at(10);
    client.write(head.as_bytes()).unwrap();
    client.write(first.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    rig.stop();
    std::thread::sleep(Duration::from_millis(200));
    assert!(!rig.has_stopped_within(Duration::from_millis(1)), "a request is in hand");
    client.write(second.as_bytes()).unwrap();
    assert_eq!(client.receive().unwrap().status, 201);
    assert!(rig.has_stopped_within(Duration::from_secs(10)));
    assert!(std::net::TcpStream::connect(rig.address).is_err());
}

#[test]
fn an_address_that_fails_too_often_waits_and_who_is_signed_in_does_not() {
    let rig = Rig::start(|bounds| bounds.failures_a_minute = 5);
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Throttled");
    let mut guess = |number: u32| {
        let bearer = format!("Bearer guess-{number}");
        let headers = [("Authorization", bearer.as_str())];
        client.send("GET", "/fhir/Patient/x", &headers, b"").status
    };
    let answers: Vec<u16> = (0..8).map(&mut guess).collect();
    assert_eq!(answers, [401, 401, 401, 401, 401, 429, 429, 429]);
    let path = format!("/fhir/{patient}");
    assert_eq!(rig.ask(&mut client, &doctor, "GET", &path, &[], b"").status, 200);
}

#[test]
fn a_sessions_token_is_worth_nothing_without_its_device() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Attacked");
    let path = format!("/fhir/{patient}");
    let bearer = format!("Bearer {}", doctor.token);
    let headers = [("Authorization", bearer.as_str())];
    assert_eq!(client.send("GET", &path, &headers, b"").status, 401);
}

#[test]
fn what_the_server_says_it_can_do_is_a_valid_resource() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let statement = client.send("GET", "/fhir/metadata", &[], b"").body;
    let path = "/fhir/CapabilityStatement/$validate";
    let response = rig.ask(&mut client, &doctor, "POST", path, &JSON, &statement);
    assert_eq!(response.status, 200);
    assert!(!response.text().contains("\"error\""), "{}", response.text());
}
