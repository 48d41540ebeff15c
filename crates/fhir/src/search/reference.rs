use super::shape::{Shape, shape};
use super::token::TokenTest;
use super::uri::is_same;
use super::value::unescape;
use crate::definitions::{TypeId, definitions, is_resource_type};
use crate::path::Node;
use crate::references::{Target, target};
use crate::validate::is_id;
use std::sync::LazyLock;

/// What a reference parameter looks for.
pub(super) enum ReferenceTest {
    /// A resource of this server.
    Local { base: String, resource_type: Option<String>, id: String, version: Option<String> },
    /// A URL, canonical or urn as it stands.
    Exact(String),
    /// `:identifier`: the identifier within the reference.
    Identifier(TokenTest),
}

impl ReferenceTest {
    /// Reads `id`, `Type/id`, or a URL; `only` is the type of a `:Type` modifier.
    pub(super) fn parse(value: &str, only: Option<&str>, base: &str) -> Option<ReferenceTest> {
        let value = unescape(value)?;
        let local = |resource_type: Option<&str>, id: &str, version: Option<&str>| {
            let fits = only.is_none() || resource_type.is_none() || only == resource_type;
            fits.then(|| ReferenceTest::Local {
                base: base.to_string(),
                resource_type: only.or(resource_type).map(str::to_string),
                id: id.to_string(),
                version: version.map(str::to_string),
            })
        };
        match target(&value) {
            Target::Relative { resource_type, id, version } => {
                local(Some(resource_type), id, version)
            }
            Target::Absolute { base: found, resource_type, id, version } if found == base => {
                local(Some(resource_type), id, version)
            }
            Target::Contained(_) | Target::Conditional { .. } => None,
            Target::Absolute { .. } => Some(ReferenceTest::Exact(value)),
            Target::Other(_) if is_id(&value) && !is_resource_type(&value) => {
                local(None, &value, None)
            }
            Target::Other(_) if value.contains(':') => Some(ReferenceTest::Exact(value)),
            Target::Other(_) => None,
        }
    }

    /// Reads `:identifier`.
    pub(super) fn identifier(value: &str) -> Option<ReferenceTest> {
        Some(ReferenceTest::Identifier(TokenTest::parse(value)?))
    }

    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        match self {
            ReferenceTest::Identifier(test) => {
                let identifier = node.json.get("identifier");
                identifier.is_some_and(|json| {
                    test.passes(Node { json, type_id: *IDENTIFIER, codes: None })
                })
            }
            ReferenceTest::Exact(asked) => text_of(node).is_some_and(|text| is_same(text, asked)),
            ReferenceTest::Local { base, resource_type, id, version } => {
                let Some(text) = text_of(node) else { return false };
                let found = match target(text) {
                    Target::Relative { resource_type, id, version } => (resource_type, id, version),
                    Target::Absolute { base: found, resource_type, id, version }
                        if found == base =>
                    {
                        (resource_type, id, version)
                    }
                    _ => return false,
                };
                found.1 == id
                    && resource_type.as_ref().is_none_or(|asked| asked == found.0)
                    && version.as_ref().is_none_or(|asked| Some(asked.as_str()) == found.2)
            }
        }
    }

    /// What [`index_key`] gives for every value that passes, where that is known.
    pub(super) fn index_key(&self) -> Option<String> {
        match self {
            ReferenceTest::Local { id, .. } => Some(id.clone()),
            ReferenceTest::Exact(text) => Some(key_of(text).to_string()),
            ReferenceTest::Identifier(_) => None,
        }
    }

    /// The id of the patient, if this test asks for one by a local id.
    pub(super) fn patient_id(&self) -> Option<&str> {
        match self {
            ReferenceTest::Local { resource_type, id, .. } => {
                let is_patient = resource_type.as_ref().is_none_or(|name| name == "Patient");
                is_patient.then_some(id)
            }
            _ => None,
        }
    }
}

static IDENTIFIER: LazyLock<TypeId> =
    LazyLock::new(|| definitions().type_named("Identifier").unwrap_or(TypeId(0)));

/// The reference or URL in a value.
pub(super) fn text_of<'a>(node: Node<'a>) -> Option<&'a str> {
    match shape(node.type_id) {
        Shape::Reference => node.json.text("reference"),
        Shape::Uri => node.json.as_str(),
        _ => None,
    }
}

/// What a value is found by in an index.
pub(super) fn index_key<'a>(node: Node<'a>) -> Option<&'a str> {
    text_of(node).map(key_of)
}

/// The id where there is one; otherwise the URL without its version.
fn key_of(text: &str) -> &str {
    match target(text) {
        Target::Relative { id, .. } | Target::Absolute { id, .. } => id,
        _ => text.split('|').next().unwrap_or_default(),
    }
}
