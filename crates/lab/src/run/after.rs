//! What follows when the defence acts or speaks: officers read, colleagues help, patients report.

use super::Run;
use super::agenda::Item;
use super::thieves::Attack;
use crate::attack::Family;
use crate::defence::{Card, Defence, Order};
use terms::{Duration, Finding, Role, Rung};

impl<D: Defence> Run<'_, D> {
    fn after_days(&mut self, days: f64) -> terms::Time {
        self.now + Duration::from_millis((days * 86_400_000.0) as u64)
    }

    /// The live attack that an alert is about, if it is about one.
    fn about(&self, card: Option<Card>, place: Option<u32>, person: Option<u32>) -> Option<usize> {
        let of_card = card.map(|card| self.attacked.get(&card).copied().or(self.just_ended(card)));
        let of_place = || place.and_then(|place| self.busy[place as usize]);
        let of_file = || {
            let person = person?;
            self.attacks.iter().position(|attack| !attack.over && attack.opened(person))
        };
        match of_card {
            Some(of_card) => of_card,
            None => of_place().or_else(of_file),
        }
    }

    /// The attack with this card that was stopped this very moment: the alert about the stop comes
    /// right behind it.
    fn just_ended(&self, card: Card) -> Option<usize> {
        let now = self.now;
        let ended = |attack: &Attack| attack.ended == Some(now) && attack.has(card);
        self.attacks.iter().rposition(ended)
    }

    pub(super) fn alerted(
        &mut self,
        finding: Finding,
        card: Option<Card>,
        place: Option<u32>,
        person: Option<u32>,
    ) {
        let attack = self.about(card, place, person);
        // Whoever had a card stolen lately is left out here as well.
        let holder = card.and_then(|card| self.holder.get(&card).copied());
        if attack.is_some() || holder.is_none_or(|staff| self.counts(staff)) {
            self.count_alert(finding.word(), attack.is_some());
        }
        if let Some(number) = attack {
            self.attacks[number].found = true;
        }
        let days = self.chance.between(self.setting.reactions.review_days);
        let at = self.after_days(days);
        self.agenda.put(at, Item::Review { card, place: place.filter(|_| card.is_none()) });
    }

    fn count_alert(&mut self, finding: &str, right: bool) {
        let honest = &mut self.tally.honest;
        honest.alerts += 1;
        honest.right += u64::from(right);
        let of = honest.findings.entry(finding.to_owned()).or_default();
        of.0 += 1;
        of.1 += u64::from(right);
    }

    /// An officer asks whoever holds the card: was that you, and why?
    pub(super) fn review(&mut self, card: Option<Card>, place: Option<u32>) {
        let attack = card.map_or_else(
            || place.and_then(|place| self.busy[place as usize]),
            |card| self.attacked.get(&card).copied(),
        );
        let Some(number) = attack else {
            if let Some(card) = card.filter(|card| !self.frozen.contains(card)) {
                let by = self.officer_of(card);
                self.defence.order(self.now, Order::Relax { by, of: card });
            }
            return;
        };
        let reactions = self.setting.reactions;
        let insider = self.attacks[number].plan.family.insider();
        let chance = if insider { reactions.admit } else { reactions.recognise };
        if !self.chance.with(chance) {
            return;
        }
        // An alert about a place makes officers look at whoever opened what nothing explains.
        let cards: Vec<Card> = match card {
            Some(card) => vec![card],
            None => self.attacks[number].members.iter().map(|(card, ..)| *card).collect(),
        };
        for card in cards {
            self.defence.order(self.now, Order::Freeze { card });
        }
    }

    fn officer_of(&self, card: Card) -> Card {
        let place =
            self.holder.get(&card).map_or(0, |staff| self.scene.staff[*staff as usize].place);
        self.scene.staff.len() as u32 + place
    }

    pub(super) fn reported(&mut self, card: Card) {
        let Some(number) = self.attacked.get(&card).copied() else { return };
        self.attacks[number].found = true;
        self.count_alert(Finding::Reported.word(), true);
        self.defence.order(self.now, Order::Freeze { card });
    }

    pub(super) fn stepped(&mut self, card: Card, rung: Rung, finding: Finding) {
        if finding == Finding::Colleague || rung == Rung::Open {
            return;
        }
        if let Some(number) = self.attacked.get(&card).copied() {
            let attack = &mut self.attacks[number];
            if rung == Rung::Restricted && attack.plan.family.stopped_by_restriction() {
                attack.stopped.get_or_insert((self.now, finding.word()));
            }
            return;
        }
        let Some(staff) = self.holder.get(&card).copied() else { return };
        if !self.counts(staff) {
            return;
        }
        if rung == Rung::Restricted {
            self.tally.honest.restrictions += 1;
            let role = self.scene.staff[staff as usize].role;
            let cause = format!("restricted: {finding}, {role}");
            *self.tally.honest.causes.entry(cause).or_default() += 1;
        }
        if rung == Rung::Restricted && self.chance.with(self.setting.reactions.relax) {
            let hours = self.chance.wait(self.setting.reactions.relax_hours);
            if let Some(by) = self.colleague(staff) {
                let at = self.after_days(hours / 24.0);
                self.agenda.put(at, Item::Relax { by, of: card });
            }
        }
    }

    fn colleague(&mut self, staff: u32) -> Option<Card> {
        let place = self.scene.staff[staff as usize].place;
        let here = self.staff_at[place as usize].iter().copied();
        let others: Vec<u32> = here
            .filter(|other| {
                let who = &self.scene.staff[*other as usize];
                *other != staff
                    && self.live[*other as usize]
                    && matches!(who.role, Role::Doctor | Role::Nurse | Role::Pharmacist)
            })
            .collect();
        self.chance.pick(&others).map(|other| self.card_of[*other as usize])
    }

    pub(super) fn relax(&mut self, by: Card, of: Card) {
        self.defence.order(self.now, Order::Relax { by, of });
    }

    pub(super) fn card_frozen(&mut self, card: Card, cause: &'static str) {
        self.frozen.insert(card);
        if let Some(number) = self.attacked.get(&card).copied() {
            let attack = &self.attacks[number];
            let all = attack.members.iter().all(|(card, ..)| self.frozen.contains(card));
            // Whoever issues cards to himself goes on with the next.
            if all || (attack.plan.family == Family::Officer && attack.members[0].0 == card) {
                self.finish(number, Some(cause));
            }
            return;
        }
        match self.holder.get(&card).copied() {
            // The card that somebody had before.
            Some(staff) if self.card(staff) != card => return,
            Some(staff) => self.suspended(staff, 1, cause),
            // A machine's, or an officer's.
            None => *self.tally.honest.causes.entry("frozen: machine".into()).or_default() += 1,
        }
        let days = self.chance.wait(self.setting.reactions.unfreeze_hours) / 24.0;
        let at = self.after_days(days);
        self.agenda.put(at, Item::Unfreeze { card });
    }

    fn suspended(&mut self, staff: u32, many: u64, cause: &str) {
        if self.counts(staff) {
            self.tally.honest.suspensions += many;
            let role = self.scene.staff[staff as usize].role;
            let cause = format!("frozen: {cause}, {role}");
            *self.tally.honest.causes.entry(cause).or_default() += many;
        }
    }

    pub(super) fn unfreeze(&mut self, card: Card) {
        if self.frozen.remove(&card) {
            self.defence.order(self.now, Order::Unfreeze { card });
        }
    }

    pub(super) fn place_frozen(&mut self, place: u32, cause: &'static str) {
        let attack = self.busy[place as usize];
        if let Some(number) = attack {
            self.attacks[number].found = true;
            let whole = self.attacks[number].places.len() == 1;
            if whole && self.attacks[number].stopped.is_none() {
                self.attacks[number].stopped = Some((self.now, cause));
            }
        }
        // All of its people are stopped, attack or not.
        for staff in self.staff_at[place as usize].clone() {
            if self.live[staff as usize] {
                self.suspended(staff, 1, "practice");
            }
        }
        let days = self.chance.wait(self.setting.reactions.unfreeze_hours) / 24.0;
        let at = self.after_days(days);
        self.agenda.put(at, Item::Free { place: Some(place) });
        self.agenda.put(at, Item::Review { card: None, place: Some(place) });
    }

    pub(super) fn server_frozen(&mut self, cause: &'static str) {
        let live = self.live.iter().filter(|live| **live).count() as u64;
        self.tally.honest.suspensions += live;
        let of = self.tally.honest.causes.entry(format!("frozen: server, {cause}")).or_default();
        *of += live;
        let at = self.after_days(1.0 / 24.0);
        self.agenda.put(at, Item::Free { place: None });
    }

    pub(super) fn free(&mut self, place: Option<u32>) {
        let order = place.map_or(Order::FreeServer, |place| Order::Free { place });
        self.defence.order(self.now, order);
    }
}
