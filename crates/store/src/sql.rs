//! The tables and every statement, in the SQL that SQLite and PostgreSQL share.
//!
//! Every primary key starts with `file`, and every statement but those over the whole store names
//! one file, so that the same text serves a database that is distributed by file.

/// The tables of schema version [`VERSION`]. `hash` stands before `bytes`, so that reading it
/// touches none of the pages that long `bytes` flow over to.
pub(crate) const SCHEMA: &str = "
CREATE TABLE segment (
    file BYTEA NOT NULL CHECK (octet_length(file) = 16),
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    section SMALLINT NOT NULL CHECK (section >= 0),
    hash BYTEA NOT NULL CHECK (octet_length(hash) = 32),
    bytes BYTEA NOT NULL,
    PRIMARY KEY (file, sequence)
);
CREATE TABLE chunk (
    file BYTEA NOT NULL CHECK (octet_length(file) = 16),
    attachment BYTEA NOT NULL CHECK (octet_length(attachment) = 16),
    number BIGINT NOT NULL CHECK (number >= 0),
    hash BYTEA NOT NULL CHECK (octet_length(hash) = 32),
    bytes BYTEA NOT NULL,
    PRIMARY KEY (file, attachment, number)
);
";

/// The schema version that [`SCHEMA`] makes.
pub(crate) const VERSION: i64 = 1;

pub(crate) const PUT_SEGMENT: &str = "
INSERT INTO segment (file, sequence, section, hash, bytes) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (file, sequence)
DO UPDATE SET section = excluded.section, hash = excluded.hash, bytes = excluded.bytes";

pub(crate) const PUT_CHUNK: &str = "
INSERT INTO chunk (file, attachment, number, hash, bytes) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (file, attachment, number) DO UPDATE SET hash = excluded.hash, bytes = excluded.bytes";

pub(crate) const SEGMENTS: &str = "
SELECT sequence, section, hash, bytes FROM segment
WHERE file = $1 AND sequence >= $2 AND (($3 >> section) & 1) = 1 ORDER BY sequence LIMIT $4";

pub(crate) const OUTLINE: &str = "
SELECT sequence, section, hash FROM segment
WHERE file = $1 AND sequence >= $2 ORDER BY sequence";

pub(crate) const READ_CHUNK: &str = "
SELECT bytes FROM chunk WHERE file = $1 AND attachment = $2 AND number = $3";

pub(crate) const ATTACHMENTS: &str = "
SELECT attachment, count(*), sum(octet_length(bytes)) FROM chunk
WHERE file = $1 GROUP BY attachment ORDER BY attachment";

pub(crate) const FORGET_ORPHANS: &str = "
DELETE FROM segment WHERE file = $1 AND sequence >= $2";

pub(crate) const DROP_ATTACHMENT: &str = "
DELETE FROM chunk WHERE file = $1 AND attachment = $2";

pub(crate) const ERASE_SEGMENTS: &str = "DELETE FROM segment WHERE file = $1";

pub(crate) const ERASE_CHUNKS: &str = "DELETE FROM chunk WHERE file = $1";

pub(crate) const SEGMENTS_SIZE: &str = "
SELECT count(*), coalesce(sum(octet_length(bytes)), 0) FROM segment WHERE file = $1";

pub(crate) const CHUNKS_SIZE: &str = "
SELECT count(*), coalesce(sum(octet_length(bytes)), 0) FROM chunk WHERE file = $1";

/// The statements that name no file: for counting and checking the whole store.
pub(crate) mod whole {
    pub(crate) const COUNT_FILES: &str =
        "SELECT count(*) FROM (SELECT DISTINCT file FROM segment) AS files";
    pub(crate) const COUNT_SEGMENTS: &str = "SELECT count(*) FROM segment";
    pub(crate) const COUNT_CHUNKS: &str = "SELECT count(*) FROM chunk";
    pub(crate) const LENGTHS: &str = "SELECT file, max(sequence) + 1 FROM segment GROUP BY file";
    pub(crate) const EVERY_SEGMENT: &str =
        "SELECT file, sequence, section, hash, bytes FROM segment";
    pub(crate) const EVERY_CHUNK: &str = "SELECT file, attachment, number, hash, bytes FROM chunk";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns in the parentheses behind each `needle`.
    fn columns_behind<'a>(sql: &'a str, needle: &str) -> Vec<&'a str> {
        sql.split(needle).skip(1).filter_map(|rest| rest.split(')').next()).collect()
    }

    #[test]
    fn every_primary_key_starts_with_the_file() {
        let keys = columns_behind(SCHEMA, "PRIMARY KEY (");
        assert_eq!(keys.len(), SCHEMA.matches("CREATE TABLE").count());
        assert_eq!(SCHEMA.matches("KEY").count(), keys.len(), "a key of another kind");
        assert!(!SCHEMA.contains("UNIQUE") && !SCHEMA.contains("INDEX"), "a key of another kind");
        for key in keys {
            assert!(key.starts_with("file,"), "key ({key}) does not start with the file");
        }
    }

    #[test]
    fn every_statement_but_those_over_the_whole_store_names_one_file() {
        for put in [PUT_SEGMENT, PUT_CHUNK] {
            assert!(put.contains(" (file, ") && put.contains("VALUES ($1, "), "{put}");
            assert!(put.contains("ON CONFLICT (file, "), "{put}");
        }
        let others = [
            SEGMENTS,
            OUTLINE,
            READ_CHUNK,
            ATTACHMENTS,
            FORGET_ORPHANS,
            DROP_ATTACHMENT,
            ERASE_SEGMENTS,
            ERASE_CHUNKS,
            SEGMENTS_SIZE,
            CHUNKS_SIZE,
        ];
        for statement in others {
            assert!(statement.contains("WHERE file = $1"), "{statement}");
            assert!(!statement.contains(" OR "), "{statement}");
        }
    }
}
