//! Marks on a Patient that is shown in part.

use fhir::{Json, Object};

const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
const SUBSETTED: &str = "SUBSETTED";
/// The list in `meta`, the code, and for the tag what tells it from that of `_elements` and
/// `_summary`: what is hidden stays as it is, what was not asked for would be lost.
const MARKS: [(&str, &str, Option<&str>); 2] =
    [("security", "REDACTED", None), ("tag", SUBSETTED, Some("parts are not released"))];

/// Adds `meta.security` REDACTED and `meta.tag` SUBSETTED.
pub(crate) fn mark_redacted(resource: &mut Json) {
    let Some(object) = resource.as_object_mut() else { return };
    if object.get("meta").is_none() {
        object.insert("meta", Object::new().into());
    }
    let Some(meta) = object.get_mut("meta").and_then(Json::as_object_mut) else { return };
    for (list, code, display) in MARKS {
        let mut codings = meta.get(list).map(|old| old.items().to_vec()).unwrap_or_default();
        codings.retain(|coding| !is_mark(coding, code, display));
        let mut mark = Object::new().with("system", SYSTEM).with("code", code);
        if let Some(display) = display {
            mark.insert("display", display.into());
        }
        codings.push(mark.into());
        meta.insert(list, codings.into());
    }
}

/// Takes the marks off again, as a client may send back what it was shown.
pub(crate) fn unmark_redacted(resource: &mut Json) {
    let Some(object) = resource.as_object_mut() else { return };
    let Some(meta) = object.get_mut("meta").and_then(Json::as_object_mut) else { return };
    for (list, code, display) in MARKS {
        let Some(codings) = meta.get(list) else { continue };
        let is_kept = |coding: &&Json| !is_mark(coding, code, display);
        let kept: Vec<Json> = codings.items().iter().filter(is_kept).cloned().collect();
        if kept.is_empty() {
            meta.remove(list);
        } else {
            meta.insert(list, kept.into());
        }
    }
    if meta.is_empty() {
        object.remove("meta");
    }
}

/// Whether it is tagged as the part of a resource that `_elements` or `_summary` asked for.
pub(crate) fn is_subset(resource: &Json) -> bool {
    let tags = resource.get("meta").and_then(|meta| meta.get("tag"));
    let mut tags = tags.map(Json::items).unwrap_or_default().iter();
    tags.any(|tag| {
        tag.text("code") == Some(SUBSETTED)
            && MARKS.iter().all(|(_, code, display)| !is_mark(tag, code, *display))
    })
}

fn is_mark(coding: &Json, code: &str, display: Option<&str>) -> bool {
    coding.text("system") == Some(SYSTEM)
        && coding.text("code") == Some(code)
        && coding.text("display") == display
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Limits;

    #[test]
    fn marks_come_and_go() {
        for text in [
            r#"{"resourceType":"Patient"}"#,
            r#"{"resourceType":"Patient","meta":{"versionId":"1","tag":[{"code":"x"}]}}"#,
        ] {
            let whole = Json::parse(text.as_bytes(), &Limits::default()).unwrap();
            let mut marked = whole.clone();
            mark_redacted(&mut marked);
            let once = marked.to_text();
            assert!(once.contains("REDACTED") && once.contains("SUBSETTED"));
            mark_redacted(&mut marked);
            assert_eq!(marked.to_text(), once);
            unmark_redacted(&mut marked);
            assert!(marked == whole);
        }
    }
}
