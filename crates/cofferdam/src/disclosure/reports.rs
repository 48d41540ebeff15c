//! `cofferdam disclosure list`, `show`, `answer` and `close`.

use super::journal::{self, What};
use super::{clean, keys, read, told};
use crate::cli::{DisclosureAnswerArguments, DisclosureCloseArguments};
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use intake::key::OfficerKey;
use intake::message::{self, FinderMessage, Opened, Report, open_answer, seal_answer};
use intake::phrase::{AnswerKey, Mailbox};
use intake::store::{Bounds, Kept, Messages, Sender, StoreError};
use serde_json::{Value, json};
use terms::Duration;

/// From how full the folder is on the list says so, in percent.
const FULL: u64 = 50;
/// Longest note, in bytes.
const NOTE_BYTES_MAX: usize = 4_000;

/// A mailbox with what lies in it.
pub(super) struct Conversation {
    pub(super) mailbox: Mailbox,
    pub(super) kept: Vec<Kept>,
}

/// The folder of messages.
pub(super) fn messages(home: &Home) -> Outcome<Messages> {
    Messages::open(&home.intake(), Bounds::default()).map_err(store_failure)
}

/// Finds a report by the name that the list gives it.
pub(super) fn find(home: &Home, id: &str) -> Outcome<Conversation> {
    let messages = messages(home)?;
    let mailboxes = messages.mailboxes().map_err(store_failure)?;
    let mailbox = mailboxes.into_iter().find(|mailbox| mailbox.id() == id).ok_or_else(|| {
        Failure::NotThere(format!(
            "there is no report `{}`: `cofferdam disclosure list --all` names them",
            clean(id)
        ))
    })?;
    let kept = messages.of(&mailbox).map_err(store_failure)?;
    Ok(Conversation { mailbox, kept })
}

impl Conversation {
    fn from(&self, sender: Sender) -> impl Iterator<Item = &Kept> {
        self.kept.iter().filter(move |kept| kept.from == sender)
    }

    /// The finder's messages, opened; one that does not open is nothing.
    fn opened(&self, key: &OfficerKey) -> Vec<(&Kept, Option<Opened>)> {
        let open = |kept: &Kept| message::open(key.opens(), &self.mailbox, &kept.sealed).ok();
        self.from(Sender::Finder).map(|kept| (kept, open(kept))).collect()
    }

    /// The finder's first message: its key counts for the answers.
    pub(super) fn first(&self, key: &OfficerKey) -> Outcome<FinderMessage> {
        let first = self.opened(key).into_iter().find(|(kept, _)| kept.number == 1);
        match first {
            Some((_, Some(Opened::Message(message)))) => Ok(*message),
            _ => Err(Failure::Tampered(
                "the first message is missing, or does not open as one of the page or the \
                 command: see `cofferdam disclosure show`"
                    .into(),
            )),
        }
    }
}

/// Lists reports; it takes no passphrase, because it shows nothing of them.
pub(super) fn list(home: &Home, all: bool, as_json: bool) -> Outcome {
    let (messages, acts) = (messages(home)?, journal::lines(home)?);
    let mut listed = Vec::new();
    for mailbox in messages.mailboxes().map_err(store_failure)? {
        let kept = match messages.of(&mailbox) {
            Ok(kept) => kept,
            Err(StoreError::Altered) => {
                console::warn(&format!("{}: a file of it was altered", mailbox.id()));
                continue;
            }
            Err(error) => return Err(store_failure(error)),
        };
        let summary = summary(&Conversation { mailbox, kept }, &acts);
        if all || summary["state"] != "closed" {
            listed.push(summary);
        }
    }
    listed.sort_by_key(|summary| summary["received"].as_str().map(str::to_owned));
    for summary in &listed {
        let text = |name: &str| summary[name].as_str().unwrap_or("-").to_owned();
        let line = format!(
            "{}  received {}  messages {}  answers {}  {}",
            text("id"),
            text("received"),
            summary["messages"],
            summary["answers"],
            text("state")
        );
        told(as_json, summary, &line);
    }
    let taken = messages.taken().map_err(store_failure)?;
    if taken >= FULL {
        console::warn(&format!(
            "{taken} percent of the room for messages is taken: `cofferdam disclosure close \
             --erase` makes room"
        ));
    }
    Ok(())
}

fn summary(conversation: &Conversation, acts: &[journal::Line]) -> Value {
    let id = conversation.mailbox.id();
    let times = |sender| conversation.from(sender).map(|kept| kept.at);
    let (last, answered) = (times(Sender::Finder).max(), times(Sender::Officer).max());
    let closings = acts.iter().filter(|line| line.id == id && line.what == What::Closed);
    let closed = closings.map(|line| line.at.clone()).max();
    let last_text = last.map(|at| at.to_string());
    let state = match (&closed, last_text) {
        (Some(closed), Some(last)) if *closed < last => "written to after it was closed",
        (Some(_), _) => "closed",
        (None, _) if answered.is_none() => "not answered",
        (None, _) if answered < last => "written to after the last answer",
        (None, _) => "answered",
    };
    json!({
        "id": id,
        "received": times(Sender::Finder).min().map(|at| at.to_string()),
        "messages": times(Sender::Finder).count(),
        "answers": times(Sender::Officer).count(),
        "state": state,
    })
}

