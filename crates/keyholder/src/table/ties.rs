//! What ties a file's patient to others, sealed: see [`crate::locator::ties`].

use super::find::damaged;
use super::{KeyTable, lock};
use crate::error::Result;
use crate::keyring::Keyring;
use crate::locator::Token;
use rusqlite::{OptionalExtension, Transaction, params};
use seal::{open_bytes, seal_bytes};
use terms::Blind;

impl KeyTable {
    /// What ties this file's patient to others; nothing where the file is unknown.
    pub(crate) fn ties(&self, ring: &Keyring, blind: Blind) -> Result<Vec<Token>> {
        let reader = lock(&self.reader);
        let mut select = reader.prepare_cached("SELECT tokens FROM ties WHERE blind = ?")?;
        let sealed = select.query_row([blind.as_bytes()], |row| row.get::<_, Vec<u8>>(0));
        let Some(sealed) = sealed.optional()? else { return Ok(Vec::new()) };
        let list = open_bytes(&ring.values, &aad(blind), &sealed).map_err(damaged)?;
        let ties = list.chunks_exact(size_of::<Token>());
        ties.map(|tie| tie.try_into().map_err(damaged)).collect()
    }
}

/// Puts these in the place of what was known before.
pub(super) fn replace(
    batch: &Transaction,
    ring: &Keyring,
    blind: Blind,
    ties: &[Token],
) -> Result<()> {
    let sealed = seal_bytes(&ring.values, &aad(blind), &ties.concat())?;
    batch
        .prepare_cached("INSERT OR REPLACE INTO ties (blind, tokens) VALUES (?, ?)")?
        .execute(params![blind.as_bytes(), sealed])?;
    Ok(())
}

pub(super) fn forget(batch: &Transaction, blind: Blind) -> Result<()> {
    batch.prepare_cached("DELETE FROM ties WHERE blind = ?")?.execute([blind.as_bytes()])?;
    Ok(())
}

fn aad(blind: Blind) -> Vec<u8> {
    [b"ties".as_slice(), blind.as_bytes()].concat()
}
