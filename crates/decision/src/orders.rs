//! Orders: who may order what, and how many of them it takes.
//!
//! | order | signed by |
//! |---|---|
//! | register a practice, freeze | one officer |
//! | issue a card | one officer for staff of the own practice, else two |
//! | revoke a card | one officer, two if it is an officer's |
//! | unfreeze, approve a list or a job, mark, hold, erase, one-time codes | two officers |
//! | presence, booking | the card of the patient whose file it is |
//! | presence by a one-time code | a card of the practice where it was shown |
//! | consent (bar, hide, deputy) | the card of the patient whose file it is |
//! | refer, admit | a card of a practice that others gave a relation in force, to another |
//! | relax a card, confirm its emergency | a colleague of its practice who treats, or an officer |
//!
//! Officers stop at nothing but their own card's freeze: a frozen practice or server must not lock
//! in the officers who could free it. Nobody issues themselves a second officer, or a patient's
//! card.

use super::decide::{About, No};
use super::relation::EVIDENCE;
use super::rows::FileRow;
use super::{Core, Named, Outcome, Verdict, relate};
use keyproto::jws::sha256;
use keyproto::statement::{self, Order, SignedOrder, SubjectName};
use ledger::entry::{self, Act, Hash, Mark, Subject, Why};
use terms::{Blind, CardId, Role, ServerId, Time, planted};

/// An order that is not carried out.
pub(super) const NOT_IN_ORDER: Why = Why::Order;

/// What every order's entry says about its signers.
pub(super) struct Signed {
    pub(super) cards: Vec<CardId>,
    numbers: Vec<u32>,
    pub(super) hash: Hash,
}

impl Core {
    /// Carries out an order, or refuses it.
    pub(super) fn order(
        &mut self,
        now: Time,
        server: ServerId,
        statements: &[SignedOrder],
        file: Option<Named>,
    ) -> Outcome {
        let Some(first) = statements.first() else {
            return self.say(now, Verdict::AskedWrongly("an order without a signature"));
        };
        let order = first.order();
        let same = statements.iter().all(|one| one.order() == order);
        if !same || names(order) != file.map(|file| file.id) {
            return self.say(now, Verdict::AskedWrongly("not one order, or not about that file"));
        }
        let signers: Vec<_> = statements.iter().map(|one| (one.card(), one.hash())).collect();
        self.order_by(now, server, order, &signers, file.map(|file| file.blind))
    }

    /// The same for cards that are known to have signed, each a statement with this hash.
    pub(super) fn order_by(
        &mut self,
        now: Time,
        server: ServerId,
        order: &Order,
        signers: &[(CardId, Hash)],
        file: Option<Blind>,
    ) -> Outcome {
        let (Some((card, request)), true) = (signers.first().copied(), signers.len() <= 2) else {
            return self.say(now, Verdict::AskedWrongly("an order has one signer, or two"));
        };
        let card = self.state.card(card).map(|_| card);
        let about = About { server, session: None, card, file, request };
        match self.signed(now, signers).and_then(|by| self.carry_out(now, order, file, &by)) {
            Ok(act) => self.settle(now, vec![act], Verdict::Ordered),
            Err(no) => self.refuse(now, about, no),
        }
    }

    /// Every signature counts once, and is of a card that may sign.
    fn signed(&mut self, now: Time, signers: &[(CardId, Hash)]) -> Result<Signed, No> {
        let mut hashes: Vec<Hash> = signers.iter().map(|(_, hash)| *hash).collect();
        hashes.sort_unstable();
        let hash = if hashes.len() == 1 { hashes[0] } else { sha256(&hashes.concat()) };
        let seen = |hash: &Hash| self.state.counted(*hash) || self.fresh.orders.contains(hash);
        if self.state.counted(hash) || hashes.iter().any(seen) {
            return Err((Why::Replay, None));
        }
        let mut numbers = Vec::new();
        for (card, _) in signers {
            let number = self.state.card(*card).ok_or((Why::Card, None))?;
            let card = &self.state.cards[number as usize];
            if self.state.is_frozen(Subject::Card(card.id)) {
                return Err((Why::Frozen, None));
            }
            if card.revoked || card.not_after < now {
                return Err((Why::Card, None));
            }
            numbers.push(number);
        }
        if numbers.len() == 2 && numbers[0] == numbers[1] {
            return Err((NOT_IN_ORDER, None));
        }
        for hash in hashes {
            self.fresh.orders.first_time(now, hash);
        }
        let cards = signers.iter().map(|(card, _)| *card).collect();
        Ok(Signed { cards, numbers, hash })
    }

