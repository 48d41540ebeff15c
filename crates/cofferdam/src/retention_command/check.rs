//! `cofferdam retention check`: a stranger checks a certificate.
//!
//! Trust: the certificate is believed nothing. What counts is what the ledger's key signed: that
//! its ledger of this size and root answers, about this file and this moment, with this erasure;
//! and that the entry with this number lies under that root.

use super::certificate::{Certificate, FORMAT, VERSION};
use super::made::question;
use crate::cli::CheckArguments;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::ledger_command;
use data_encoding::{BASE64, HEXLOWER};
use keyproto::message::{CLOSING, Tally};
use ledger::entry::{Act, Entry};
use ledger::{Hash, Head, Verifier, leaf_hash, verify_inclusion};
use std::io::Read;
use terms::FileId;

/// Longest certificate that is read, in bytes.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// `cofferdam retention check`.
pub(super) fn check(home: &Home, arguments: &CheckArguments, json: bool) -> Outcome {
    let path = &arguments.certificate;
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(Failure::world(path.display()))?;
    file.take(BYTES_MAX).read_to_end(&mut text).map_err(Failure::world(path.display()))?;
    let verifier = ledger_command::verifier(home, arguments.key.as_deref())?;
    let certificate = checked(&text, &verifier)?;
    let head = &certificate.erased;
    if json {
        console::json(&serde_json::json!({
            "checked": true, "file": certificate.file, "entry": head.entry, "at": head.at,
            "officers": head.officers, "ledger": verifier.origin(),
        }));
    } else {
        console::say(&format!(
            "checked: the ledger {} says at entry {} that file {} was erased at {} by the cards \
             {}. Claims two and three are words of others, and nothing here proves them",
            verifier.origin(),
            head.entry,
            certificate.file,
            head.at,
            head.officers.join(" and ")
        ));
    }
    Ok(())
}

/// The certificate, if everything in it that is signed or hashed holds with this key.
pub(super) fn checked(text: &[u8], verifier: &Verifier) -> Outcome<Certificate> {
    let certificate: Certificate = serde_json::from_slice(text)
        .map_err(|_| Failure::Asked("this is no certificate of erasure".into()))?;
    if certificate.format != FORMAT || certificate.version != VERSION {
        let text = format!("this is no certificate of erasure of version {VERSION}");
        return Err(Failure::Asked(text));
    }
    let unsigned = |what: &'static str| {
        move |_: ledger::LogError| wrong(&format!("this key did not sign its {what}"))
    };
    let proof = &certificate.proof;
    let head = verifier.verify(proof.checkpoint.as_bytes()).map_err(unsigned("checkpoint"))?;
    let signed = verifier.verify_note(CLOSING, &proof.statement).map_err(unsigned("statement"))?;
    let entry = told(&certificate)?;
    if !same(signed, &closing(&certificate, &entry, &head)?) {
        return Err(wrong("the keyholder signed other lines, or another question"));
    }
    agrees(&certificate, &entry)?;
    included(&certificate, &head)?;
    Ok(certificate)
}

/// The erasure among its lines.
fn told(certificate: &Certificate) -> Outcome<Entry> {
    let line = certificate.proof.lines.iter().filter_map(|line| line.decoded());
    let mut line = line.filter(|line| line.number == certificate.erased.entry);
    let line = line.next().ok_or_else(|| wrong("its lines lack the entry"))?;
    Entry::from_bytes(&line.entry).map_err(|_| wrong("its entry cannot be read"))
}

/// What the keyholder must have signed, but for the request, of which only a hash is there.
fn closing(certificate: &Certificate, entry: &Entry, head: &Head) -> Outcome<String> {
    let file: FileId = certificate.file.parse().map_err(|_| wrong("its file is no id"))?;
    let mut tally = Tally::default();
    for line in &certificate.proof.lines {
        tally.add(&line.decoded().ok_or_else(|| wrong("a line cannot be read"))?);
    }
    Ok(tally.closing("", &question(file, entry.at), head.size, &head.root))
}

/// Whether two closings are the same, apart from the request that each answers.
fn same(signed: &str, came: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("proof ")).map(str::to_owned).collect()
    };
    lines(signed) == lines(came)
}

/// Whether it says in words what the entry says.
fn agrees(certificate: &Certificate, entry: &Entry) -> Outcome {
    let Act::Erased(act) = &entry.act else { return Err(wrong("its entry is no erasure")) };
    let said = &certificate.erased;
    let officers: Vec<String> = act.by.iter().map(ToString::to_string).collect();
    let agrees = act.file.to_string() == certificate.ledger_name
        && entry.at.to_string() == said.at
        && officers == said.officers
        && HEXLOWER.encode(&act.order) == said.order
        && act.epoch == certificate.epochs.at_erasure;
    if agrees { Ok(()) } else { Err(wrong("its words differ from the entry")) }
}

fn included(certificate: &Certificate, head: &Head) -> Outcome {
    let proof = &certificate.proof;
    let bytes = |text: &String| BASE64.decode(text.as_bytes()).ok();
    let hash = |text: &String| -> Option<Hash> { bytes(text)?.try_into().ok() };
    let inclusion: Option<Vec<Hash>> = proof.inclusion.iter().map(hash).collect();
    let (Some(leaf), Some(inclusion)) = (bytes(&proof.leaf), inclusion) else {
        return Err(wrong("its proof cannot be read"));
    };
    verify_inclusion(head, certificate.erased.entry, leaf_hash(&leaf), &inclusion)
        .map_err(|_| wrong("its entry is not under the checkpoint"))
}

