//! Bodies: what clients send, bounded in length and time, and what they are answered.

use crate::problem::{Family, Problem};
use crate::settings::Bounds;
use crate::watched::Answering;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// The body of an answer: at once, or piece by piece from elsewhere.
pub(crate) struct Answer {
    kind: Kind,
    _held: Option<(Answering, oneshot::Sender<()>)>,
}

/// The stream broke off; the client sees the connection end before the body does.
#[derive(Debug, thiserror::Error)]
#[error("the body broke off")]
pub(crate) struct BrokeOff;

enum Kind {
    Whole(Option<Bytes>),
    Pieces(mpsc::Receiver<Result<Bytes, BrokeOff>>, Option<u64>),
}

/// The body of a request, as far as nobody has read it.
#[derive(Clone)]
pub(crate) struct Arriving {
    incoming: Arc<Mutex<Incoming>>,
    /// Bytes that the client announces.
    announced: u64,
}

/// A body that is read piece by piece.
pub(crate) struct Upload {
    body: Arriving,
    left: u64,
    pause: Duration,
}

/// Counts the memory of all bodies in hand, in units of [`UNIT`].
#[derive(Clone)]
pub(crate) struct BodyMemory(Arc<Semaphore>);

const UNIT: usize = 1 << 10;
/// Bodies up to here are bounded by the number of requests already.
const SMALL: usize = 16 << 10;

impl Answer {
    pub(crate) fn empty() -> Answer {
        Answer { kind: Kind::Whole(None), _held: None }
    }

    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Answer {
        Answer { kind: Kind::Whole(Some(bytes.into())), _held: None }
    }

    /// What the sender sends; `length` where it is known.
    pub(crate) fn pieces(
        length: Option<u64>,
        at_a_time: usize,
    ) -> (mpsc::Sender<Result<Bytes, BrokeOff>>, Answer) {
        let (sender, receiver) = mpsc::channel(at_a_time);
        (sender, Answer { kind: Kind::Pieces(receiver, length), _held: None })
    }

    /// Keeps the guard until the body was handed over, and lets go of the other then.
    pub(crate) fn guarded(
        mut self,
        answering: Answering,
        handed_over: oneshot::Sender<()>,
    ) -> Answer {
        self._held = Some((answering, handed_over));
        self
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokeOff>>> {
        match &mut self.kind {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Kind::Pieces(receiver, _) => {
                receiver.poll_recv(cx).map(|piece| piece.map(|p| p.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.kind, Kind::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            Kind::Pieces(_, Some(length)) => SizeHint::with_exact(*length),
            Kind::Pieces(_, None) => SizeHint::default(),
        }
    }
}

impl BodyMemory {
    pub(crate) fn new(bounds: &Bounds) -> BodyMemory {
        BodyMemory(Arc::new(Semaphore::new((bounds.body_bytes_together / UNIT).max(1))))
    }

    /// Reads a whole body of at most `limit` bytes, waiting `pause` for each piece at most, and
    /// returns it with the memory it was allowed.
    pub(crate) async fn read(
        &self,
        body: Arriving,
        limit: usize,
        pause: Duration,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Problem> {
        let announced = body.announced;
        let mut upload = Upload::new(body, limit as u64, pause)?;
        // It is no longer than `limit`.
        let expected = announced as usize;
        let mut memory = None;
        self.allow(&mut memory, expected)?;
        let mut bytes = BytesMut::with_capacity(expected);
        while let Some(piece) = upload.next().await? {
            self.allow(&mut memory, bytes.len() + piece.len())?;
            bytes.extend_from_slice(&piece);
        }
        Ok((bytes.freeze(), memory))
    }

    /// Allows one body so many bytes in all, in however many pieces they come.
    fn allow(
        &self,
        memory: &mut Option<OwnedSemaphorePermit>,
        bytes: usize,
    ) -> Result<(), Problem> {
        if bytes <= SMALL {
            return Ok(());
        }
        let held = memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(bytes.div_ceil(UNIT).saturating_sub(held)).unwrap_or(u32::MAX);
        if more == 0 {
            return Ok(());
        }
        let more = self.0.clone().try_acquire_many_owned(more).map_err(|_| {
            Problem::new(Family::Unavailable, "too many large requests at a time: try again")
        })?;
        match memory {
            Some(memory) => memory.merge(more),
            None => *memory = Some(more),
        }
        Ok(())
    }
}

impl Arriving {
    pub(crate) fn new(incoming: Incoming) -> Arriving {
        let announced = incoming.size_hint().lower();
        Arriving { incoming: Arc::new(Mutex::new(incoming)), announced }
    }

    /// Whether all of it was read, so far as can be told without waiting.
    pub(crate) fn is_over(&self) -> bool {
        self.incoming.try_lock().is_ok_and(|incoming| incoming.is_end_stream())
    }

    /// Takes in what is left, keeps nothing of it, and gives up beyond `most` bytes.
    ///
    /// Where it stayed unread, a client that sends all before it reads would see the connection
    /// break instead of the answer.
    pub(crate) async fn throw_away(self, most: u64) {
        let mut left = most;
        while let Some(Ok(frame)) = self.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = left.checked_sub(length as u64) else { return };
            left = rest;
        }
    }

    async fn frame(&self) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        self.incoming.lock().await.frame().await
    }
}

impl Upload {
    /// A body of at most `limit` bytes.
    pub(crate) fn new(body: Arriving, limit: u64, pause: Duration) -> Result<Upload, Problem> {
        if body.announced > limit {
            return Err(too_long());
        }
        Ok(Upload { body, left: limit, pause })
    }

    /// The next piece, or nothing at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            let frame = tokio::time::timeout(self.pause, self.body.frame()).await;
            let frame = frame.map_err(|_| {
                Problem::new(Family::Timeout, "the body of the request came too slowly")
            })?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|_| {
                Problem::new(Family::Malformed, "the body of the request broke off")
            })?;
            // Trailers carry nothing that is asked for here.
            let Ok(piece) = frame.into_data() else { continue };
            self.left = self.left.checked_sub(piece.len() as u64).ok_or_else(too_long)?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }
}

fn too_long() -> Problem {
    Problem::new(Family::TooLarge, "the body of the request is longer than this server takes")
}
