//! Reports: who opened what, read from the ledger and checked against its root as it is read.
//!
//! Trust: an officer sees every line, a patient those about the own file, without a trace of others
//! in them. The reading itself is not recorded: the ledger grows by acts, not by questions.

use crate::answer::{Asking, Forwarded, No};
use crate::error::Result;
use crate::start::open_entry;
use decision::{Event, SessionView, Verdict};
use keyproto::Answer;
use keyproto::message::{Line, Report};
use ledger::entry::{Act, Entry};
use ledger::{Files, Log};
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use terms::{Blind, FileId, Role, Time};

mod about;

use about::About;

/// Entries read at once: between two readings others may write.
const READ: u64 = 1024;
/// Most bytes of entries in one answer.
const LINES_BYTES_MAX: usize = 256 * 1024;

/// Answers with lines, as many answers as it takes; one without lines ends it.
pub(crate) fn answer<F: Files>(
    asking: &Asking<F>,
    report: Report,
    send: &mut dyn FnMut(&Answer) -> io::Result<()>,
) -> io::Result<()> {
    let filter = match Filter::allowed(asking, report) {
        Ok(filter) => filter,
        Err(no) => return send(&no.into()),
    };
    match lines(asking, &filter, send) {
        Ok(()) => send(&Answer::Lines(Vec::new())),
        Err(Broken::Ours(no)) => send(&no.into()),
        Err(Broken::Theirs(error)) => Err(error),
    }
}

/// What is asked for.
struct Filter {
    about: About,
    /// A patient sees this file alone.
    only: Option<Blind>,
    from: Option<Time>,
    to: Option<Time>,
    everything: bool,
}

impl Filter {
    fn allowed<F: Files>(asking: &Asking<F>, report: Report) -> std::result::Result<Filter, No> {
        let Report { session, proof, method, url, file, card, practice, server, from, to, .. } =
            report;
        let asked = asking.verified(Forwarded { session, proof, method, url }, file)?;
        let file = file.map(|file| asking.named(file));
        let decided = asking.decide(Event::Report { asked, file })?;
        let Verdict::Report(SessionView { role, file: own, .. }) = decided.verdict else {
            return Err(asking.otherwise(&decided, None));
        };
        let blind = file.map(|file| file.blind);
        let only = match role {
            Role::Officer => None,
            Role::Patient if own.is_some() && own == blind => own,
            _ => return Err("a patient asks about the own file".into()),
        };
        let about = About { file: blind, card, practice, server };
        Ok(Filter { about, only, from, to, everything: report.everything })
    }

    fn matches(&self, act: &Act) -> bool {
        let kind = match act {
            Act::Opened(_) | Act::Deposited(_) => true,
            Act::Found(found) => !found.shown.is_empty() || self.everything,
            _ => self.everything,
        };
        kind && self.about.matches(act)
    }
}

enum Broken {
    Ours(No),
    Theirs(io::Error),
}

impl<E: Into<No>> From<E> for Broken {
    fn from(error: E) -> Broken {
        Broken::Ours(error.into())
    }
}

fn lines<F: Files>(
    asking: &Asking<F>,
    filter: &Filter,
    send: &mut dyn FnMut(&Answer) -> io::Result<()>,
) -> std::result::Result<(), Broken> {
    let Range { mut start, end } = range(asking, filter)?;
    let mut names = HashMap::new();
    while start < end {
        let until = end.min(start + READ);
        let mut found = Vec::new();
        read(&asking.shared.log(), start..until, |number, sealed| {
            let entry = open_entry(&asking.shared.ring, number, sealed)?;
            if filter.matches(&entry.act) {
                found.push((number, entry));
            }
            Ok(())
        })?;
        start = until;
        let mut lines = Vec::new();
        let mut bytes = 0;
        for (number, entry) in found {
            let line = line(asking, filter, &mut names, number, entry)?;
            bytes += line.entry.len();
            lines.push(line);
            if bytes > LINES_BYTES_MAX {
                bytes = 0;
                let some = Answer::Lines(std::mem::take(&mut lines));
                send(&some).map_err(Broken::Theirs)?;
            }
        }
        if !lines.is_empty() {
            send(&Answer::Lines(lines)).map_err(Broken::Theirs)?;
        }
    }
    Ok(())
}

fn line<F: Files>(
    asking: &Asking<F>,
    filter: &Filter,
    names: &mut HashMap<Blind, Option<FileId>>,
    number: u64,
    mut entry: Entry,
) -> std::result::Result<Line, Broken> {
    if let (Some(own), Act::Found(found)) = (filter.only, &mut entry.act) {
        found.shown.retain(|file| *file == own);
        found.told.retain(|file| *file == own);
    }
    let about = About::of(&entry.act);
    let mut files = Vec::new();
    for blind in about::files(&entry.act) {
        let shared = asking.shared;
        let name = match names.get(&blind) {
            Some(name) => *name,
            None => shared.table.get(&shared.ring, blind)?.map(|(file, _)| file),
        };
        names.insert(blind, name);
        files.extend(name.map(|name| (blind, name)));
    }
    let mind = asking.shared.mind()?;
    let state = mind.core.state();
    Ok(Line {
        number,
        entry: entry.to_bytes().into(),
        files,
        holder: about.card.and_then(|card| state.holder(card)).map(Into::into),
        practice: about.practice.and_then(|one| state.practice_name(one)).map(Into::into),
    })
}

/// The entries of the time asked for: entries' times never decrease, so both ends are searched.
fn range<F: Files>(asking: &Asking<F>, filter: &Filter) -> Result<Range<u64>> {
    let size = asking.shared.log().head().size;
    let start = filter.from.map_or(Ok(0), |from| first_at(asking, size, from))?;
    let end = filter.to.map_or(Ok(size), |to| first_at(asking, size, to))?;
    Ok(start..end)
}

/// Number of the first entry that is not before this time.
fn first_at<F: Files>(asking: &Asking<F>, size: u64, time: Time) -> Result<u64> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut at = Time::default();
        read(&asking.shared.log(), middle..middle + 1, |number, sealed| {
            at = open_entry(&asking.shared.ring, number, sealed)?.at;
            Ok(())
        })?;
        if at < time { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

fn read<F: Files>(
    log: &Log<F>,
    range: Range<u64>,
    each: impl FnMut(u64, &[u8]) -> Result<()>,
) -> Result<()> {
    log.read(range, each)
}
