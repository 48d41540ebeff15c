//! A line of a report as the server writes it.

use data_encoding::BASE64;
use keyproto::message::{Closing, Line};
use serde::Deserialize;
use std::borrow::Cow;

/// What a line says.
pub(super) enum Sent {
    Line(Line),
    End(Closing),
    /// How far the ledger was read.
    Progress(u64),
}

/// Every member that a line of any kind may have: one pass tells the kinds apart.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members<'l> {
    number: Option<u64>,
    /// The entry's bytes, base64.
    entry: Option<&'l str>,
    #[serde(borrow)]
    files: Option<Vec<File<'l>>>,
    #[serde(borrow)]
    holder: Option<Cow<'l, str>>,
    #[serde(borrow)]
    practice: Option<Cow<'l, str>>,
    read: Option<u64>,
    checkpoint: Option<String>,
    statement: Option<String>,
}

#[derive(Deserialize)]
struct File<'l> {
    blind: &'l str,
    file: &'l str,
}

impl Sent {
    pub(super) fn read(text: &[u8]) -> Option<Sent> {
        let members: Members = serde_json::from_slice(text).ok()?;
        let Members { number, entry, files, holder, practice, read, checkpoint, statement } =
            members;
        match (number, entry, files, read, checkpoint, statement) {
            (Some(number), Some(entry), Some(files), None, None, None) => {
                let file = |file: &File| Some((file.blind.parse().ok()?, file.file.parse().ok()?));
                Some(Sent::Line(Line {
                    number,
                    entry: BASE64.decode(entry.as_bytes()).ok()?.into(),
                    files: files.iter().map(file).collect::<Option<_>>()?,
                    holder: holder.map(Cow::into_owned),
                    practice: practice.map(Cow::into_owned),
                }))
            }
            (None, None, None, None, Some(checkpoint), Some(statement)) => {
                Some(Sent::End(Closing { checkpoint, statement }))
            }
            (None, None, None, Some(read), None, None) => Some(Sent::Progress(read)),
            _ => None,
        }
    }
}
