//! Who asks: a session's device by a proof, or a bearer of a token for one file.
//!
//! Three ways that are one: each ends in an opening that the keyholder decided and recorded. Here
//! the same signatures are verified for files that are open already.

use crate::app::{App, Ask};
use crate::blocking::blocking;
use crate::clock;
use crate::files::{Holder, Opened};
use crate::handlers::errors;
use crate::nonces::Stale;
use crate::problem::{Family, Problem};
use crate::respond::{self, Answered};
use crate::routes::Who;
use crate::scopes::{self, Scope};
use crate::sessions::Live;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use keyproto::jws::sha256;
use keyproto::message::{Open, Present, Session};
use keyproto::statement::Proof;
use record::{KeyholderError, OpenError, RecordedRelease, Refused};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;
use terms::{FileId, Sections};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// Longest credential that is looked at.
const CREDENTIAL_BYTES_MAX: usize = 8192;

/// Who asks, proved.
pub(crate) struct Caller {
    pub(crate) session: Arc<Session>,
    pub(crate) scope: Arc<Scope>,
    means: Means,
}

enum Means {
    Device(Box<Device>),
    Bearer { key: [u8; 32], token: String, opened: Arc<Opened> },
}

/// A verified proof of this very request; it pays for one act of the keyholder.
struct Device {
    text: String,
    proof: Proof,
    /// The file that the proof's nonce was made for.
    nonce_for: Option<FileId>,
    /// The keyholder has seen it.
    spent: AtomicBool,
}

impl Device {
    /// Whether the proof is bound to this file: by its address, a claim or its nonce, and all of
    /// them that name a file agree. Otherwise the keyholder would refuse, and count it.
    fn may_open(&self, file: FileId) -> bool {
        let named = [self.proof.file_in_url(), self.proof.file(), self.nonce_for];
        let mut named = named.into_iter().flatten().peekable();
        named.peek().is_some() && named.all(|named| named == file)
    }
}

/// Finds out who asks, or nobody where anybody may.
pub(crate) async fn caller(app: &Arc<App>, ask: &Ask) -> Result<Option<Caller>, Problem> {
    let devices_only = match ask.route.who {
        Who::Anybody | Who::Signer => return Ok(None),
        Who::Holder => false,
        Who::Device | Who::Officer => true,
    };
    let caller = match credential(&ask.headers)? {
        Credential::Bearer(_) if devices_only => return Err(Problem::refused(None)),
        Credential::Bearer(token) => bearer(app, ask, token).await?,
        Credential::Dpop(token, proof) => device(app, ask, token, proof).await?,
    };
    ask.note.session(caller.session.session);
    Ok(Some(caller))
}

/// The proof in the header, unverified; the keyholder verifies it where a card signs in.
pub(crate) fn proof_text(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(DPOP).iter();
    match (values.next(), values.next()) {
        (Some(one), None) => one.to_str().ok().filter(|p| p.len() <= CREDENTIAL_BYTES_MAX),
        // Two proofs are none (RFC 9449, section 4.3).
        _ => None,
    }
}

/// Adds a nonce for the next proof, if the keyholder gives one.
pub(crate) async fn offer_nonce(app: &Arc<App>, answered: Answered) -> Answered {
    let Ok(nonce) = shared_nonce(app).await else { return answered };
    match answered {
        Ok(mut response) => {
            set_nonce(response.headers_mut(), &nonce);
            Ok(response)
        }
        // A problem that brings a nonce of its own needs that one.
        Err(problem) if problem.headers().iter().any(|(name, _)| *name == DPOP_NONCE) => {
            Err(problem)
        }
        Err(problem) => Err(with_nonce(problem, &nonce)),
    }
}

/// Puts this nonce into the answer.
pub(crate) fn set_nonce(headers: &mut HeaderMap, nonce: &str) {
    respond::set(headers, DPOP_NONCE, nonce);
}

/// The nonce that everybody may have now.
pub(crate) async fn shared_nonce(app: &Arc<App>) -> Result<String, Problem> {
    if let Some(nonce) = app.nonces.shared(Instant::now()) {
        return Ok(nonce);
    }
    let records = app.records.clone();
    let nonce = blocking(move || records.keyholder().nonce(None)).await?;
    let nonce = nonce.map_err(errors::keyholder)?;
    app.nonces.share(&nonce, Instant::now());
    Ok(nonce)
}

impl Caller {
    pub(crate) fn is_device(&self) -> bool {
        matches!(self.means, Means::Device(_))
    }

    /// The one file of a bearer token.
    pub(crate) fn only_file(&self) -> Option<FileId> {
        match &self.means {
            Means::Device(_) => None,
            Means::Bearer { opened, .. } => Some(opened.file.file()),
        }
    }

