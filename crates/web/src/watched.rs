//! A connection that knows when its last byte moved, so that a stalled one can be let go.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What one connection is doing, shared by its stream, its requests and its guard.
pub(crate) struct Pulse {
    began: Instant,
    /// Milliseconds after `began` at which a byte moved.
    moved: AtomicU64,
    /// Milliseconds after `began` at which the last answer had been handed over.
    rested: AtomicU64,
    /// Answers that are not handed over in full.
    answering: AtomicUsize,
    /// Requests that are being worked on.
    working: AtomicUsize,
    /// Whether an answer comes in pieces that may be far apart.
    slow: AtomicBool,
}

/// How much longer a pause may be where pieces may be far apart.
const PATIENCE: u32 = 10;

/// A stream that tells its [`Pulse`] whenever a byte moves.
pub(crate) struct Watched<S> {
    stream: S,
    pulse: Arc<Pulse>,
}

/// Held while an answer is made and sent.
pub(crate) struct Answering(Arc<Pulse>);

/// Held while a request is worked on.
pub(crate) struct Working(Arc<Pulse>);

impl Pulse {
    pub(crate) fn new() -> Arc<Pulse> {
        Arc::new(Pulse {
            began: Instant::now(),
            moved: AtomicU64::new(0),
            rested: AtomicU64::new(0),
            answering: AtomicUsize::new(0),
            working: AtomicUsize::new(0),
            slow: AtomicBool::new(false),
        })
    }

    pub(crate) fn answering(self: &Arc<Self>) -> Answering {
        self.answering.fetch_add(1, Ordering::Relaxed);
        Answering(self.clone())
    }

    pub(crate) fn working(self: &Arc<Self>) -> Working {
        self.working.fetch_add(1, Ordering::Relaxed);
        Working(self.clone())
    }

    /// What this connection answers may pause for long, such as a report on a long ledger.
    pub(crate) fn be_patient(&self) {
        self.slow.store(true, Ordering::Relaxed);
    }

    /// Whether the client has asked for nothing for longer than `idle`, or has neither sent nor
    /// taken anything for longer than `pause` while nobody works for it.
    pub(crate) fn is_stalled(&self, idle: Duration, pause: Duration) -> bool {
        if self.working.load(Ordering::Relaxed) > 0 {
            return false;
        }
        let now = self.now();
        let (since, span) = if self.answering.load(Ordering::Relaxed) == 0 {
            (self.rested.load(Ordering::Relaxed), idle)
        } else {
            let patience = if self.slow.load(Ordering::Relaxed) { PATIENCE } else { 1 };
            (self.moved.load(Ordering::Relaxed), pause * patience)
        };
        u128::from(now.saturating_sub(since)) > span.as_millis()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn beat(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.rested.store(self.0.now(), Ordering::Relaxed);
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.beat();
        self.0.working.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: S, pulse: Arc<Pulse>) -> Self {
        Watched { stream, pulse }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if polled.is_ready() {
            self.pulse.beat();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if polled.is_ready() {
            self.pulse.beat();
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        if polled.is_ready() {
            self.pulse.beat();
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_stalls_only_while_nobody_works_for_it() {
        let pulse = Pulse::new();
        std::thread::sleep(Duration::from_millis(20));
        let (short, long) = (Duration::from_millis(5), Duration::from_secs(9));
        assert!(pulse.is_stalled(short, long));
        assert!(!pulse.is_stalled(long, short));
        let answering = pulse.answering();
        assert!(pulse.is_stalled(long, short));
        let working = pulse.working();
        assert!(!pulse.is_stalled(short, short));
        drop(working);
        pulse.be_patient();
        std::thread::sleep(Duration::from_millis(20));
        assert!(!pulse.is_stalled(long, short), "ten times as long");
        assert!(!pulse.is_stalled(short, long), "an answer under way is no idle connection");
        drop(answering);
        assert!(!pulse.is_stalled(short, long), "the client may think for a while");
    }
}
