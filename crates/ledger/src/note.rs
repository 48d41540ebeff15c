//! Signed notes, taken apart (C2SP `signed-note`).

use crate::LogError;
use data_encoding::{BASE64, HEXLOWER};

/// Longest note that is read, in bytes.
pub(crate) const NOTE_BYTES_MAX: usize = 64 * 1024;

/// One signature of a note; nothing of it was verified.
pub(crate) struct Signature<'n> {
    pub(crate) name: &'n str,
    /// Four bytes of key id, then what the key made.
    pub(crate) bytes: Vec<u8>,
}

/// The text of a note with its last line end, and its signatures.
pub(crate) fn split(note: &[u8]) -> Result<(&str, Vec<Signature<'_>>), LogError> {
    parts(note).ok_or(LogError::Tampered { what: "a checkpoint is malformed", first: 0 })
}

fn parts(note: &[u8]) -> Option<(&str, Vec<Signature<'_>>)> {
    if note.len() > NOTE_BYTES_MAX {
        return None;
    }
    let note = core::str::from_utf8(note).ok()?;
    let end = note.rfind("\n\n")?;
    let lines = note[end + 2..].strip_suffix('\n')?.split('\n');
    Some((&note[..=end], lines.map(signature).collect::<Option<_>>()?))
}

fn signature(line: &str) -> Option<Signature<'_>> {
    let (name, bytes) = line.strip_prefix("— ")?.split_once(' ')?;
    Some(Signature { name, bytes: BASE64.decode(bytes.as_bytes()).ok()? })
}

/// One signature line.
pub(crate) fn line(name: &str, id: [u8; 4], signature: &[u8]) -> String {
    format!("— {name} {}\n", BASE64.encode(&[&id[..], signature].concat()))
}

/// A name that can stand in a note.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The id of a key of this kind under this name.
pub(crate) fn key_id(name: &str, kind: u8, public: &[u8]) -> [u8; 4] {
    let named = [name.as_bytes(), &[b'\n', kind], public].concat();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &named);
    let mut id = [0; 4];
    id.copy_from_slice(&digest.as_ref()[..4]);
    id
}

/// A verifier key as text: name, id in hexadecimal, kind and key in base64.
pub(crate) fn key_text(name: &str, kind: u8, public: &[u8]) -> String {
    let (id, key) = (key_id(name, kind, public), [&[kind], public].concat());
    format!("{name}+{}+{}", HEXLOWER.encode(&id), BASE64.encode(&key))
}

/// The name, kind and key in a verifier key's text.
pub(crate) fn parse_key(text: &str) -> Option<(String, u8, Vec<u8>)> {
    let mut parts = text.splitn(3, '+');
    let (name, _, key) = (parts.next()?, parts.next()?, parts.next()?);
    let key = BASE64.decode(key.as_bytes()).ok()?;
    let (kind, public) = key.split_first()?;
    let good = is_name(name) && key_text(name, *kind, public) == text;
    good.then(|| (name.to_owned(), *kind, public.to_vec()))
}
