//! Fuzz targets for everything that reads bytes from outside; `README.md` says how to run them.
//!
//! One program holds all of them, so that it is built and linked once. Some modules are compiled in
//! as they stand, because their crates show them to nobody: what reads files and names in the
//! keyholder and the binary, and the one step of `seal` that hostile bytes reach only where a key
//! has leaked. `web` and `record` have a feature `fuzzing` for what they read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

#[allow(dead_code, reason = "only what reads is fuzzed")]
#[path = "../../crates/cofferdam/src"]
mod cofferdam_parts {
    pub(crate) mod config;
    pub(crate) mod failure;
    pub(crate) mod home;
    pub(crate) mod proof {
        pub(crate) mod document;
    }
}
#[allow(dead_code, reason = "only what reads is fuzzed")]
#[path = "../../crates/keyholder/src"]
mod keyholder_parts {
    pub(crate) mod error;
    pub(crate) mod files;
    pub(crate) mod keyring;
    pub(crate) mod locator;
    pub(crate) mod random;
    pub(crate) mod root;
    pub(crate) mod settings;
}
#[allow(dead_code, reason = "only whole segments are fuzzed")]
#[path = "../../crates/seal/src/squeeze.rs"]
#[rustfmt::skip]
mod squeeze;
mod targets;

/// What these modules find at the root of their own crates.
pub(crate) use cofferdam_parts::{failure, home};
pub(crate) use keyholder_parts::{error, files, random, root, settings};
pub(crate) use seal::SealError;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("COFFERDAM_FUZZ_TARGET").unwrap_or_default();
    targets::named(&name).expect("COFFERDAM_FUZZ_TARGET names a file of src/targets")
});

fuzz_target!(|data: &[u8]| TARGET(data));
