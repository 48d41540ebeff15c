//! `cofferdam ledger verify | show`.

use crate::cli::{ShowArguments, VerifyArguments};
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::{Reported, ask, instant, span};
use crate::{console, entry_json};
use keyproto::message::Question;
use ledger::{Head, LogError, Report, Verifier};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// `cofferdam ledger verify`: offline, with nothing but the folder and the verifier key.
pub(crate) fn verify(home: &Home, arguments: &VerifyArguments, json: bool) -> Outcome {
    let verifier = verifier(home, arguments.key.as_deref())?;
    let folder = match &arguments.folder {
        Some(folder) => named(folder)?,
        None => home.ledger(),
    };
    let earlier = arguments.checkpoint.as_deref().map(|path| earlier(path, &verifier));
    let earlier = earlier.transpose()?;
    let report = whole(&folder, &verifier, earlier.as_slice())?;
    let root = data_encoding::BASE64.encode(&report.head.root);
    if json {
        console::json(&serde_json::json!({
            "entries": report.head.size,
            "signed": report.signed,
            "root": root,
            "torn_bytes": report.torn_bytes,
        }));
    } else {
        console::say(&format!(
            "whole: {} entries, {} of them under a signed checkpoint, root {root}",
            report.head.size, report.signed
        ));
    }
    Ok(())
}

/// A folder that somebody named. One that has nothing of a ledger was named wrongly; one that has
/// lost a part of it is an alarm.
fn named(folder: &Path) -> Outcome<PathBuf> {
    if ["entries", "checkpoint"].iter().any(|name| folder.join(name).exists()) {
        return Ok(folder.to_owned());
    }
    let text = "is no ledger's folder: there are neither entries nor a checkpoint in it";
    Err(Failure::NotThere(format!("{} {text}", folder.display())))
}

/// A checkpoint that somebody kept. What does not even look like one is the wrong file.
fn earlier(path: &Path, verifier: &Verifier) -> Outcome<Head> {
    let bytes = std::fs::read(path).map_err(Failure::world(path.display()))?;
    let is_note = str::from_utf8(&bytes).is_ok_and(|text| text.contains("\n\n— "));
    if !is_note {
        let text = "is no checkpoint (a text with a signature below)";
        return Err(Failure::Asked(format!("{} {text}", path.display())));
    }
    verifier.verify(&bytes).map_err(failure)
}

/// The key that the ledger's checkpoints are verified with: this one, or that of the folder.
pub(crate) fn verifier(home: &Home, key: Option<&str>) -> Outcome<Verifier> {
    let path = home.verifier();
    let key = match key {
        Some(key) => key.to_owned(),
        None => std::fs::read_to_string(&path).map_err(|error| {
            let path = path.display();
            Failure::NotThere(format!("{path}: {error}; it is the ledger's verifier key"))
        })?,
    };
    Verifier::from_str(key.trim())
        .map_err(|_| Failure::Asked("this is no verifier key (C2SP signed note)".into()))
}

/// Whether a copy of a ledger is whole, and begins with each of these heads.
pub(crate) fn whole(folder: &Path, verifier: &Verifier, earlier: &[Head]) -> Outcome<Report> {
    ledger::verify_copy(folder, verifier, earlier).map_err(failure)
}

pub(crate) fn failure(error: LogError) -> Failure {
    let text = error.to_string();
    match error {
        LogError::Asked(_) => Failure::Asked(text),
        LogError::NotThere { .. } => Failure::NotThere(text),
        LogError::World { .. } | LogError::Poisoned => Failure::World(text),
        LogError::Tampered { .. } => Failure::Tampered(text),
    }
}

/// `cofferdam ledger show`.
pub(crate) fn show(home: &Home, arguments: &ShowArguments, json: bool) -> Outcome {
    let (from, to) = (instant(arguments.from.as_deref())?, instant(arguments.to.as_deref())?);
    span(from, to)?;
    let question = Question { from, to, everything: true, ..Question::default() };
    let reported = ask(home, &arguments.officer.officer, &question)?;
    for line in &reported.lines {
        let (act, fields) = entry_json::of(&line.entry.act, &|blind| line.file(blind));
        let at = line.entry.at.to_string();
        if json {
            let holder = &line.holder;
            console::json(&serde_json::json!({
                "number": line.number, "at": at, "act": act, "holder": holder, "fields": fields,
            }));
        } else {
            let fields = entry_json::line(&fields);
            let told = format!("{:>8}  {at}  {act:<15} {fields}", line.number);
            console::say(&console::one_line(&told));
        }
    }
    reported.verified.say_verified(json);
    Ok(())
}

/// Every entry of the ledger.
pub(crate) fn fetch(home: &Home, officer: &str) -> Outcome<Reported> {
    ask(home, officer, &Question { everything: true, ..Question::default() })
}
