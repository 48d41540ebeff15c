//! Rules, settings and the ledger's facts, brought together.

use crate::cli::SaidArguments;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::{Asker, Line, Piece, Verified, fold};
use keyproto::message::Question;
use retention::{Books, Clock, Date, Facts, FileFacts, Law, Said, Settings, Wrong};
use std::path::Path;

/// Most rule files of a folder.
const FILES_MAX: usize = 1_000;

/// What is written down: rules, and the officer's settings.
pub(super) struct Written {
    pub(super) books: Books,
    settings: Settings,
    /// Whether there is a settings file at all.
    pub(super) is_set: bool,
}

/// What is known now: what is written down, and what the ledger says of every file.
pub(super) struct Known {
    written: Written,
    pub(super) facts: Facts,
    pub(super) closed: Verified,
    pub(super) today: Date,
}

impl Written {
    /// Reads `retention.toml`, and the rules that it names in the place of those brought.
    pub(super) fn read(home: &Home) -> Outcome<Written> {
        let path = home.retention();
        let place = path.display().to_string();
        let books = Books::brought().map_err(wrong)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Written { books, settings: Settings::default(), is_set: false });
            }
            Err(error) => return Err(Failure::World(format!("{place}: {error}"))),
        };
        let settings = Settings::parse(&place, &text).map_err(wrong)?;
        let books = match &settings.rules {
            Some(own) => books.replaced_by(folder(&home.path().join(own))?),
            None => books,
        };
        settings.fit(&place, &books).map_err(wrong)?;
        Ok(Written { books, settings, is_set: true })
    }
}

/// The rule files of a folder.
pub(super) fn folder(folder: &Path) -> Outcome<Books> {
    let unread = || Failure::world(folder.display());
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder).map_err(unread())? {
        let path = file.map_err(unread())?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let text = std::fs::read_to_string(&path).map_err(Failure::world(path.display()))?;
            files.push((path.display().to_string(), text));
        }
        if files.len() > FILES_MAX {
            return Err(Failure::Asked(format!("more than {FILES_MAX} rule files")));
        }
    }
    if files.is_empty() {
        return Err(Failure::Asked(format!("{} has no rule file (*.toml)", folder.display())));
    }
    files.sort();
    Books::read(files.iter().map(|(place, text)| (place.as_str(), text.as_str()))).map_err(wrong)
}

impl Known {
    /// Reads all of the ledger by this card, some hundred bytes a file staying in memory.
    pub(super) fn ask(home: &Home, asker: &mut Asker) -> Outcome<Known> {
        let written = Written::read(home)?;
        let mut facts = Facts::default();
        let question = Question { everything: true, ..Question::default() };
        let bar = console::progress(0, "entries of the ledger");
        let closed = fold(asker, &question, &mut |piece| {
            match piece {
                Piece::Line(line) => {
                    let line = Line::of(line)?;
                    facts.take(line.number, &line.entry, &|blind| line.file_id(blind));
                    if line.number.is_multiple_of(1_024) {
                        bar.set_length(line.number);
                        bar.set_position(line.number);
                    }
                }
                Piece::Read(number) => bar.set_position(number),
            }
            Ok(())
        })?;
        bar.finish_and_clear();
        let today = Date::of(crate::client::now());
        Ok(Known { written, facts, closed, today })
    }

    pub(super) fn clock<'a>(&'a self, file: &FileFacts, said: &Said) -> Clock<'a> {
        Clock::of(self.law(), &self.facts, file, said)
    }

    pub(super) fn law(&self) -> Law<'_> {
        Law { books: &self.written.books, settings: &self.written.settings }
    }

    /// Says on standard error what all dates lack, if it is so much.
    pub(super) fn warn(&self) {
        if !self.written.is_set {
            console::warn(
                "there is no retention.toml in the data folder: of no practice it is known where \
                 it is and what it keeps, so the longest of all rules is taken",
            );
        }
    }
}

/// What was said with the command.
pub(super) fn said(arguments: &SaidArguments) -> Said {
    let SaidArguments { born, died, ended, kind } = arguments;
    let kinds = kind.iter().copied().collect();
    Said { born: *born, died: *died, ended: *ended, kinds }
}

fn wrong(wrong: Wrong) -> Failure {
    Failure::Asked(wrong.to_string())
}
