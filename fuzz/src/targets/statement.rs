//! Signed statements as anybody may send them: none counts that the card's key did not sign.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use keyproto::statement::{Proof, UnverifiedOrder, UnverifiedSignIn};
use std::sync::LazyLock;
use terms::{PublicKey, STATEMENT_BYTES_MAX, Time};

/// A card that has signed nothing.
static CARD: LazyLock<PublicKey> = LazyLock::new(|| {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("randomness");
    PublicKey::from_point(pair.public_key().as_ref()).expect("a point of the curve")
});

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (url, now) = ("https://localhost:8443/auth/token", Time::from_millis(1_800_000_000_000));
    if let Ok(sign_in) = UnverifiedSignIn::parse(text) {
        assert!(sign_in.verify(&CARD, url, now).is_err(), "a forged sign-in");
    }
    if let Ok(order) = UnverifiedOrder::parse(text) {
        assert!(order.verify(&CARD, url, now).is_err(), "a forged order");
    }
    if let Ok(proof) = Proof::verify(text) {
        assert!(text.len() <= STATEMENT_BYTES_MAX && proof.key() != &*CARD);
        let _ = (proof.file_in_url(), proof.file(), proof.reason(), proof.token());
    }
}
