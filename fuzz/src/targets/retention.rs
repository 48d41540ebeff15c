//! Rule files and settings of retention: what is accepted has a source and a period for each rule,
//! and a clock over it never ends before the file was made.

use ledger::entry::{Act, Entry, FileCreated};
use retention::{Book, Books, Clock, Date, Facts, Law, Said, Settings};
use terms::{Blind, FileId, PracticeId, SessionId, Time};

pub(super) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (rules, settings) = text.split_once('\0').unwrap_or((&text, ""));
    let settings = Settings::parse("settings", settings);
    let Ok(book) = Book::parse("rules", rules) else { return };
    for rule in &book.rules {
        assert!(!rule.source.trim().is_empty() && rule.period.years > 0);
    }
    let books = Books::read([("rules", rules)].into_iter()).expect("what was read once");
    let Ok(settings) = settings else { return };
    let _ = settings.fit("settings", &books);
    let mut facts = Facts::default();
    let at = Time::from_millis(1_795_442_400_000);
    let created = FileCreated {
        file: Blind::from_bytes([1; Blind::LENGTH]),
        practice: PracticeId::from_bytes([1; PracticeId::LENGTH]),
        session: SessionId::from_bytes([1; SessionId::LENGTH]),
        list: None,
        unless: None,
    };
    let entry = Entry { at, act: Act::FileCreated(created) };
    facts.take(0, &entry, &|_| Some(FileId::from_bytes([1; FileId::LENGTH])));
    let law = Law { books: &books, settings: &settings };
    for (_, file) in facts.files() {
        let until = Clock::of(law, &facts, file, &Said::default()).until();
        assert!(until.is_none_or(|until| until > Date::of(at)));
    }
}
