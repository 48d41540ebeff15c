//! The process, from outside: real sockets, real signatures, real crashes.

#![allow(clippy::print_stderr, reason = "tests say what they did and what they skipped")]

mod child;
mod client;
mod close;
mod crash;
mod damage;
mod full;
mod hostile;
mod jobs;
mod markers;
mod proofs;
mod protocol;
mod watch;
