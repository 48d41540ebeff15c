//! One request: its route, its caller, its handler, its line in the log.

use crate::auth;
use crate::body::{Answer, Arriving, BodyMemory};
use crate::clock;
use crate::files::OpenFiles;
use crate::handlers;
use crate::metrics::{Gauges, Metrics};
use crate::negotiate::{self, FHIR_JSON};
use crate::nonces::Nonces;
use crate::problem::{Family, Problem};
use crate::query::Query;
use crate::respond::{self, Answered};
use crate::routes::{self, Captures, Matched, ROUTES, Route};
use crate::served;
use crate::sessions::Sessions;
use crate::settings::{Bounds, Settings};
use crate::throttle::Throttle;
use crate::watched::Pulse;
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderMap, RETRY_AFTER};
use hyper::{Method, Request, Response};
use intake::desk::Desk;
use keyproto::statement::normal_address;
use record::Records;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant};
use terms::SessionId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

const MINUTE: Duration = Duration::from_secs(60);

/// Everything the server knows.
pub(crate) struct App {
    pub(crate) bounds: Bounds,
    /// Scheme, host and port, without a last slash.
    pub(crate) origin: String,
    /// Base address of the FHIR endpoint, without a last slash.
    pub(crate) base_url: String,
    pub(crate) records: Arc<Records>,
    pub(crate) sessions: Sessions,
    pub(crate) nonces: Nonces,
    pub(crate) files: OpenFiles,
    pub(crate) metrics: Metrics,
    pub(crate) memory: BodyMemory,
    pub(crate) documents: handlers::Documents,
    pub(crate) throttle: Throttle,
    /// Reports of flaws come in here.
    pub(crate) desk: Arc<Desk>,
    /// Messages of finders, by address.
    pub(crate) messages: Throttle,
    /// Looks into mailboxes and at codes of letters, by address.
    pub(crate) looks: Throttle,
    room: Semaphore,
    stopping: AtomicBool,
}

/// One request, as far as it was read.
pub(crate) struct Ask {
    pub(crate) route: &'static Route,
    pub(crate) captures: Captures,
    pub(crate) method: Method,
    /// The address as it was asked for, without query.
    pub(crate) url: String,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Arriving>,
    /// Memory that the body was allowed, until the answer is made.
    pub(crate) memory: Option<OwnedSemaphorePermit>,
    /// Where the client connects from.
    pub(crate) peer: IpAddr,
    /// The media type of the answer.
    pub(crate) format: &'static str,
    pub(crate) note: Arc<Note>,
}

/// What the log says about a request besides its route.
#[derive(Default)]
pub(crate) struct Note {
    session: OnceLock<SessionId>,
    entry: AtomicU64,
}

impl Note {
    pub(crate) fn session(&self, session: SessionId) {
        // One request has one session; the first to say so is right.
        let _ = self.session.set(session);
    }

    /// Number of the ledger entry that the answer rests on.
    pub(crate) fn entry(&self, entry: u64) {
        self.entry.store(entry, Relaxed);
    }
}

impl App {
    pub(crate) fn new(settings: Settings, records: Arc<Records>) -> Arc<App> {
        let bounds = settings.bounds;
        let origin = normal_address(settings.origin.trim_end_matches('/'));
        Arc::new(App {
            base_url: format!("{origin}/fhir"),
            origin,
            records,
            sessions: Sessions::new(&bounds),
            nonces: Nonces::default(),
            files: OpenFiles::new(&bounds),
            metrics: Metrics::new(),
            memory: BodyMemory::new(&bounds),
            documents: handlers::Documents::default(),
            throttle: Throttle::new(bounds.failures_a_minute, MINUTE),
            desk: settings.desk,
            messages: Throttle::new(bounds.messages_an_hour, 60 * MINUTE),
            looks: Throttle::new(bounds.looks_a_minute, MINUTE),
            room: Semaphore::new(bounds.requests.clamp(1, Semaphore::MAX_PERMITS)),
            stopping: AtomicBool::new(false),
            bounds,
        })
    }

