//! Asking the ledger, and holding the answer against what the keyholder signed.
//!
//! Trust: the server that carries the answer is believed nothing. A line counts after the
//! keyholder's signature over all of them, over this very request and its question, and over the
//! ledger's checkpoint was verified with the key that lies in the data folder.

use crate::client::{self, Ask, SignedInCard};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use data_encoding::BASE64;
use keyproto::message::{self, CLOSING, Closing, Question, Tally};
use keyproto::statement::ProofClaims;
use ledger::entry::Entry;
use ledger::{Head, LogError, Verifier};
use std::io::{BufRead, BufReader, Read};
use terms::{Blind, FileId, Time};

mod sent;

use sent::Sent;

/// Longest line that is read: an entry of the longest kind, with its names.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Most bytes of lines that are kept.
const HELD_BYTES_MAX: usize = 1 << 30;

/// A report that the keyholder made, whole and unchanged.
pub(crate) struct Reported {
    pub(crate) lines: Vec<Line>,
    pub(crate) verified: Verified,
}

/// What the lines of a report were held against.
pub(crate) struct Verified {
    pub(crate) lines: u64,
    pub(crate) head: Head,
    pub(crate) end: Closing,
}

/// An entry with its number and the names around it.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) entry: Entry,
    files: Vec<(Blind, FileId)>,
    pub(crate) holder: Option<String>,
    pub(crate) practice: Option<String>,
}

/// Asks the ledger by this card.
pub(crate) fn ask(home: &Home, card: &str, question: &Question) -> Outcome<Reported> {
    let mut held = Held::default();
    let verified = fold(&mut sign_in(home, card)?, question, &mut |piece| held.take(piece))?;
    Ok(Reported { lines: held.lines, verified })
}

/// Lines that are kept until all of them came: as many as memory is for.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) lines: Vec<Line>,
    bytes: usize,
}

impl Held {
    /// Keeps a line; of anything else there is nothing to keep.
    pub(crate) fn take(&mut self, piece: Piece) -> Outcome {
        let Piece::Line(line) = piece else { return Ok(()) };
        self.bytes += size_of::<Line>() + line.entry.len();
        if self.bytes > HELD_BYTES_MAX {
            let text = "the report is too long to be held in memory: narrow it by --from and --to";
            return Err(Failure::Asked(text.into()));
        }
        self.lines.push(Line::of(line)?);
        Ok(())
    }
}

/// A card that asks, and the key that answers are verified with.
pub(crate) struct Asker {
    pub(crate) card: SignedInCard,
    pub(crate) verifier: Verifier,
}

/// Signs this card in.
pub(crate) fn sign_in(home: &Home, card: &str) -> Outcome<Asker> {
    let config = Config::read(home)?;
    Asker::of(home, SignedInCard::sign_in(home, &config, card)?)
}

impl Asker {
    /// A card that signed in already.
    pub(crate) fn of(home: &Home, card: SignedInCard) -> Outcome<Asker> {
        Ok(Asker { card, verifier: crate::ledger_command::verifier(home, None)? })
    }
}

/// What comes of a report while it is read.
pub(crate) enum Piece {
    /// A line.
    Line(message::Line),
    /// The ledger was read up to here.
    Read(u64),
}

/// Asks the ledger and hands over each piece as it comes; nothing of them counts unless this
/// returns without an error, so whoever takes them may add up and not yet tell.
pub(crate) fn fold(
    asker: &mut Asker,
    question: &Question,
    take: &mut dyn FnMut(Piece) -> Outcome,
) -> Outcome<Verified> {
    let body = body(question);
    let ask = Ask {
        method: "POST",
        path: "/reports/who-opened",
        headers: &[("content-type", "application/json")],
        body: body.as_bytes(),
    };
    let (proof, answer) = asker.card.send_for_stream(&ask, &ProofClaims::default)?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(refused(status, &client::body(answer)?));
    }
    let mut reader = BufReader::with_capacity(64 << 10, answer.into_body().into_reader());
    let (mut tally, mut lines, mut end) = (Tally::default(), 0, None);
    let mut text = Vec::new();
    while next_line(&mut reader, &mut text)? {
        if end.is_some() {
            return Err(altered("something follows its end"));
        }
        match Sent::read(&text).ok_or_else(|| altered("a line cannot be read"))? {
            Sent::Line(line) => {
                tally.add(&line);
                lines += 1;
                take(Piece::Line(line))?;
            }
            Sent::End(found) => end = Some(found),
            Sent::Progress(read) => take(Piece::Read(read))?,
        }
    }
    let end = end.ok_or_else(|| altered("its signed end is missing"))?;
    let head = held_against(&asker.verifier, &end, &tally, &proof, question)?;
    Ok(Verified { lines, head, end })
}

/// What an answer of another status means.
pub(crate) fn refused(status: u16, body: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(body);
    match status {
        401 => Failure::Refused("the server does not let this session in (401)".into()),
        403 => Failure::Refused(
            "only an officer, or a patient about the own file, may ask the ledger; a frozen card \
             may not, nor a patient through a frozen server"
                .into(),
        ),
        400..=499 => Failure::Asked(format!("asked wrongly ({status}): {text}")),
        _ => Failure::World(format!("the server failed ({status}): {text}")),
    }
}

