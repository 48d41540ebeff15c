//! Steps that were ordered and not carried out yet.
//!
//! After a restart the whole ledger is read again and every alert comes again. What the keyholder
//! did about it stands in the ledger too, as the watch's own entries, and what it was asked stands
//! in the queue; so only what neither of them shows is owed.

use ledger::entry::{Act, Entry, Subject};
use std::collections::HashSet;
use terms::{Duration, Time};
use watch::{Alert, Step, Stop};

/// A freeze that nobody carried out for so long is an officer's to decide.
const FREEZE_LATE: Duration = Duration::from_days(1);

/// What the keyholder has still to be asked.
#[derive(Default)]
pub(super) struct Owed {
    steps: Vec<(String, Time, Step)>,
    /// The alerts whose steps it was asked for earlier.
    asked: HashSet<String>,
}

impl Owed {
    /// What the queue says that it was asked for.
    pub(super) fn was_asked(&mut self, id: String) {
        self.asked.insert(id);
    }

    pub(super) fn alert(&mut self, alert: &Alert) {
        let id = alert.id();
        if let Some(step) = alert.action.filter(|_| !self.asked.contains(&id)) {
            self.steps.push((id, alert.at, step));
        }
    }

    /// Takes off what the keyholder did by this entry.
    pub(super) fn entry(&mut self, entry: &Entry) {
        let done = |step: &Step| match (&entry.act, step.what) {
            (Act::Stepped(act), Stop::Rung { card, rung, .. }) => {
                act.card == card && act.rung == rung && act.finding == step.finding
            }
            (Act::Frozen(act), Stop::Freeze(subject)) => {
                act.subject == subject && act.finding == Some(step.finding)
            }
            (Act::Frozen(act), Stop::Rung { card, .. }) => act.subject == Subject::Card(card),
            _ => false,
        };
        self.steps.retain(|(_, _, step)| !done(step));
    }

    /// What is to be asked now; a rung is for what is left of its time.
    pub(super) fn due(&mut self, now: Time) -> Vec<(String, Step)> {
        let steps = std::mem::take(&mut self.steps);
        let due = steps.into_iter().filter_map(|(id, at, mut step)| {
            match &mut step.what {
                Stop::Rung { lasts, .. } => {
                    let until = at + *lasts;
                    *lasts = until.since(now).min(*lasts);
                    (lasts.millis() > 0).then_some(())?;
                }
                Stop::Freeze(_) => (at + FREEZE_LATE > now).then_some(())?,
            }
            self.asked.insert(id.clone());
            Some((id, step))
        });
        due.collect()
    }

    /// The keyholder could not be asked.
    pub(super) fn again(&mut self, id: String, at: Time, step: Step) {
        self.asked.remove(&id);
        self.steps.push((id, at, step));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::entry::{Frozen, Stepped};
    use terms::{CardId, Finding, Rung};
    use watch::Level;

    const NOW: Time = Time::from_millis(1_795_442_400_000);
    const CARD: CardId = CardId::from_bytes([1; 10]);

    fn alert(what: Stop) -> Alert {
        let finding = Finding::Unexplained;
        Alert {
            at: NOW,
            finding,
            level: Level::Review,
            card: Some(CARD),
            practice: None,
            server: None,
            file: None,
            evidence: vec![7],
            action: Some(Step { what, finding }),
            score: 1.0,
        }
    }

    fn restricted() -> Alert {
        let (rung, lasts) = (Rung::Restricted, Duration::from_days(7));
        alert(Stop::Rung { card: CARD, rung, lasts })
    }

    #[test]
    fn what_the_ledger_or_the_queue_shows_is_not_asked_again() {
        let stepped = Stepped {
            card: CARD,
            rung: Rung::Restricted,
            until: NOW,
            finding: Finding::Unexplained,
            by: vec![],
            order: [0; 32],
        };
        let mut owed = Owed::default();
        owed.alert(&restricted());
        owed.entry(&Entry { at: NOW, act: Act::Stepped(stepped) });
        assert_eq!(owed.due(NOW), []);
        owed.was_asked(restricted().id());
        owed.alert(&restricted());
        assert_eq!(owed.due(NOW), []);
    }

    #[test]
    fn a_step_that_came_late_lasts_no_longer_than_it_was_to() {
        let mut owed = Owed::default();
        owed.alert(&restricted());
        let due = owed.due(NOW + Duration::from_days(5));
        let Stop::Rung { lasts, .. } = due[0].1.what else { panic!("{due:?}") };
        assert_eq!(lasts, Duration::from_days(2));
        assert_eq!(owed.due(NOW), [], "asked once");
        let mut owed = Owed::default();
        owed.alert(&restricted());
        assert_eq!(owed.due(NOW + Duration::from_days(8)), []);
    }

    #[test]
    fn a_freeze_by_whomever_settles_a_rung_and_an_old_one_is_left_to_officers() {
        let mut owed = Owed::default();
        owed.alert(&restricted());
        let subject = Subject::Card(CARD);
        let frozen = Frozen { subject, why: None, reason: None, by: vec![], finding: None };
        owed.entry(&Entry { at: NOW, act: Act::Frozen(frozen) });
        owed.alert(&alert(Stop::Freeze(subject)));
        assert_eq!(owed.due(NOW + Duration::from_days(2)), []);
    }
}
