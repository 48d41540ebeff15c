//! How each entry changes the state.

use super::{Inconsistent, State, Token};
use crate::budget::{Key, MONTH, seconds};
use crate::colleague::Deed;
use crate::relation::CONTACT;
use crate::rows::{Bearer, Card, FileRow, List, Misses, Practice, Session};
use keyproto::jws::thumbprint;
use keyproto::statement::{LIFE_SECONDS_MAX, SKEW_SECONDS_MAX};
use ledger::entry::{self, Act, Entry, Hash, LookUp, Mark, Subject, Why};
use std::collections::BTreeSet;
use terms::{
    Blind, CardId, Grade, Ground, ListId, PracticeId, RelationClass, Role, SessionId, Time, planted,
};

/// How long a sign-in or an order can be in date.
const STATEMENT_SECONDS: u32 = (LIFE_SECONDS_MAX + 2 * SKEW_SECONDS_MAX) as u32;

/// The `request` of a look-up that was part of a deposit, which nobody signs.
pub(crate) const UNSIGNED: Hash = [0; 32];

/// What is wrong with an entry.
type Wrong = &'static str;

impl State {
    /// Takes in the entry with this number: the next one. After an error the state is worthless.
    pub fn apply(&mut self, number: u64, entry: &Entry) -> Result<(), Inconsistent> {
        let inconsistent = |what| Inconsistent { number, what };
        if number != self.entries {
            return Err(inconsistent("it is not the next one"));
        }
        if entry.at < self.time {
            return Err(inconsistent("it is older than the one before"));
        }
        if (number == 0) != matches!(entry.act, Act::Began(_)) {
            return Err(inconsistent("only the first one begins the ledger"));
        }
        let new = |seconds| entry.at.seconds() / seconds != self.time.seconds() / seconds;
        let (new_hour, new_day) = (new(3_600), new(86_400));
        self.time = entry.at;
        if new_hour {
            self.sweep(entry.at);
        }
        if new_day {
            self.sweep_openers(entry.at);
        }
        self.act(&entry.act).map_err(inconsistent)?;
        self.entries += 1;
        Ok(())
    }

    fn act(&mut self, act: &Act) -> Result<(), Wrong> {
        match act {
            Act::Began(began) => self.began(began),
            Act::PracticeRegistered(registered) => self.practice_registered(registered),
            Act::CardIssued(issued) => self.card_issued(issued),
            Act::CardRevoked(revoked) => self.card_revoked(revoked),
            Act::SessionStarted(started) => self.session_started(started),
            Act::SessionEnded(ended) => self.session_ended(ended.session),
            Act::Opened(opened) => self.opened(opened),
            Act::JobApproved(approved) => self.job_approved(approved),
            Act::OpenedByJob(opened) => self.opened_by_job(opened),
            Act::Refused(refused) => self.refused(refused),
            Act::Found(found) => self.found(found),
            Act::FileCreated(created) => self.file_created(created),
            Act::Deposited(deposited) => self.deposited(deposited),
            Act::Abandoned(abandoned) => self.known_card(abandoned.card).map(drop),
            Act::Related(related) => self.made_related(related),
            Act::ListApproved(approved) => self.list_approved(approved),
            Act::Consented(consented) => {
                self.count_statement(consented.order);
                self.consented(consented)
            }
            Act::Stepped(stepped) => self.stepped(stepped),
            Act::Confirmed(confirmed) => self.confirmed(confirmed),
            Act::CodesIssued(issued) => self.codes_issued(issued),
            Act::Frozen(frozen) => self.froze(frozen.subject),
            Act::Unfrozen(unfrozen) => self.unfroze(unfrozen),
            Act::Marked(marked) => self.marked(marked),
            Act::Held(held) => self.held(held),
            Act::Erased(erased) => {
                self.count_statement(erased.order);
                let file = self.known_file(&erased.file)?;
                self.files.row_mut(file).flags |= FileRow::ERASED;
                Ok(())
            }
            Act::EpochBegan(began) => {
                if began.epoch <= self.epoch {
                    return Err("the epoch is not a new one");
                }
                self.epoch = began.epoch;
                Ok(())
            }
        }
    }

    fn began(&mut self, began: &entry::Began) -> Result<(), Wrong> {
        self.tenant.clone_from(&began.tenant);
        let at = seconds(self.time);
        let file = self.files.push(began.directory, u32::MAX, at, 0).ok_or("no room")?;
        self.files.row_mut(file).flags |= FileRow::DIRECTORY;
        Ok(())
    }

    fn practice_registered(&mut self, new: &entry::PracticeRegistered) -> Result<(), Wrong> {
        let number = self.practices.len() as u32;
        if self.practice_index.insert(new.practice, number).is_some() {
            return Err("the practice is known already");
        }
        self.count_statement(new.order);
        let (id, name) = (new.practice, new.name.clone());
        self.practices.push(Practice { id, name, staff: [0; 9] });
        Ok(())
    }

