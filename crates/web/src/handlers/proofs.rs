//! Entries of the ledger, shown one by one with their proofs.

use super::body;
use super::ledger::{id, wrong};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::blocking::blocking;
use crate::problem::Problem;
use crate::respond::{self, Answered};
use data_encoding::BASE64;
use hyper::StatusCode;
use keyproto::message::{AskedProof, Disclosed, PROVE_ENTRIES_MAX, Prove, Proved};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is to be proved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    file: String,
    #[serde(default)]
    entries: Vec<u64>,
    size: Option<u64>,
    older: Option<u64>,
}

/// What the keyholder showed; bytes are base64.
#[derive(Serialize)]
struct Told {
    checkpoint: String,
    naming: String,
    entries: Vec<ToldEntry>,
    left_out: Vec<u64>,
    consistency: Vec<String>,
}

#[derive(Serialize)]
struct ToldEntry {
    number: u64,
    leaf: String,
    salt: String,
    entry: String,
    path: Vec<String>,
}

/// Shows entries about one file.
pub(super) async fn proofs(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    let read = body(app, &mut ask, 16 << 10).await?;
    let asked = asked(&read)?;
    let request = Prove {
        session: caller.session.session,
        proof: caller.spend_proof(app, Some(asked.file)).await?,
        method: ask.method.as_str().to_owned(),
        url: ask.url.clone(),
        asked,
    };
    let records = app.records.clone();
    let proved = blocking(move || records.keyholder().prove(request)).await?;
    let proved = proved.map_err(|error| caller.refused(app, error))?;
    // Strings and numbers always encode.
    let text = serde_json::to_string(&Told::from(proved)).unwrap_or_default();
    Ok(respond::text(StatusCode::OK, "application/json", text))
}

/// What a body asks for.
pub(crate) fn asked(body: &[u8]) -> Result<AskedProof, Problem> {
    let Asked { file, entries, size, older } = serde_json::from_slice(body)
        .map_err(|_| wrong("the body says file, entries, size, older"))?;
    if entries.len() > PROVE_ENTRIES_MAX {
        return Err(wrong("at most 256 entries are proved at once"));
    }
    let file = id(Some(&file))?.ok_or_else(|| wrong("say whose file"))?;
    Ok(AskedProof { file, entries, size, older })
}

impl From<Proved> for Told {
    fn from(proved: Proved) -> Told {
        let Proved { checkpoint, naming, entries, left_out, consistency } = proved;
        let consistency = consistency.iter().map(|hash| BASE64.encode(&hash[..])).collect();
        let entries = entries.into_iter().map(ToldEntry::from).collect();
        Told { checkpoint, naming, entries, left_out, consistency }
    }
}

impl From<Disclosed> for ToldEntry {
    fn from(Disclosed { number, leaf, salt, entry, path }: Disclosed) -> ToldEntry {
        ToldEntry {
            number,
            leaf: BASE64.encode(&leaf),
            salt: BASE64.encode(&salt[..]),
            entry: BASE64.encode(&entry),
            path: path.iter().map(|hash| BASE64.encode(&hash[..])).collect(),
        }
    }
}
