//! The product as its users meet it: the real binary, its real processes, plain clients.
//!
//! Each test makes a data folder of its own under the system's temporary folder, serves it on free
//! ports and ends what it started. Everything together takes less than five minutes on two cores.
//! Larger counts come from the environment:
//!
//! - `COFFERDAM_KILLS=200`: how many processes `kills` kills (12 unless set)
//! - `COFFERDAM_SAMPLE_DATA=FOLDER`: a folder of Synthea R4 bundles for `sample_data`, which is
//!   skipped without it; `COFFERDAM_FULL=1` takes all of them instead of the first ten
//! - `COFFERDAM_QUERIES=N`, `COFFERDAM_SEED=N`: how many queries `searches` tries, and which
//! - `COFFERDAM_PYTHON=FILE`: a Python with fhirpy, Authlib and requests for `python_client`, if it
//!   is not `target/python/bin/python`; skipped without either
//! - `COFFERDAM_BROWSER=FILE`: a Chromium for `disclosure`, if it is not where Debian has it;
//!   skipped without one
//!
//! For example `COFFERDAM_KILLS=200 cargo test -p cofferdam --test product kills`.

#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod alerts;
mod associations;
mod backups;
mod benches;
mod browser;
mod criteria;
mod disclosure;
mod drills;
mod exposure;
mod filings;
mod for_programs;
mod http;
mod incidents;
mod interrupted_demo;
mod keys;
mod kills;
mod leaks;
mod letter_facts;
mod letters;
mod lying_server;
mod open_files;
mod oracle;
mod proofs;
mod python_client;
mod restored;
mod retention;
mod rig;
mod sample_data;
mod searches;
mod smart;
mod smart_client;
mod stopping;
mod tour;
mod tree;
mod witnesses;
