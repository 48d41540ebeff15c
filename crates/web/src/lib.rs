//! Cofferdam over HTTP: FHIR R4 REST, sign-in, orders and reports, on TLS 1.3.
//!
//! Trust: this crate holds keys and plaintext of files that are open in live sessions, and nothing
//! else. It decides nothing about who may open what: it forwards what clients signed to the
//! keyholder, and verifies the same signatures itself where a file is open already.
//!
//! | module | what it gives |
//! |---|---|
//! | [`serve()`], [`Server`] | the server, until it is told to stop |
//! | [`Settings`], [`Bounds`] | where it listens and what it bears |
//! | [`routes`] | every address, in one table |
//!
//! Inside: `app` answers one request (route, caller, handler, log, metrics); `auth` says who asks;
//! `files`, `sessions` and `nonces` are the memory; `handlers` are the routes' acts; `problem` is
//! the one table from errors to statuses.

mod app;
mod auth;
mod blocking;
mod body;
mod capability;
mod clock;
mod files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod handlers;
mod local;
mod metrics;
mod negotiate;
mod nonces;
mod openapi;
mod problem;
mod query;
mod respond;
pub mod routes;
mod scopes;
mod serve;
mod served;
mod sessions;
mod settings;
mod throttle;
mod tls;
mod watched;

pub use serve::{ServeError, Server, serve};
pub use settings::{Bounds, Settings};
pub use tls::TlsError;
