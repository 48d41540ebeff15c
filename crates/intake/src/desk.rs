//! All that a server needs to take reports in: what it says, what it signs with, where it keeps.

use crate::key::{Certificate, ReceiptKey, Unsigned};
use crate::letter_codes::LetterCodes;
use crate::notice::Notice;
use crate::phrase::Mailbox;
use crate::receipt;
use crate::store::{Kept, Messages, Sender, StoreError};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::path::Path;
use terms::Time;

/// Longest body of a request that brings a message: base64 and names around it.
pub const BODY_BYTES_MAX: usize = crate::SEALED_BYTES_MAX / 3 * 4 + 1024;
/// File of the hashes of letters' codes, in the folder of messages.
pub const LETTER_CODES: &str = "letter-codes";

/// The desk.
pub struct Desk {
    /// What the operator says.
    pub notice: Notice,
    reception: Option<Reception>,
    messages: Messages,
    /// Codes of letters.
    pub letter_codes: LetterCodes,
}

/// What a server signs receipts with.
pub struct Reception {
    /// What the officer certified.
    pub certificate: Certificate,
    key: ReceiptKey,
}

/// A message is not taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// The body is not what the page sends.
    #[error("the body is a mailbox in hex and sealed bytes in base64, as JSON")]
    Form,
    /// No officer made a key.
    #[error("no officer has made a key for reports yet: use a contact of security.txt")]
    NoKey,
    /// It is not kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The receipt cannot be signed.
    #[error("the receipt cannot be signed")]
    Sign,
}

/// What the page sends: a mailbox, and a message for it unless it only asks for answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    mailbox: String,
    #[serde(default)]
    sealed: Option<String>,
}

/// What a finder who asks is told.
#[derive(Serialize)]
struct Told {
    /// How many of the finder's messages are here.
    received: usize,
    answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Answer {
    number: u32,
    at: String,
    sealed: String,
}

impl Reception {
    /// The officer's certificate, and the receipt key that it names.
    pub fn of(certificate: Certificate, key: ReceiptKey) -> Result<Reception, Unsigned> {
        if certificate.receipt_key != *key.public() {
            return Err(Unsigned::Signature);
        }
        Ok(Reception { certificate, key })
    }
}

impl Desk {
    /// A desk whose messages lie in this folder.
    pub fn open(
        notice: Notice,
        reception: Option<Reception>,
        folder: &Path,
    ) -> Result<Desk, StoreError> {
        let messages = Messages::open(folder, crate::store::Bounds::default())?;
        messages.sweep()?;
        let letter_codes = LetterCodes::at(&folder.join(LETTER_CODES));
        Ok(Desk { notice, reception, messages, letter_codes })
    }

    /// `security.txt` at this moment.
    pub fn security_txt(&self, now: Time) -> String {
        self.notice.security_txt(now, self.reception.is_some())
    }

    /// What reports are sealed to, where an officer made a key.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.reception.as_ref().map(|reception| &reception.certificate)
    }

    /// Takes a message in: on disk with its receipt, which is returned.
    pub fn take(&self, body: &[u8], now: Time) -> Result<String, TakeError> {
        let Reception { certificate, key } = self.reception.as_ref().ok_or(TakeError::NoKey)?;
        let (mailbox, sealed) = posted(body).ok_or(TakeError::Form)?;
        let sealed = sealed.ok_or(TakeError::Form)?;
        let receipt = receipt::sign(key, certificate, &sealed, now).map_err(|_| TakeError::Sign)?;
        self.messages.put(&mailbox, Sender::Finder, &sealed, now, Some(receipt.clone()))?;
        Ok(receipt)
    }

    /// The sealed answers in a mailbox, as JSON; the same for a mailbox that nobody knows.
    pub fn answers(&self, body: &[u8]) -> Result<String, TakeError> {
        let (mailbox, sealed) = posted(body).ok_or(TakeError::Form)?;
        if sealed.is_some() {
            return Err(TakeError::Form);
        }
        let (answers, received) = self.messages.answers(&mailbox)?;
        let answer = |kept: Kept| Answer {
            number: kept.number,
            at: kept.at.to_string(),
            sealed: BASE64.encode(&kept.sealed),
        };
        let told = Told { received, answers: answers.into_iter().map(answer).collect() };
        serde_json::to_string(&told).map_err(|_| TakeError::Form)
    }
}

/// Reads a request's body: a mailbox, and the sealed message if there is one.
pub fn posted(body: &[u8]) -> Option<(Mailbox, Option<Vec<u8>>)> {
    if body.len() > BODY_BYTES_MAX {
        return None;
    }
    let Posted { mailbox, sealed } = serde_json::from_slice(body).ok()?;
    let sealed = sealed.map(|text| BASE64.decode(text.as_bytes()).ok());
    let sealed = match sealed {
        Some(None) => return None,
        Some(Some(bytes)) => Some(bytes),
        None => None,
    };
    Some((mailbox.parse().ok()?, sealed))
}

/// What the page and the command send for a message.
pub fn body(mailbox: &Mailbox, sealed: &[u8]) -> String {
    serde_json::json!({"mailbox": mailbox.to_string(), "sealed": BASE64.encode(sealed)}).to_string()
}

/// What a finder reads of a mailbox.
pub struct Answers {
    /// How many of the finder's messages are here.
    pub received: u64,
    /// Answers by number, sealed.
    pub sealed: Vec<(u32, Vec<u8>)>,
}

