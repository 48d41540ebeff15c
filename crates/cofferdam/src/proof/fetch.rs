//! Asking for everything about one file, with a proof of each entry.

use super::document::{Document, FORMAT, Proof, Since, Told};
use crate::client::Ask;
use crate::failure::{Failure, Outcome};
use crate::incident::subjects::known_file;
use crate::report::{Asker, Piece, altered, fold, refused};
use data_encoding::BASE64;
use keyproto::message::{Line, PROVE_ENTRIES_MAX, Question};
use keyproto::statement::ProofClaims;
use ledger::LogError;
use serde::Deserialize;
use std::collections::HashMap;
use terms::{FileId, Time};

/// Most entries of one document: each takes about two and a half kilobytes.
const LINES_MAX: usize = 25_000;

/// What the server answers.
#[derive(Deserialize)]
struct Answered {
    naming: String,
    entries: Vec<AnsweredEntry>,
    left_out: Vec<u64>,
    consistency: Vec<String>,
}

#[derive(Deserialize)]
struct AnsweredEntry {
    number: u64,
    leaf: String,
    salt: String,
    path: Vec<String>,
}

/// What was opened of this file in this span, so that it can be handed to a stranger; `since` is a
/// checkpoint that whoever checks it has.
pub(crate) fn fetch(
    asker: &mut Asker,
    file: FileId,
    from: Option<Time>,
    to: Option<Time>,
    since: Option<String>,
) -> Outcome<Document> {
    let question = Question { file: Some(file), from, to, alone: true, ..Question::default() };
    let mut lines = Vec::new();
    let verified = fold(asker, &question, &mut |piece| {
        let Piece::Line(line) = piece else { return Ok(()) };
        if lines.len() == LINES_MAX {
            let text = "that is more than one document holds: narrow it by --from and --to";
            return Err(Failure::Asked(text.into()));
        }
        lines.push(line);
        Ok(())
    })?;
    if lines.is_empty() {
        known_file(asker, file)?;
    }
    let unsigned = |error: LogError| Failure::Asked(format!("the checkpoint: {error}"));
    let older = since.as_ref().map(|note| asker.verifier.verify(note.as_bytes()));
    let older = older.transpose().map_err(unsigned)?.map(|head| head.size);
    let mut wanted: Vec<u64> = lines.iter().map(|line| line.number).collect();
    wanted.reverse();
    let (mut proofs, mut naming, mut path) = (HashMap::new(), String::new(), Vec::new());
    while naming.is_empty() || !wanted.is_empty() {
        let some: Vec<u64> = wanted.iter().rev().take(PROVE_ENTRIES_MAX).copied().collect();
        let answered = ask(asker, file, &some, verified.head.size, older)?;
        (naming, path) = (answered.naming, answered.consistency);
        let answers = answered.entries.len() + answered.left_out.len();
        if answers > some.len() || naming.is_empty() || (answers == 0 && !some.is_empty()) {
            return Err(altered("it does not show what was asked for"));
        }
        wanted.truncate(wanted.len() - answers);
        let proof =
            |AnsweredEntry { number, leaf, salt, path }| (number, Proof { leaf, salt, path });
        proofs.extend(answered.entries.into_iter().map(proof));
    }
    let entries = lines.into_iter().map(|line| {
        let proof = proofs.remove(&line.number);
        told(line, proof)
    });
    Ok(Document {
        format: FORMAT.to_owned(),
        file: file.to_string(),
        checkpoint: verified.end.checkpoint,
        naming,
        statement: verified.end.statement,
        entries: entries.collect(),
        since: since.map(|checkpoint| Since { checkpoint, path }),
    })
}

fn told(line: Line, proof: Option<Proof>) -> Told {
    let Line { number, entry, files, holder, practice } = line;
    let (entry, erased) = (BASE64.encode(&entry), files.is_empty());
    Told { number, entry, erased, holder, practice, proof }
}

fn ask(
    asker: &mut Asker,
    file: FileId,
    entries: &[u64],
    size: u64,
    older: Option<u64>,
) -> Outcome<Answered> {
    let file = file.to_string();
    let body = serde_json::json!({"file": file, "entries": entries, "size": size, "older": older});
    let body = body.to_string();
    let ask = Ask {
        method: "POST",
        path: "/reports/proofs",
        headers: &[("content-type", "application/json")],
        body: body.as_bytes(),
    };
    let answer = asker.card.send(&ask, &ProofClaims::default)?;
    if answer.status != 200 {
        return Err(refused(answer.status, &answer.body));
    }
    serde_json::from_slice(&answer.body).map_err(|_| altered("it cannot be read"))
}

impl Document {
    /// The document as it is written.
    pub(crate) fn to_json(&self) -> Outcome<String> {
        serde_json::to_string_pretty(self).map_err(Failure::world("the document"))
    }
}
