//! The only code that encrypts or decrypts content.
//!
//! Everything sealed here has one form: `version | nonce | commitment | ciphertext | tag`, under
//! AES-256-GCM. The version fixes the whole suite (cipher, derivation, compression, dictionary,
//! padding); no other byte chooses a code path. The commitment is derived from the key and is
//! compared before anything is decrypted, so one ciphertext opens under one key only.
//!
//! ```text
//! root key                      WrappingKey, or an HSM behind the keyholder's `Root`
//!   epoch key                   WrappingKey, wrapped under the root
//!     file key                  FileKey, wrapped under the epoch key
//!       segment key             SegmentKey = HKDF(file key, section | sequence | generation)
//!         attachment key        AttachmentKey = HKDF(segment key, ordinal)
//! ```
//!
//! A segment is compressed, padded, then sealed for one [`Place`]. Length is the one thing that a
//! sealed segment shows, within an eighth: never put text that an outsider chooses and a secret
//! that this outsider wants into the same segment.
//!
//! What leaves this crate as plaintext, compressed or not, is overwritten when it is dropped. The
//! work space of the compressor and copies the compiler makes on the stack are not.

mod attachment;
mod chain;
mod committed;
mod keys;
mod segment;
mod squeeze;
#[cfg(test)]
mod vector_tests;

pub use attachment::{
    ATTACHMENT_CHUNK_BYTES, AttachmentHeader, AttachmentKey, AttachmentOpener, AttachmentSealer,
};
pub use chain::{Chain, Link, SealedHash, verify_chain};
pub use committed::{BoxKey, OVERHEAD_BYTES, VERSION, open_bytes, open_bytes_in, seal_bytes};
pub use keys::{FileKey, KeyName, SegmentKey, WrappedKey, WrappingKey};
pub use segment::{Place, SEGMENT_SEALED_BYTES_MAX, open_segment, seal_segment};

/// Why something was not sealed or not opened; it never tells what was inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The caller asked for what cannot be done; nothing is wrong with the data.
    #[error("asked wrongly: {0}")]
    Asked(&'static str),
    /// The bytes are not what was sealed for this key and place: always an alarm.
    #[error("tampered: {0}")]
    Tampered(&'static str),
    /// The machine failed: no randomness, no memory.
    #[error("the system failed: {0}")]
    World(&'static str),
}
