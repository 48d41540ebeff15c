//! SMART Backend Services by a client that shares no code with the server.

use crate::http::{FHIR_JSON, Reply};
use crate::rig::Product;
use crate::smart_client::{Key, SmartClient, prove, seconds, unique};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Barrier;

const SYSTEM: &str = "https://example.org/chart";

#[test]
fn systems_with_es256_and_es384_sign_in_and_work() {
    let product = Product::new();
    for key in [Key::p256(), Key::p384()] {
        let card = product.issue("system", &format!("system-{}", unique()), &key);
        let mut client = SmartClient::new(product.http(), &card, key);
        let assertion = client.key.sign(json!({"typ": "JWT"}), &client.claims());
        let first = client.hand_in(&assertion, &client.device).unwrap();
        assert_eq!((first.status, &first.json()["error"]), (400, &json!("use_dpop_nonce")));
        assert!(first.header("dpop-nonce").is_some());
        client.sign_in().unwrap();
        works(&mut client);
    }
}

/// RFC 9449 does not know a `cnf` in an assertion: without it the card's own key proves.
#[test]
fn a_client_whose_assertion_names_no_device_proves_with_the_key_of_its_card() {
    let product = Product::new();
    let mut client = product.client("system", "with a device");
    let mut claims = client.claims();
    claims.as_object_mut().unwrap().remove("cnf");
    claims["jti"] = unique().into();
    let assertion = client.key.sign(json!({"typ": "JWT", "kid": "1"}), &claims);
    let by_another = client.hand_in(&assertion, &Key::p256()).unwrap();
    refused(&by_another, "a proof by another key");
    claims["jti"] = unique().into();
    let assertion = client.key.sign(json!({"typ": "JWT", "kid": "1"}), &claims);
    let by_the_card = client.hand_in(&assertion, &client.key).unwrap();
    assert_eq!(by_the_card.status, 200, "{}", by_the_card.text());
    client.token = by_the_card.json()["access_token"].as_str().unwrap().to_owned();
    std::mem::swap(&mut client.key, &mut client.device);
    works(&mut client);
}

