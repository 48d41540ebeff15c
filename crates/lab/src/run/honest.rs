//! Honest people at work, and what the defence costs them.

use super::Run;
use super::agenda::Item;
use crate::attack::Saw;
use crate::defence::{Card, Defence, Hand, Look, Order, Wish};
use crate::scene::Deed;
use ledger::entry::Why;
use std::collections::HashMap;
use terms::{Duration, Grade, Role, Time};

/// A machine refers so many seconds apart: within the hourly and the daily budget of a card.
const BETWEEN_SECONDS: u64 = 360;
/// What a referral gives ends after 90 days.
const AGAIN: Duration = Duration::from_days(80);
/// How long it takes to put the card in and type the PIN, and how far apart the openings come that
/// waited for it: assumed.
const SIGNING: Duration = Duration::from_seconds(20);
const ONE_BY_ONE: Duration = Duration::from_seconds(3);
/// How often somebody tries before giving up.
const TRIES: u32 = 5;
/// An opening is asked about again after so many days.
const LATER: Duration = Duration::from_days(14);
/// How long a booking, referral, admission or presence makes somebody a current patient, for an
/// attacker who looks at the practice's screens: assumed.
const CURRENT_BEFORE: Duration = Duration::from_days(7);
const CURRENT_AFTER: Duration = Duration::from_days(14);

