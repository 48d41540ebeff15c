//! `cofferdam witness`: cosigns a ledger's checkpoints, for a party that is not its operator.
//!
//! Plain HTTP (C2SP `tlog-witness`): what goes over the line is public and signed at both ends.

use crate::cli::{WitnessInitArguments, WitnessServeArguments};
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use witness::{Answer, Key, REQUEST_BYTES_MAX, Witness, WitnessError};

const CONNECTIONS_MAX: usize = 64;
const LONGEST: Duration = Duration::from_secs(10);
const KEY: &str = "witness.key";
/// The media type of the size in a conflict, as the specification has it.
const SIZE: &str = "text/x.tlog.size";

/// `cofferdam witness init`.
pub(crate) fn init(arguments: &WitnessInitArguments, json: bool) -> Outcome {
    let text = Key::make(&arguments.name).map_err(failure)?;
    std::fs::create_dir_all(&arguments.state).map_err(Failure::world(arguments.state.display()))?;
    let path = arguments.state.join(KEY);
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&path);
    file.and_then(|mut file| {
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()
    })
    .map_err(Failure::world(path.display()))?;
    show(&Key::parse(&text).map_err(failure)?, json);
    Ok(())
}

fn show(keys: &[Key], json: bool) {
    let keys: Vec<String> = keys.iter().map(|key| key.public().to_string()).collect();
    if json {
        console::json(&serde_json::json!({"keys": keys}));
    } else {
        console::say("the witness's keys, for `witnesses` in the settings of the ledger's server:");
        keys.iter().for_each(|key| console::say(key));
    }
}

/// `cofferdam witness serve`.
pub(crate) fn serve(arguments: &WitnessServeArguments) -> Outcome {
    let witness = Arc::new(open(arguments)?);
    let runtime = crate::serve::runtime()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(arguments.listen).await;
        let listener = listener.map_err(Failure::world(arguments.listen))?;
        console::say(&format!("cosigning at http://{}; Ctrl-C stops it", arguments.listen));
        let mut terminate = signal(SignalKind::terminate()).map_err(Failure::world("signals"))?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::world("signals"))?;
        tokio::select! {
            () = accept(&listener, &witness) => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    })
}

fn open(arguments: &WitnessServeArguments) -> Outcome<Witness> {
    let path = arguments.state.join(KEY);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::NotThere(format!("{}: {error}; make it with `witness init`", path.display()))
    })?;
    let keys = Key::parse(&text).map_err(failure)?;
    let logs = arguments.log.iter().map(|log| known_log(log)).collect::<Outcome<Vec<_>>>()?;
    Witness::open(keys, logs, &arguments.state).map_err(failure)
}

/// A log by its verifier key, or by a file that holds it, such as `ledger.vkey`.
fn known_log(log: &str) -> Outcome<ledger::Verifier> {
    let text = match std::fs::read_to_string(Path::new(log)) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => log.to_owned(),
    };
    text.parse().map_err(|_| Failure::Asked(format!("`{log}` is no ledger's verifier key")))
}

fn failure(error: WitnessError) -> Failure {
    let text = error.to_string();
    match error {
        WitnessError::Asked(_) => Failure::Asked(text),
        WitnessError::World(_) => Failure::World(text),
        WitnessError::Tampered(_) => Failure::Tampered(text),
    }
}

async fn accept(listener: &TcpListener, witness: &Arc<Witness>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = listener.accept().await;
        let (Ok((stream, _)), Ok(permit)) = (accepted, room.clone().try_acquire_owned()) else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let witness = witness.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let witness = witness.clone();
                async move { Ok::<_, Infallible>(answer(witness, request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(LONGEST)
                .max_buf_size(16 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            // How it ended is the asker's affair.
            let _ = connection.await;
            drop(permit);
        });
    }
}

async fn answer(witness: Arc<Witness>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.uri().path() != "/add-checkpoint" {
        return reply(StatusCode::NOT_FOUND, String::new());
    }
    if request.method() != Method::POST {
        return reply(StatusCode::METHOD_NOT_ALLOWED, String::new());
    }
    let body = Limited::new(request.into_body(), REQUEST_BYTES_MAX).collect();
    let Ok(Ok(body)) = tokio::time::timeout(LONGEST, body).await else {
        return reply(StatusCode::BAD_REQUEST, String::new());
    };
    let body = body.to_bytes();
    let answered =
        tokio::task::spawn_blocking(move || witness.add_checkpoint(now().seconds(), &body)).await;
    match answered {
        Ok(Answer::Cosigned(lines)) => reply(StatusCode::OK, lines),
        Ok(Answer::Malformed) => reply(StatusCode::BAD_REQUEST, String::new()),
        Ok(Answer::Forbidden) => reply(StatusCode::FORBIDDEN, String::new()),
        Ok(Answer::UnknownLog) => reply(StatusCode::NOT_FOUND, String::new()),
        Ok(Answer::Unprovable) => reply(StatusCode::UNPROCESSABLE_ENTITY, String::new()),
        Ok(Answer::Conflict(size)) => {
            let mut response = reply(StatusCode::CONFLICT, format!("{size}\n"));
            let kind = header::HeaderValue::from_static(SIZE);
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        Ok(Answer::Failed(why)) => {
            console::warn(&format!("nothing was cosigned: {why}"));
            reply(StatusCode::INTERNAL_SERVER_ERROR, String::new())
        }
        Err(_) => reply(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    }
}

fn reply(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}
