//! What a segment holds once it is opened: a piece of a stream of records.
//!
//! All records of one deposit into one section form one stream, which is cut into as many segments
//! as it takes. Everything is big-endian.
//!
//! ```text
//! segment   format 1 (u8) | piece (u16) | pieces (u16) | bytes of the stream
//! stream    record, record, …
//! record    kind (u8) | flags (u8) | type length (u8) | type | number (u64, all ones: the Patient)
//!           | version (u32) | last updated (u64, milliseconds) | text length (u32)
//!           | attachment, for that kind alone: id (16) | key (32) | header (32) | length (u64)
//!             | chunks (u32)
//!           | text
//! ```
//!
//! Decoding trusts nothing: whatever the bytes, it ends in records that lie inside them or in
//! [`ContentError`], and allocates nothing.

use fhir::definitions::resource_types;
use std::ops::Range;
use terms::{DEPOSIT_SEGMENTS_MAX, SEGMENT_PLAINTEXT_BYTES_MAX, Time};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes before the piece of the stream in every segment.
pub const SEGMENT_HEADER_BYTES: usize = 5;
/// Most bytes of the stream in one segment.
pub const PIECE_BYTES_MAX: usize = SEGMENT_PLAINTEXT_BYTES_MAX - SEGMENT_HEADER_BYTES;

const FORMAT: u8 = 1;
const PATIENT: u64 = u64::MAX;

/// The bytes are not what a deposit writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a segment's content is not as it should be: {0}")]
pub struct ContentError(&'static str);

/// Which piece of a stream a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// From 0.
    pub piece: u16,
    /// How many there are; at least one.
    pub pieces: u16,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A resource.
    Whole,
    /// A version that says deleted.
    Deleted,
    /// From this version on, the resource lies in another section.
    Moved,
    /// A Patient's part for `label`.
    Label(Carries),
    /// A Patient's part for `contact`.
    Contact,
    /// A Patient's part for `identity`.
    Identity,
    /// A Binary whose content lies in chunks.
    Attached,
}

/// Which parts of a Patient are the same as in the version before, because whoever wrote the
/// new version could not see them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carries {
    /// The part in `contact`.
    pub contact: bool,
    /// The part in `identity`.
    pub identity: bool,
}

/// Where the content of a Binary lies, and the key to it; overwritten when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Attachment {
    /// Its id in the store.
    pub id: [u8; 16],
    /// Its key; sealed with the segment, so erased with the file.
    pub key: [u8; 32],
    /// Tells this upload from every other.
    pub header: [u8; 32],
    /// Length in bytes.
    pub length: u64,
    /// Number of chunks.
    pub chunks: u32,
}

/// One record. No `Debug`: it is content.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub kind: Kind,
    /// The resource type.
    pub resource_type: &'static str,
    /// The resource's number in the file; none is the Patient.
    pub number: Option<u64>,
    /// The version, from 1.
    pub version: u32,
    /// When it was deposited.
    pub last_updated: Time,
    /// For [`Kind::Attached`].
    pub attachment: Option<Attachment>,
    /// Where its text lies in the stream.
    pub text: Range<usize>,
}

/// The name of a type as the definitions have it, if there is such a type.
pub fn known_type(name: &str) -> Option<&'static str> {
    let types = resource_types();
    types.binary_search(&name).ok().map(|at| types[at])
}

/// Appends the header of a segment.
pub fn write_segment_header(out: &mut Vec<u8>, piece: Piece) {
    out.push(FORMAT);
    out.extend_from_slice(&piece.piece.to_be_bytes());
    out.extend_from_slice(&piece.pieces.to_be_bytes());
}

/// Takes the header off a segment.
pub fn read_segment_header(segment: &[u8]) -> Result<Piece, ContentError> {
    let mut reader = Reader { bytes: segment, at: 0 };
    if reader.u8()? != FORMAT {
        return Err(ContentError("of no known format"));
    }
    let piece = u16::from_be_bytes(reader.array()?);
    let pieces = u16::from_be_bytes(reader.array()?);
    if piece >= pieces || usize::from(pieces) > DEPOSIT_SEGMENTS_MAX {
        return Err(ContentError("a piece that cannot be"));
    }
    Ok(Piece { piece, pieces })
}

