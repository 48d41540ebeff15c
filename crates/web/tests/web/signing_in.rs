//! Signing in, nonces, and the local listener.

use crate::rig::{self, JSON, Rig, rig, unique_number};
use cards::Device;
use std::io::{Read, Write};
use std::net::TcpStream;

#[test]
fn a_first_sign_in_is_told_the_nonce_and_a_second_succeeds() {
    let rig = rig();
    let (mut client, device) = (rig.connect(), Device::make().unwrap());
    let first = rig.try_sign_in(&mut client, rig.card("doctor"), &device, None);
    assert_eq!(first.status, 400);
    assert_eq!(first.json()["error"], "use_dpop_nonce");
    let nonce = first.header("dpop-nonce").unwrap().to_owned();
    let second = rig.try_sign_in(&mut client, rig.card("doctor"), &device, Some(&nonce));
    assert_eq!(second.status, 200);
    let body = second.json();
    assert_eq!(body["token_type"], "DPoP");
    assert!(body["expires_in"].as_u64().unwrap() > 3600);
    assert_eq!(second.header("cache-control"), Some("no-store"));
    assert!(second.header("dpop-nonce").is_some());
}

#[test]
fn what_is_no_sign_in_is_told_so_in_oauths_own_words() {
    let rig = rig();
    let mut client = rig.connect();
    let mut error = |kind: &str, form: &str| {
        let headers = [("Content-Type", kind)];
        let response = client.send("POST", "/auth/token", &headers, form.as_bytes());
        assert_eq!(response.status, 400);
        response.json()["error"].as_str().unwrap().to_owned()
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(error(form, ""), "invalid_request");
    assert_eq!(error("application/json", "{}"), "invalid_request");
    assert_eq!(error(form, "grant_type=password"), "unsupported_grant_type");
    assert_eq!(error(form, "grant_type=client_credentials"), "invalid_request");
    let whole = "grant_type=client_credentials&client_assertion=x&client_assertion_type=urn%3Aietf\
                 %3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    assert_eq!(error(form, whole), "invalid_dpop_proof");
    assert_eq!(error(form, &format!("{whole}&grant_type=client_credentials")), "invalid_request");
    assert_eq!(error(form, &format!("{whole}&x=%FF")), "invalid_request");
    assert_eq!(error("text/plain; charset=utf-16", whole), "invalid_request");
}

#[test]
fn an_address_that_failed_too_often_is_told_so_in_oauths_own_words() {
    let rig = Rig::start(|bounds| bounds.failures_a_minute = 2);
    let mut client = rig.connect();
    let guess = [("Authorization", "Bearer guessed")];
    let path = "/fhir/Observation?patient=x";
    while client.send("GET", path, &guess, b"").status != 429 {}
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = client.send("POST", "/auth/token", &form, b"grant_type=client_credentials");
    assert_eq!(answer.status, 429);
    assert_eq!(answer.json(), serde_json::json!({"error": "temporarily_unavailable"}));
    assert_eq!(answer.header("retry-after"), Some("60"));
}

#[test]
fn a_device_may_write_an_address_in_another_way_and_not_another_address() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Normal");
    let path = format!("/fhir/{patient}");
    let mut ask = |url: &str| {
        let (token, nonce) = (Some(doctor.token.as_str()), doctor.nonce.lock().unwrap().clone());
        let claims = keyproto::statement::ProofClaims::default();
        let proof = doctor.device.prove("GET", url, token, Some(&nonce), rig::now(), claims);
        let (authorization, proof) = (format!("DPoP {}", doctor.token), proof.unwrap());
        let headers = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str())];
        client.send("GET", &path, &headers, b"").status
    };
    let shouted = rig.origin.to_uppercase();
    for url in [format!("{shouted}{path}"), format!("{}{path}?_summary=true#top", rig.origin)] {
        assert_eq!(ask(&url), 200, "{url}");
    }
    for url in [
        format!("{}{}", rig.origin, path.to_uppercase()),
        format!("{}/x/..{path}", rig.origin),
        format!("{}/fhir/Patient?{path}", rig.origin),
        format!("https://localhost{path}"),
    ] {
        assert_eq!(ask(&url), 401, "{url}");
    }
}

