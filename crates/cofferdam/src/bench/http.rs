//! Requests over HTTP: what each costs the processes, and how many durable writes there are.

use super::Figure;
use super::stage::Stage;
use crate::client::{Ask, Server, SignedInCard};
use crate::demo;
use crate::failure::{Failure, Outcome};
use crate::fhir_command::{Opening, make_token};
use std::time::Instant;
use terms::{FileId, Role};

/// Made-up patients in the practice.
const PEOPLE: u32 = 100;
/// Requests of each kind.
const READS: u32 = 10_000;
const SEARCHES: u32 = 5_000;
const WHOLES: u32 = 300;
/// Clients and writes of the measurement of writes.
const CLIENTS: u32 = 8;
const WRITES: u32 = 1_000;

/// A client with a bearer token for one patient.
pub(crate) struct Holder {
    server: Server,
    authorization: String,
    pub(crate) patient: FileId,
}

impl Holder {
    /// Finds the patient with this number, opens the file and makes a token for it.
    pub(crate) fn of(stage: &Stage, card: &mut SignedInCard, number: u32) -> Outcome<Holder> {
        let patient = find(card, number)?;
        let opening = Opening { file: Some(patient), ..Opening::default() };
        let (token, answer) = make_token(card, patient, &opening, 8)?;
        if answer.status != 200 {
            return Err(Failure::Refused(format!("the token: {}", answer.status)));
        }
        Ok(Holder {
            server: Server::of(&stage.home, &stage.config)?,
            authorization: format!("Bearer {token}"),
            patient,
        })
    }

    /// Sends a request and reads the answer whole.
    pub(crate) fn send(&self, method: &str, path: &str, body: &[u8]) -> Outcome<String> {
        let headers = [("content-type", "application/fhir+json")];
        let ask = Ask { method, path, headers: &headers, body };
        let mut answer = self.server.send(&ask, &[("authorization", &self.authorization)])?;
        let status = answer.status().as_u16();
        let reader = answer.body_mut().with_config().limit(1 << 30);
        let text = reader.read_to_string().map_err(Failure::world("the answer"))?;
        match status {
            200 | 201 => Ok(text),
            _ => Err(Failure::Asked(format!("{method} was answered {status}"))),
        }
    }
}

/// The file of the made-up person with this number.
pub(crate) fn find(card: &mut SignedInCard, number: u32) -> Outcome<FileId> {
    let person = demo::population(7, number + 1).person(number);
    demo::find(card, &person)
}

/// What a read, a search and `$everything` cost.
pub(crate) fn requests() -> Outcome<Vec<Figure>> {
    let stage = Stage::with_people("requests", PEOPLE, false)?;
    let card = demo::unlock(&stage.home, "doctor-1")?;
    let mut card = SignedInCard::anew(&stage.home, &stage.config, &card)?;
    let holder = Holder::of(&stage, &mut card, 0)?;
    let patient = holder.patient;
    let search = format!("/fhir/Observation?patient={patient}&code=http://loinc.org%7C85354-9");
    let found = holder.send("GET", &search, &[])?;
    let bundle: serde_json::Value =
        serde_json::from_str(&found).map_err(Failure::world("the search"))?;
    let id = bundle["entry"][0]["resource"]["id"].as_str().unwrap_or_default();
    let read = format!("/fhir/Observation/{id}");
    let everything = format!("/fhir/Patient/{patient}/$everything");
    Ok(vec![
        cost(&stage, &holder, "read by id", &read, READS)?.at_most(0.15),
        cost(&stage, &holder, "search by patient and code", &search, SEARCHES)?.at_most(0.3),
        cost(&stage, &holder, "$everything", &everything, WHOLES)?.at_most(4.0),
    ])
}

/// CPU time of keyholder and server for one request, in the mean over many.
pub(crate) fn cost(
    stage: &Stage,
    holder: &Holder,
    what: &str,
    path: &str,
    count: u32,
) -> Outcome<Figure> {
    for _ in 0..count.min(20) {
        holder.send("GET", path, &[])?;
    }
    let before = stage.cpu()?;
    for _ in 0..count {
        holder.send("GET", path, &[])?;
    }
    let cpu = stage.cpu()?.saturating_sub(before);
    Ok(Figure::new(what, cpu.as_secs_f64() * 1000.0 / f64::from(count), "CPU ms"))
}

/// Durable writes of one small resource each.
pub(crate) fn posts() -> Outcome<Vec<Figure>> {
    let stage = Stage::with_people("posts", 2 * CLIENTS, false)?;
    let practice = stage.officers.first.identity().practice;
    let mut holders = Vec::new();
    for number in 0..CLIENTS {
        // The watch takes one card at eight devices at once for a stolen one.
        let card = stage.issue(Role::Doctor, practice, &format!("Doctor {number}"))?;
        let mut card = SignedInCard::anew(&stage.home, &stage.config, &card)?;
        holders.push(Holder::of(&stage, &mut card, number)?);
    }
    let start = Instant::now();
    let results: Vec<Outcome> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            holders.iter().map(|holder| scope.spawn(move || write(holder))).collect();
        threads.into_iter().filter_map(|t| t.join().ok()).collect()
    });
    let took = start.elapsed();
    results.into_iter().collect::<Outcome>()?;
    let rate = f64::from(CLIENTS * WRITES) / took.as_secs_f64();
    Ok(vec![
        Figure::new("durable POST of an Observation, 8 clients", rate, "requests/s")
            .at_least(1_000.0),
    ])
}

fn write(holder: &Holder) -> Outcome {
    let body = format!(
        r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":
        "http://loinc.org","code":"8867-4","display":"Heart rate"}}]}},"subject":{{"reference":
        "Patient/{}"}},"valueQuantity":{{"value":72.0,"unit":"/min","system":
        "http://unitsofmeasure.org","code":"/min"}}}}"#,
        holder.patient
    );
    for _ in 0..WRITES {
        holder.send("POST", "/fhir/Observation", body.as_bytes())?;
    }
    Ok(())
}