/// Shows a report.
pub(super) fn show(home: &Home, id: &str, as_json: bool) -> Outcome {
    let conversation = find(home, id)?;
    let officer = keys::unlock(home)?;
    let first = conversation.first(&officer).ok();
    let key = first.as_ref().and_then(FinderMessage::key);
    for (kept, opened) in conversation.opened(&officer) {
        let same = |message: &FinderMessage| match (&key, message.key()) {
            (Some(key), Some(other)) => key.as_bytes() == other.as_bytes(),
            _ => false,
        };
        let value = match &opened {
            Some(Opened::Message(message)) => json!({
                "report": message.report,
                "text": message.text,
                "same_finder": same(message),
            }),
            Some(Opened::Other(text)) => json!({"other": String::from_utf8_lossy(text)}),
            None => json!({"unreadable": true}),
        };
        told(as_json, &with(kept, value), &for_people(kept, opened.as_ref(), &same));
    }
    for kept in conversation.from(Sender::Officer) {
        let text = key.as_ref().and_then(|key| answer_text(key, &conversation.mailbox, kept));
        let shown = text.as_deref().unwrap_or("it does not open");
        let line = format!("\nanswer {}, {}\n{}", kept.number, kept.at, clean(shown));
        told(as_json, &with(kept, json!({"text": text})), &line);
    }
    if let (Some(first), false) = (conversation.from(Sender::Finder).next(), as_json) {
        console::say(&format!(
            "\nwhere this is a breach of personal data and you were aware from the first receipt \
             on, the 72 hours of Art. 33 GDPR end at {}",
            first.at + Duration::from_hours(72)
        ));
    }
    Ok(())
}

fn answer_text(key: &AnswerKey, mailbox: &Mailbox, kept: &Kept) -> Option<String> {
    open_answer(key, mailbox, kept.number, &kept.sealed).ok()
}

fn with(kept: &Kept, mut value: Value) -> Value {
    value["from"] = match kept.from {
        Sender::Finder => "finder".into(),
        Sender::Officer => "officer".into(),
    };
    value["number"] = kept.number.into();
    value["at"] = kept.at.to_string().into();
    value
}

fn for_people(
    kept: &Kept,
    opened: Option<&Opened>,
    same: &dyn Fn(&FinderMessage) -> bool,
) -> String {
    let mut text = format!("\nmessage {}, received {}\n", kept.number, kept.at);
    match opened {
        None => text.push_str("it does not open: sealed to another key, or altered"),
        Some(Opened::Other(bytes)) => {
            text.push_str("it is not in the form of the page; it says:\n");
            text.push_str(&clean(&String::from_utf8_lossy(bytes)));
        }
        Some(Opened::Message(message)) => {
            if !same(message) {
                text.push_str(
                    "CAREFUL: it asks for answers under another key than the first message. \
                     Somebody else may have written it; answers go to the first finder alone\n",
                );
            }
            if let Some(report) = &message.report {
                text.push_str(&report_text(report));
            }
            if let Some(more) = &message.text {
                text.push_str(&clean(more));
            }
        }
    }
    text
}

fn report_text(report: &Report) -> String {
    let mut text = String::new();
    let mut say = |name: &str, value: &str| {
        if !value.trim().is_empty() {
            text.push_str(&format!("{name}: {}\n", clean(value)));
        }
    };
    say("component", &report.component);
    say("steps", &report.steps);
    say("seen", &report.seen);
    for request in &report.requests {
        say("requests", &format!("{} to {}  {}", request.from, request.to, request.method));
    }
    say("files", &report.files.join(" "));
    say("the finder states to have fetched", &report.fetched);
    say("the finder states how much", &report.amount);
    say("the finder states where the data are now", &report.where_now);
    say("erasing", &report.erasure());
    say("credit", &report.credit);
    say("coordinator", &report.coordinator);
    say("embargo", &report.embargo);
    say("language", &report.language);
    text
}

/// Answers.
pub(super) fn answer(home: &Home, a: &DisclosureAnswerArguments, as_json: bool) -> Outcome {
    let conversation = find(home, &a.report.id)?;
    let text = String::from_utf8(read(&a.text)?)
        .map_err(|_| Failure::Asked("an answer is text in UTF-8".into()))?;
    if text.trim().is_empty() {
        return Err(Failure::Asked("the answer is empty".into()));
    }
    let first = conversation.first(&keys::unlock(home)?)?;
    let key = first
        .key()
        .ok_or_else(|| Failure::Asked("the first message has no key for answers".into()))?;
    let mailbox = &conversation.mailbox;
    let put = messages(home)?
        .put_answer(mailbox, now(), |number| seal_answer(&key, mailbox, number, &text));
    let number = put.map_err(store_failure)?;
    journal::append(home, &a.report.id, What::Answered, None)?;
    let value = json!({"id": a.report.id, "answer": number});
    told(as_json, &value, &format!("answer {number} lies in the mailbox of {}", a.report.id));
    Ok(())
}

