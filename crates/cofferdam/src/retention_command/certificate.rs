//! The certificate of erasure: what it says, as JSON for programs and as text for people.
//!
//! Whoever checks it ignores members that they do not know, so that later versions may add some;
//! what is here keeps its meaning for as long as `version` is 1.

use data_encoding::BASE64;
use keyproto::message;
use serde::{Deserialize, Serialize};

pub(super) const FORMAT: &str = "cofferdam-erasure-certificate";
pub(super) const VERSION: u32 = 1;

/// A certificate of erasure.
#[derive(Deserialize, Serialize)]
pub(super) struct Certificate {
    pub(super) format: String,
    pub(super) version: u32,
    /// When this certificate was made.
    pub(super) made: String,
    /// The file as people knew it.
    pub(super) file: String,
    /// The file as the ledger names it.
    pub(super) ledger_name: String,
    pub(super) erased: Erased,
    pub(super) epochs: Epochs,
    pub(super) technique: Technique,
    pub(super) claims: Claims,
    /// What this certificate does not say.
    pub(super) limits: Vec<String>,
    pub(super) proof: Proof,
}

/// The entry.
#[derive(Deserialize, Serialize)]
pub(super) struct Erased {
    pub(super) entry: u64,
    pub(super) at: String,
    /// The cards of the two officers.
    pub(super) officers: Vec<String>,
    /// SHA-256 of the order that both signed.
    pub(super) order: String,
}

/// Which keys could ever have wrapped the file's key.
#[derive(Deserialize, Serialize)]
pub(super) struct Epochs {
    /// The newest epoch at the erasure: none after it wrapped this file's key.
    pub(super) at_erasure: Option<u32>,
    /// The newest epoch when this was made; where it is a later one, all before are destroyed.
    pub(super) newest: Option<u32>,
    /// The ledger's entry at which that one began, where it is later than the erasure.
    pub(super) began_entry: Option<u64>,
    pub(super) began_at: Option<String>,
}

/// In the words of NIST SP 800-88, as far as they were found in sources.
#[derive(Deserialize, Serialize)]
pub(super) struct Technique {
    pub(super) name: String,
    pub(super) says: String,
    pub(super) source: String,
}

/// Three claims that are not one.
#[derive(Deserialize, Serialize)]
pub(super) struct Claims {
    pub(super) ours: Claim,
    /// Whoever processed or received copies: attested, each by whom.
    pub(super) processors: Vec<Claim>,
    /// Whoever took or found copies: statements, which prove nothing.
    pub(super) takers: Vec<Claim>,
}

/// One claim, and what it rests on.
#[derive(Deserialize, Serialize)]
pub(super) struct Claim {
    pub(super) who: String,
    /// `provable`, `attested` or `stated`.
    pub(super) stands: String,
    pub(super) says: String,
}

/// What a stranger checks, with the ledger's verifier key from elsewhere.
#[derive(Deserialize, Serialize)]
pub(super) struct Proof {
    /// The ledger's verifier key, to compare.
    pub(super) verifier: String,
    /// The ledger's signed checkpoint.
    pub(super) checkpoint: String,
    /// What the keyholder signed of these lines: they are all that the ledger has about this file
    /// in the millisecond of the erasure.
    pub(super) statement: String,
    pub(super) lines: Vec<SentLine>,
    /// The entry as the ledger keeps it, sealed; base64.
    pub(super) leaf: String,
    /// RFC 6962 inclusion proof of the leaf under the checkpoint; base64.
    pub(super) inclusion: Vec<String>,
}

/// The technique that this program uses.
pub(super) fn technique() -> Technique {
    Technique {
        name: "cryptographic erase, and deletion of the ciphertext".into(),
        says: "the file's own key, under which alone its content was ever stored, was destroyed \
               in the key table; then the sealed bytes were overwritten and removed from the \
               store. NIST SP 800-88 Rev. 2 (26 September 2025) treats cryptographic erase in a \
               section of its own and asks for sanitisation of the keys; this certificate does \
               not claim that a laboratory assessed it"
            .into(),
        source: "https://blog.mir.net/2025/09/guidelines-for-media-sanitization-nist-publishes-sp-800-88r2 \
                 (a summary; the publication itself was not at hand)"
            .into(),
    }
}