    /// The proof as it came, for an act of the keyholder other than an opening; `about` is the
    /// file that the act is about.
    pub(crate) async fn spend_proof(
        &self,
        app: &Arc<App>,
        about: Option<FileId>,
    ) -> Result<String, Problem> {
        let Means::Device(device) = &self.means else { return Err(Problem::refused(None)) };
        let misfit = device.nonce_for.is_some() && device.nonce_for != about;
        if misfit || device.spent.swap(true, Relaxed) {
            return Err(ask_nonce(&shared_nonce(app).await?));
        }
        Ok(device.text.clone())
    }

    /// The file if it is open for this caller already, even if it has grown since; what was
    /// opened for other sections than this proof asks for is not.
    pub(crate) fn if_open(&self, app: &App, file: FileId) -> Option<Arc<Opened>> {
        match &self.means {
            Means::Device(device) => {
                let holder = Holder::Device(self.session.session, file);
                let opened = app.files.of(&holder, clock::now())?;
                opened.is_as_asked(device.proof.sections()).then_some(opened)
            }
            Means::Bearer { opened, .. } => (opened.file.file() == file).then(|| opened.clone()),
        }
    }

    /// The file, opened by this request's proof or the token unless it is open already.
    pub(crate) async fn open(
        &self,
        app: &Arc<App>,
        ask: &Ask,
        file: FileId,
    ) -> Result<Arc<Opened>, Problem> {
        let again = ask.headers.get("cache-control").is_some_and(|v| v == "no-cache");
        let opened = self.if_open(app, file);
        let opened = match opened {
            Some(opened) if !opened.is_stale() && !again => opened,
            before => self.open_anew(app, ask, file, before).await?,
        };
        ask.note.entry(opened.file.entry());
        Ok(opened)
    }

    /// Opens the file, or brings what is open up to date.
    pub(crate) async fn open_anew(
        &self,
        app: &Arc<App>,
        ask: &Ask,
        file: FileId,
        before: Option<Arc<Opened>>,
    ) -> Result<Arc<Opened>, Problem> {
        match &self.means {
            Means::Device(device) => {
                if !device.may_open(file) || device.spent.swap(true, Relaxed) {
                    return Err(self.ask_nonce_for(app, file).await);
                }
                let open = Open {
                    session: self.session.session,
                    proof: device.text.clone(),
                    method: ask.method.as_str().to_owned(),
                    url: ask.url.clone(),
                    file,
                };
                let records = app.records.clone();
                let released = blocking(move || records.keyholder().open(open)).await?;
                let release = match released {
                    Err(KeyholderError::Refused(Refused { nonce: Some(_), .. })) => {
                        return Err(self.ask_nonce_for(app, file).await);
                    }
                    Err(error) => return Err(self.refused(app, error)),
                    Ok(release) => release,
                };
                let holder = Holder::Device(self.session.session, file);
                keep(app, holder, release, device.proof.sections(), before).await
            }
            Means::Bearer { opened, .. } if opened.file.file() != file => {
                Err(Problem::refused(None))
            }
            Means::Bearer { key, token, .. } => present(app, *key, token.clone(), before).await,
        }
    }

    /// What a refusal of the keyholder means here: a fresh nonce, or that nothing stays open on
    /// the card's behalf.
    pub(crate) fn refused(&self, app: &App, error: KeyholderError) -> Problem {
        match error {
            KeyholderError::Refused(Refused { nonce: Some(nonce), .. }) => {
                app.nonces.share(&nonce, Instant::now());
                ask_nonce(&nonce)
            }
            error => {
                if matches!(error, KeyholderError::Refused(_)) {
                    app.files.close_card(self.session.card);
                }
                errors::keyholder(error)
            }
        }
    }

    async fn ask_nonce_for(&self, app: &Arc<App>, file: FileId) -> Problem {
        let records = app.records.clone();
        let nonce = blocking(move || records.keyholder().nonce(Some(file))).await;
        match nonce.map(|n| n.map_err(errors::keyholder)) {
            Ok(Ok(nonce)) => {
                app.nonces.remember_for(&nonce, file, Instant::now());
                ask_nonce(&nonce)
            }
            Ok(Err(problem)) | Err(problem) => problem,
        }
    }
}

enum Credential<'a> {
    Bearer(&'a str),
    Dpop(&'a str, &'a str),
}

fn credential(headers: &HeaderMap) -> Result<Credential<'_>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default(),
        (None, _) => return Err(login("DPoP algs=\"ES256 ES384\", Bearer")),
        _ => return Err(login("DPoP error=\"invalid_request\"")),
    };
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim();
    if token.is_empty() || token.len() > CREDENTIAL_BYTES_MAX {
        return Err(login("DPoP error=\"invalid_token\""));
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Credential::Bearer(token));
    }
    if !scheme.eq_ignore_ascii_case("dpop") {
        return Err(login("DPoP algs=\"ES256 ES384\", Bearer"));
    }
    let proof = proof_text(headers);
    Ok(Credential::Dpop(token, proof.ok_or_else(|| login("DPoP error=\"invalid_dpop_proof\""))?))
}

