//! Proofs about one file for somebody who trusts nobody: made with a session, checked with a key.

mod document;
mod fetch;
mod say;

pub(crate) use document::Document;
pub(crate) use fetch::fetch;

use crate::cli::{CheckProofArguments, ProveArguments};
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::{instant, sign_in, span};
use document::{DOCUMENT_BYTES_MAX, Refused};
use ledger::Verifier;
use std::io::Read;
use std::path::Path;

/// `cofferdam ledger prove`.
pub(crate) fn prove(home: &Home, arguments: &ProveArguments, json: bool) -> Outcome {
    let (from, to) = (instant(arguments.from.as_deref())?, instant(arguments.to.as_deref())?);
    span(from, to)?;
    let since = arguments.checkpoint.as_deref().map(text_of).transpose()?;
    let mut asker = sign_in(home, &arguments.card)?;
    let document = fetch(&mut asker, arguments.file, from, to, since)?;
    // Nothing is handed out that whoever gets it would refuse.
    let checked = document.check(&asker.verifier, None).map_err(Failure::from)?;
    std::fs::write(&arguments.out, document.to_json()?)
        .map_err(Failure::world(arguments.out.display()))?;
    if json {
        console::json(&checked.told());
    } else {
        let (entries, out) = (checked.entries.len(), arguments.out.display());
        let key = asker.verifier;
        console::say(&format!("{entries} entries about this file are proved in {out}"));
        console::say(&format!(
            "whoever gets it checks it by: cofferdam ledger check {out} --key {key}"
        ));
        console::say("and takes the key from elsewhere than whoever brings the file");
    }
    Ok(())
}

/// `cofferdam ledger check`: without a data folder and without a network.
pub(crate) fn check(arguments: &CheckProofArguments, json: bool) -> Outcome {
    let verifier = verifier(&arguments.key)?;
    let known = arguments.checkpoint.as_deref().map(text_of).transpose()?;
    let known = known.map(|note| {
        let refused = |error: ledger::LogError| Failure::Tampered(error.to_string());
        verifier.verify(note.as_bytes()).map_err(refused)
    });
    let known = known.transpose()?;
    let document = Document::read(&bytes_of(&arguments.file)?)?;
    let checked = document.check(&verifier, known.as_ref())?;
    if json {
        console::json(&checked.told());
    } else {
        checked.sentences().iter().for_each(|sentence| console::say(sentence));
    }
    Ok(())
}

impl From<Refused> for Failure {
    fn from(Refused(why): Refused) -> Failure {
        Failure::Tampered(format!("this proves nothing: {why}"))
    }
}

/// The key that was typed, or that is in this file.
fn verifier(key: &str) -> Outcome<Verifier> {
    let wrong = |_| Failure::Asked("--key is no verifier key, nor a file with one".into());
    match key.trim().parse() {
        Ok(verifier) => Ok(verifier),
        Err(_) => text_of(Path::new(key))?.trim().parse().map_err(wrong),
    }
}

fn text_of(path: &Path) -> Outcome<String> {
    let no_text = |_| Failure::Asked(format!("{} is not text", path.display()));
    String::from_utf8(bytes_of(path)?).map_err(no_text)
}

fn bytes_of(path: &Path) -> Outcome<Vec<u8>> {
    let file = std::fs::File::open(path);
    let file = file.map_err(|error| Failure::NotThere(format!("{}: {error}", path.display())))?;
    let mut bytes = Vec::new();
    let read = file.take(DOCUMENT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(Failure::world(path.display()))?;
    Ok(bytes)
}
