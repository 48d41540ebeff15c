//! `cofferdam who-opened`: exact files and sections, from the ledger.

use crate::cli::WhoOpenedArguments;
use crate::console;
use crate::failure::Outcome;
use crate::home::Home;
use crate::incident::subjects;
use crate::report::{Held, Line, Piece, fold, instant, named, sign_in, span};
use ::incident::Scope;
use keyproto::message::Question;
use ledger::entry::Act;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::slice;
use terms::{Blind, FileId, Section, Sections};

/// `cofferdam who-opened`.
pub(crate) fn who_opened(home: &Home, arguments: &WhoOpenedArguments, json: bool) -> Outcome {
    let question = Question {
        file: arguments.patient,
        card: arguments.by_card,
        practice: arguments.by_practice,
        server: arguments.server,
        from: instant(arguments.from.as_deref())?,
        to: instant(arguments.to.as_deref())?,
        ..Question::default()
    };
    span(question.from, question.to)?;
    let mut asker = sign_in(home, &arguments.card)?;
    let (mut held, mut exposed) = (Held::default(), Exposed::of(question.file));
    let verified = fold(&mut asker, &question, &mut |piece| {
        match piece {
            Piece::Line(line) if arguments.sum => exposed.add(&Line::of(line)?),
            piece => held.take(piece)?,
        }
        Ok(())
    })?;
    if verified.lines == 0 {
        // Of a mistyped card nobody is to believe that it opened nothing.
        let Question { card, practice, server, .. } = question;
        subjects::doubts(&mut asker, &Scope { card, practice, server, ..Scope::default() })?;
        question.file.map_or(Ok(()), |file| subjects::known_file(&mut asker, file))?;
    }
    held.lines.iter().for_each(|line| exposed.add(line));
    for line in &held.lines {
        let told = Told::of(line);
        if json {
            console::json(&told);
        } else {
            console::say(&console::one_line(&told.for_people()));
        }
    }
    say_sum(verified.lines, exposed.files(), json);
    verified.say_verified(json);
    Ok(())
}

fn say_sum(entries: u64, exposed: BTreeMap<String, Sections>, json: bool) {
    if json {
        let words = |sections: &Sections| sections.iter().map(Section::word).collect::<Vec<_>>();
        let files: BTreeMap<_, _> = exposed.iter().map(|(file, s)| (file, words(s))).collect();
        let total = serde_json::json!({"entries": entries, "files": files});
        console::json(&serde_json::json!({"total": total}));
    } else {
        console::heading(&format!("{entries} entries, {} files", exposed.len()));
        for (file, sections) in exposed {
            console::say(&format!("{file}  {sections}"));
        }
    }
}

/// Every file that these lines tell of, or this one alone, with the sections of it.
pub(crate) fn exposed(lines: &[Line], only: Option<FileId>) -> BTreeMap<String, Sections> {
    let mut exposed = Exposed::of(only);
    lines.iter().for_each(|line| exposed.add(line));
    exposed.files()
}

/// Adds up what lines expose: a row for each file, however many lines there are.
pub(crate) struct Exposed {
    only: Option<FileId>,
    rows: HashMap<(Blind, bool), Row>,
}

/// One file, under its ledger name and whether it was never made.
struct Row {
    file: Option<FileId>,
    sections: Sections,
}

impl Exposed {
    pub(crate) fn of(only: Option<FileId>) -> Exposed {
        Exposed { only, rows: HashMap::new() }
    }

    /// Takes the next line in.
    pub(crate) fn add(&mut self, line: &Line) {
        let (files, sections, never) = touched(&line.entry.act);
        for blind in files {
            let file = line.file_id(blind).filter(|_| !never);
            // An erased file has no id any more; an entry about it alone is what was asked for.
            let is_only = self.only == file || (file.is_none() && files.len() == 1);
            if self.only.is_none() || is_only {
                let empty = || Row { file, sections: Sections::NONE };
                let row = self.rows.entry((*blind, never)).or_insert_with(empty);
                row.sections = row.sections.union(sections);
            }
        }
    }

    /// The files that are not erased, with the sections of each.
    pub(crate) fn known(&self) -> impl Iterator<Item = (FileId, Sections)> {
        self.rows.values().filter_map(|row| Some((row.file?, row.sections)))
    }

    fn files(self) -> BTreeMap<String, Sections> {
        let named = self.rows.into_iter().map(|((blind, never), row)| {
            let name = if never { never_made(&blind) } else { named(&blind, row.file) };
            (name, row.sections)
        });
        named.collect()
    }
}

/// The files that an entry exposes, sections of them, and whether it is a file that never was.
fn touched(act: &Act) -> (&[Blind], Sections, bool) {
    match act {
        Act::Opened(opened) => (slice::from_ref(&opened.file), opened.sections, false),
        Act::OpenedByJob(opened) => (slice::from_ref(&opened.file), opened.sections, false),
        Act::Found(found) => (&found.shown, Sections::of(&[Section::Label]), false),
        Act::Deposited(deposited) => {
            (slice::from_ref(&deposited.file), deposited.sections.iter().copied().collect(), false)
        }
        Act::Abandoned(grant) => {
            let sections = grant.sections.iter().copied().collect();
            (slice::from_ref(&grant.file), sections, grant.first == 0)
        }
        _ => (&[], Sections::NONE, false),
    }
}

fn never_made(blind: &Blind) -> String {
    format!("never made {blind}")
}

