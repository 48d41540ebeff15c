//! Attackers among the honest: when they begin, what they do, how they end.

use super::Run;
use super::agenda::Item;
use crate::attack::{Act, Family, Move, Plan, Saw, Strategy, strategy};
use crate::chance::Chance;
use crate::defence::{Card, Defence, Hand, Look, Order, Wish};
use crate::tally::Taken;
use std::collections::BTreeSet;
use terms::{Duration, Grade, Role, Time};

/// From one answer to the next request of a machine.
const MOMENT: Duration = Duration::from_seconds(1);
/// Between two attacks at one place, assumed.
const PAUSE: [f64; 2] = [5.0, 15.0];
/// Whoever had a card stolen does not count among the honest for so long after.
const APART: Duration = Duration::from_days(30);
/// A plan that would be cut short by the world's end by more than a tenth is left out.
const WHOLE: f64 = 0.9;

/// One attack under way, or over.
pub(super) struct Attack {
    pub(super) plan: Plan,
    strategy: Box<dyn Strategy>,
    pub(super) places: Vec<u32>,
    /// Its cards, each with its place and whoever holds it.
    pub(super) members: Vec<(Card, u32, Option<u32>)>,
    start: Time,
    saw: Saw,
    last: Vec<Option<u32>>,
    famous: u32,
    files: BTreeSet<u32>,
    beyond: BTreeSet<u32>,
    summaries: BTreeSet<u32>,
    hits: u32,
    openers: BTreeSet<Card>,
    attempts: u32,
    held: u32,
    explained: u32,
    /// The victim is being tried for: whether it is held is not clear yet.
    trying: bool,
    pub(super) stopped: Option<(Time, &'static str)>,
    pub(super) found: bool,
    pub(super) over: bool,
    pub(super) ended: Option<Time>,
}

impl Attack {
    pub(super) fn opened(&self, person: u32) -> bool {
        self.files.contains(&person)
    }

    pub(super) fn has(&self, card: Card) -> bool {
        self.members.iter().any(|(other, ..)| *other == card)
    }
}

impl<D: Defence> Run<'_, D> {
    /// The next plan that fits here begins, or this place is left alone for a while.
    pub(super) fn begin_attack(&mut self, place: u32) {
        let Some(pack) = self.setting.pack else { return };
        let left = self.end().since(self.now).millis() as f64 / 86_400_000.0;
        let mut begun = false;
        for _ in 0..pack.attacks.len() {
            if self.busy[place as usize].is_some() || begun {
                break;
            }
            let plan = pack.plan(self.setting.seed, self.planned);
            self.planned += 1;
            if plan.days * WHOLE <= left
                && let Some(members) = self.members(&plan, place)
            {
                self.begin(plan, members);
                begun = true;
            }
        }
        if !begun && left > 5.0 {
            self.agenda.put(self.now + Duration::from_days(5), Item::Begin { place });
        }
    }

    fn begin(&mut self, plan: Plan, members: Vec<(Card, u32, Option<u32>)>) {
        let number = self.attacks.len();
        let mut places: Vec<u32> = members.iter().map(|(_, place, _)| *place).collect();
        places.sort_unstable();
        places.dedup();
        for place in &places {
            self.busy[*place as usize] = Some(number);
        }
        for (card, ..) in &members {
            self.attacked.insert(*card, number);
        }
        let seed = Chance::of(self.setting.seed, 1_000_000 + number as u64).number();
        let famous = match self.chance.pick(&self.scene.famous) {
            Some(person) => *person,
            None => self.chance.below(self.scene.people.len()) as u32,
        };
        self.attacks.push(Attack {
            strategy: strategy(&plan, seed, self.now),
            plan,
            places,
            last: vec![None; members.len()],
            members,
            start: self.now,
            saw: Saw::Nothing,
            famous,
            files: BTreeSet::new(),
            beyond: BTreeSet::new(),
            summaries: BTreeSet::new(),
            hits: 0,
            openers: BTreeSet::new(),
            attempts: 0,
            held: 0,
            explained: 0,
            trying: false,
            stopped: None,
            found: false,
            over: false,
            ended: None,
        });
        self.agenda.put(self.now, Item::Move { attack: number });
    }

