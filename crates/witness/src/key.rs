//! A witness's secret keys, each of one kind.

use crate::WitnessError;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING, PqdsaKeyPair};
use data_encoding::BASE64;
use ledger::cosignature::{Cosigner, Kind, message};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// A secret key under the witness's name.
pub struct Key {
    public: Cosigner,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    MlDsa44(PqdsaKeyPair),
}

const FIRST_LINE: &str = "cofferdam witness key v1";
const WORDS: [(&str, Kind); 2] = [("ed25519", Kind::Ed25519), ("ml-dsa-44", Kind::MlDsa44)];

impl Key {
    /// The key of this kind from a secret seed.
    pub fn from_seed(name: &str, kind: Kind, seed: &[u8; 32]) -> Result<Key, WitnessError> {
        let wrong = |_| WitnessError::Asked("not the seed of a key".into());
        let (pair, public) = match kind {
            Kind::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| wrong(()))?;
                let public = pair.public_key().as_ref().to_vec();
                (Pair::Ed25519(pair), public)
            }
            Kind::MlDsa44 => {
                let pair =
                    PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, seed).map_err(|_| wrong(()))?;
                let public = pair.public_key().as_ref().to_vec();
                (Pair::MlDsa44(pair), public)
            }
        };
        let public = Cosigner::new(name, kind, &public)
            .map_err(|error| WitnessError::Asked(error.to_string()))?;
        Ok(Key { public, pair })
    }

    /// What others need to verify it.
    pub fn public(&self) -> &Cosigner {
        &self.public
    }

    /// New keys of both kinds, as the text of the file that keeps them.
    pub fn make(name: &str) -> Result<Zeroizing<String>, WitnessError> {
        let mut text = Zeroizing::new(format!("{FIRST_LINE}\n{name}\n"));
        for (word, kind) in WORDS {
            let mut seed = Zeroizing::new([0; 32]);
            aws_lc_rs::rand::fill(seed.as_mut())
                .map_err(|_| WitnessError::World("the system gives no random bytes".into()))?;
            Key::from_seed(name, kind, &seed)?;
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{word} {}", BASE64.encode(seed.as_ref()));
        }
        Ok(text)
    }

    /// The keys in such a text.
    pub fn parse(text: &str) -> Result<Vec<Key>, WitnessError> {
        let wrong = || WitnessError::Asked("not a witness's key file".into());
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err(wrong());
        }
        let name = lines.next().ok_or_else(wrong)?;
        let key = |line: &str| {
            let (word, seed) = line.split_once(' ').ok_or_else(wrong)?;
            let (_, kind) = WORDS.iter().find(|(known, _)| *known == word).ok_or_else(wrong)?;
            let seed = Zeroizing::new(BASE64.decode(seed.as_bytes()).map_err(|_| wrong())?);
            let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| wrong())?;
            Key::from_seed(name, *kind, seed)
        };
        let keys = lines.map(key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(wrong()) } else { Ok(keys) }
    }

    /// The line that cosigns this checkpoint's text.
    pub fn cosign(&self, now: u64, text: &str) -> Option<String> {
        let message = message(self.public.kind(), self.public.name(), now, text)?;
        let made = match &self.pair {
            Pair::Ed25519(pair) => pair.sign(&message).as_ref().to_vec(),
            Pair::MlDsa44(pair) => {
                let mut made = vec![0; ML_DSA_44_SIGNING.signature_len()];
                let length = pair.sign(&message, &mut made).ok()?;
                made.truncate(length);
                made
            }
        };
        Some(self.public.line(now, &made))
    }
}
