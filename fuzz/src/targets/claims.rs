//! Claims that a thief of a card signs: read or refused, and bound to every byte that was signed.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use keyproto::jws::{Header, Jwk, compact};
use keyproto::statement::{
    ORDER_TYPE, PROOF_TYPE, Proof, SIGN_IN_TYPE, UnverifiedOrder, UnverifiedSignIn,
};
use std::sync::LazyLock;
use terms::{PublicKey, REASON_BYTES_MAX, Time};

struct Thief {
    pair: EcdsaKeyPair,
    key: PublicKey,
}

static THIEF: LazyLock<Thief> = LazyLock::new(|| {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("randomness");
    let key = PublicKey::from_point(pair.public_key().as_ref()).expect("a point of the curve");
    Thief { pair, key }
});

pub(super) fn run(data: &[u8]) {
    let (origin, url) = ("https://localhost:8443", "https://localhost:8443/auth/token");
    let now = Time::from_millis(1_800_000_000_000);
    let sign_in = THIEF.sign(SIGN_IN_TYPE, None, data);
    if let Ok(unverified) = UnverifiedSignIn::parse(&sign_in)
        && let Ok(signed) = unverified.verify(&THIEF.key, url, now)
    {
        assert!(signed.card() == unverified.card());
        let _ = (signed.device(), signed.hours(), signed.openings());
    }
    let order = THIEF.sign(ORDER_TYPE, None, data);
    if let Ok(unverified) = UnverifiedOrder::parse(&order)
        && let Ok(signed) = unverified.verify(&THIEF.key, origin, now)
    {
        assert!(signed.card() == unverified.card());
        assert!(UnverifiedSignIn::parse(&order).is_err(), "an order that signs in");
    }
    let proof = THIEF.sign(PROOF_TYPE, Some(Jwk::of(&THIEF.key)), data);
    if let Ok(verified) = Proof::verify(&proof) {
        assert!(verified.key() == &THIEF.key);
        assert!(verified.reason().is_none_or(|reason| reason.len() <= REASON_BYTES_MAX));
        let _ = (verified.file_in_url(), verified.file(), verified.token(), verified.is_for(""));
        assert!(UnverifiedOrder::parse(&proof).is_err(), "a proof that orders");
    }
}

impl Thief {
    fn sign(&self, typ: &str, jwk: Option<Jwk>, claims: &[u8]) -> String {
        let header = Header::new(typ, self.key.curve(), jwk);
        let header = serde_json::to_vec(&header).expect("a header is JSON");
        let [header, claims] = [&header, claims].map(|part| BASE64URL_NOPAD.encode(part));
        let input = format!("{header}.{claims}");
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).expect("randomness");
        compact(&input, signature.as_ref())
    }
}
