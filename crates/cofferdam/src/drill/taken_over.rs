//! The server itself is the attacker: it holds what honest clients sign, and plays with it.
//!
//! The attacker has the server's place in front of the keyholder. Honest clients sign for their own
//! patient and no other; it replays, redirects, mixes, edits, holds back and forges, and every key
//! that comes is written down.

use super::scene::{Context, Scene, moment};
use crate::client::now;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::orders::random;
use crate::{console, import, server_process};
use ::drill::holdings::Holdings;
use ::drill::incident::Drill;
use ::drill::played::{Attacker, Check, Kind, Played};
use cards::Device;
use data_encoding::BASE64URL_NOPAD;
use keyproto::message::{Find, Identifier, Open, Order as Ordered, Present, Query, Question};
use keyproto::statement::{Order, ProofClaims, SubjectName};
use record::{KeyholderError, RecordedRelease, Records};
use std::collections::BTreeSet;
use terms::{FileId, Role, SessionId};

/// Files that no client ever opens.
const VICTIMS: usize = 25;

/// An honest client, and what it signed last.
struct Client {
    device: Device,
    session: SessionId,
    file: FileId,
    proof: String,
    /// Signed as well, and held back.
    later: String,
}

/// What sits in the server's place.
struct Liar<'a> {
    records: &'a Records,
    config: &'a Config,
    own: Device,
    held: Holdings,
    tries: u64,
    refused: u64,
}

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let sessions = context.pick(50, 1_000) as usize;
    let people = u32::try_from(sessions + VICTIMS).unwrap_or(u32::MAX);
    let scene = Scene::with_people(context, drill.name, people)?;
    let (config, ids) = (&scene.stage.config, scene.stolen_ids()?);
    let (victims, own) = ids.split_at(VICTIMS.min(ids.len()));
    let records = server_process::open_records(&scene.stage.home, config)?;
    let since = moment();
    let own_device = Device::make().map_err(Failure::world("a device key"))?;
    let mut liar = Liar {
        records: &records,
        config,
        own: own_device,
        held: Holdings::new(),
        tries: 0,
        refused: 0,
    };
    let bar = console::progress(sessions as u64, "live sessions");
    let mut clients = Vec::new();
    for file in own.iter().take(sessions) {
        scene.go_on()?;
        bar.inc(1);
        clients.push(honest(&scene, &mut liar, *file)?);
    }
    bar.finish_and_clear();
    let served = liar.held.clone();
    let granted = served.persons();
    let attacks = attack(&scene, &mut liar, &clients, victims)?;
    let known: BTreeSet<String> = own.iter().map(ToString::to_string).collect();
    let beyond = liar.held.files().keys().filter(|file| !known.contains(*file)).count() as u64;
    let more = liar.held.agreement(&served);
    let after_freeze = freeze(&scene, &mut liar, &clients)?;

    let question =
        Question { server: Some(config.server_id()?), from: Some(since), ..Question::default() };
    let listed = scene.listed(&question)?;
    let (tries, refused) = (liar.tries, liar.refused);
    let checks = vec![
        Check::at_most("files beyond those that clients themselves had open", beyond, 0),
        Check::holds(
            Kind::HardBound,
            "no section came that a client had not opened",
            format!("precision {:.3}, recall {:.3}", more.precision, more.recall),
            more.is_exact(),
        ),
        Check::holds(
            Kind::SelfTest,
            "every honest client was served, so there was something to play with",
            format!("{granted} of {sessions}"),
            granted == sessions as u64,
        ),
        Check::at_most("files that came after an officer froze the server", after_freeze, 0),
    ];
    let who = format!("the server, with {sessions} live sessions, {attacks} kinds of forgery");
    let by = format!("{refused} forgeries refused; an officer freezes the server");
    let attacker = Attacker::new(who, tries, &liar.held, &listed).stopped(None, by);
    let mut played = Played::new(drill, scene.files, vec![attacker], checks);
    played.aside = Some(format!(
        "All of them were open in {sessions} live sessions of honest clients; beyond those it got \
         {beyond}."
    ));
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// A client signs in and opens its own patient's file, by way of the liar.
fn honest(scene: &Scene, liar: &mut Liar<'_>, file: FileId) -> Outcome<Client> {
    let card = scene.issue(Role::Doctor, scene.practice(), "Doctor")?;
    let device = Device::make().map_err(Failure::world("a device key"))?;
    let session = import::sign_in_with(liar.records, liar.config, &card, &device)?;
    let proof = sign(liar, &device, file)?;
    let later = sign(liar, &device, file)?;
    let client = Client { device, session, file, proof, later };
    let open = liar.open(&client, &client.proof, client.file, client.file);
    let release = open.map_err(|error| Failure::World(format!("an honest opening: {error}")))?;
    liar.held.add(&release.file().to_string(), release.sections());
    Ok(client)
}

