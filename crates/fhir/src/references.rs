//! References of a resource, and the parts of it that the server sets.

use crate::definitions::is_resource_type;
use crate::validate::is_id;
use crate::{Json, Object};

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
    if let Some(id) = reference.strip_prefix('#') {
        return Target::Contained(id);
    }
    if let Some((resource_type, query)) = reference.split_once('?')
        && is_resource_type(resource_type)
    {
        return Target::Conditional { resource_type, query };
    }
    located(reference).unwrap_or(Target::Other(reference))
}

/// Reads `[base/]Type/id[/_history/version]` from its end.
fn located(reference: &str) -> Option<Target<'_>> {
    let (place, version) = match reference.rsplit_once("/_history/") {
        Some((place, version)) => (place, Some(version).filter(|version| is_id(version))?.into()),
        None => (reference, None),
    };
    let (before, id) = place.rsplit_once('/')?;
    let (base, resource_type) = match before.rsplit_once('/') {
        Some((base, resource_type)) => (Some(base), resource_type),
        None => (None, before),
    };
    if !is_id(id) || !is_resource_type(resource_type) {
        return None;
    }
    match base {
        None => Some(Target::Relative { resource_type, id, version }),
        Some(base) if base.starts_with("http://") || base.starts_with("https://") => {
            Some(Target::Absolute { base, resource_type, id, version })
        }
        Some(_) => None,
    }
}

