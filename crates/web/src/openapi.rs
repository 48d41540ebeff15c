//! The OpenAPI document, made from the table of routes.

use crate::app::App;
use crate::routes::{Act, Disclosure, ROUTES, Route, Who};
use crate::served;
use hyper::Method;
use serde_json::{Map, Value, json};

/// The document as compact JSON.
pub(crate) fn text(app: &App) -> String {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.template).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.as_str().to_ascii_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cofferdam",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Patients' files, opened one at a time. FHIR R4 lies under /fhir.",
        },
        "servers": [{ "url": app.origin }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "dpop": {
                    "type": "http",
                    "scheme": "DPoP",
                    "description": "a session's token with a proof of each request (RFC 9449)",
                },
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "a token for exactly one patient",
                },
            },
        },
    })
    .to_string()
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.summary,
        "security": security(route.who),
        "parameters": parameters(route),
        "responses": responses(route),
    });
    let kinds = sent(route.act).filter(|_| route.method != Method::GET);
    if let (Some(kinds), Some(operation)) = (kinds, operation.as_object_mut()) {
        let content: Map<_, _> = kinds.iter().map(|k| ((*k).to_owned(), json!({}))).collect();
        let required = route.act != Act::Everything;
        operation.insert("requestBody".into(), json!({ "required": required, "content": content }));
    }
    operation
}

fn security(who: Who) -> Value {
    match who {
        Who::Anybody | Who::Signer => json!([]),
        Who::Holder => json!([{ "dpop": [] }, { "bearer": [] }]),
        Who::Device | Who::Officer => json!([{ "dpop": [] }]),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let names = route.template.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            let schema = match name {
                "type" => {
                    let types: Vec<_> = served::types(route.act).collect();
                    json!({ "type": "string", "enum": types })
                }
                _ => json!({ "type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$" }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect()
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    let good = match route.act {
        Act::Create | Act::BinaryCreate | Act::Disclosure(Disclosure::Message) => "201",
        Act::Delete | Act::SignOut => "204",
        _ => "200",
    };
    let mut say = |status: &str, what: &str| {
        responses.insert(status.to_owned(), json!({ "description": what }));
    };
    say(good, "done");
    say("4XX", "asked wrongly, not allowed or not there: an OperationOutcome says what to do");
    say("5XX", "the server, its keyholder or its store cannot work: an OperationOutcome");
    Value::Object(responses)
}

fn sent(act: Act) -> Option<&'static [&'static str]> {
    Some(match act {
        Act::Token => &["application/x-www-form-urlencoded"],
        Act::Orders | Act::WhoOpened | Act::Proofs => &["application/json"],
        Act::Disclosure(Disclosure::Message | Disclosure::Answers) => &["application/json"],
        Act::Disclosure(Disclosure::LetterCheck) => &["application/x-www-form-urlencoded"],
        Act::Bundle | Act::Everything | Act::Validate => &["application/fhir+json"],
        Act::Create | Act::ConditionalUpdate | Act::Update => &["application/fhir+json"],
        Act::Patch => &["application/json-patch+json"],
        Act::BinaryCreate => &["application/fhir+json", "*/*"],
        _ => return None,
    })
}
