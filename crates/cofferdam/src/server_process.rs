//! The server's process: FHIR over TLS, files that live sessions have open, no key of its own.

mod walls;

use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::serve::end_with_parent;
use intake::desk::{Desk, Reception};
use intake::key::{Certificate, ReceiptKey};
use record::{OpenError, Records};
use std::sync::Arc;
use std::time::Duration;
use store::{EmbeddedStore, Store};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// How long an answer of the keyholder may take: replay after its restart included.
const KEYHOLDER_ANSWER: Duration = Duration::from_secs(30);

/// Runs until told to stop.
pub(crate) fn run(home: &Home) -> Outcome {
    end_with_parent(home)?;
    let config = Config::read(home)?;
    log_to_stderr(&config)?;
    let settings = settings(home, &config)?;
    walls::enter(home, &config)?;
    let records = Arc::new(open_records(home, &config)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::world("the runtime"))?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(Failure::world("signals"))?;
        let stop = async move {
            terminate.recv().await;
        };
        web::serve(settings, records, stop).await.map_err(Failure::world("the server"))
    })
}

/// The store of a data folder.
pub(crate) fn open_store(home: &Home) -> Outcome<EmbeddedStore> {
    EmbeddedStore::open(&home.store()).map_err(|error| match error {
        store::OpenError::Tampered(_) => Failure::Tampered(restore(&error)),
        error => Failure::World(format!("the store: {error}")),
    })
}

/// What to do where store and ledger do not fit together.
fn restore(error: &dyn std::fmt::Display) -> String {
    format!(
        "the store: {error}. If its disk is not there, bring it back; else restore the newest \
         backup, and find out who changed it"
    )
}

/// Keyholder and store of a data folder, as this installation's server reaches them.
pub(crate) fn open_records(home: &Home, config: &Config) -> Outcome<Records> {
    let store: Arc<dyn Store> = Arc::new(open_store(home)?);
    let settings = keyholder_settings(home, config)?;
    let records = Records::start(&settings, store).map_err(|error| match error {
        OpenError::Tampered(_) => Failure::Tampered(restore(&error)),
        error => Failure::World(format!("the keyholder: {error}")),
    })?;
    if records.keyholder().tenant() != config.tenant {
        return Err(Failure::Asked(format!(
            "cofferdam.toml says tenant `{}`, but the keyholder's is `{}`: it never changes",
            config.tenant,
            records.keyholder().tenant()
        )));
    }
    Ok(records)
}

/// How this installation's keyholder is reached.
pub(crate) fn keyholder_settings(home: &Home, config: &Config) -> Outcome<record::Settings> {
    Ok(record::Settings {
        socket: home.socket(),
        server: config.server_id()?,
        origin: config.origin.clone(),
        base_url: format!("{}/fhir", config.origin),
        connections: 64,
        timeout: KEYHOLDER_ANSWER,
    })
}

fn settings(home: &Home, config: &Config) -> Outcome<web::Settings> {
    let read = |name: &str| {
        let path = home.tls().join(name);
        std::fs::read(&path).map_err(Failure::world(path.display()))
    };
    let bounds = web::Bounds {
        connections: config.connections_max,
        body_bytes: config.body_mebibytes_max << 20,
        open_idle: Duration::from_secs(config.open_idle_minutes_max * 60),
        ..web::Bounds::default()
    };
    Ok(web::Settings {
        listen: config.listen,
        local: Some(config.local_listen),
        origin: config.origin.clone(),
        certificate: read("server.pem")?,
        key: read("server.key")?,
        desk: Arc::new(desk(home, config)?),
        bounds,
    })
}

/// Where reports of flaws come in. Without a key that can be used they are turned away and the page
/// says so: patients' files are served all the same.
fn desk(home: &Home, config: &Config) -> Outcome<Desk> {
    let reception = match reception(home) {
        Ok(None) => {
            tracing::warn!("no key for reports of flaws: make one with `cofferdam disclosure key`");
            None
        }
        Ok(found) => found,
        Err(failure) => {
            let why = failure.to_string();
            tracing::error!(why, "no reports: try `cofferdam disclosure key --renew`");
            None
        }
    };
    Desk::open(config.notice()?, reception, &home.intake()).map_err(Failure::world("the intake"))
}

fn reception(home: &Home) -> Outcome<Option<Reception>> {
    if !home.certificate().exists() {
        return Ok(None);
    }
    let read = |path: std::path::PathBuf| {
        std::fs::read_to_string(&path).map_err(Failure::world(path.display()))
    };
    let certificate = Certificate::parse(&read(home.certificate())?)
        .map_err(Failure::world("the officer's certificate"))?;
    let key = ReceiptKey::parse(&zeroize::Zeroizing::new(read(home.receipt_key())?))
        .map_err(|_| Failure::World("the receipt key cannot be read".into()))?;
    let reception = Reception::of(certificate, key);
    reception.map(Some).map_err(Failure::world("the receipt key is not the certified one"))
}

/// Structured logs on standard error, as much as the settings say.
pub(crate) fn log_to_stderr(config: &Config) -> Outcome {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|_| Failure::Asked("`log` is not one of error, warn, info, debug".into()))?;
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    Ok(())
}
