//! Going through a whole database to see that it is sound.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};
use terms::{FileId, Section};

use super::connect;
use super::fault::Fault;
use super::reader;
use crate::errors::{CheckError, OpenError};
use crate::model::{Checked, FileSize, Hash};
use crate::sql::whole;

/// Checks a database file that may be somebody else's: a backup, say.
pub(crate) fn database(path: &Path) -> Result<Checked, CheckError> {
    let connection = connect::reading(path)?;
    if !connect::is_store(&connection, path)? {
        return Err(OpenError::NotAStore(path.to_owned()).into());
    }
    Ok(everything(&connection)?)
}

/// What one file takes up in such a file, without reading the rest of it.
pub(crate) fn size_in(path: &Path, file: FileId) -> Result<FileSize, CheckError> {
    let connection = connect::reading(path)?;
    if !connect::is_store(&connection, path)? {
        return Err(OpenError::NotAStore(path.to_owned()).into());
    }
    Ok(reader::file_size(&connection, file)?)
}

/// Where each file's segments end in such a file.
pub(crate) fn lengths_in(path: &Path) -> Result<HashMap<FileId, u32>, CheckError> {
    let connection = connect::reading(path)?;
    if !connect::is_store(&connection, path)? {
        return Err(OpenError::NotAStore(path.to_owned()).into());
    }
    Ok(lengths(&connection)?)
}

fn lengths(connection: &Connection) -> Result<HashMap<FileId, u32>, Fault> {
    let mut select = connection.prepare(whole::LENGTHS)?;
    let mut rows = select.query(())?;
    let mut lengths = HashMap::new();
    while let Some(row) = rows.next()? {
        lengths.insert(file_of(row)?, row.get(1)?);
    }
    Ok(lengths)
}

/// Checks the structure first, then every row's types and every hash, all at one moment.
pub(crate) fn everything(connection: &Connection) -> Result<Checked, Fault> {
    let moment = connection.unchecked_transaction()?;
    let structure: String = connect::one(&moment, "PRAGMA integrity_check(1)")?;
    if structure != "ok" {
        return Err(Fault::Tampered(structure));
    }
    let checked = Checked { segments: segments(&moment)?, chunks: chunks(&moment)? };
    moment.commit()?;
    Ok(checked)
}

fn segments(connection: &Connection) -> Result<u64, Fault> {
    let mut select = connection.prepare(whole::EVERY_SEGMENT)?;
    let mut rows = select.query(())?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (file, sequence, section): (_, u32, u8) = (file_of(row)?, row.get(1)?, row.get(2)?);
        if Section::from_number(section).is_none() {
            let what = format!("file {file}, segment {sequence}: no section {section}");
            return Err(Fault::Tampered(what));
        }
        if !hash_agrees(row)? {
            let what = format!("file {file}, segment {sequence}: bytes and hash disagree");
            return Err(Fault::Tampered(what));
        }
        count += 1;
    }
    Ok(count)
}

fn chunks(connection: &Connection) -> Result<u64, Fault> {
    let mut select = connection.prepare(whole::EVERY_CHUNK)?;
    let mut rows = select.query(())?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (file, number): (_, u32) = (file_of(row)?, row.get(2)?);
        if !hash_agrees(row)? {
            let what = format!("file {file}, chunk {number}: bytes and hash disagree");
            return Err(Fault::Tampered(what));
        }
        count += 1;
    }
    Ok(count)
}

fn file_of(row: &Row<'_>) -> Result<FileId, Fault> {
    Ok(FileId::from_bytes(row.get(0)?))
}

/// Both tables have the hash in column 3 and the bytes in column 4.
fn hash_agrees(row: &Row<'_>) -> Result<bool, Fault> {
    let hash: Hash = row.get(3)?;
    let bytes = row.get_ref(4)?.as_blob();
    let bytes = bytes.map_err(|_| Fault::Tampered("bytes that are not bytes".into()))?;
    Ok(Hash::from(Sha256::digest(bytes)) == hash)
}
