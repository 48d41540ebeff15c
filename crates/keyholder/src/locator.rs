//! How a patient is found: keyed tokens of identifiers and, per practice, of names.
//!
//! Trust: a token tells nothing without the locator's key, which never leaves this process. What
//! still shows at rest is how many files share a token, never which token or which files.

use aws_lc_rs::hmac;
use keyproto::message::{Facts, Identifier, Query};
use ledger::entry::LookUp;
use std::collections::BTreeSet;
use terms::PracticeId;

mod close;
mod fold;

pub(crate) use close::{family, ties};

/// What a token is of, as 128 bits of HMAC-SHA-256.
pub(crate) type Token = [u8; 16];

/// A look-up: the files that have all of these tokens. The first is had by the fewest.
pub(crate) struct Wanted {
    pub(crate) by: LookUp,
    pub(crate) tokens: Vec<Token>,
}

/// Systems of national identifiers: found from every practice. All others are chart numbers.
const NATIONAL: [&str; 8] = [
    "urn:oid:1.2.208.176.1.2",              // Denmark, CPR number
    "http://fhir.de/sid/gkv/kvid-10",       // Germany, health insurance number
    "http://hl7.org/fhir/sid/us-ssn",       // United States, social security number
    "https://fhir.nhs.uk/Id/nhs-number",    // England, NHS number
    "urn:oid:1.2.752.129.2.1.3.1",          // Sweden, personal number
    "urn:oid:2.16.578.1.12.4.1.4.1",        // Norway, birth number
    "urn:oid:1.2.246.21",                   // Finland, identity code
    "http://fhir.nl/fhir/NamingSystem/bsn", // Netherlands, citizen service number
];

/// Most letters of a word that count, so that a long name takes no more rows than these.
const PREFIX_MAX: usize = 8;
/// Least letters that a searched name begins with.
const PREFIX_MIN: usize = 3;
/// How many last digits of a telephone number count: the country's code may be there or not.
const DIGITS: usize = 8;
const VALUES_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 256;

/// Why a look-up or a set of facts makes no sense, in words for whoever asked.
pub(crate) type Nonsense = &'static str;

/// The tokens of an identifier.
pub(crate) fn identifier(
    key: &hmac::Key,
    practice: PracticeId,
    identifier: &Identifier,
) -> Result<(LookUp, Token), Nonsense> {
    let Identifier { system, value } = identifier;
    bounded([system, value])?;
    if NATIONAL.contains(&system.as_str()) {
        let value: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
        let value = filled(value.to_uppercase())?;
        return Ok((
            LookUp::Identifier,
            token(key, None, &[b"national", system.as_bytes(), value.as_bytes()]),
        ));
    }
    let value = filled(value.trim().to_owned())?;
    let parts = [b"chart".as_slice(), system.as_bytes(), value.as_bytes()];
    Ok((LookUp::Chart, token(key, Some(practice), &parts)))
}

/// The tokens that a query asks for.
pub(crate) fn wanted(
    key: &hmac::Key,
    practice: PracticeId,
    query: &Query,
) -> Result<Wanted, Nonsense> {
    let (by, tokens) = match query {
        Query::Identifier(one) => {
            let (by, token) = identifier(key, practice, one)?;
            (by, vec![token])
        }
        Query::Name(names) => (LookUp::Name, name_tokens(key, practice, names, PREFIX_MIN)?),
        Query::NameAndBirthDate(names, date) => {
            let mut tokens = vec![birth(key, practice, date)?];
            tokens.extend(name_tokens(key, practice, names, 1)?);
            (LookUp::NameAndBirthDate, tokens)
        }
        Query::Telephone(number) => (LookUp::Telephone, vec![telephone(key, practice, number)?]),
    };
    Ok(Wanted { by, tokens })
}

