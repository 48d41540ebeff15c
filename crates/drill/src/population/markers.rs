//! Planting unique strings in every kind of field that may hold free text, so that a leak can be
//! found by looking for them afterwards.

use data_encoding::BASE64;

use super::json::{Json, Key, ParseError, list, object};

/// A bundle with markers, and where they are.
pub struct Planted {
    /// The text of the bundle; still valid R4, with the same resources and references.
    pub bundle: String,
    /// One for each marker that was used, in the order of the iterator.
    pub places: Vec<Place>,
}

/// Where a marker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The marker.
    pub marker: String,
    /// The path, as in `entry[2].Patient.name[0].family`. At a path that ends in `.data` the
    /// marker is inside the base64 text.
    pub path: String,
}

/// Appends one marker to the first string of every kind, in every resource that belongs to the
/// patient's file (not to Practitioner, Organization and Location, which are the directory).
///
/// A kind is a path without indexes. The first resource of each type also gets the kinds it
/// lacks: narrative, a contained resource, string and primitive extensions, identifier, note.
/// Codes, systems, references, dates and URLs stay as they are. Planting ends with the markers.
pub fn plant(
    bundle: &str,
    markers: &mut impl Iterator<Item = String>,
) -> Result<Planted, ParseError> {
    let mut tree = Json::parse(bundle)?;
    let mut planter = Planter { markers, seen: Vec::new(), places: Vec::new() };
    let mut types: Vec<String> = Vec::new();
    if let Some(Json::List(entries)) = member(&mut tree, "entry") {
        for (i, entry) in entries.iter_mut().enumerate() {
            let Some(resource) = member(entry, "resource") else {
                continue;
            };
            let Some(kind) = resource.get("resourceType").and_then(Json::text) else {
                continue;
            };
            let kind = kind.to_owned();
            if DIRECTORY.contains(&kind.as_str()) {
                continue;
            }
            if !types.contains(&kind) {
                enrich(resource, &kind);
                types.push(kind.clone());
            }
            planter.walk(resource, "", &kind, &format!("entry[{i}].{kind}"));
        }
    }
    let mut text = String::with_capacity(bundle.len() + bundle.len() / 8);
    tree.write(&mut text);
    Ok(Planted { bundle: text, places: planter.places })
}

const DIRECTORY: [&str; 3] = ["Practitioner", "Organization", "Location"];
const EXTENSION: &str = "https://drill.example/StructureDefinition/remark";

/// Elements that are free text wherever they are strings.
const FREE: [&str; 22] = [
    "display",
    "text",
    "family",
    "given",
    "prefix",
    "suffix",
    "line",
    "city",
    "district",
    "state",
    "postalCode",
    "country",
    "title",
    "description",
    "comment",
    "patientInstruction",
    "name",
    "lotNumber",
    "subscriberId",
    "unit",
    "valueString",
    "valueMarkdown",
];

/// Types that may carry notes.
const NOTED: [&str; 9] = [
    "AllergyIntolerance",
    "CarePlan",
    "Condition",
    "Goal",
    "Immunization",
    "MedicationRequest",
    "Observation",
    "Procedure",
    "ServiceRequest",
];

struct Planter<'a, I> {
    markers: &'a mut I,
    seen: Vec<String>,
    places: Vec<Place>,
}

impl<I: Iterator<Item = String>> Planter<'_, I> {
    /// `key` is the name of the nearest member, `kind` the path without indexes.
    fn walk(&mut self, value: &mut Json, key: &str, kind: &str, path: &str) {
        match value {
            Json::List(items) => {
                for (i, item) in items.iter_mut().enumerate() {
                    self.walk(item, key, kind, &format!("{path}[{i}]"));
                }
            }
            Json::Object(members) => {
                for (name, value) in members {
                    let kind = format!("{kind}.{name}");
                    let path = format!("{path}.{name}");
                    self.walk(value, name, &kind, &path);
                }
            }
            Json::Text(text) => {
                if let Some(planted) = self.mark(text, key, kind, path) {
                    *value = Json::from(planted);
                }
            }
            Json::Absent | Json::Literal(_) => {}
        }
    }

    fn mark(&mut self, text: &str, key: &str, kind: &str, path: &str) -> Option<String> {
        let free = FREE.contains(&key) || matches!(key, "value" | "data" | "div" | "authorString");
        if !free || self.seen.iter().any(|seen| seen == kind) {
            return None;
        }
        let marker = self.markers.next()?;
        let planted = match key {
            "data" => {
                let mut bytes = BASE64.decode(text.as_bytes()).ok()?;
                bytes.extend(format!("\n{marker}\n").bytes());
                BASE64.encode(&bytes)
            }
            "div" => format!("{}{}</div>", text.strip_suffix("</div>")?, escape(&marker)),
            _ => format!("{text} {marker}"),
        };
        self.seen.push(kind.to_owned());
        self.places.push(Place { marker, path: path.to_owned() });
        Some(planted)
    }
}

/// Adds the kinds of text that the resource lacks.
fn enrich(resource: &mut Json, kind: &str) {
    let Json::Object(members) = resource else {
        return;
    };
    let remark = object! { "url": EXTENSION, "valueString": "remark" };
    let narrative = object! {
        "status": "additional",
        "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Remark</div>",
    };
    let inside = object! {
        "resourceType": "RelatedPerson",
        "id": "inside",
        "patient": object! { "display": "inside" },
        "name": list![object! { "text": "inside" }],
    };
    let points = object! {
        "url": EXTENSION,
        "valueReference": object! { "reference": "#inside", "display": "inside" },
    };
    let marked = object! { "url": EXTENSION, "valueMarkdown": "remark" };
    let identifier = object! {
        "system": "https://drill.example/remark",
        "value": "remark",
        "assigner": object! { "display": "remark" },
    };
    supply(members, "text", narrative);
    supply(members, "contained", list![inside]);
    append(members, "extension", vec![remark.clone(), points, marked]);
    append(members, "identifier", vec![identifier]);
    if NOTED.contains(&kind) {
        let note = object! { "authorString": "author", "text": "remark" };
        append(members, "note", vec![note]);
    }
    if kind == "Patient" {
        supply(members, "_birthDate", object! { "extension": list![remark] });
    }
}

fn supply(members: &mut Vec<(Key, Json)>, name: &'static str, value: Json) {
    if !members.iter().any(|(key, _)| key == name) {
        members.push((name.into(), value));
    }
}

fn append(members: &mut Vec<(Key, Json)>, name: &'static str, more: Vec<Json>) {
    match members.iter_mut().find(|(key, _)| key == name) {
        Some((_, Json::List(items))) => items.extend(more),
        Some(_) => {}
        None => members.push((name.into(), Json::List(more))),
    }
}

fn member<'a>(value: &'a mut Json, name: &str) -> Option<&'a mut Json> {
    match value {
        Json::Object(members) => members.iter_mut().find(|(key, _)| key == name).map(|(_, v)| v),
        _ => None,
    }
}

/// Text as it must stand in XHTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
