//! The oracle's rules for grades, rungs, emergencies, colleagues and the making of relations.

use crate::oracle::{Ask, Oracle, Step};
use ledger::entry::{Act, Confirmed, Opened, Related, Stepped, Subject};
use std::collections::BTreeSet;
use terms::{
    Blind, CardId, Duration, Grade, Ground, PracticeId, RelationClass, Role, Rung, Section,
    Sections, SessionId, Time,
};

const DAY: u64 = 86_400;
const SPANS: [u64; 6] = [10, 60, 600, 3_600, DAY, 30 * DAY];
/// Hard limits, written down a second time.
const EMERGENCIES: [usize; 6] = [3, 3, 4, 5, 5, 30];
const RELATING: [usize; 6] = [7, 13, 49, 159, 269, 2_688];

/// What others signed that is no presence: referral, admission, booking.
pub(crate) struct Over {
    pub(crate) current: bool,
    pub(crate) ever: bool,
}

fn recent(then: Time, at: Time, seconds: u64) -> bool {
    then.seconds() + seconds > at.seconds()
}

/// From when until when a relation is one.
fn span(related: &Related) -> (u64, u64) {
    let until = related.until.seconds();
    let from = if related.ground == Ground::Booking { until.saturating_sub(9 * DAY) } else { 0 };
    (from, until)
}

