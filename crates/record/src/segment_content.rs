//! What a segment holds once it is opened.

/// Where the content of a Binary lies, and the key to it; overwritten when dropped.
#[derive(zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
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
