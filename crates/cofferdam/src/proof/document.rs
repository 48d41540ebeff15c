//! What is handed to a stranger, and how it is checked: `docs/api/proofs.md`.
//!
//! Trust: nothing in a document is believed but what the ledger's key signed, and what hashes into
//! a checkpoint that it signed. Whoever checks brings the key.

use data_encoding::BASE64;
use keyproto::message::{CLOSING, Line, NAMING, Question, Tally, naming};
use ledger::entry::{Act, Entry};
use ledger::{Disclosure, Hash, Head, PATH_HASHES_MAX, Verifier, verify_consistency};
use serde::{Deserialize, Serialize};
use terms::{Blind, FileId, Time};

/// The longest document that is read, in bytes.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The first member of every document.
pub(crate) const FORMAT: &str = "cofferdam ledger proof v1";

/// Why a document proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

/// A document as it is written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) format: String,
    pub(crate) file: String,
    /// The checkpoint that everything is proved against.
    pub(crate) checkpoint: String,
    /// The keyholder's note on how the ledger names the file.
    pub(crate) naming: String,
    /// The keyholder's note that these are all entries.
    pub(crate) statement: String,
    pub(crate) entries: Vec<Told>,
    /// An earlier checkpoint that the ledger begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Since>,
}

/// One entry as the report told it, and its proof.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    pub(crate) number: u64,
    pub(crate) entry: String,
    /// Whether the file is erased, so that its id is no longer told beside the entry.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) erased: bool,
    pub(crate) holder: Option<String>,
    pub(crate) practice: Option<String>,
    /// Without it the entry names other files too, and stands on the keyholder's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) proof: Option<Proof>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    pub(crate) leaf: String,
    pub(crate) salt: String,
    pub(crate) path: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Since {
    pub(crate) checkpoint: String,
    pub(crate) path: Vec<String>,
}

/// What a document was found to prove.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) file: FileId,
    pub(crate) origin: String,
    pub(crate) head: Head,
    pub(crate) from: Option<Time>,
    pub(crate) to: Option<Time>,
    pub(crate) entries: Vec<CheckedEntry>,
    /// The size of the checkpoint that the checker brought and that this ledger agrees with.
    pub(crate) agrees: Option<u64>,
}

/// One entry that was checked.
#[derive(Debug)]
pub(crate) struct CheckedEntry {
    pub(crate) number: u64,
    pub(crate) entry: Entry,
    pub(crate) holder: Option<String>,
    pub(crate) practice: Option<String>,
    /// Whether it was found in the ledger itself, and not only in the signed report.
    pub(crate) proved: bool,
}

impl Document {
    /// Reads a document; nothing of it is checked yet.
    pub(crate) fn read(bytes: &[u8]) -> Result<Document, Refused> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(no("it is too long"));
        }
        // The error would quote what stands there.
        let document: Document =
            serde_json::from_slice(bytes).map_err(|_| no("it is not a document of a proof"))?;
        if document.format != FORMAT {
            return Err(no("it is of another format"));
        }
        Ok(document)
    }

    /// What it proves to whoever has this key, and perhaps a checkpoint from elsewhere.
    pub(crate) fn check(
        &self,
        verifier: &Verifier,
        known: Option<&Head>,
    ) -> Result<Checked, Refused> {
        let head = verifier.verify(self.checkpoint.as_bytes()).map_err(signed)?;
        let agrees = known.map(|known| self.agrees(verifier, &head, known)).transpose()?;
        let file: FileId = self.file.parse().map_err(|_| no("it names no file"))?;
        let blind = self.blind(verifier, &head, file)?;
        let mut tally = Tally::default();
        let mut entries: Vec<CheckedEntry> = Vec::new();
        for told in &self.entries {
            let bytes = decoded(&told.entry)?;
            tally.add(&told.line(&bytes, blind, file));
            let checked = told.check(&head, blind, bytes)?;
            if entries.last().is_some_and(|last| last.number >= checked.number) {
                return Err(no("its entries are out of order"));
            }
            entries.push(checked);
        }
        let question = self.question(verifier, &head, &tally)?;
        let Question { from, to, .. } = question;
        let told_so = Question { file: Some(file), from, to, alone: true, ..Question::default() };
        if question != told_so {
            return Err(no("its statement answers another question"));
        }
        let in_span = |time: Time| from.is_none_or(|f| f <= time) && to.is_none_or(|t| time < t);
        if !entries.iter().all(|checked| in_span(checked.entry.at)) {
            return Err(no("an entry is of another time than it is about"));
        }
        let origin = verifier.origin().to_owned();
        Ok(Checked { file, origin, head, from, to, entries, agrees })
    }

    /// The size of the checkpoint from elsewhere, if this ledger has it in its past.
    fn agrees(&self, verifier: &Verifier, head: &Head, known: &Head) -> Result<u64, Refused> {
        if known == head {
            return Ok(known.size);
        }
        if known.size == head.size {
            return Err(no("the ledger has two histories: its checkpoint is not the one you have"));
        }
        let unconnected = "it does not say how its checkpoint follows from the one you have: ask \
                           for a document made with `--checkpoint` and that one";
        let since = self.since.as_ref().ok_or_else(|| no(unconnected))?;
        let older = verifier.verify(since.checkpoint.as_bytes()).map_err(signed)?;
        if older.size != known.size {
            return Err(no(unconnected));
        }
        if older != *known {
            return Err(no("the ledger has two histories: its checkpoint is not the one you have"));
        }
        verify_consistency(&older, head, &hashes(&since.path)?)
            .map_err(|_| no("its ledger does not begin with the checkpoint you have"))?;
        Ok(older.size)
    }

    /// The file's name in the ledger, by the keyholder's note.
    fn blind(&self, verifier: &Verifier, head: &Head, file: FileId) -> Result<Blind, Refused> {
        let note = verifier.verify_note(NAMING, &self.naming).map_err(signed)?;
        let blind = note.trim_end().rsplit_once("is ").and_then(|(_, name)| name.parse().ok());
        let blind = blind.ok_or_else(|| no("its note on the file's name is malformed"))?;
        if note != naming(head.size, &head.root, file, blind) {
            return Err(no("its note on the file's name is of another file or ledger"));
        }
        Ok(blind)
    }

    /// The question that the keyholder's statement answers with exactly these lines.
    fn question(
        &self,
        verifier: &Verifier,
        head: &Head,
        tally: &Tally,
    ) -> Result<Question, Refused> {
        let statement = verifier.verify_note(CLOSING, &self.statement).map_err(signed)?;
        let member = |name: &str| {
            let line = statement.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|text| BASE64.decode(text.as_bytes()).ok())
        };
        let malformed = || no("its statement is malformed");
        let proof = member("proof ").and_then(|proof| proof.try_into().ok());
        let question = member("question ").and_then(|bytes| Question::from_bytes(&bytes).ok());
        let (proof, question) = proof.zip(question).ok_or_else(malformed)?;
        if statement != tally.closing_of(&proof, &question, head.size, &head.root) {
            return Err(no("entries were dropped, added, changed or moved"));
        }
        Ok(question)
    }
}