    /// The cards that an attack of this plan at this place has; none if it does not fit.
    fn members(&mut self, plan: &Plan, place: u32) -> Option<Vec<(Card, u32, Option<u32>)>> {
        let officer = self.scene.staff.len() as u32 + place;
        match plan.family {
            Family::PracticeCardStrangers | Family::PracticeCardList => {
                Some(vec![(self.machines[place as usize], place, None)])
            }
            Family::CardOffice => Some(vec![(officer, place, None)]),
            Family::Officer => {
                let thief = self.some_staff(place, plan)?;
                Some(vec![thief, (officer, place, None)])
            }
            Family::Colluders | Family::Crowd => self.gang(plan, place),
            _ => Some(vec![self.some_staff(place, plan)?]),
        }
    }

    fn may_act(&self, staff: u32, plan: &Plan) -> bool {
        let who = &self.scene.staff[staff as usize];
        let treats = matches!(who.role, Role::Doctor | Role::Nurse | Role::Pharmacist);
        let strangers = plan.victims[0] > 0.0;
        let card = self.card(staff);
        self.live[staff as usize]
            && !self.frozen.contains(&card)
            && !self.attacked.contains_key(&card)
            && self.busy[who.place as usize].is_none()
            && (treats || (!strangers && who.role == Role::Receptionist))
            && who.leaves > self.now
    }

    fn some_staff(&mut self, place: u32, plan: &Plan) -> Option<(Card, u32, Option<u32>)> {
        let here = self.staff_at[place as usize].iter().copied();
        let fit: Vec<u32> = here.filter(|staff| self.may_act(*staff, plan)).collect();
        let staff = *self.chance.pick(&fit)?;
        Some((self.card(staff), place, Some(staff)))
    }

    /// As many as the plan says: from this place first, then from others that are left alone.
    fn gang(&mut self, plan: &Plan, place: u32) -> Option<Vec<(Card, u32, Option<u32>)>> {
        let all = 0..self.scene.staff.len() as u32;
        let mut fit: Vec<u32> = all.filter(|staff| self.may_act(*staff, plan)).collect();
        fit.sort_by_key(|staff| self.scene.staff[*staff as usize].place != place);
        let many = plan.members as usize;
        if plan.family == Family::Crowd {
            // The curious come from everywhere.
            for at in 0..fit.len() {
                let other = at + self.chance.below(fit.len() - at);
                fit.swap(at, other);
            }
        }
        let member = |staff: &u32| {
            let place = self.scene.staff[*staff as usize].place;
            (self.card(*staff), place, Some(*staff))
        };
        (fit.len() >= many).then(|| fit[..many].iter().map(member).collect())
    }

    /// One act of an attacker.
    pub(super) fn move_on(&mut self, number: usize) {
        if self.attacks[number].over {
            return;
        }
        let attack = &mut self.attacks[number];
        let Move { member, act } = attack.strategy.next(self.now, attack.saw);
        let over = self.now.since(attack.start) > Duration::from_days(211);
        match act {
            Act::End => return self.finish(number, None),
            _ if over => return self.finish(number, None),
            Act::Wait(until) => {
                self.settle_attempt(number);
                self.attacks[number].saw = Saw::Nothing;
                self.agenda.put(until.max(self.now), Item::Move { attack: number });
                return;
            }
            act => self.attacks[number].saw = self.perform(number, member, act),
        }
        let next = self.now + MOMENT;
        self.agenda.put(next, Item::Move { attack: number });
    }

    /// Whoever gave up on a victim was held.
    fn settle_attempt(&mut self, number: usize) {
        let attack = &mut self.attacks[number];
        if attack.trying {
            attack.trying = false;
            attack.held += 1;
        }
    }

