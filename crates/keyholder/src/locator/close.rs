//! What ties people together: a family name, an address.
//!
//! Trust: ties lie sealed beside each file and are compared here alone, so that at rest nobody
//! sees who belongs together, nor how many do.

use super::{Nonsense, Token, VALUES_MAX, bounded, fold, token};
use aws_lc_rs::hmac;
use keyproto::message::Facts;
use std::collections::BTreeSet;

/// Shorter words of a family name, such as `de` and `von`, tie nobody together.
const LETTERS_MIN: usize = 4;

/// What ties a patient with these facts to others.
pub(crate) fn ties(key: &hmac::Key, facts: &Facts) -> Result<Vec<Token>, Nonsense> {
    let Facts { families, addresses, .. } = facts;
    if families.len().max(addresses.len()) > VALUES_MAX {
        return Err("too many family names or addresses");
    }
    bounded(families.iter().chain(addresses))?;
    let mut ties: BTreeSet<Token> = families.iter().flat_map(|name| of_family(key, name)).collect();
    for address in addresses {
        let words: Vec<String> = fold::words(address).collect();
        ties.insert(token(key, None, &[b"address", words.join(" ").as_bytes()]));
    }
    Ok(ties.into_iter().collect())
}

/// What ties somebody to others who is known by name alone: the last word is the family's.
pub(crate) fn family(key: &hmac::Key, holder: &str) -> Vec<Token> {
    holder.split_whitespace().next_back().map(|name| of_family(key, name)).unwrap_or_default()
}

fn of_family(key: &hmac::Key, name: &str) -> Vec<Token> {
    let words: Vec<String> = fold::words(name).collect();
    let only = words.len() == 1;
    let long = words.iter().filter(|word| only || word.chars().count() >= LETTERS_MIN);
    long.map(|word| token(key, None, &[b"family", word.as_bytes()])).collect()
}
