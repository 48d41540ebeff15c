//! `_summary` and `_elements`: parts of a resource, marked as such.

use crate::definitions::{self, Element, TypeDef};
use crate::names::Key;
use crate::{Json, Object};

/// Which part of each resource is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subset {
    /// Everything.
    #[default]
    Whole,
    /// `_summary=true`: the summary elements.
    Summary,
    /// `_summary=text`: narrative, id, meta and mandatory elements.
    Text,
    /// `_summary=data`: everything but the narrative.
    Data,
    /// `_summary=count`: no resources at all, only their number.
    Count,
    /// `_elements`: these, and what is mandatory or modifies the meaning.
    Elements(Vec<String>),
}

impl Subset {
    /// The part of the resource, tagged `SUBSETTED` unless it is whole.
    ///
    /// [`Subset::Count`] gives the part that every subset has: type, id and meta.
    pub fn of(&self, resource: &Json) -> Json {
        let (Json::Object(object), Some(fhir_type)) =
            (resource, definitions::resource_type(resource.resource_type()))
        else {
            return resource.clone();
        };
        let is_kept = |element: Option<&Element>| {
            let Some(element) = element else { return false };
            let is_needed = element.is_required || element.is_modifier;
            match self {
                Subset::Whole => true,
                Subset::Summary => element.in_summary,
                Subset::Text => element.name == "text" || element.is_required,
                Subset::Data => element.name != "text",
                Subset::Count => false,
                Subset::Elements(names) => is_needed || names.iter().any(|n| n == element.name),
            }
        };
        if *self == Subset::Whole {
            return resource.clone();
        }
        let kept = object.members().iter().filter(|(key, _)| {
            let always = matches!(key.as_str(), "resourceType" | "id" | "meta");
            always || is_kept(element_of(fhir_type, key))
        });
        let mut part = Object::from_members(kept.cloned().collect()).into();
        mark(&mut part);
        part
    }
}

fn element_of<'t>(fhir_type: &'t TypeDef, key: &Key) -> Option<&'t Element> {
    match key {
        Key::Known(id) => fhir_type.field(*id).map(|(_, element)| element),
        Key::Other(_) => None,
    }
}

/// Adds the tag that says: this is not the whole resource, and must not be written back.
pub fn mark(part: &mut Json) {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
    let Some(part) = part.as_object_mut() else { return };
    let tag = Object::new().with("system", SYSTEM).with("code", "SUBSETTED");
    if !matches!(part.get("meta"), Some(Json::Object(_))) {
        let after_id = if part.get("id").is_some() { 2 } else { 1 };
        part.remove("meta");
        part.insert_at(after_id, "meta", Object::new().into());
    }
    let Some(Json::Object(meta)) = part.get_mut("meta") else {
        return;
    };
    match meta.get_mut("tag") {
        Some(Json::Array(tags)) if tags.contains(&tag.clone().into()) => {}
        Some(Json::Array(tags)) => tags.push(tag.into()),
        _ => {
            meta.insert("tag", vec![tag.into()].into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subset(subset: Subset) -> String {
        let patient = concat!(
            r#"{"resourceType":"Patient","id":"p","text":{"status":"empty","div":"<div/>"},"#,
            r#""active":true,"name":[{"family":"A"}],"_birthDate":{"id":"x"},"photo":[{}],"#,
            r#""communication":[{}],"odd":1}"#,
        );
        let patient = Json::parse(patient.as_bytes(), &crate::Limits::default()).unwrap();
        let part = subset.of(&patient);
        let tagged = part.to_text().contains(r#""code":"SUBSETTED"}]"#);
        assert_eq!(tagged, subset != Subset::Whole);
        let names = part.as_object().unwrap().iter().map(|(name, _)| name).collect::<Vec<_>>();
        names.join(" ")
    }

    #[test]
    fn subsets_keep_what_they_promise() {
        let all = "resourceType id text active name _birthDate photo communication odd";
        assert_eq!(subset(Subset::Whole), all);
        assert_eq!(subset(Subset::Summary), "resourceType id meta active name _birthDate");
        assert_eq!(subset(Subset::Text), "resourceType id meta text");
        let data = "resourceType id meta active name _birthDate photo communication";
        assert_eq!(subset(Subset::Data), data);
        assert_eq!(subset(Subset::Count), "resourceType id meta");
        let elements = Subset::Elements(vec!["birthDate".to_string(), "photo".to_string()]);
        assert_eq!(subset(elements), "resourceType id meta active _birthDate photo");
    }

    #[test]
    fn a_tag_joins_those_that_are_there() {
        let text = r#"{"resourceType":"Basic","meta":{"tag":[{"code":"a"}]},"code":{}}"#;
        let basic = Json::parse(text.as_bytes(), &crate::Limits::default()).unwrap();
        let tags = Subset::Data.of(&basic);
        assert_eq!(tags.get("meta").unwrap().get("tag").unwrap().items().len(), 2);
    }
}
