use super::shape::{Shape, shape};
use super::value::unescape;
use crate::Json;
use crate::path::Node;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a string parameter looks for.
pub(super) struct TextTest {
    /// Folded, unless the test is exact.
    text: String,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    StartsWith,
    Contains,
    Exact,
}

impl TextTest {
    pub(super) fn parse(value: &str) -> Option<TextTest> {
        TextTest::starts_with(&unescape(value)?)
    }

    pub(super) fn starts_with(text: &str) -> Option<TextTest> {
        let text = fold(text);
        (!text.is_empty()).then_some(TextTest { text, how: How::StartsWith })
    }

    pub(super) fn contains(value: &str) -> Option<TextTest> {
        Some(TextTest { how: How::Contains, ..TextTest::parse(value)? })
    }

    pub(super) fn exact(value: &str) -> Option<TextTest> {
        let text = unescape(value)?;
        (!text.is_empty()).then_some(TextTest { text, how: How::Exact })
    }

    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        texts(node).any(|text| self.is_in(text))
    }

    /// Whether one text passes.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self.how {
            How::Exact => text == self.text,
            // Most texts are ASCII and most do not match: no need to fold them for that.
            How::StartsWith if text.is_ascii() => {
                let start = text.as_bytes().get(..self.text.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(self.text.as_bytes()))
            }
            How::StartsWith => fold(text).starts_with(&self.text),
            How::Contains => fold(text).contains(&self.text),
        }
    }
}

/// The parts of a name or address, or the text itself.
fn texts<'a>(node: Node<'a>) -> impl Iterator<Item = &'a str> {
    const NAME: [&str; 5] = ["family", "given", "prefix", "suffix", "text"];
    const ADDRESS: [&str; 7] =
        ["text", "line", "city", "district", "state", "postalCode", "country"];
    let json = node.json;
    let parts: &'static [&'static str] = match shape(node.type_id) {
        Shape::HumanName => &NAME,
        Shape::Address => &ADDRESS,
        _ => &[],
    };
    let part = move |name: &&str| {
        let value = json.get(name);
        let one = value.and_then(Json::as_str);
        let list = value.map(Json::items).unwrap_or_default();
        one.into_iter().chain(list.iter().filter_map(Json::as_str))
    };
    json.as_str().into_iter().chain(parts.iter().flat_map(part))
}

/// What a text is sorted by; a name by its family name, if it has one.
pub(super) fn sort_texts(node: Node<'_>, found: &mut Vec<String>) {
    match node.json.text("family") {
        Some(family) if shape(node.type_id) == Shape::HumanName => found.push(fold(family)),
        _ => found.extend(texts(node).map(fold)),
    }
}

/// Lower case without diacritics.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            // Letters that no decomposition takes apart.
            'ø' => folded.push('o'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ß' => folded.push_str("ss"),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            // Lower-casing may bring marks back, as with the dotted capital I.
            c if is_combining_mark(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_takes_case_and_diacritics_away() {
        for (text, folded) in [
            ("Müller", "muller"),
            ("MU\u{308}LLER", "muller"),
            ("Sørensen", "sorensen"),
            ("Ægir", "aegir"),
            ("Århus", "arhus"),
            ("Straße", "strasse"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("ABC", "abc"),
            ("Ελλάς", "ελλας"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }
}
