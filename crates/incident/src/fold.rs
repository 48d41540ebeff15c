//! From the lines of a report to an exposure.

use crate::exposure::{Exposure, Person, digest};
use crate::line::{FileName, Line};
use crate::scope::{OPEN_HOURS_MAX, Scope, StolenCopy};
use ledger::entry::{Act, Deposited};
use std::collections::{BTreeMap, HashMap, HashSet};
use terms::{Blind, CardId, FileId, Section, Sections, Time};

/// Folds the lines of a report, one after the other.
#[derive(Default)]
pub struct Fold {
    scope: Scope,
    persons: BTreeMap<FileName, Person>,
    lines: u64,
    /// Files that may still have been open at the beginning.
    left_open: HashSet<Blind>,
    /// Files of persons, where a copy is asked about.
    made: HashSet<Blind>,
    /// Where each file's segments end in that copy's store, as far as there is one.
    stored: HashMap<FileId, u32>,
    /// How often the epoch was rotated since a copy was made.
    rotations: u32,
}

impl Fold {
    /// Nobody yet.
    pub fn new(scope: Scope) -> Fold {
        Fold { scope, ..Fold::default() }
    }

    /// Counts what the store of a copy holds beyond the copy's ledger: a store that is copied while
    /// it is served is copied last, and the file keys open all of it.
    pub fn with_store(mut self, lengths: HashMap<FileId, u32>) -> Fold {
        self.stored = lengths;
        self
    }

    /// Takes the next line in.
    pub fn add(&mut self, line: &Line) {
        self.lines += 1;
        if let Some(copy) = self.scope.copy.clone() {
            return self.add_copied(line, &copy);
        }
        if !self.scope.includes(line.entry.at, &line.entry.act) {
            if self.scope.leaves_open(line.entry.at, &line.entry.act)
                && let Act::Opened(opened) = &line.entry.act
            {
                self.left_open.insert(opened.file);
            }
            return;
        }
        match &line.entry.act {
            // The file had nothing in the sections that were left to the card: no key was released.
            Act::Opened(opened) if opened.sections.is_empty() => {}
            Act::Opened(opened) => {
                let person = self.touch(line, &opened.file, opened.card);
                person.read = person.read.union(opened.sections);
                person.segments = opened.segments;
                if !person.grades.contains(&opened.grade) {
                    person.grades.push(opened.grade);
                }
            }
            // An officer's job is no attack; whoever asks about its card, or a span, sees it.
            Act::OpenedByJob(opened) => {
                let person = self.touch(line, &opened.file, opened.card);
                person.read = person.read.union(opened.sections);
                person.segments = opened.segments;
            }
            Act::Found(found) => {
                for file in &found.shown {
                    let person = self.touch(line, file, found.card);
                    person.read = person.read.with(Section::Label);
                }
            }
            Act::Deposited(deposited) | Act::Abandoned(deposited) => {
                let person = self.touch(line, &deposited.file, deposited.card);
                person.passed = person.passed.union(sections(deposited));
            }
            _ => {}
        }
    }

    /// What a copy holds: whatever was deposited before it was made, of files not erased by then,
    /// and what its store has besides of these files. Without the root key nothing of it opens.
    fn add_copied(&mut self, line: &Line, copy: &StolenCopy) {
        let is_in_it = line.number < copy.entries;
        match &line.entry.act {
            Act::EpochBegan(_) if !is_in_it => self.rotations += 1,
            // The directory is a file too, but nobody made it for a person.
            Act::FileCreated(made) if is_in_it => {
                self.made.insert(made.file);
            }
            Act::Deposited(deposited)
                if copy.with_root_key
                    && self.made.contains(&deposited.file)
                    && (is_in_it || self.is_stored(line, deposited)) =>
            {
                let person = self.touch(line, &deposited.file, deposited.card);
                person.read = person.read.union(sections(deposited));
                person.segments = deposited.first + deposited.sections.len() as u32;
            }
            Act::Erased(erased) if is_in_it => {
                self.persons.remove(&line.name(&erased.file));
            }
            _ => {}
        }
    }