#[test]
fn a_session_is_held_to_the_scope_it_asked_for() {
    let rig = rig();
    let (mut client, device) = (rig.connect(), Device::make().unwrap());
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Scoped");
    let id = patient.strip_prefix("Patient/").unwrap();
    let observation = format!(
        r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},
        "subject":{{"reference":"{patient}"}}}}"#
    );
    let post =
        rig.ask(&mut client, &doctor, "POST", "/fhir/Observation", &JSON, observation.as_bytes());
    assert_eq!(post.status, 201);
    let made = post.json()["id"].as_str().unwrap().to_owned();

    let nonce = doctor.nonce.lock().unwrap().clone();
    let scope = "user/Observation.rs";
    let answer = rig.try_sign_in_for(&mut client, rig.card("doctor"), &device, Some(&nonce), scope);
    assert_eq!((answer.status, &answer.json()["scope"]), (200, &scope.into()));
    let narrow = rig.sign_in_for(rig.card("doctor"), scope);
    let entry =
        |method: &str, url: &str| format!(r#"{{"request":{{"method":"{method}","url":"{url}"}}}}"#);
    let batch =
        |entry: String| format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{entry}]}}"#);
    let search = format!("/fhir/Observation?patient={id}");
    let one = format!("/fhir/Observation/{made}");
    let patch = r#"[{"op":"replace","path":"/status","value":"amended"}]"#;
    let own = batch(entry("GET", &format!("Observation?patient={id}")));
    let (foreign, including, deleting) = (
        batch(entry("GET", &patient)),
        batch(entry("GET", &format!("Observation?patient={id}&_include=Observation:subject"))),
        batch(entry("DELETE", &format!("Observation/{made}"))),
    );
    let asked = [
        (200, "GET", search.clone(), ""),
        (200, "GET", one.clone(), ""),
        (200, "GET", format!("/fhir/{patient}/Observation"), ""),
        (200, "POST", "/fhir".to_owned(), own.as_str()),
        (403, "GET", format!("/fhir/{patient}"), ""),
        (403, "GET", "/fhir/Patient?identifier=urn:x|1".to_owned(), ""),
        (403, "GET", format!("/fhir/{patient}/$everything"), ""),
        (403, "GET", format!("{search}&_include=Observation:subject"), ""),
        (403, "GET", format!("/fhir/{patient}?_revinclude=x"), ""),
        (403, "GET", "/fhir/Practitioner?name=x".to_owned(), ""),
        (403, "POST", "/fhir/Observation".to_owned(), observation.as_str()),
        (403, "PUT", one.clone(), observation.as_str()),
        (403, "PATCH", one.clone(), patch),
        (403, "DELETE", one.clone(), ""),
        (403, "POST", "/fhir".to_owned(), foreign.as_str()),
        (403, "POST", "/fhir".to_owned(), including.as_str()),
        (403, "POST", "/fhir".to_owned(), deleting.as_str()),
    ];
    for (status, method, path, body) in asked {
        let kind = if method == "PATCH" {
            [("Content-Type", "application/json-patch+json")]
        } else {
            JSON
        };
        let kind: &[_] = if body.is_empty() { &[] } else { &kind };
        let answer = rig.ask(&mut client, &narrow, method, &path, kind, body.as_bytes());
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert_eq!(status == 403, challenge.contains("insufficient_scope"), "{method} {path}");
    }
    // A bearer token would be held to nothing.
    let claims = keyproto::statement::ProofClaims {
        token: Some(data_encoding::BASE64URL_NOPAD.encode(&[1; 32])),
        token_hours: Some(1),
        ..Default::default()
    };
    let proof = rig.prove(&narrow, "GET", &one, claims);
    let authorization = format!("DPoP {}", narrow.token);
    let headers = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str())];
    assert_eq!(client.send("GET", &one, &headers, b"").status, 403);
}

#[test]
fn a_scope_that_is_not_granted_as_it_stands_signs_nobody_in() {
    let rig = rig();
    let (mut client, device) = (rig.connect(), Device::make().unwrap());
    for scope in ["openid", "system/*.read", "patient/*.rs", "system/Nonsense.rs", ""] {
        let nonce = rig.sign_in("doctor").nonce.lock().unwrap().clone();
        let answer =
            rig.try_sign_in_for(&mut client, rig.card("doctor"), &device, Some(&nonce), scope);
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &"invalid_scope".into()),
            "{scope}"
        );
        assert_eq!(answer.json()["access_token"], serde_json::Value::Null);
    }
}

