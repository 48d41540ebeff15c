//! Marks on a Patient that is shown in part.

use fhir::{Json, Object};

const REDACTED: (&str, &str, &str) =
    ("security", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "REDACTED");
const SUBSETTED: (&str, &str, &str) =
    ("tag", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED");

/// Adds `meta.security` REDACTED and `meta.tag` SUBSETTED.
pub(crate) fn mark_redacted(resource: &mut Json) {
    let Some(object) = resource.as_object_mut() else { return };
    if object.get("meta").is_none() {
        object.insert("meta", Object::new().into());
    }
    let Some(meta) = object.get_mut("meta").and_then(Json::as_object_mut) else { return };
    for mark in [REDACTED, SUBSETTED] {
        let mut codings = meta.get(mark.0).map(|old| old.items().to_vec()).unwrap_or_default();
        codings.retain(|coding| !is_mark(coding, mark));
        codings.push(Object::new().with("system", mark.1).with("code", mark.2).into());
        meta.insert(mark.0, codings.into());
    }
}

/// Takes the marks off again, as a client may send back what it was shown.
pub(crate) fn unmark_redacted(resource: &mut Json) {
    let Some(object) = resource.as_object_mut() else { return };
    let Some(meta) = object.get_mut("meta").and_then(Json::as_object_mut) else { return };
    for mark in [REDACTED, SUBSETTED] {
        let Some(codings) = meta.get(mark.0) else { continue };
        let kept: Vec<Json> =
            codings.items().iter().filter(|coding| !is_mark(coding, mark)).cloned().collect();
        if kept.is_empty() {
            meta.remove(mark.0);
        } else {
            meta.insert(mark.0, kept.into());
        }
    }
    if meta.is_empty() {
        object.remove("meta");
    }
}

fn is_mark(coding: &Json, mark: (&str, &str, &str)) -> bool {
    coding.text("system") == Some(mark.1) && coding.text("code") == Some(mark.2)
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
