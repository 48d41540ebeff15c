//! The process, from outside: real sockets, real signatures, real crashes.

mod client;
mod protocol;
