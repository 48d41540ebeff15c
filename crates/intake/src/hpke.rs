//! Hybrid public key encryption, base mode, one message: RFC 9180 with DHKEM(P-256, HKDF-SHA256),
//! HKDF-SHA256 and AES-256-GCM. A browser's WebCrypto has all of it (`page/crypto.js`).

use crate::Sealed;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin, EcPublicKeyUncompressedBin};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use terms::PublicKey;
use zeroize::Zeroizing;

/// Length of the encapsulated key that a sealed message begins with.
pub const ENCAPSULATED_BYTES: usize = 65;
const KEM: [u8; 5] = [b'K', b'E', b'M', 0, 0x10];
const AES_256_GCM_ID: u8 = 2;

/// The private half of a key that messages are sealed to. No `Debug`.
pub struct OpenKey {
    private: PrivateKey,
    public: PublicKey,
}

impl OpenKey {
    /// A new random key.
    pub fn make() -> Result<OpenKey, Sealed> {
        OpenKey::of(PrivateKey::generate(&ECDH_P256).map_err(|_| Sealed)?)
    }

    /// Reads what [`OpenKey::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<OpenKey, Sealed> {
        OpenKey::of(PrivateKey::from_private_key(&ECDH_P256, bytes).map_err(|_| Sealed)?)
    }

    fn of(private: PrivateKey) -> Result<OpenKey, Sealed> {
        let public = private.compute_public_key().map_err(|_| Sealed)?;
        let public: EcPublicKeyUncompressedBin<'_> = public.as_be_bytes().map_err(|_| Sealed)?;
        let public = PublicKey::from_point(public.as_ref()).ok_or(Sealed)?;
        Ok(OpenKey { private, public })
    }

    /// The private number, 32 bytes.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Sealed> {
        let bytes: EcPrivateKeyBin<'_> = self.private.as_be_bytes().map_err(|_| Sealed)?;
        Ok(Zeroizing::new(bytes.as_ref().to_vec()))
    }

    /// What others seal to.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Opens what was sealed with these `info` and `aad`.
    pub fn open(&self, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Sealed> {
        let (encapsulated, sealed) = sealed.split_at_checked(ENCAPSULATED_BYTES).ok_or(Sealed)?;
        let shared = shared(&self.private, encapsulated, encapsulated, self.public.point())?;
        let (key, nonce) = schedule(&shared, info, AES_256_GCM_ID, 32)?;
        let mut bytes = sealed.to_vec();
        let length = aead(&key)?
            .open_in_place(nonce_of(&nonce)?, Aad::from(aad), &mut bytes)
            .map_err(|_| Sealed)?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

/// Seals a message to a public key: encapsulated key, then ciphertext with its tag.
pub fn seal(to: &PublicKey, info: &[u8], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Sealed> {
    let ephemeral = OpenKey::make()?;
    let encapsulated = ephemeral.public.point();
    let shared = shared(&ephemeral.private, to.point(), encapsulated, to.point())?;
    let (key, nonce) = schedule(&shared, info, AES_256_GCM_ID, 32)?;
    let mut bytes = plain.to_vec();
    aead(&key)?
        .seal_in_place_append_tag(nonce_of(&nonce)?, Aad::from(aad), &mut bytes)
        .map_err(|_| Sealed)?;
    Ok([encapsulated, &bytes].concat())
}

/// Section 4.1: the shared secret of `Encap` and `Decap`.
fn shared(
    mine: &PrivateKey,
    theirs: &[u8],
    encapsulated: &[u8],
    recipient: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Sealed> {
    let theirs = UnparsedPublicKey::new(&ECDH_P256, theirs);
    agree(mine, theirs, Sealed, |dh| {
        let prk = extract(&KEM, &[], b"eae_prk", dh);
        expand(&KEM, &prk, b"shared_secret", &[encapsulated, recipient], 32)
    })
}

type Keyed = (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>);

/// Section 5.1, base mode: key and first nonce.
fn schedule(shared: &[u8], info: &[u8], aead: u8, key_bytes: u16) -> Result<Keyed, Sealed> {
    let suite = [b'H', b'P', b'K', b'E', 0, 0x10, 0, 1, 0, aead];
    let psk_id = hash(&extract(&suite, &[], b"psk_id_hash", &[]))?;
    let info = hash(&extract(&suite, &[], b"info_hash", info))?;
    let secret = extract(&suite, shared, b"secret", &[]);
    let context: [&[u8]; 3] = [&[0], &psk_id, &info];
    let key = expand(&suite, &secret, b"key", &context, key_bytes)?;
    Ok((key, expand(&suite, &secret, b"base_nonce", &context, 12)?))
}

/// A pseudorandom key, where section 5.1 wants the bytes of an extraction that is no secret.
struct Extracted {
    prk: Prk,
    bytes: aws_lc_rs::hmac::Tag,
}

fn hash(extracted: &Extracted) -> Result<[u8; 32], Sealed> {
    extracted.bytes.as_ref().try_into().map_err(|_| Sealed)
}

fn extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Extracted {
    let labelled = Zeroizing::new([b"HPKE-v1", suite, label, ikm].concat());
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, salt);
    Extracted {
        prk: Salt::new(HKDF_SHA256, salt).extract(&labelled),
        bytes: aws_lc_rs::hmac::sign(&key, &labelled),
    }
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(
    suite: &[u8],
    from: &Extracted,
    label: &[u8],
    info: &[&[u8]],
    length: u16,
) -> Result<Zeroizing<Vec<u8>>, Sealed> {
    let size = length.to_be_bytes();
    let mut labelled: Vec<&[u8]> = vec![&size, b"HPKE-v1", suite, label];
    labelled.extend_from_slice(info);
    let mut out = Zeroizing::new(vec![0; usize::from(length)]);
    let okm = from.prk.expand(&labelled, Bytes(out.len())).map_err(|_| Sealed)?;
    okm.fill(&mut out).map_err(|_| Sealed)?;
    Ok(out)
}

fn aead(key: &[u8]) -> Result<LessSafeKey, Sealed> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| Sealed)?))
}

