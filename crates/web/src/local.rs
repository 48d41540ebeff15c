//! Health, readiness and metrics, in plain HTTP on a loopback address; nothing about any file.

use crate::app::App;
use crate::blocking::blocking;
use crate::body::Answer;
use crate::respond;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use keyproto::message::Health;
use record::KeyholderError;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const CONNECTIONS_MAX: usize = 16;
const LONGEST: Duration = Duration::from_secs(10);

/// Serves until the server stops.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    mut stopping: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            // Told as "not ready" until the very end, by connections that are there.
            _ = stopping.changed() => return,
            accepted = listener.accept() => accepted,
        };
        let (Ok((stream, _)), Ok(permit)) = (accepted, room.clone().try_acquire_owned()) else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let app = app.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let app = app.clone();
                async move { Ok::<_, Infallible>(answer(&app, &request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(LONGEST)
                .max_buf_size(8192)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // How it ended is the asker's affair.
            let _ = tokio::time::timeout(LONGEST * 2, connection).await;
            drop(permit);
        });
    }
}

async fn answer(app: &Arc<App>, request: &Request<Incoming>) -> Response<Answer> {
    if request.method() != Method::GET {
        return respond::empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    match request.uri().path() {
        "/health" => respond::text(StatusCode::OK, "text/plain", "alive\n"),
        "/ready" => ready(app).await,
        "/metrics" => metrics(app).await,
        _ => respond::empty(StatusCode::NOT_FOUND),
    }
}

async fn ready(app: &Arc<App>) -> Response<Answer> {
    let trouble = match health(app).await {
        _ if app.is_stopping() => "stopping".to_owned(),
        Ok(health) if health.ready => {
            return respond::text(StatusCode::OK, "text/plain", "ready\n");
        }
        Ok(health) => health.trouble.unwrap_or_else(|| "the keyholder is not ready".to_owned()),
        Err(_) => "the keyholder does not answer".to_owned(),
    };
    respond::text(StatusCode::SERVICE_UNAVAILABLE, "text/plain", format!("{trouble}\n"))
}

async fn metrics(app: &Arc<App>) -> Response<Answer> {
    let mut text = app.metrics.to_text(&app.gauges());
    let health = health(app).await;
    let (ready, counts) = match &health {
        Ok(health) => (health.ready, Some(health)),
        Err(_) => (false, None),
    };
    // Writing to a string does not fail.
    let _ = writeln!(text, "# TYPE cofferdam_keyholder_ready gauge");
    let _ = writeln!(text, "cofferdam_keyholder_ready {}", u8::from(ready));
    for (name, value) in counts.into_iter().flat_map(|h| {
        [
            ("ledger_entries_total", h.entries),
            ("files", h.files),
            ("sessions", h.sessions),
            ("openings_total", h.openings),
            ("refusals_total", h.refusals),
        ]
    }) {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        let _ = writeln!(text, "# TYPE cofferdam_keyholder_{name} {kind}");
        let _ = writeln!(text, "cofferdam_keyholder_{name} {value}");
    }
    respond::text(StatusCode::OK, METRICS, text)
}

async fn health(app: &Arc<App>) -> Result<Health, KeyholderError> {
    let records = app.records.clone();
    let asked = blocking(move || records.keyholder().health());
    match tokio::time::timeout(LONGEST / 2, asked).await {
        Ok(Ok(health)) => health,
        _ => Err(KeyholderError::World("no answer in time".into())),
    }
}
