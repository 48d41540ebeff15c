//! Appending without being able to read.
//!
//! Trust: a grant reserves its file, so no two deposits get the key of the same sequence, and it
//! gives keys of segments that do not exist yet, nothing else.

use super::decide::{About, Who};
use super::matrix;
use super::rows::FileRow;
use super::state::{UNSIGNED, machine};
use super::{Core, FileView, Granted, Named, Outcome, Target, Verdict};
use ledger::entry::{self, Act, Hash, LookUp, Subject, Why};
use std::collections::BTreeMap;
use terms::{
    Blind, DEPOSIT_SECONDS_MAX, DEPOSIT_SEGMENTS_MAX, Duration, FILE_SEGMENTS_MAX, ListId, Role,
    Section, ServerId, SessionId, Time,
};

/// Most grants that one session holds at a time.
const GRANTS_MAX: usize = 256;

/// Deposits under way, oldest first.
#[derive(Default)]
pub(super) struct Grants {
    next: u64,
    open: BTreeMap<u64, Grant>,
    busy: BTreeMap<Blind, u64>,
}

struct Grant {
    server: ServerId,
    session: SessionId,
    card: terms::CardId,
    practice: terms::PracticeId,
    file: Blind,
    new: bool,
    conditional: bool,
    list: Option<ListId>,
    first: u32,
    sections: Vec<Section>,
    until: Time,
}

impl Grants {
    fn remove(&mut self, number: u64) -> Option<Grant> {
        let grant = self.open.remove(&number)?;
        self.busy.remove(&grant.file);
        Some(grant)
    }
}

impl Core {
    /// A session asks to append.
    pub(super) fn deposit(
        &mut self,
        now: Time,
        server: ServerId,
        session: SessionId,
        target: Target,
        sections: Vec<Section>,
    ) -> Outcome {
        let lapsed = self.lapse(now);
        let mut outcome = self.begin_deposit(now, server, session, target, sections);
        if let Some(first) = lapsed.as_ref().map(|l| l.first) {
            let mut entries = lapsed.map(|l| l.entries).unwrap_or_default();
            entries.append(&mut outcome.entries);
            (outcome.first, outcome.entries) = (first, entries);
        }
        outcome
    }

    fn begin_deposit(
        &mut self,
        now: Time,
        server: ServerId,
        session: SessionId,
        target: Target,
        sections: Vec<Section>,
    ) -> Outcome {
        let named = match target {
            Target::File(named) | Target::Taken(named) => Some(named),
            Target::New { file, .. } => Some(file),
            Target::Directory => None,
        };
        let file = named.map(|named| named.blind);
        let about = About { server, session: Some(session), card: None, file, request: UNSIGNED };
        let who = match self.live(now, server, session) {
            Ok(who) => who,
            Err(why) => return self.refuse(now, about, (why, None)),
        };
        let about = About { card: Some(who.view.card), ..about };
        if !matrix::deposits(who.view.role) {
            return self.refuse(now, about, (Why::Role, None));
        }
        if sections.is_empty() || sections.len() > DEPOSIT_SEGMENTS_MAX {
            return self.say(now, Verdict::AskedWrongly("no segments, or too many at a time"));
        }
        if let Target::Taken(named) = target {
            return self.taken(now, about, &who, named);
        }
        let known = match target {
            Target::New { file, .. } if self.state.files.find(&file.blind).is_some() => {
                return self.say(now, Verdict::AskedWrongly("the file's name is taken"));
            }
            Target::New { .. } if who.view.role != Role::Patient => None,
            Target::New { .. } => return self.refuse(now, about, (Why::Role, None)),
            _ => {
                let blind = file.unwrap_or_else(|| self.state.directory_view().file);
                match self.state.files.find(&blind) {
                    Some(known) if self.may_append(&who, known) => Some(known),
                    _ => return self.refuse(now, about, (Why::NoFile, None)),
                }
            }
        };
        self.grant(now, server, &who, target, known, sections)
    }

    /// Whether this session may say how the patient of an existing file is found: only somebody
    /// who may open it, or a stranger could lay a number of their choice on anybody's file.
    pub fn may_name(&self, now: Time, server: ServerId, session: SessionId, file: &Blind) -> bool {
        let known = self.state.files.find(file);
        let who = self.live(now, server, session).ok();
        known.zip(who).is_some_and(|(file, who)| self.class_of(now, &who, file).is_some())
    }

    fn may_append(&self, who: &Who, file: u32) -> bool {
        let row = self.state.files.row(file);
        let own = who.view.role != Role::Patient || who.view.file == Some(row.blind);
        own && !row.is(FileRow::ERASED)
    }

