//! Code phrases: what a finder keeps instead of an account.
//!
//! Seven words of 16 random bits and one that checks them. A word is consonant, vowel, consonant,
//! vowel, consonant, as proquints have it, so there is no list of words to keep or translate. With
//! 112 random bits there is nothing to guess, so the keys need no stretching.

use crate::Sealed;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use data_encoding::HEXLOWER;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";
const RANDOM_BYTES: usize = 14;
const SALT: &[u8] = b"cofferdam intake 1";

/// A code phrase. No `Debug`.
pub struct Phrase(Zeroizing<[u8; RANDOM_BYTES]>);

/// The text is no code phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no code phrase: eight words of five letters, and the last checks the others")]
pub struct NoPhrase;

/// The name of a mailbox. Whoever knows it can put messages in and take sealed answers out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mailbox([u8; 16]);

/// The key of the answers in one mailbox. No `Debug`.
#[derive(Clone)]
pub struct AnswerKey(pub(crate) Zeroizing<[u8; 32]>);

impl Phrase {
    /// A new one.
    pub fn make() -> Result<Phrase, Sealed> {
        Ok(Phrase(Zeroizing::new(crate::random()?)))
    }

    /// The words, joined by hyphens.
    pub fn words(&self) -> Zeroizing<String> {
        let check = check(&self.0);
        let pairs = self.0.chunks_exact(2).map(|pair| [pair[0], pair[1]]).chain([check]);
        let words: Vec<String> = pairs.map(|pair| word(u16::from_be_bytes(pair))).collect();
        Zeroizing::new(words.join("-"))
    }

    /// Where messages under this phrase lie.
    pub fn mailbox(&self) -> Result<Mailbox, Sealed> {
        let mut name = [0; 16];
        self.derive(b"mailbox", &mut name)?;
        Ok(Mailbox(name))
    }

    /// What answers under this phrase are sealed with.
    pub fn answer_key(&self) -> Result<AnswerKey, Sealed> {
        let mut key = Zeroizing::new([0; 32]);
        self.derive(b"answers", key.as_mut())?;
        Ok(AnswerKey(key))
    }

    fn derive(&self, label: &[u8], out: &mut [u8]) -> Result<(), Sealed> {
        let prk = Salt::new(HKDF_SHA256, SALT).extract(self.0.as_ref());
        let info = [label];
        let okm = prk.expand(&info, Bytes(out.len())).map_err(|_| Sealed)?;
        okm.fill(out).map_err(|_| Sealed)
    }
}

impl FromStr for Phrase {
    type Err = NoPhrase;

    /// Capitals, spaces and other marks between the words make no difference.
    fn from_str(text: &str) -> Result<Phrase, NoPhrase> {
        if text.len() > 256 {
            return Err(NoPhrase);
        }
        let text = Zeroizing::new(text.to_ascii_lowercase());
        let mut words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty());
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        for pair in bytes.chunks_exact_mut(2) {
            let number = words.next().and_then(number).ok_or(NoPhrase)?;
            pair.copy_from_slice(&number.to_be_bytes());
        }
        let checked = words.next().and_then(number) == Some(u16::from_be_bytes(check(&bytes)));
        if checked && words.next().is_none() { Ok(Phrase(bytes)) } else { Err(NoPhrase) }
    }
}

impl AnswerKey {
    /// Reads the bytes that a finder sent along.
    pub fn from_bytes(bytes: &[u8]) -> Option<AnswerKey> {
        Some(AnswerKey(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The bytes, to send along.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Mailbox {
    /// The bytes, which sealed messages are bound to.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// How officers name it: this puts nothing in and takes nothing out.
    pub fn id(&self) -> String {
        let hash = digest(&SHA256, &self.0);
        HEXLOWER.encode(&hash.as_ref()[..5])
    }
}

impl FromStr for Mailbox {
    type Err = NoPhrase;

    fn from_str(text: &str) -> Result<Mailbox, NoPhrase> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NoPhrase)?;
        Ok(Mailbox(bytes.try_into().map_err(|_| NoPhrase)?))
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn check(bytes: &[u8; RANDOM_BYTES]) -> [u8; 2] {
    let hash = digest(&SHA256, &[SALT, b" check", bytes].concat());
    [hash.as_ref()[0], hash.as_ref()[1]]
}

fn word(number: u16) -> String {
    let at = |shift: u32, mask: u16| usize::from(number >> shift & mask);
    let letters = [
        CONSONANTS[at(12, 15)],
        VOWELS[at(10, 3)],
        CONSONANTS[at(6, 15)],
        VOWELS[at(4, 3)],
        CONSONANTS[at(0, 15)],
    ];
    letters.into_iter().map(char::from).collect()
}

fn number(word: &str) -> Option<u16> {
    let consonant = |b: u8| CONSONANTS.iter().position(|c| *c == b);
    let vowel = |b: u8| VOWELS.iter().position(|v| *v == b);
    let [a, b, c, d, e] = word.as_bytes() else { return None };
    let (a, c, e) = (consonant(*a)?, consonant(*c)?, consonant(*e)?);
    let (b, d) = (vowel(*b)?, vowel(*d)?);
    u16::try_from(a << 12 | b << 10 | c << 6 | d << 4 | e).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_read_again_however_it_is_typed() {
        let phrase = Phrase::make().unwrap();
        let words = phrase.words();
        assert_eq!((words.len(), words.split('-').count()), (47, 8));
        for typed in [words.to_string(), words.to_uppercase(), words.replace('-', "  \n")] {
            let again: Phrase = typed.parse().unwrap();
            assert_eq!(again.0.as_ref(), phrase.0.as_ref());
        }
        assert!((0..=u16::MAX).all(|n| number(&word(n)) == Some(n)));
    }

    #[test]
    fn a_slip_is_noticed() {
        let words = Phrase::make().unwrap().words();
        let mut noticed = 0;
        for at in (0..words.len()).filter(|at| words.as_bytes()[*at] != b'-') {
            let other = if words.as_bytes()[at] == b'b' { "d" } else { "b" };
            let slip = [&words[..at], other, &words[at + 1..]].concat();
            noticed += usize::from(slip.parse::<Phrase>().is_err());
        }
        // One in 65,536 passes by chance.
        assert!(noticed >= 39, "{noticed}");
        for wrong in ["", "lusab", &words[6..], &format!("{}-lusab", &*words), "é"] {
            assert!(wrong.parse::<Phrase>().is_err());
        }
    }

    /// The page derives the same: these values stand in its test too.
    #[test]
    fn derived_names_and_keys_never_change() {
        let phrase = Phrase(Zeroizing::new(*b"fourteen bytes"));
        assert_eq!(phrase.words().as_str(), WORDS);
        assert_eq!(phrase.mailbox().unwrap().to_string(), MAILBOX);
        assert_eq!(HEXLOWER.encode(phrase.answer_key().unwrap().as_bytes()), KEY);
    }

    const WORDS: &str = "kinoz-lijuf-lidoj-kijov-fadof-lojuh-kijug-mabuh";
    const MAILBOX: &str = "e2dea44f56177ace14a78469eb03c964";
    const KEY: &str = "78dde9591f0856dfe2a0e60b43f4daab8442afe36e33904a680a71ed2167bead";
}
