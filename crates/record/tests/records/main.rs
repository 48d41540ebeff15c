//! The crate from outside, against a real keyholder behind its socket and a real store on disk.

#![allow(clippy::print_stderr)]

mod attacks;
mod faults;
mod imports;
mod interactions;
mod leaks;
mod ledger_views;
mod links;
mod sample_data;
mod sections;
mod transactions;
mod world;
