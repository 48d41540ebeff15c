//! Wrapping every file key under a new epoch key, so that the old one can be destroyed.

use super::{KeyTable, Sealed, lock};
use crate::error::Result;
use crate::keyring::Keyring;
use rusqlite::params;
use terms::Blind;

const BATCH: u32 = 1000;

impl KeyTable {
    /// Wraps every key of an older epoch under the newest, batch by batch; can be stopped at any
    /// moment and started again. Returns how many there were.
    pub(crate) fn rewrap(&self, ring: &Keyring) -> Result<u64> {
        let mut count = 0;
        loop {
            match self.rewrap_some(ring)? {
                0 => return Ok(count),
                some => count += some,
            }
        }
    }

    fn rewrap_some(&self, ring: &Keyring) -> Result<u64> {
        let newest = ring.newest_epoch();
        let mut writer = lock(&self.writer);
        let batch = writer.transaction()?;
        let mut select = batch
            .prepare_cached("SELECT epoch, name, key, blind FROM file WHERE epoch < ? LIMIT ?")?;
        let rows = select.query_map(params![newest.number, BATCH], |row| {
            Ok((Sealed::read(row)?, Blind::from_bytes(row.get(3)?)))
        })?;
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        for (old, blind) in &rows {
            let (file, key) = old.open(ring, *blind)?;
            let new = Sealed::new(ring.tenant(), newest, *blind, file, &key)?;
            batch
                .prepare_cached("UPDATE file SET epoch = ?, name = ?, key = ? WHERE blind = ?")?
                .execute(params![new.epoch, new.name, new.key, blind.as_bytes()])?;
        }
        drop(select);
        batch.commit()?;
        Ok(rows.len() as u64)
    }
}
