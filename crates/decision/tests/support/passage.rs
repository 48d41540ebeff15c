//! The oracle's rules for everything but openings: look-ups, reports, sign-ins, deposits, orders.

use crate::oracle::{Ask, Oracle, Said, Step, Under};
use ledger::entry::{Act, Subject};
use terms::{
    CardId, DEPOSIT_SECONDS_MAX, Duration, Grade, RelationClass, Role, Rung, Section, SessionId,
};

impl Oracle {
    /// Judges what was said before its entries are taken in.
    pub(crate) fn passage(&mut self, step: &Step) {
        let at = step.at;
        self.grants.retain(|_, under| under.until >= at);
        match &step.said {
            Said::Shown(files) => {
                let Some(card) = self.looked(step) else { return };
                for (file, class, grade) in files {
                    self.shown(step, card, file, (*class, *grade));
                }
            }
            Said::Report { card } => {
                let asker = self.looked(step);
                self.rule(asker == Some(*card), "a report goes to whoever signed for it");
                let role = self.cards[card].role;
                let may = matches!(role, Role::Officer | Role::Patient);
                self.rule(may, "officers and patients read the ledger");
            }
            Said::SignedIn => {
                let genuine = matches!(step.ask, Ask::SignIn { genuine: true });
                self.rule(genuine, "nobody signs in without the card");
            }
            Said::Granted { grant, file, first, count } => {
                self.granted(step, *grant, (*file, *first, *count));
            }
            Said::Committed => self.committed(step),
            Said::Ordered => {
                let signed = matches!(&step.ask, Ask::Order { signers } if !signers.is_empty())
                    || matches!(step.ask, Ask::Watch);
                self.rule(signed, "nothing is ordered that nobody signed");
            }
            // No patient is in the directory, and a frozen server needs it to let officers in.
            _ => {}
        }
        if let Ask::Abort { grant } = step.ask
            && self.grants.get(&grant).is_some_and(|under| under.server == step.server)
        {
            self.grants.remove(&grant);
        }
    }

    /// Whose look-up this is, if a client signed it for this server just now.
    fn looked(&mut self, step: &Step) -> Option<CardId> {
        let Ask::Look { session, proof, genuine, counter } = step.ask else {
            self.rule(false, "nothing is told that a client did not ask");
            return None;
        };
        let fresh = !self.proofs.contains(&proof);
        let last = self.counters.get(&session);
        let grows = counter.is_none_or(|c| last.is_none_or(|last| c > *last));
        self.rule(genuine && fresh && grows, "nothing is told that a client did not ask");
        let card = self.live(step, session)?;
        if matches!(step.said, Said::Shown(_)) {
            let stale = self.is_stale(card, session, step.at);
            self.rule(!stale, "a rung asks what it asks");
        }
        Some(card)
    }

    /// The card of a session that is live through this server.
    fn live(&mut self, step: &Step, session: SessionId) -> Option<CardId> {
        let facts = self.sessions.get(&session);
        let live = facts.filter(|facts| facts.server == step.server && facts.until > step.at);
        let card = live.map(|facts| facts.card);
        let may = card.is_some_and(|card| {
            let officer = self.cards[&card].role == Role::Officer;
            let asks = officer && matches!(step.said, Said::Report { .. });
            let stopped = if asks { false } else { self.is_frozen(card, step.server) };
            let frozen = stopped || self.frozen.contains(&Subject::Card(card));
            !frozen && !self.revoked.contains(&card) && self.cards[&card].not_after >= step.at
        });
        self.rule(may, "only live sessions act, through their server");
        card.filter(|_| may)
    }

    fn shown(
        &mut self,
        step: &Step,
        card: CardId,
        file: &terms::Blind,
        (class, grade): (RelationClass, Grade),
    ) {
        let (role, practice) = (self.cards[&card].role, self.cards[&card].practice);
        let basis = self.basis(file, practice, step.at, self.number);
        self.rule(basis == Some(class), "a label is shown under a relation");
        let graded = self.graded(file, practice, step.at, self.number) == grade;
        let restricted = self.rung(card, step.at) == Rung::Restricted;
        self.rule(graded && (!restricted || grade == Grade::Strong), "a rung asks what it asks");
        let rests = self.restricted.contains(file) || self.erased.contains(file);
        self.rule(!rests, "labels of restricted and erased files rest");
        let allowed = self.matrix[&(role, class)].contains(Section::Label);
        self.rule(allowed, "a role is shown its sections");
    }

    fn granted(&mut self, step: &Step, grant: u64, place: (terms::Blind, u32, u32)) {
        let (file, first, count) = place;
        let Ask::Deposit { session } = step.ask else {
            return self.rule(false, "a deposit is granted to whoever asks");
        };
        let Some(card) = self.live(step, session) else { return };
        let facts = &self.cards[&card];
        let own = facts.role != Role::Patient || facts.file == Some(file);
        let may = facts.role != Role::Officer && own;
        self.rule(may, "officers do not deposit, patients in the own file alone");
        let end = self.segments.get(&file).copied().unwrap_or_default();
        self.rule(first == end, "a deposit gets keys of segments that do not exist");
        self.rule(!self.erased.contains(&file), "nothing is added to what is erased");
        let alone = self.grants.values().all(|under| under.file != file);
        self.rule(alone, "no two deposits get one segment's key");
        let until = step.at + Duration::from_seconds(DEPOSIT_SECONDS_MAX);
        self.grants.insert(grant, Under { server: step.server, file, first, count, until });
    }

    fn committed(&mut self, step: &Step) {
        let under = match step.ask {
            Ask::Commit { grant } => self.grants.remove(&grant),
            _ => None,
        };
        let right = under.is_some_and(|under| {
            let as_granted = step.entries.iter().any(|entry| match &entry.act {
                Act::Deposited(new) => {
                    (new.file, new.first, new.sections.len() as u32)
                        == (under.file, under.first, under.count)
                }
                _ => false,
            });
            under.server == step.server && as_granted
        });
        self.rule(right, "a commit is of a grant, once, in time, by its server");
    }
}
