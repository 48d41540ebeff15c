//! Asking the ledger, and holding the answer against what the keyholder signed.
//!
//! Trust: the server that carries the answer is believed nothing. A line counts after the
//! keyholder's signature over all of them, over this very request and its question, and over the
//! ledger's checkpoint was verified with the key that lies in the data folder.

use crate::client::{Answer, Ask, SignedInCard};
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
use terms::{Blind, FileId, Time};

/// A report that the keyholder made, whole and unchanged.
pub(crate) struct Reported {
    pub(crate) lines: Vec<Line>,
    head: Head,
    end: End,
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
    let verifier = crate::ledger_command::verifier(home, None)?;
    let config = Config::read(home)?;
    let mut card = SignedInCard::sign_in(home, &config, card)?;
    let body = body(question);
    let ask = Ask {
        method: "POST",
        path: "/reports/who-opened",
        headers: &[("content-type", "application/json")],
        body: body.as_bytes(),
    };
    let Answer { status, body, proof, .. } = card.send(&ask, &ProofClaims::default)?;
    let text = String::from_utf8(body).map_err(|_| altered("it is not text"))?;
    match status {
        200 => Received::read(&text)?.verified(&verifier, &proof, question),
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
struct Received {
    lines: Vec<message::Line>,
    end: End,
}

/// A line as the server writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sent {
    Line(SentLine),
    End(End),
    Progress {
        #[serde(rename = "read")]
        _read: u64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentLine {
    number: u64,
    /// The entry's bytes, base64.
    entry: String,
    files: Vec<SentFile>,
    holder: Option<String>,
    practice: Option<String>,
}

#[derive(Deserialize)]
struct SentFile {
    blind: String,
    file: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct End {
    checkpoint: String,
    statement: String,
}

impl Received {
    fn read(text: &str) -> Outcome<Received> {
        let (mut lines, mut end) = (Vec::new(), None);
        for line in text.lines() {
            let unread = || altered("a line cannot be read");
            match serde_json::from_str(line).map_err(|_| unread())? {
                _ if end.is_some() => return Err(altered("something follows its end")),
                Sent::Line(line) => lines.push(line.decoded().ok_or_else(unread)?),
                Sent::End(found) => end = Some(found),
                Sent::Progress { .. } => {}
            }
        }
        let end = end.ok_or_else(|| altered("its signed end is missing"))?;
        Ok(Received { lines, end })
    }

    fn verified(self, verifier: &Verifier, proof: &str, question: &Question) -> Outcome<Reported> {
        let unsigned = |error: LogError| altered(&error.to_string());
        let head = verifier.verify(self.end.checkpoint.as_bytes()).map_err(unsigned)?;
        let signed = verifier.verify_note(CLOSING, &self.end.statement).map_err(unsigned)?;
        let mut tally = Tally::default();
        self.lines.iter().for_each(|line| tally.add(line));
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
        let lines = self.lines.into_iter().map(Line::of).collect::<Outcome<_>>()?;
        Ok(Reported { lines, head, end: self.end })
    }
}

impl SentLine {
    fn decoded(self) -> Option<message::Line> {
        let file = |file: SentFile| Some((file.blind.parse().ok()?, file.file.parse().ok()?));
        Some(message::Line {
            number: self.number,
            entry: BASE64.decode(self.entry.as_bytes()).ok()?.into(),
            files: self.files.into_iter().map(file).collect::<Option<_>>()?,
            holder: self.holder,
            practice: self.practice,
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

    fn of(line: message::Line) -> Outcome<Line> {
        let message::Line { number, entry, files, holder, practice } = line;
        let entry = Entry::from_bytes(&entry).map_err(Failure::world("an entry of the ledger"))?;
        Ok(Line { number, entry, files, holder, practice })
    }
}

impl Reported {
    /// What the keyholder signed: the checkpoint, and the statement about the lines.
    pub(crate) fn notes(&self) -> [String; 2] {
        [self.end.checkpoint.clone(), self.end.statement.clone()]
    }

    /// Says against what it was verified.
    pub(crate) fn say_verified(&self, json: bool) {
        let root = BASE64.encode(&self.head.root);
        if json {
            console::json(&serde_json::json!({ "verified": {
                "lines": self.lines.len(),
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

fn altered(how: &str) -> Failure {
    Failure::Tampered(format!(
        "the answer is not what the keyholder signed: {how}. Nothing of it counts; tell an officer"
    ))
}
