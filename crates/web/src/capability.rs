//! The CapabilityStatement, made from the table of what is served.

use crate::app::App;
use crate::clock;
use crate::routes::Act;
use crate::served;
use fhir::definitions::{SearchParameter, resource_types};
use fhir::{Json, Object};

/// The statement as compact JSON.
pub(crate) fn text(app: &App) -> String {
    let resources: Vec<Json> = resource_types().iter().filter_map(|t| resource(t)).collect();
    let security = Object::new()
        .with("cors", false)
        .with(
            "service",
            list([concept(
                "http://terminology.hl7.org/CodeSystem/restful-security-service",
                "SMART-on-FHIR",
            )]),
        )
        .with("description", "private_key_jwt with DPoP (RFC 9449), or a token for one patient");
    let rest = Object::new()
        .with("mode", "server")
        .with("security", security)
        .with("resource", resources)
        .with("interaction", codes(["transaction", "batch"]));
    let statement = Object::new()
        .with("resourceType", "CapabilityStatement")
        .with("status", "active")
        .with("date", clock::now().to_string())
        .with("kind", "instance")
        .with(
            "software",
            Object::new().with("name", "Cofferdam").with("version", env!("CARGO_PKG_VERSION")),
        )
        .with(
            "implementation",
            Object::new()
                .with("description", "Cofferdam: patients' files, opened one at a time")
                .with("url", app.base_url.as_str()),
        )
        .with("fhirVersion", "4.0.1")
        .with("format", list(["json".into(), "application/fhir+json".into()]))
        .with("patchFormat", list(["application/json-patch+json".into()]))
        .with("rest", list([rest.into()]));
    Json::from(statement).to_text()
}

fn resource(kind: &'static str) -> Option<Json> {
    let acts = served::acts(kind);
    if acts.is_empty() {
        return None;
    }
    let serves = |act| acts.contains(&act);
    let mut resource = Object::new().with("type", kind);
    if let Some(text) = documentation(kind) {
        resource.insert("documentation", text.into());
    }
    let mut resource = resource
        .with("interaction", codes(acts.iter().filter_map(|act| code(*act))))
        .with("versioning", if serves(Act::Vread) { "versioned" } else { "no-version" })
        .with("readHistory", serves(Act::Vread))
        .with("updateCreate", false)
        .with("conditionalCreate", serves(Act::Create) && kind != "Binary")
        .with("conditionalRead", if serves(Act::Read) { "full-support" } else { "not-supported" })
        .with("conditionalUpdate", serves(Act::ConditionalUpdate))
        .with("conditionalDelete", "not-supported");
    let names = |names: Vec<String>| names.into_iter().map(Json::from).collect();
    insert_some(&mut resource, "searchInclude", names(served::includes(kind)));
    insert_some(&mut resource, "searchRevInclude", names(served::reverse_includes(kind)));
    insert_some(&mut resource, "searchParam", served::parameters(kind).map(parameter).collect());
    let everything = (kind == "Patient").then_some("everything");
    let operations = everything.into_iter().chain(["validate"]).map(operation);
    resource.insert("operation", operations.collect::<Vec<Json>>().into());
    Some(resource.into())
}

/// What the fields of the statement cannot say.
fn documentation(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AuditEvent" => "Made from the ledger when it is searched, and never written by a client.",
        "Binary" => "A search names the resources by `_id`. The content is at the address alone.",
        "Patient" => {
            "Without `_id`, a search is a look-up that takes these parameters alone; with it, \
             every parameter of a Patient, `_include` and `_revinclude`."
        }
        "Provenance" => {
            "To an officer, a search answers those that the ledger makes, by `patient` and `date`."
        }
        _ => return None,
    })
}

/// FHIR has no empty arrays.
fn insert_some(resource: &mut Object, name: &str, items: Vec<Json>) {
    if !items.is_empty() {
        resource.insert(name, items.into());
    }
}

/// The word of FHIR for an interaction; a conditional update has a field of its own.
fn code(act: Act) -> Option<&'static str> {
    Some(match act {
        Act::Read => "read",
        Act::Vread => "vread",
        Act::History => "history-instance",
        Act::Search => "search-type",
        Act::Create => "create",
        Act::Update => "update",
        Act::Patch => "patch",
        Act::Delete => "delete",
        _ => return None,
    })
}

fn parameter(parameter: &SearchParameter) -> Json {
    Object::new().with("name", parameter.name).with("type", parameter.kind.word()).into()
}

fn operation(name: &str) -> Json {
    let definition = match name {
        "everything" => "http://hl7.org/fhir/OperationDefinition/Patient-everything",
        _ => "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    };
    Object::new().with("name", name).with("definition", definition).into()
}

fn codes<'c>(codes: impl IntoIterator<Item = &'c str>) -> Vec<Json> {
    codes.into_iter().map(|code| Object::new().with("code", code).into()).collect()
}

fn concept(system: &str, code: &str) -> Json {
    let coding = Object::new().with("system", system).with("code", code);
    Object::new().with("coding", list([coding.into()])).into()
}

fn list<const N: usize>(items: [Json; N]) -> Json {
    Vec::from(items).into()
}
