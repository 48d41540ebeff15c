//! What CI checks besides the tests.

use crate::{boundaries, run_in, tidy};
use std::path::Path;
use std::process::Command;

/// The version of cargo-deny that the configuration was written for.
const CARGO_DENY: &str = "^0.20";

pub(crate) fn run(root: &Path) -> Result<(), String> {
    run_in(root, "cargo", &["fmt", "--all", "--check"])?;
    boundaries::check(root)?;
    tidy::check(root)?;
    run_in(
        root,
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    )?;
    install_cargo_deny(root)?;
    // The advisory list is a download of its own that build machines cannot reach.
    run_in(root, "cargo", &["deny", "--all-features", "check", "bans", "licenses", "sources"])
}

fn install_cargo_deny(root: &Path) -> Result<(), String> {
    let there = Command::new("cargo").args(["deny", "--version"]).output();
    if there.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    run_in(root, "cargo", &["install", "cargo-deny", "--locked", "--version", CARGO_DENY])
}
