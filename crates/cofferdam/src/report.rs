//! Asking the ledger, and holding the answer against what the keyholder signed.
//!
//! Trust: the server that carries the answer is believed nothing. A line counts after the
//! keyholder's signature over all of them, over this very request and its question, and over the
//! ledger's checkpoint was verified with the key that lies in the data folder.

use crate::client::{Ask, SignedInCard};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use data_encoding::BASE64;
use keyproto::message::{self, CLOSING, Question, Tally};
use keyproto::statement::ProofClaims;
use ledger::entry::Entry;
use ledger::{Head, LogError, Verifier};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read};
use terms::{Blind, FileId, Time};

/// A report that the keyholder made, whole and unchanged.
pub(crate) struct Reported {
    pub(crate) lines: Vec<Line>,
    closed: Closed,
}

/// An entry with its number and the names around it.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) entry: Entry,
    files: Vec<(Blind, FileId)>,
    pub(crate) holder: Option<String>,
    pub(crate) practice: Option<String>,
}

/// What the keyholder signed at the end of a report.
pub(crate) struct Closed {
    lines: u64,
    pub(crate) head: Head,
    pub(crate) checkpoint: String,
    pub(crate) statement: String,
}

/// What comes of a report while it is read: nothing of it counts before the end is verified.
pub(crate) enum Piece<'a> {
    /// A line, and the same as it came.
    Line(Box<Line>, &'a SentLine),
    /// The ledger was read up to here.
    Read(u64),
}

/// Longest line of a report, in bytes: an entry, and the names around it.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// Asks the ledger by this card.
pub(crate) fn ask(home: &Home, card: &str, question: &Question) -> Outcome<Reported> {
    let config = Config::read(home)?;
    let mut card = SignedInCard::sign_in(home, &config, card)?;
    let mut lines = Vec::new();
    let closed = ask_each(home, &mut card, question, &mut |piece| {
        if let Piece::Line(line, _) = piece {
            lines.push(*line);
        }
    })?;
    Ok(Reported { lines, closed })
}

/// The same piece by piece, so that no more than a line lies in memory.
pub(crate) fn ask_each(
    home: &Home,
    card: &mut SignedInCard,
    question: &Question,
    each: &mut dyn FnMut(Piece<'_>),
) -> Outcome<Closed> {
    let verifier = crate::ledger_command::verifier(home, None)?;
    let body = body(question);
    let ask = Ask {
        method: "POST",
        path: "/reports/who-opened",
        headers: &[("content-type", "application/json")],
        body: body.as_bytes(),
    };
    let (proof, mut answer) = card.begin(&ask, &ProofClaims::default)?;
    let status = answer.status().as_u16();
    let mut reader = BufReader::new(answer.body_mut().with_config().limit(u64::MAX).reader());
    if status == 200 {
        let mut receiving = Receiving::default();
        receiving.read(reader, each)?;
        return receiving.verified(&verifier, &proof, question);
    }
    let mut text = String::new();
    (&mut reader).take(LINE_BYTES_MAX).read_to_string(&mut text).map_err(|_| altered("no text"))?;
    match status {
        401 => Err(Failure::Refused("the server does not let this session in (401)".into())),
        403 => Err(Failure::Refused(
            "only an officer, or a patient about the own file, may ask the ledger".into(),
        )),
        400..=499 => Err(Failure::Asked(format!("asked wrongly ({status}): {text}"))),
        _ => Err(Failure::World(format!("the server failed ({status}): {text}"))),
    }
}

/// The moment that the user wrote, or none.
pub(crate) fn instant(text: Option<&str>) -> Outcome<Option<Time>> {
    let wrong =
        |text| Failure::Asked(format!("{text} is not an instant such as 2026-01-31T12:00:00Z"));
    text.map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

/// The question as the server takes it.
fn body(question: &Question) -> String {
    let Question { file, card, practice, server, from, to, everything, first: _ } = question;
    serde_json::json!({
        "file": file.map(|id| id.to_string()),
        "card": card.map(|id| id.to_string()),
        "practice": practice.map(|id| id.to_string()),
        "server": server.map(|id| id.to_string()),
        "from": from.map(|time| time.to_string()),
        "to": to.map(|time| time.to_string()),
        "everything": everything,
    })
    .to_string()
}

/// What came, before it is believed.
#[derive(Default)]
struct Receiving {
    tally: Tally,
    lines: u64,
    end: Option<End>,
}

/// A line as the server writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sent {
    Line(SentLine),
    End(End),
    Progress { read: u64 },
}

/// An entry as the server writes it, and a certificate after it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentLine {
    number: u64,
    /// The entry's bytes, base64.
    entry: String,
    files: Vec<SentFile>,
    holder: Option<String>,
    practice: Option<String>,
}