    fn card_issued(&mut self, new: &entry::CardIssued) -> Result<(), Wrong> {
        let practice = self.known_practice(new.practice)?;
        if self.card_index.insert(new.card, self.cards.len() as u32).is_some() {
            return Err("the card is known already");
        }
        self.count_statement(new.order);
        if let Some(home) = new.file.filter(|_| new.role != Role::Patient) {
            self.homes.insert((home, practice, self.cards.len() as u32));
        }
        self.staff[new.role as usize] += 1;
        self.practices[practice as usize].staff[new.role as usize] += 1;
        self.cards.push(Card {
            id: new.card,
            role: new.role,
            practice,
            holder: new.holder.clone(),
            key: new.key.clone(),
            not_after: new.not_after,
            file: new.file.filter(|_| new.role == Role::Patient),
            home: new.file.filter(|_| new.role != Role::Patient),
            revoked: false,
            numbers_missed: Misses::default(),
            names_missed: Misses::default(),
            explained: Default::default(),
            since: if new.by.is_empty() { 0 } else { seconds(self.time) },
        });
        Ok(())
    }

    fn card_revoked(&mut self, revoked: &entry::CardRevoked) -> Result<(), Wrong> {
        planted!("revoked cards go on", return Ok(()));
        let number = self.known_card(revoked.card)?;
        self.count_statement(revoked.order);
        let card = &mut self.cards[number as usize];
        if std::mem::replace(&mut card.revoked, true) {
            return Err("the card is revoked already");
        }
        let (role, practice) = (card.role as usize, card.practice as usize);
        if let Some(home) = card.home {
            self.homes.remove(&(home, practice as u32, number));
        }
        self.staff[role] -= 1;
        self.practices[practice].staff[role] -= 1;
        self.sessions.retain(|_, session| session.card != number);
        self.end_tokens();
        Ok(())
    }

    fn session_started(&mut self, started: &entry::SessionStarted) -> Result<(), Wrong> {
        let card = self.known_card(started.card)?;
        self.count_statement(started.assertion);
        let session = Session {
            card,
            server: started.server,
            thumbprint: thumbprint(&started.device),
            started: self.time,
            until: started.until,
            openings_max: started.openings_max,
            opened: Default::default(),
            stale: false,
        };
        match self.sessions.insert(started.session, session) {
            None => Ok(()),
            Some(_) => Err("the session is known already"),
        }
    }

    fn session_ended(&mut self, session: SessionId) -> Result<(), Wrong> {
        self.sessions.remove(&session).ok_or("no such session")?;
        self.end_tokens();
        Ok(())
    }

    fn opened(&mut self, opened: &entry::Opened) -> Result<(), Wrong> {
        let file = self.known_file(&opened.file)?;
        let at = seconds(self.time);
        let session = self.sessions.get_mut(&opened.session).ok_or("no such session")?;
        session.opened.insert(file);
        let (card, device) = (session.card, session.thumbprint);
        if let Some(token) = &opened.token {
            let bearer = Bearer {
                session: opened.session,
                file,
                sections: token.sections,
                class: opened.class,
                purpose: opened.purpose,
                request: opened.request,
                until: token.until,
            };
            self.tokens.insert(Token::from(token.hash), bearer);
        }
        if opened.repeat || opened.class == RelationClass::Own {
            return Ok(());
        }
        let unrelated = unrelated(opened.class);
        self.openers.entry(file).or_default().add(card, unrelated, self.time);
        let practice = self.cards[card as usize].practice;
        let class = Key::of_class(opened.class, card);
        let all = [
            Key::Card(card),
            Key::Practice(practice),
            Key::Server(opened.server),
            Key::Device(device),
        ];
        let summary = [Key::Summary(card), Key::Summaries(practice)];
        let confined = opened.class == RelationClass::Emergency
            && self.is_confined(card, opened.server, self.time);
        let keys = if confined { &summary[..] } else { &all[..] };
        for key in keys.iter().copied().chain(class) {
            self.budgets.entry(key).or_default().add(file, false, at);
        }
        Ok(())
    }

    /// What is withheld for a new sign-in counts towards the hard limit, or a thief without the
    /// card could ask for ever.
    fn refused(&mut self, refused: &entry::Refused) -> Result<(), Wrong> {
        // A card's statement that was refused stays so, even after a restart that forgot it.
        let verified = !matches!(refused.why, Why::Signature | Why::Replay);
        if verified && refused.session.is_none() && refused.card.is_some() {
            self.count_statement(refused.request);
        }
        if let (Why::Code, Some(card)) = (refused.why, refused.card) {
            let card = self.known_card(card)?;
            let (weight, now) = (Misses::weight(LookUp::Identifier), seconds(self.time));
            self.cards[card as usize].misses_mut(LookUp::Identifier).miss(weight, now);
        }
        if let (Why::StepUp, Some(card), Some(file)) = (refused.why, refused.card, refused.file) {
            let (card, file) = (self.known_card(card)?, self.known_file(&file)?);
            let found = matched(card, self.cards[card as usize].role);
            let key = if refused.request == UNSIGNED { found } else { Key::Card(card) };
            self.budgets.entry(key).or_default().add(file, true, seconds(self.time));
        }
        Ok(())
    }