/// Reads what [`Desk::answers`] writes.
pub fn told(text: &[u8]) -> Option<Answers> {
    let value: serde_json::Value = serde_json::from_slice(text).ok()?;
    let answer = |value: &serde_json::Value| {
        let sealed = BASE64.decode(value["sealed"].as_str()?.as_bytes()).ok()?;
        Some((u32::try_from(value["number"].as_u64()?).ok()?, sealed))
    };
    let sealed = value["answers"].as_array()?.iter().map(answer).collect::<Option<_>>()?;
    Some(Answers { received: value["received"].as_u64()?, sealed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SEALED_BYTES_MAX;
    use crate::key::OfficerKey;
    use crate::message::{FinderMessage, Opened, Report, open, open_answer, seal_answer};
    use crate::notice::tests::notice;
    use crate::phrase::Phrase;
    use crate::receipt::Receipt;

    const NOW: Time = Time::from_millis(1_795_694_400_000);

    fn desk(folder: &Path, officer: &OfficerKey) -> Desk {
        let key = ReceiptKey::make().unwrap();
        let certificate = officer.certify("https://a.example", key.public(), NOW).unwrap();
        Desk::open(notice(), Some(Reception::of(certificate, key).unwrap()), folder).unwrap()
    }

    #[test]
    fn a_report_comes_in_is_opened_and_answered() {
        let (folder, officer) = (tempfile::tempdir().unwrap(), OfficerKey::make().unwrap());
        let desk = desk(folder.path(), &officer);
        let phrase = Phrase::make().unwrap();
        let (mailbox, key) = (phrase.mailbox().unwrap(), phrase.answer_key().unwrap());
        let report = Report { seen: "a name".into(), ..Report::default() };
        let message = FinderMessage::report(report, &key);
        let sealed = message.seal(&desk.certificate().unwrap().seal_key, &mailbox).unwrap();
        let receipt = desk.take(body(&mailbox, &sealed).as_bytes(), NOW).unwrap();
        let receipt = Receipt::verify(&receipt).unwrap();
        assert!(receipt.is_for(&sealed) && receipt.certificate.intake_key == *officer.public());

        let store = Messages::open(folder.path(), crate::store::Bounds::default()).unwrap();
        let kept = store.of(&mailbox).unwrap().remove(0);
        let opened = open(officer.opens(), &mailbox, &kept.sealed).unwrap();
        let Opened::Message(opened) = opened else { panic!("a report") };
        assert_eq!(*opened, message);
        let answer = seal_answer(&opened.key().unwrap(), &mailbox, 1, "thank you").unwrap();
        store.put(&mailbox, Sender::Officer, &answer, NOW, None).unwrap();

        let ask = serde_json::json!({"mailbox": mailbox.to_string()}).to_string();
        let answers = told(desk.answers(ask.as_bytes()).unwrap().as_bytes()).unwrap();
        assert_eq!((answers.received, answers.sealed.len()), (1, 1));
        assert_eq!(open_answer(&key, &mailbox, 1, &answers.sealed[0].1).unwrap(), "thank you");
    }

    #[test]
    fn a_mailbox_that_nobody_knows_looks_like_an_empty_one() {
        let (folder, officer) = (tempfile::tempdir().unwrap(), OfficerKey::make().unwrap());
        let desk = desk(folder.path(), &officer);
        let ask = format!("{{\"mailbox\":\"{}\"}}", "0".repeat(32));
        assert_eq!(desk.answers(ask.as_bytes()).unwrap(), "{\"received\":0,\"answers\":[]}");
    }

    #[test]
    fn hostile_bodies_are_refused_and_leave_nothing() {
        let (folder, officer) = (tempfile::tempdir().unwrap(), OfficerKey::make().unwrap());
        let desk = desk(folder.path(), &officer);
        let mailbox = Phrase::make().unwrap().mailbox().unwrap();
        let long = body(&mailbox, &vec![0; SEALED_BYTES_MAX + 1]);
        let nested = "[".repeat(40_000);
        let path = r#"{"mailbox":"../../../../../../etc/passwd00","sealed":"AAAA"}"#;
        let capitals = body(&mailbox, b"x").to_uppercase();
        let twice = r#"{"mailbox":"","mailbox":"","sealed":""}"#;
        for hostile in [&long, &nested, path, &capitals, twice, "", "{}", "null", "\u{0}"] {
            assert!(desk.take(hostile.as_bytes(), NOW).is_err());
        }
        assert!(desk.take(&[0xff; 100], NOW).is_err());
        assert!(matches!(
            desk.take(body(&mailbox, b"").as_bytes(), NOW),
            Err(TakeError::Store(StoreError::Length))
        ));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn without_a_key_nothing_is_taken_and_the_finder_is_told_where_to_go() {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::open(notice(), None, folder.path()).unwrap();
        let mailbox = Phrase::make().unwrap().mailbox().unwrap();
        let refused = desk.take(body(&mailbox, b"x").as_bytes(), NOW).unwrap_err();
        assert!(refused.to_string().contains("security.txt"));
        let (officer, other) = (OfficerKey::make().unwrap(), ReceiptKey::make().unwrap());
        let key = ReceiptKey::make().unwrap();
        let certificate = officer.certify("https://a.example", key.public(), NOW).unwrap();
        assert!(Reception::of(certificate, other).is_err());
    }
}