    /// Whether the copy's store has segments of this deposit.
    fn is_stored(&self, line: &Line, deposited: &Deposited) -> bool {
        let FileName::File(file) = line.name(&deposited.file) else { return false };
        self.stored.get(&file).is_some_and(|length| deposited.first < *length)
    }

    /// The person of this file, marked as touched by this line.
    fn touch(&mut self, line: &Line, file: &Blind, card: CardId) -> &mut Person {
        let (file, at) = (line.name(file), line.entry.at);
        let person = self.persons.entry(file).or_insert_with(|| Person::new(file, at));
        person.last = at;
        if person.entries.last() != Some(&line.number) {
            person.entries.push(line.number);
        }
        if !person.cards.contains(&card) {
            person.cards.push(card);
        }
        person
    }

    /// The exposure, with the two notes that the keyholder signed.
    pub fn finish(self, version: u32, made: Time, notes: [String; 2]) -> Exposure {
        let (rests_on, unknown, doubts) = (self.rests_on(), self.unknown(), self.doubts());
        let [checkpoint, statement] = notes;
        let persons: Vec<Person> = self.persons.into_values().collect();
        let digest = digest(&persons);
        let (scope, lines) = (self.scope, self.lines);
        Exposure {
            version,
            made,
            scope,
            checkpoint,
            statement,
            lines,
            persons,
            rests_on,
            unknown,
            doubts,
            digest,
        }
    }

    fn rests_on(&self) -> Vec<String> {
        let mut rests_on = vec![
            "A file opens only by an entry of the ledger that was written before its keys left."
                .to_owned(),
        ];
        match &self.scope.copy {
            Some(StolenCopy { with_root_key: false, .. }) => rests_on.push(
                "Everything in the copy is sealed; its keys are wrapped under a root key that is \
                 not in it, so nobody can read a file from it."
                    .to_owned(),
            ),
            Some(copy) => {
                rests_on.push(format!(
                    "With the root key the copy opens as a whole: every file and section that was \
                     in it at entry {}, and what its store holds of these files beyond.",
                    copy.entries
                ));
                if self.rotations > 0 {
                    rests_on.push(
                        "The epoch was rotated since. That closes the copy only to somebody who \
                         has its key table without its keyring."
                            .to_owned(),
                    );
                }
            }
            None => {}
        }
        rests_on
    }

    /// What no ledger can know, for a scope of this kind.
    fn unknown(&self) -> Vec<String> {
        let done = "What was done with what was read: kept, copied or passed on.".to_owned();
        if self.scope.copy.is_some() {
            return vec!["Whether anybody has the copy still, and where.".to_owned(), done];
        }
        let mut unknown = vec![
            "Which resources of an opened section were looked at: the ledger records sections."
                .to_owned(),
            done,
        ];
        unknown.push(
            "What reports told, such as to an officer's card: who opened what, when and why, and \
             no content of a file. The ledger has no entries of reports. Nor is listed of whom a \
             look-up told no more than that there is a file, or an opening that released nothing \
             no more than which sections are hidden."
                .to_owned(),
        );
        if self.scope.has_what_was_open() && self.scope.from.is_some() {
            unknown.push(format!(
                "Which files that were open before the beginning were still open then: all that \
                 were opened up to {OPEN_HOURS_MAX} hours before are counted."
            ));
        }
        unknown
    }

    fn doubts(&self) -> Vec<String> {
        let left_open = self.left_open.len();
        if left_open == 0 {
            return Vec::new();
        }
        vec![format!(
            "Files that were opened up to {OPEN_HOURS_MAX} hours before the beginning, and may \
             have been read on by whoever had the device, without an entry: {left_open}. Where a \
             device was taken, ask by --session, or with an earlier --from."
        )]
    }
}

fn sections(deposited: &Deposited) -> Sections {
    deposited.sections.iter().copied().collect()
}
