//! The targets by name: one file each, with `run`, which panics where what it promises is broken.

mod answer;
mod card;
mod checkpoint;
mod claims;
mod entry;
mod frame;
mod json;
mod log;
mod patch;
mod references;
mod request;
mod resource;
mod seal;
mod search;
mod segment;
mod squeezed;
mod statement;
mod words;

/// The target of this name.
pub(crate) fn named(name: &str) -> Option<fn(&[u8])> {
    Some(match name {
        "answer" => answer::run,
        "card" => card::run,
        "checkpoint" => checkpoint::run,
        "claims" => claims::run,
        "entry" => entry::run,
        "frame" => frame::run,
        "json" => json::run,
        "log" => log::run,
        "patch" => patch::run,
        "references" => references::run,
        "request" => request::run,
        "resource" => resource::run,
        "seal" => seal::run,
        "search" => search::run,
        "segment" => segment::run,
        "squeezed" => squeezed::run,
        "statement" => statement::run,
        "words" => words::run,
        _ => return None,
    })
}
