//! Binary: attachments of up to 100 MiB, streamed in and out, raw or as a resource.

use super::reads::{self, current};
use super::{errors, json, writes};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::blocking::blocking;
use crate::body::{Answer, BrokeOff, Upload};
use crate::negotiate::{self, FHIR_JSON, Sent};
use crate::problem::{Family, Problem};
use crate::respond::{self, Answered};
use bytes::Bytes;
use data_encoding::BASE64;
use fhir::{Json, Object};
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use record::{Version, Written};
use std::io::{self, Read, Write};
use std::sync::Arc;
use terms::FileId;
use tokio::sync::mpsc;

const SECURITY_CONTEXT: HeaderName = HeaderName::from_static("x-security-context");
/// Pieces that wait between network and store.
const PIECES: usize = 4;
/// Bytes that are encoded at a time: a multiple of three, so that base64 needs no padding inside.
const PIECE_BYTES: usize = 48 << 10;

/// The content, or the resource where the client asks for FHIR.
pub(super) async fn read(app: &Arc<App>, ask: Ask, caller: Caller) -> Answered {
    let version = current(app, &ask, &caller, "Binary", ask.captures.id()).await?;
    send(app, ask, &caller, version)
}

/// One version of it.
pub(super) async fn vread(app: &Arc<App>, ask: Ask, caller: Caller) -> Answered {
    let version = reads::one_version(app, &ask, &caller, "Binary").await?;
    send(app, ask, &caller, version)
}

fn send(app: &Arc<App>, mut ask: Ask, caller: &Caller, version: Version) -> Answered {
    writes::no_parameters(&ask, "a Binary is read as a whole")?;
    if reads::is_known_to(&ask.headers, &version) {
        let mut response = respond::empty(StatusCode::NOT_MODIFIED);
        reads::mark(response.headers_mut(), &version);
        return Ok(response);
    }
    let as_resource = negotiate::wants_resource(&ask.headers, ask.query.first("_format"));
    if as_resource {
        ask.format = FHIR_JSON;
        if version.is_whole() {
            return reads::answer(&ask, &version, StatusCode::OK);
        }
    }
    let opened = caller.if_open(app, version.id().file).ok_or_else(Problem::not_there)?;
    let kind = content_type(&version);
    let length = if as_resource { None } else { version.content_length() };
    let (sender, body) = Answer::pieces(length, PIECES);
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    reads::mark(headers, &version);
    headers
        .insert(CONTENT_TYPE, if as_resource { HeaderValue::from_static(FHIR_JSON) } else { kind });
    // A browser must not show what a stranger uploaded as a page of this server.
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        let mut pieces = Pieces::new(sender.clone());
        let sent = if as_resource {
            send_resource(&app, &opened.file, &version, &mut pieces)
        } else {
            app.records
                .read_attachment(&opened.file, &version, None, &mut pieces)
                .map_err(errors::attachment)
        };
        let sent = sent.and_then(|_| pieces.flush().map_err(|_| gone()));
        if let Err(problem) = sent {
            tracing::warn!(status = problem.status().as_u16(), "an attachment broke off");
            // The client went away where nobody takes this.
            let _ = sender.blocking_send(Err(BrokeOff));
        }
    });
    Ok(response)
}

/// Stores an attachment: raw with `X-Security-Context`, or as a Binary in JSON.
pub(super) async fn create(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    if ask.headers.contains_key(writes::IF_NONE_EXIST) {
        return Err(wrong("a Binary is not created conditionally"));
    }
    let is_fhir = ask
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with(FHIR_JSON)));
    if is_fhir { from_resource(app, &mut ask, caller).await } else { raw(app, ask, caller).await }
}