    fn perform(&mut self, number: usize, member: usize, act: Act) -> Saw {
        let now = self.now;
        let Some((card, place, holder)) = self.attacks[number].members.get(member).copied() else {
            return Saw::Refused;
        };
        let hand = Hand { card, thief: !self.attacks[number].plan.family.insider() };
        let last = self.attacks[number].last[member];
        match act {
            Act::SignIn => self.defence.sign_in(now, hand),
            Act::Open { victim, emergency, excuse } => {
                let famous = self.attacks[number].famous;
                if victim != crate::attack::Victim::Same {
                    self.settle_attempt(number);
                    self.attacks[number].attempts += 1;
                    self.attacks[number].trying = true;
                }
                let person = self.victim(victim, place, holder, last, famous);
                self.attacks[number].last[member] = Some(person);
                self.take(number, hand, holder, person, [emergency, excuse])
            }
            Act::Guess => {
                let hit = self.chance.with(self.attacks[number].plan.density);
                let person = hit.then(|| self.stranger_or_canary(place));
                let saw = self.defence.find(now, hand, person, true);
                self.attacks[number].hits += u32::from(saw == Saw::Hit);
                saw
            }
            Act::Note => last.map_or(Saw::Refused, |person| self.defence.write(now, hand, person)),
            Act::Book => last.map_or(Saw::Refused, |person| {
                let by = Some(card);
                let order = Order::Book { person, place, appointment: now, by };
                let saw = self.defence.order(now, order);
                if saw == Saw::Done {
                    let broken = "a card booked for somebody else".to_owned();
                    self.tally.broken.push(broken);
                }
                saw
            }),
            Act::Confirm(of) => {
                let Some((of_card, ..)) = self.attacks[number].members.get(of).copied() else {
                    return Saw::Refused;
                };
                let Some(person) = self.attacks[number].last[of] else { return Saw::Refused };
                self.defence.order(now, Order::Confirm { by: card, of: of_card, person })
            }
            Act::Relax(of) => {
                let Some((of, ..)) = self.attacks[number].members.get(of).copied() else {
                    return Saw::Refused;
                };
                self.defence.order(now, Order::Relax { by: card, of })
            }
            Act::Issue => self.issue_false(number, place),
            Act::Wait(_) | Act::End => Saw::Nothing,
        }
    }

    /// A made-up identifier that exists is a canary's as often as a file is a canary.
    fn stranger_or_canary(&mut self, place: u32) -> u32 {
        let people = self.scene.people.len();
        let canaries: usize = self.setting.canaries.iter().map(Vec::len).sum();
        let number = self.chance.below(people + canaries);
        if number < people { self.stranger(place) } else { number as u32 }
    }

    fn issue_false(&mut self, number: usize, place: u32) -> Saw {
        let card = self.next_card;
        self.next_card += 1;
        let order = Order::Issue { card, place, role: Role::Doctor, alone: true };
        let saw = self.defence.order(self.now, order);
        self.attacks[number].members.push((card, place, None));
        self.attacks[number].last.push(None);
        self.attacked.insert(card, number);
        saw
    }

    fn take(
        &mut self,
        number: usize,
        hand: Hand,
        holder: Option<u32>,
        person: u32,
        [emergency, reason]: [bool; 2],
    ) -> Saw {
        let canary = person as usize >= self.scene.people.len();
        let close = !canary
            && holder.is_some_and(|staff| {
                let staff = self.scene.staff[staff as usize];
                self.scene.close(&staff, person, &self.works_at)
            });
        let wish = Wish { emergency, reason: reason || emergency, close };
        let look = self.defence.open(self.now, hand, person, wish);
        if look.saw == Saw::Opened {
            self.hold_bounds(number, hand.card, person, look);
        }
        let attack = &mut self.attacks[number];
        match look.saw {
            Saw::Opened if canary => {
                if self.setting.marked {
                    self.tally.broken.push("a canary was opened".into());
                }
                attack.trying = false;
            }
            Saw::Opened => {
                attack.files.insert(person);
                attack.trying = false;
                if look.grade == Some(Grade::Strong) {
                    attack.explained += 1;
                } else {
                    attack.openers.insert(hand.card);
                    attack.beyond.insert(person);
                }
                let told = look.grade == Some(Grade::None) || (close && wish.reason);
                if told && self.chance.with(self.setting.reactions.report) {
                    let days = self.chance.wait(self.setting.reactions.report_days);
                    let after = Duration::from_millis((days * 86_400_000.0) as u64);
                    self.agenda.put(self.now + after, Item::Report { card: hand.card });
                }
            }
            Saw::Summary => {
                attack.summaries.insert(person);
            }
            _ => {}
        }
        look.saw
    }

