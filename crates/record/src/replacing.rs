//! What an update says nothing of and does not lose: labels and tags (FHIR R4, resource.html,
//! "Tag updates").
//!
//! Trust: a client that sends a resource back without its `meta` takes nothing out of `restricted`
//! by it. Whoever means to takes the label away by a patch.

use fhir::{IssueCode, Json, Object, restrict, section_of};
use terms::Section;

use crate::errors::WriteError;
use crate::redacted::is_subset;
use crate::resolving::issue;
use crate::version::Version;

/// The content that an update means, from what it sends.
pub(crate) fn replacement(before: &Version, mut sent: Json) -> Result<Json, WriteError> {
    if is_subset(&sent) {
        let what = "this is a part of the resource (SUBSETTED), and the rest would be lost: read \
                    all of it, without _elements and _summary, and send that";
        return Err(WriteError::Invalid(vec![issue(IssueCode::BusinessRule, "meta.tag", what)]));
    }
    // Marks on a Patient that is shown in part come off again where the change is checked.
    keep(before.tree(), &mut sent, "security");
    keep(before.tree(), &mut sent, "tag");
    // The label may have lain in what it contained, or on the version before a deletion.
    if before.section() == Section::Restricted && section_of(&sent) != Section::Restricted {
        restrict(&mut sent);
    }
    Ok(sent)
}

/// Adds the codings of `before` that `after` has not, by system and code. A `meta` that is none is
/// left to what checks it.
fn keep(before: &Json, after: &mut Json, list: &str) {
    let of = |meta: Option<&Json>| {
        meta.and_then(|meta| meta.get(list)).map(|all| all.items().to_vec()).unwrap_or_default()
    };
    let mut codings = of(after.get("meta"));
    let is_same =
        |a: &Json, b: &Json| ["system", "code"].iter().all(|part| a.text(part) == b.text(part));
    let mut missing = of(before.get("meta"));
    missing.retain(|old| !codings.iter().any(|new| is_same(old, new)));
    let Some(object) = after.as_object_mut().filter(|_| !missing.is_empty()) else { return };
    codings.extend(missing);
    if object.get("meta").is_none() {
        object.insert("meta", Object::new().into());
    }
    if let Some(meta) = object.get_mut("meta").and_then(Json::as_object_mut)
        && matches!(meta.get(list), None | Some(Json::Array(_)))
    {
        meta.insert(list, codings.into());
    }
}
