//! Binary content of up to 100 MiB, streamed in sealed chunks and never whole in memory.
//!
//! Every attachment has a key of its own, random, which its Binary's record holds: so a long upload
//! needs no grant while it runs, and whoever may open the record may read the content. Destroying
//! the file's key destroys these too.

use fhir::references::{set_id, set_version};
use fhir::{IssueCode, Json, Object, section_of};
use keyproto::message::{Deposit, Target};
use seal::{
    ATTACHMENT_CHUNK_BYTES, AttachmentHeader, AttachmentKey, AttachmentOpener, AttachmentSealer,
    Chain, Place, SealError, SegmentKey,
};
use std::io::{self, Read, Write};
use std::ops::Range;
use store::{AttachmentId, NewChunk};
use terms::{ATTACHMENT_BYTES_MAX, FileId, Section, SessionId};
use zeroize::Zeroizing;

use crate::creating::{checked_type, unasked, written};
use crate::deposit::{Deposited, Destination};
use crate::draft::{Draft, Which, random};
use crate::errors::{AttachmentError, WriteError};
use crate::keyholder::Granted;
use crate::open_file::OpenFile;
use crate::records::{Outcome, Records, Written, next_time};
use crate::resolving::{Resolver, issue};
use crate::segment_content::Attachment;
use crate::version::Version;

impl Records {
    /// Streams an attachment of up to 100 MiB into the file, and creates its Binary.
    ///
    /// `binary` is the Binary without its `data`; its security context is the Patient where it
    /// names none. What is restricted by a label of its own, or because its context is, lies in the
    /// section `restricted`. Nothing is read from `content` before the keyholder has said that this
    /// session may deposit here.
    pub fn put_attachment(
        &self,
        by: SessionId,
        file: FileId,
        mut binary: Json,
        content: &mut dyn Read,
        open: Option<&OpenFile>,
    ) -> Result<Written, WriteError> {
        if let Some(binary) = binary.as_object_mut().filter(|b| b.get("securityContext").is_none())
        {
            let patient = Object::new().with("reference", format!("Patient/{file}"));
            binary.insert("securityContext", patient.into());
        }
        if checked_type(&binary)? != "Binary" {
            return Err(WriteError::Asked("only a Binary has an attachment".into()));
        }
        let mut resolver = Resolver::new(self, Some(file), open);
        resolver.rewrite(&mut binary, "Binary", None);
        resolver.check()?;
        self.probe(by, file, section_of(&binary))?;
        let id = AttachmentId::from_bytes(random()?);
        let stored = self.store_chunks(file, id, content);
        let stored = stored.and_then(|attachment| {
            self.locks().locked(file, || self.create_binary(by, file, binary, attachment, open))
        });
        stored.inspect_err(|_| {
            // Chunks that no record names are unreadable; what stays here is swept up later.
            let _ = self.store().drop_attachment(file, id);
        })
    }

    /// Asks for a deposit and gives it back: a refusal comes before a long upload, not after it.
    fn probe(&self, by: SessionId, file: FileId, section: Section) -> Result<(), WriteError> {
        let (target, sections) = (Target::File(file), vec![section]);
        let request = Deposit { session: by, target, sections, facts: None };
        match self.keyholder().deposit(request) {
            Ok(Granted::Grant(grant)) => {
                self.give_up(grant.grant);
                Ok(())
            }
            // Somebody deposits, so the file is there; the real request will tell the rest.
            Err(crate::KeyholderError::Busy) => Ok(()),
            Ok(Granted::Exists(_)) => Err(unasked()),
            Err(error) => Err(error.into()),
        }
    }

    fn store_chunks(
        &self,
        file: FileId,
        id: AttachmentId,
        content: &mut dyn Read,
    ) -> Result<Attachment, WriteError> {
        let secret = Zeroizing::new(random()?);
        let key = attachment_key(&secret).map_err(|e| WriteError::World(e.to_string()))?;
        let place = place(self.keyholder().tenant(), file);
        let sealer = AttachmentSealer::new(&place, &key);
        let (mut sealer, header) = sealer.map_err(|e| WriteError::World(e.to_string()))?;
        let mut chunk = Zeroizing::new(vec![0; ATTACHMENT_CHUNK_BYTES]);
        let mut chunks = 0;
        let mut length = 0;
        loop {
            let filled = fill(content, &mut chunk)
                .map_err(|error| WriteError::World(format!("the upload broke off: {error}")))?;
            length += filled as u64;
            if length > ATTACHMENT_BYTES_MAX {
                let what = "longer than an attachment may be";
                return Err(WriteError::Invalid(vec![issue(IssueCode::TooLong, "Binary", what)]));
            }
            let sealed = sealer.seal_next(&chunk[..filled]);
            let bytes = &sealed.map_err(|error| WriteError::World(error.to_string()))?;
            self.store().put_chunk(&NewChunk { file, attachment: id, number: chunks, bytes })?;
            chunks += 1;
            if filled < ATTACHMENT_CHUNK_BYTES {
                break;
            }
        }
        let header = *header.as_bytes();
        Ok(Attachment { id: *id.as_bytes(), key: *secret, header, length, chunks })
    }