/// What nobody may read into it.
pub(super) fn limits() -> Vec<String> {
    [
        "that nobody ever copied the key out of the running keyholder: no log can show that",
        "backups made before the erasure: each holds the wrapped key and its keyring, and opens \
         with the passphrase of then, until it or that passphrase is destroyed \
         (`cofferdam retention verify --backup` tries it)",
        "unused space of database pages, spare blocks of disks and snapshots: sealed bytes may \
         remain there; their key is gone",
        "what was printed, exported, shown on a screen or received by others",
        "the ledger itself: it still says that this file was opened, when and by whom, and is \
         never erased",
    ]
    .map(str::to_owned)
    .to_vec()
}

impl Certificate {
    /// As a page of text for people.
    pub(super) fn text(&self) -> String {
        let Erased { entry, at, officers, .. } = &self.erased;
        let mut text = format!(
            "CERTIFICATE OF ERASURE\n\nFile            {}\nIn the ledger   {}\n\
             Erased          {at}, ledger entry {entry}\nBy the cards    {}\n\
             Technique       {}\n{}\n\nThree claims, which are not one:\n",
            self.file,
            self.ledger_name,
            officers.join(" and "),
            self.technique.name,
            self.epochs.text(),
        );
        let Claims { ours, processors, takers } = &self.claims;
        text.push_str(&format!("1. Ours ({}): {}\n", ours.stands, ours.says));
        for (number, what, all) in [(2, "Processors", processors), (3, "Takers", takers)] {
            if all.is_empty() {
                text.push_str(&format!("{number}. {what}: nobody said anything\n"));
            }
            for Claim { who, stands, says } in all {
                text.push_str(&format!("{number}. {what} ({stands}): {who} states: {says}\n"));
            }
        }
        text.push_str("\nWhat this does not say:\n");
        for limit in &self.limits {
            text.push_str(&format!("- {limit}\n"));
        }
        text.push_str(
            "\nTo check it: `cofferdam retention check CERTIFICATE.json --key KEY`, with the \
             ledger's verifier key from a place that you trust.\n",
        );
        text
    }
}

impl Epochs {
    fn text(&self) -> String {
        let number = |epoch: Option<u32>| epoch.map_or("not known".into(), |e| e.to_string());
        let (then, now) = (number(self.at_erasure), number(self.newest));
        match (self.began_entry, &self.began_at) {
            (Some(entry), Some(at)) => format!(
                "Epoch           {then} at the erasure; {now} since {at} (ledger entry {entry}), \
                 and those before it are destroyed"
            ),
            _ => format!("Epoch           {then} at the erasure, and still the newest"),
        }
    }
}

/// A line of a report as the server writes it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SentLine {
    number: u64,
    /// The entry's bytes, base64.
    entry: String,
    files: Vec<SentFile>,
    holder: Option<String>,
    practice: Option<String>,
}

#[derive(Clone, Deserialize, Serialize)]
struct SentFile {
    blind: String,
    file: String,
}

impl SentLine {
    pub(super) fn of(line: &message::Line) -> SentLine {
        let files = line.files.iter();
        let file = |(blind, file): &(terms::Blind, terms::FileId)| SentFile {
            blind: blind.to_string(),
            file: file.to_string(),
        };
        SentLine {
            number: line.number,
            entry: BASE64.encode(&line.entry),
            files: files.map(file).collect(),
            holder: line.holder.clone(),
            practice: line.practice.clone(),
        }
    }

    /// As the keyholder told it.
    pub(super) fn decoded(&self) -> Option<message::Line> {
        let file = |file: &SentFile| Some((file.blind.parse().ok()?, file.file.parse().ok()?));
        Some(message::Line {
            number: self.number,
            entry: BASE64.decode(self.entry.as_bytes()).ok()?.into(),
            files: self.files.iter().map(file).collect::<Option<_>>()?,
            holder: self.holder.clone(),
            practice: self.practice.clone(),
        })
    }
}
