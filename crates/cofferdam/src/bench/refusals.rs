//! Whether a refusal tells by its time what a grant does not: each is asked in turn with the other.

use super::Figure;
use super::stage::Stage;
use crate::client::{SignedInCard, now};
use crate::failure::{Failure, Outcome};
use crate::orders::random;
use crate::{demo, import, server_process};
use cards::{Card, Device};
use data_encoding::BASE64URL_NOPAD;
use keyproto::jws::sha256;
use keyproto::message::{Find, Open, Order, Present, Query};
use keyproto::statement::{Order as Ordered, ProofClaims};
use record::{KeyholderError, Records};
use std::time::{Duration, Instant};
use terms::{FileId, PracticeId, SessionId};

/// How often each is asked.
const TIMES: usize = 500;
/// Fewer: names that nobody has count, and freeze a card after forty.
const LOOK_UPS: usize = 30;

/// Who asks.
struct Asking<'a> {
    stage: &'a Stage,
    records: Records,
    device: Device,
    session: SessionId,
    file: FileId,
}

/// How long the answer took, and whether it was a grant.
type Timed = Outcome<(Duration, bool)>;
/// What is measured, whether it is granted, and how to ask for it once.
type Act<'a> = (&'a str, bool, &'a dyn Fn() -> Timed);

/// How long grants and refusals take, one client at a time, with everything made durable.
pub(super) fn refusals() -> Outcome<Vec<Figure>> {
    let stage = Stage::with_people("refusals", 10, true)?;
    let card = demo::unlock(&stage.home, "doctor-1")?;
    let mut signed_in = SignedInCard::anew(&stage.home, &stage.config, &card)?;
    let file = super::http::find(&mut signed_in, 0)?;
    let records = server_process::open_records(&stage.home, &stage.config)?;
    let device = device()?;
    let session = import::sign_in_with(&records, &stage.config, &card, &device)?;
    let asking = Asking { stage: &stage, records, device, session, file };
    let mut figures = asking.openings()?;
    figures.extend(asking.tokens()?);
    figures.extend(asking.orders(&card)?);
    figures.extend(asking.look_ups()?);
    Ok(figures)
}