impl Oracle {
    fn relations<'o>(
        &'o self,
        file: &Blind,
        practice: PracticeId,
        before: u64,
    ) -> impl Iterator<Item = &'o Related> {
        let past = self.past.get(file).map(Vec::as_slice).unwrap_or_default();
        past.iter().filter(move |past| past.number < before).filter_map(move |past| {
            match &past.act {
                Act::Related(related) if related.practice == practice => Some(related),
                _ => None,
            }
        })
    }

    /// A later referral replaces an earlier one; bookings stand side by side.
    pub(crate) fn signed_over(
        &self,
        file: &Blind,
        practice: PracticeId,
        at: Time,
        before: u64,
    ) -> Over {
        let now = at.seconds();
        let evidence = |booked: bool| {
            self.relations(file, practice, before).filter(move |related| {
                related.class == RelationClass::Evidence
                    && (related.ground == Ground::Booking) == booked
            })
        };
        let is_on = |related: &Related| span(related).0 <= now && span(related).1 > now;
        let begun = |related: &Related| span(related).0 <= now;
        Over {
            current: evidence(false).last().is_some_and(is_on) || evidence(true).any(is_on),
            ever: evidence(false).next().is_some() || evidence(true).any(begun),
        }
    }

    /// How an opening of this file is explained, from the words of the design.
    pub(crate) fn graded(
        &self,
        file: &Blind,
        practice: PracticeId,
        at: Time,
        before: u64,
    ) -> Grade {
        if self.is_strong(file, practice, at, before) {
            return Grade::Strong;
        }
        let past = self.past.get(file).map(Vec::as_slice).unwrap_or_default();
        let under_strong = past.iter().filter(|past| past.number < before).any(|past| {
            let Act::Deposited(new) = &past.act else { return false };
            let acts = !matches!(self.cards[&new.card].role, Role::Importer | Role::Patient);
            acts && new.practice == practice
                && recent(past.at, at, 14 * DAY)
                && self.is_strong(file, practice, past.at, past.number)
        });
        match self.basis(file, practice, at, before) {
            None => Grade::None,
            Some(_) if under_strong => Grade::Strong,
            Some(_) => Grade::Weak,
        }
    }

    fn is_strong(&self, file: &Blind, practice: PracticeId, at: Time, before: u64) -> bool {
        let presence = self
            .relations(file, practice, before)
            .filter(|related| related.class == RelationClass::Presence)
            .last();
        presence.is_some_and(|related| related.until.seconds() > at.seconds())
            || self.signed_over(file, practice, at, before).current
    }

    /// The highest rung that a step put the card on and nobody took it down from since.
    pub(crate) fn rung(&self, card: CardId, at: Time) -> Rung {
        let steps: Vec<&Stepped> = self
            .deeds
            .iter()
            .filter_map(|past| match &past.act {
                Act::Stepped(step) if step.card == card => Some(step),
                _ => None,
            })
            .collect();
        let holds = |n: usize, step: &Stepped| {
            let down = steps[n + 1..].iter().any(|l| !l.by.is_empty() && l.rung < step.rung);
            step.until.seconds() > at.seconds() && !down
        };
        let held = steps.iter().enumerate().filter(|(n, step)| holds(*n, step));
        held.map(|(_, step)| step.rung).max().unwrap_or(Rung::Open)
    }

    /// Whether the session began before its card was told to sign in again.
    pub(crate) fn is_stale(&self, card: CardId, session: SessionId, at: Time) -> bool {
        let began = self.sessions.get(&session).map_or(0, |facts| facts.number);
        let told = self.deeds.iter().any(|past| {
            matches!(&past.act, Act::Stepped(step) if step.card == card
                && step.by.is_empty() && step.rung >= Rung::StepUp && past.number > began)
        });
        told && self.rung(card, at) >= Rung::StepUp
    }

    /// Grade, rung and closeness of an opening.
    pub(crate) fn held(&mut self, step: &Step, at: Time, opened: &Opened) {
        let practice = self.cards[&opened.card].practice;
        let grade = match opened.class {
            RelationClass::Own => Grade::Strong,
            RelationClass::Emergency => Grade::None,
            _ => self.graded(&opened.file, practice, at, self.number),
        };
        self.rule(opened.grade == grade, "an opening is graded as it is explained");
        let rung = self.rung(opened.card, at);
        let (reason, close, token) = match step.ask {
            Ask::Open { reason, close, .. } => (reason, close, false),
            _ => (false, false, true),
        };
        self.rule(opened.close == close, "who is close is marked");
        let stale = self.is_stale(opened.card, opened.session, at);
        let asked = close || rung >= Rung::Reason;
        let said = !asked || grade == Grade::Strong || reason;
        let confined = !token && self.is_confined(at, opened);
        let fits = rung < Rung::Restricted || grade == Grade::Strong || confined;
        self.rule(!stale && said && fits, "a rung asks what it asks");
        let stopped = self.is_frozen(opened.card, opened.server);
        self.rule(!stopped || confined, "what is frozen opens nothing");
        let summary = Sections::of(&[Section::Summary]);
        let little = !confined || opened.sections.without(summary).is_empty();
        self.rule(little, "where all is stopped the summary is left");
    }

    /// Whether it is an emergency of somebody to whom nothing else is left.
    pub(crate) fn is_confined(&self, at: Time, opened: &Opened) -> bool {
        opened.class == RelationClass::Emergency
            && (self.rung(opened.card, at) == Rung::Restricted
                || self.is_frozen(opened.card, opened.server))
    }

    /// After the opening was taken in: few of them a day.
    pub(crate) fn summaries(&mut self, at: Time, opened: &Opened) {
        let of = |may: &dyn Fn(&Opened) -> bool| {
            let today = self
                .openings
                .iter()
                .filter(|one| one.confined && !one.opened.repeat && recent(one.at, at, DAY));
            let files = today.map(|one| &one.opened).filter(|one| may(one));
            files.map(|one| one.file).collect::<BTreeSet<_>>().len()
        };
        let few = of(&|one| one.card == opened.card) <= 3
            && of(&|one| one.practice == opened.practice) <= 10;
        self.rule(few, "summaries are few");
    }

    pub(crate) fn emergency_left(&self, at: Time, opened: &Opened) -> bool {
        if self.is_confined(at, opened) {
            return true;
        }
        let before: Vec<_> = self
            .openings
            .iter()
            .filter(|one| {
                one.opened.card == opened.card
                    && one.opened.class == RelationClass::Emergency
                    && !one.opened.repeat
                    && recent(one.at, at, 30 * DAY)
            })
            .collect();
        let few = SPANS.into_iter().zip(EMERGENCIES).all(|(span, most)| {
            let within = before.iter().filter(|one| recent(one.at, at, span));
            let files: BTreeSet<_> = within.map(|one| one.opened.file).collect();
            files.contains(&opened.file) || files.len() < most
        });
        let files: BTreeSet<_> = before.iter().map(|one| one.opened.file).collect();
        let unexplained = before.iter().filter(|one| {
            let file = &one.opened.file;
            !recent(one.at, at, 14 * DAY)
                && !self.erased.contains(file)
                && !self.was_confirmed(opened.card, file, one.at)
                && self.basis(file, opened.practice, at, self.number).is_none()
        });
        let open = unexplained.map(|one| one.opened.file).collect::<BTreeSet<_>>().len();
        few && (open < 3 || 3 * open <= files.len())
    }

    fn was_confirmed(&self, card: CardId, file: &Blind, since: Time) -> bool {
        self.deeds.iter().any(|past| {
            past.at >= since
                && matches!(&past.act, Act::Confirmed(one) if one.card == card && one.file == *file)
        })
    }

    /// Whether this card speaks for another one.
    fn is_colleague(&self, step: &Step, at: Time, by: CardId, card: CardId) -> bool {
        let signed = matches!(&step.ask, Ask::Order { signers } if signers == &vec![by]);
        let [one, other] = [by, card].map(|card| &self.cards[&card]);
        let treats = matches!(one.role, Role::Doctor | Role::Nurse | Role::Pharmacist);
        let near = treats
            && one.practice == other.practice
            && self.rung(by, at) == Rung::Open
            && !self.frozen.contains(&Subject::Practice(one.practice));
        let free = !self.frozen.contains(&Subject::Card(by)) && !self.revoked.contains(&by);
        signed && by != card && free && (one.role == Role::Officer || near)
    }

    fn often(&self, at: Time, seconds: u64, is: impl Fn(&Act) -> bool) -> usize {
        self.deeds.iter().filter(|past| recent(past.at, at, seconds) && is(&past.act)).count()
    }

    /// Before the step is taken in.
    pub(crate) fn stepped(&mut self, step: &Step, at: Time, new: &Stepped) {
        let stands = self.rung(new.card, at);
        if new.by.is_empty() {
            let up = matches!(step.ask, Ask::Watch) && new.rung >= stands.max(Rung::Reason);
            return self.rule(up, "the watch only takes away");
        }
        let by = new.by[0];
        let is_officer = |card: &CardId| self.cards[card].role == Role::Officer;
        let speaks = new.by.len() == 1 && self.is_colleague(step, at, by, new.card);
        let down = new.rung as usize + 1 == stands as usize;
        let by_one = |act: &Act| matches!(act, Act::Stepped(one) if one.by == [by]);
        let of_card = |act: &Act| {
            matches!(act, Act::Stepped(one) if one.card == new.card
                && one.by.first().is_some_and(|by| !is_officer(by)))
        };
        let few = self.often(at, DAY, by_one) < 2
            && (is_officer(&by) || self.often(at, 30 * DAY, of_card) < 2);
        self.rule(speaks && down, "a colleague speaks for another");
        self.rule(few, "colleagues speak seldom");
    }

    pub(crate) fn confirmed(&mut self, step: &Step, at: Time, new: &Confirmed) {
        let speaks = self.is_colleague(step, at, new.by, new.card);
        self.rule(speaks, "a colleague speaks for another");
        let by_one = |act: &Act| matches!(act, Act::Confirmed(one) if one.by == new.by);
        let few = self.often(at, DAY, by_one) < 3;
        self.rule(few, "colleagues speak seldom");
        let opened = self.openings.iter().any(|one| {
            one.opened.card == new.card
                && one.opened.file == new.file
                && one.opened.class == RelationClass::Emergency
        });
        self.rule(opened, "what is confirmed was an emergency");
    }

    /// Whether this signer may say that, and has not said it too often. A code is used up.
    pub(crate) fn may_relate(&mut self, at: Time, new: &Related) -> bool {
        let signer = &self.cards[&new.by];
        let desk = matches!(
            signer.role,
            Role::Doctor | Role::Nurse | Role::Receptionist | Role::Pharmacist | Role::System
        );
        let own = signer.file == Some(new.file) && signer.role == Role::Patient;
        let made: Vec<(Time, &Related)> = self
            .past
            .values()
            .flatten()
            .filter_map(|past| match &past.act {
                Act::Related(related) if related.by == new.by => Some((past.at, related)),
                _ => None,
            })
            .collect();
        let bookings = made
            .iter()
            .filter(|(then, one)| one.ground == Ground::Booking && recent(*then, at, DAY))
            .count();
        let holds = match new.ground {
            Ground::Card => own && new.class == RelationClass::Presence,
            Ground::Booking => {
                let until = at + Duration::from_days(402);
                own && new.class == RelationClass::Evidence && new.until <= until && bookings < 5
            }
            Ground::Code => {
                desk && signer.practice == new.practice && new.class == RelationClass::Presence
            }
            Ground::Referral | Ground::Admission => {
                desk && signer.practice != new.practice && new.class == RelationClass::Evidence
            }
        };
        let counted = |ground| !matches!(ground, Ground::Card | Ground::Booking);
        let files = |span: u64| {
            let within =
                made.iter().filter(|(then, one)| recent(*then, at, span) && counted(one.ground));
            within.map(|(_, one)| one.file).chain([new.file]).collect::<BTreeSet<_>>().len()
        };
        let few = SPANS.into_iter().zip(RELATING).all(|(span, most)| files(span) <= most);
        self.rule(few || !counted(new.ground), "relations are not made in masses");
        let spent = match (&new.code, self.codes.get_mut(&new.file)) {
            (Some(code), Some(codes)) => codes.remove(&**code),
            _ => false,
        };
        self.rule((new.ground == Ground::Code) == spent, "a code counts once");
        holds
    }
}