    /// What no watch has to notice: a frozen card opens nothing, a day has an end.
    fn hold_bounds(&mut self, number: usize, card: Card, person: u32, look: Look) {
        let Some(bounds) = &mut self.setting.bounds else { return };
        let member = self.attacks[number].members.iter().find(|(other, ..)| *other == card);
        let holder = member.and_then(|(.., holder)| *holder);
        let role = match holder {
            Some(staff) => self.scene.staff[staff as usize].role,
            None if self.machines.contains(&card) => Role::System,
            None => Role::Doctor,
        };
        let broken = bounds.broken(self.now, (card, role), person, look.grade);
        self.tally.broken.extend(broken);
        if self.frozen.contains(&card) {
            self.tally.broken.push("a frozen card opened a file".into());
        }
    }

    /// An attack is over: it is counted, and its place gets a fresh start.
    pub(super) fn finish(&mut self, number: usize, cause: Option<&'static str>) {
        if self.attacks[number].over {
            return;
        }
        self.settle_attempt(number);
        let now = self.now;
        let attack = &mut self.attacks[number];
        (attack.over, attack.ended) = (true, Some(now));
        if let Some(cause) = cause {
            attack.stopped.get_or_insert((now, cause));
        }
        let taken = attack.taken();
        self.tally.attacks.push(taken);
        for (card, place, holder) in self.attacks[number].members.clone() {
            self.attacked.remove(&card);
            self.fresh_start(card, place, holder);
        }
        for place in self.attacks[number].places.clone() {
            self.busy[place as usize] = None;
            let pause = Duration::from_millis((self.chance.between(PAUSE) * 86_400_000.0) as u64);
            self.agenda.put(now + pause, Item::Begin { place });
        }
    }

    fn fresh_start(&mut self, card: Card, place: u32, holder: Option<u32>) {
        let now = self.now;
        match holder {
            // Curious people keep their cards unless they lost them.
            Some(staff) => {
                self.apart_until[staff as usize] = now + APART;
                self.defence.order(now, Order::Revoke { card });
                self.agenda.put(now + Duration::from_hours(2), Item::Renew { staff });
            }
            None if card == self.machines[place as usize] => {
                self.defence.order(now, Order::Revoke { card });
                let card = self.next_card;
                self.next_card += 1;
                self.machines[place as usize] = card;
                let order = Order::Issue { card, place, role: Role::System, alone: false };
                self.defence.order(now, order);
            }
            // A place's officer is replaced by nobody: the lab's own officers go on.
            None if self.frozen.remove(&card) => {
                self.defence.order(now, Order::Unfreeze { card });
            }
            None if card >= self.scene.staff.len() as u32 + 3 * self.scene.places.len() as u32 => {
                self.defence.order(now, Order::Revoke { card });
            }
            None => {}
        }
    }

    pub(super) fn renew(&mut self, staff: u32) {
        if !self.live[staff as usize] {
            return;
        }
        let (place, role) = {
            let staff = &self.scene.staff[staff as usize];
            (staff.place, staff.role)
        };
        let card = self.next_card;
        self.next_card += 1;
        self.card_of[staff as usize] = card;
        self.holder.insert(card, staff);
        self.defence.order(self.now, Order::Issue { card, place, role, alone: false });
    }
}

impl Attack {
    fn taken(&self) -> Taken {
        let days = |at: Time| at.since(self.start).millis() as f64 / 86_400_000.0;
        Taken {
            plan: self.plan.clone(),
            files: self.files.len() as u32,
            summaries: self.summaries.difference(&self.files).count() as u32,
            explained: self.explained,
            beyond: self.beyond.len() as u32,
            hits: self.hits,
            openers: self.openers.len() as u32,
            attempts: self.attempts,
            held: self.held,
            days: self.stopped.map(|(at, _)| days(at)),
            stopped: self.stopped.map(|(_, cause)| cause),
            found: self.found || self.stopped.is_some(),
        }
    }
}