fn sign(liar: &Liar<'_>, device: &Device, file: FileId) -> Outcome<String> {
    let nonce = liar.records.keyholder().nonce(None).map_err(Failure::world("a nonce"))?;
    let claims = ProofClaims { file: Some(file), ..ProofClaims::default() };
    let proof = device.prove("GET", &liar.address(file), None, Some(&nonce), now(), claims);
    proof.map_err(Failure::world("the device key"))
}

/// Every forgery with every client; returns how many kinds there are.
fn attack(
    scene: &Scene,
    liar: &mut Liar<'_>,
    clients: &[Client],
    victims: &[FileId],
) -> Outcome<usize> {
    let bar = console::progress(clients.len() as u64, "sessions attacked");
    let mut kinds = 0;
    for (number, client) in clients.iter().enumerate() {
        scene.go_on()?;
        bar.inc(1);
        let victim = victims[number % victims.len()];
        let other = &clients[(number + 1) % clients.len()];
        kinds = liar.forge(client, other, victim)?;
    }
    bar.finish_and_clear();
    // Held back, and handed in from the last to the first.
    for client in clients.iter().rev() {
        let answer = liar.open(client, &client.later, client.file, client.file);
        liar.note(answer);
    }
    Ok(kinds)
}

/// Once an officer froze the server, what clients sign anew is worth nothing either.
fn freeze(scene: &Scene, liar: &mut Liar<'_>, clients: &[Client]) -> Outcome<u64> {
    let signed: Vec<String> = clients
        .iter()
        .take(5)
        .map(|client| sign(liar, &client.device, client.file))
        .collect::<Outcome<_>>()?;
    let subject = SubjectName::Server(liar.config.server_id()?);
    scene.order(1, &Order::Freeze { subject, reason: "taken over".into() })?;
    let mut came = 0;
    for (client, proof) in clients.iter().zip(&signed) {
        came += u64::from(liar.open(client, proof, client.file, client.file).is_ok());
    }
    // The officer's own question comes through this server as well.
    scene.order(2, &Order::Unfreeze { subject, reason: "asked and answered".into() })?;
    Ok(came)
}