/// The next line without its end; false where there is none.
fn next_line(reader: &mut impl BufRead, text: &mut Vec<u8>) -> Outcome<bool> {
    text.clear();
    let read = reader.take(LINE_BYTES_MAX).read_until(b'\n', text);
    let read = read.map_err(Failure::world("reading the answer"))?;
    if text.last() == Some(&b'\n') {
        text.pop();
    } else if read as u64 == LINE_BYTES_MAX {
        return Err(altered("a line is too long"));
    }
    Ok(read > 0)
}

/// The head under which these lines are everything that answers this question.
fn held_against(
    verifier: &Verifier,
    end: &Closing,
    tally: &Tally,
    proof: &str,
    question: &Question,
) -> Outcome<Head> {
    let unsigned = |error: LogError| altered(&error.to_string());
    let head = verifier.verify(end.checkpoint.as_bytes()).map_err(unsigned)?;
    let signed = verifier.verify_note(CLOSING, &end.statement).map_err(unsigned)?;
    let came = tally.closing(proof, question, head.size, &head.root);
    if signed == came {
        return Ok(head);
    }
    let other = signed.lines().zip(came.lines()).find(|(signed, came)| signed != came);
    Err(altered(match other.and_then(|(signed, _)| signed.split_once(' ')) {
        Some(("proof", _)) => "it answers another request",
        Some(("question", _)) => "it answers another question",
        Some(("lines", _)) => "lines were dropped, added, changed or moved",
        _ => "its checkpoint is another one",
    }))
}

/// The moment that the user wrote, or none.
pub(crate) fn instant(text: Option<&str>) -> Outcome<Option<Time>> {
    let wrong =
        |text| Failure::Asked(format!("{text} is not an instant such as 2026-01-31T12:00:00Z"));
    text.map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

/// Refuses a span in which nothing can be.
pub(crate) fn span(from: Option<Time>, to: Option<Time>) -> Outcome {
    if from.is_some_and(|from| from >= to.unwrap_or_else(client::now)) {
        let text = "--from lies in the future, or not before --to: nothing can be in that span";
        return Err(Failure::Asked(text.into()));
    }
    Ok(())
}

/// The question as the server takes it.
fn body(question: &Question) -> String {
    let Question { file, card, practice, server, from, to, everything, alone, first: _ } = question;
    serde_json::json!({
        "file": file.map(|id| id.to_string()),
        "card": card.map(|id| id.to_string()),
        "practice": practice.map(|id| id.to_string()),
        "server": server.map(|id| id.to_string()),
        "from": from.map(|time| time.to_string()),
        "to": to.map(|time| time.to_string()),
        "everything": everything,
        "alone": alone,
    })
    .to_string()
}

impl Line {
    /// The file that the ledger calls so: its id, unless it is erased.
    pub(crate) fn file(&self, blind: &Blind) -> String {
        named(blind, self.file_id(blind))
    }

    /// The id of the file that the ledger calls so, unless it is erased.
    pub(crate) fn file_id(&self, blind: &Blind) -> Option<FileId> {
        let found = self.files.iter().find(|(known, _)| known == blind);
        found.map(|(_, file)| *file)
    }

    /// The line without the names around it.
    pub(crate) fn into_plain(self) -> ::incident::Line {
        ::incident::Line { number: self.number, entry: self.entry, files: self.files }
    }

    /// The line with its entry decoded.
    pub(crate) fn of(line: message::Line) -> Outcome<Line> {
        let message::Line { number, entry, files, holder, practice } = line;
        let entry = Entry::from_bytes(&entry).map_err(Failure::world("an entry of the ledger"))?;
        Ok(Line { number, entry, files, holder, practice })
    }
}

/// How a file is told: by its id, or where it is erased by the ledger's own name.
pub(crate) fn named(blind: &Blind, file: Option<FileId>) -> String {
    file.map_or_else(|| format!("erased {blind}"), |file| file.to_string())
}

impl Verified {
    /// What the keyholder signed: the checkpoint, and the statement about the lines.
    pub(crate) fn notes(&self) -> [String; 2] {
        [self.end.checkpoint.clone(), self.end.statement.clone()]
    }

    /// Says against what it was verified.
    pub(crate) fn say_verified(&self, json: bool) {
        let root = BASE64.encode(&self.head.root);
        if json {
            console::json(&serde_json::json!({ "verified": {
                "lines": self.lines,
                "entries": self.head.size,
                "root": root,
                "checkpoint": self.end.checkpoint,
                "statement": self.end.statement,
            }}));
        } else {
            let size = self.head.size;
            console::say(&format!("verified against checkpoint of {size} entries, root {root}"));
        }
    }
}

pub(crate) fn altered(how: &str) -> Failure {
    Failure::Tampered(format!(
        "the answer is not what the keyholder signed: {how}. Nothing of it counts; tell an officer"
    ))
}