impl Told {
    /// The line of the report that was signed.
    fn line(&self, bytes: &[u8], blind: Blind, file: FileId) -> Line {
        Line {
            number: self.number,
            entry: bytes.to_vec().into(),
            files: if self.erased { Vec::new() } else { vec![(blind, file)] },
            holder: self.holder.clone(),
            practice: self.practice.clone(),
        }
    }

    fn check(&self, head: &Head, blind: Blind, bytes: Vec<u8>) -> Result<CheckedEntry, Refused> {
        let number = self.number;
        let entry = Entry::from_bytes(&bytes).map_err(|_| no("an entry cannot be read"))?;
        let (about, is_look_up) = match &entry.act {
            Act::Opened(opened) => (opened.file == blind, false),
            Act::OpenedByJob(opened) => (opened.file == blind, false),
            Act::Deposited(deposit) | Act::Abandoned(deposit) => (deposit.file == blind, false),
            Act::Found(found) => (found.shown.iter().chain(&found.told).eq([&blind]), true),
            _ => (false, false),
        };
        if !about {
            return Err(no(&format!("entry {number} is about something else")));
        }
        match &self.proof {
            Some(proof) => proof.check(head, number, bytes)?,
            None if is_look_up => {}
            None => return Err(no(&format!("entry {number} is there without its proof"))),
        }
        let (holder, practice) = (self.holder.clone(), self.practice.clone());
        Ok(CheckedEntry { number, entry, holder, practice, proved: self.proof.is_some() })
    }
}

impl Proof {
    fn check(&self, head: &Head, number: u64, entry: Vec<u8>) -> Result<(), Refused> {
        let refused = || no(&format!("entry {number} is not in the ledger as it is told"));
        let (leaf, salt) = (decoded(&self.leaf)?, decoded(&self.salt)?);
        let salt = salt.try_into().map_err(|_| refused())?;
        let disclosure = Disclosure { number, leaf, salt, entry, path: hashes(&self.path)? };
        disclosure.verify(head).map(drop).map_err(|_| refused())
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, Refused> {
    BASE64.decode(text.as_bytes()).map_err(|_| no("it is not base64 where it should be"))
}

fn hashes(path: &[String]) -> Result<Vec<Hash>, Refused> {
    if path.len() > 2 * PATH_HASHES_MAX {
        return Err(no("a path is too long"));
    }
    let hash = |text: &String| decoded(text)?.try_into().map_err(|_| no("a hash is too long"));
    path.iter().map(hash).collect()
}

fn signed(error: ledger::LogError) -> Refused {
    no(&error.to_string())
}

fn no(why: &str) -> Refused {
    Refused(why.to_owned())
}

#[cfg(test)]
mod tests;
