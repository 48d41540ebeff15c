//! Private keys as text, sealed under a passphrase and bound to their public halves.

use crate::{Sealed, random};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use data_encoding::BASE64;
use terms::PublicKey;
use zeroize::Zeroizing;

/// What one guess at a passphrase costs: memory in KiB, and passes, as for a card's PIN.
const COST: (u32, u32) = (64 * 1024, 3);

/// Salt and sealed bytes, in base64.
pub(crate) fn lock(
    passphrase: &str,
    public: &PublicKey,
    bytes: &[u8],
) -> Result<(String, String), Sealed> {
    let (salt, nonce) = (random::<16>()?, random::<12>()?);
    let mut bytes = Zeroizing::new(bytes.to_vec());
    let tag = key_of(passphrase, &salt)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(public.point()),
            &mut bytes,
        )
        .map_err(|_| Sealed)?;
    let sealed = [&nonce[..], &bytes, tag.as_ref()].concat();
    Ok((BASE64.encode(&salt), BASE64.encode(&sealed)))
}

/// What [`lock`] sealed.
pub(crate) fn unlock(
    passphrase: &str,
    public: &PublicKey,
    salt: &str,
    sealed: &str,
) -> Result<Zeroizing<Vec<u8>>, Sealed> {
    let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| Sealed);
    let sealed = decode(sealed)?;
    let (nonce, sealed) = sealed.split_at_checked(12).ok_or(Sealed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Sealed)?;
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let length = key_of(passphrase, &decode(salt)?)?
        .open_in_place(nonce, Aad::from(public.point()), &mut bytes)
        .map_err(|_| Sealed)?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}

fn key_of(passphrase: &str, salt: &[u8]) -> Result<LessSafeKey, Sealed> {
    let params = Params::new(COST.0, COST.1, 1, Some(32)).map_err(|_| Sealed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .map_err(|_| Sealed)?;
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| Sealed)?))
}
