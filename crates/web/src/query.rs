//! Names and values of a query or form, decoded strictly.

use crate::problem::{Family, Problem};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Names and values in the order they came.
#[derive(Default)]
pub(crate) struct Query(Vec<(String, String)>);

/// Most parameters of one request.
const PARAMETERS_MAX: usize = 200;

impl Query {
    /// Reads `a=b&c=d`; what does not decode to UTF-8 is refused, not guessed at.
    pub(crate) fn parse(text: &str) -> Result<Query, Problem> {
        let mut pairs = Vec::new();
        for part in text.split('&').filter(|p| !p.is_empty()) {
            if pairs.len() == PARAMETERS_MAX {
                return Err(Problem::new(Family::BadParameter, "too many parameters"));
            }
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Query(pairs))
    }

    /// Reads a form that was posted, after what the address says.
    pub(crate) fn and_form(mut self, body: &[u8]) -> Result<Query, Problem> {
        let text = std::str::from_utf8(body)
            .map_err(|_| Problem::new(Family::Malformed, "the form is not UTF-8"))?;
        self.0.extend(Query::parse(text.trim_end())?.0);
        if self.0.len() > PARAMETERS_MAX {
            return Err(Problem::new(Family::BadParameter, "too many parameters"));
        }
        Ok(self)
    }

    /// Names and values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of this name.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Takes the first value of this name out, and all others with it.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        let (_, value) = self.0.remove(at);
        self.0.retain(|(n, _)| n != name);
        Some(value)
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.into(), value.into()));
    }

    /// Whether a name stands there twice.
    pub(crate) fn repeats(&self) -> bool {
        let mut seen = std::collections::HashSet::new();
        self.iter().any(|(name, _)| !seen.insert(name))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it stands in an address.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.iter() {
            if !text.is_empty() {
                text.push('&');
            }
            text.extend(encode(name));
            text.push('=');
            text.extend(encode(value));
        }
        text
    }
}

fn decode(text: &str) -> Result<String, Problem> {
    let spaced =
        if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded
        .map(Cow::into_owned)
        .map_err(|_| Problem::new(Family::Malformed, "a parameter is not UTF-8"))
}

fn encode(text: &str) -> impl Iterator<Item = &str> {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b':')
        .remove(b',');
    utf8_percent_encode(text, KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_encodes_again() {
        let query =
            Query::parse("code=http%3A%2F%2Floinc.org%7C1234-5&name=J%C3%B8rgen+B&x").ok().unwrap();
        let pairs: Vec<_> = query.iter().collect();
        assert_eq!(pairs, [("code", "http://loinc.org|1234-5"), ("name", "Jørgen B"), ("x", "")]);
        let again = Query::parse(&query.to_text()).ok().unwrap();
        assert!(again.iter().eq(query.iter()));
    }

    #[test]
    fn what_is_no_utf_8_or_too_much_is_refused() {
        assert!(Query::parse("a=%FF").is_err());
        assert!(Query::parse(&"a=b&".repeat(201)).is_err());
        assert!(Query::default().and_form(&[0xff]).is_err());
    }
}
