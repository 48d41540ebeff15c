//! The chain of segment hashes, whose end is the file's head.

use core::fmt;

use aws_lc_rs::digest::{Context, SHA256, digest};
use terms::{FileId, Section};

use crate::SealError;

/// A file's head: two files, or one file at two moments, never share one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chain([u8; 32]);

/// The SHA-256 of one sealed segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SealedHash([u8; 32]);

/// One segment as the chain sees it: it can be checked without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The section of the segment.
    pub section: Section,
    /// The number of the segment in the file.
    pub sequence: u32,
    /// The hash of the sealed segment.
    pub sealed: SealedHash,
}

impl Chain {
    /// The head of a file that has no segment yet.
    pub const EMPTY: Chain = Chain([0; 32]);

    /// Takes up a stored head.
    pub const fn from_bytes(bytes: [u8; 32]) -> Chain {
        Chain(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The head after one more segment.
    #[must_use]
    pub fn then(&self, file: FileId, link: &Link) -> Chain {
        let mut context = Context::new(&SHA256);
        context.update(b"cofferdam chain v1");
        context.update(&self.0);
        context.update(file.as_bytes());
        context.update(&[link.section as u8]);
        context.update(&link.sequence.to_be_bytes());
        context.update(&link.sealed.0);
        Chain(first_32(context.finish().as_ref()))
    }
}

impl SealedHash {
    /// The hash of these sealed bytes.
    pub fn of(sealed: &[u8]) -> SealedHash {
        SealedHash(first_32(digest(&SHA256, sealed).as_ref()))
    }

    /// Takes up a stored hash.
    pub const fn from_bytes(bytes: [u8; 32]) -> SealedHash {
        SealedHash(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Refuses unless these segments, in this order and no others, lead `from` one head to the other:
/// a dropped, added, swapped or rolled-back segment is noticed without a key to any of them.
pub fn verify_chain(
    file: FileId,
    from: Chain,
    links: impl IntoIterator<Item = Link>,
    head: Chain,
) -> Result<(), SealError> {
    let reached = links.into_iter().fold(from, |chain, link| chain.then(file, &link));
    if reached == head {
        Ok(())
    } else {
        Err(SealError::Tampered("the segments do not lead to the file's head"))
    }
}

fn first_32(hash: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hash);
    out
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain(")?;
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

impl fmt::Debug for SealedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedHash(")?;
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

#[cfg(test)]
mod tests;
