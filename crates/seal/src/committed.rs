//! The one sealed form: AES-256-GCM with a key commitment that is checked first.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::SealError;

/// The format version, the first byte of everything sealed; another one is refused.
pub const VERSION: u8 = 1;
/// By how much sealing lengthens what was sealed, in bytes.
pub const OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;

const COMMITMENT_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + NONCE_LEN + COMMITMENT_BYTES;

/// A key for small records that belong to no file: ledger entries, snapshots, locator values.
///
/// Nonces are random and 12 bytes long: give one key no more than 2^32 records.
pub struct BoxKey(Cipher);

impl BoxKey {
    /// Derives the key of one purpose: keys of two purposes open nothing of each other.
    pub fn new(secret: &[u8; 32], purpose: &str) -> Result<BoxKey, SealError> {
        Cipher::new(secret, &[b"cofferdam box v1", purpose.as_bytes()]).map(BoxKey)
    }
}

/// Seals bytes so that they open under this key and with this `aad` only.
pub fn seal_bytes(key: &BoxKey, aad: &[u8], bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    key.0.seal(aad, bytes)
}

/// Gives back exactly what [`seal_bytes`] was given, or refuses.
pub fn open_bytes(
    key: &BoxKey,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    key.0.open(aad, sealed)
}

/// As [`open_bytes`], in a buffer that is used again and overwritten when it is dropped: where a
/// million small records are opened, none of them needs a buffer that is made and overwritten for
/// it alone.
pub fn open_bytes_in<'b>(
    key: &BoxKey,
    aad: &[u8],
    sealed: &[u8],
    buffer: &'b mut Zeroizing<Vec<u8>>,
) -> Result<&'b [u8], SealError> {
    key.0.open_in(aad, sealed, buffer)
}

/// A secret made ready for one purpose: the cipher, and the commitment to it.
pub(crate) struct Cipher {
    key: LessSafeKey,
    commitment: [u8; COMMITMENT_BYTES],
}

impl Cipher {
    /// Derives cipher key and commitment together, so that neither can be had without the other.
    pub(crate) fn new(secret: &[u8; 32], purpose: &[&[u8]]) -> Result<Cipher, SealError> {
        let okm = expand::<{ 32 + COMMITMENT_BYTES }>(secret, purpose)?;
        let (key, commitment) = okm.split_at(32);
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| NO_CIPHER)?;
        let commitment = commitment.try_into().map_err(|_| NO_CIPHER)?;
        Ok(Cipher { key: LessSafeKey::new(key), commitment })
    }

    /// Seals under a fresh random nonce.
    pub(crate) fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_with(random()?, aad, plaintext)
    }

    /// Seals under this nonce; never twice with one nonce under one key.
    pub(crate) fn seal_with(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD_BYTES);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&self.commitment);
        sealed.extend_from_slice(plaintext);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, versioned(aad), &mut sealed[HEADER_BYTES..])
            .map_err(|_| SealError::World("the cipher failed"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what was sealed under this key with this `aad`; refuses everything else.
    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut buffer = Zeroizing::new(Vec::new());
        let length = self.open_in(aad, sealed, &mut buffer)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// The same, in a buffer that was used before.
    fn open_in<'b>(
        &self,
        aad: &[u8],
        sealed: &[u8],
        buffer: &'b mut Zeroizing<Vec<u8>>,
    ) -> Result<&'b [u8], SealError> {
        if sealed.len() < OVERHEAD_BYTES {
            return Err(SealError::Tampered("shorter than anything sealed"));
        }
        let (header, ciphertext) = sealed.split_at(HEADER_BYTES);
        if header[0] != VERSION {
            return Err(SealError::Tampered("of no known format version"));
        }
        let (nonce, commitment) = header[1..].split_at(NONCE_LEN);
        verify_slices_are_equal(commitment, &self.commitment)
            .map_err(|_| SealError::Tampered("not sealed under this key"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NO_CIPHER)?;
        if buffer.capacity() < ciphertext.len() {
            // Growing it would leave what was opened before where it lay.
            *buffer = Zeroizing::new(Vec::with_capacity(ciphertext.len()));
        }
        buffer.clear();
        buffer.extend_from_slice(ciphertext);
        let opened = self
            .key
            .open_in_place(nonce, versioned(aad), buffer)
            .map_err(|_| SealError::Tampered("changed, or sealed for another place"))?;
        Ok(opened)
    }
}

const NO_CIPHER: SealError = SealError::World("the cipher cannot be set up");

/// HKDF-Expand with SHA-256 (RFC 5869). Every secret here is 32 uniformly random or derived bytes,
/// so the extraction step is skipped as section 3.3 allows. Callers keep `info` unambiguous.
pub(crate) fn expand<const N: usize>(
    secret: &[u8; 32],
    info: &[&[u8]],
) -> Result<Zeroizing<[u8; N]>, SealError> {
    let mut out = Zeroizing::new([0; N]);
    Prk::new_less_safe(HKDF_SHA256, secret)
        .expand(info, Length(N))
        .and_then(|okm| okm.fill(out.as_mut()))
        .map_err(|_| SealError::World("the key derivation failed"))?;
    Ok(out)
}

/// Fresh random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| SealError::World("no randomness"))?;
    Ok(bytes)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn versioned(aad: &[u8]) -> Aad<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 + aad.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(aad);
    Aad::from(bytes)
}

#[cfg(test)]
mod tests;
