//! What a look-up may show, tell, and cost.

use super::budget::{Key, Window, hard, over, seconds};
use super::decide::{About, Opening, Who};
use super::deposit::unsigned;
use super::matrix;
use super::rows::{FileRow, Misses, exact};
use super::{Asked, Core, Outcome, Verdict};
use ledger::entry::{self, Act, LookUp, Subject, Why};
use terms::{Blind, FOUND_FILES_MAX, Grade, Purpose, Role, Section, Sections, ServerId, Time};

const LABEL: Sections = Sections::of(&[Section::Label]);

impl Core {
    /// A look-up: labels where there is a relation, bare existence where there is none.
    pub(super) fn find(
        &mut self,
        now: Time,
        server: ServerId,
        asked: Asked,
        by: LookUp,
        hits: &[Blind],
    ) -> Outcome {
        let (who, about, bound) = match self.admit(now, server, &asked, None) {
            Ok(admitted) => admitted,
            Err(outcome) => return *outcome,
        };
        // A proof that is about one file is not about finding one.
        if bound.is_some() {
            return self.refuse(now, about, (Why::Signature, None));
        }
        self.find_as(now, &who, about, by, hits)
    }

    /// The same for a session that is known to look.
    pub(super) fn find_as(
        &mut self,
        now: Time,
        who: &Who,
        about: About,
        by: LookUp,
        hits: &[Blind],
    ) -> Outcome {
        if who.stopped {
            return self.refuse(now, about, (Why::Frozen, None));
        }
        if !matrix::finds(who.view.role, by) {
            return self.refuse(now, about, (Why::Role, None));
        }
        if let Err(why) = self.may_repeat(now, who, Grade::Strong) {
            return self.refuse(now, about, (why, None));
        }
        // Names hit a canary innocently; its number is nobody's business but its officers'.
        if exact(by)
            && who.view.role != Role::Officer
            && let Some(canary) = hits.iter().find(|hit| self.is_canary(self.state.files.find(hit)))
        {
            return self.refuse_canary(now, About { file: Some(*canary), ..about });
        }
        let files: Vec<u32> = hits
            .iter()
            .take(FOUND_FILES_MAX)
            .filter_map(|hit| self.state.files.find(hit))
            .filter(|file| !self.state.files.row(*file).is(FileRow::ERASED | FileRow::DIRECTORY))
            .collect();
        let row = &self.state.cards[who.card as usize];
        let score = row.misses(by).with_miss(row.miss(by), seconds(now));
        let card = Subject::Card(who.view.card);
        let too_many = score > Misses::TOO_MANY;
        if files.is_empty() && too_many {
            return self.refuse(now, about, (Why::Enumeration, Some(card)));
        }
        if let Err(why) = self.may_find(now, who, Key::Found(who.card), &files) {
            let freeze = (why == Why::Budget).then_some(card);
            return self.refuse(now, about, (why, freeze));
        }
        let (mut shown, mut told) = (Vec::new(), Vec::new());
        for file in files {
            let row = self.state.files.row(file);
            let related = self
                .class_of(now, who, file)
                .filter(|_| !row.is(FileRow::RESTRICTED) && !self.is_unwitnessed(now))
                .filter(|(_, grade)| !self.is_too_weak(now, who, *grade))
                .filter(|(class, _)| self.allowed(who, file, *class).contains(Section::Label));
            match related {
                Some((class, grade)) => {
                    let (sections, repeat, confined) = (LABEL, false, false);
                    let label = Opening { file, class, grade, sections, repeat, confined };
                    let until = who.view.until;
                    shown.push(self.released(who, &label, Purpose::Treatment, until));
                }
                None => told.push(row.blind),
            }
        }
        let found = entry::Found {
            shown: shown.iter().map(|released| released.file.file).collect(),
            request: about.request,
            ..unsigned(who, about.server, by, told.clone())
        };
        self.settle(now, vec![Act::Found(found)], Verdict::Found { shown, told })
    }

    /// Distinct files found: a budget of its own.
    pub(super) fn may_find(&self, now: Time, who: &Who, key: Key, all: &[u32]) -> Result<(), Why> {
        let empty = Window::default();
        let window = self.state.budgets.get(&key).unwrap_or(&empty);
        let (second, since) = (seconds(now), seconds(who.started));
        let matched = matches!(key, Key::Matched(_));
        let soft = if matched { self.limits.matched } else { self.limits.found };
        // The files of one look-up count together: each but the first comes on top.
        let mut on_top = 0;
        for file in all {
            let counts = window.with(*file, second).map(|count| count + on_top);
            if over(counts, hard(soft)) {
                return Err(Why::Budget);
            }
            let recent = || window.with_since(*file, since, second).map(|count| count + on_top);
            if over(counts, soft) && over(recent(), soft) {
                return Err(Why::StepUp);
            }
            on_top += u32::from(!window.released_today(*file, second));
        }
        Ok(())
    }
}
