//! Making certificates, from what the keyholder signs and from the ledger's own folder.

use super::certificate::{
    Certificate, Claim, Claims, Epochs, Erased, FORMAT, Proof, SentLine, VERSION, limits, technique,
};
use crate::cli::CertifyArguments;
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::{Home, replace};
use crate::ledger_command;
use crate::report::{Asker, Line, Piece, fold, sign_in};
use data_encoding::{BASE64, HEXLOWER};
use keyproto::message::Question;
use ledger::entry::{self, Act, Entry};
use std::path::PathBuf;
use terms::{Duration, FileId, Time};

/// An erasure as the ledger has it.
#[derive(Clone)]
pub(super) struct Ended {
    pub(super) number: u64,
    pub(super) at: Time,
    pub(super) act: entry::Erased,
}

/// What others say of their copies.
#[derive(Default)]
pub(super) struct Words {
    processors: Vec<Claim>,
    takers: Vec<Claim>,
}

/// `cofferdam retention certify`.
pub(super) fn certify(home: &Home, arguments: &CertifyArguments, json: bool) -> Outcome {
    let words = Words {
        processors: claims(&arguments.processor, "attested")?,
        takers: claims(&arguments.taker, "stated")?,
    };
    let mut asker = sign_in(home, &arguments.asks.officer)?;
    let ended = ended(&mut asker, arguments.file)?.ok_or_else(|| {
        Failure::NotThere("the ledger has no erasure of this file: erase it first".into())
    })?;
    let path = write(home, &mut asker, arguments.file, &ended, words)?;
    if json {
        console::json(&serde_json::json!({ "certificate": path }));
    } else {
        let text = std::fs::read_to_string(path.with_extension("txt"));
        console::say(&text.map_err(Failure::world(path.display()))?);
        console::say(&format!("the same for programs, with proofs: {}", path.display()));
    }
    Ok(())
}

fn claims(texts: &[String], stands: &str) -> Outcome<Vec<Claim>> {
    let claim = |text: &String| {
        let (who, says) = text.split_once(": ").ok_or_else(|| {
            Failure::Asked(format!("`{text}` does not say who: write `WHO: WORDS`"))
        })?;
        Ok(Claim { who: who.into(), stands: stands.into(), says: says.into() })
    };
    texts.iter().map(claim).collect()
}

/// A file's end, if the ledger has it.
pub(super) fn ended(asker: &mut Asker, file: FileId) -> Outcome<Option<Ended>> {
    let question = Question { file: Some(file), everything: true, ..Question::default() };
    let mut found = None;
    fold(asker, &question, &mut |piece| {
        if let Piece::Line(line) = piece
            && let Line { number, entry: Entry { at, act: Act::Erased(act) }, .. } = Line::of(line)?
        {
            found = Some(Ended { number, at, act });
        }
        Ok(())
    })?;
    Ok(found)
}

/// Makes the certificate and writes it into `erasures/`; returns the path of the JSON.
pub(super) fn write(
    home: &Home,
    asker: &mut Asker,
    file: FileId,
    ended: &Ended,
    words: Words,
) -> Outcome<PathBuf> {
    let epochs = epochs(asker, ended)?;
    let proof = proof(home, asker, file, ended)?;
    let certificate = Certificate {
        format: FORMAT.into(),
        version: VERSION,
        made: now().to_string(),
        file: file.to_string(),
        ledger_name: ended.act.file.to_string(),
        erased: Erased {
            entry: ended.number,
            at: ended.at.to_string(),
            officers: ended.act.by.iter().map(ToString::to_string).collect(),
            order: HEXLOWER.encode(&ended.act.order),
        },
        epochs,
        technique: technique(),
        claims: Claims {
            ours: Claim {
                who: "the operator of this ledger".into(),
                stands: "provable".into(),
                says:
                    "the erasure is on the ledger, under its signed checkpoint: that anybody can \
                       check. That from this entry on the file opens for nobody, that the key \
                       table has no key for it and the store no sealed bytes, `cofferdam \
                       retention verify` shows by trying, here"
                        .into(),
            },
            processors: words.processors,
            takers: words.takers,
        },
        limits: limits(),
        proof,
    };
    Home::make(&home.erasures())?;
    let path = home.erasures().join(format!("{file}.json"));
    let text = serde_json::to_vec_pretty(&certificate).map_err(Failure::world("certificate"))?;
    replace(&path.with_extension("txt"), certificate.text().as_bytes())?;
    replace(&path, &text)?;
    Ok(path)
}

/// The keyholder's word for the entry, and the proof that the ledger has it.
fn proof(home: &Home, asker: &mut Asker, file: FileId, ended: &Ended) -> Outcome<Proof> {
    let mut lines: Vec<SentLine> = Vec::new();
    let closed = fold(asker, &question(file, ended.at), &mut |piece| {
        if let Piece::Line(line) = piece {
            lines.push(SentLine::of(&line));
        }
        Ok(())
    })?;
    let proved = ledger::prove(&home.ledger(), ended.number, &closed.head);
    let proved = proved.map_err(ledger_command::failure)?;
    Ok(Proof {
        verifier: ledger_command::verifier(home, None)?.to_string(),
        checkpoint: closed.end.checkpoint,
        statement: closed.end.statement,
        lines,
        leaf: BASE64.encode(&proved.entry),
        inclusion: proved.proof.iter().map(|hash| BASE64.encode(hash)).collect(),
    })
}

/// What is asked so that the answer is about one erasure: the file, and the moment.
pub(super) fn question(file: FileId, at: Time) -> Question {
    let to = Some(at + Duration::from_millis(1));
    Question { file: Some(file), from: Some(at), to, everything: true, ..Question::default() }
}

/// The epoch at the erasure, and the newest since.
fn epochs(asker: &mut Asker, ended: &Ended) -> Outcome<Epochs> {
    let question = Question { from: Some(ended.at), everything: true, ..Question::default() };
    let mut newest = None;
    let bar = console::progress(0, "entries since the erasure");
    fold(asker, &question, &mut |piece| {
        match piece {
            Piece::Line(line) => {
                let line = Line::of(line)?;
                if let Act::EpochBegan(began) = &line.entry.act {
                    newest = Some((began.epoch, line.number, line.entry.at.to_string()));
                }
            }
            Piece::Read(number) => bar.set_position(number),
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    let at_erasure = ended.act.epoch;
    Ok(match newest {
        Some((epoch, entry, at)) => {
            Epochs { at_erasure, newest: Some(epoch), began_entry: Some(entry), began_at: Some(at) }
        }
        None => Epochs { at_erasure, newest: at_erasure, began_entry: None, began_at: None },
    })
}
