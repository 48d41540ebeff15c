//! The client side: a card signs in, its device proves every request.
//!
//! A session is kept in a file of its own so that the PIN is asked for once a day: whoever reads
//! that file can use the session until it ends, but cannot sign in again.

use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::orders::random;
use cards::{Card, CardFile, CardFileError, Device};
use data_encoding::BASE64;
use keyproto::statement::ProofClaims;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use terms::{FileId, Time};
use ureq::http::{Request, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// How often a sign-in is tried, and how long after the keyholder could not be asked.
const SIGN_IN_TRIES: u32 = 12;
const SIGN_IN_AGAIN: Duration = Duration::from_millis(500);

/// A body of more bytes than these is announced before it is sent.
const LARGE: usize = 1 << 20;

/// Whether it was said that a session cannot be kept: once is enough.
static NOT_KEPT: AtomicBool = AtomicBool::new(false);

/// How to reach a server.
pub(crate) struct Server {
    pub(crate) origin: String,
    agent: Agent,
}

/// A card that is signed in.
pub(crate) struct SignedInCard {
    server: Server,
    device: Device,
    token: String,
    nonce: Option<String>,
    file: PathBuf,
    until: Time,
    /// How to sign in again, where the session was kept: the server may have forgotten it.
    again: Option<Again>,
}

struct Again {
    home: Home,
    config: Config,
    card: PathBuf,
}

/// An answer: status, and the body as text.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What to send.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    /// Path and query, from the origin.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

#[derive(Serialize, Deserialize)]
struct Kept {
    origin: String,
    token: String,
    device: String,
    until: u64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: u64,
}

/// Now, by the system's clock.
pub(crate) fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Time::from_millis(since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
}

/// The PIN: from COFFERDAM_PIN, else from the terminal.
pub(crate) fn unlock(path: &Path) -> Outcome<Card> {
    let file = CardFile::read(path).map_err(card_failure(path))?;
    let pin = match std::env::var("COFFERDAM_PIN") {
        Ok(pin) => zeroize::Zeroizing::new(pin),
        Err(_) => console::secret(
            &format!("PIN of {}", file.identity().holder),
            "set the environment variable COFFERDAM_PIN",
        )?,
    };
    file.open(&pin).map_err(card_failure(path))
}

/// What is wrong with a card's file, or with the disk it lies on.
pub(crate) fn card_failure(path: &Path) -> impl FnOnce(CardFileError) -> Failure {
    move |error| {
        let text = format!("{}: {error}", path.display());
        match error {
            CardFileError::World(_) => Failure::World(text),
            _ => Failure::Asked(text),
        }
    }
}

impl Server {
    /// The server of this data folder, trusting its local authority.
    pub(crate) fn of(home: &Home, config: &Config) -> Outcome<Server> {
        let pem =
            std::fs::read(home.authority()).map_err(Failure::world(home.authority().display()))?;
        let roots: Vec<Certificate<'static>> = parse_pem(&pem)
            .filter_map(Result::ok)
            .filter_map(|item| match item {
                PemItem::Certificate(certificate) => Some(certificate.to_owned()),
                _ => None,
            })
            .collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(Duration::from_secs(10)))
            .build()
            .into();
        Ok(Server { origin: config.origin.clone(), agent })
    }

    /// Sends a request without a session.
    pub(crate) fn send(&self, ask: &Ask<'_>, extra: &[(&str, &str)]) -> Outcome<Response<Body>> {
        let mut request =
            Request::builder().method(ask.method).uri(format!("{}{}", self.origin, ask.path));
        for (name, value) in ask.headers.iter().chain(extra) {
            request = request.header(*name, *value);
        }
        if ask.body.len() > LARGE {
            // A server that refuses it says so before it comes; else it would close on the way.
            request = request.header("expect", "100-continue");
        }
        let request = request
            .body(ask.body)
            .map_err(|error| Failure::Asked(format!("no such request: {error}")))?;
        self.agent.run(request).map_err(|error| {
            Failure::World(format!(
                "{} does not answer ({error}). Is `cofferdam serve` running?",
                self.origin
            ))
        })
    }
}

impl SignedInCard {
    /// Takes the kept session of the card, or signs in anew.
    pub(crate) fn sign_in(home: &Home, config: &Config, name: &str) -> Outcome<SignedInCard> {
        let path = home.card(name)?;
        let identity = CardFile::read(&path).map_err(card_failure(&path))?;
        let file = home.sessions().join(format!("{}.json", identity.identity().card));
        match SignedInCard::kept(home, config, &file) {
            Some(kept) => {
                let (home, config) = (home.clone(), config.clone());
                Ok(SignedInCard { again: Some(Again { home, config, card: path }), ..kept })
            }
            None => SignedInCard::anew(home, config, &unlock(&path)?),
        }
    }

