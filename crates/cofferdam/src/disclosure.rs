//! `cofferdam disclosure` and `disclose`: reports of flaws, from both sides.
//!
//! Trust: what a finder wrote is opened here, with the officer's passphrase, and nowhere else. It
//! is hostile text until somebody judged it, so it reaches no terminal with control characters.

mod advisory;
mod finder;
mod journal;
mod keys;
mod ledger_match;
mod receipts;
mod reports;

use crate::cli::{DiscloseCommand, DisclosureCommand};
use crate::console::{self, clean};
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use std::io::Read;

/// Longest text that is read from a file or standard input.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// The officer's side.
pub(crate) fn disclosure(home: &Home, command: &DisclosureCommand, json: bool) -> Outcome {
    match command {
        DisclosureCommand::Key(a) => keys::key(home, a, json),
        DisclosureCommand::List(a) => reports::list(home, a.all, json),
        DisclosureCommand::Show(a) => reports::show(home, &a.id, json),
        DisclosureCommand::Answer(a) => reports::answer(home, a, json),
        DisclosureCommand::Match(a) => ledger_match::compare(home, a, json),
        DisclosureCommand::Close(a) => reports::close(home, a, json),
        DisclosureCommand::CheckReceipt(a) => receipts::check(home, a, json),
        DisclosureCommand::Advisory(a) => advisory::advisory(home, a, json),
        DisclosureCommand::Provider(a) => advisory::provider(home, a, json),
    }
}

/// The finder's side.
pub(crate) fn disclose(command: &DiscloseCommand, json: bool) -> Outcome {
    match command {
        DiscloseCommand::Seal(a) => finder::seal(a, json),
        DiscloseCommand::Ask => finder::ask(),
        DiscloseCommand::Read(a) => finder::read(a, json),
    }
}

/// A file's bytes, or those of standard input, bounded.
fn read(name: &str) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    let failed = Failure::world::<std::io::Error>(name);
    let read = if name == "-" {
        std::io::stdin().lock().take(TEXT_BYTES_MAX).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(name).and_then(|f| f.take(TEXT_BYTES_MAX).read_to_end(&mut bytes))
    };
    read.map_err(failed)?;
    Ok(bytes)
}

fn read_path(path: &std::path::Path) -> Outcome<Vec<u8>> {
    match path.to_str() {
        Some("-") | None => Err(Failure::Asked("give the file by its path".into())),
        Some(path) => read(path),
    }
}

/// Prints a value for programs, or a line for people.
fn told(json: bool, value: &serde_json::Value, text: &str) {
    if json { console::json(value) } else { console::say(text) }
}