/// Length of a record in the stream.
pub fn record_bytes(resource_type: &str, attached: bool, text: usize) -> usize {
    let attachment = if attached { 16 + 32 + 32 + 8 + 4 } else { 0 };
    3 + resource_type.len() + 8 + 4 + 8 + 4 + attachment + text
}

/// Appends a record with its text; `record.text` is not looked at.
pub fn write_record(out: &mut Vec<u8>, record: &Record, text: &[u8]) {
    let (kind, flags) = match record.kind {
        Kind::Whole => (0, 0),
        Kind::Deleted => (1, 0),
        Kind::Moved => (2, 0),
        Kind::Label(c) => (3, u8::from(c.contact) | u8::from(c.identity) << 1),
        Kind::Contact => (4, 0),
        Kind::Identity => (5, 0),
        Kind::Attached => (6, 0),
    };
    // Lengths fit: a type's name is short, and a text is shorter than what JSON limits allow.
    out.extend_from_slice(&[kind, flags, record.resource_type.len() as u8]);
    out.extend_from_slice(record.resource_type.as_bytes());
    out.extend_from_slice(&record.number.unwrap_or(PATIENT).to_be_bytes());
    out.extend_from_slice(&record.version.to_be_bytes());
    out.extend_from_slice(&record.last_updated.millis().to_be_bytes());
    out.extend_from_slice(&(text.len() as u32).to_be_bytes());
    if let Some(attachment) = &record.attachment {
        out.extend_from_slice(&attachment.id);
        out.extend_from_slice(&attachment.key);
        out.extend_from_slice(&attachment.header);
        out.extend_from_slice(&attachment.length.to_be_bytes());
        out.extend_from_slice(&attachment.chunks.to_be_bytes());
    }
    out.extend_from_slice(text);
}

