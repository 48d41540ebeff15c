//! A proof says which sections of a file it is about, whatever was opened before.

use crate::client::{Client, Response};
use crate::rig::{JSON, Rig, Session};
use keyproto::statement::ProofClaims;
use terms::{Section, Sections};

/// One session at one file.
struct Reader<'a> {
    rig: &'a Rig,
    client: Client,
    session: Session,
    path: String,
}

impl Reader<'_> {
    /// How many observations a proof for these sections shows, and how many openings it cost.
    fn counts(&mut self, sections: Option<Sections>) -> (u64, u32) {
        let mut openings = 0;
        loop {
            let answer = self.once(sections);
            // The address names no file, so an opening takes a nonce that does.
            if answer.status == 401 && openings == 0 {
                let nonce = answer.header("dpop-nonce").unwrap().to_owned();
                *self.session.nonce.lock().unwrap() = nonce;
                openings += 1;
                continue;
            }
            assert_eq!(answer.status, 200, "{}", answer.text());
            let nonce = answer.header("dpop-nonce").unwrap().to_owned();
            *self.session.nonce.lock().unwrap() = nonce;
            return (answer.json()["total"].as_u64().unwrap(), openings);
        }
    }

    fn once(&mut self, sections: Option<Sections>) -> Response {
        let claims = ProofClaims { sections, ..ProofClaims::default() };
        let proof = self.rig.prove(&self.session, "GET", &self.path, claims);
        let authorization = format!("DPoP {}", self.session.token);
        let headers = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str())];
        self.client.send("GET", &self.path, &headers, b"")
    }
}

#[test]
fn a_file_is_open_for_the_sections_that_a_proof_asks_for_and_for_no_others() {
    // One of its own: an order elsewhere closes every file.
    let rig = Rig::start(|_| {});
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let patient = rig.patient(&mut client, &doctor, "Sections");
    let observation = format!(
        "{{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{{\"text\":\"x\"}},\
         \"subject\":{{\"reference\":\"{patient}\"}}}}"
    );
    let body = observation.as_bytes();
    let made = rig.ask(&mut client, &doctor, "POST", "/fhir/Observation", &JSON, body);
    assert_eq!(made.status, 201);
    let path = format!("/fhir/Observation?patient={}", patient.replace("Patient/", ""));
    let mut reader = Reader { rig: &rig, client, session: rig.sign_in("doctor"), path };
    let label = Some(Sections::of(&[Section::Label]));
    let results = Some(Sections::of(&[Section::Label, Section::Results]));
    assert_eq!(reader.counts(label), (0, 1), "what was not asked for is not shown");
    assert_eq!(reader.counts(label), (0, 0), "the same again costs nothing");
    assert_eq!(reader.counts(None), (1, 1), "all, after less");
    assert_eq!(reader.counts(None), (1, 0), "the same again costs nothing");
    assert_eq!(reader.counts(label), (0, 1), "less, after all");
    assert_eq!(reader.counts(results), (1, 1), "more, after less");
    assert_eq!(reader.counts(results), (1, 0), "the same again costs nothing");
}