fn nonce_of(bytes: &[u8]) -> Result<Nonce, Sealed> {
    Nonce::try_assume_unique_for_key(bytes).map_err(|_| Sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use rustls::crypto::aws_lc_rs::hpke::DH_KEM_P256_HKDF_SHA256_AES_256 as THEIRS;
    use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};

    fn hex(text: &str) -> Vec<u8> {
        HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    /// RFC 9180, appendix A.3.1 (its cipher is AES-128-GCM; the keys come the same way).
    #[test]
    fn keys_are_those_of_the_rfc() {
        let private = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
        let encapsulated = hex(
            "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b\
             7f951c0900be863c403ce65c9bfcb9382657222d18c4",
        );
        let key = OpenKey::from_bytes(&hex(private)).unwrap();
        let public = "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf9\
                      69b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0";
        assert_eq!(key.public().point(), hex(public));
        let shared = shared(&key.private, &encapsulated, &encapsulated, key.public().point());
        let shared = shared.unwrap();
        let wanted = "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8";
        assert_eq!(HEXLOWER.encode(&shared), wanted);
        let info = hex("4f6465206f6e2061204772656369616e2055726e");
        let (key, nonce) = schedule(&shared, &info, 1, 16).unwrap();
        assert_eq!(HEXLOWER.encode(&key), "868c066ef58aae6dc589b6cfdd18f97e");
        assert_eq!(HEXLOWER.encode(&nonce), "4e0bc5018beba4bf004cca59");
    }

    /// The whole suite against another implementation, both ways.
    #[test]
    fn another_implementation_seals_and_opens_the_same() {
        let key = OpenKey::make().unwrap();
        let (info, aad, plain) = (&b"info"[..], &b"aad"[..], &b"a report"[..]);
        let to = HpkePublicKey(key.public().point().to_vec());
        let (encapsulated, sealed) = THEIRS.seal(info, aad, plain, &to).unwrap();
        assert_eq!(key.open(info, aad, &[&encapsulated.0[..], &sealed].concat()).unwrap(), plain);
        let sealed = seal(key.public(), info, aad, plain).unwrap();
        let (encapsulated, sealed) = sealed.split_at(ENCAPSULATED_BYTES);
        let private = HpkePrivateKey::from(key.to_bytes().unwrap().to_vec());
        let opened =
            THEIRS.open(&EncapsulatedSecret(encapsulated.to_vec()), info, aad, sealed, &private);
        assert_eq!(opened.unwrap(), plain);
    }

    #[test]
    fn what_was_altered_or_moved_does_not_open() {
        let key = OpenKey::make().unwrap();
        let sealed = seal(key.public(), b"i", b"a", b"text").unwrap();
        assert_eq!(key.open(b"i", b"a", &sealed).unwrap(), b"text");
        assert!(key.open(b"j", b"a", &sealed).is_err());
        assert!(key.open(b"i", b"b", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open(b"i", b"a", &altered).is_err(), "byte {at}");
            assert!(key.open(b"i", b"a", &sealed[..at]).is_err(), "cut at {at}");
        }
    }
}
