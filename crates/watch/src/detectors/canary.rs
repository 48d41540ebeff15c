//! Canaries, and guards that should have acted and did not.

use crate::Alert;
use crate::Level;
use crate::scene::Scene;
use ledger::entry::{Act, Frozen, Mark, Opened, Refused, Subject, Why};
use std::collections::HashSet;
use terms::{Blind, Finding};

/// The canaries there are, and the freeze that the next entry must be.
#[derive(Default)]
pub(crate) struct Canaries {
    files: HashSet<Blind>,
    expected: Option<(u64, usize)>,
}

impl Canaries {
    pub(crate) fn entry(&mut self, act: &Act, scene: &mut Scene<'_>) {
        if let Some((number, card)) = self.expected.take() {
            let row = scene.register.row(card);
            let frozen = row.is_frozen() && scene.number == number + 1;
            if !frozen {
                let evidence = vec![number, scene.number];
                let silent = scene.card(card, Finding::Silent, Level::Review);
                scene.alerts.push(Alert { evidence, ..silent });
            }
        }
        match act {
            Act::Marked(act) if act.mark == Mark::Canary && act.set => {
                self.files.insert(act.file);
            }
            Act::Marked(act) if act.mark == Mark::Canary => {
                self.files.remove(&act.file);
            }
            Act::Erased(act) => {
                self.files.remove(&act.file);
            }
            Act::Refused(act) if act.why == Why::Canary => self.refused(act, scene),
            Act::Opened(act) => self.opened(act, scene),
            Act::Frozen(act) => frozen(act, scene),
            _ => {}
        }
    }

    /// The canaries, in order.
    pub(crate) fn files(&self) -> Vec<Blind> {
        let mut files: Vec<Blind> = self.files.iter().copied().collect();
        files.sort_unstable();
        files
    }

    /// A canary stops whoever touches it by the very next entry.
    fn refused(&mut self, act: &Refused, scene: &Scene<'_>) {
        let card = act.card.and_then(|card| scene.register.card(&card));
        self.expected = card.map(|card| (scene.number, card));
    }

    fn opened(&self, act: &Opened, scene: &mut Scene<'_>) {
        if self.files.contains(&act.file)
            && let Some(card) = scene.register.card(&act.card)
        {
            let silent = scene.card(card, Finding::Silent, Level::Review);
            scene.alerts.push(Alert { file: Some(act.file), ..silent });
        }
    }
}

fn frozen(act: &Frozen, scene: &mut Scene<'_>) {
    if let (Subject::Card(card), Some(Why::Canary)) = (act.subject, act.why)
        && let Some(card) = scene.register.card(&card)
    {
        // The entry before is the refusal of the canary.
        let evidence = vec![scene.number.saturating_sub(1), scene.number];
        let alert = scene.card(card, Finding::Canary, Level::Review);
        scene.alerts.push(Alert { evidence, score: 10.0, ..alert });
    }
}
