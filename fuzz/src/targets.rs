//! The targets by name: one file each, with `run`, which panics where what it promises is broken.

mod answer;
mod bodies;
mod bundle;
mod card;
mod checkpoint;
mod claims;
mod condition;
mod disclosure;
mod entry;
mod export;
mod frame;
mod headers;
mod journal;
mod json;
mod jwk;
mod keyring;
mod letter;
mod locator;
mod log;
mod ndjson;
mod parameters;
mod patch;
mod people;
mod proof;
mod references;
mod request;
mod resource;
mod retention;
mod seal;
mod search;
mod segment;
mod settings;
mod squeezed;
mod state;
mod statement;
mod wording;
mod words;

use std::path::PathBuf;

/// The target of this name.
pub(crate) fn named(name: &str) -> Option<fn(&[u8])> {
    Some(match name {
        "answer" => answer::run,
        "bodies" => bodies::run,
        "bundle" => bundle::run,
        "card" => card::run,
        "checkpoint" => checkpoint::run,
        "claims" => claims::run,
        "condition" => condition::run,
        "disclosure" => disclosure::run,
        "entry" => entry::run,
        "export" => export::run,
        "frame" => frame::run,
        "headers" => headers::run,
        "journal" => journal::run,
        "json" => json::run,
        "jwk" => jwk::run,
        "keyring" => keyring::run,
        "letter" => letter::run,
        "locator" => locator::run,
        "log" => log::run,
        "ndjson" => ndjson::run,
        "parameters" => parameters::run,
        "patch" => patch::run,
        "proof" => proof::run,
        "people" => people::run,
        "references" => references::run,
        "request" => request::run,
        "resource" => resource::run,
        "retention" => retention::run,
        "seal" => seal::run,
        "search" => search::run,
        "segment" => segment::run,
        "settings" => settings::run,
        "squeezed" => squeezed::run,
        "state" => state::run,
        "statement" => statement::run,
        "wording" => wording::run,
        "words" => words::run,
        _ => return None,
    })
}

/// A file of this content, in memory where the system has a folder for that.
fn scratch(name: &str, content: &[u8]) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let folder = folder.join(format!("cofferdam-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for files");
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    path
}
