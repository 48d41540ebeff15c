//! What the ledger knows of each file: a fold of its entries, some hundred bytes a file.

use crate::date::Date;
use ledger::entry::{Act, Deposited, Entry, Held, HoldOn, Mark, Opened};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Blind, CardId, FileId, Grade, ListId, PracticeId, Purpose, RelationClass, Time};

/// What the ledger knows of all files.
#[derive(Default)]
pub struct Facts {
    files: BTreeMap<Blind, FileFacts>,
    practices: Vec<PracticeId>,
    index: BTreeMap<PracticeId, u32>,
    practice_holds: BTreeMap<u32, BTreeSet<String>>,
    epoch: Option<(u32, u64, Time)>,
}

/// What it knows of one file.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Its name for people, unless it is erased.
    pub file: Option<FileId>,
    /// When it was made.
    pub created: Date,
    /// The last deposit; the day it was made, if there was none.
    pub last_entry: Date,
    /// The last opening for a treatment or in an emergency.
    pub last_treatment: Option<Date>,
    /// The list of an import that it is on.
    pub list: Option<ListId>,
    /// Whether somebody else ever gave a practice a relation to it.
    pub related: bool,
    /// Kept, but opened by nobody but the patient.
    pub restricted: bool,
    /// Made up: nobody's.
    pub canary: bool,
    /// Its end.
    pub erased: Option<Erasure>,
    /// Who has to do with it: the practice that made it first, then those that deposited or were
    /// related, the latter marked.
    practices: Vec<(u32, bool)>,
    cases: Vec<String>,
}

/// A file's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Number of the entry.
    pub entry: u64,
    /// When.
    pub at: Time,
    /// The two officers.
    pub by: Vec<CardId>,
    /// The newest epoch then, where the entry says it.
    pub epoch: Option<u32>,
}

impl Facts {
    /// Takes the next entry in; `name` says a file's id, where it is not erased.
    pub fn take(&mut self, number: u64, entry: &Entry, name: &dyn Fn(&Blind) -> Option<FileId>) {
        let day = Date::of(entry.at);
        match &entry.act {
            Act::FileCreated(new) => {
                let practice = self.practice(new.practice);
                let made = FileFacts::new(name(&new.file), day, new.list, practice);
                self.files.insert(new.file, made);
            }
            Act::Deposited(deposited) => self.deposited(day, deposited),
            Act::Opened(opened) => self.opened(day, opened),
            Act::Related(related) => {
                let practice = self.practice(related.practice);
                if let Some(file) = self.files.get_mut(&related.file) {
                    file.related = true;
                    file.near(practice, true);
                }
            }
            Act::Marked(marked) => {
                if let Some(file) = self.files.get_mut(&marked.file) {
                    match marked.mark {
                        Mark::Canary => file.canary = marked.set,
                        Mark::Restricted => file.restricted = marked.set,
                    }
                }
            }
            Act::Held(held) => self.held(held),
            Act::Erased(erased) => {
                if let Some(file) = self.files.get_mut(&erased.file) {
                    let (at, by, epoch) = (entry.at, erased.by.clone(), erased.epoch);
                    file.erased = Some(Erasure { entry: number, at, by, epoch });
                    file.file = None;
                }
            }
            Act::EpochBegan(began) => self.epoch = Some((began.epoch, number, entry.at)),
            _ => {}
        }
    }

    fn deposited(&mut self, day: Date, deposited: &Deposited) {
        let practice = self.practice(deposited.practice);
        if let Some(file) = self.files.get_mut(&deposited.file) {
            file.last_entry = file.last_entry.max(day);
            file.near(practice, false);
        }
    }

    fn opened(&mut self, day: Date, opened: &Opened) {
        let treats = matches!(opened.purpose, Purpose::Treatment | Purpose::Emergency);
        if let Some(file) = self.files.get_mut(&opened.file)
            && opened.class != RelationClass::Own
        {
            file.related |= opened.grade == Grade::Strong;
            if treats {
                file.last_treatment = file.last_treatment.max(Some(day));
            }
        }
    }

    fn held(&mut self, held: &Held) {
        match held.on {
            HoldOn::File(file) => {
                let Some(file) = self.files.get_mut(&file) else { return };
                file.cases.retain(|case| *case != held.case);
                if held.set {
                    file.cases.push(held.case.clone());
                }
            }
            HoldOn::Practice(practice) => {
                let practice = self.practice(practice);
                let cases = self.practice_holds.entry(practice).or_default();
                match held.set {
                    true => cases.insert(held.case.clone()),
                    false => cases.remove(&held.case),
                };
            }
        }
    }

    /// Every file, by the ledger's name.
    pub fn files(&self) -> impl Iterator<Item = (&Blind, &FileFacts)> {
        self.files.iter()
    }

    /// The file with this id, unless it is erased.
    pub fn named(&self, file: FileId) -> Option<(&Blind, &FileFacts)> {
        self.files.iter().find(|(_, facts)| facts.file == Some(file))
    }

    /// The practices that have to do with a file: the one that made it first.
    pub fn practices<'a>(&'a self, file: &'a FileFacts) -> impl Iterator<Item = PracticeId> + 'a {
        let known = |number: &u32| self.practices.get(*number as usize).copied();
        file.practices.iter().filter_map(move |(number, _)| known(number))
    }

    /// The cases of the legal holds on a file: its own, and those of its practices.
    pub fn cases<'a>(&'a self, file: &'a FileFacts) -> BTreeSet<&'a str> {
        let related = file.practices.iter().filter(|(_, related)| *related);
        let of_practices = related.filter_map(|(number, _)| self.practice_holds.get(number));
        let of_practices = of_practices.flatten().map(String::as_str);
        file.cases.iter().map(String::as_str).chain(of_practices).collect()
    }

    /// The newest epoch that the ledger tells of, with number and time of the entry.
    pub fn newest_epoch(&self) -> Option<(u32, u64, Time)> {
        self.epoch
    }

    fn practice(&mut self, practice: PracticeId) -> u32 {
        let number = self.practices.len() as u32;
        let found = *self.index.entry(practice).or_insert(number);
        if found == number {
            self.practices.push(practice);
        }
        found
    }
}

impl FileFacts {
    fn new(file: Option<FileId>, day: Date, list: Option<ListId>, practice: u32) -> FileFacts {
        FileFacts {
            file,
            created: day,
            last_entry: day,
            last_treatment: None,
            list,
            related: false,
            restricted: false,
            canary: false,
            erased: None,
            practices: vec![(practice, true)],
            cases: Vec::new(),
        }
    }

    fn near(&mut self, practice: u32, related: bool) {
        match self.practices.iter_mut().find(|(known, _)| *known == practice) {
            Some((_, was)) => *was |= related,
            None => self.practices.push((practice, related)),
        }
    }
}