async fn raw(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    // Refuses encodings; what is inside is the client's affair.
    negotiate::sent(&ask.headers)?;
    let context = text_header(&ask.headers, SECURITY_CONTEXT)?.ok_or_else(|| {
        let text = "say whose it is: X-Security-Context: Patient/<id>, or what it belongs to";
        Problem::new(Family::NeedsPatient, text)
    })?;
    let kind = text_header(&ask.headers, CONTENT_TYPE)?;
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    let file = context_file(app, &caller, &context)?;
    let incoming = ask.body.take().ok_or_else(|| wrong("no body"))?;
    let mut upload = Upload::new(incoming, app.bounds.attachment_bytes, app.bounds.pause)?;
    let (sender, receiver) = mpsc::channel(PIECES);
    let binary = Object::new()
        .with("resourceType", "Binary")
        .with("contentType", kind)
        .with("securityContext", Object::new().with("reference", context));
    let content = Box::new(Received::new(receiver));
    let storing = store(app, &caller, file, binary.into(), content);
    let sending = async {
        loop {
            match upload.next().await {
                Ok(Some(piece)) => {
                    if sender.send(Ok(piece)).await.is_err() {
                        return Ok(());
                    }
                }
                Ok(None) => {
                    let _ = sender.send(Ok(Bytes::new())).await;
                    return Ok(());
                }
                Err(problem) => {
                    let _ = sender.send(Err(BrokeOff)).await;
                    return Err(problem);
                }
            }
        }
    };
    let (stored, sent) = tokio::join!(storing, sending);
    sent?;
    writes::answer(app, &ask, &stored?)
}

async fn from_resource(app: &Arc<App>, ask: &mut Ask, caller: Caller) -> Answered {
    let mut binary = json(app, ask, Sent::Json).await?;
    if binary.resource_type() != "Binary" {
        return Err(wrong("a Binary belongs here"));
    }
    let context = binary.get("securityContext").and_then(|c| c.text("reference"));
    let context = context.map(str::to_owned).ok_or_else(|| {
        Problem::new(Family::NeedsPatient, "say whose it is by `securityContext`")
    })?;
    let file = context_file(app, &caller, &context)?;
    let data = binary.as_object_mut().and_then(|binary| binary.remove("data"));
    let content = blocking(move || decode(data.as_ref())).await??;
    let content = Box::new(io::Cursor::new(content));
    let written = store(app, &caller, file, binary, content).await?;
    writes::answer(app, ask, &written)
}

async fn store(
    app: &Arc<App>,
    caller: &Caller,
    file: FileId,
    binary: Json,
    mut content: Box<dyn Read + Send>,
) -> Result<Written, Problem> {
    let (by, opened) = (caller.session.session, caller.if_open(app, file));
    let app = app.clone();
    let written = blocking(move || {
        let open = opened.as_ref().map(|o| &o.file);
        let written = app.records.put_attachment(by, file, binary, &mut *content, open);
        if written.is_ok() {
            app.files.grown(file, opened.as_ref());
        }
        written
    });
    written.await?.map_err(errors::write)
}

/// The Binary in JSON, with the content, which its text does not have, as its last element.
fn send_resource(
    app: &App,
    open: &record::OpenFile,
    version: &Version,
    pieces: &mut Pieces,
) -> Result<u64, Problem> {
    let mut text = version.bytes().to_vec();
    if version.content_length() == Some(0) {
        // FHIR has no empty strings.
        return pieces.write_all(&text).map(|()| 0).map_err(|_| gone());
    }
    text.pop();
    text.extend_from_slice(b",\"data\":\"");
    pieces.write_all(&text).map_err(|_| gone())?;
    let mut encoder = Encoder { pieces, rest: Vec::with_capacity(PIECE_BYTES) };
    let length = app
        .records
        .read_attachment(open, version, None, &mut encoder)
        .map_err(errors::attachment)?;
    encoder.finish().map_err(|_| gone())?;
    pieces.write_all(b"\"}").map_err(|_| gone())?;
    Ok(length)
}

/// What is written goes out piece by piece, as fast as the client takes it.
struct Pieces {
    sender: mpsc::Sender<Result<Bytes, BrokeOff>>,
    waiting: Vec<u8>,
}

impl Pieces {
    fn new(sender: mpsc::Sender<Result<Bytes, BrokeOff>>) -> Pieces {
        Pieces { sender, waiting: Vec::new() }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.waiting);
        if piece.is_empty() {
            return Ok(());
        }
        let sent = self.sender.blocking_send(Ok(piece.into()));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Encodes what is written as base64.
struct Encoder<'a> {
    pieces: &'a mut Pieces,
    rest: Vec<u8>,
}

