//! A small tree of JSON that keeps the order of members and the digits of numbers.
//!
//! It is not the server's own tree on purpose: what plants and looks for markers must not share a
//! mistake with what it examines.

use core::fmt;
use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A member name.
pub(super) type Key = Cow<'static, str>;

/// Any JSON value, or nothing at all.
#[derive(Clone)]
pub(super) enum Json {
    /// Left out where it is written as a member.
    Absent,
    /// A string.
    Text(Cow<'static, str>),
    /// A number, `true`, `false` or `null`, as written.
    Literal(Cow<'static, str>),
    /// An array.
    List(Vec<Json>),
    /// An object, in order.
    Object(Vec<(Key, Json)>),
}

/// An object with members in the order written.
macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {
        $crate::population::json::Json::Object(vec![
            $(($key.into(), $crate::population::json::Json::from($value))),*
        ])
    };
}

/// An array.
macro_rules! list {
    ($($value:expr),* $(,)?) => {
        $crate::population::json::Json::List(vec![
            $($crate::population::json::Json::from($value)),*
        ])
    };
}

pub(super) use {list, object};

/// The text is not JSON, or not a bundle.
#[derive(Debug)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

impl Json {
    /// Reads a document without losing a digit.
    pub(super) fn parse(text: &str) -> Result<Json, ParseError> {
        // Only the place is told: a parser's own message may quote the text.
        let raw: &RawValue = serde_json::from_str(text).map_err(place_of)?;
        from_raw(raw).map_err(place_of)
    }

    /// A number with so many decimal places, given as a count of its last place.
    pub(super) fn decimal(scaled: i64, places: u32) -> Json {
        if places == 0 {
            return Json::from(scaled);
        }
        let unit = 10_i64.pow(places);
        let sign = if scaled < 0 { "-" } else { "" };
        let (whole, part) = (scaled.abs() / unit, scaled.abs() % unit);
        Json::Literal(format!("{sign}{whole}.{part:0width$}", width = places as usize).into())
    }

    /// The member of this name, if this is an object that has one.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Appends the compact text; absent members and items are left out.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Json::Absent => out.push_str("null"),
            Json::Text(text) => write_text(text, out),
            Json::Literal(text) => out.push_str(text),
            Json::List(items) => {
                let items = items.iter().filter(|item| !matches!(item, Json::Absent));
                write_separated(out, ['[', ']'], items, |item, out| item.write(out));
            }
            Json::Object(members) => {
                let members = members.iter().filter(|(_, value)| !matches!(value, Json::Absent));
                write_separated(out, ['{', '}'], members, |(key, value), out| {
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                });
            }
        }
    }
}

impl From<&'static str> for Json {
    fn from(text: &'static str) -> Json {
        Json::Text(text.into())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text.into())
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Json {
        Json::Literal(number.to_string().into())
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Json {
        Json::Literal(if flag { "true" } else { "false" }.into())
    }
}

impl From<Vec<Json>> for Json {
    /// An empty list is left out, because FHIR knows no empty arrays.
    fn from(items: Vec<Json>) -> Json {
        if items.is_empty() { Json::Absent } else { Json::List(items) }
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Absent, Into::into)
    }
}

fn write_separated<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(T, &mut String),
) {
    out.push(open);
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut clean = 0;
    for (i, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[clean..i]);
        if escape.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(escape);
        }
        clean = i + 1;
    }
    out.push_str(&text[clean..]);
    out.push('"');
}

fn place_of(error: serde_json::Error) -> ParseError {
    ParseError(format!("not JSON at line {}, column {}", error.line(), error.column()))
}

fn from_raw(raw: &RawValue) -> Result<Json, serde_json::Error> {
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text)?;
            let members = members.into_iter().map(|(key, v)| Ok((key.into(), from_raw(v)?)));
            Json::Object(members.collect::<Result<_, serde_json::Error>>()?)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Json::List(items.into_iter().map(from_raw).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Json::from(serde_json::from_str::<String>(text)?),
        _ => Json::Literal(text.to_owned().into()),
    })
}

/// The members of an object in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_writing_keeps_every_byte() {
        let text = r#"{"b":[5.10,-0.00,1e400,true,null,{}],"a":"x\"\\\n\u0001é","":[]}"#;
        let mut again = String::new();
        Json::parse(text).unwrap().write(&mut again);
        assert_eq!(again, text);
        assert!(Json::parse("{\"a\":}").is_err());
    }

    #[test]
    fn decimals_keep_their_places() {
        for (scaled, places, text) in [(510, 2, "5.10"), (-5, 1, "-0.5"), (7, 0, "7")] {
            let mut out = String::new();
            Json::decimal(scaled, places).write(&mut out);
            assert_eq!(out, text);
        }
    }
}
