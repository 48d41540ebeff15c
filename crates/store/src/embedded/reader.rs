//! Reading, through a few connections that cannot write.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use terms::{FileId, Section, Sections};

use super::connect;
use super::fault::Fault;
use crate::model::{
    AttachmentId, AttachmentOutline, FileSize, SegmentOutline, Statistics, StoredSegment,
};
use crate::sql;

/// As many idle connections are kept; more readers at once open more.
const IDLE_MAX: usize = 8;

/// Connections for reading; each is used by one thread at a time.
pub(crate) struct Readers {
    database: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Reads this database.
    pub(crate) fn new(database: PathBuf) -> Readers {
        Readers { database, idle: Mutex::new(Vec::new()) }
    }

    /// Reads through one connection, which is closed if that failed.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| connect::reading(&self.database), Ok)?;
        let answer = work(&connection)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        Ok(answer)
    }
}

pub(crate) fn segments(
    connection: &Connection,
    file: FileId,
    (from, count): (u32, u32),
    sections: Sections,
) -> Result<Vec<StoredSegment>, Fault> {
    let mut select = connection.prepare_cached(sql::SEGMENTS)?;
    let mut rows = select.query(params![file.as_bytes(), from, sections.bits(), count])?;
    let mut segments = Vec::new();
    while let Some(row) = rows.next()? {
        let SegmentOutline { sequence, section, hash } = outline_of(row)?;
        segments.push(StoredSegment { sequence, section, hash, bytes: row.get(3)? });
    }
    Ok(segments)
}

pub(crate) fn outline(
    connection: &Connection,
    file: FileId,
    from: u32,
) -> Result<Vec<SegmentOutline>, Fault> {
    let mut select = connection.prepare_cached(sql::OUTLINE)?;
    let mut rows = select.query(params![file.as_bytes(), from])?;
    let mut outlines = Vec::new();
    while let Some(row) = rows.next()? {
        outlines.push(outline_of(row)?);
    }
    Ok(outlines)
}

pub(crate) fn chunk(
    connection: &Connection,
    file: FileId,
    attachment: AttachmentId,
    number: u32,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut select = connection.prepare_cached(sql::READ_CHUNK)?;
    let key = params![file.as_bytes(), attachment.as_bytes(), number];
    Ok(select.query_row(key, |row| row.get(0)).optional()?)
}

pub(crate) fn attachments(
    connection: &Connection,
    file: FileId,
) -> Result<Vec<AttachmentOutline>, Fault> {
    let mut select = connection.prepare_cached(sql::ATTACHMENTS)?;
    let mut rows = select.query([file.as_bytes()])?;
    let mut attachments = Vec::new();
    while let Some(row) = rows.next()? {
        attachments.push(AttachmentOutline {
            attachment: AttachmentId::from_bytes(row.get(0)?),
            chunks: row.get(1)?,
            bytes: connect::not_negative(row.get(2)?)?,
        });
    }
    Ok(attachments)
}

pub(crate) fn file_size(connection: &Connection, file: FileId) -> Result<FileSize, Fault> {
    let (segments, segment_bytes) = rows_and_bytes(connection, sql::SEGMENTS_SIZE, file)?;
    let (chunks, chunk_bytes) = rows_and_bytes(connection, sql::CHUNKS_SIZE, file)?;
    Ok(FileSize { segments, chunks, bytes: segment_bytes + chunk_bytes })
}

pub(crate) fn statistics(connection: &Connection) -> Result<Statistics, Fault> {
    Ok(Statistics {
        files: connect::count(connection, sql::whole::COUNT_FILES)?,
        segments: connect::count(connection, sql::whole::COUNT_SEGMENTS)?,
        chunks: connect::count(connection, sql::whole::COUNT_CHUNKS)?,
        bytes_on_disk: 0,
    })
}

fn rows_and_bytes(
    connection: &Connection,
    statement: &str,
    file: FileId,
) -> Result<(u64, u64), Fault> {
    let mut select = connection.prepare_cached(statement)?;
    let (rows, bytes) =
        select.query_row([file.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((connect::not_negative(rows)?, connect::not_negative(bytes)?))
}

/// Reads the three columns that stand first in every listing of segments.
fn outline_of(row: &Row<'_>) -> Result<SegmentOutline, Fault> {
    let number: u8 = row.get(1)?;
    let section = Section::from_number(number)
        .ok_or_else(|| Fault::Tampered(format!("there is no section {number}")))?;
    Ok(SegmentOutline { sequence: row.get(0)?, section, hash: row.get(2)? })
}
