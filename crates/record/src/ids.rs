//! Ids of resources: every id names the file that the resource lies in.
//!
//! A Patient's id is the file's name (26 characters). Every other resource's is
//! `<file>-<number>`, the number in seven digits of `0-9a-v`, so that ids of one file sort by age.
//! The number is the first sequence of the deposit, then the position in the deposit: a deposit
//! needs no knowledge of what the file holds. Directory entries lie in the directory's file.

use core::fmt;
use core::str::FromStr;
use terms::FileId;

/// Most resources in one deposit.
pub const DEPOSIT_RESOURCES_MAX: usize = 1 << POSITION_BITS;
/// Length of the id of a resource that is not a Patient.
pub const RESOURCE_ID_CHARS: usize = FILE_CHARS + 1 + NUMBER_CHARS;

pub(crate) const FILE_CHARS: usize = 26;
pub(crate) const NUMBER_CHARS: usize = 7;
const POSITION_BITS: u32 = 18;
const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// The id of a resource, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceId {
    /// The file it lies in.
    pub file: FileId,
    /// Its number in the file; none is the Patient.
    pub number: Option<u64>,
}

/// The text is not an id that this server gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id that this server gives: ids begin with the name of a file")]
pub struct ParseResourceIdError;

impl ResourceId {
    /// The id of the file's Patient.
    pub const fn patient(file: FileId) -> ResourceId {
        ResourceId { file, number: None }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        match self.number {
            None => Ok(()),
            Some(number) => {
                let digits = number_digits(number);
                write!(f, "-{}", digits.map(char::from).iter().collect::<String>())
            }
        }
    }
}

impl FromStr for ResourceId {
    type Err = ParseResourceIdError;

    fn from_str(text: &str) -> Result<Self, ParseResourceIdError> {
        let (file, number) = match text.split_once('-') {
            None => (text, None),
            Some((file, number)) => (file, Some(parse_digits(number.as_bytes())?)),
        };
        Ok(ResourceId { file: file.parse().map_err(|_| ParseResourceIdError)?, number })
    }
}

/// The number of a resource: the deposit's first sequence, and the position in the deposit.
pub(crate) const fn number(first_sequence: u32, position: usize) -> u64 {
    ((first_sequence as u64) << POSITION_BITS) | position as u64
}

/// The first sequence of the deposit that gave a resource this number.
pub(crate) const fn first_sequence(number: u64) -> u64 {
    number >> POSITION_BITS
}

pub(crate) fn number_digits(number: u64) -> [u8; NUMBER_CHARS] {
    let mut digits = [b'0'; NUMBER_CHARS];
    for (i, digit) in digits.iter_mut().rev().enumerate() {
        *digit = DIGITS[(number >> (5 * i)) as usize & 31];
    }
    digits
}

pub(crate) fn parse_digits(digits: &[u8]) -> Result<u64, ParseResourceIdError> {
    if digits.len() != NUMBER_CHARS {
        return Err(ParseResourceIdError);
    }
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Ok(number << 5 | u64::from(digit - b'0')),
        b'a'..=b'v' => Ok(number << 5 | u64::from(digit - b'a' + 10)),
        _ => Err(ParseResourceIdError),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_print_and_sort_by_age() {
        let file = FileId::from_bytes([9; 16]);
        let patient = ResourceId::patient(file);
        assert_eq!(patient.to_string().parse(), Ok(patient));
        let last = number(terms::FILE_SEGMENTS_MAX as u32, DEPOSIT_RESOURCES_MAX - 1);
        let texts: Vec<String> = [0, 1, 31, 32, number(1, 0), number(7, 3), last]
            .map(|number| {
                let id = ResourceId { file, number: Some(number) };
                assert_eq!(id.to_string().len(), RESOURCE_ID_CHARS);
                assert_eq!(id.to_string().parse(), Ok(id));
                id.to_string()
            })
            .to_vec();
        assert!(texts.is_sorted());
    }

    #[test]
    fn other_texts_are_no_ids() {
        let file = FileId::from_bytes([9; 16]).to_string();
        for text in ["", "1", "-", &format!("{file}-"), &format!("{file}-000000"), "dir-0000000"] {
            assert!(text.parse::<ResourceId>().is_err(), "{text}");
        }
        assert!(format!("{file}-000000w").parse::<ResourceId>().is_err());
        assert!(format!("{file}-00000000").parse::<ResourceId>().is_err());
    }
}
