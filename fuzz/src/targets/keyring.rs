//! The text of a keyring, and of a sealed root key, from files that somebody changed.
//!
//! The root unwraps everything here, so that what comes after is reached as well.

use crate::keyholder_parts::keyring::Keyring;
use crate::keyholder_parts::root::{Root, RootCost, SealedKeyFile};
use crate::keyholder_parts::settings::Passphrase;
use crate::targets::scratch;
use seal::{KeyName, WrappedKey};
use zeroize::Zeroizing;

/// Argon2id with less than this takes no time; more is refused or is as slow as it says.
const QUICK_KIB: u32 = 256;

pub(super) fn run(data: &[u8]) {
    let path = scratch("keyring", data);
    if let Ok(ring) = Keyring::open(&path, Box::new(Open)) {
        let newest = ring.newest_epoch().number;
        assert!(ring.old_epochs().into_iter().all(|old| old < newest), "an order that is none");
        assert!(ring.epoch(newest).is_some());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let memory = text.split_whitespace().nth(5).and_then(|word| word.parse().ok());
    let passes = text.split_whitespace().nth(6).and_then(|word| word.parse().ok());
    if memory.is_some_and(|memory: u32| memory <= QUICK_KIB) && passes < Some(9) {
        let passphrase = Passphrase::new(Zeroizing::new("fuzz".into())).expect("not empty");
        let least = RootCost { memory_kib: 8, passes: 1 };
        let _ = SealedKeyFile::open(&path, &passphrase, least);
    }
}

struct Open;

impl Root for Open {
    fn wrap(
        &self,
        _: &KeyName,
        key: &[u8; 32],
    ) -> Result<WrappedKey, crate::error::KeyholderError> {
        Ok(WrappedKey::from_bytes(key)?)
    }

    fn unwrap(
        &self,
        _: &KeyName,
        wrapped: &WrappedKey,
    ) -> Result<Zeroizing<[u8; 32]>, crate::error::KeyholderError> {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&wrapped.as_bytes()[..32]);
        Ok(key)
    }
}
