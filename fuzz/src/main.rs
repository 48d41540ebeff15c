//! Fuzz targets for everything that reads bytes from outside; `README.md` says how to run them.
//!
//! One program holds all of them, so that it is built and linked once. Three modules are compiled
//! in as they stand: two of `record` without the SQL engine that this crate brings along, and the
//! one step of `seal` that hostile bytes reach only where a key has leaked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

#[allow(dead_code, reason = "only what reads is fuzzed")]
#[path = "../../crates/record/src/ids.rs"]
mod ids;
#[allow(dead_code, reason = "only what reads is fuzzed")]
#[path = "../../crates/record/src/segment_content.rs"]
mod segment_content;
#[allow(dead_code, reason = "only whole segments are fuzzed")]
#[path = "../../crates/seal/src/squeeze.rs"]
#[rustfmt::skip]
mod squeeze;
mod targets;

/// What `squeeze` finds at the root of its own crate.
pub(crate) use seal::SealError;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("COFFERDAM_FUZZ_TARGET").unwrap_or_default();
    targets::named(&name).expect("COFFERDAM_FUZZ_TARGET names a file of src/targets")
});

fuzz_target!(|data: &[u8]| TARGET(data));
