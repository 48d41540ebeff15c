//! Counts, clocks and filings of a small made-up incident.

mod association;
mod claims;
mod clocks;
mod counts;
mod forms;
mod sample;
