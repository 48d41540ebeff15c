//! A consistent copy of key table and ledger while both go on.
//!
//! Trust: the copy is sealed like the original and worth as much to a thief. Whoever may use the
//! socket may have it made; carrying it away is for whoever reads the folder.
//!
//! Two files appear in the keyholder's folder: `keys.backup`, the key table as it was at one
//! moment, and `ledger.backup`, how many bytes of `ledger/entries` there were at that moment and a
//! checkpoint of then. The table begins to hold a file before the ledger does, so the table at one
//! moment and the ledger up to the same moment always fit together.

use crate::committer::publish;
use crate::error::{KeyholderError, Result};
use crate::mind::Shared;
use crate::settings::Settings;
use ledger::Files;
use std::sync::PoisonError;

/// Makes both files anew.
pub(crate) fn make<F: Files>(shared: &Shared<F>) -> Result<()> {
    publish(shared)?;
    let settings = &shared.settings;
    let table = settings.folder.join("keys.backup");
    // While the log is held nothing is added to it or to the table.
    let log = shared.log.write().unwrap_or_else(PoisonError::into_inner);
    let checkpoint = shared.checkpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let entries = settings.path(Settings::LEDGER).join("entries");
    let length =
        std::fs::metadata(&entries).map_err(KeyholderError::world("the ledger's length"))?.len();
    let snapshot = shared.table.snapshot(&settings.path(Settings::TABLE))?;
    drop(log);
    snapshot.copy(&table)?;
    let text = format!("{length}\n{checkpoint}");
    crate::files::replace(&settings.folder.join("ledger.backup"), text.as_bytes())
}