    fn create_binary(
        &self,
        by: SessionId,
        file: FileId,
        mut binary: Json,
        attachment: Attachment,
        open: Option<&OpenFile>,
    ) -> Result<Written, WriteError> {
        let mut draft = Draft::new(next_time(open))?;
        let which = Which::New(draft.next_position()?);
        set_id(&mut binary, &draft.stand_in(which));
        set_version(&mut binary, "1", &draft.at().to_string());
        draft.put(which, 1, "Binary", &binary, Some(attachment));
        match self.deposit(by, &Destination::File(file), &draft, None, open)? {
            Deposited::Stored(sealed) => written(Outcome::Created, &sealed, "Binary", which),
            Deposited::Exists(_) => Err(unasked()),
        }
    }

    /// Streams the content of a Binary, or a part of it, to `to`; returns how many bytes.
    ///
    /// `binary` is a version that was read from `open`. Nothing that was altered reaches `to`: each
    /// chunk is checked before any byte of it is written.
    pub fn read_attachment(
        &self,
        open: &OpenFile,
        binary: &Version,
        range: Option<Range<u64>>,
        to: &mut dyn Write,
    ) -> Result<u64, AttachmentError> {
        if binary.inner().file != open.file() {
            return Err(AttachmentError::NotThere);
        }
        let Some(attachment) = &binary.inner().attachment else {
            return read_inline(binary, range, to);
        };
        let range = checked_range(range, attachment.length)?;
        let place = place(self.keyholder().tenant(), binary.inner().file);
        let key = attachment_key(&attachment.key)?;
        let header = AttachmentHeader::from_bytes(attachment.header);
        let mut opener = AttachmentOpener::new(&place, &key, &header)?;
        let mut at = 0;
        for number in 0..attachment.chunks {
            let id = AttachmentId::from_bytes(attachment.id);
            let sealed = self.store().read_chunk(binary.inner().file, id, number)?;
            let chunk = opener.open_next(&sealed, number + 1 == attachment.chunks)?;
            write_part(&chunk, at, &range, to)?;
            at += chunk.len() as u64;
            if at >= range.end && at < attachment.length {
                return Ok(range.end - range.start);
            }
        }
        if opener.finish()? != attachment.length {
            return Err(AttachmentError::Tampered("of another length".into()));
        }
        Ok(range.end - range.start)
    }
}

impl Version {
    /// Length of a Binary's content; none for anything else.
    pub fn content_length(&self) -> Option<u64> {
        if self.resource_type() != "Binary" {
            return None;
        }
        match &self.inner().attachment {
            Some(attachment) => Some(attachment.length),
            None => inline(self).map(|data| data.len() as u64),
        }
    }
}

/// A Binary that came as JSON has its content inside, in base64.
fn read_inline(
    binary: &Version,
    range: Option<Range<u64>>,
    to: &mut dyn Write,
) -> Result<u64, AttachmentError> {
    let data = inline(binary).ok_or(AttachmentError::NotThere)?;
    let range = checked_range(range, data.len() as u64)?;
    write_part(&data, 0, &range, to)?;
    Ok(range.end - range.start)
}

fn inline(binary: &Version) -> Option<Zeroizing<Vec<u8>>> {
    let data = binary.tree().text("data")?;
    let text: Zeroizing<Vec<u8>> =
        Zeroizing::new(data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    data_encoding::BASE64.decode(&text).ok().map(Zeroizing::new)
}

fn checked_range(range: Option<Range<u64>>, length: u64) -> Result<Range<u64>, AttachmentError> {
    let range = range.unwrap_or(0..length);
    if range.start > range.end || range.end > length {
        return Err(AttachmentError::OutOfRange { length });
    }
    Ok(range)
}

/// Writes what of the chunk that begins at `at` lies in the range.
fn write_part(
    chunk: &[u8],
    at: u64,
    range: &Range<u64>,
    to: &mut dyn Write,
) -> Result<(), AttachmentError> {
    let inside = |position: u64| position.saturating_sub(at).min(chunk.len() as u64) as usize;
    let part = &chunk[inside(range.start)..inside(range.end)];
    to.write_all(part).map_err(AttachmentError::Receiver)
}

/// Reads until the buffer is full or the content ends.
fn fill(content: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match content.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn attachment_key(secret: &[u8; 32]) -> Result<AttachmentKey, SealError> {
    SegmentKey::from_bytes(Zeroizing::new(*secret)).attachment_key(0)
}

/// Attachments lie beside the segments, so of their place only tenant and file matter: the random
/// key and header tell one from the other.
fn place(tenant: &str, file: FileId) -> Place<'_> {
    let (section, previous) = (Section::Documents, Chain::EMPTY);
    Place { tenant, file, section, sequence: 0, generation: 0, previous }
}
