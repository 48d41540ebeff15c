//! Orders of officers, patients and practices.

use super::{Answered, Asking, No, recorded};
use crate::clock::now;
use decision::{Event, Verdict};
use keyproto::message;
use keyproto::statement::{HoldOn, Order, SignedOrder, UnverifiedOrder};
use ledger::Files;
use terms::{CardId, FileId};

const SIGNERS_MAX: usize = 8;

impl<F: Files> Asking<'_, F> {
    pub(super) fn order(&self, order: &message::Order) -> Answered {
        if order.statements.is_empty() || order.statements.len() > SIGNERS_MAX {
            return Err("an order has one to eight signers".into());
        }
        let mut statements = Vec::new();
        for text in &order.statements {
            match self.order_statement(text)? {
                Ok(signed) => statements.push(signed),
                Err(card) => return Err(self.unverified(None, card, None, text)),
            }
        }
        let file = statements.first().and_then(|signed| file_of(signed.order()));
        let file = file.map(|file| self.named(file));
        let decided = self.decide(Event::Order { statements, file })?;
        match decided.verdict {
            Verdict::Ordered => Ok(recorded(&decided)),
            _ => Err(self.otherwise(&decided, None)),
        }
    }

    /// The verified statement, or the card that a false one named.
    fn order_statement(&self, text: &str) -> Result<Result<SignedOrder, Option<CardId>>, No> {
        let Ok(parsed) = UnverifiedOrder::parse(text) else { return Ok(Err(None)) };
        let card = parsed.card();
        let key = self.shared.mind()?.core.state().card_key(card).cloned();
        let Some(key) = key else { return Ok(Err(Some(card))) };
        Ok(parsed.verify(&key, &self.peer.origin, now()).map_err(|_| Some(card)))
    }
}

fn file_of(order: &Order) -> Option<FileId> {
    match order {
        Order::IssueCard { file, .. } => *file,
        Order::Hold { on: HoldOn::File(file), .. } => Some(*file),
        Order::Mark { file, .. }
        | Order::Erase { file }
        | Order::Presence { file, .. }
        | Order::Refer { file, .. }
        | Order::Book { file, .. }
        | Order::Codes { file, .. }
        | Order::Present { file, .. }
        | Order::Confirm { file, .. }
        | Order::Consent { file, .. } => Some(*file),
        Order::RegisterPractice { .. }
        | Order::Hold { on: HoldOn::Practice(_), .. }
        | Order::Relax { .. }
        | Order::RevokeCard { .. }
        | Order::Freeze { .. }
        | Order::Unfreeze { .. }
        | Order::ApproveList { .. }
        | Order::ApproveJob { .. } => None,
    }
}
