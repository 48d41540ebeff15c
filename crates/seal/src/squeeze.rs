//! Compression and padding, the step before sealing.

use std::cell::RefCell;
use std::sync::LazyLock;

use terms::SEGMENT_PLAINTEXT_BYTES_MAX;
use zeroize::Zeroizing;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{compress_bound, get_frame_content_size};

use crate::SealError;

/// What both sides of format version 1 compress against: pieces of made-up records only.
static DICTIONARY: &[u8] = include_bytes!("../data/dictionary-v1");
/// The dictionary of format version 1 and of no other: never to be replaced, only added to.
#[cfg(test)]
const DICTIONARY_SHA256: &str = "8ba5a890fb8633feaa6f6ed6e8e2bce4a24a0f65c3ebdc7b422297aac2c4ed71";

const LEVEL: i32 = 3;
/// Shortest result: what holds less than this all looks alike.
const FLOOR_BYTES: usize = 64;
/// Ends the compressed bytes; only zeros follow.
const END: u8 = 0x80;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses, then pads, so that the length tells no more than an eighth of a power of two.
pub(crate) fn squeeze(plaintext: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if plaintext.len() > SEGMENT_PLAINTEXT_BYTES_MAX {
        return Err(SealError::Asked("longer than a segment may be"));
    }
    let mut out = Zeroizing::new(Vec::with_capacity(padded(compress_bound(plaintext.len()) + 1)));
    COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            None => slot.insert(compressor()?),
        };
        let done = compressor.compress_to_buffer(plaintext, &mut *out);
        done.map_err(|_| SealError::World("the compressor failed"))
    })?;
    pad(&mut out);
    Ok(out)
}

/// Gives back what [`squeeze`] was given; refuses what would unfold to more than a segment.
pub(crate) fn unsqueeze(squeezed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let compressed = unpad(squeezed)?;
    let length = match get_frame_content_size(compressed) {
        Ok(Some(length)) if length <= SEGMENT_PLAINTEXT_BYTES_MAX as u64 => length as usize,
        _ => return Err(SealError::Tampered("unfolds to more than a segment")),
    };
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    DECOMPRESSOR.with_borrow_mut(|slot| {
        let decompressor = match slot {
            Some(decompressor) => decompressor,
            None => slot.insert(
                Decompressor::with_prepared_dictionary(&DECODER)
                    .map_err(|_| SealError::World("the decompressor cannot be set up"))?,
            ),
        };
        let done = decompressor.decompress_to_buffer(compressed, &mut *out);
        done.map_err(|_| SealError::Tampered("does not unfold"))
    })?;
    Ok(out)
}

/// Appends the end mark and zeros up to the next step.
pub(crate) fn pad(bytes: &mut Vec<u8>) {
    bytes.push(END);
    bytes.resize(padded(bytes.len()), 0);
}

/// What [`pad`] was given.
pub(crate) fn unpad(padded: &[u8]) -> Result<&[u8], SealError> {
    match padded.iter().rposition(|byte| *byte != 0) {
        Some(end) if padded[end] == END => Ok(&padded[..end]),
        _ => Err(SealError::Tampered("wrongly padded")),
    }
}

fn compressor() -> Result<Compressor<'static>, SealError> {
    let failed = |_| SealError::World("the compressor cannot be set up");
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER).map_err(failed)?;
    // The format version names the dictionary, so the frame need not.
    compressor.include_dictid(false).map_err(failed)?;
    compressor.include_checksum(false).map_err(failed)?;
    Ok(compressor)
}

fn padded(length: usize) -> usize {
    let length = length.max(FLOOR_BYTES);
    length.next_multiple_of(1 << (length.ilog2() - 3))
}

#[cfg(test)]
mod tests;
