//! Reports: who opened what, read from the ledger and checked against its root as it is read.
//!
//! Trust: an officer sees every line, a patient those about the own file, without a trace of others
//! in them. The closing is signed by the ledger's key, so that the server, which carries all of it,
//! can drop, add and change nothing unnoticed. The reading itself is not recorded: the ledger grows
//! by acts, not by questions.

use crate::answer::{Asking, Forwarded, No};
use crate::error::Result;
use crate::start::open_entry;
use decision::{Event, SessionView, Verdict};
use keyproto::Answer;
use keyproto::message::{CLOSING, Closing, Line, Question, Report, Tally};
use ledger::entry::{Act, Entry};
use ledger::{Files, Head};
use std::collections::HashMap;
use std::io;
use terms::{Blind, FileId, Role, Time};

mod about;

use about::About;

/// Entries read at once: between two readings others may write, and the reader hears of it.
const READ: u64 = 1024;
/// Most bytes of entries in one answer.
const LINES_BYTES_MAX: usize = 256 * 1024;

/// Answers with lines, as many answers as it takes, and the closing.
pub(crate) fn answer<F: Files>(
    asking: &Asking<F>,
    report: Report,
    send: &mut dyn FnMut(&Answer) -> io::Result<()>,
) -> io::Result<()> {
    let mut telling = match Telling::allowed(asking, report) {
        Ok(telling) => telling,
        Err(no) => return send(&no.into()),
    };
    loop {
        let answer = telling.next().unwrap_or_else(Answer::from);
        send(&answer)?;
        if !matches!(answer, Answer::Lines(..)) {
            return Ok(());
        }
    }
}

/// A report under way.
struct Telling<'a, F: Files> {
    asking: &'a Asking<'a, F>,
    proof: String,
    question: Question,
    file: Option<Blind>,
    /// A patient sees this file alone.
    only: Option<Blind>,
    /// The ledger when the question came: later entries are not in it.
    head: Head,
    next: u64,
    end: u64,
    names: HashMap<Blind, Option<FileId>>,
    tally: Tally,
}

impl<'a, F: Files> Telling<'a, F> {
    fn allowed(asking: &'a Asking<F>, report: Report) -> std::result::Result<Self, No> {
        let Report { session, proof, method, url, question } = report;
        let forwarded = Forwarded { session, proof: proof.clone(), method, url };
        let asked = asking.verified(forwarded, question.file)?;
        let file = question.file.map(|file| asking.named(file));
        let decided = asking.decide(Event::Report { asked, file })?;
        let Verdict::Report(SessionView { role, file: own, .. }) = decided.verdict else {
            return Err(asking.otherwise(&decided, None));
        };
        let file = file.map(|file| file.blind);
        let only = match role {
            Role::Officer => None,
            _ => Some(own.filter(|own| Some(*own) == file).ok_or("only about the own file")?),
        };
        let head = asking.shared.log().head();
        // Entries' times never decrease, so both ends of a span are searched, not scanned for; and
        // there is nothing about a file before it was made.
        let made = match file {
            Some(file) => asking.shared.mind()?.core.state().created(file),
            None => None,
        };
        let start =
            question.from.max(made).map_or(Ok(0), |from| first_at(asking, head.size, from))?;
        let end = question.to.map_or(Ok(head.size), |to| first_at(asking, head.size, to))?;
        let (next, names, tally) = (start.max(question.first), HashMap::new(), Tally::default());
        Ok(Telling { asking, proof, question, file, only, head, next, end, names, tally })
    }

    /// The lines of the next entries, or the closing.
    fn next(&mut self) -> std::result::Result<Answer, No> {
        if self.next >= self.end {
            return Ok(Answer::Closing(self.closing()));
        }
        let shared = self.asking.shared;
        let (mut found, mut bytes, mut next) = (Vec::new(), 0, self.next);
        let until = self.end.min((next / READ + 1) * READ);
        shared.log().read(next..until, |number, sealed| -> Result<()> {
            if bytes < LINES_BYTES_MAX {
                let entry = open_entry(&shared.ring, number, sealed)?;
                if self.wants(&entry.act) {
                    bytes += sealed.len();
                    found.push((number, entry));
                }
                next = number + 1;
            }
            Ok(())
        })?;
        self.next = next;
        let lines = found.into_iter().map(|(number, entry)| self.line(number, entry));
        Ok(Answer::Lines(lines.collect::<std::result::Result<_, No>>()?, next))
    }

    fn wants(&self, act: &Act) -> bool {
        fn fits<T: PartialEq>(wanted: Option<T>, found: Option<T>) -> bool {
            wanted.is_none() || wanted == found
        }
        let asked = &self.question;
        let exposes = match act {
            Act::Opened(_) | Act::OpenedByJob(_) | Act::Deposited(_) | Act::Abandoned(_) => true,
            Act::Found(found) => !found.shown.is_empty(),
            _ => false,
        };
        let about = About::of(act);
        (exposes || asked.everything)
            && fits(asked.card, about.card)
            && fits(asked.practice, about.practice)
            && fits(asked.server, about.server)
            && self.file.is_none_or(|file| about.files.contains(&file))
    }

    fn line(&mut self, number: u64, mut entry: Entry) -> std::result::Result<Line, No> {
        if let (Some(own), Act::Found(found)) = (self.only, &mut entry.act) {
            found.shown.retain(|file| *file == own);
            found.told.retain(|file| *file == own);
        }
        let shared = self.asking.shared;
        let about = About::of(&entry.act);
        let mut files = Vec::new();
        for blind in about.files {
            let name = match self.names.get(&blind) {
                Some(name) => *name,
                None => shared.table.get(&shared.ring, blind)?.map(|(file, _)| file),
            };
            self.names.insert(blind, name);
            files.extend(name.map(|name| (blind, name)));
        }
        let mind = shared.mind()?;
        let state = mind.core.state();
        let (holder, own) = about.card.and_then(|card| state.holder(card)).unzip();
        let practice = about.practice.map_or(own, |one| state.practice_name(one));
        let [holder, practice] = [holder, practice].map(|name| name.map(str::to_owned));
        let line = Line { number, entry: entry.to_bytes().into(), files, holder, practice };
        self.tally.add(&line);
        Ok(line)
    }

    fn closing(&self) -> Closing {
        let (signer, Head { size, root }) = (&self.asking.shared.ring.signer, self.head);
        let text = self.tally.closing(&self.proof, &self.question, size, &root);
        Closing { checkpoint: signer.sign(&self.head), statement: signer.sign_note(CLOSING, &text) }
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
