//! Links that are no references: elements of type uri, url, oid and uuid, and those in narratives.

use crate::definitions::{self, Kind, Primitive, TypeDef, definitions};
use crate::names::Key;
use crate::{Json, Object};
use std::ops::Range;

/// Rewrites links in place: where `rewrite` gives a text, it replaces the link.
///
/// Covers every element of type uri, url, oid or uuid, and `<a href>` and `<img src>` of
/// narratives. Canonicals and an Extension's `url` name definitions, and are left alone.
pub fn rewrite_links(resource: &mut Json, rewrite: &mut dyn FnMut(&str) -> Option<String>) {
    let found = definitions::resource_type(resource.resource_type());
    if let (Some(found), Json::Object(object)) = (found, resource) {
        in_object(found, object, rewrite);
    }
}

fn in_object(
    fhir_type: &TypeDef,
    object: &mut Object,
    rewrite: &mut dyn FnMut(&str) -> Option<String>,
) {
    let element = definitions().type_named("Element");
    for (key, value) in object.members_mut() {
        let Key::Known(id) = key else { continue };
        let Some((field, element_of)) = fhir_type.field(*id) else { continue };
        if fhir_type.name == "Extension" && element_of.name == "url" {
            continue;
        }
        let of = if field.is_companion { element } else { Some(field.fhir_type) };
        let Some(of) = of.map(|id| definitions().of(id)) else { continue };
        match value {
            Json::Array(items) => items.iter_mut().for_each(|item| in_value(of, item, rewrite)),
            single => in_value(of, single, rewrite),
        }
    }
}

fn in_value(
    fhir_type: &TypeDef,
    value: &mut Json,
    rewrite: &mut dyn FnMut(&str) -> Option<String>,
) {
    match (fhir_type.kind, &mut *value) {
        (Kind::Primitive(kind), Json::String(text)) => {
            let new = match kind {
                Primitive::Uri if fhir_type.name == "canonical" => None,
                Primitive::Uri | Primitive::Oid | Primitive::Uuid => rewrite(text),
                Primitive::Xhtml => in_narrative(text, rewrite),
                _ => None,
            };
            if let Some(new) = new {
                *value = new.into();
            }
        }
        (Kind::Abstract | Kind::Resource, nested) => rewrite_links(nested, rewrite),
        (Kind::Complex, Json::Object(object)) => in_object(fhir_type, object, rewrite),
        _ => {}
    }
}

/// The narrative with its links rewritten, if any was.
fn in_narrative(div: &str, rewrite: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let (mut out, mut at) = (String::new(), 0);
    for place in links_of(div) {
        if let Some(new) = rewrite(&div[place.clone()]) {
            out.push_str(&div[at..place.start]);
            out.push_str(&new);
            at = place.end;
        }
    }
    (at > 0).then(|| out + &div[at..])
}

/// Where the links of a narrative stand, in one pass over it.
fn links_of(div: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(tag) = div[at..].find('<') {
        at += tag + 1;
        let (name, wanted) = match &div[at..] {
            image if image.starts_with("img") => ("img", "src"),
            anchor if anchor.starts_with('a') => ("a", "href"),
            _ => continue,
        };
        at += name.len();
        while let Some((name, value)) = attribute(div, at) {
            at = value.end + 1;
            if name == wanted {
                found.push(value);
            }
        }
    }
    found
}

/// The attribute behind the white space at this place: its name, and where its value stands.
fn attribute(div: &str, at: usize) -> Option<(&str, Range<usize>)> {
    let rest = &div[at..];
    let name = rest.trim_start();
    if name.len() == rest.len() {
        return None;
    }
    let (name, value) = name.split_at(name.find(['=', '<', '>'])?);
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let from = div.len() - value.len() + 1;
    let length = div[from..].find(quote)?;
    Some((name.trim_end(), from..from + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn links_are_rewritten_in_elements_of_their_types_and_nowhere_else() {
        let text = concat!(
            r#"{"resourceType":"CarePlan","meta":{"source":"LINK","profile":["LINK"]},"#,
            r#""text":{"div":"<div><a  id='LINK' href = \"LINK\">LINK</a><abbr href=\"LINK\"/>"#,
            r#"<img src='LINK'/><img src=LINK/><a href=\"other\"/><a title=\"<a>\" href='LINK'"#,
            r#"/><a href=\"LINK</div>"},"contained":[{"resourceType":"DocumentReference","#,
            r#""id":"d","content":[{"attachment":{"url":"LINK","title":"LINK"}}]}],"#,
            r#""extension":[{"url":"LINK","valueUri":"LINK"},{"url":"x","valueUuid":"LINK"},"#,
            r#"{"url":"x","valueOid":"LINK"},{"url":"x","valueCanonical":"LINK"},"#,
            r#"{"url":"x","valueString":"LINK"}],"identifier":[{"system":"LINK","value":"LINK"}],"#,
            r#""instantiatesUri":["LINK","x"],"_instantiatesUri":[null,{"extension":[{"url":"x","#,
            r#""valueUrl":"LINK"}]}],"instantiatesCanonical":["LINK"],"status":"LINK","#,
            r#""activity":[{"reference":{"reference":"LINK"}}],"unknown":"LINK"}"#,
        );
        let mut resource = Json::parse(text.as_bytes(), &Limits::default()).unwrap();
        let mut seen = 0;
        rewrite_links(&mut resource, &mut |link| {
            seen += usize::from(link == "LINK");
            (link == "LINK").then(|| "new".to_owned())
        });
        assert_eq!(seen, 11);
        let text = resource.to_text();
        for expected in [
            r#""source":"new","profile":["LINK"]"#,
            r#"<a  id='LINK' href = \"new\">LINK</a><abbr href=\"LINK\"/><img src='new'/>"#,
            r#"<img src=LINK/><a href=\"other\"/><a title=\"<a>\" href='new'/>"#,
            r#"<a href=\"LINK</div>"#,
            r#"{"url":"new","title":"LINK"}"#,
            r#"{"url":"LINK","valueUri":"new"},{"url":"x","valueUuid":"new"}"#,
            r#"{"url":"x","valueOid":"new"},{"url":"x","valueCanonical":"LINK"}"#,
            r#""system":"new","value":"LINK""#,
            r#""instantiatesUri":["new","x"]"#,
            r#""valueUrl":"new"}]}],"instantiatesCanonical":["LINK"],"status":"LINK""#,
            r#"{"reference":"LINK"}"#,
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