fn wrong(how: &str) -> Failure {
    Failure::Tampered(format!("the certificate does not hold: {how}"))
}

#[cfg(test)]
mod tests {
    use super::super::certificate::{Claim, Claims, Epochs, Erased, Proof, limits, technique};
    use super::*;
    use keyproto::message::Line;
    use ledger::{DirFiles, Log, Signer, entry, prove};
    use terms::{Blind, CardId, Time};

    const NUMBER: u64 = 3;

    /// A certificate that a keyholder's words and a ledger's folder make.
    fn good(signer: &Signer) -> Certificate {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::open(DirFiles::new(folder.path()), signer.verifier(), &[]).unwrap();
        let sealed: Vec<Vec<u8>> = (0..7u8).map(|n| vec![n; 40]).collect();
        let head = log.append(&sealed).unwrap();
        drop(log);
        let file = FileId::from_bytes([4; FileId::LENGTH]);
        let by: Vec<CardId> = [1, 2].map(|n| CardId::from_bytes([n; CardId::LENGTH])).into();
        let blind = Blind::from_bytes([5; Blind::LENGTH]);
        let act = entry::Erased { file: blind, by: by.clone(), order: [6; 32], epoch: Some(1) };
        let at = Time::from_millis(1_795_442_400_123);
        let bytes = Entry { at, act: Act::Erased(act) }.to_bytes();
        let (entry, files) = (BASE64.encode(&bytes), Vec::new());
        let (holder, practice) = (Some("An officer".to_owned()), None);
        let sent = serde_json::json!({
            "number": NUMBER, "entry": entry, "files": [], "holder": holder, "practice": practice,
        });
        let mut tally = Tally::default();
        tally.add(&Line { number: NUMBER, entry: bytes.into(), files, holder, practice });
        let text = tally.closing("a request", &question(file, at), head.size, &head.root);
        let proved = prove(folder.path(), NUMBER, &head).unwrap();
        let claim = || Claim { who: "w".into(), stands: "stated".into(), says: "s".into() };
        Certificate {
            format: FORMAT.into(),
            version: VERSION,
            made: at.to_string(),
            file: file.to_string(),
            ledger_name: blind.to_string(),
            erased: Erased {
                entry: NUMBER,
                at: at.to_string(),
                officers: by.iter().map(ToString::to_string).collect(),
                order: HEXLOWER.encode(&[6; 32]),
            },
            epochs: Epochs {
                at_erasure: Some(1),
                newest: Some(1),
                began_entry: None,
                began_at: None,
            },
            technique: technique(),
            claims: Claims { ours: claim(), processors: vec![claim()], takers: vec![claim()] },
            limits: limits(),
            proof: Proof {
                verifier: signer.verifier().to_string(),
                checkpoint: signer.sign(&head),
                statement: signer.sign_note(CLOSING, &text),
                lines: vec![serde_json::from_value(sent).unwrap()],
                leaf: BASE64.encode(&proved.entry),
                inclusion: proved.proof.iter().map(|hash| BASE64.encode(hash)).collect(),
            },
        }
    }

    /// What a certificate proves, apart from its prose.
    fn proved(certificate: &Certificate) -> (&str, &str, u64, &str, &[String], &str, Option<u32>) {
        let Certificate { file, ledger_name, erased, epochs, .. } = certificate;
        let epoch = epochs.at_erasure;
        let (entry, at, by) = (erased.entry, erased.at.as_str(), erased.officers.as_slice());
        (file, ledger_name, entry, at, by, &erased.order, epoch)
    }

    #[test]
    fn no_change_of_one_byte_makes_it_prove_anything_else() {
        let signer = Signer::new("cofferdam/t", &[7; 32]).unwrap();
        let good = good(&signer);
        let text = serde_json::to_vec(&good).unwrap();
        let same = checked(&text, signer.verifier()).unwrap();
        assert_eq!(proved(&same), proved(&good));
        for at in 0..text.len() {
            for bit in [1, 4, 32] {
                let mut changed = text.clone();
                changed[at] ^= bit;
                if let Ok(other) = checked(&changed, signer.verifier()) {
                    assert_eq!(proved(&other), proved(&good), "byte {at}");
                }
            }
            assert!(checked(&text[..at], signer.verifier()).is_err(), "cut at {at}");
        }
        let other = Signer::new("cofferdam/t", &[8; 32]).unwrap();
        assert!(checked(&text, other.verifier()).is_err());
    }

    #[test]
    fn a_line_that_the_keyholder_did_not_sign_is_refused() {
        let signer = Signer::new("cofferdam/t", &[7; 32]).unwrap();
        let mut twice = good(&signer);
        twice.proof.lines.push(twice.proof.lines[0].clone());
        let text = serde_json::to_vec(&twice).unwrap();
        let Err(Failure::Tampered(why)) = checked(&text, signer.verifier()) else {
            panic!("a line too many holds");
        };
        assert!(why.contains("signed other lines"), "{why}");
    }
}
