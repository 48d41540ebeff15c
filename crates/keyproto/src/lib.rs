//! What server and keyholder say to each other, and what clients sign. Sans-IO.
//!
//! Trust: the keyholder believes nothing in a [`Request`] but the signatures in it; the server can
//! forward, hold back and repeat, and each of these is worth nothing to it.
//!
//! - [`frame`]: one message as bytes on a stream, bounded.
//! - [`message`]: requests and answers, as CBOR (RFC 8949) with numbered fields.
//! - [`jws`]: the compact serialisation of RFC 7515 with ES256 and ES384, and nothing else.
//! - [`watcher`]: the watch's side of its socket, over any stream.
//! - [`statement`]: what is signed: a card's sign-in, a device's proof of one request, an order.

pub mod frame;
pub mod jws;
pub mod message;
pub mod statement;
pub mod watcher;

pub use message::{Answer, Request};
