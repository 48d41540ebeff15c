//! Names, numbers and dates inside the keyholder, one a line.
//!
//! A patient is found by everything that the facts say: the tokens of the question are among those
//! of the facts, and what ties people together does not depend on the order it was said in. Whoever
//! has a patient's family name is tied to the patient.

use crate::keyholder_parts::locator::{family, ties, tokens, wanted};
use aws_lc_rs::hmac;
use keyproto::message::{Facts, Identifier, Query};
use std::sync::LazyLock;
use terms::PracticeId;

static KEY: LazyLock<hmac::Key> = LazyLock::new(|| hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]));
const HERE: PracticeId = PracticeId::from_bytes([1; 10]);

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut facts = Facts {
        identifiers: vec![],
        names: vec![],
        birth_date: None,
        telephones: vec![],
        families: vec![],
        addresses: vec![],
    };
    for line in text.lines() {
        let (kind, value) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        match kind {
            "i" => {
                let (system, value) = value.split_once('|').unwrap_or(("", value));
                let (system, value) = (system.to_owned(), value.to_owned());
                facts.identifiers.push(Identifier { system, value });
            }
            "b" => facts.birth_date = Some(value.to_owned()),
            "t" => facts.telephones.push(value.to_owned()),
            "f" => facts.families.push(value.to_owned()),
            "a" => facts.addresses.push(value.to_owned()),
            _ => facts.names.push(line.to_owned()),
        }
    }
    let tied = ties(&KEY, &facts).ok();
    if let Some(tied) = &tied {
        let single = |name: &&String| name.split_whitespace().eq([name.as_str()]);
        let names = facts.families.iter().filter(single);
        let mut holders = names.flat_map(|name| family(&KEY, &format!("Dr Ida {name}")));
        assert!(holders.all(|token| tied.contains(&token)), "not by the family's name");
    }
    facts.families.reverse();
    facts.addresses.reverse();
    assert!(ties(&KEY, &facts).ok() == tied, "the order of names and addresses counts");
    let Ok(known) = tokens(&KEY, HERE, &facts) else { return };
    let found = |query: Query| match wanted(&KEY, HERE, &query) {
        Ok(wanted) => wanted.tokens.iter().all(|token| known.contains(token)),
        Err(_) => true,
    };
    assert!(found(Query::Name(facts.names.clone())), "not by the names");
    if let Some(date) = facts.birth_date {
        assert!(found(Query::NameAndBirthDate(facts.names.clone(), date)), "not by name and date");
    }
    let mut telephones = facts.telephones.into_iter();
    assert!(telephones.all(|number| found(Query::Telephone(number))), "not by a number");
    let mut identifiers = facts.identifiers.into_iter();
    assert!(identifiers.all(|one| found(Query::Identifier(one))), "not by an identifier");
}
