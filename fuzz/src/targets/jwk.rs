//! A public key as JSON: what is a key is written and read again alike.

use keyproto::jws::{Jwk, thumbprint};

pub(super) fn run(data: &[u8]) {
    let Ok(jwk) = serde_json::from_slice::<Jwk>(data) else { return };
    let Ok(key) = jwk.key() else { return };
    let again = Jwk::of(&key);
    assert!((&again.x, &again.y, &again.crv) == (&jwk.x, &jwk.y, &jwk.crv), "two texts of one key");
    assert!(again.key().is_ok_and(|same| thumbprint(&same) == thumbprint(&key)));
}