/// Every token by which a patient with these facts is found.
pub(crate) fn tokens(
    key: &hmac::Key,
    practice: PracticeId,
    facts: &Facts,
) -> Result<Vec<Token>, Nonsense> {
    let Facts { identifiers, names, birth_date, telephones, .. } = facts;
    if identifiers.len().max(names.len()).max(telephones.len()) > VALUES_MAX {
        return Err("too many identifiers, names or telephone numbers");
    }
    let mut tokens = BTreeSet::new();
    for one in identifiers {
        tokens.insert(identifier(key, practice, one)?.1);
    }
    bounded(names)?;
    for word in names.iter().flat_map(|name| fold::words(name)) {
        let letters: Vec<char> = word.chars().take(PREFIX_MAX).collect();
        for length in PREFIX_MIN.min(letters.len())..=letters.len() {
            let prefix: String = letters[..length].iter().collect();
            tokens.insert(name(key, practice, &prefix));
        }
    }
    if let Some(date) = birth_date {
        tokens.insert(birth(key, practice, date)?);
    }
    for number in telephones {
        // A number that cannot be searched for is kept in the file and not indexed.
        tokens.extend(telephone(key, practice, number).ok());
    }
    Ok(tokens.into_iter().collect())
}

/// The longest word first: the fewest have it.
fn name_tokens(
    key: &hmac::Key,
    practice: PracticeId,
    names: &[String],
    letters_min: usize,
) -> Result<Vec<Token>, Nonsense> {
    if names.len() > VALUES_MAX {
        return Err("too many names");
    }
    bounded(names)?;
    let mut words: BTreeSet<(usize, String)> = BTreeSet::new();
    let mut typed_most = 0;
    for (typed, word) in names.iter().flat_map(|name| fold::typed(name)) {
        let prefix: String = word.chars().take(PREFIX_MAX).collect();
        words.insert((prefix.chars().count(), prefix));
        typed_most = typed_most.max(typed);
    }
    if typed_most < letters_min {
        return Err("a name is searched by its first three letters or more");
    }
    Ok(words.iter().rev().map(|(_, prefix)| name(key, practice, prefix)).collect())
}

fn name(key: &hmac::Key, practice: PracticeId, prefix: &str) -> Token {
    token(key, Some(practice), &[b"name", prefix.as_bytes()])
}

fn birth(key: &hmac::Key, practice: PracticeId, date: &str) -> Result<Token, Nonsense> {
    let date_like = date.len() <= 10 && date.chars().all(|c| c.is_ascii_digit() || c == '-');
    if date.len() < 4 || !date_like {
        return Err("a birth date is written YYYY-MM-DD");
    }
    Ok(token(key, Some(practice), &[b"birth", date.as_bytes()]))
}

fn telephone(key: &hmac::Key, practice: PracticeId, number: &str) -> Result<Token, Nonsense> {
    bounded([number])?;
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() < 5 {
        return Err("a telephone number has five digits or more");
    }
    let last = &digits[digits.len().saturating_sub(DIGITS)..];
    Ok(token(key, Some(practice), &[b"telephone", last]))
}

/// Each part with its length before it, so that no two lists of parts look the same.
fn token(key: &hmac::Key, practice: Option<PracticeId>, parts: &[&[u8]]) -> Token {
    let mut context = hmac::Context::with_key(key);
    let scope: &[u8] = practice.as_ref().map_or(&[], |practice| practice.as_bytes());
    for part in [b"token".as_slice(), scope].into_iter().chain(parts.iter().copied()) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut token = [0; 16];
    token.copy_from_slice(&context.sign().as_ref()[..16]);
    token
}

fn bounded<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Result<(), Nonsense> {
    let fits = values.into_iter().all(|value| value.as_ref().len() <= VALUE_BYTES_MAX);
    if fits { Ok(()) } else { Err("an identifier, name or telephone number is too long") }
}

fn filled(value: String) -> Result<String, Nonsense> {
    if value.is_empty() { Err("an identifier has no value") } else { Ok(value) }
}

#[cfg(test)]
mod tests;