impl Asking<'_> {
    fn openings(&self) -> Outcome<Vec<Figure>> {
        let nobody = FileId::from_bytes(random()?);
        let stranger = SessionId::from_bytes(random()?);
        let grant = || self.open(self.session, self.file, None);
        let no_file = || self.open(self.session, nobody, None);
        let no_session = || self.open(stranger, self.file, None);
        compare(
            "opening",
            TIMES,
            &[
                ("granted", true, &grant),
                ("refused, no such file", false, &no_file),
                ("refused, no such session", false, &no_session),
            ],
        )
    }

    fn tokens(&self) -> Outcome<Vec<Figure>> {
        let (token, unknown) = (word()?, word()?);
        let hash = BASE64URL_NOPAD.encode(&sha256(token.as_bytes()));
        self.open(self.session, self.file, Some(hash))?;
        let present = |token: &String| {
            let token = token.clone();
            timed(|| self.records.keyholder().present(Present { token }).map(drop))
        };
        compare(
            "token",
            TIMES,
            &[
                ("granted", true, &|| present(&token)),
                ("refused, no such token", false, &|| present(&unknown)),
            ],
        )
    }

    /// An officer makes a practice known, or somebody who is none.
    fn orders(&self, doctor: &Card) -> Outcome<Vec<Figure>> {
        let order = |card: &Card| {
            let practice = PracticeId::from_bytes(random()?);
            let order = Ordered::RegisterPractice { practice, name: "Bench".into() };
            let statement = card.order(&self.stage.config.origin, order, now());
            let statements = vec![statement.map_err(Failure::world("a card"))?];
            timed(|| self.records.keyholder().order(Order { statements }).map(drop))
        };
        compare(
            "order",
            TIMES,
            &[
                ("granted", true, &|| order(&self.stage.officers.first)),
                ("refused, not an officer", false, &|| order(doctor)),
            ],
        )
    }

    fn look_ups(&self) -> Outcome<Vec<Figure>> {
        let family = demo::population(7, 1).person(0).family().to_owned();
        let importer = demo::unlock(&self.stage.home, "importer")?;
        let device = device()?;
        let barred = import::sign_in_with(&self.records, &self.stage.config, &importer, &device)?;
        let hit = || self.find(self.session, &self.device, &family);
        let miss = || self.find(self.session, &self.device, "xqzwv");
        let refused = || self.find(barred, &device, &family);
        compare(
            "look-up",
            LOOK_UPS,
            &[
                ("finds", true, &hit),
                ("finds nobody", true, &miss),
                ("refused, an importer's card", false, &refused),
            ],
        )
    }

    fn open(&self, session: SessionId, file: FileId, token: Option<String>) -> Timed {
        let url = format!("{}/fhir/Patient/{file}", self.stage.config.origin);
        let claims = ProofClaims { file: Some(file), token, ..ProofClaims::default() };
        let proof = self.prove(&self.device, &url, claims)?;
        let open = Open { session, proof, method: "GET".into(), url, file };
        timed(|| self.records.keyholder().open(open).map(drop))
    }

    fn find(&self, session: SessionId, device: &Device, family: &str) -> Timed {
        let url = format!("{}/fhir/Patient", self.stage.config.origin);
        let proof = self.prove(device, &url, ProofClaims::default())?;
        let query = Query::Name(vec![family.to_owned()]);
        let find = Find { session, proof, method: "GET".into(), url, query };
        timed(|| self.records.keyholder().find(find).map(drop))
    }

    fn prove(&self, device: &Device, url: &str, claims: ProofClaims) -> Outcome<String> {
        let nonce = self.records.keyholder().nonce(None).map_err(Failure::world("a nonce"))?;
        let proof = device.prove("GET", url, None, Some(&nonce), now(), claims);
        proof.map_err(Failure::world("the device key"))
    }
}

fn timed(ask: impl FnOnce() -> Result<(), KeyholderError>) -> Timed {
    let start = Instant::now();
    let answer = ask();
    let took = start.elapsed();
    match answer {
        Ok(()) => Ok((took, true)),
        Err(KeyholderError::Refused(_)) => Ok((took, false)),
        Err(error) => Err(Failure::World(error.to_string())),
    }
}

/// Asks for all of them in turn, so that what disturbs the machine disturbs each.
fn compare(what: &str, times: usize, acts: &[Act<'_>]) -> Outcome<Vec<Figure>> {
    let mut took: Vec<Vec<Duration>> = vec![Vec::new(); acts.len()];
    for _ in 0..times {
        for ((name, granted, act), took) in acts.iter().zip(&mut took) {
            let (time, is_grant) = act()?;
            if is_grant != *granted {
                return Err(Failure::World(format!("{what}, {name}: another verdict")));
            }
            took.push(time);
        }
    }
    let mut figures = Vec::new();
    let mut first = None;
    for ((name, ..), took) in acts.iter().zip(&mut took) {
        took.sort_unstable();
        let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
        figures.push(Figure::new(format!("{what}, {name}, median"), at(0.5), "us"));
        figures.push(Figure::new(format!("{what}, {name}, p99"), at(0.99), "us"));
        match first {
            None => first = Some(at(0.5)),
            Some(first) => {
                let ratio =
                    Figure::new(format!("{what}, {name}, of a grant's"), at(0.5) / first, "");
                figures.push(ratio);
            }
        }
    }
    Ok(figures)
}

fn device() -> Outcome<Device> {
    Device::make().map_err(Failure::world("a device key"))
}

fn word() -> Outcome<String> {
    Ok(BASE64URL_NOPAD.encode(&random::<16>()?))
}
