//! Limits that more than one crate must agree on.

/// Longest frame on the socket between server and keyholder, in bytes.
pub const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest signed statement a client may send, in bytes.
pub const STATEMENT_BYTES_MAX: usize = 8 * 1024;
/// Most plaintext in one segment, in bytes.
pub const SEGMENT_PLAINTEXT_BYTES_MAX: usize = 1024 * 1024;
/// Most segments that one deposit may append.
pub const DEPOSIT_SEGMENTS_MAX: usize = 512;
/// Most segments of one file.
pub const FILE_SEGMENTS_MAX: usize = 100_000;
/// Most files that one look-up returns.
pub const FOUND_FILES_MAX: usize = 10;
/// Longest session, in hours.
pub const SESSION_HOURS_MAX: u64 = 12;
/// Longest reason text of an emergency opening, in bytes.
pub const REASON_BYTES_MAX: usize = 500;
/// How long a nonce of the keyholder is good for, in seconds.
pub const NONCE_SECONDS_MAX: u64 = 120;
/// How long an unfinished deposit holds its file, in seconds.
pub const DEPOSIT_SECONDS_MAX: u64 = 30;
/// Longest attachment, in bytes (100 MiB).
pub const ATTACHMENT_BYTES_MAX: u64 = 100 * 1024 * 1024;
/// Longest life of a job, in days.
pub const JOB_DAYS_MAX: u64 = 30;
/// How often one job opens one file: once, and again after a crash or a lost answer.
pub const JOB_OPENINGS_MAX: u8 = 3;