#[derive(Clone, Deserialize, Serialize)]
struct SentFile {
    blind: String,
    file: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    checkpoint: String,
    statement: String,
}

impl Receiving {
    fn read(&mut self, mut from: impl BufRead, each: &mut dyn FnMut(Piece<'_>)) -> Outcome {
        let unread = || altered("a line cannot be read");
        let mut text = Vec::new();
        loop {
            text.clear();
            let mut line = (&mut from).take(LINE_BYTES_MAX);
            let length = line.read_until(b'\n', &mut text);
            if length.map_err(Failure::world("reading the answer"))? == 0 {
                return Ok(());
            }
            match serde_json::from_slice(&text).map_err(|_| unread())? {
                _ if self.end.is_some() => return Err(altered("something follows its end")),
                Sent::Line(sent) => {
                    let line = sent.decoded().ok_or_else(unread)?;
                    self.tally.add(&line);
                    self.lines += 1;
                    each(Piece::Line(Box::new(Line::of(line)?), &sent));
                }
                Sent::End(found) => self.end = Some(found),
                Sent::Progress { read } => each(Piece::Read(read)),
            }
        }
    }

    fn verified(self, verifier: &Verifier, proof: &str, question: &Question) -> Outcome<Closed> {
        let Receiving { tally, lines, end } = self;
        let End { checkpoint, statement } =
            end.ok_or_else(|| altered("its signed end is missing"))?;
        let unsigned = |error: LogError| altered(&error.to_string());
        let head = verifier.verify(checkpoint.as_bytes()).map_err(unsigned)?;
        let signed = verifier.verify_note(CLOSING, &statement).map_err(unsigned)?;
        let came = tally.closing(proof, question, head.size, &head.root);
        if signed != came {
            let other = signed.lines().zip(came.lines()).find(|(signed, came)| signed != came);
            let which = match other.and_then(|(signed, _)| signed.split_once(' ')) {
                Some(("proof", _)) => "it answers another request",
                Some(("question", _)) => "it answers another question",
                Some(("lines", _)) => "lines were dropped, added, changed or moved",
                _ => "its checkpoint is another one",
            };
            return Err(altered(which));
        }
        Ok(Closed { lines, head, checkpoint, statement })
    }
}

impl SentLine {
    /// As the keyholder told it.
    pub(crate) fn decoded(&self) -> Option<message::Line> {
        let file = |file: &SentFile| Some((file.blind.parse().ok()?, file.file.parse().ok()?));
        Some(message::Line {
            number: self.number,
            entry: BASE64.decode(self.entry.as_bytes()).ok()?.into(),
            files: self.files.iter().map(file).collect::<Option<_>>()?,
            holder: self.holder.clone(),
            practice: self.practice.clone(),
        })
    }
}

impl Line {
    /// The file that the ledger calls so: its id, unless it is erased.
    pub(crate) fn file(&self, blind: &Blind) -> String {
        let found = self.files.iter().find(|(known, _)| known == blind);
        found.map_or_else(|| format!("erased {blind}"), |(_, file)| file.to_string())
    }

    /// The line without the names around it.
    pub(crate) fn into_plain(self) -> ::incident::Line {
        ::incident::Line { number: self.number, entry: self.entry, files: self.files }
    }

    /// Its id, unless it is erased.
    pub(crate) fn id(&self, blind: &Blind) -> Option<FileId> {
        self.files.iter().find(|(known, _)| known == blind).map(|(_, file)| *file)
    }

    fn of(line: message::Line) -> Outcome<Line> {
        let message::Line { number, entry, files, holder, practice } = line;
        let entry = Entry::from_bytes(&entry).map_err(Failure::world("an entry of the ledger"))?;
        Ok(Line { number, entry, files, holder, practice })
    }
}

impl Reported {
    /// What the keyholder signed: the checkpoint, and the statement about the lines.
    pub(crate) fn notes(&self) -> [String; 2] {
        [self.closed.checkpoint.clone(), self.closed.statement.clone()]
    }

    /// Says against what it was verified.
    pub(crate) fn say_verified(&self, json: bool) {
        self.closed.say_verified(json);
    }
}

impl Closed {
    /// Says against what the report was verified.
    pub(crate) fn say_verified(&self, json: bool) {
        let root = BASE64.encode(&self.head.root);
        if json {
            console::json(&serde_json::json!({ "verified": {
                "lines": self.lines,
                "entries": self.head.size,
                "root": root,
                "checkpoint": self.checkpoint,
                "statement": self.statement,
            }}));
        } else {
            let size = self.head.size;
            console::say(&format!("verified against checkpoint of {size} entries, root {root}"));
        }
    }
}

fn altered(how: &str) -> Failure {
    Failure::Tampered(format!(
        "the answer is not what the keyholder signed: {how}. Nothing of it counts; tell an officer"
    ))
}