/// The records of a whole stream, in order; stops after the first error.
pub fn records(stream: &[u8]) -> impl Iterator<Item = Result<Record, ContentError>> {
    let mut reader = Reader { bytes: stream, at: 0 };
    std::iter::from_fn(move || {
        if reader.at >= stream.len() {
            return None;
        }
        let record = reader.record();
        if record.is_err() {
            reader.at = stream.len();
        }
        Some(record)
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ContentError> {
        let end = self.at.checked_add(length).ok_or(ContentError("cut short"))?;
        let taken = self.bytes.get(self.at..end).ok_or(ContentError("cut short"))?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ContentError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn u8(&mut self) -> Result<u8, ContentError> {
        self.array().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, ContentError> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, ContentError> {
        self.array().map(u64::from_be_bytes)
    }

    fn record(&mut self) -> Result<Record, ContentError> {
        let kind = self.kind()?;
        let length = self.u8()?;
        let name = self.take(length.into())?;
        let resource_type = core::str::from_utf8(name)
            .ok()
            .and_then(known_type)
            .ok_or(ContentError("of no known type"))?;
        let number = Some(self.u64()?).filter(|number| *number != PATIENT);
        let version = self.u32()?;
        let last_updated = Time::from_millis(self.u64()?);
        let text_length = self.u32()?;
        let attachment = match kind {
            Kind::Attached => Some(self.attachment()?),
            _ => None,
        };
        let from = self.at;
        self.take(text_length as usize)?;
        let text = from..self.at;
        let record =
            Record { kind, resource_type, number, version, last_updated, attachment, text };
        record.check()?;
        Ok(record)
    }

    fn kind(&mut self) -> Result<Kind, ContentError> {
        match self.array()? {
            [0, 0] => Ok(Kind::Whole),
            [1, 0] => Ok(Kind::Deleted),
            [2, 0] => Ok(Kind::Moved),
            [3, flags @ 0..=3] => {
                Ok(Kind::Label(Carries { contact: flags & 1 != 0, identity: flags & 2 != 0 }))
            }
            [4, 0] => Ok(Kind::Contact),
            [5, 0] => Ok(Kind::Identity),
            [6, 0] => Ok(Kind::Attached),
            _ => Err(ContentError("of no known kind")),
        }
    }

    fn attachment(&mut self) -> Result<Attachment, ContentError> {
        Ok(Attachment {
            id: self.array()?,
            key: self.array()?,
            header: self.array()?,
            length: self.u64()?,
            chunks: self.u32()?,
        })
    }
}

impl Record {
    fn check(&self) -> Result<(), ContentError> {
        let part = matches!(self.kind, Kind::Label(_) | Kind::Contact | Kind::Identity);
        let empty = matches!(self.kind, Kind::Deleted | Kind::Moved);
        if part != (self.resource_type == "Patient") || part != self.number.is_none() {
            Err(ContentError("a part of a Patient that is none"))
        } else if empty != self.text.is_empty() {
            Err(ContentError("a text where there is none, or none where there is one"))
        } else if self.version == 0 {
            Err(ContentError("a version 0"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(kind: Kind) -> Record {
        let part = matches!(kind, Kind::Label(_) | Kind::Contact | Kind::Identity);
        let attached = kind == Kind::Attached;
        Record {
            kind,
            resource_type: if part { "Patient" } else { "Observation" },
            number: if part { None } else { Some(7 << 18 | 3) },
            version: 2,
            last_updated: Time::from_millis(1_700_000_000_123),
            attachment: attached.then(|| Attachment {
                id: [1; 16],
                key: [2; 32],
                header: [3; 32],
                length: 5,
                chunks: 1,
            }),
            text: 0..0,
        }
    }

    const KINDS: [Kind; 8] = [
        Kind::Whole,
        Kind::Deleted,
        Kind::Moved,
        Kind::Label(Carries { contact: true, identity: false }),
        Kind::Label(Carries { contact: false, identity: true }),
        Kind::Contact,
        Kind::Identity,
        Kind::Attached,
    ];

    fn stream() -> Vec<u8> {
        let mut stream = Vec::new();
        for kind in KINDS {
            let empty = matches!(kind, Kind::Deleted | Kind::Moved);
            let text: &[u8] = if empty { b"" } else { b"{\"resourceType\":\"X\"}" };
            let record = record(kind);
            let before = stream.len();
            write_record(&mut stream, &record, text);
            let attached = record.attachment.is_some();
            let length = record_bytes(record.resource_type, attached, text.len());
            assert_eq!(stream.len() - before, length);
        }
        stream
    }

    #[test]
    fn records_read_back_what_was_written() {
        let stream = stream();
        let read: Vec<Record> = records(&stream).map(Result::unwrap).collect();
        assert_eq!(read.len(), KINDS.len());
        for (read, kind) in read.iter().zip(KINDS) {
            let text = read.text.clone();
            assert!(*read == Record { text: text.clone(), ..record(kind) });
            assert!(text.is_empty() || stream[text].ends_with(b"\"X\"}"));
        }
    }

    #[test]
    fn a_segment_header_reads_back_and_others_are_refused() {
        let mut out = Vec::new();
        write_segment_header(&mut out, Piece { piece: 3, pieces: 4 });
        assert_eq!(out.len(), SEGMENT_HEADER_BYTES);
        assert_eq!(read_segment_header(&out), Ok(Piece { piece: 3, pieces: 4 }));
        for bad in [&[][..], &[2, 0, 0, 0, 1], &[1, 0, 1, 0, 1], &[1, 0, 0, 255, 255], &out[..4]] {
            assert!(read_segment_header(bad).is_err());
        }
    }

    proptest! {
        #[test]
        fn decoding_never_panics_and_stays_inside(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            for record in records(&bytes).flatten() {
                prop_assert!(record.text.end <= bytes.len());
            }
            let _ = read_segment_header(&bytes);
        }

        #[test]
        fn a_cut_or_changed_stream_is_read_or_refused(
            at in 0usize..600,
            byte: u8,
            cut in 0usize..600,
        ) {
            let mut bytes = stream();
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(length - cut % length);
            for record in records(&bytes).flatten() {
                prop_assert!(record.text.end <= bytes.len());
            }
        }
    }
}