    fn carry_out(
        &self,
        now: Time,
        order: &Order,
        file: Option<Blind>,
        signed: &Signed,
    ) -> Result<Act, No> {
        match order {
            Order::Presence { .. }
            | Order::Refer { .. }
            | Order::Book { .. }
            | Order::Present { .. }
            | Order::Consent { .. }
            | Order::Relax { .. }
            | Order::Confirm { .. } => match signed.numbers[..] {
                [signer] => self.say_alone(now, order, file, (signer, signed.hash)),
                _ => Err((NOT_IN_ORDER, None)),
            },
            _ if !self.officers_suffice(order, signed) => Err((NOT_IN_ORDER, None)),
            Order::Mark { .. } | Order::Erase { .. } | Order::Codes { .. } => {
                self.change_file(order, file, signed)
            }
            Order::Hold { .. } => self.hold(order, file, signed),
            Order::ApproveJob { .. } => self.approve_job(now, order, signed),
            _ => self.change_others(order, file, signed),
        }
    }

    /// What a single card says: a patient's, a practice's, a colleague's.
    fn say_alone(
        &self,
        now: Time,
        order: &Order,
        file: Option<Blind>,
        by: (u32, Hash),
    ) -> Result<Act, No> {
        match order {
            Order::Consent { what, set, .. } => self.consent(*what, *set, file, by),
            Order::Relax { card } => self.relax(now, *card, by),
            Order::Confirm { card, .. } => self.confirm(now, file, *card, by),
            _ => self.relate(now, order, file, by),
        }
    }

    /// Officers alone, and as many as it takes.
    fn officers_suffice(&self, order: &Order, signed: &Signed) -> bool {
        planted!("one officer suffices", return !signed.numbers.is_empty());
        let cards = || signed.numbers.iter().map(|number| &self.state.cards[*number as usize]);
        let is_officer = |id: &CardId| {
            let card = self.state.card(*id);
            card.is_some_and(|card| self.state.cards[card as usize].role == Role::Officer)
        };
        let one = match order {
            Order::RegisterPractice { .. } | Order::Freeze { .. } => true,
            Order::RevokeCard { card, .. } => !is_officer(card),
            Order::IssueCard { role, practice, .. } => {
                let own = cards().all(|c| self.state.practice(*practice) == Some(c.practice));
                own && !matches!(role, Role::Officer | Role::Patient)
            }
            _ => false,
        };
        cards().all(|card| card.role == Role::Officer) && (one || signed.numbers.len() == 2)
    }

    fn change_file(&self, order: &Order, file: Option<Blind>, signed: &Signed) -> Result<Act, No> {
        let (file, number) = self.known(file)?;
        let (by, hash) = (signed.cards.clone(), signed.hash);
        Ok(match order {
            Order::Mark { mark, set, .. } => {
                let mark = match mark {
                    statement::Mark::Canary => Mark::Canary,
                    statement::Mark::Restricted => Mark::Restricted,
                };
                Act::Marked(entry::Marked { file, mark, set: *set, by, order: hash })
            }
            Order::Codes { codes, .. } => {
                let codes = relate::hashes(codes).ok_or((NOT_IN_ORDER, None))?;
                Act::CodesIssued(entry::CodesIssued { file, codes, by, order: hash })
            }
            _ if self.state.is_held(number) => return Err((Why::Held, None)),
            _ => {
                let epoch = Some(self.state.epoch().max(1));
                Act::Erased(entry::Erased { file, by, order: hash, epoch })
            }
        })
    }