/// Calls `visit` with every `Reference.reference` in the tree, in document order.
pub fn for_each_reference<'a>(tree: &'a Json, visit: &mut dyn FnMut(&'a str)) {
    match tree {
        Json::Array(items) => items.iter().for_each(|item| for_each_reference(item, visit)),
        Json::Object(object) => {
            let is_reference = is_reference(object);
            for (name, value) in object.iter() {
                match value {
                    Json::String(text) if is_reference && name == "reference" => visit(text),
                    Json::Array(_) | Json::Object(_) => for_each_reference(value, visit),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Rewrites references in place: where `rewrite` gives a text, it replaces the reference.
///
/// Covers every `Reference.reference`, and `url` members (such as of an Attachment) that hold a
/// `urn:uuid:` or `urn:oid:`. Narrative is left alone. Returns how many were replaced.
pub fn rewrite_references(
    tree: &mut Json,
    rewrite: &mut dyn FnMut(&str) -> Option<String>,
) -> usize {
    match tree {
        Json::Array(items) => items.iter_mut().map(|item| rewrite_references(item, rewrite)).sum(),
        Json::Object(object) => {
            let is_reference = is_reference(object);
            let is_extension = object.get("url").is_some() && has_extension_value(object);
            let mut replaced = 0;
            for (name, value) in object.iter_mut() {
                let takes_part = match name {
                    "reference" => is_reference,
                    "url" => !is_extension && value.as_str().is_some_and(is_urn),
                    _ => false,
                };
                if !takes_part {
                    replaced += rewrite_references(value, rewrite);
                } else if let Some(new) = value.as_str().and_then(&mut *rewrite) {
                    *value = new.into();
                    replaced += 1;
                }
            }
            replaced
        }
        _ => 0,
    }
}

/// Some elements of other types are called `reference` too, beside members that no Reference has.
fn is_reference(object: &Object) -> bool {
    const MEMBERS: [&str; 8] =
        ["reference", "_reference", "type", "_type", "identifier", "display", "_display", "id"];
    matches!(object.get("reference"), Some(Json::String(_)))
        && object.iter().all(|(name, _)| MEMBERS.contains(&name) || name == "extension")
}

/// An Extension's `url` names a definition, never a resource.
fn has_extension_value(object: &Object) -> bool {
    object.iter().any(|(name, _)| name.starts_with("value") || name == "extension")
}

fn is_urn(text: &str) -> bool {
    text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")
}

/// Sets `id` (right after `resourceType` if it is new).
pub fn set_id(resource: &mut Json, id: &str) {
    if let Some(object) = resource.as_object_mut() {
        object.insert_at(1, "id", id.into());
    }
}

/// Sets `meta.versionId` and `meta.lastUpdated`; everything else in `meta` stays.
pub fn set_version(resource: &mut Json, version: &str, last_updated: &str) {
    let Some(object) = resource.as_object_mut() else {
        return;
    };
    if !matches!(object.get("meta"), Some(Json::Object(_))) {
        let after_id = if object.get("id").is_some() { 2 } else { 1 };
        object.remove("meta");
        object.insert_at(after_id, "meta", Json::Object(Object::new()));
    }
    if let Some(Json::Object(meta)) = object.get_mut("meta") {
        meta.insert_at(0, "versionId", version.into());
        meta.insert_at(1, "lastUpdated", last_updated.into());
    }
}

/// Removes `meta.versionId` and `meta.lastUpdated`, and `meta` if nothing else is in it.
pub fn strip_version(resource: &mut Json) {
    let Some(object) = resource.as_object_mut() else {
        return;
    };
    let Some(Json::Object(meta)) = object.get_mut("meta") else {
        return;
    };
    for name in ["versionId", "_versionId", "lastUpdated", "_lastUpdated"] {
        meta.remove(name);
    }
    if meta.is_empty() {
        object.remove("meta");
    }
}

/// Removes `id`.
pub fn strip_id(resource: &mut Json) {
    if let Some(object) = resource.as_object_mut() {
        object.remove("id");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn read(text: &str) -> Json {
        Json::parse(text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn references_are_taken_apart() {
        let relative = |version| Target::Relative { resource_type: "Patient", id: "1", version };
        assert!(target("Patient/1") == relative(None));
        assert!(target("Patient/1/_history/2") == relative(Some("2")));
        let absolute = Target::Absolute {
            base: "https://a.b/fhir",
            resource_type: "Patient",
            id: "1",
            version: None,
        };
        assert!(target("https://a.b/fhir/Patient/1") == absolute);
        assert!(target("#p") == Target::Contained("p"));
        let query = "identifier=a|b/Patient/1";
        let conditional = Target::Conditional { resource_type: "Practitioner", query };
        assert!(target(&format!("Practitioner?{query}")) == conditional);
        for text in
            ["", "Patient", "Patient/", "Nobody/1", "urn:uuid:x", "a/Patient/1", "Patient/a b"]
        {
            assert!(target(text) == Target::Other(text), "{text}");
        }
    }

    #[test]
    fn references_are_rewritten_wherever_they_are() {
        let mut tree = read(concat!(
            r##"{"resourceType":"Observation","subject":{"reference":"urn:uuid:a"},"##,
            r##""text":{"div":"<div>urn:uuid:a</div>"},"performer":[{"type":"Patient","##,
            r##""reference":"urn:uuid:a"},{"reference":"#c"},{"display":"urn:uuid:a"}],"##,
            r##""extension":[{"url":"urn:uuid:a","valueReference":{"reference":"urn:uuid:b"}}],"##,
            r##""education":[{"reference":"urn:uuid:a","documentType":"x"}],"##,
            r##""content":[{"attachment":{"url":"urn:uuid:a"}},{"url":"http://x"}]}"##,
        ));
        let mut seen = Vec::new();
        for_each_reference(&tree, &mut |text| seen.push(text.to_string()));
        assert_eq!(seen, ["urn:uuid:a", "urn:uuid:a", "#c", "urn:uuid:b"]);
        let mut rewrite = |text: &str| (text == "urn:uuid:a").then(|| "Patient/1".to_string());
        assert_eq!(rewrite_references(&mut tree, &mut rewrite), 3);
        let text = tree.to_text();
        assert_eq!(text.matches("Patient/1").count(), 3);
        assert!(text.contains(r#""div":"<div>urn:uuid:a</div>""#));
        assert!(text.contains(r#""url":"urn:uuid:a","valueReference""#));
        assert!(text.contains(r#"{"reference":"urn:uuid:a","documentType":"x"}"#));
        assert!(text.contains(r#"{"attachment":{"url":"Patient/1"}}"#));
    }

    #[test]
    fn versions_are_set_and_stripped_beside_other_meta() {
        let original = r#"{"resourceType":"Basic","meta":{"tag":[{"code":"x"}]},"code":{}}"#;
        let mut resource = read(original);
        set_id(&mut resource, "b1");
        set_version(&mut resource, "3", "2020-01-01T00:00:00Z");
        let expected = concat!(
            r#"{"resourceType":"Basic","id":"b1","meta":{"versionId":"3","#,
            r#""lastUpdated":"2020-01-01T00:00:00Z","tag":[{"code":"x"}]},"code":{}}"#,
        );
        assert_eq!(resource.to_text(), expected);
        strip_version(&mut resource);
        strip_id(&mut resource);
        assert_eq!(resource.to_text(), original);
        let mut resource = read(r#"{"resourceType":"Basic","id":"a","code":{}}"#);
        set_version(&mut resource, "1", "2020-01-01T00:00:00Z");
        assert!(resource.to_text().starts_with(r#"{"resourceType":"Basic","id":"a","meta":{"ver"#));
        strip_version(&mut resource);
        assert!(resource.get("meta").is_none());
    }
}
