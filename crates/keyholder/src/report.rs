//! Reports: who opened what, read from the ledger and checked against its root as it is read.
//!
//! Trust: an officer sees every line, a patient those about the own file, without a trace of others
//! in them. The closing is signed by the ledger's key, so that the server, which carries all of it,
//! can drop, add and change nothing unnoticed. The reading itself is not recorded: the ledger grows
//! by acts, not by questions.

use crate::answer::{Asking, Forwarded, No};
use crate::entries::open_entry;
use crate::error::{KeyholderError, Result};
use crate::server::Disk;
use decision::{Event, Named, SessionView, Verdict};
use keyproto::Answer;
use keyproto::message::{CLOSING, Closing, Line, Question, Report, Tally};
use ledger::entry::Act;
use ledger::{Files, Head};
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use terms::{Blind, FileId, Role, Time};
use wanted::{Found, Wanted};

mod about;
mod scan;
mod wanted;

pub(crate) use about::About;

/// Most bytes of entries in one answer.
const LINES_BYTES_MAX: usize = 256 * 1024;

/// Answers with lines, as many answers as it takes, and the closing.
pub(crate) fn answer<F: Disk>(
    asking: &Asking<F>,
    report: Report,
    send: &mut dyn FnMut(&Answer) -> io::Result<()>,
) -> io::Result<()> {
    match tell(asking, report, send) {
        Ok(closing) => send(&Answer::Closing(closing)),
        Err(Ended::No(no)) => send(&no.into()),
        Err(Ended::Gone(error)) => Err(error),
    }
}

/// Why a report ends before its closing.
enum Ended {
    No(No),
    /// Whoever asked.
    Gone(io::Error),
}

fn tell<F: Disk>(
    asking: &Asking<F>,
    report: Report,
    send: &mut dyn FnMut(&Answer) -> io::Result<()>,
) -> std::result::Result<Closing, Ended> {
    let mut telling = Telling::allowed(asking, report).map_err(Ended::No)?;
    let wanted = Wanted::new(&telling.question, telling.file, telling.directory);
    scan::scan(asking.shared, &wanted, telling.span.clone(), |(found, next)| {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        for found in found {
            if bytes >= LINES_BYTES_MAX {
                let told = std::mem::take(&mut lines);
                send(&Answer::Lines(told, found.number)).map_err(Ended::Gone)?;
                bytes = 0;
            }
            bytes += found.bytes.len();
            lines.push(telling.line(found).map_err(Ended::No)?);
        }
        send(&Answer::Lines(lines, next)).map_err(Ended::Gone)
    })?;
    Ok(telling.closing())
}

/// Decides whether this file, or all of the ledger, is told to who asks; and whether that file
/// alone, as to a patient.
pub(crate) fn allowed<F: Files>(
    asking: &Asking<F>,
    forwarded: Forwarded,
    file: Option<FileId>,
) -> std::result::Result<(Option<Named>, bool), No> {
    let asked = asking.verified(forwarded, file)?;
    let file = file.map(|file| asking.named(file));
    let decided = asking.decide(Event::Report { asked, file })?;
    let Verdict::Report(SessionView { role, file: own, .. }) = decided.verdict else {
        return Err(asking.otherwise(&decided, None));
    };
    let is_own = own.is_some() && own == file.map(|file| file.blind);
    match role {
        Role::Officer => Ok((file, false)),
        _ if is_own => Ok((file, true)),
        _ => Err("only about the own file".into()),
    }
}

/// A report under way.
struct Telling<'a, F: Files> {
    asking: &'a Asking<'a, F>,
    proof: String,
    question: Question,
    file: Option<Blind>,
    directory: Option<Blind>,
    /// This file alone is named.
    only: Option<Blind>,
    /// The ledger when the question came: later entries are not in it.
    head: Head,
    span: Range<u64>,
    names: HashMap<Blind, Option<FileId>>,
    tally: Tally,
}

impl<'a, F: Files> Telling<'a, F> {
    fn allowed(asking: &'a Asking<F>, report: Report) -> std::result::Result<Self, No> {
        let Report { session, proof, method, url, question } = report;
        let forwarded = Forwarded { session, proof: proof.clone(), method, url };
        let (file, own) = allowed(asking, forwarded, question.file)?;
        let file = file.map(|file| file.blind);
        if question.alone && file.is_none() {
            return Err("say which file alone".into());
        }
        let only = file.filter(|_| own || question.alone);
        let head = asking.shared.log().head();
        // Entries' times never decrease, so both ends of a span are searched, not scanned for; and
        // there is nothing about a file before it was made.
        let (made, directory) = {
            let mind = asking.shared.mind()?;
            let state = mind.core.state();
            (file.and_then(|file| state.created(file)), state.directory())
        };
        let start =
            question.from.max(made).map_or(Ok(0), |from| first_at(asking, head.size, from))?;
        let end = question.to.map_or(Ok(head.size), |to| first_at(asking, head.size, to))?;
        let span = start.max(question.first)..end;
        let (names, tally) = (HashMap::new(), Tally::default());
        Ok(Telling { asking, proof, question, file, directory, only, head, span, names, tally })
    }

    fn line(&mut self, found: Found) -> std::result::Result<Line, No> {
        let Found { number, mut bytes, mut entry, mut about } = found;
        if let (Some(own), Act::Found(found)) = (self.only, &mut entry.act) {
            found.shown.retain(|file| *file == own);
            found.told.retain(|file| *file == own);
            about = About::of(&entry.act);
            bytes = entry.to_bytes();
        }
        let shared = self.asking.shared;
        let mut files = Vec::new();
        for blind in about.files {
            let name = match self.names.get(&blind) {
                Some(name) => *name,
                None => shared.table.name(&shared.ring, blind)?,
            };
            self.names.insert(blind, name);
            files.extend(name.map(|name| (blind, name)));
        }
        let mind = shared.mind()?;
        let state = mind.core.state();
        let (holder, own) = about.card.and_then(|card| state.holder(card)).unzip();
        let practice = about.practice.map_or(own, |one| state.practice_name(one));
        let [holder, practice] = [holder, practice].map(|name| name.map(str::to_owned));
        let line = Line { number, entry: bytes.into(), files, holder, practice };
        self.tally.add(&line);
        Ok(line)
    }

    fn closing(&self) -> Closing {
        let (signer, Head { size, root }) = (&self.asking.shared.ring.signer, self.head);
        let text = self.tally.closing(&self.proof, &self.question, size, &root);
        Closing { checkpoint: signer.sign(&self.head), statement: signer.sign_note(CLOSING, &text) }
    }
}

impl From<KeyholderError> for Ended {
    fn from(error: KeyholderError) -> Ended {
        Ended::No(error.into())
    }
}

/// Number of the first entry that is not before this time.
fn first_at<F: Files>(asking: &Asking<F>, size: u64, time: Time) -> Result<u64> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut at = Time::default();
        asking.shared.log().read(middle..middle + 1, |number, sealed| -> Result<()> {
            at = open_entry(&asking.shared.ring, number, sealed)?.at;
            Ok(())
        })?;
        if at < time { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}
