//! `cofferdam ledger verify | show`.

use crate::cli::{ShowArguments, VerifyArguments};
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::who_opened::{Line, Question, ask};
use ledger::{LogError, Verifier};
use std::str::FromStr;

/// `cofferdam ledger verify`: offline, with nothing but the folder and the verifier key.
pub(crate) fn verify(home: &Home, arguments: &VerifyArguments, json: bool) -> Outcome {
    let key = match &arguments.key {
        Some(key) => key.clone(),
        None => std::fs::read_to_string(home.verifier()).map_err(|error| {
            Failure::NotThere(format!(
                "{}: {error}; give the verifier key with --key",
                home.verifier().display()
            ))
        })?,
    };
    let verifier = Verifier::from_str(key.trim())
        .map_err(|_| Failure::Asked("this is no verifier key (C2SP signed note)".into()))?;
    let folder = arguments.folder.clone().unwrap_or_else(|| home.ledger());
    let report = ledger::verify_copy(&folder, &verifier).map_err(failure)?;
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

fn failure(error: LogError) -> Failure {
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
    let (from, to) = (arguments.from.clone(), arguments.to.clone());
    for line in fetch(home, &arguments.officer.officer, from, to)? {
        if json {
            console::json(&serde_json::json!({
                "number": line.number,
                "at": line.entry.at.to_string(),
                "act": format!("{:?}", line.entry.act),
            }));
        } else {
            console::say(&format!("{:>8}  {}  {:?}", line.number, line.entry.at, line.entry.act));
        }
    }
    Ok(())
}

/// Every entry of a span of time.
pub(crate) fn fetch(
    home: &Home,
    officer: &str,
    from: Option<String>,
    to: Option<String>,
) -> Outcome<Vec<Line>> {
    let question = Question { from, to, everything: true, ..Question::default() };
    ask(home, officer, &question)
}