    fn found(&mut self, found: &entry::Found) -> Result<(), Wrong> {
        let card = self.known_card(found.card)?;
        let at = seconds(self.time);
        let looked_up = found.request != UNSIGNED;
        planted!("counts no guess", return Ok(()));
        if !looked_up && !self.cards[card as usize].guesses(found.by) {
            return Ok(());
        }
        let key = matched(card, self.cards[card as usize].role);
        let key = if looked_up { Key::Found(card) } else { key };
        let mut new = false;
        for blind in found.shown.iter().chain(&found.told) {
            let file = self.known_file(blind)?;
            let window = self.budgets.entry(key).or_default();
            new |= !window.released_today(file, at);
            window.add(file, false, at);
        }
        let card = &mut self.cards[card as usize];
        let weight = if looked_up { card.miss(found.by) } else { card.guess(found.by) };
        if found.shown.is_empty() && found.told.is_empty() {
            card.misses_mut(found.by).miss(weight, at);
        } else if new && looked_up {
            card.misses_mut(found.by).less(Misses::HIT);
        }
        Ok(())
    }

    fn file_created(&mut self, created: &entry::FileCreated) -> Result<(), Wrong> {
        let practice = self.known_practice(created.practice)?;
        // A file that joins a list after its approval was not among what the officers approved.
        let list = match created.list {
            Some(list) => {
                let number = self.list(list);
                let open = self.lists[number as usize].approved.is_none();
                if open { number + 1 } else { 0 }
            }
            None => 0,
        };
        let at = seconds(self.time);
        self.files.push(created.file, practice, at, list).ok_or("the file is known already")?;
        if let Some(session) = self.sessions.get(&created.session) {
            self.cards[session.card as usize].explain(created.unless, at);
        }
        Ok(())
    }

    fn deposited(&mut self, deposited: &entry::Deposited) -> Result<(), Wrong> {
        let file = self.known_file(&deposited.file)?;
        let practice = self.known_practice(deposited.practice)?;
        let role = self.cards[self.known_card(deposited.card)? as usize].role;
        let row = self.files.row_mut(file);
        if deposited.first != row.segments || row.is(FileRow::ERASED) {
            return Err("the file does not end there");
        }
        if row.creator != practice || role == Role::Patient {
            row.flags |= FileRow::SHARED;
        }
        self.files.append(file, &deposited.sections, deposited.head);
        let ground = self.ground(file, practice, self.time);
        if let Some(grade) = ground.filter(|_| !matches!(role, Role::Importer | Role::Patient)) {
            let relation = self.relations.entry((file, practice)).or_default();
            let strong = grade == Grade::Strong;
            let contact = if strong { &mut relation.contact } else { &mut relation.listed_contact };
            *contact = seconds(self.time + CONTACT);
        }
        Ok(())
    }

    fn made_related(&mut self, related: &entry::Related) -> Result<(), Wrong> {
        let file = self.known_file(&related.file)?;
        let practice = self.known_practice(related.practice)?;
        let by = self.known_card(related.by)?;
        self.count_statement(related.order);
        let (until, now) = (seconds(related.until), seconds(self.time));
        match related.ground {
            Ground::Card => {}
            Ground::Booking => {
                self.did(Deed::Book(by));
                self.bookings.entry((file, practice)).or_default().push(until);
                return Ok(());
            }
            _ => self.budgets.entry(Key::Relating(by)).or_default().add(file, false, now),
        }
        if let (Some(code), Some(codes)) = (related.code, self.codes.get_mut(&file)) {
            spend(codes, &code);
        }
        let relation = self.relations.entry((file, practice)).or_default();
        match related.class {
            RelationClass::Presence => relation.presence = until,
            RelationClass::Evidence => relation.evidence = until,
            _ => return Err("only presence and evidence are made by others"),
        }
        Ok(())
    }

    /// New codes replace all earlier ones.
    fn codes_issued(&mut self, issued: &entry::CodesIssued) -> Result<(), Wrong> {
        let file = self.known_file(&issued.file)?;
        self.count_statement(issued.order);
        self.codes.insert(file, issued.codes.iter().copied().collect());
        Ok(())
    }

