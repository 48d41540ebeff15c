//! Ids, times and words of ours as the strings they are written as.

use serde::{Deserialize, Deserializer, Serializer};
use std::fmt::Display;
use std::str::FromStr;

pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

pub(crate) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    read(&String::deserialize(from)?)
}

fn read<T: FromStr, E: serde::de::Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(|_| E::custom(format_args!("`{text}` is not what belongs there")))
}

pub(crate) mod option {
    use super::*;

    pub(crate) fn serialize<T, S>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error>
    where
        T: Display,
        S: Serializer,
    {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr,
        D: Deserializer<'de>,
    {
        Option::<String>::deserialize(from)?.as_deref().map(read).transpose()
    }
}

pub(crate) mod list {
    use super::*;

    pub(crate) fn serialize<T, S>(values: &[T], to: S) -> Result<S::Ok, S::Error>
    where
        T: Display,
        S: Serializer,
    {
        to.collect_seq(values.iter().map(ToString::to_string))
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr,
        D: Deserializer<'de>,
    {
        Vec::<String>::deserialize(from)?.iter().map(|text| read(text)).collect()
    }
}

pub(crate) mod sections {
    use super::*;
    use terms::{Section, Sections};

    pub(crate) fn serialize<S: Serializer>(value: &Sections, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(value.iter().map(Section::word))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Sections, D::Error> {
        Ok(list::deserialize::<Section, D>(from)?.into_iter().collect())
    }
}