    fn change_others(
        &self,
        order: &Order,
        file: Option<Blind>,
        signed: &Signed,
    ) -> Result<Act, No> {
        let no = Err((NOT_IN_ORDER, None));
        let (by, hash) = (signed.cards.clone(), signed.hash);
        let state = &self.state;
        Ok(match order {
            Order::RegisterPractice { practice, name } if state.practice(*practice).is_none() => {
                let (practice, name) = (*practice, name.clone());
                let order = hash;
                Act::PracticeRegistered(entry::PracticeRegistered { practice, name, by, order })
            }
            Order::IssueCard { .. } => Act::CardIssued(self.issue(order, file, by, hash)?),
            Order::RevokeCard { card, reason } => {
                let known = state.card(*card).map(|number| &state.cards[number as usize]);
                if known.is_none_or(|card| card.revoked) {
                    return no;
                }
                let (card, reason, order) = (*card, reason.clone(), hash);
                Act::CardRevoked(entry::CardRevoked { card, reason, by, order })
            }
            Order::Freeze { subject, reason } => {
                let subject = self.subject(*subject).filter(|s| !state.is_frozen(*s));
                let Some(subject) = subject else { return no };
                let reason = Some(reason.clone());
                Act::Frozen(entry::Frozen { subject, why: None, reason, by, finding: None })
            }
            Order::Unfreeze { subject, reason } => {
                let subject = self.subject(*subject).filter(|s| state.is_frozen(*s));
                let Some(subject) = subject else { return no };
                let (reason, order) = (reason.clone(), hash);
                Act::Unfrozen(entry::Unfrozen { subject, reason, by, order })
            }
            Order::ApproveList { list, practice }
                if state.knows_list(*list) && state.practice(*practice).is_some() =>
            {
                let (list, practice, lasts, order) = (*list, *practice, EVIDENCE, hash);
                Act::ListApproved(entry::ListApproved { list, practice, lasts, by, order })
            }
            _ => return no,
        })
    }

    fn issue(
        &self,
        order: &Order,
        named: Option<Blind>,
        by: Vec<CardId>,
        hash: Hash,
    ) -> Result<entry::CardIssued, No> {
        let Order::IssueCard { card, role, practice, holder, key, not_after, file } = order else {
            return Err((NOT_IN_ORDER, None));
        };
        let key = key.key().map_err(|_| (NOT_IN_ORDER, None))?;
        let patient = *role == Role::Patient;
        let known = self.state.card(*card).is_some() || self.state.practice(*practice).is_none();
        if known || (patient && file.is_none()) {
            return Err((NOT_IN_ORDER, None));
        }
        let file = named.map(|_| Ok(self.known(named)?.0)).transpose()?;
        Ok(entry::CardIssued {
            card: *card,
            role: *role,
            practice: *practice,
            holder: holder.clone(),
            key,
            not_after: Time::from_millis(not_after.saturating_mul(1_000)),
            file,
            by,
            order: hash,
        })
    }

    fn subject(&self, name: SubjectName) -> Option<Subject> {
        match name {
            SubjectName::Card(card) => self.state.card(card).map(|_| Subject::Card(card)),
            SubjectName::Practice(practice) => {
                self.state.practice(practice).map(|_| Subject::Practice(practice))
            }
            SubjectName::Server(server) => Some(Subject::Server(server)),
        }
    }

    /// A patient's file that is not erased.
    pub(super) fn known(&self, file: Option<Blind>) -> Result<(Blind, u32), No> {
        let blind = file.ok_or((NOT_IN_ORDER, None))?;
        let number = self.state.files.find(&blind).ok_or((Why::NoFile, None))?;
        let gone = self.state.files.row(number).is(FileRow::ERASED | FileRow::DIRECTORY);
        if gone { Err((Why::NoFile, None)) } else { Ok((blind, number)) }
    }
}

/// The file an order is about.
fn names(order: &Order) -> Option<terms::FileId> {
    match order {
        Order::Mark { file, .. }
        | Order::Erase { file }
        | Order::Presence { file, .. }
        | Order::Refer { file, .. }
        | Order::Book { file, .. }
        | Order::Codes { file, .. }
        | Order::Present { file, .. }
        | Order::Confirm { file, .. }
        | Order::Consent { file, .. } => Some(*file),
        Order::Hold { on: statement::HoldOn::File(file), .. } => Some(*file),
        Order::IssueCard { file, .. } => *file,
        _ => None,
    }
}
