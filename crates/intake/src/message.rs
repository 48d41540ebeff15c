//! What finders and officers write to each other, and how it is sealed.
//!
//! A finder's message is sealed to the officer's key and bound to its mailbox. It carries the key
//! that answers are sealed with, so the officer can answer and the server cannot read. An answer is
//! bound to its mailbox and its number: one that is missing, moved or repeated is noticed.

use crate::hpke::{self, OpenKey};
use crate::phrase::{AnswerKey, Mailbox};
use crate::{SEALED_BYTES_MAX, Sealed, random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use terms::PublicKey;

/// What a finder's message is sealed for.
pub const MESSAGE_INFO: &[u8] = b"cofferdam intake message 1";
const ANSWER_INFO: &[u8] = b"cofferdam intake answer 1";
/// Messages are padded to multiples of this, so that their length says little.
const PADDED_BYTES: usize = 2048;
/// Longest message before it is sealed.
const PLAIN_BYTES_MAX: usize = SEALED_BYTES_MAX - hpke::ENCAPSULATED_BYTES - 16;

/// A finder's message: a report, or a text that follows it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinderMessage {
    /// 1.
    pub version: u32,
    /// The key of answers, base64.
    pub answer_key: String,
    /// The report, in the first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// What the finder adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A report, in the finder's own words. Every field may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Report {
    /// Which part of the system.
    pub component: String,
    /// How it was found, step by step.
    pub steps: String,
    /// What was seen.
    pub seen: String,
    /// What data were fetched.
    pub fetched: String,
    /// How much of them.
    pub amount: String,
    /// Where they are now.
    pub where_now: String,
    /// How they were erased.
    pub erased_how: String,
    /// When they were erased.
    pub erased_when: String,
    /// The finder's own requests.
    pub requests: Vec<Request>,
    /// Ids of files that were seen.
    pub files: Vec<String>,
    /// Whom to name, if anybody.
    pub credit: String,
    /// Who coordinates, such as a CERT.
    pub coordinator: String,
    /// Until when nothing is to be published.
    pub embargo: String,
    /// In which language to answer.
    pub language: String,
}

/// Some of the finder's requests: a span of time, and what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// The first one, in UTC.
    pub from: String,
    /// The last one, in UTC.
    pub to: String,
    /// What was asked, such as method and address.
    pub method: String,
}

/// A message that came, as far as it can be read.
pub enum Opened {
    /// As the page and the command write it.
    Message(Box<FinderMessage>),
    /// It opens, and is something else: a person has to look at it.
    Other(Vec<u8>),
}

impl Report {
    /// What the finder says about erasing, told as what it is.
    pub fn erasure(&self) -> String {
        let (how, when) = (self.erased_how.trim(), self.erased_when.trim());
        if how.is_empty() && when.is_empty() {
            return "The finder states nothing about erasing the data.".into();
        }
        let said = |text: &str| if text.is_empty() { "not said".into() } else { quoted(text) };
        format!(
            "The finder states that the data were erased (how: {}; when: {}). This is a statement, \
             not proof: nothing here can show what somebody else still has.",
            said(how),
            said(when)
        )
    }
}

fn quoted(text: &str) -> String {
    format!("\u{201c}{text}\u{201d}")
}

impl FinderMessage {
    /// A report.
    pub fn report(report: Report, key: &AnswerKey) -> FinderMessage {
        FinderMessage { report: Some(report), ..FinderMessage::with(key) }
    }

    /// A text that follows a report.
    pub fn text(text: &str, key: &AnswerKey) -> FinderMessage {
        FinderMessage { text: Some(text.to_owned()), ..FinderMessage::with(key) }
    }

    fn with(key: &AnswerKey) -> FinderMessage {
        let answer_key = BASE64.encode(key.as_bytes());
        FinderMessage { version: 1, answer_key, report: None, text: None }
    }

    /// Seals it for an officer.
    pub fn seal(&self, to: &PublicKey, mailbox: &Mailbox) -> Result<Vec<u8>, Sealed> {
        let plain = serde_json::to_vec(self).map_err(|_| Sealed)?;
        hpke::seal(to, MESSAGE_INFO, mailbox.as_bytes(), &padded(plain)?)
    }

    /// The key that the finder wants answers sealed with.
    pub fn key(&self) -> Option<AnswerKey> {
        AnswerKey::from_bytes(&BASE64.decode(self.answer_key.as_bytes()).ok()?)
    }
}

/// Opens a finder's message.
pub fn open(key: &OpenKey, mailbox: &Mailbox, sealed: &[u8]) -> Result<Opened, Sealed> {
    let plain = key.open(MESSAGE_INFO, mailbox.as_bytes(), sealed)?;
    Ok(match parse(&plain) {
        Some(message) => Opened::Message(Box::new(message)),
        None => Opened::Other(plain),
    })
}

/// Reads an opened message.
pub fn parse(plain: &[u8]) -> Option<FinderMessage> {
    serde_json::from_slice(plain).ok().filter(|message: &FinderMessage| message.version == 1)
}