    /// Signs in with an unlocked card, whatever is kept.
    pub(crate) fn anew(home: &Home, config: &Config, card: &Card) -> Outcome<SignedInCard> {
        let server = Server::of(home, config)?;
        let failed = Failure::world::<cards::KeyError>("signing in");
        let device = Device::make().map_err(failed)?;
        let mut nonce = None;
        for _ in 0..SIGN_IN_TRIES {
            let answer = ask_for_token(&server, config, card, &device, nonce.as_deref())?;
            let status = answer.status().as_u16();
            nonce = header(&answer, "dpop-nonce").or(nonce);
            let body = body(answer)?;
            if status == 200 {
                let token: TokenAnswer = serde_json::from_slice(&body)
                    .map_err(Failure::world("the answer to the sign-in"))?;
                let card_id = card.identity().card;
                let signed = SignedInCard {
                    server,
                    device,
                    token: token.access_token,
                    nonce,
                    file: home.sessions().join(format!("{card_id}.json")),
                    until: now() + terms::Duration::from_seconds(token.expires_in),
                    again: None,
                };
                signed.keep();
                return Ok(signed);
            }
            let text = String::from_utf8_lossy(&body);
            match status {
                // The keyholder is being started again: that takes a moment.
                503 => std::thread::sleep(SIGN_IN_AGAIN),
                500.. => {
                    return Err(Failure::World(format!("the server failed ({status}): {text}")));
                }
                _ if nonce.is_some() && text.contains("use_dpop_nonce") => {}
                _ => {
                    let text = format!("the card was not let in ({status}): {text}");
                    return Err(Failure::Refused(text));
                }
            }
        }
        Err(Failure::World("the server lets nobody in at the moment: try again later".into()))
    }

    fn kept(home: &Home, config: &Config, file: &Path) -> Option<SignedInCard> {
        let kept: Kept = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        let until = Time::from_millis(kept.until);
        if kept.origin != config.origin || until < now() {
            return None;
        }
        let der = zeroize::Zeroizing::new(BASE64.decode(kept.device.as_bytes()).ok()?);
        Some(SignedInCard {
            server: Server::of(home, config).ok()?,
            device: Device::from_pkcs8(&der).ok()?,
            token: kept.token,
            nonce: kept.nonce,
            file: file.to_owned(),
            until,
            again: None,
        })
    }

    /// Keeps the session for the next command. Where it cannot be kept the PIN is asked for again,
    /// and no more.
    fn keep(&self) {
        if let Err(failure) = self.try_keep()
            && !NOT_KEPT.swap(true, Ordering::Relaxed)
        {
            console::warn(&format!("the session is not kept for the next command: {failure}"));
        }
    }