/// An entry as it is told: what was read, by whom, why.
#[derive(Serialize)]
struct Told<'a> {
    number: u64,
    at: String,
    act: &'static str,
    /// The files, by id; by the ledger's own name where they are erased.
    files: Vec<String>,
    sections: Vec<&'static str>,
    #[serde(skip)]
    of_sections: Sections,
    card: Option<String>,
    holder: Option<&'a str>,
    practice: Option<&'a str>,
    server: Option<String>,
    relation: Option<&'static str>,
    purpose: Option<&'static str>,
    reason: Option<&'a str>,
    job: Option<String>,
}

impl<'a> Told<'a> {
    fn of(line: &'a Line) -> Told<'a> {
        let mut told = Told {
            number: line.number,
            at: line.entry.at.to_string(),
            act: "",
            files: Vec::new(),
            sections: Vec::new(),
            of_sections: Sections::NONE,
            card: None,
            holder: line.holder.as_deref(),
            practice: line.practice.as_deref(),
            server: None,
            relation: None,
            purpose: None,
            reason: None,
            job: None,
        };
        told.fill(line);
        told.sections = told.of_sections.iter().map(Section::word).collect();
        told
    }

    fn fill(&mut self, line: &'a Line) {
        let (files, sections, never) = touched(&line.entry.act);
        let name = |blind: &Blind| if never { never_made(blind) } else { line.file(blind) };
        self.files = files.iter().map(name).collect();
        self.of_sections = sections;
        match &line.entry.act {
            Act::Opened(opened) => {
                self.act = "opened";
                self.card = Some(opened.card.to_string());
                self.server = Some(opened.server.to_string());
                self.relation = Some(opened.class.word());
                self.purpose = Some(opened.purpose.word());
                self.reason = opened.reason.as_deref();
            }
            Act::OpenedByJob(opened) => {
                self.act = "opened-by-job";
                self.card = Some(opened.card.to_string());
                self.server = Some(opened.server.to_string());
                self.job = Some(opened.job.to_string());
            }
            Act::Found(found) => {
                self.act = "found";
                self.card = Some(found.card.to_string());
                self.server = Some(found.server.to_string());
            }
            Act::Deposited(deposited) | Act::Abandoned(deposited) => {
                let came = matches!(line.entry.act, Act::Deposited(_));
                self.act = if came { "deposited" } else { "abandoned" };
                self.card = Some(deposited.card.to_string());
                self.server = Some(deposited.server.to_string());
            }
            _ => self.act = "other",
        }
    }

    fn for_people(&self) -> String {
        let who = self.holder.or(self.card.as_deref()).unwrap_or("-");
        let practice = self.practice.unwrap_or("-");
        let mut text =
            format!("{:>8}  {}  {:<13} {who} ({practice})", self.number, self.at, self.act);
        let details = [
            ("relation", self.relation),
            ("purpose", self.purpose),
            ("reason", self.reason),
            ("job", self.job.as_deref()),
        ];
        for (name, value) in details {
            if let Some(value) = value {
                text.push_str(&format!("  {name}: {value}"));
            }
        }
        text.push_str(&format!("  [{}]", self.sections.join(" ")));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyproto::message;
    use ledger::entry::{Deposited, Entry, OpenedByJob};
    use terms::{CardId, JobId, PracticeId, ServerId, SessionId, Time};

    const FILE: FileId = FileId::from_bytes([5; FileId::LENGTH]);
    const BLIND: Blind = Blind::from_bytes([6; Blind::LENGTH]);

    fn line(act: Act, is_erased: bool) -> Line {
        let entry = Entry { at: Time::from_millis(1), act }.to_bytes().into();
        let files = if is_erased { Vec::new() } else { vec![(BLIND, FILE)] };
        Line::of(message::Line { number: 1, entry, files, holder: None, practice: None }).unwrap()
    }

    fn by_job() -> Act {
        Act::OpenedByJob(OpenedByJob {
            job: JobId::from_bytes([1; JobId::LENGTH]),
            index: 0,
            session: SessionId::from_bytes([1; SessionId::LENGTH]),
            card: CardId::from_bytes([2; CardId::LENGTH]),
            practice: PracticeId::from_bytes([3; PracticeId::LENGTH]),
            server: ServerId::from_bytes([4; ServerId::LENGTH]),
            file: BLIND,
            sections: Sections::of(&[Section::Label, Section::Contact]),
            segments: 3,
            request: [9; 32],
        })
    }

    #[test]
    fn an_opening_by_a_job_is_in_the_sum() {
        let sum = exposed(&[line(by_job(), false)], None);
        assert_eq!(sum[&FILE.to_string()], Sections::of(&[Section::Label, Section::Contact]));
    }

    #[test]
    fn an_erased_file_that_is_asked_for_is_in_the_sum_under_the_ledgers_name() {
        let deposited = Act::Deposited(Deposited {
            file: BLIND,
            session: SessionId::from_bytes([1; SessionId::LENGTH]),
            card: CardId::from_bytes([2; CardId::LENGTH]),
            practice: PracticeId::from_bytes([3; PracticeId::LENGTH]),
            server: ServerId::from_bytes([4; ServerId::LENGTH]),
            first: 0,
            sections: vec![Section::Results],
            head: [0; 32],
        });
        let sum = exposed(&[line(deposited, true)], Some(FILE));
        assert_eq!(sum[&named(&BLIND, None)], Sections::of(&[Section::Results]));
    }
}
