//! A JSON tree that loses nothing: numbers keep their text, objects keep their order.

mod error;
mod object;
mod parse;
#[cfg(test)]
mod tests;
mod write;

pub use error::{JsonError, JsonErrorKind};
pub use object::Object;

use std::fmt;

/// One JSON value.
///
/// `Debug` shows the kind and size only, so that content cannot leak through a message.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Json {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(Number),
    /// A string, unescaped.
    String(Box<str>),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// A number with the text it was written with, such as `1.00`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

/// What a text may cost at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest text in bytes.
    pub bytes: usize,
    /// Deepest nesting of arrays and objects.
    pub depth: usize,
    /// Most values, members counted by their values.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 64 << 20, depth: 64, values: 4_000_000 }
    }
}

impl Json {
    /// Reads one value, refusing whatever RFC 8259 refuses, and duplicate names besides.
    pub fn parse(text: &[u8], limits: &Limits) -> Result<Json, JsonError> {
        parse::parse(text, limits)
    }

    /// The compact text: no white space, shortest escapes, numbers as they were.
    pub fn to_text(&self) -> String {
        let mut out = Vec::new();
        self.write_to(&mut out);
        // Everything written comes from texts, so this never replaces anything.
        String::from_utf8(out).unwrap_or_default()
    }

    /// Appends the compact text.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        write::value(self, out);
    }

    /// The member of this name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }

    /// The member of this name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.as_object_mut()?.get_mut(name)
    }

    /// The string member of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is an array; otherwise none.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::Array(items) => items,
            _ => &[],
        }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object, if this is one, to change.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// `resourceType`, or the empty text.
    pub fn resource_type(&self) -> &str {
        self.text("resourceType").unwrap_or_default()
    }

    /// `id`, if there is one.
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }
}

impl Number {
    /// The text it was written with.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::String(text.into())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::String(text.into())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Json {
        Json::Number(Number(value.to_string().into()))
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Json {
        Json::Number(Number(value.to_string().into()))
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Json {
        Json::Object(object)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Json {
        Json::Array(items)
    }
}

impl AsRef<Json> for Json {
    fn as_ref(&self) -> &Json {
        self
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(_) => f.write_str("a boolean"),
            Json::Number(_) => f.write_str("a number"),
            Json::String(text) => write!(f, "a string of {} bytes", text.len()),
            Json::Array(items) => write!(f, "an array of {}", items.len()),
            Json::Object(object) => write!(f, "an object of {}", object.len()),
        }
    }
}
