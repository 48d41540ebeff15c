//! What a letter needs to know of a person, and no more.

use serde::{Deserialize, Serialize};
use terms::FileId;

/// Label and contact of one file. No `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Its place among the job's files.
    pub index: u64,
    /// The file.
    #[serde(with = "id")]
    pub file: FileId,
    /// The ledger entry that records the opening.
    pub entry: u64,
    /// The sections that the file has, opened or not: by name alone.
    pub has: Vec<String>,
    /// The name as it is written on an envelope; none where the file has none.
    pub name: Option<String>,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Whether the person is known to be dead.
    pub dead: bool,
    /// Where letters go, the best first.
    pub addresses: Vec<Address>,
    /// Telephones and e-mail addresses.
    pub telecoms: Vec<Telecom>,
    /// Guardians, relatives and others who are named as contacts.
    pub contacts: Vec<Contact>,
    /// Languages to talk in (BCP 47), the preferred one first.
    pub languages: Vec<String>,
    /// The association (chamber) that the file names; none where it names none.
    #[serde(default)]
    pub association: Option<String>,
}

/// A postal address.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The lines above the town.
    pub lines: Vec<String>,
    /// The town.
    pub city: Option<String>,
    /// The State, region or district.
    pub region: Option<String>,
    /// The postcode.
    pub postcode: Option<String>,
    /// The country, as it is written there.
    pub country: Option<String>,
}

/// A way to reach somebody besides letters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telecom {
    /// `phone`, `email`, …
    pub system: String,
    /// The number or address.
    pub value: String,
}

/// Somebody who is named as a contact.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Codes of what they are to the patient, such as `GUARD`, `N` or `MTH`.
    pub relationships: Vec<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their address, where it is their own.
    pub address: Option<Address>,
}

/// An id as the text it prints.
mod id {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use terms::FileId;

    pub(super) fn serialize<S: Serializer>(id: &FileId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<FileId, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