    fn grant(
        &mut self,
        now: Time,
        server: ServerId,
        who: &Who,
        target: Target,
        known: Option<u32>,
        sections: Vec<Section>,
    ) -> Outcome {
        let mut file = match (known, target) {
            (Some(known), _) => self.state.file_view(known),
            (None, Target::New { file, .. }) => {
                FileView { file: file.blind, segments: 0, head: None, keys: Vec::new() }
            }
            (None, _) => return self.say(now, Verdict::AskedWrongly("no file")),
        };
        let (list, conditional) = match target {
            Target::New { list, conditional, .. } => (list, conditional),
            _ => (None, false),
        };
        let named = match target {
            Target::File(named) | Target::New { file: named, .. } => Some(named),
            _ => None,
        };
        let held = self.grants.open.values().filter(|g| g.session == who.view.session).count();
        if self.grants.busy.contains_key(&file.file) || held >= GRANTS_MAX {
            return self.say(now, Verdict::Busy);
        }
        if file.segments as usize + sections.len() > FILE_SEGMENTS_MAX {
            return self.say(now, Verdict::AskedWrongly("the file is full"));
        }
        file.keys = (file.segments..).zip(sections.iter().copied()).collect();
        let (number, new) = (self.grants.next, known.is_none());
        self.grants.next += 1;
        self.grants.busy.insert(file.file, number);
        let grant = Grant {
            server,
            session: who.view.session,
            card: who.view.card,
            practice: who.view.practice,
            file: file.file,
            new,
            conditional,
            list,
            first: file.segments,
            sections,
            until: now + Duration::from_seconds(DEPOSIT_SECONDS_MAX),
        };
        self.grants.open.insert(number, grant);
        self.say(now, Verdict::Granted(Granted { grant: number, file, named, new }))
    }

    /// The identifier is known: that is told as a look-up would tell it, and recorded alike.
    fn taken(&mut self, now: Time, about: About, who: &Who, named: Named) -> Outcome {
        if self.is_canary(&named.blind) {
            return self.refuse_canary(now, about);
        }
        let Some(file) = self.state.files.find(&named.blind) else {
            return self.refuse(now, about, (Why::NoFile, None));
        };
        if !machine(who.view.role)
            && let Err(why) = self.may_find(now, who.card, &[file], who.started)
        {
            let freeze = (why == Why::Budget).then_some(Subject::Card(who.view.card));
            return self.refuse(now, about, (why, freeze));
        }
        let found = entry::Found {
            session: who.view.session,
            card: who.view.card,
            practice: who.view.practice,
            server: about.server,
            by: LookUp::Identifier,
            shown: Vec::new(),
            told: vec![named.blind],
            request: UNSIGNED,
        };
        self.settle(now, vec![Act::Found(found)], Verdict::Exists(named))
    }

    /// The segments are stored: now they exist.
    pub(super) fn commit(
        &mut self,
        now: Time,
        server: ServerId,
        number: u64,
        head: Hash,
    ) -> Outcome {
        let known = self.grants.open.get(&number);
        if !known.is_some_and(|grant| grant.server == server && grant.until >= now) {
            return self.say(now, Verdict::GrantGone);
        }
        let Some(grant) = self.grants.remove(number) else {
            return self.say(now, Verdict::GrantGone);
        };
        let gone = match self.state.files.find(&grant.file) {
            Some(file) => grant.new || self.state.files.row(file).is(FileRow::ERASED),
            None => !grant.new,
        };
        if gone {
            return self.say(now, Verdict::GrantGone);
        }
        let Grant { file, practice, session, list, .. } = grant;
        let created = entry::FileCreated { file, practice, session, list };
        let deposited = entry::Deposited {
            file,
            session,
            card: grant.card,
            practice,
            server,
            first: grant.first,
            sections: grant.sections,
            head,
        };
        let created = grant.new.then_some(Act::FileCreated(created));
        let acts = created.into_iter().chain([Act::Deposited(deposited)]).collect();
        self.settle(now, acts, Verdict::Committed)
    }

    /// A deposit came to nothing; that an identifier was free is recorded as a miss.
    pub(super) fn abort(&mut self, now: Time, server: ServerId, number: u64) -> Outcome {
        match self.grants.open.get(&number) {
            Some(grant) if grant.server == server => {}
            _ => return self.say(now, Verdict::GrantGone),
        }
        let acts = self.grants.remove(number).and_then(|grant| miss(&grant)).into_iter().collect();
        self.settle(now, acts, Verdict::Done)
    }

    /// Ends the grants whose time is over.
    fn lapse(&mut self, now: Time) -> Option<Outcome> {
        let mut acts = Vec::new();
        while let Some((number, grant)) = self.grants.open.first_key_value()
            && grant.until < now
        {
            let number = *number;
            acts.extend(self.grants.remove(number).as_ref().and_then(miss));
        }
        (!acts.is_empty()).then(|| self.settle(now, acts, Verdict::Done))
    }
}

fn miss(grant: &Grant) -> Option<Act> {
    let found = entry::Found {
        session: grant.session,
        card: grant.card,
        practice: grant.practice,
        server: grant.server,
        by: LookUp::Identifier,
        shown: Vec::new(),
        told: Vec::new(),
        request: UNSIGNED,
    };
    grant.conditional.then_some(Act::Found(found))
}
