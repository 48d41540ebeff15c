use super::shape::{Shape, shape};
use super::value::unescape;
use crate::path::Node;

/// What a uri parameter looks for.
pub(super) struct UriTest {
    uri: String,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    Exact,
    /// The value lies below what was asked.
    Below,
    /// The value lies above what was asked.
    Above,
}

impl UriTest {
    pub(super) fn exact(value: &str) -> Option<UriTest> {
        let uri = unescape(value)?;
        (!uri.is_empty()).then_some(UriTest { uri, how: How::Exact })
    }

    pub(super) fn below(value: &str) -> Option<UriTest> {
        Some(UriTest { how: How::Below, ..UriTest::exact(value)? })
    }

    pub(super) fn above(value: &str) -> Option<UriTest> {
        Some(UriTest { how: How::Above, ..UriTest::exact(value)? })
    }

    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        let Some(found) = node.json.as_str() else { return false };
        if !matches!(shape(node.type_id), Shape::Uri | Shape::Text) {
            return false;
        }
        match self.how {
            How::Exact => is_same(found, &self.uri),
            How::Below => is_below(found, &self.uri),
            How::Above => is_below(&self.uri, found),
        }
    }
}

/// Whether they are equal; a version after `|` counts only if it is asked for.
pub(super) fn is_same(found: &str, asked: &str) -> bool {
    let rest = found.strip_prefix(asked);
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('|') && !asked.contains('|')))
}

/// Whether the first lies below the second, or is it: whole steps of a path only.
fn is_below(uri: &str, above: &str) -> bool {
    let rest = uri.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || above.ends_with('/') || rest.starts_with('/'))
}
