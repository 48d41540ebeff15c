//! What anybody sends to the report page's addresses, and what officers and finders read back: it
//! means the same when it is written and read again, and nothing counts that no key signed.

use intake::association::{AssociationKeyFile, open_list, parse_public_line, public_line};
use intake::desk::{body, posted, told};
use intake::hpke::OpenKey;
use intake::key::{Certificate, OfficerKeyFile};
use intake::message::{open, parse};
use intake::phrase::{Mailbox, Phrase};
use intake::receipt::Receipt;
use intake::{SEALED_BYTES_MAX, store};
use std::sync::LazyLock;

static KEY: LazyLock<OpenKey> =
    LazyLock::new(|| OpenKey::from_bytes(&[7; 32]).expect("a number below the order"));

pub(super) fn run(data: &[u8]) {
    if let Some((mailbox, sealed)) = posted(data) {
        if let Some(sealed) = sealed {
            let again = posted(body(&mailbox, &sealed).as_bytes());
            // Long bodies with little in them are read, and refused where they are kept.
            assert!(sealed.len() > SEALED_BYTES_MAX || again == Some((mailbox, Some(sealed))));
        }
        assert!(mailbox.to_string().parse::<Mailbox>() == Ok(mailbox));
    }
    if let Some(message) = parse(data) {
        let written = serde_json::to_vec(&message).expect("a message is JSON");
        assert!(parse(&written).as_ref() == Some(&message), "another message is read");
        if let Some(report) = &message.report {
            assert!(report.erasure().starts_with("The finder states"));
        }
    }
    let _ = told(data);
    let _ = store::parse(data);
    let _ = OfficerKeyFile::parse(data).map(|file| file.intake_key());
    let _ = AssociationKeyFile::parse(data).map(|file| file.public());
    assert!(open_list(&KEY, data).is_err(), "a list opens and was never sealed");
    let mailbox: Mailbox = "0".repeat(32).parse().expect("a mailbox");
    assert!(open(&KEY, &mailbox, data).is_err(), "it opens and was never sealed");
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = parse_public_line(text) {
        assert!(parse_public_line(&public_line(&key)) == Ok(key), "another key is read");
    }
    if let Ok(certificate) = Certificate::parse(text) {
        assert!(certificate.to_text() == text, "two texts of one certificate");
    }
    if let Ok(receipt) = Receipt::verify(text) {
        assert!(text.ends_with(&receipt.certificate.to_text()));
    }
    if let Ok(phrase) = text.parse::<Phrase>() {
        let words = phrase.words();
        assert!(words.parse::<Phrase>().is_ok_and(|again| *again.words() == *words));
    }
}