/// Closes.
pub(super) fn close(home: &Home, a: &DisclosureCloseArguments, as_json: bool) -> Outcome {
    let conversation = find(home, &a.report.id)?;
    let note = a.note.trim();
    if note.is_empty() || note.len() > NOTE_BYTES_MAX {
        return Err(Failure::Asked(format!("a note has 1 to {NOTE_BYTES_MAX} bytes")));
    }
    journal::append(home, &a.report.id, What::Closed, Some(note.to_owned()))?;
    let mut erased = 0;
    if a.erase {
        erased = messages(home)?.erase(&conversation.mailbox).map_err(store_failure)?;
        journal::append(home, &a.report.id, What::Erased, None)?;
    }
    let value = json!({"id": a.report.id, "closed": true, "erased": erased});
    told(as_json, &value, &format!("{} is closed; {erased} messages erased here", a.report.id));
    Ok(())
}

fn store_failure(error: StoreError) -> Failure {
    match error {
        StoreError::Altered => Failure::Tampered(error.to_string()),
        StoreError::Length => Failure::Asked("a message has at most 64 KiB, sealed".into()),
        error => Failure::World(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use intake::phrase::Phrase;

    fn kept(from: Sender, number: u32, seconds: u64) -> Kept {
        let at = terms::Time::from_millis(1_795_694_400_000) + Duration::from_seconds(seconds);
        Kept { from, number, at, sealed: Vec::new(), receipt: None }
    }

    #[test]
    fn the_list_says_whose_turn_it_is() {
        let mailbox = Phrase::make().unwrap().mailbox().unwrap();
        let closed = journal::Line {
            at: kept(Sender::Finder, 1, 20).at.to_string(),
            id: mailbox.id(),
            what: What::Closed,
            note: None,
        };
        let state = |kept: Vec<Kept>, acts: &[journal::Line]| {
            let summary = summary(&Conversation { mailbox, kept }, acts);
            summary["state"].as_str().unwrap().to_owned()
        };
        let (first, second) = (|| kept(Sender::Finder, 1, 0), || kept(Sender::Finder, 2, 30));
        let answer = || kept(Sender::Officer, 1, 10);
        assert_eq!(state(vec![first()], &[]), "not answered");
        assert_eq!(state(vec![first(), answer()], &[]), "answered");
        let again = || vec![first(), answer(), second()];
        assert_eq!(state(again(), &[]), "written to after the last answer");
        let acts = [closed];
        assert_eq!(state(vec![first(), answer()], &acts), "closed");
        assert_eq!(state(again(), &acts), "written to after it was closed");
    }

    /// The attacker has the server: it knows the mailbox, and wants the officer's answers.
    #[test]
    fn a_message_under_another_key_gets_no_answer_and_is_shown_as_what_it_is() {
        let officer = OfficerKey::make().unwrap();
        let (finder, attacker) = (Phrase::make().unwrap(), Phrase::make().unwrap());
        let mailbox = finder.mailbox().unwrap();
        let [first, forged] = [&finder, &attacker].map(|phrase| {
            let message = FinderMessage::text("a text", &phrase.answer_key().unwrap());
            message.seal(officer.opens().public(), &mailbox).unwrap()
        });
        let kept = |number, sealed: &[u8]| Kept {
            sealed: sealed.to_vec(),
            ..kept(Sender::Finder, number, number.into())
        };
        let all = vec![kept(1, &first), kept(2, &forged)];
        let conversation = Conversation { mailbox, kept: all };
        let key = conversation.first(&officer).unwrap().key().unwrap();
        assert_eq!(key.as_bytes(), finder.answer_key().unwrap().as_bytes());
        let same = |m: &FinderMessage| m.key().is_some_and(|k| k.as_bytes() == key.as_bytes());
        let opened = conversation.opened(&officer);
        let shown = opened.iter().map(|(kept, opened)| for_people(kept, opened.as_ref(), &same));
        let careful: Vec<bool> = shown.map(|text| text.contains("CAREFUL")).collect();
        assert_eq!(careful, [false, true]);
        let without = Conversation { mailbox, kept: vec![kept(2, &forged)] };
        assert!(without.first(&officer).is_err(), "the first message was taken away");
    }

    #[test]
    fn a_report_shows_statements_as_statements() {
        let report = Report {
            fetched: "names\u{1b}[2J".into(),
            erased_how: "shred".into(),
            ..Report::default()
        };
        let text = report_text(&report);
        assert!(text.contains("the finder states to have fetched: names\u{fffd}[2J\n"), "{text}");
        assert!(text.contains("This is a statement, not proof"), "{text}");
        assert!(!text.contains("completely deleted") && !text.contains("embargo"), "{text}");
    }
}
