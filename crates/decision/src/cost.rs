//! What one more opening costs: every budget that it touches, all of them or nothing.

use super::Core;
use super::budget::{DAY, Key, Row, Window, hard, over, seconds};
use super::decide::{No, Opening, Who};
use super::state::unrelated;
use ledger::entry::{Subject, Why};
use terms::{Duration, RelationClass, ServerId, Time, planted};

/// How long a card is new, and how many emergencies it has a day meanwhile; both assumed.
const NEW_SECONDS: u32 = 14 * DAY;
const NEW_EMERGENCIES: u32 = 1;

impl Core {
    /// Whether every budget has room for it. What a card breaks alone freezes it; what a whole
    /// practice or server breaks is refused, and the watch looks whether anything else is wrong.
    pub(super) fn budgets(
        &self,
        now: Time,
        who: &Who,
        server: ServerId,
        opening: &Opening,
    ) -> Result<(), No> {
        planted!("skips the budget", return Ok(()));
        let (limits, second, file) = (&self.limits, seconds(now), opening.file);
        if opening.confined {
            return self.summaries(now, who, file);
        }
        let empty = Window::default();
        let window = |key: Key| self.state.budgets.get(&key).unwrap_or(&empty);
        let card = Some(Subject::Card(who.view.card));
        let former = (opening.class == RelationClass::Former).then_some((
            Key::Former(who.card),
            limits.former,
            card,
        ));
        let emergency = (opening.class == RelationClass::Emergency).then_some((
            Key::Emergency(who.card),
            self.few_emergencies(now, who.card),
            None,
        ));
        let role = limits.roles[who.view.role as usize];
        let soft = [Some((Key::Card(who.card), role, card)), former, emergency];
        let staff = &self.state.practices[who.practice as usize].staff;
        let shared = [
            (Key::Device(who.view.thumbprint), limits.device(who.view.role), card),
            (Key::Practice(who.practice), limits.practice(staff), None),
            (Key::Server(server), limits.server(&self.state.staff), None),
        ];
        let own = soft.iter().flatten().map(|(key, row, of)| (*key, hard(*row), *of));
        for (key, row, subject) in own.chain(shared) {
            if over(window(key).with(file, second), row) {
                return Err((Why::Budget, subject));
            }
        }
        self.openers(now, who, opening)?;
        for (key, row, _) in soft.into_iter().flatten() {
            let since = || window(key).with_since(file, seconds(who.started), second);
            if over(window(key).with(file, second), row) && over(since(), row) {
                return Err((Why::StepUp, None));
            }
        }
        Ok(())
    }

    /// Fewer for a card that is new: whoever issues cards to himself gains little by each.
    fn few_emergencies(&self, now: Time, card: u32) -> Row {
        planted!("emergencies without end", return [u32::MAX; 6]);
        let mut row = self.limits.emergencies;
        if self.state.cards[card as usize].since.saturating_add(NEW_SECONDS) > seconds(now) {
            row[..5].iter_mut().for_each(|most| *most = NEW_EMERGENCIES.min(*most));
        }
        row
    }

    /// The summary alone, in an emergency, where nothing else is opened any more.
    fn summaries(&self, now: Time, who: &Who, file: u32) -> Result<(), No> {
        planted!("summaries without end", return Ok(()));
        let keys = [Key::Summary(who.card), Key::Summaries(who.practice)];
        for (key, most) in keys.into_iter().zip(self.limits.summaries) {
            let today = self.state.budgets.get(&key).map(|w| w.with(file, seconds(now))[4]);
            if today.unwrap_or(1) > most {
                return Err((Why::Budget, None));
            }
        }
        Ok(())
    }

    /// How many others opened this file.
    fn openers(&self, now: Time, who: &Who, opening: &Opening) -> Result<(), No> {
        let Some(openers) = self.state.openers.get(&opening.file) else { return Ok(()) };
        let unrelated = unrelated(opening.class);
        let all = (false, self.limits.openers);
        let few = unrelated.then_some((true, self.limits.openers_unrelated));
        for (unrelated, limits) in [Some(all), few].into_iter().flatten() {
            for (days, most) in [1, 30].into_iter().zip(limits) {
                let after = seconds(now - Duration::from_days(days));
                if openers.with(who.card, unrelated, after) > most {
                    return Err((Why::Openers, None));
                }
            }
        }
        Ok(())
    }
}
