//! The locator's rows: which files a token leads to, and which tokens lead to a file.
//!
//! A row's `slot` is a keyed hash of token, file and practice, so that one can ask whether a file
//! has a token without reading all rows of the token. `facts` remembers what to take away when a
//! practice corrects a patient's facts, or the file is erased.

use super::{KeyTable, lock, ties};
use crate::error::{KeyholderError, Result};
use crate::keyring::Keyring;
use crate::locator::Token;
use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use seal::{open_bytes, seal_bytes};
use terms::{Blind, FOUND_FILES_MAX, PracticeId};

/// What one practice knows a file by.
pub(crate) struct FactsOf {
    /// Which of the practice's rows: each is replaced alone.
    pub(crate) row: &'static [u8],
    pub(crate) blind: Blind,
    pub(crate) practice: PracticeId,
    pub(crate) tokens: Vec<Token>,
    /// What ties the patient to others, where these facts say it.
    pub(crate) ties: Option<Vec<Token>>,
}

/// Files that were found, and whether there are more.
pub(crate) struct Hits {
    pub(crate) files: Vec<Blind>,
    pub(crate) more: bool,
}

/// How many files with the rarest token are looked at; with more, the question is too wide.
const LOOKED_AT_MAX: usize = 20_000;

impl KeyTable {
    /// The files that have all of these tokens, at most [`FOUND_FILES_MAX`].
    pub(crate) fn find(
        &self,
        ring: &Keyring,
        practice: PracticeId,
        tokens: &[Token],
    ) -> Result<Hits> {
        let mut hits = Hits { files: Vec::new(), more: false };
        let Some((first, others)) = tokens.split_first() else { return Ok(hits) };
        let reader = lock(&self.reader);
        let mut select = reader.prepare_cached("SELECT slot, value FROM token WHERE token = ?")?;
        let mut rows = select.query([first])?;
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            looked_at += 1;
            let value: Vec<u8> = row.get(1)?;
            let blind = open_value(ring, first, &row.get(0)?, &value)?;
            if hits.files.contains(&blind) || !has_all(&reader, ring, blind, practice, others)? {
                continue;
            }
            hits.more = hits.files.len() == FOUND_FILES_MAX || looked_at > LOOKED_AT_MAX;
            if hits.more {
                break;
            }
            hits.files.push(blind);
        }
        Ok(hits)
    }
}

impl FactsOf {
    /// Puts these facts in the place of what this practice knew the file by.
    pub(super) fn replace(&self, batch: &Transaction, ring: &Keyring) -> Result<()> {
        let owner = keyed(ring, self.row, &[self.blind.as_bytes(), self.practice.as_bytes()]);
        let old = batch
            .prepare_cached("SELECT tokens FROM facts WHERE blind = ? AND owner = ?")?
            .query_row(params![self.blind.as_bytes(), owner], |row| row.get::<_, Vec<u8>>(0))
            .optional()?;
        if let Some(sealed) = old {
            take_away(batch, ring, self.blind, &owner, &sealed)?;
        }
        let mut list = self.practice.as_bytes().to_vec();
        for token in &self.tokens {
            let slot = slot(ring, token, self.blind, self.practice);
            let value =
                seal_bytes(&ring.values, &[&token[..], &slot].concat(), self.blind.as_bytes())?;
            batch
                .prepare_cached(
                    "INSERT OR REPLACE INTO token (token, slot, value) VALUES (?, ?, ?)",
                )?
                .execute(params![token, slot, value])?;
            list.extend_from_slice(token);
        }
        let sealed = seal_bytes(&ring.values, &facts_aad(self.blind, &owner), &list)?;
        batch
            .prepare_cached("INSERT OR REPLACE INTO facts (blind, owner, tokens) VALUES (?, ?, ?)")?
            .execute(params![self.blind.as_bytes(), owner, sealed])?;
        match &self.ties {
            Some(known) => ties::replace(batch, ring, self.blind, known),
            None => Ok(()),
        }
    }
}

/// Takes away everything by which a file is found.
pub(super) fn forget(batch: &Transaction, ring: &Keyring, blind: Blind) -> Result<()> {
    let mut select = batch.prepare_cached("SELECT owner, tokens FROM facts WHERE blind = ?")?;
    let rows = select.query_map([blind.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<([u8; SLOT_BYTES], Vec<u8>)> = rows.collect::<rusqlite::Result<_>>()?;
    for (owner, sealed) in rows {
        take_away(batch, ring, blind, &owner, &sealed)?;
    }
    batch.prepare_cached("DELETE FROM facts WHERE blind = ?")?.execute([blind.as_bytes()])?;
    Ok(())
}

const SLOT_BYTES: usize = 8;
type Slot = [u8; SLOT_BYTES];

fn has_all(
    reader: &Connection,
    ring: &Keyring,
    blind: Blind,
    practice: PracticeId,
    tokens: &[Token],
) -> Result<bool> {
    let mut select = reader.prepare_cached("SELECT 1 FROM token WHERE token = ? AND slot = ?")?;
    for token in tokens {
        if !select.exists(params![token, slot(ring, token, blind, practice)])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn take_away(
    batch: &Transaction,
    ring: &Keyring,
    blind: Blind,
    owner: &Slot,
    sealed: &[u8],
) -> Result<()> {
    let list = open_bytes(&ring.values, &facts_aad(blind, owner), sealed).map_err(damaged)?;
    let (practice, tokens) = list.split_first_chunk().ok_or(DAMAGED).map_err(damaged)?;
    let practice = PracticeId::from_bytes(*practice);
    let mut delete = batch.prepare_cached("DELETE FROM token WHERE token = ? AND slot = ?")?;
    for token in tokens.chunks_exact(size_of::<Token>()) {
        let mut whole = Token::default();
        whole.copy_from_slice(token);
        delete.execute(params![whole, slot(ring, &whole, blind, practice)])?;
    }
    Ok(())
}

fn open_value(ring: &Keyring, token: &Token, slot: &Slot, sealed: &[u8]) -> Result<Blind> {
    let value = open_bytes(&ring.values, &[&token[..], slot].concat(), sealed).map_err(damaged)?;
    value.as_slice().try_into().map(Blind::from_bytes).map_err(damaged)
}

fn slot(ring: &Keyring, token: &Token, blind: Blind, practice: PracticeId) -> Slot {
    keyed(ring, b"slot", &[token, blind.as_bytes(), practice.as_bytes()])
}

/// A keyed hash; every part has a fixed length, and tokens begin their own text differently.
fn keyed(ring: &Keyring, what: &[u8], parts: &[&[u8]]) -> Slot {
    let mut context = hmac::Context::with_key(&ring.tokens);
    context.update(what);
    parts.iter().for_each(|part| context.update(part));
    let mut slot = Slot::default();
    slot.copy_from_slice(&context.sign().as_ref()[..SLOT_BYTES]);
    slot
}

fn facts_aad(blind: Blind, owner: &Slot) -> Vec<u8> {
    [b"facts".as_slice(), blind.as_bytes(), owner].concat()
}

const DAMAGED: &str = "a row of the locator was altered";

pub(super) fn damaged<E>(_: E) -> KeyholderError {
    KeyholderError::Tampered(DAMAGED.into())
}
