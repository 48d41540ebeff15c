//! What the web server is told when it starts.

use intake::desk::Desk;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use terms::ATTACHMENT_BYTES_MAX;

/// Where the server listens, who it is, and what it bears.
///
/// Trust: whoever sets these chooses the addresses that clients sign, so they belong to the
/// operator alone.
#[derive(Clone)]
pub struct Settings {
    /// Where clients connect, over TLS 1.3.
    pub listen: SocketAddr,
    /// Where health, readiness and metrics are told, in plain HTTP; a loopback address.
    pub local: Option<SocketAddr>,
    /// The origin under which clients reach the server, such as `https://localhost:8443`, without
    /// a last slash. It must be the one the keyholder was greeted with.
    pub origin: String,
    /// Certificate chain of the server, in PEM, its own certificate first.
    pub certificate: Vec<u8>,
    /// Private key of the first certificate, in PEM.
    pub key: Vec<u8>,
    /// Where reports of flaws come in.
    pub desk: Arc<Desk>,
    /// What the server bears.
    pub bounds: Bounds,
}

/// What the server bears before it says no.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most connections at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// Most requests worked on at a time; more are answered with 503.
    pub requests: usize,
    /// Longest header section of a request, in bytes.
    pub header_bytes: usize,
    /// Longest body of a request, in bytes, where it is not an attachment.
    pub body_bytes: usize,
    /// Longest attachment, in bytes.
    pub attachment_bytes: u64,
    /// Most memory that bodies of requests in hand take together, in bytes.
    pub body_bytes_together: usize,
    /// How long a client may take for the TLS handshake.
    pub handshake: Duration,
    /// How long a client may take for the header of a request, waiting for it included.
    pub header: Duration,
    /// How long a client may pause while it sends a body or takes an answer.
    pub pause: Duration,
    /// How long the rest of a body is taken in that was answered before it was read.
    pub rest: Duration,
    /// How long one request may take in all, attachments excepted.
    pub request: Duration,
    /// How long requests in hand may take to end when the server stops.
    pub drain: Duration,
    /// Most files open at a time, over all sessions.
    pub open_files: usize,
    /// How long an open file may lie unused.
    pub open_idle: Duration,
    /// How long a file stays open at most.
    pub open_longest: Duration,
    /// Most sessions known at a time.
    pub sessions: usize,
    /// Most failed sign-ins, tokens and orders of one address a minute.
    pub failures_a_minute: u32,
    /// Most messages of finders from one address an hour.
    pub messages_an_hour: u32,
    /// Most looks into mailboxes and at codes of letters from one address a minute.
    pub looks_a_minute: u32,
    /// Most entries of one page of a search.
    pub page: usize,
    /// How long nothing is said of a report while the ledger is read and nothing found.
    pub report_quiet: Duration,
    /// How long the ledger is read for one page of AuditEvents or Provenances.
    pub ledger_page: Duration,
    /// Most entries in a batch or transaction.
    pub bundle_entries: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            connections: 2048,
            requests: 256,
            header_bytes: 32 << 10,
            body_bytes: 64 << 20,
            attachment_bytes: ATTACHMENT_BYTES_MAX,
            body_bytes_together: 128 << 20,
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(30),
            pause: Duration::from_secs(30),
            rest: Duration::from_secs(10),
            request: Duration::from_secs(120),
            drain: Duration::from_secs(20),
            open_files: 4096,
            open_idle: Duration::from_secs(15 * 60),
            open_longest: Duration::from_secs(4 * 3600),
            sessions: 10_000,
            failures_a_minute: 60,
            messages_an_hour: 20,
            looks_a_minute: 30,
            page: 1000,
            report_quiet: Duration::from_secs(1),
            ledger_page: Duration::from_secs(10),
            bundle_entries: 20_000,
        }
    }
}
