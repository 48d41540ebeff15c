use super::*;
use crate::vector_tests;
use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use proptest::prelude::*;

#[test]
fn boxes_are_those_of_the_vectors() {
    vector_tests::check("box.txt", |vector| {
        let key = BoxKey::new(&vector.key("secret"), vector.text("purpose")).unwrap();
        let (aad, plaintext) = (vector.bytes("aad"), vector.bytes("plaintext"));
        let sealed = key.0.seal_with(vector.array("nonce"), &aad, &plaintext).unwrap();
        assert_eq!(*open_bytes(&key, &aad, &sealed).unwrap(), plaintext);
        vec![("sealed", sealed)]
    });
}

proptest! {
    #[test]
    fn a_box_opens_as_it_was_sealed_and_not_otherwise(
        secret: [u8; 32],
        aad in prop::collection::vec(any::<u8>(), 0..40),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        bit: usize,
        cut: usize,
    ) {
        let key = BoxKey::new(&secret, "ledger").unwrap();
        let sealed = seal_bytes(&key, &aad, &bytes).unwrap();
        prop_assert_eq!(sealed.len(), bytes.len() + OVERHEAD_BYTES);
        prop_assert_eq!(&*open_bytes(&key, &aad, &sealed).unwrap(), &bytes);

        let other_purpose = BoxKey::new(&secret, "snapshot").unwrap();
        prop_assert!(is_refused(&other_purpose, &aad, &sealed));
        let other_aad = [aad.as_slice(), &[0]].concat();
        prop_assert!(is_refused(&key, &other_aad, &sealed));
        let mut changed = sealed.clone();
        let bit = bit % (changed.len() * 8);
        changed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(is_refused(&key, &aad, &changed));
        prop_assert!(is_refused(&key, &aad, &sealed[..cut % sealed.len()]));
        prop_assert!(is_refused(&key, &aad, &[sealed.as_slice(), &[0]].concat()));
    }

    #[test]
    fn hostile_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = BoxKey::new(&[1; 32], "ledger").unwrap();
        prop_assert!(is_refused(&key, &[], &bytes));
    }
}

fn is_refused(key: &BoxKey, aad: &[u8], sealed: &[u8]) -> bool {
    matches!(open_bytes(key, aad, sealed), Err(SealError::Tampered(_)))
}

/// The attack on plain GCM (as in "invisible salamanders"): one ciphertext, one nonce, one tag,
/// and two keys that both open it. The commitment must refuse the second key.
#[test]
fn a_ciphertext_that_two_keys_open_is_refused() {
    let (first, second) = ([1; 32], [2; 32]);
    let (nonce, aad) = ([3; NONCE_LEN], versioned(b"aad"));
    let keys = [first, second].map(|secret| {
        let okm = expand::<64>(&secret, &[b"purpose"]).unwrap();
        let key: [u8; 32] = okm[..32].try_into().unwrap();
        key
    });
    let [one, two] = keys.map(|key| Gcm::new(&key, &nonce));
    let (g1, g2) = (one.tag(aad.as_ref(), 0), two.tag(aad.as_ref(), 0));
    let block = multiply(g1 ^ g2, invert(one.weight() ^ two.weight()));
    let tag = one.tag(aad.as_ref(), block);
    assert_eq!(tag, two.tag(aad.as_ref(), block));
    let forged = [block.to_be_bytes(), tag.to_be_bytes()].concat();

    // Plain GCM takes it under both keys.
    for key in keys {
        let plain = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
        let nonce = Nonce::assume_unique_for_key(nonce);
        assert!(plain.open_in_place(nonce, versioned(b"aad"), &mut forged.clone()).is_ok());
    }
    // The sealed form opens under the key it commits to, and not under the other.
    let [first, second] = [first, second].map(|s| Cipher::new(&s, &[b"purpose"]).unwrap());
    let sealed = [&[VERSION], nonce.as_slice(), &first.commitment, &forged].concat();
    assert!(first.open(b"aad", &sealed).is_ok());
    let refused = second.open(b"aad", &sealed);
    assert_eq!(refused, Err(SealError::Tampered("not sealed under this key")));
    // Nor does another commitment help under the first.
    let sealed = [&[VERSION], nonce.as_slice(), &second.commitment, &forged].concat();
    assert!(first.open(b"aad", &sealed).is_err());
    assert!(second.open(b"aad", &sealed).is_ok(), "which then is what it commits to");
}

/// GCM taken apart, for a ciphertext of one block.
struct Gcm {
    h: u128,
    mask: u128,
}

impl Gcm {
    fn new(key: &[u8; 32], nonce: &[u8; NONCE_LEN]) -> Gcm {
        let counter = [nonce.as_slice(), &[0, 0, 0, 1]].concat();
        Gcm { h: aes(key, [0; 16]), mask: aes(key, counter.try_into().unwrap()) }
    }

    /// By what the block of ciphertext is multiplied.
    fn weight(&self) -> u128 {
        multiply(self.h, self.h)
    }

    fn tag(&self, aad: &[u8], block: u128) -> u128 {
        let mut padded = aad.to_vec();
        padded.resize(aad.len().next_multiple_of(16), 0);
        let blocks = padded.chunks(16).map(|b| u128::from_be_bytes(b.try_into().unwrap()));
        let lengths = (aad.len() as u128 * 8) << 64 | 128;
        let hash = blocks.chain([block, lengths]).fold(0, |sum, b| multiply(sum ^ b, self.h));
        hash ^ self.mask
    }
}

/// AES of one block, as the keystream that begins with it.
fn aes(key: &[u8; 32], block: [u8; 16]) -> u128 {
    let key = EncryptingKey::ctr(UnboundCipherKey::new(&AES_256, key).unwrap()).unwrap();
    let mut zeros = [0; 16];
    let context = EncryptionContext::Iv128(FixedLength::from(block));
    key.less_safe_encrypt(&mut zeros, context).unwrap();
    u128::from_be_bytes(zeros)
}

/// Multiplication in GCM's field.
fn multiply(x: u128, mut y: u128) -> u128 {
    let mut product = 0;
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            product ^= y;
        }
        y = if y & 1 == 1 { y >> 1 ^ 0xe1 << 120 } else { y >> 1 };
    }
    product
}

/// The inverse: the power 2^128 - 2.
fn invert(x: u128) -> u128 {
    let mut power = x;
    let mut product = 1 << 127;
    for _ in 1..128 {
        power = multiply(power, power);
        product = multiply(product, power);
    }
    product
}