/// Seals the officer's answer of this number, counted from 1.
pub fn seal_answer(
    key: &AnswerKey,
    mailbox: &Mailbox,
    number: u32,
    text: &str,
) -> Result<Vec<u8>, Sealed> {
    let nonce = random::<12>()?;
    // A text may not end in what pads it.
    let mut bytes = padded(text.trim_end().as_bytes().to_vec())?;
    cipher(key)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place(mailbox, number)),
            &mut bytes,
        )
        .map_err(|_| Sealed)?;
    Ok([&nonce[..], &bytes].concat())
}

/// Opens it.
pub fn open_answer(
    key: &AnswerKey,
    mailbox: &Mailbox,
    number: u32,
    sealed: &[u8],
) -> Result<String, Sealed> {
    let (nonce, sealed) = sealed.split_at_checked(12).ok_or(Sealed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Sealed)?;
    let mut bytes = sealed.to_vec();
    let plain = cipher(key)?
        .open_in_place(nonce, Aad::from(place(mailbox, number)), &mut bytes)
        .map_err(|_| Sealed)?;
    let text = std::str::from_utf8(plain).map_err(|_| Sealed)?;
    Ok(text.trim_end().to_owned())
}

fn place(mailbox: &Mailbox, number: u32) -> Vec<u8> {
    [ANSWER_INFO, mailbox.as_bytes(), &number.to_be_bytes()].concat()
}

fn cipher(key: &AnswerKey) -> Result<LessSafeKey, Sealed> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).map_err(|_| Sealed)?))
}

fn padded(mut plain: Vec<u8>) -> Result<Vec<u8>, Sealed> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(Sealed);
    }
    let length = plain.len().next_multiple_of(PADDED_BYTES).min(PLAIN_BYTES_MAX);
    plain.resize(length, b' ');
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase::Phrase;

    #[test]
    fn a_report_opens_with_the_officers_key_in_its_mailbox_only() {
        let (key, phrase) = (OpenKey::make().unwrap(), Phrase::make().unwrap());
        let (mailbox, answers) = (phrase.mailbox().unwrap(), phrase.answer_key().unwrap());
        let report = Report { seen: "names".into(), ..Report::default() };
        let sealed = FinderMessage::report(report.clone(), &answers);
        let sealed = sealed.seal(key.public(), &mailbox).unwrap();
        assert_eq!(sealed.len(), PADDED_BYTES + 65 + 16);
        let Opened::Message(opened) = open(&key, &mailbox, &sealed).unwrap() else {
            panic!("a report");
        };
        assert_eq!(opened.report, Some(report));
        assert_eq!(opened.key().unwrap().as_bytes(), answers.as_bytes());
        let elsewhere = Phrase::make().unwrap().mailbox().unwrap();
        assert!(open(&key, &elsewhere, &sealed).is_err());
        assert!(open(&OpenKey::make().unwrap(), &mailbox, &sealed).is_err());
    }

    /// Claim three of deletion: nobody can show what a taker or finder erased.
    #[test]
    fn a_finders_erasing_is_told_as_a_statement() {
        let told = |how: &str, when: &str| {
            let (erased_how, erased_when) = (how.to_owned(), when.to_owned());
            Report { erased_how, erased_when, ..Report::default() }.erasure()
        };
        for said in [told("shred", "yesterday"), told("shred", ""), told("", "yesterday")] {
            assert!(said.starts_with("The finder states that"), "{said}");
            assert!(said.contains("a statement, not proof"), "{said}");
        }
        assert_eq!(told(" ", ""), "The finder states nothing about erasing the data.");
        for never in ["completely", "deleted", "verified", "proven", "is erased"] {
            assert!(!told("shred", "").contains(never) && !told("", "").contains(never));
        }
    }

    #[test]
    fn what_is_no_report_still_reaches_a_person() {
        let (key, mailbox) = (OpenKey::make().unwrap(), Phrase::make().unwrap());
        let mailbox = mailbox.mailbox().unwrap();
        let sealed = hpke::seal(key.public(), MESSAGE_INFO, mailbox.as_bytes(), b"hello").unwrap();
        let Opened::Other(text) = open(&key, &mailbox, &sealed).unwrap() else { panic!("text") };
        assert_eq!(text, b"hello");
    }

    #[test]
    fn answers_are_bound_to_mailbox_and_number() {
        let phrase = Phrase::make().unwrap();
        let (mailbox, key) = (phrase.mailbox().unwrap(), phrase.answer_key().unwrap());
        let sealed = seal_answer(&key, &mailbox, 1, "thank you\n").unwrap();
        assert_eq!(open_answer(&key, &mailbox, 1, &sealed).unwrap(), "thank you");
        assert!(open_answer(&key, &mailbox, 2, &sealed).is_err());
        let other = Phrase::make().unwrap();
        assert!(open_answer(&key, &other.mailbox().unwrap(), 1, &sealed).is_err());
        assert!(open_answer(&other.answer_key().unwrap(), &mailbox, 1, &sealed).is_err());
        let long = "x".repeat(SEALED_BYTES_MAX);
        assert!(seal_answer(&key, &mailbox, 1, &long).is_err());
    }
}
