//! Numbers of cards, places and people as the product's ids, and back.

use terms::{Blind, CardId, FileId, ListId, PracticeId, PublicKey};

/// Patients' cards are numbered from here.
pub(crate) const PATIENTS: u32 = 1 << 31;

fn id(kind: u8, number: u32) -> [u8; 10] {
    let mut bytes = [kind; 10];
    bytes[6..].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn number(bytes: &[u8; 10]) -> u32 {
    u32::from_be_bytes([bytes[6], bytes[7], bytes[8], bytes[9]])
}

pub(crate) fn card(number: u32) -> CardId {
    CardId::from_bytes(id(b'c', number))
}

pub(crate) fn card_number(card: CardId) -> u32 {
    number(card.as_bytes())
}

pub(crate) fn practice(place: u32) -> PracticeId {
    PracticeId::from_bytes(id(b'p', place))
}

pub(crate) fn place(practice: PracticeId) -> u32 {
    number(practice.as_bytes())
}

pub(crate) fn list(place: u32) -> ListId {
    ListId::from_bytes(id(b'l', place))
}

fn file_bytes(person: u32) -> [u8; 16] {
    let mut bytes = [0x66; 16];
    // The order of files says nothing about people, as with real names of files.
    bytes[4..8].copy_from_slice(&person.wrapping_mul(0x9e37_79b1).to_be_bytes());
    bytes[12..].copy_from_slice(&person.to_be_bytes());
    bytes
}

pub(crate) fn blind(person: u32) -> Blind {
    Blind::from_bytes(file_bytes(person))
}

pub(crate) fn file(person: u32) -> FileId {
    FileId::from_bytes(file_bytes(person))
}

pub(crate) fn person(file: Blind) -> u32 {
    let bytes = file.as_bytes();
    u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]])
}

/// A key of its own for each card; nothing is ever verified with it here.
pub(crate) fn key(number: u32) -> PublicKey {
    let mut point = [4; 65];
    point[61..].copy_from_slice(&number.to_be_bytes());
    // Invariant: 65 bytes that begin with 4 are a point.
    PublicKey::from_point(&point).expect("invariant: a point")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        assert_eq!(card_number(card(PATIENTS | 7)), PATIENTS | 7);
        assert_eq!(place(practice(3)), 3);
        assert_eq!(person(blind(77_001)), 77_001);
    }
}