    /// Answers one request; it never fails and never panics.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        peer: IpAddr,
        pulse: &Arc<Pulse>,
    ) -> Response<Answer> {
        let began = Instant::now();
        let (answering, working) = (pulse.answering(), pulse.working());
        self.metrics.in_hand.fetch_add(1, Relaxed);
        let note = Arc::new(Note::default());
        let matched = routes::find(request.method(), request.uri().path());
        let number = match &matched {
            Matched::Row(number, _) => Some(*number),
            _ => None,
        };
        if number.is_some_and(|number| ROUTES[number].act == routes::Act::WhoOpened) {
            pulse.be_patient();
        }
        let request = request.map(Arriving::new);
        let body = request.body().clone();
        let answered = self.guarded(matched, request, peer, note.clone()).await;
        let (mut response, family) = match answered {
            Ok(response) => (response, None),
            Err(problem) => {
                if let Some(entry) = problem.entry() {
                    note.entry(entry);
                }
                let is_oauth = number.is_some_and(|n| ROUTES[n].act == routes::Act::Token);
                let response = if is_oauth {
                    respond::oauth_problem(&problem)
                } else {
                    respond::problem(&problem, FHIR_JSON)
                };
                (response, Some(problem.family()))
            }
        };
        if family == Some(Family::Tampered) {
            self.metrics.tampered.fetch_add(1, Relaxed);
        }
        respond::harden(response.headers_mut());
        self.metrics.in_hand.fetch_sub(1, Relaxed);
        let took = began.elapsed();
        self.metrics.answered(number, response.status().as_u16(), took);
        log(number, response.status().as_u16(), took, &note);
        drop(working);
        let handed_over = self.throw_away(body, pulse);
        response.map(|answer| answer.guarded(answering, handed_over))
    }

    /// Takes in what nobody read of a body, once the answer was handed over: never before, lest
    /// a client that waits to be asked for its body is asked. Bounded in bytes and time, it holds
    /// no more than the connection does.
    fn throw_away(&self, body: Arriving, pulse: &Arc<Pulse>) -> oneshot::Sender<()> {
        let (handed_over, over) = oneshot::channel();
        if !body.is_over() {
            let most = self.bounds.attachment_bytes.max(self.bounds.body_bytes as u64);
            let (longest, answering) = (self.bounds.rest, pulse.answering());
            tokio::spawn(async move {
                // It ends by being dropped.
                let _ = over.await;
                let _ = tokio::time::timeout(longest, body.throw_away(most)).await;
                drop(answering);
            });
        }
        handed_over
    }

    /// Bounds what may run at a time and how long, and turns panics into problems.
    async fn guarded(
        self: &Arc<Self>,
        matched: Matched,
        request: Request<Arriving>,
        peer: IpAddr,
        note: Arc<Note>,
    ) -> Answered {
        let (route, captures) = match matched {
            Matched::Row(number, captures) => (&ROUTES[number], captures),
            Matched::OtherMethods(methods) => return Err(other_methods(&methods)),
            Matched::Nothing => return Err(Problem::not_there()),
        };
        let Ok(_permit) = self.room.try_acquire() else {
            return Err(Problem::new(
                Family::Unavailable,
                "too many requests at a time: try again",
            )
            .with_header(RETRY_AFTER, 1.into()));
        };
        let mut work = pin!(self.work(route, captures, request, peer, note));
        let caught = std::future::poll_fn(|cx| {
            // What a panic leaves behind is dropped with the request; locks ignore poison.
            match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(answered)) => Poll::Ready(answered),
                Err(_) => {
                    self.metrics.panics.fetch_add(1, Relaxed);
                    Poll::Ready(Err(Problem::new(Family::Broken, "this server made a mistake")))
                }
            }
        });
        let longest = match route.act {
            // A slow line may take long for an attachment; each pause is bounded.
            routes::Act::BinaryCreate => self.bounds.request.saturating_mul(30),
            _ => self.bounds.request,
        };
        tokio::time::timeout(longest, caught).await.unwrap_or_else(|_| {
            Err(Problem::new(Family::Unavailable, "this took too long and was given up"))
        })
    }

    async fn work(
        self: &Arc<Self>,
        route: &'static Route,
        captures: Captures,
        request: Request<Arriving>,
        peer: IpAddr,
        note: Arc<Note>,
    ) -> Answered {
        let (parts, body) = request.into_parts();
        let url = normal_address(&format!("{}{}", self.origin, parts.uri.path()));
        let query = Query::parse(parts.uri.query().unwrap_or_default())?;
        let mut ask = Ask {
            route,
            captures,
            method: parts.method,
            url,
            query,
            headers: parts.headers,
            body: Some(body),
            memory: None,
            peer,
            format: FHIR_JSON,
            note,
        };
        let caller = auth::caller(self, &ask).await?;
        if let Some(caller) = &caller {
            caller.scope.check(&ask)?;
        }
        if !matches!(
            route.act,
            routes::Act::BinaryRead
                | routes::Act::BinaryVread
                | routes::Act::Token
                | routes::Act::Disclosure(_)
        ) {
            ask.format = negotiate::format(&ask.headers, ask.query.first("_format"))?;
        }
        let device = caller.as_ref().is_some_and(auth::Caller::is_device);
        let kind = ask.captures.resource_type().to_owned();
        let answered = handlers::act(self, ask, caller).await;
        let answered = answered.map_err(|p| served::with_allowed(p, &kind, route));
        if device { auth::offer_nonce(self, answered).await } else { answered }
    }

    /// Refuses an address that failed too often; what it asks would cost ledger entries.
    pub(crate) fn may_try(&self, peer: IpAddr) -> Result<(), Problem> {
        if self.throttle.lets(peer, Instant::now()) {
            return Ok(());
        }
        let problem = Problem::new(Family::Throttled, "too many failures: wait a minute");
        Err(problem.with_header(RETRY_AFTER, 60.into()))
    }

    pub(crate) fn gauges(&self) -> Gauges {
        Gauges { open_files: self.files.len(), sessions: self.sessions.len() }
    }

    pub(crate) fn begin_stopping(&self) {
        self.stopping.store(true, Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Relaxed)
    }

    pub(crate) fn sweep(&self) {
        let now = clock::now();
        self.files.sweep(now);
        self.sessions.sweep(now);
    }
}

fn other_methods(methods: &[&'static Method]) -> Problem {
    let names: Vec<_> = methods.iter().map(|m| m.as_str()).collect();
    let mut headers = HeaderMap::new();
    respond::set(&mut headers, ALLOW, &names.join(", "));
    let problem = Problem::new(Family::Method, "this address does not take this method");
    headers.into_iter().fold(problem, |problem, (name, value)| match name {
        Some(name) => problem.with_header(name, value),
        None => problem,
    })
}

/// Templates, numbers and ids of sessions and entries: never an address, a query or a body.
fn log(route: Option<usize>, status: u16, took: std::time::Duration, note: &Note) {
    let name = route.map_or("(none)", |number| ROUTES[number].name);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let session = note.session.get().map(|s| s.to_string()).unwrap_or_default();
    let session = session.get(..8).unwrap_or_default();
    let entry = note.entry.load(Relaxed);
    if status >= 500 {
        tracing::error!(route = name, status, micros, session, entry, "answered");
    } else {
        tracing::info!(route = name, status, micros, session, entry, "answered");
    }
}
