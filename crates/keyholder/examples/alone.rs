//! A keyholder in a process of its own, for the tests: quick to open, without budgets.
//!
//! `alone FOLDER` serves `FOLDER/keyholder` at `FOLDER/run/socket`, and the watch at
//! `FOLDER/run/watch`, until SIGTERM.

#[path = "../tests/process/client.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod client;

use client::{passphrase, settings};
use keyholder::{Keyholder, KeyholderError, WatchDoor, listen};

fn main() -> Result<(), KeyholderError> {
    let folder = std::env::args_os().nth(1).map(std::path::PathBuf::from);
    let folder = folder.ok_or(KeyholderError::Asked("which folder?".into()))?;
    let mut settings = settings(&folder);
    settings.sandbox = true;
    let keyholder = Keyholder::open(settings, &passphrase())?;
    let door = WatchDoor::open(&folder.join("run/watch"))?;
    keyholder.watched(door).serve(listen(&folder.join("run/socket"))?)
}