async fn device(app: &Arc<App>, ask: &Ask, token: &str, text: &str) -> Result<Caller, Problem> {
    let now = clock::now();
    let session = app.sessions.of(token, now);
    let Live { session, scope } = session.ok_or_else(|| login("DPoP error=\"invalid_token\""))?;
    let invalid = || login("DPoP error=\"invalid_dpop_proof\"");
    let proof = Proof::verify(text).map_err(|_| invalid())?;
    let fits = proof.thumbprint() == *session.thumbprint
        && proof.is_for(token)
        && proof.method() == ask.method.as_str()
        && proof.url() == ask.url;
    if !fits {
        return Err(invalid());
    }
    // A bearer of the token would be held to no scope.
    if proof.token().is_some() && !scope.is_whole() {
        return Err(scopes::insufficient());
    }
    // The hash of what was signed, not of the signature: an ECDSA signature has a twin.
    let signed = text.rsplit_once('.').map_or(text, |(signed, _)| signed);
    match app.nonces.spend(proof.nonce(), sha256(signed.as_bytes()), Instant::now()) {
        Ok(nonce_for) => {
            let text = text.to_owned();
            let means = Means::Device(Box::new(Device {
                text,
                proof,
                nonce_for,
                spent: AtomicBool::new(false),
            }));
            Ok(Caller { session, scope, means })
        }
        Err(Stale::Nonce) => Err(ask_nonce(&shared_nonce(app).await?)),
        Err(Stale::Replayed) => Err(invalid()),
        Err(Stale::Full) => {
            Err(Problem::new(Family::Throttled, "too many requests: wait two minutes"))
        }
    }
}

async fn bearer(app: &Arc<App>, ask: &Ask, token: &str) -> Result<Caller, Problem> {
    let key = sha256(token.as_bytes());
    let opened = match app.files.of(&Holder::Bearer(key), clock::now()) {
        Some(opened) => opened,
        None => {
            app.may_try(ask.peer)?;
            let presented = present(app, key, token.to_owned(), None).await;
            presented.map_err(|problem| match problem.family() {
                // A token that is refused is no token: the client has to get another.
                Family::Refused => {
                    app.throttle.failed(ask.peer, Instant::now());
                    login("Bearer error=\"invalid_token\"")
                }
                _ => problem,
            })?
        }
    };
    let session = Arc::new(opened.file.session().clone());
    let scope = Arc::new(Scope::whole());
    Ok(Caller { session, scope, means: Means::Bearer { key, token: token.to_owned(), opened } })
}

async fn present(
    app: &Arc<App>,
    key: [u8; 32],
    token: String,
    before: Option<Arc<Opened>>,
) -> Result<Arc<Opened>, Problem> {
    let records = app.records.clone();
    let released = blocking(move || records.keyholder().present(Present { token })).await?;
    let release = released.map_err(errors::keyholder)?;
    keep(app, Holder::Bearer(key), release, None, before).await
}

/// Reads what was released; what is open already is brought up to date instead.
async fn keep(
    app: &Arc<App>,
    holder: Holder,
    release: RecordedRelease,
    asked: Option<Sections>,
    before: Option<Arc<Opened>>,
) -> Result<Arc<Opened>, Problem> {
    let app = app.clone();
    blocking(move || {
        let Some(before) = before.filter(|b| b.file.sections() == release.sections()) else {
            let file = app.records.open(release).map_err(errors::open)?;
            return Ok(app.files.keep(holder, file, asked));
        };
        // Deposits that come while it is read make it stale again.
        before.freshen();
        match app.records.renew(&before.file, release) {
            Ok(()) => Ok(before),
            Err(error @ OpenError::Tampered(_)) => Err(errors::open(error)),
            Err(error) => {
                before.spoil();
                Err(errors::open(error))
            }
        }
    })
    .await?
}

/// 401 with what an RFC 9449 client needs to try again by itself.
fn ask_nonce(nonce: &str) -> Problem {
    with_nonce(login("DPoP error=\"use_dpop_nonce\""), nonce)
}

fn with_nonce(problem: Problem, nonce: &str) -> Problem {
    match HeaderValue::from_str(nonce) {
        Ok(nonce) => problem.with_header(DPOP_NONCE, nonce),
        Err(_) => problem,
    }
}

fn login(challenge: &'static str) -> Problem {
    Problem::new(Family::Login, "sign in first: see /.well-known/smart-configuration")
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
