//! Every row of the table is refused to everybody who should not have it.

use crate::client::Client;
use crate::rig::{Session, rig};
use keyproto::statement::ProofClaims;
use web::routes::{Counts, ROUTES, Route, Who};

/// An address of the row that leads somewhere, so that a hole would answer with content.
fn path_of(route: &Route, patient: &str) -> String {
    let id = patient.strip_prefix("Patient/").unwrap();
    let path = route.template.replace("/{id}/{type}", "/{id}/Observation");
    let kind = if path.ends_with("{type}") { "Observation" } else { "Patient" };
    let path = path.replace("{type}", kind).replace("{id}", id).replace("{version}", "1");
    match route.counts {
        Counts::Opening if path == "/fhir/Observation" => format!("{path}?patient={id}"),
        _ => path,
    }
}

fn body_of(route: &Route) -> (&'static [(&'static str, &'static str)], &'static [u8]) {
    const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
    match route.name {
        "token" => (&[FORM], b"grant_type=client_credentials"),
        name if name.ends_with("-post") => (&[FORM], b"_count=1"),
        "orders" => (&[("Content-Type", "application/json")], b"[\"a.b.c\"]"),
        "patch" => (&[("Content-Type", "application/json-patch+json")], b"[]"),
        _ if matches!(route.method.as_str(), "POST" | "PUT") => {
            (&[("Content-Type", "application/fhir+json")], b"{\"resourceType\":\"Patient\"}")
        }
        _ => (&[], b""),
    }
}

struct Attack<'a> {
    client: &'a mut Client,
    route: &'a Route,
    path: String,
}

impl Attack<'_> {
    /// Sends the request with these credentials and expects that it is refused.
    fn fails(&mut self, how: &str, credentials: &[(&str, &str)], allowed: &[u16]) {
        let (headers, body) = body_of(self.route);
        let mut all = headers.to_vec();
        all.extend_from_slice(credentials);
        let method = self.route.method.as_str();
        let response = self.client.send(method, &self.path, &all, body);
        let at = format!("{method} {} {how}", self.route.template);
        assert!(allowed.contains(&response.status), "{at}: {}", response.status);
        let text = String::from_utf8_lossy(&response.body);
        assert!(!text.contains("Attacked"), "{at}: content was shown");
        if response.header("connection") == Some("close") {
            *self.client = rig().connect();
        }
    }
}

#[test]
fn every_route_is_refused_to_everybody_who_should_not_have_it() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let other = rig.sign_in("colleague");
    let ended = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Attacked");
    let stranger = rig.patient(&mut client, &doctor, "Attackedtoo");
    let bearer = format!("Bearer {}", rig.token(&mut client, &doctor, &stranger));
    let end = rig.ask(&mut client, &ended, "POST", "/auth/end", &[], b"");
    assert_eq!(end.status, 204);
    for route in ROUTES.iter().filter(|route| route.who != Who::Anybody) {
        let path = path_of(route, &patient);
        let mut attack = Attack { client: &mut client, route, path: path.clone() };
        if route.who == Who::Signer {
            attack.fails("by nobody", &[], &[400, 401, 403]);
            attack.fails("with a bad token", &[("Authorization", "Bearer x")], &[400, 401, 403]);
            continue;
        }
        attack.fails("by nobody", &[], &[401]);
        let bad = [("Authorization", "Bearer x")];
        attack.fails("with a bad bearer token", &bad, &[401, 403]);
        attack.fails("with a bad scheme", &[("Authorization", "Basic YTpi")], &[401]);
        attack.fails(
            "with a bad DPoP token",
            &[("Authorization", "DPoP x"), ("DPoP", "x")],
            &[401],
        );
        if route.who != Who::Holder {
            let bearer = [("Authorization", bearer.as_str())];
            attack.fails("with a bearer token", &bearer, &[403]);
        }
        proofs(&mut attack, &doctor, &other, &ended, &path);
    }
}