#[test]
fn what_is_asked_of_the_file_needs_a_nonce_of_the_file_only_where_the_address_names_none() {
    // One of its own: an order elsewhere closes every file.
    let rig = Rig::start(|_| {});
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Nonce");
    let id = patient.strip_prefix("Patient/").unwrap().to_owned();
    let again = rig.sign_in("colleague");
    let path = format!("/fhir/Observation?patient={id}");
    let claims = keyproto::statement::ProofClaims::default;
    let proof = rig.prove(&again, "GET", &path, claims());
    let authorization = format!("DPoP {}", again.token);
    let headers = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str())];
    let first = client.send("GET", &path, &headers, b"");
    assert_eq!(first.status, 401);
    assert!(first.header("dpop-nonce").unwrap().starts_with(&id), "bound to the file");
    let second = rig.ask(&mut client, &again, "GET", &path, &[], b"");
    assert_eq!(second.status, 200);
    let third = rig.prove(&again, "GET", &path, claims());
    let headers = [("Authorization", authorization.as_str()), ("DPoP", third.as_str())];
    let third = client.send("GET", &path, &headers, b"");
    assert_eq!(third.status, 200, "the file is open: any fresh nonce will do");
}

/// What the local listener answers, header and all.
fn local(rig: &Rig, path: &str) -> String {
    let mut stream = TcpStream::connect(rig.local).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn health_readiness_and_metrics_are_told_locally_and_name_nobody() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let family = format!("Marker{}", unique_number());
    let patient = rig.patient(&mut client, &doctor, &family);
    let local = |path: &str| local(rig, path);
    assert!(local("/health").starts_with("HTTP/1.1 200"));
    assert!(local("/ready").starts_with("HTTP/1.1 200"), "{}", local("/ready"));
    assert!(local("/fhir/metadata").starts_with("HTTP/1.1 404"));
    let metrics = local("/metrics");
    let id = patient.strip_prefix("Patient/").unwrap();
    assert!(!metrics.contains(&family) && !metrics.contains(id));
    let created =
        "cofferdam_server_requests_total{method=\"POST\",route=\"/fhir/{type}\",status=\"201\"}";
    for line in [created, "cofferdam_server_open_files ", "cofferdam_keyholder_ready 1"] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

/// How many openings the keyholder has recorded.
fn openings(rig: &Rig) -> u64 {
    let text = local(rig, "/metrics");
    let name = "cofferdam_keyholder_openings_total ";
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap().parse().unwrap()
}

#[test]
fn a_file_closes_when_it_lies_too_long_or_there_is_no_room() {
    let rig = Rig::start(|bounds| {
        bounds.open_idle = std::time::Duration::from_millis(500);
        bounds.open_files = 1;
    });
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let one = format!("/fhir/{}", rig.patient(&mut client, &doctor, "One"));
    let two = format!("/fhir/{}", rig.patient(&mut client, &doctor, "Two"));
    let mut opens = |path: &str| {
        let before = openings(&rig);
        assert_eq!(rig.ask(&mut client, &doctor, "GET", path, &[], b"").status, 200);
        openings(&rig) - before
    };
    assert_eq!(opens(&one), 1);
    assert_eq!(opens(&one), 0, "it is open");
    assert_eq!(opens(&two), 1);
    assert_eq!(opens(&one), 1, "the other took its room");
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert_eq!(opens(&one), 1, "it lay too long");
}

#[test]
fn an_ended_session_is_over() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Ended");
    let path = format!("/fhir/{patient}");
    assert_eq!(rig.ask(&mut client, &doctor, "GET", &path, &[], b"").status, 200);
    assert_eq!(rig.ask(&mut client, &doctor, "POST", "/auth/end", &[], b"").status, 204);
    assert_eq!(rig.ask(&mut client, &doctor, "GET", &path, &[], b"").status, 401);
}

#[test]
fn whoever_opens_too_many_files_signs_in_again_and_reads_nothing_meanwhile() {
    let rig = Rig::start_with(|_| {}, decision::Limits::default());
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    // The keyholder counts in whole seconds from the sign-in on.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let mut read = Vec::new();
    let challenge = loop {
        assert!(read.len() < 20, "nothing stops this card");
        let path = format!("/fhir/{}", rig.patient(&mut client, &doctor, "Soft"));
        let response = rig.ask(&mut client, &doctor, "GET", &path, &[], b"");
        if response.status != 200 {
            assert_eq!(response.status, 401, "after {} files", read.len());
            break response.header("www-authenticate").unwrap().to_owned();
        }
        read.push(path);
    };
    assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
    assert!(!read.is_empty());
    let again = rig.sign_in("doctor");
    let response = rig.ask(&mut client, &again, "GET", &read[0], &[], b"");
    assert_eq!(response.status, 200, "signed in again");
}
