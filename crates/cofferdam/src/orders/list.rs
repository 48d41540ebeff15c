//! `cofferdam card list`: every card that was ever issued, and what it is worth today.

use super::freezes::Freezes;
use crate::cli::OfficerArguments;
use crate::console;
use crate::failure::Outcome;
use crate::home::Home;
use crate::ledger_command;
use ledger::entry::{Act, Subject};
use std::collections::HashSet;
use terms::CardId;

/// `cofferdam card list`.
pub(crate) fn list(home: &Home, arguments: &OfficerArguments, json: bool) -> Outcome {
    let lines = ledger_command::fetch(home, &arguments.officer)?.lines;
    let revoked = lines.iter().filter_map(|line| match &line.entry.act {
        Act::CardRevoked(revoked) => Some(revoked.card),
        _ => None,
    });
    let revoked: HashSet<CardId> = revoked.collect();
    let freezes = Freezes::of(&lines);
    for line in &lines {
        let Act::CardIssued(issued) = &line.entry.act else { continue };
        let is_revoked = revoked.contains(&issued.card);
        let is_frozen = freezes.of_subject(Subject::Card(issued.card)).is_some();
        if json {
            console::json(&serde_json::json!({
                "card": issued.card.to_string(),
                "role": issued.role.word(),
                "practice": issued.practice.to_string(),
                "holder": issued.holder,
                "not_after": issued.not_after.to_string(),
                "revoked": is_revoked,
                "frozen": is_frozen,
            }));
            continue;
        }
        let state = match (is_revoked, is_frozen) {
            (true, _) => "revoked",
            (false, true) => "frozen",
            (false, false) => "valid",
        };
        console::say(&console::one_line(&format!(
            "{}  {:<12} {state:<8} until {}  {}",
            issued.card,
            issued.role.word(),
            issued.not_after,
            issued.holder
        )));
    }
    Ok(())
}