/// Proofs that are those of another session, method, address or time, or none.
fn proofs(attack: &mut Attack<'_>, doctor: &Session, other: &Session, ended: &Session, path: &str) {
    let rig = rig();
    let method = attack.route.method.as_str();
    let authorization = format!("DPoP {}", doctor.token);
    let prove = |session: &Session, method: &str, path: &str| {
        rig.prove(session, method, path, ProofClaims::default())
    };
    let mut fails = |how: &str, token: &str, proof: &str| {
        attack.fails(how, &[("Authorization", token), ("DPoP", proof)], &[401]);
    };
    attack_free(&mut fails, &authorization);
    let foreign = prove(other, method, path);
    fails("with another session's proof", &authorization, &foreign);
    let over = prove(ended, method, path);
    fails("with an ended session", &format!("DPoP {}", ended.token), &over);
    let wrong = if method == "GET" { "POST" } else { "GET" };
    fails("with a proof of another method", &authorization, &prove(doctor, wrong, path));
    fails("with a proof of another address", &authorization, &prove(doctor, method, "/fhir/x"));
    let stale = Session {
        token: doctor.token.clone(),
        device: device_again(&doctor.device),
        nonce: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned().into(),
    };
    fails("with a nonce of nobody's", &authorization, &prove(&stale, method, path));
    let mut cut = prove(doctor, method, path);
    cut.pop();
    fails("with a cut signature", &authorization, &cut);
}

fn attack_free(fails: &mut impl FnMut(&str, &str, &str), authorization: &str) {
    fails("without a proof", authorization, "");
    fails("with a proof that is none", authorization, "a.b.c");
}

fn device_again(device: &cards::Device) -> cards::Device {
    cards::Device::from_pkcs8(&device.to_pkcs8().unwrap()).unwrap()
}

#[test]
fn a_proof_that_was_used_is_worth_nothing() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Replayed");
    let path = format!("/fhir/{patient}");
    let first = rig.ask(&mut client, &doctor, "GET", &path, &[], b"");
    assert_eq!(first.status, 200);
    let proof = rig.prove(&doctor, "GET", &path, ProofClaims::default());
    let authorization = format!("DPoP {}", doctor.token);
    let headers = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str())];
    assert_eq!(client.send("GET", &path, &headers, b"").status, 200);
    assert_eq!(client.send("GET", &path, &headers, b"").status, 401);
}

#[test]
fn a_bearer_token_is_for_one_file() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let own = rig.patient(&mut client, &doctor, "Own");
    let other = rig.patient(&mut client, &doctor, "Attacked");
    let bearer = format!("Bearer {}", rig.token(&mut client, &doctor, &own));
    let headers = [("Authorization", bearer.as_str())];
    let mut status = |path: &str| {
        let response = client.send("GET", path, &headers, b"");
        assert!(!String::from_utf8_lossy(&response.body).contains("Attacked"), "{path}");
        response.status
    };
    assert_eq!(status(&format!("/fhir/{own}")), 200);
    let id = other.strip_prefix("Patient/").unwrap();
    assert_eq!(status(&format!("/fhir/{other}")), 403);
    assert_eq!(status(&format!("/fhir/{other}/$everything")), 403);
    assert_eq!(status(&format!("/fhir/Observation?patient={id}")), 403);
    assert_eq!(status(&format!("/fhir/{other}/Condition")), 403);
    assert_eq!(status(&format!("/fhir/Patient?_id={id}")), 403);
    assert_eq!(status("/fhir/Patient/aaaaaaaaaaaaaaaaaaaaaaaaaa"), 403);
}

#[test]
fn a_file_without_relation_and_one_that_does_not_exist_look_the_same() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Attacked");
    let stranger = rig.sign_in("stranger");
    let mut shape = |path: &str| {
        let response = rig.ask(&mut client, &stranger, "GET", path, &[], b"");
        let names: Vec<_> = response.headers.iter().map(|(name, _)| name.clone()).collect();
        (response.status, names, response.text().replace(char::is_numeric, ""))
    };
    let there = shape(&format!("/fhir/{patient}"));
    let nowhere = shape("/fhir/Patient/aaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_eq!(there, nowhere);
    assert_eq!(there.0, 403);
}
