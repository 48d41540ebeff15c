//! References of a resource, and the parts of it that the server sets.

use crate::Json;

/// A `Reference.reference`, taken apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// `Type/id` or `Type/id/_history/version`.
    Relative {
        /// Resource type.
        resource_type: &'a str,
        /// Logical id.
        id: &'a str,
        /// Version, if named.
        version: Option<&'a str>,
    },
    /// An absolute URL that ends in `Type/id` or `Type/id/_history/version`.
    Absolute {
        /// What stands before `Type/id`, without the last slash.
        base: &'a str,
        /// Resource type.
        resource_type: &'a str,
        /// Logical id.
        id: &'a str,
        /// Version, if named.
        version: Option<&'a str>,
    },
    /// `#id`: a contained resource, or the container itself where empty.
    Contained(&'a str),
    /// `Type?query`: a conditional reference of a transaction.
    Conditional {
        /// Resource type.
        resource_type: &'a str,
        /// The query, without the question mark.
        query: &'a str,
    },
    /// `urn:…` and whatever else.
    Other(&'a str),
}

/// Takes a reference apart.
pub fn target(reference: &str) -> Target<'_> {
    let _ = reference;
    todo!()
}

/// Calls `visit` with every `Reference.reference` in the tree, in document order.
pub fn for_each_reference<'a>(tree: &'a Json, visit: &mut dyn FnMut(&'a str)) {
    let _ = (tree, visit);
    todo!()
}

/// Rewrites references in place: where `rewrite` gives a text, it replaces the reference.
///
/// Covers every `Reference.reference`, and `url` members (such as of an Attachment) that hold a
/// `urn:uuid:` or `urn:oid:`. Narrative is left alone. Returns how many were replaced.
pub fn rewrite_references(
    tree: &mut Json,
    rewrite: &mut dyn FnMut(&str) -> Option<String>,
) -> usize {
    let _ = (tree, rewrite);
    todo!()
}

/// Sets `id` (right after `resourceType` if it is new).
pub fn set_id(resource: &mut Json, id: &str) {
    let _ = (resource, id);
    todo!()
}

/// Sets `meta.versionId` and `meta.lastUpdated`; everything else in `meta` stays.
pub fn set_version(resource: &mut Json, version: &str, last_updated: &str) {
    let _ = (resource, version, last_updated);
    todo!()
}

/// Removes `meta.versionId` and `meta.lastUpdated`, and `meta` if nothing else is in it.
pub fn strip_version(resource: &mut Json) {
    let _ = resource;
    todo!()
}

/// Removes `id`.
pub fn strip_id(resource: &mut Json) {
    let _ = resource;
    todo!()
}
