//! Counts, clocks and filings of a small made-up incident.

mod claims;
mod clocks;
mod counts;
mod forms;
mod sample;
