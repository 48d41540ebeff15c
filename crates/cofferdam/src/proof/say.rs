//! What a document proves and what it does not, in plain sentences.

use super::document::{Checked, CheckedEntry};
use crate::console::one_line;
use data_encoding::BASE64;
use ledger::entry::Act;
use serde_json::{Value, json};
use terms::{Section, Sections};

impl Checked {
    /// The sentences.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let mut said = vec![format!("File {}, {}:", self.file, self.span())];
        said.extend(self.entries.iter().map(CheckedEntry::line));
        let proved = self.entries.iter().filter(|entry| entry.proved).count();
        let told = self.entries.len() - proved;
        if self.entries.is_empty() {
            said.push("  nothing was opened, found or deposited".into());
        }
        said.push("Proved by hashes, to whoever has the key:".into());
        if proved > 0 {
            said.push(format!(
                "- Of these entries {proved} stand in the ledger of {} under the signed checkpoint \
                 of {} entries",
                self.origin, self.head.size
            ));
            said.push("  exactly as told: when, what, sections, card, practice, server.".into());
            said.push("  Not even the keyholder changes them without another checkpoint.".into());
        }
        match self.agrees {
            Some(size) => said.push(format!(
                "- That ledger begins with the checkpoint of {size} entries that you have."
            )),
            None => said.push("- Nothing about other copies of that ledger: see below.".into()),
        }
        said.push("Said by the keyholder under its signature, and worth what it is worth:".into());
        said.push(format!("- In this ledger these entries are about file {}.", self.file));
        said.push(format!("- They are all that it recorded of it {}.", self.span()));
        said.push("- The names of card holders and practices beside them.".into());
        if told > 0 {
            said.push(format!("- Of look-ups that found other patients too: {told}."));
            said.push("  They have no proof of their own: it would show who these are.".into());
        }
        said.push("Not proved:".into());
        said.push("- What was looked at inside the sections, or done with it afterwards.".into());
        said.push("- Anything that a keyholder which was taken over did not record.".into());
        said.push("- Anything after that checkpoint.".into());
        if self.agrees.is_none() {
            said.push("- That others are shown the same ledger: bring a checkpoint from a".into());
            said.push("  witness or an auditor by --checkpoint.".into());
        }
        said
    }

    /// The same for programs.
    pub(crate) fn told(&self) -> Value {
        json!({
            "file": self.file.to_string(),
            "origin": self.origin,
            "checkpoint": { "entries": self.head.size, "root": BASE64.encode(&self.head.root) },
            "from": self.from.map(|time| time.to_string()),
            "to": self.to.map(|time| time.to_string()),
            "agrees": self.agrees,
            "entries": self.entries.iter().map(CheckedEntry::told).collect::<Vec<_>>(),
        })
    }

    fn span(&self) -> String {
        match (self.from, self.to) {
            (None, None) => "at any time".into(),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(to)) => format!("before {to}"),
            (Some(from), Some(to)) => format!("from {from} to {to}"),
        }
    }
}

/// What an entry says, as far as a stranger is told.
struct What {
    act: &'static str,
    sections: Sections,
    card: String,
    practice: String,
    server: String,
    purpose: Option<&'static str>,
    reason: Option<String>,
}

impl CheckedEntry {
    fn line(&self) -> String {
        let What { act, sections, card, practice, server, purpose, reason } = self.what();
        let holder = self.holder.as_deref().unwrap_or("nobody named");
        let at_practice = self.practice.as_deref().unwrap_or(&practice);
        let words: Vec<_> = sections.iter().map(Section::word).collect();
        let mut line = format!(
            "  {:>8}  {}  {act} {} by card {card} ({holder}, {at_practice}), server {server}",
            self.number,
            self.entry.at,
            words.join(" "),
        );
        if let Some(purpose) = purpose {
            line.push_str(&format!(", {purpose}"));
        }
        if let Some(reason) = reason {
            line.push_str(&format!(": {reason}"));
        }
        line.push_str(if self.proved { "  proved" } else { "  by the keyholder's word" });
        one_line(&line)
    }

    fn told(&self) -> Value {
        let What { act, sections, card, practice, server, purpose, reason } = self.what();
        json!({
            "number": self.number,
            "at": self.entry.at.to_string(),
            "act": act,
            "sections": sections.iter().map(Section::word).collect::<Vec<_>>(),
            "card": card,
            "holder": self.holder,
            "practice": practice,
            "practice_name": self.practice,
            "server": server,
            "purpose": purpose,
            "reason": reason,
            "proved": self.proved,
        })
    }

    fn what(&self) -> What {
        match &self.entry.act {
            Act::Opened(opened) => What {
                act: "opened",
                sections: opened.sections,
                card: opened.card.to_string(),
                practice: opened.practice.to_string(),
                server: opened.server.to_string(),
                purpose: Some(opened.purpose.word()),
                reason: opened.reason.clone(),
            },
            Act::OpenedByJob(opened) => What {
                act: "opened for a letter, by a job that two officers approved,",
                sections: opened.sections,
                card: opened.card.to_string(),
                practice: opened.practice.to_string(),
                server: opened.server.to_string(),
                purpose: None,
                reason: None,
            },
            Act::Found(found) => What {
                act: "found",
                sections: if found.shown.is_empty() {
                    Sections::NONE
                } else {
                    Sections::of(&[Section::Label])
                },
                card: found.card.to_string(),
                practice: found.practice.to_string(),
                server: found.server.to_string(),
                purpose: None,
                reason: None,
            },
            Act::Deposited(deposit) | Act::Abandoned(deposit) => What {
                act: if matches!(self.entry.act, Act::Deposited(_)) {
                    "deposited"
                } else {
                    "abandoned"
                },
                sections: deposit.sections.iter().copied().collect(),
                card: deposit.card.to_string(),
                practice: deposit.practice.to_string(),
                server: deposit.server.to_string(),
                purpose: None,
                reason: None,
            },
            _ => What {
                act: "other",
                sections: Sections::NONE,
                card: String::new(),
                practice: String::new(),
                server: String::new(),
                purpose: None,
                reason: None,
            },
        }
    }
}
