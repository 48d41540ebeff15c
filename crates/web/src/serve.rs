//! Listens, shakes hands, and hands requests on; lets go of connections that stall.

use crate::app::App;
use crate::blocking::blocking;
use crate::local;
use crate::settings::Settings;
use crate::tls::{self, TlsError};
use crate::watched::{Pulse, Watched};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use record::Records;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address is taken, or not one of this machine.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The local listener would be reachable from elsewhere.
    #[error("health and metrics listen on a loopback address only, not on {0}")]
    NotLocal(SocketAddr),
}

/// A server that listens and does not answer yet.
pub struct Server {
    settings: Settings,
    acceptor: TlsAcceptor,
    listener: TcpListener,
    local: Option<TcpListener>,
}

/// Serves until `shutdown` ends, then answers the requests in hand and closes every open file.
///
/// For a process of its own: from here on, a panic prints where it was and nothing else.
pub async fn serve(
    settings: Settings,
    records: Arc<Records>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    quiet_panics();
    Server::listen(settings).await?.run(records, shutdown).await;
    Ok(())
}

impl Server {
    /// Takes both addresses; port 0 picks one that is free.
    pub async fn listen(settings: Settings) -> Result<Server, ServeError> {
        let acceptor = TlsAcceptor::from(tls::config(&settings.certificate, &settings.key)?);
        let listener = listen(settings.listen).await?;
        let local = match settings.local {
            Some(address) if !address.ip().is_loopback() => {
                return Err(ServeError::NotLocal(address));
            }
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Server { settings, acceptor, listener, local })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(self.settings.listen)
    }

    /// Where health and metrics are told.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local.as_ref()?.local_addr().ok()
    }

    /// Answers until `shutdown` ends, then those in hand, and closes every open file.
    pub async fn run(self, records: Arc<Records>, shutdown: impl Future<Output = ()>) {
        let app = App::new(self.settings, records);
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        if let Some(local) = self.local {
            tasks.spawn(local::serve(local, app.clone(), stopping.clone()));
        }
        tasks.spawn(sweep(app.clone(), stopping.clone()));
        accept(&app, self.listener, self.acceptor, stopping, shutdown, &mut tasks).await;
        app.begin_stopping();
        // Nobody listening means that every task has ended already.
        let _ = stop.send(true);
        let drained = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(app.bounds.drain, drained).await.is_err() {
            tracing::warn!("stopped with requests in hand");
        }
        app.files.close_all();
    }
}

/// How long a connection that asks for nothing stays when the server stops: a request that is on
/// its way arrives.
const LAST_WORD: Duration = Duration::from_millis(250);

/// A panic's message may quote content, so the log gets the place alone.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "panicked");
    }));
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })
}

async fn accept(
    app: &Arc<App>,
    listener: TcpListener,
    acceptor: TlsAcceptor,
    stopping: watch::Receiver<bool>,
    shutdown: impl Future<Output = ()>,
    tasks: &mut JoinSet<()>,
) {
    let room = Arc::new(Semaphore::new(app.bounds.connections.min(Semaphore::MAX_PERMITS)));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            // The semaphore is never closed.
            let permit = room.clone().acquire_owned().await.ok();
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = &mut shutdown => return,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (app, acceptor) = (app.clone(), acceptor.clone());
                let stopping = stopping.clone();
                tasks.spawn(async move {
                    app.metrics.connections.fetch_add(1, Relaxed);
                    shake_hands(&app, (stream, peer), acceptor, stopping).await;
                    app.metrics.connections.fetch_sub(1, Relaxed);
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of descriptors, most likely: wait for connections to end.
                tracing::warn!(kind = ?error.kind(), "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while tasks.try_join_next().is_some() {}
    }
}

async fn shake_hands(
    app: &Arc<App>,
    (stream, peer): (TcpStream, SocketAddr),
    acceptor: TlsAcceptor,
    mut stopping: watch::Receiver<bool>,
) {
    // A socket without this option works as well, only slower.
    let _ = stream.set_nodelay(true);
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(app.bounds.handshake, acceptor.accept(stream)) => shaken,
        // Nothing was asked yet, so there is nothing to wait for.
        _ = stopping.changed() => return,
    };
    match shaken {
        Ok(Ok(stream)) => connection(app, stream, peer, stopping).await,
        _ => {
            app.metrics.handshakes_failed.fetch_add(1, Relaxed);
        }
    }
}

async fn connection(
    app: &Arc<App>,
    stream: tokio_rustls::server::TlsStream<TcpStream>,
    peer: SocketAddr,
    mut stopping: watch::Receiver<bool>,
) {
    let bounds = app.bounds;
    let pulse = Pulse::new();
    let io = TokioIo::new(Watched::new(stream, pulse.clone()));
    let service = service_fn(|request| {
        let (app, pulse) = (app.clone(), pulse.clone());
        async move { Ok::<_, Infallible>(app.answer(request, peer.ip(), &pulse).await) }
    });
    let builder = builder(app);
    let mut connection = std::pin::pin!(builder.serve_connection(io, service));
    let often = (bounds.pause.min(bounds.header) / 4).max(Duration::from_millis(10));
    let mut check = tokio::time::interval(often);
    let (mut ending, mut idle) = (false, bounds.header);
    loop {
        tokio::select! {
            // How a connection ended is the client's affair, and its words might be content.
            _ = connection.as_mut() => return,
            _ = stopping.changed(), if !ending => {
                ending = true;
                connection.as_mut().graceful_shutdown();
                // What is in hand is finished; a client that asks for nothing is not waited for.
                idle = LAST_WORD;
                check = tokio::time::interval_at(Instant::now() + LAST_WORD, LAST_WORD);
            }
            _ = check.tick() => if pulse.is_stalled(idle, bounds.pause) {
                app.metrics.stalled.fetch_add(1, Relaxed);
                return;
            }
        }
    }
}

fn builder(app: &App) -> Builder<TokioExecutor> {
    let bounds = &app.bounds;
    let header_bytes = u32::try_from(bounds.header_bytes).unwrap_or(u32::MAX);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header)
        // hyper wants room for at least 8 KiB.
        .max_buf_size(bounds.header_bytes.max(8192))
        .pipeline_flush(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(header_bytes)
        .max_concurrent_streams(64)
        .max_pending_accept_reset_streams(32)
        .max_local_error_reset_streams(64)
        .initial_stream_window_size(256 << 10)
        .initial_connection_window_size(1 << 20)
        .max_send_buf_size(256 << 10)
        .keep_alive_interval(bounds.pause)
        .keep_alive_timeout(bounds.pause);
    builder
}

/// How old the directory gets where another process adds to it, and how long a file stays open
/// after the watch stopped whom it is open for.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// Closes files and forgets sessions whose time is over, closes all files where the keyholder has
/// taken something away, and reads what another process deposited into the directory.
async fn sweep(app: Arc<App>, mut stopping: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(SWEEP_EVERY);
    let mut taken_away = 0;
    loop {
        tokio::select! {
            _ = stopping.changed() => return,
            _ = tick.tick() => app.sweep(),
        }
        let records = app.records.clone();
        let look = move || {
            // That the keyholder is away is told by readiness, and the next look is soon.
            let _ = records.refresh_directory();
            records.keyholder().health().map(|health| health.taken_away)
        };
        tokio::select! {
            _ = stopping.changed() => return,
            looked = blocking(look) => if let Ok(Ok(now)) = looked && now != taken_away {
                taken_away = now;
                app.files.close_all();
            },
        }
    }
}