#[test]
fn assertions_that_are_forged_expired_or_replayed_are_refused() {
    let product = Product::new();
    let client = product.client("system", "a system");
    let mut unknown = client.card.clone();
    unknown.replace_range(0..4, if unknown.starts_with("aaaa") { "bbbb" } else { "aaaa" });
    let changed = |name: &str, value: Value| {
        let mut claims = client.claims();
        claims[name] = value;
        client.key.sign(json!({"typ": "JWT"}), &claims)
    };
    let good = client.key.sign(json!({"typ": "JWT"}), &client.claims());
    let other_key = Key::p256().sign(json!({"typ": "JWT"}), &client.claims());
    let other_curve = Key::p384().sign(json!({"typ": "JWT"}), &client.claims());
    let parts: Vec<&str> = good.split('.').collect();
    let header = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let other_claims = BASE64URL_NOPAD.encode(client.claims().to_string().as_bytes());
    let bad = [
        ("signed by another key", other_key),
        ("signed on another curve", other_curve),
        ("other claims under a signature", format!("{}.{other_claims}.{}", parts[0], parts[2])),
        ("no algorithm", format!("{}.{}.", header(r#"{"alg":"none"}"#), parts[1])),
        (
            "another algorithm",
            format!("{}.{}.{}", header(r#"{"alg":"HS256"}"#), parts[1], parts[2]),
        ),
        ("an extension that must be understood", {
            client.key.sign(json!({"crit": ["x"], "x": 1}), &client.claims())
        }),
        ("expired", changed("exp", (seconds() - 120).into())),
        ("good for an hour", changed("exp", (seconds() + 3600).into())),
        ("without an end", changed("exp", Value::Null)),
        ("for another server", changed("aud", "https://elsewhere.example/auth/token".into())),
        ("for another subject", changed("sub", unknown.clone().into())),
        ("without a name of its own", changed("jti", "".into())),
        ("of nobody", {
            let mut claims = client.claims();
            claims["iss"] = unknown.clone().into();
            claims["sub"] = unknown.into();
            client.key.sign(json!({}), &claims)
        }),
        ("no assertion at all", "x".into()),
    ];
    for (what, assertion) in bad {
        refused(&client.hand_in(&assertion, &client.device).unwrap(), what);
    }
    replays(&client, &good);
}

fn replays(client: &SmartClient, good: &str) {
    let no_proof = client.hand_in_with(good, "").unwrap();
    refused(&no_proof, "without a proof");
    let (url, nonce) = (client.token_url(), client.nonce.as_deref());
    let proof = prove(&client.device, "POST", &url, None, nonce, &json!({}));
    let first = client.hand_in_with(good, &proof).unwrap();
    assert_eq!(first.status, 200, "what was refused differs from this by one thing each");
    refused(&client.hand_in(good, &client.device).unwrap(), "an assertion that was used");
    let fresh = client.key.sign(json!({"typ": "JWT"}), &client.claims());
    refused(&client.hand_in_with(&fresh, &proof).unwrap(), "a proof that was used");
    let fresh = client.key.sign(json!({"typ": "JWT"}), &client.claims());
    refused(&client.hand_in(&fresh, &Key::p256()).unwrap(), "a proof by another device");
    let elsewhere = prove(&client.device, "POST", "https://localhost/x", None, nonce, &json!({}));
    let fresh = client.key.sign(json!({"typ": "JWT"}), &client.claims());
    refused(&client.hand_in_with(&fresh, &elsewhere).unwrap(), "a proof for another address");
}

#[test]
fn a_stolen_access_token_is_worth_nothing_without_the_device_key() {
    let product = Product::new();
    let mut client = product.client("system", "a system");
    let patient = create_patient(&mut client, "Eigenbrot", "1");
    let path = format!("/fhir/Patient/{patient}");
    let url = format!("{}{path}", client.http.origin);
    let token = client.token.clone();
    let nonce = client.nonce.clone();
    let steal = |scheme: &str, path: &str, proof: Option<&str>| {
        let authorization = format!("{scheme} {token}");
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(proof.map(|proof| ("dpop", proof)));
        client.http.ask("GET", path, &headers, b"").unwrap()
    };
    let by = |device: &Key, method: &str| {
        prove(device, method, &url, Some(&token), nonce.as_deref(), &json!({}))
    };
    let good = by(&client.device, "GET");
    let unbound = prove(&client.device, "GET", &url, Some("x"), nonce.as_deref(), &json!({}));
    let tries = [
        ("as a bearer token", steal("Bearer", &path, None)),
        ("without a proof", steal("DPoP", &path, None)),
        ("with a thief's proof", steal("DPoP", &path, Some(&by(&Key::p256(), "GET")))),
        ("with a proof of another method", steal("DPoP", &path, Some(&by(&client.device, "POST")))),
        ("with a proof of another token", steal("DPoP", &path, Some(&unbound))),
        ("with a proof of another address", {
            steal("DPoP", &format!("{path}/$everything"), Some(&good))
        }),
    ];
    for (what, reply) in tries {
        assert_eq!(reply.status, 401, "{what}: {}", reply.text());
        assert!(!reply.text().contains("Eigenbrot"), "{what}");
    }
    let used = steal("DPoP", &path, Some(&good));
    assert!(used.status == 200 && used.text().contains("Eigenbrot"), "the device itself may");
    let again = steal("DPoP", &path, Some(&good));
    assert!(again.status == 401 && !again.text().contains("Eigenbrot"), "a proof counts once");
}

#[test]
fn racing_conditional_creates_on_one_identifier_make_one_patient() {
    let product = Product::new();
    let mut clients: Vec<SmartClient> =
        (0..3).map(|n| product.client("system", &format!("system-{n}"))).collect();
    for round in 0..6 {
        let barrier = Barrier::new(clients.len());
        let value = format!("race-{round}");
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let threads: Vec<_> = clients
                .iter_mut()
                .map(|client| {
                    let (barrier, value) = (&barrier, &value);
                    scope.spawn(move || {
                        barrier.wait();
                        let condition = format!("identifier={SYSTEM}|{value}");
                        let headers = [FHIR_JSON, ("if-none-exist", condition.as_str())];
                        let body = patient("Racer", value).to_string();
                        client.ask("POST", "/fhir/Patient", &headers, body.as_bytes()).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 201], "{}", replies[0].text());
        let ids: BTreeSet<_> = replies.iter().map(|reply| reply.created_id().unwrap()).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        let find = format!("/fhir/Patient?identifier={SYSTEM}%7C{value}");
        let found = clients[0].expect(200, "GET", &find, &Value::Null).json();
        assert_eq!(found["entry"].as_array().unwrap().len(), 1);
        assert_eq!(found["entry"][0]["resource"]["id"], *ids.first().unwrap());
    }
}

/// Creates, reads, searches and changes.
fn works(client: &mut SmartClient) {
    let patient = create_patient(client, "Sommerfeld", &unique());
    let path = format!("/fhir/Patient/{patient}");
    let read = client.expect(200, "GET", &path, &Value::Null).json();
    assert_eq!(read["name"][0]["family"], "Sommerfeld");
    let observation = json!({
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": format!("Patient/{patient}")},
        "valueQuantity": {"value": 71.5, "unit": "kg"},
    });
    client.expect(201, "POST", "/fhir/Observation", &observation);
    let search = format!("/fhir/Observation?patient={patient}");
    let found = client.expect(200, "GET", &search, &Value::Null).json();
    assert_eq!(found["entry"][0]["resource"]["valueQuantity"]["value"], 71.5);
}

fn create_patient(client: &mut SmartClient, family: &str, value: &str) -> String {
    let reply = client.expect(201, "POST", "/fhir/Patient", &patient(family, value));
    reply.created_id().unwrap()
}

fn patient(family: &str, value: &str) -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": value}],
        "name": [{"family": family, "given": ["Ina"]}],
        "birthDate": "1970-01-01",
    })
}

/// No token, and not for the want of a nonce.
fn refused(reply: &Reply, what: &str) {
    assert!((400..=403).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
    assert!(reply.json()["access_token"].is_null(), "{what}");
    assert!(!reply.text().contains("use_dpop_nonce"), "{what}: {}", reply.text());
}
