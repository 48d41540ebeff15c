//! National identifiers in the right shape that belong to nobody.
//!
//! - CPR: date and sequence whose modulus-11 sum is wrong.
//! - KVNR: right check digit, as software checks it, under the one letter X.
//! - SSN: areas 900 to 999, never issued, with groups that tax numbers do not use.
//!
//! Uniqueness is by construction: among people of one country, the running index gives a serial
//! number below 1,600 and a round, and people of the same serial in different rounds have
//! different birthdays (see `household`). So a CPR number, which must fit its birth date, is
//! never drawn twice for up to 364 rounds, which is 1.7 million people.

use super::Identifier;
use super::household::{BLOCK, Country, Member, Sex};
use super::random::Random;

const SERIALS: u32 = 1600;
const STRIDE: u64 = 15_485_863;

/// The round and the serial number of the person within the country.
pub(super) fn serial(number: u32) -> (u32, u32) {
    let index = index(number);
    (index / SERIALS, index % SERIALS)
}

/// The national identifier of a person.
pub(super) fn national(seed: u64, member: &Member) -> Identifier {
    let start = Random::of(&[seed, 7]).below(u64::from(u32::MAX));
    let turn = u64::from(index(member.number)) * STRIDE + start;
    let (system, value) = match member.country {
        Country::Denmark => ("urn:oid:1.2.208.176.1.2", cpr(member)),
        Country::Germany => ("http://fhir.de/sid/gkv/kvid-10", kvnr(turn % 100_000_000)),
        Country::Usa => ("http://hl7.org/fhir/sid/us-ssn", ssn(turn % (100 * 49 * 9999))),
    };
    Identifier { system: system.into(), value }
}

/// The weighted sum of a CPR number modulo 11; 0 means that the check is right.
pub(super) fn cpr_remainder(digits: &str) -> u32 {
    let weights = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    digits.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11
}

/// The check digit of a KVNR's letter (as a number from 1) and its eight digits.
pub(super) fn kvnr_check(letter: u64, digits: u64) -> u64 {
    let all = format!("{letter:02}{digits:08}");
    let sum = all.bytes().enumerate().map(|(i, digit)| {
        let product = u64::from(digit - b'0') * (1 + i as u64 % 2);
        product / 10 + product % 10
    });
    sum.sum::<u64>() % 10
}

/// The running number of a person within the country.
fn index(number: u32) -> u32 {
    number / BLOCK / 3 * BLOCK + number % BLOCK
}

fn cpr(member: &Member) -> String {
    let (_, serial) = serial(member.number);
    let (year, month, day) = member.birth.parts();
    // The century is told by the first digit of the sequence: 0 to 3, and 4 to 7 from 2000 on.
    let century = if year < 2000 { 0 } else { 400 };
    let head = format!("{day:02}{month:02}{:02}{:03}", year % 100, serial / 4 + century);
    let parity = if member.sex == Sex::Male { 1 } else { 0 };
    // Of five last digits with the right parity at most one passes the check, so four are left.
    let wrong = (0..5)
        .map(|i| format!("{head}{}", i * 2 + parity))
        .filter(|number| cpr_remainder(number) != 0);
    wrong.skip((serial % 4) as usize).take(1).collect()
}

fn kvnr(digits: u64) -> String {
    format!("X{digits:08}{}", kvnr_check(24, digits))
}

fn ssn(turn: u64) -> String {
    let (area, rest) = (turn % 100, turn / 100);
    format!("{}-{:02}-{:04}", 900 + area, rest % 49 + 1, rest / 49 + 1)
}