    fn list_approved(&mut self, approved: &entry::ListApproved) -> Result<(), Wrong> {
        let practice = self.known_practice(approved.practice)?;
        self.count_statement(approved.order);
        let list = self.list(approved.list);
        let until = seconds(self.time + approved.lasts);
        self.lists[list as usize].approved = Some((practice, until));
        Ok(())
    }

    fn froze(&mut self, subject: Subject) -> Result<(), Wrong> {
        planted!("forgets the freeze", return Ok(()));
        if self.frozen.insert(subject) { Ok(()) } else { Err("it is frozen already") }
    }

    /// Two officers looked into it, so what led to the freeze counts no more.
    fn unfroze(&mut self, unfrozen: &entry::Unfrozen) -> Result<(), Wrong> {
        self.count_statement(unfrozen.order);
        match unfrozen.subject {
            Subject::Card(id) => {
                let card = self.known_card(id)?;
                for key in [Key::Card, Key::Former, Key::Found, Key::Matched] {
                    self.budgets.remove(&key(card));
                }
                let card = &mut self.cards[card as usize];
                (card.numbers_missed, card.names_missed) = Default::default();
            }
            Subject::Practice(id) => {
                let practice = self.known_practice(id)?;
                self.budgets.remove(&Key::Practice(practice));
            }
            Subject::Server(id) => {
                self.budgets.remove(&Key::Server(id));
            }
        }
        if self.frozen.remove(&unfrozen.subject) { Ok(()) } else { Err("it is not frozen") }
    }

    fn marked(&mut self, marked: &entry::Marked) -> Result<(), Wrong> {
        self.count_statement(marked.order);
        let file = self.known_file(&marked.file)?;
        let flag = match marked.mark {
            Mark::Canary => FileRow::CANARY,
            Mark::Restricted => FileRow::RESTRICTED,
        };
        let flags = &mut self.files.row_mut(file).flags;
        *flags = if marked.set { *flags | flag } else { *flags & !flag };
        Ok(())
    }

    /// Lets go of what is over. What is over counts for nothing anyway; this only frees memory.
    fn sweep(&mut self, now: Time) {
        let second = seconds(now);
        self.sessions.retain(|_, session| session.until > now);
        self.end_tokens();
        self.sweep_jobs(now);
        self.statements.retain(|_, at| at.saturating_add(STATEMENT_SECONDS) > second);
        self.budgets.retain(|_, window| !window.advance(second));
        self.confirmed.retain(|_, at| at.saturating_add(MONTH) > second);
        self.deeds.retain(|_, times| {
            times.retain(|at| at.saturating_add(MONTH) > second);
            !times.is_empty()
        });
        let relations = &mut self.relations;
        self.bookings.retain(|pair, ends| {
            ends.retain(|until| {
                // The patient was there: what remains is a relation of before.
                let over = *until <= second;
                over.then(|| relations.entry(*pair).or_default());
                !over
            });
            !ends.is_empty()
        });
    }

    /// The same for who opened what, which is much to go through.
    fn sweep_openers(&mut self, now: Time) {
        let second = seconds(now);
        self.openers.retain(|_, openers| {
            openers.cards.retain(|(_, at, _)| at.saturating_add(MONTH) > second);
            !openers.cards.is_empty()
        });
    }

    fn end_tokens(&mut self) {
        let (sessions, now) = (&self.sessions, self.time);
        self.tokens.retain(|_, one| one.until > now && sessions.contains_key(&one.session));
    }

    pub(crate) fn count_statement(&mut self, statement: Hash) {
        self.statements.insert(Token::from(statement), seconds(self.time));
    }

    fn list(&mut self, list: ListId) -> u32 {
        *self.list_index.entry(list).or_insert_with(|| {
            self.lists.push(List::default());
            self.lists.len() as u32 - 1
        })
    }

    fn known_file(&self, file: &Blind) -> Result<u32, Wrong> {
        self.files.find(file).ok_or("no such file")
    }

    fn known_card(&self, card: CardId) -> Result<u32, Wrong> {
        self.card(card).ok_or("no such card")
    }

    fn known_practice(&self, practice: PracticeId) -> Result<u32, Wrong> {
        self.practice(practice).ok_or("no such practice")
    }
}

/// A code counts once.
fn spend(codes: &mut BTreeSet<Token>, code: &Token) {
    planted!("codes count twice", return);
    codes.remove(code);
}

/// Whether an opening rests on no current relation.
pub(crate) fn unrelated(class: RelationClass) -> bool {
    matches!(class, RelationClass::Former | RelationClass::Emergency)
}

/// The budget of what a card finds unsigned: machines have one of their own.
pub(crate) fn matched(card: u32, role: Role) -> Key {
    if machine(role) { Key::Matched(card) } else { Key::Found(card) }
}

/// Whether cards of this role work through lists of people by themselves.
pub(crate) fn machine(role: Role) -> bool {
    matches!(role, Role::Laboratory | Role::System | Role::Importer)
}