    fn try_keep(&self) -> Outcome {
        let device = self.device.to_pkcs8().map_err(Failure::world("the device key"))?;
        let kept = Kept {
            origin: self.server.origin.clone(),
            token: self.token.clone(),
            device: BASE64.encode(&device),
            until: self.until.millis(),
            nonce: self.nonce.clone(),
        };
        let text = serde_json::to_vec(&kept).map_err(Failure::world("the session"))?;
        self.file.parent().map_or(Ok(()), Home::make)?;
        // Commands of one card may run at the same time: each writes a file of its own.
        let own = data_encoding::HEXLOWER.encode(&random::<8>()?);
        let new = self.file.with_extension(format!("{own}.new"));
        let write = || {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600).open(&new)?.write_all(&text)?;
            std::fs::rename(&new, &self.file)
        };
        write().map_err(|error| {
            let _ = std::fs::remove_file(&new);
            Failure::World(format!("{}: {error}", self.file.display()))
        })
    }

    /// Sends a request with a proof; `claims` is made for each try, as a proof counts once.
    pub(crate) fn send(
        &mut self,
        ask: &Ask<'_>,
        claims: &dyn Fn() -> ProofClaims,
    ) -> Outcome<Answer> {
        let (_, answer) = self.send_for_stream(ask, claims)?;
        let (status, location) = (answer.status().as_u16(), header(&answer, "location"));
        Ok(Answer { status, location, body: body(answer)? })
    }

    /// The same, where the body is read as it comes; with the proof of the request.
    pub(crate) fn send_for_stream(
        &mut self,
        ask: &Ask<'_>,
        claims: &dyn Fn() -> ProofClaims,
    ) -> Outcome<(String, Response<Body>)> {
        for _ in 0..5 {
            let claims = claims();
            self.refuse_to_sign_for_others(claims.file)?;
            let (proof, answer) = self.try_once(ask, claims)?;
            let fresh = header(&answer, "dpop-nonce");
            let wants_nonce = answer.status().as_u16() == 401
                && header(&answer, "www-authenticate")
                    .is_some_and(|text| text.contains("use_dpop_nonce"));
            if fresh.is_some() {
                self.nonce = fresh;
                self.keep();
            }
            if answer.status().as_u16() == 401
                && !wants_nonce
                && let Some(Again { home, config, card }) = self.again.take()
            {
                *self = SignedInCard::anew(&home, &config, &unlock(&card)?)?;
                continue;
            }
            if !wants_nonce {
                return Ok((proof, answer));
            }
        }
        Err(Failure::World("the server keeps asking for another nonce".into()))
    }

    /// A nonce may name the file it is for, in the open: a server that was taken over could name
    /// one that nobody here meant to open.
    fn refuse_to_sign_for_others(&mut self, meant: Option<FileId>) -> Outcome {
        let Some(named) = self.nonce.as_deref().and_then(|n| n.split_once('.')) else {
            return Ok(());
        };
        if meant.is_some_and(|meant| meant.to_string() == named.0) {
            return Ok(());
        }
        let text = "the server asks for a signature for a file that was not asked for; nothing \
                    was signed. Tell an officer";
        self.nonce = None;
        self.keep();
        Err(Failure::Tampered(text.into()))
    }

    fn try_once(&self, ask: &Ask<'_>, claims: ProofClaims) -> Outcome<(String, Response<Body>)> {
        let path = ask.path.split(['?', '#']).next().unwrap_or_default();
        let url = format!("{}{path}", self.server.origin);
        let nonce = self.nonce.as_deref();
        let proof = self
            .device
            .prove(ask.method, &url, Some(&self.token), nonce, now(), claims)
            .map_err(Failure::world("the device key"))?;
        let authorization = format!("DPoP {}", self.token);
        let headers = [("authorization", authorization.as_str()), ("dpop", &proof)];
        let answer = self.server.send(ask, &headers)?;
        Ok((proof, answer))
    }
}

fn ask_for_token(
    server: &Server,
    config: &Config,
    card: &Card,
    device: &Device,
    nonce: Option<&str>,
) -> Outcome<Response<Body>> {
    let failed = Failure::world::<cards::KeyError>("signing in");
    let url = config.token_url();
    let assertion = card.sign_in(&url, device.public(), None, None, now()).map_err(failed)?;
    let proof = device
        .prove("POST", &url, None, nonce, now(), ProofClaims::default())
        .map_err(Failure::world("the device key"))?;
    let form = format!(
        "grant_type=client_credentials&scope=system%2F*.cruds&client_assertion_type=\
         urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&\
         client_assertion={assertion}"
    );
    let ask = Ask {
        method: "POST",
        path: "/auth/token",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: form.as_bytes(),
    };
    server.send(&ask, &[("dpop", &proof)])
}

fn header(answer: &Response<Body>, name: &str) -> Option<String> {
    Some(answer.headers().get(name)?.to_str().ok()?.to_owned())
}

/// The whole body.
pub(crate) fn body(answer: Response<Body>) -> Outcome<Vec<u8>> {
    let (_, mut body) = answer.into_parts();
    body.with_config().limit(1 << 30).read_to_vec().map_err(Failure::world("reading the answer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_one_card_keep_its_session_at_the_same_time() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = folder.path().join("sessions");
        let file = sessions.join("card.json");
        let commands: Vec<_> = (0..16)
            .map(|number| {
                let agent = Agent::config_builder().build().into();
                SignedInCard {
                    server: Server { origin: "https://localhost".into(), agent },
                    device: Device::make().unwrap(),
                    token: number.to_string(),
                    nonce: None,
                    file: file.clone(),
                    until: now(),
                    again: None,
                }
            })
            .collect();
        std::thread::scope(|scope| {
            for card in &commands {
                scope.spawn(|| (0..8).for_each(|_| card.try_keep().unwrap()));
            }
        });
        assert!(serde_json::from_slice::<Kept>(&std::fs::read(&file).unwrap()).is_ok());
        assert_eq!(std::fs::read_dir(&sessions).unwrap().count(), 1, "nothing is left over");
        std::fs::remove_dir_all(&sessions).unwrap();
        std::fs::write(&sessions, "").unwrap();
        assert!(commands[0].try_keep().is_err());
        // It is said, and the command goes on.
        commands[0].keep();
    }
}
