//! Appending without being able to read.
//!
//! Trust: a grant reserves its file, so no two deposits get the key of the same sequence, and it
//! gives keys of segments that do not exist yet, nothing else.

use super::budget::seconds;
use super::decide::{About, Who};
use super::matrix;
use super::rows::{FileRow, Misses};
use super::state::{UNSIGNED, matched};
use super::{Core, FileView, Granted, Named, Outcome, SessionView, Target, Verdict};
use ledger::entry::{self, Act, Entry, Hash, LookUp, Subject, Why};
use std::collections::BTreeMap;
use terms::{
    Blind, DEPOSIT_SECONDS_MAX, DEPOSIT_SEGMENTS_MAX, Duration, FILE_SEGMENTS_MAX, ListId, Role,
    Section, ServerId, SessionId, Time, planted,
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
    /// What is to be recorded, but for the head.
    deposit: entry::Deposited,
    new: bool,
    unless: Option<LookUp>,
    list: Option<ListId>,
    until: Time,
}

impl Grants {
    /// Ends a grant, if it is one that may be ended so.
    fn remove(&mut self, number: u64, may: impl Fn(&Grant) -> bool) -> Option<Grant> {
        self.open.get(&number).filter(|grant| may(grant))?;
        let grant = self.open.remove(&number)?;
        self.busy.remove(&grant.deposit.file);
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
        let named = match target {
            Target::File(file) | Target::New { file, .. } | Target::Taken { file, .. } => {
                Some(file)
            }
            Target::Directory => None,
        };
        let file = named.map(|named| named.blind);
        let about = About { server, session: Some(session), card: None, file, request: UNSIGNED };
        let who = match self.free(now, server, session) {
            Ok(who) => who,
            Err(why) => return self.refuse(now, about, (why, None)),
        };
        let about = About { card: Some(who.view.card), ..about };
        let elsewhere = matches!(target, Target::New { .. } | Target::Taken { .. });
        if !matrix::deposits(who.view.role) || elsewhere && who.view.role == Role::Patient {
            return self.refuse(now, about, (Why::Role, None));
        }
        if sections.is_empty() || sections.len() > DEPOSIT_SEGMENTS_MAX {
            return self.say(now, Verdict::AskedWrongly("no segments, or too many at a time"));
        }
        // Whether an identifier is taken tells nothing until here, and is counted from here on: is
        // one more that nobody has too many for this card?
        let too_many = match target {
            Target::New { unless: Some(by), .. } | Target::Taken { by, .. } => {
                let card = &self.state.cards[who.card as usize];
                let score = card.misses(by).with_miss(card.guess(by), seconds(now));
                card.guesses(by) && score > Misses::TOO_MANY
            }
            _ => false,
        };
        let held = self.grants.open.values().filter(|g| g.deposit.card == who.view.card);
        if too_many && held.clone().any(|grant| grant.unless.is_some())
            || held.filter(|g| g.deposit.session == session).count() >= GRANTS_MAX
        {
            return self.say(now, Verdict::Busy);
        }
        if let Target::Taken { file, by } = target {
            return self.taken(now, about, &who, file, by);
        }
        if too_many {
            let card = Subject::Card(who.view.card);
            return self.refuse(now, about, (Why::Enumeration, Some(card)));
        }
        let known = match target {
            Target::New { file, .. } if self.state.files.find(&file.blind).is_some() => {
                return self.say(now, Verdict::AskedWrongly("the file's name is taken"));
            }
            Target::New { .. } => None,
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
        let who = self.free(now, server, session).ok();
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
        let (list, unless) = match target {
            Target::New { list, unless, .. } => (list, unless),
            _ => (None, None),
        };
        let named = match target {
            Target::File(named) | Target::New { file: named, .. } => Some(named),
            _ => None,
        };
        if self.grants.busy.contains_key(&file.file) {
            return self.say(now, Verdict::Busy);
        }
        if file.segments as usize + sections.len() > FILE_SEGMENTS_MAX {
            return self.say(now, Verdict::AskedWrongly("the file is full"));
        }
        file.keys = (file.segments..).zip(sections.iter().copied()).collect();
        let (number, new) = (self.grants.next, known.is_none());
        self.grants.next += 1;
        self.grants.busy.insert(file.file, number);
        planted!("reserves no file", self.grants.busy.clear());
        let SessionView { session, card, practice, .. } = who.view;
        let (first, head) = (file.segments, [0; 32]);
        let deposit = entry::Deposited {
            file: file.file,
            session,
            card,
            practice,
            server,
            first,
            sections,
            head,
        };
        let until = now + Duration::from_seconds(DEPOSIT_SECONDS_MAX);
        self.grants.open.insert(number, Grant { deposit, new, unless, list, until });
        let guess = unless.filter(|by| self.state.cards[who.card as usize].guesses(*by));
        let missed = guess.map(|by| Act::Found(unsigned(who, server, by, Vec::new())));
        let granted = Verdict::Granted(Granted { grant: number, file, named, new });
        self.settle(now, missed.into_iter().collect(), granted)
    }

    /// The identifier is known: that is told as a look-up would tell it, and recorded alike.
    fn taken(&mut self, now: Time, about: About, who: &Who, named: Named, by: LookUp) -> Outcome {
        if self.is_canary(self.state.files.find(&named.blind)) {
            return self.refuse_canary(now, about);
        }
        let Some(file) = self.state.files.find(&named.blind) else {
            return self.refuse(now, about, (Why::NoFile, None));
        };
        if self.state.cards[who.card as usize].guesses(by)
            && let Err(why) = self.may_find(now, who, matched(who.card, who.view.role), &[file])
        {
            let freeze = (why == Why::Budget).then_some(Subject::Card(who.view.card));
            return self.refuse(now, about, (why, freeze));
        }
        let found = unsigned(who, about.server, by, vec![named.blind]);
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
        let is_live = |grant: &Grant| grant.deposit.server == server && grant.until >= now;
        let Some(grant) = self.grants.remove(number, is_live) else {
            return self.say(now, Verdict::GrantGone);
        };
        let Grant { deposit, new, unless, list, .. } = grant;
        let gone = match self.state.files.find(&deposit.file) {
            Some(file) => new || self.state.files.row(file).is(FileRow::ERASED),
            None => !new,
        };
        if gone {
            return self.settle(now, vec![Act::Abandoned(deposit)], Verdict::GrantGone);
        }
        let entry::Deposited { file, practice, session, .. } = deposit;
        let created = entry::FileCreated { file, practice, session, list, unless };
        let came = Act::Deposited(entry::Deposited { head, ..deposit });
        let acts = new.then_some(Act::FileCreated(created)).into_iter().chain([came]).collect();
        self.settle(now, acts, Verdict::Committed)
    }

    /// A deposit came to nothing; what was to be stored may be known to the server all the same.
    pub(super) fn abort(&mut self, now: Time, server: ServerId, number: u64) -> Outcome {
        match self.grants.remove(number, |grant| grant.deposit.server == server) {
            Some(grant) => self.settle(now, vec![Act::Abandoned(grant.deposit)], Verdict::Done),
            None => self.say(now, Verdict::GrantGone),
        }
    }

    /// Ends the grants whose time is over, and records that.
    pub(super) fn lapse(&mut self, now: Time) -> Vec<Entry> {
        let mut acts = Vec::new();
        while let Some((number, grant)) = self.grants.open.first_key_value()
            && grant.until < now
        {
            let number = *number;
            acts.extend(
                self.grants.remove(number, |_| true).map(|grant| Act::Abandoned(grant.deposit)),
            );
        }
        self.settle(now, acts, Verdict::Done).entries
    }
}

/// What asking unsigned whether an identifier is taken came to.
pub(super) fn unsigned(who: &Who, server: ServerId, by: LookUp, told: Vec<Blind>) -> entry::Found {
    let SessionView { session, card, practice, .. } = who.view;
    entry::Found { session, card, practice, server, by, shown: Vec::new(), told, request: UNSIGNED }
}