impl Encoder<'_> {
    fn finish(self) -> io::Result<()> {
        self.pieces.write_all(BASE64.encode(&self.rest).as_bytes())
    }
}

impl Write for Encoder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.len() / 3 * 3;
        if whole >= PIECE_BYTES {
            self.pieces.write_all(BASE64.encode(&self.rest[..whole]).as_bytes())?;
            self.rest.drain(..whole);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what the client sends; an upload that broke off is an error and no end.
struct Received {
    receiver: mpsc::Receiver<Result<Bytes, BrokeOff>>,
    piece: Bytes,
    ended: bool,
}

impl Received {
    fn new(receiver: mpsc::Receiver<Result<Bytes, BrokeOff>>) -> Received {
        Received { receiver, piece: Bytes::new(), ended: false }
    }
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.ended {
            match self.receiver.blocking_recv() {
                // An empty piece says that the upload is complete.
                Some(Ok(piece)) => {
                    self.ended = piece.is_empty();
                    self.piece = piece;
                }
                Some(Err(_)) | None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let length = self.piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

/// The file that a security context lies in: a Patient, or anything else of a patient's.
fn context_file(app: &App, caller: &Caller, context: &str) -> Result<FileId, Problem> {
    let file = writes::local_file(app, context)
        .ok_or_else(|| wrong("the security context is not in a file of this server"))?;
    reads::only_its_own(caller, file)?;
    Ok(file)
}

/// The content type as it was stored; anything that is no header value reads as bytes.
fn content_type(version: &Version) -> HeaderValue {
    let kind = version.tree().text("contentType").unwrap_or_default();
    HeaderValue::from_str(kind)
        .ok()
        .filter(|value| !value.is_empty())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn decode(data: Option<&Json>) -> Result<Vec<u8>, Problem> {
    let Some(data) = data else { return Ok(Vec::new()) };
    let data = data.as_str().ok_or_else(|| wrong("`data` is not base64"))?;
    let text: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(&text).map_err(|_| wrong("`data` is not base64"))
}

fn text_header(headers: &HeaderMap, name: HeaderName) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    value.to_str().map(|v| Some(v.to_owned())).map_err(|_| wrong("a header is not text"))
}

fn gone() -> Problem {
    Problem::new(Family::Timeout, "the client went away")
}

fn wrong(what: &'static str) -> Problem {
    Problem::new(Family::BadParameter, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn base64_in_pieces_is_base64_of_the_whole() {
        let content: Vec<u8> = (0..200_000_u32).map(|i| i as u8).collect();
        let (sender, mut receiver) = mpsc::channel(100);
        let expected = BASE64.encode(&content);
        tokio::task::spawn_blocking(move || {
            let mut pieces = Pieces::new(sender);
            let mut encoder = Encoder { pieces: &mut pieces, rest: Vec::new() };
            for part in content.chunks(777) {
                encoder.write_all(part).unwrap();
            }
            encoder.finish().unwrap();
            pieces.flush().unwrap();
        })
        .await
        .unwrap();
        let mut text = Vec::new();
        while let Some(piece) = receiver.recv().await {
            text.extend_from_slice(&piece.unwrap());
        }
        assert_eq!(text, expected.as_bytes());
    }

    #[tokio::test]
    async fn an_upload_that_breaks_off_is_no_shorter_upload() {
        let (sender, receiver) = mpsc::channel(4);
        sender.send(Ok(Bytes::from_static(b"half"))).await.unwrap();
        drop(sender);
        let read = tokio::task::spawn_blocking(move || {
            Received::new(receiver).read_to_end(&mut Vec::new())
        });
        assert_eq!(read.await.unwrap().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn json_binary_data_is_decoded_strictly() {
        let decode = |data: Json| decode(Some(&data));
        assert_eq!(decode("aGk=\n".into()).ok(), Some(b"hi".to_vec()));
        assert!(decode("aGk".into()).is_err());
        assert!(decode(true.into()).is_err());
    }
}
