use super::shape::{Shape, shape};
use super::text::{TextTest, fold};
use super::value::{split, unescape};
use crate::Json;
use crate::definitions::definitions;
use crate::path::Node;

/// What a token parameter looks for.
pub(super) enum TokenTest {
    /// A system and a code, either of which may be open.
    Code { system: System, code: Option<String> },
    /// `:text`: the words beside a code.
    Words(TextTest),
    /// `:of-type`: an identifier of a type.
    OfType { system: String, code: String, value: String },
}

/// The system that is asked for.
pub(super) enum System {
    Any,
    /// `|code`: none.
    None,
    Is(String),
}

impl TokenTest {
    /// Reads `code`, `system|code`, `|code` or `system|`.
    pub(super) fn parse(value: &str) -> Option<TokenTest> {
        let parts: Vec<String> =
            split(value, '|').into_iter().map(unescape).collect::<Option<_>>()?;
        match <[String; 2]>::try_from(parts) {
            Ok([system, code]) => {
                if system.is_empty() && code.is_empty() {
                    return None;
                }
                let system = if system.is_empty() { System::None } else { System::Is(system) };
                Some(TokenTest::Code { system, code: Some(code).filter(|code| !code.is_empty()) })
            }
            Err(parts) => {
                let [code] = <[String; 1]>::try_from(parts).ok()?;
                let is_open = code.is_empty();
                (!is_open).then_some(TokenTest::Code { system: System::Any, code: Some(code) })
            }
        }
    }

    /// Reads the words of `:text`.
    pub(super) fn words(value: &str) -> Option<TokenTest> {
        Some(TokenTest::Words(TextTest::starts_with(&unescape(value)?)?))
    }

    /// Reads `system|code|value` of `:of-type`.
    pub(super) fn of_type(value: &str) -> Option<TokenTest> {
        let parts: Vec<String> =
            split(value, '|').into_iter().map(unescape).collect::<Option<_>>()?;
        let [system, code, value] = <[String; 3]>::try_from(parts).ok()?;
        let is_whole = !system.is_empty() && !code.is_empty() && !value.is_empty();
        is_whole.then_some(TokenTest::OfType { system, code, value })
    }

    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        match self {
            TokenTest::Code { system, code } => match shape(node.type_id) {
                Shape::Code => is_code(node, system, code.as_deref()),
                // Two ids may differ in case alone.
                Shape::Id => {
                    !matches!(system, System::Is(_)) && node.json.as_str() == code.as_deref()
                }
                _ => tokens(node, &mut |found_system, found| {
                    let system_fits = match system {
                        System::Any => true,
                        System::None => found_system.is_none(),
                        System::Is(system) => found_system == Some(system),
                    };
                    system_fits && code.as_ref().is_none_or(|code| code.eq_ignore_ascii_case(found))
                }),
            },
            TokenTest::Words(test) => words(node).any(|text| test.is_in(text)),
            TokenTest::OfType { system, code, value } => {
                let types = node.json.get("type").and_then(|kind| kind.get("coding"));
                let is_type = |coding: &Json| {
                    coding.text("system") == Some(system) && coding.text("code") == Some(code)
                };
                let found = node.json.text("value");
                shape(node.type_id) == Shape::Identifier
                    && found.is_some_and(|found| found.eq_ignore_ascii_case(value))
                    && types.map(Json::items).unwrap_or_default().iter().any(is_type)
            }
        }
    }

    /// What every value that passes has as its code, in lower case, where that is known.
    pub(super) fn index_key(&self) -> Option<String> {
        match self {
            TokenTest::Code { code: Some(code), .. } => Some(code.to_ascii_lowercase()),
            _ => None,
        }
    }
}

/// Calls `test` with system and code of every token in a value, until it says yes.
pub(super) fn tokens<'a>(
    node: Node<'a>,
    test: &mut dyn FnMut(Option<&'a str>, &'a str) -> bool,
) -> bool {
    let json = node.json;
    let mut pair = |of: &'a Json, name| match (of.text("system"), of.text(name)) {
        (None, None) => false,
        (system, code) => test(system, code.unwrap_or_default()),
    };
    match shape(node.type_id) {
        Shape::Coding => pair(json, "code"),
        Shape::CodeableConcept => {
            let codings = json.get("coding").map(Json::items).unwrap_or_default();
            codings.iter().any(|coding| pair(coding, "code"))
        }
        Shape::Identifier | Shape::ContactPoint => pair(json, "value"),
        Shape::Boolean => match json {
            Json::Bool(true) => test(None, "true"),
            Json::Bool(false) => test(None, "false"),
            _ => false,
        },
        _ => json.as_str().is_some_and(|text| test(None, text)),
    }
}

/// A bare code has the system of the list that its element is bound to.
fn is_code(node: Node<'_>, system: &System, code: Option<&str>) -> bool {
    let Some(found) = node.json.as_str() else { return false };
    let system_fits = match system {
        System::Any | System::None => true,
        System::Is(system) => {
            node.codes.is_some_and(|list| definitions().code_list(list).has(system, found))
        }
    };
    system_fits && code.is_none_or(|code| code.eq_ignore_ascii_case(found))
}

/// The words that stand beside a code.
fn words<'a>(node: Node<'a>) -> impl Iterator<Item = &'a str> {
    let json = node.json;
    let (own, codings) = match shape(node.type_id) {
        Shape::Coding => (json.text("display"), None),
        Shape::CodeableConcept => (json.text("text"), json.get("coding")),
        Shape::Identifier => (json.get("type").and_then(|kind| kind.text("text")), None),
        Shape::Text => (json.as_str(), None),
        _ => (None, None),
    };
    let codings = codings.map(Json::items).unwrap_or_default();
    own.into_iter().chain(codings.iter().filter_map(|coding| coding.text("display")))
}

/// What a token is sorted by: the code, folded.
pub(super) fn sort_texts(node: Node<'_>, found: &mut Vec<String>) {
    tokens(node, &mut |_, code| {
        found.push(fold(code));
        false
    });
}
