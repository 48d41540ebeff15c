//! The CapabilityStatement, made from the table of routes and the definitions of FHIR R4.

use crate::app::App;
use crate::clock;
use crate::routes::{Act, ROUTES};
use fhir::definitions::{ParameterKind, SearchParameter, resource_types, search_parameters};
use fhir::{Json, Object, Placement, placement};

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
        .with("interaction", codes(&["transaction", "batch"]));
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
    let placed = placement(kind);
    if placed == Placement::Refused && kind != "AuditEvent" {
        return None;
    }
    let changeable = matches!(placed, Placement::Patient | Placement::File(_));
    let mut resource = Object::new()
        .with("type", kind)
        .with("interaction", codes(&interactions(kind, placed)))
        .with("versioning", if changeable { "versioned" } else { "no-version" })
        .with("readHistory", placed != Placement::Refused)
        .with("updateCreate", false)
        .with("conditionalCreate", placed != Placement::Refused)
        .with(
            "conditionalRead",
            if placed == Placement::Refused { "not-supported" } else { "full-support" },
        )
        .with("conditionalUpdate", changeable)
        .with("conditionalDelete", "not-supported");
    let parameters = search_parameters(kind);
    if changeable {
        let includes = parameters.iter().filter(|p| p.kind == ParameterKind::Reference);
        let includes = includes.map(|p| format!("{kind}:{}", p.name).into());
        insert_some(&mut resource, "searchInclude", includes.collect());
    }
    let parameters: Vec<Json> = parameters.iter().filter_map(parameter).collect();
    insert_some(&mut resource, "searchParam", parameters);
    let operations: Vec<&str> = match kind {
        "Patient" => vec!["everything", "validate"],
        _ => vec!["validate"],
    };
    let operations = operations.into_iter().map(operation);
    resource.insert("operation", operations.collect::<Vec<Json>>().into());
    Some(resource.into())
}

/// FHIR has no empty arrays.
fn insert_some(resource: &mut Object, name: &str, items: Vec<Json>) {
    if !items.is_empty() {
        resource.insert(name, items.into());
    }
}

/// The interactions that the table has for resources of this type.
fn interactions(kind: &str, placed: Placement) -> Vec<&'static str> {
    let own = format!("/fhir/{kind}");
    let mut found = Vec::new();
    for route in ROUTES {
        let general = route.template.starts_with("/fhir/{type}");
        let particular = route.template.starts_with(&own);
        let code = match route.act {
            Act::Read | Act::BinaryRead => "read",
            Act::Vread => "vread",
            Act::History => "history-instance",
            Act::Search | Act::FindPatient => "search-type",
            Act::Create | Act::BinaryCreate => "create",
            Act::Update => "update",
            Act::Patch => "patch",
            Act::Delete => "delete",
            _ => continue,
        };
        let served = match placed {
            Placement::Patient | Placement::File(_) => true,
            Placement::Directory => !matches!(code, "update" | "patch" | "delete"),
            Placement::Refused => matches!(code, "read" | "search-type"),
        };
        if (general || particular) && served && !found.contains(&code) {
            found.push(code);
        }
    }
    found
}

fn parameter(parameter: &SearchParameter) -> Option<Json> {
    let kind = match parameter.kind {
        ParameterKind::Number => "number",
        ParameterKind::Date => "date",
        ParameterKind::String => "string",
        ParameterKind::Token => "token",
        ParameterKind::Reference => "reference",
        ParameterKind::Composite => "composite",
        ParameterKind::Quantity => "quantity",
        ParameterKind::Uri => "uri",
        ParameterKind::Special => return None,
    };
    Some(Object::new().with("name", parameter.name).with("type", kind).into())
}

fn operation(name: &str) -> Json {
    let definition = match name {
        "everything" => "http://hl7.org/fhir/OperationDefinition/Patient-everything",
        _ => "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    };
    Object::new().with("name", name).with("definition", definition).into()
}

fn codes(codes: &[&str]) -> Vec<Json> {
    codes.iter().map(|code| Object::new().with("code", *code).into()).collect()
}

fn concept(system: &str, code: &str) -> Json {
    let coding = Object::new().with("system", system).with("code", code);
    Object::new().with("coding", list([coding.into()])).into()
}

fn list<const N: usize>(items: [Json; N]) -> Json {
    Vec::from(items).into()
}