impl Liar<'_> {
    /// Everything that it can do with what one client signed; returns how many things those are.
    fn forge(&mut self, client: &Client, other: &Client, victim: FileId) -> Outcome<usize> {
        let fresh = self.records.keyholder().nonce(None).map_err(Failure::world("a nonce"))?;
        let named = self.records.keyholder().nonce(Some(victim));
        let named = named.map_err(Failure::world("a nonce"))?;
        let forged = |nonce: &str| {
            let claims = ProofClaims { file: Some(victim), ..ProofClaims::default() };
            let proof =
                self.own.prove("GET", &self.address(victim), None, Some(nonce), now(), claims);
            proof.map_err(Failure::world("its own key"))
        };
        let (by_own_key, by_named_nonce) = (forged(&fresh)?, forged(&named)?);
        let edited = [
            edit(&client.proof, "file", &victim.to_string()),
            edit(&client.proof, "htu", &self.address(victim)),
            edit(&client.proof, "nonce", &named),
            edit(&client.later, "nonce", &fresh),
        ];
        let mut answers = vec![
            self.open(client, &client.proof, client.file, client.file),
            self.open(client, &client.proof, victim, client.file),
            self.open(client, &client.proof, victim, victim),
            self.open(client, &client.later, victim, client.file),
            self.open(client, &client.later, victim, victim),
            self.open(other, &client.proof, client.file, client.file),
            self.open(other, &client.later, client.file, client.file),
            self.open(other, &client.later, victim, victim),
            self.open(client, &by_own_key, victim, victim),
            self.open(client, &by_named_nonce, victim, victim),
        ];
        for proof in edited.iter().flatten() {
            answers.push(self.open(client, proof, victim, victim));
        }
        let token = BASE64URL_NOPAD.encode(&random::<16>()?);
        answers.push(self.records.keyholder().present(Present { token }));
        let kinds = answers.len() + 2;
        answers.into_iter().for_each(|answer| self.note(answer));
        self.look_up(client, victim)?;
        self.order(victim)?;
        Ok(kinds)
    }

    /// An opening's proof handed in as one of a look-up.
    fn look_up(&mut self, client: &Client, victim: FileId) -> Outcome {
        let query = Query::Identifier(Identifier {
            system: "urn:oid:1.2.208.176.1.2".into(),
            value: victim.to_string(),
        });
        let url = format!("{}/fhir/Patient", self.config.origin);
        let (session, proof) = (client.session, client.proof.clone());
        let find = Find { session, proof, method: "GET".into(), url, query };
        self.tries += 1;
        match self.records.keyholder().find(find) {
            Ok(found) => found.shown.into_iter().for_each(|release| self.note(Ok(release))),
            Err(_) => self.refused += 1,
        }
        Ok(())
    }

    /// An order by a card that nobody issued: a presence of the victim.
    fn order(&mut self, victim: FileId) -> Outcome {
        let identity = cards::Identity {
            card: terms::CardId::from_bytes(random()?),
            role: Role::Patient,
            practice: terms::PracticeId::from_bytes(random()?),
            holder: "patient".into(),
        };
        let card = cards::Card::make(identity, terms::Curve::P256);
        let card = card.map_err(Failure::world("a card"))?;
        let order =
            Order::Presence { file: victim, practice: terms::PracticeId::from_bytes(random()?) };
        let statement = card.order(&self.config.origin, order, now());
        let statements = vec![statement.map_err(Failure::world("a card"))?];
        self.tries += 1;
        let refused = self.records.keyholder().order(Ordered { statements }).is_err();
        self.refused += u64::from(refused);
        Ok(())
    }

    fn open(
        &self,
        client: &Client,
        proof: &str,
        file: FileId,
        addressed: FileId,
    ) -> Result<RecordedRelease, KeyholderError> {
        let (session, proof, method) = (client.session, proof.to_owned(), "GET".to_owned());
        let url = self.address(addressed);
        self.records.keyholder().open(Open { session, proof, method, url, file })
    }

    /// Writes down what came, or that it was refused.
    fn note(&mut self, answer: Result<RecordedRelease, KeyholderError>) {
        self.tries += 1;
        match answer {
            Ok(release) => self.held.add(&release.file().to_string(), release.sections()),
            Err(_) => self.refused += 1,
        }
    }

    fn address(&self, file: FileId) -> String {
        format!("{}/fhir/Patient/{file}", self.config.origin)
    }
}

/// A proof with another claim under the old signature.
fn edit(proof: &str, claim: &str, value: &str) -> Option<String> {
    let mut parts = proof.split('.');
    let (head, body, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let body = BASE64URL_NOPAD.decode(body.as_bytes()).ok()?;
    let mut claims: serde_json::Value = serde_json::from_slice(&body).ok()?;
    claims[claim] = value.into();
    let body = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    Some(format!("{head}.{body}.{signature}"))
}