impl<D: Defence> Run<'_, D> {
    pub(super) fn happen(&mut self, deed: Deed) {
        let now = self.now;
        match deed {
            Deed::Join { staff } => self.join(staff),
            Deed::Leave { staff } => self.leave(staff),
            Deed::SignIn { staff } => {
                if self.live[staff as usize] {
                    let hand = self.hand(staff);
                    self.defence.sign_in(now, hand);
                }
            }
            Deed::Open { staff, person, reason, why }
                if self.signing_until[staff as usize] > now =>
            {
                self.wait(staff, person, reason, why);
            }
            Deed::Open { staff, person, reason, why } => self.work(staff, person, reason, why),
            Deed::Find { staff, person, number } => {
                let hand = self.hand(staff);
                if self.live[staff as usize]
                    && self.defence.find(now, hand, person, number) == Saw::StepUp
                {
                    self.tally_staff(staff, |honest| honest.step_ups += 1);
                    self.defence.sign_in(now, hand);
                }
            }
            Deed::Write { place, staff, person } => {
                let card = staff.map_or(self.machines[place as usize], |staff| self.card(staff));
                let hand = Hand { card, thief: false };
                if self.defence.write(now, hand, person) != Saw::Done && staff.is_none() {
                    // A machine signs in by itself.
                    self.defence.sign_in(now, hand);
                    self.defence.write(now, hand, person);
                }
            }
            Deed::List { place, people } => self.listed(place, people),
            Deed::Book { person, place, appointment } => {
                let order = Order::Book { person, place, appointment, by: None };
                self.relate(order, place, person, appointment);
            }
            Deed::Show { person, place, code } => {
                let by = code.then(|| self.desk(place)).flatten();
                self.relate(Order::Show { person, place, by }, place, person, now);
            }
            Deed::Refer { staff, person, place, admit } => {
                let by = self.card(staff);
                self.relate(Order::Refer { by, person, place, admit }, place, person, now);
            }
            Deed::Confirm { by, of, person } => {
                let (by, of) = (self.card(by), self.card(of));
                if self.defence.order(now, Order::Confirm { by, of, person }) == Saw::Done {
                    self.confirmed.insert((of, person));
                }
            }
        }
    }

    pub(super) fn card(&self, staff: u32) -> Card {
        self.card_of[staff as usize]
    }

    pub(super) fn hand(&self, staff: u32) -> Hand {
        Hand { card: self.card(staff), thief: false }
    }

    /// Whether somebody counts among the honest now: the card is not, and was not lately, stolen.
    pub(super) fn counts(&self, staff: u32) -> bool {
        self.apart_until[staff as usize] <= self.now
            && !self.attacked.contains_key(&self.card(staff))
    }

    pub(super) fn tally_staff(
        &mut self,
        staff: u32,
        count: impl FnOnce(&mut crate::tally::Honest),
    ) {
        if self.counts(staff) {
            count(&mut self.tally.honest);
        }
    }

    fn join(&mut self, staff: u32) {
        self.live[staff as usize] = true;
        if self.scene.staff[staff as usize].starts {
            return;
        }
        let (place, role) = {
            let staff = &self.scene.staff[staff as usize];
            (staff.place, staff.role)
        };
        let card = self.card(staff);
        self.defence.order(self.now, Order::Issue { card, place, role, alone: false });
    }

    fn leave(&mut self, staff: u32) {
        self.live[staff as usize] = false;
        let card = self.card(staff);
        self.defence.order(self.now, Order::Revoke { card });
    }

    /// Somebody at this place who may enter a code.
    fn desk(&mut self, place: u32) -> Option<Card> {
        let staff = &self.staff_at[place as usize];
        let first = self.chance.below(staff.len());
        let from = staff[first..].iter().chain(&staff[..first]);
        let somebody = from.copied().find(|staff| {
            let role = self.scene.staff[*staff as usize].role;
            self.live[*staff as usize] && !matches!(role, Role::System | Role::Laboratory)
        });
        somebody.map(|staff| self.card(staff))
    }

    /// A list beyond the one of the beginning. A file is on one list for good, so the machines of
    /// the people's own practices refer them, one after another within their budgets.
    fn listed(&mut self, place: u32, people: Vec<u32>) {
        let mut next: HashMap<u32, u64> = HashMap::new();
        for person in people.iter().filter(|person| self.scene.home[**person as usize] != place) {
            let from = self.scene.home[*person as usize];
            let turn = next.entry(from).or_default();
            let at = self.now + Duration::from_seconds(*turn * BETWEEN_SECONDS);
            *turn += 1;
            self.agenda.put(at, Item::Hand { place, person: *person });
        }
        if !next.is_empty() {
            let list = self.lists.len();
            self.lists.push((place, people));
            self.agenda.put(self.now + AGAIN, Item::Again { list });
        }
    }

    /// What officers once approved goes on, unless they approved another list since.
    pub(super) fn list_again(&mut self, list: usize) {
        let place = self.lists[list].0;
        if self.lists[list + 1..].iter().all(|(other, _)| *other != place) {
            let people = std::mem::take(&mut self.lists[list].1);
            self.listed(place, people);
        }
    }

    pub(super) fn hand_over(&mut self, place: u32, person: u32) {
        let by = self.machines[self.scene.home[person as usize] as usize];
        let order = Order::Refer { by, person, place, admit: false };
        self.relate(order, place, person, self.now);
    }

    fn relate(&mut self, order: Order, place: u32, person: u32, event: Time) {
        if self.defence.order(self.now, order) != Saw::Done {
            self.refused_relation(order);
            return;
        }
        let until = event + CURRENT_AFTER;
        let since = self.now.max(event - CURRENT_BEFORE);
        let known = &mut self.known[place as usize];
        let entry = self.related.entry((place, person)).or_insert_with(|| {
            known.push(person);
            (since, until)
        });
        *entry = (since, entry.1.max(until));
    }

    fn refused_relation(&mut self, order: Order) {
        let kind = |place: u32| self.scene.places[place as usize].kind.clone();
        let what = match order {
            Order::Book { place, .. } => format!("booking at {}", kind(place)),
            Order::Show { place, by: Some(_), .. } => format!("code at {}", kind(place)),
            Order::Show { place, .. } => format!("presence at {}", kind(place)),
            Order::Refer { by, place, .. } => {
                let from = self.holder.get(&by).map(|s| self.scene.staff[*s as usize].place);
                let from = from.map_or("machine".into(), kind);
                format!("{from} to {}", kind(place))
            }
            _ => "otherwise".into(),
        };
        *self.tally.honest.relations_refused.entry(what).or_default() += 1;
    }

    /// One opening, with everything that an honest person does to get there.
    pub(super) fn work(&mut self, staff: u32, person: u32, reason: bool, truth: &'static str) {
        if !self.live[staff as usize] {
            return;
        }
        let day = self.now.millis() / 86_400_000;
        if self.last_day[staff as usize] != day {
            self.last_day[staff as usize] = day;
            self.tally_staff(staff, |honest| honest.staff_days += 1);
        }
        let who = self.scene.staff[staff as usize];
        let close = self.scene.close(&who, person, &self.works_at);
        let look = self.insist(staff, person, reason, close);
        if look.saw == Saw::StepUp {
            self.tally_staff(staff, |honest| honest.step_ups += 1);
            let hand = self.hand(staff);
            if self.defence.sign_in(self.now, hand) == Saw::Done {
                self.signing_until[staff as usize] = self.now + SIGNING;
                self.wait(staff, person, reason, truth);
            }
            return;
        }
        let recent = &mut self.recent[who.place as usize];
        if look.grade == Some(Grade::Strong) && !look.repeat {
            recent.push_back((person, self.now));
            if recent.len() > 400 {
                recent.pop_front();
            }
        }
        if !look.repeat && self.counts(staff) {
            self.count(&who, staff, person, look);
            self.count_truth(truth, look.grade);
        }
    }

    /// Does it once the card is in; whatever else comes meanwhile waits behind it.
    fn wait(&mut self, staff: u32, person: u32, reason: bool, why: &'static str) {
        let until = &mut self.signing_until[staff as usize];
        let at = *until;
        *until = at + ONE_BY_ONE;
        self.agenda.put(at, Item::Open { staff, person, reason, why });
    }

    fn insist(&mut self, staff: u32, person: u32, reason: bool, close: bool) -> Look {
        let (now, hand) = (self.now, self.hand(staff));
        let treats = matches!(
            self.scene.staff[staff as usize].role,
            Role::Doctor | Role::Nurse | Role::Pharmacist
        );
        let mut wish = Wish { emergency: false, reason: false, close };
        let mut look = self.defence.open(now, hand, person, wish);
        for _ in 0..TRIES {
            match (look.saw, look.why) {
                (Saw::AskedReason, _) if !wish.reason => {
                    self.tally_staff(staff, |honest| honest.prompts += 1);
                    wish.reason = true;
                }
                (_, Some(Why::Session | Why::SessionBudget)) => {
                    self.defence.sign_in(now, hand);
                }
                (_, Some(Why::NoRelation | Why::Weak)) if treats && reason && !wish.emergency => {
                    (wish.emergency, wish.reason) = (true, true);
                }
                _ => break,
            }
            look = self.defence.open(now, hand, person, wish);
        }
        if wish.emergency && look.grade.is_none() && look.why == Some(Why::NoRelation) {
            self.tally_staff(staff, |honest| honest.emergencies_refused += 1);
        }
        look
    }

    fn count(&mut self, who: &crate::scene::Staff, staff: u32, person: u32, look: Look) {
        let honest = &mut self.tally.honest;
        honest.openings += 1;
        match look.grade {
            Some(Grade::Strong) => honest.strong += 1,
            Some(Grade::Weak) => honest.weak += 1,
            Some(Grade::None) => honest.none += 1,
            None => {
                honest.refused += 1;
                let why = look.why.map_or("otherwise".into(), |why| format!("{why:?}"));
                *honest.whys.entry(why).or_default() += 1;
            }
        }
        if !matches!(look.grade, Some(Grade::Strong | Grade::Weak)) {
            let card = self.card(staff);
            self.agenda.put(self.now + LATER, Item::Later { place: who.place, person, card });
        }
    }

    fn count_truth(&mut self, truth: &str, grade: Option<Grade>) {
        let truths = &mut self.tally.honest.truths;
        if !truths.contains_key(truth) {
            truths.insert(truth.to_owned(), [0; 3]);
        }
        if let Some(counts) = truths.get_mut(truth) {
            counts[0] += 1;
            counts[1] += u64::from(matches!(grade, Some(Grade::Strong | Grade::Weak)));
            counts[2] += u64::from(grade.is_none());
        }
    }

    pub(super) fn asked_later(&mut self, place: u32, person: u32, card: Card) {
        let then = self.now - LATER - Duration::from_days(1);
        let related = self.related.get(&(place, person)).is_some_and(|(since, _)| *since >= then);
        let explained = related || self.confirmed.contains(&(card, person));
        self.tally.honest.asked_later += 1;
        self.tally.honest.later += u64::from(explained);
    }
}
