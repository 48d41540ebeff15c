//! What the CapabilityStatement promises is kept, and what it does not promise is refused.

use crate::client::{Client, Response};
use crate::rig::{JSON, Rig, Session, rig};
use serde_json::Value;

/// Who asks, and about whom.
struct Asker {
    client: Client,
    rig: &'static Rig,
    doctor: Session,
    officer: Session,
    file: String,
}

impl Asker {
    fn new() -> Asker {
        let rig = rig();
        let (mut client, doctor) = (rig.connect(), rig.sign_in("doctor"));
        let patient = rig.patient(&mut client, &doctor, "Promised");
        let file = patient.strip_prefix("Patient/").unwrap().to_owned();
        Asker { client, rig, doctor, officer: rig.sign_in("officer"), file }
    }

    fn ask(&mut self, kind: &str, method: &str, path: &str, body: &str) -> Response {
        let by = if kind == "AuditEvent" { &self.officer } else { &self.doctor };
        let headers: &[_] = match method {
            "PATCH" => &[("Content-Type", "application/json-patch+json")],
            "POST" | "PUT" => &JSON,
            _ => &[],
        };
        let response = self.rig.ask(&mut self.client, by, method, path, headers, body.as_bytes());
        if response.header("connection") == Some("close") {
            self.client = self.rig.connect();
        }
        response
    }

    /// A search with these parameters, besides what says whose file it is.
    fn search(&mut self, kind: &str, parameters: &[&str], query: &str) -> Response {
        let file = &self.file;
        let whose = match kind {
            "Patient" => "name=promised".to_owned(),
            _ if parameters.contains(&"patient") => format!("patient={file}"),
            _ if is_directory(kind) => String::new(),
            _ => format!("_id={file}-0000001"),
        };
        let path = format!("/fhir/{kind}?{whose}&{query}");
        self.ask(kind, "GET", &path, "")
    }
}

fn is_directory(kind: &str) -> bool {
    fhir::placement(kind) == fhir::Placement::Directory
}

fn statement() -> Value {
    let mut client = rig().connect();
    client.send("GET", "/fhir/metadata", &[], b"").json()
}

fn resources(statement: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = statement["rest"][0]["resource"].as_array().unwrap();
    all.iter().map(|resource| (resource["type"].as_str().unwrap(), resource))
}

fn texts<'v>(resource: &'v Value, list: &str, member: &str) -> Vec<&'v str> {
    let items = resource[list].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |item: &'v Value| if member.is_empty() { item } else { &item[member] }.as_str();
    items.iter().filter_map(text).collect()
}

/// A value that a parameter of this type can have.
fn value(name: &str, kind: &str, file: &str) -> String {
    match (name, kind) {
        ("identifier", _) => "urn:oid:1.2.208.176.1.2|0102501234".into(),
        ("phone" | "telecom", _) => "+4570123456".into(),
        ("birthdate", _) => "1950-02-03".into(),
        ("_count", _) => "1".into(),
        ("_id", _) => file.into(),
        ("patient", _) => file.into(),
        (_, "date") => "ge2020-01-01".into(),
        (_, "number") => "1".into(),
        (_, "quantity") => "1".into(),
        (_, "reference") => format!("Patient/{file}"),
        (_, "uri") => "http://example.org/x".into(),
        (_, "string") => "promised".into(),
        _ => "female".into(),
    }
}

/// A value with a part for each component.
fn composite(kind: &str, name: &str, file: &str) -> String {
    let all = fhir::definitions::search_parameters(kind);
    let found = all.iter().find(|parameter| parameter.name == name).unwrap();
    let parts = found.components.iter().map(|part| value("", part.kind.word(), file));
    parts.collect::<Vec<_>>().join("$")
}

#[test]
fn every_search_parameter_that_is_promised_is_taken_and_no_other() {
    let (statement, mut asker) = (statement(), Asker::new());
    let mut tried = 0;
    for (kind, resource) in resources(&statement) {
        let promised = texts(resource, "searchParam", "name");
        let types = texts(resource, "searchParam", "type");
        for (name, of_type) in promised.iter().zip(&types) {
            let file = asker.file.clone();
            let value = value(name, of_type, &file);
            let value = match *of_type {
                "composite" => percent(&composite(kind, name, &file)),
                _ => percent(&value),
            };
            let response = match (kind, *name) {
                ("Patient", "_id" | "identifier" | "phone" | "telecom" | "name") => {
                    asker.ask(kind, "GET", &format!("/fhir/Patient?{name}={value}"), "")
                }
                (_, "_id") if !is_directory(kind) => {
                    let path = format!("/fhir/{kind}?_id={file}-0000001");
                    asker.ask(kind, "GET", &path, "")
                }
                (_, "patient") => asker.search(kind, &promised, ""),
                _ => asker.search(kind, &promised, &format!("{name}={value}")),
            };
            assert_eq!(response.status, 200, "{kind}?{name}={value}: {}", response.text());
            tried += 1;
        }
        let all = fhir::definitions::search_parameters(kind).iter().map(|p| p.name);
        for name in all.chain(["nonsense"]).filter(|name| !promised.contains(name)) {
            let response = asker.search(kind, &promised, &format!("{name}=x"));
            assert_eq!(response.status, 400, "{kind}?{name}: {}", response.text());
            assert_eq!(response.json()["resourceType"], "OperationOutcome");
        }
    }
    assert!(tried > 500, "{tried} parameters");
}

#[test]
fn every_interaction_that_is_promised_is_served_and_no_other() {
    let (statement, mut asker) = (statement(), Asker::new());
    let file = asker.file.clone();
    for (kind, resource) in resources(&statement) {
        let promised = texts(resource, "interaction", "code");
        let entry = asker.rig.origin.clone();
        assert!(resource["conditionalRead"] != "full-support" || promised.contains(&"read"));
        // Nothing is at this address, in a file that the doctor may open; or in the directory.
        let id = match kind {
            "Patient" => file.clone(),
            _ => format!("{file}-000zzzz"),
        };
        let body = format!("{{\"resourceType\":\"{kind}\",\"id\":\"{id}\"}}");
        let one = format!("/fhir/{kind}/{id}");
        let rows = [
            ("read", "GET", one.clone(), ""),
            ("vread", "GET", format!("{one}/_history/1"), ""),
            ("history-instance", "GET", format!("{one}/_history"), ""),
            ("create", "POST", format!("/fhir/{kind}"), body.as_str()),
            ("update", "PUT", one.clone(), body.as_str()),
            ("patch", "PATCH", one.clone(), "[]"),
            ("delete", "DELETE", one.clone(), ""),
        ];
        for (code, method, path, body) in rows {
            let response = asker.ask(kind, method, &path, body);
            let refused = matches!(response.status, 405);
            assert_eq!(
                promised.contains(&code),
                !refused,
                "{entry} {method} {path}: {} {}",
                response.status,
                response.text()
            );
            if refused {
                let allow = response.header("allow").unwrap_or_default();
                assert!(!allow.split(", ").any(|allowed| allowed == method), "{kind}: {allow}");
                assert_eq!(response.json()["resourceType"], "OperationOutcome");
            }
        }
        let conditional = resource["conditionalUpdate"].as_bool().unwrap();
        let path = format!("/fhir/{kind}?_id={id}");
        let response = asker.ask(kind, "PUT", &path, &body);
        assert_eq!(conditional, response.status != 405, "{kind}: {}", response.text());
        let response = asker.ask(kind, "DELETE", &path, "");
        assert_eq!(resource["conditionalDelete"], "not-supported");
        assert_eq!(response.status, 405, "{kind}");
    }
}

#[test]
fn every_include_that_is_promised_is_taken() {
    let (statement, mut asker) = (statement(), Asker::new());
    let (mut included, mut referred) = (0, 0);
    for (kind, resource) in resources(&statement) {
        let parameters = texts(resource, "searchParam", "name");
        let mut all = String::new();
        for include in texts(resource, "searchInclude", "") {
            all += &format!("&_include={include}");
            included += 1;
        }
        let reverse = texts(resource, "searchRevInclude", "");
        let (few, rest) = reverse.split_at(reverse.len().min(30));
        for include in few {
            all += &format!("&_revinclude={include}");
            referred += 1;
        }
        if all.is_empty() {
            continue;
        }
        let response = if kind == "Patient" {
            let path = format!("/fhir/Patient?_id={}{all}", asker.file);
            asker.ask(kind, "GET", &path, "")
        } else {
            asker.search(kind, &parameters, all.trim_start_matches('&'))
        };
        assert_eq!(response.status, 200, "{kind}: {}", response.text());
        for include in rest {
            let query = [("_revinclude", *include)];
            assert!(fhir::SearchQuery::parse(kind, query, "").is_ok(), "{kind}: {include}");
            referred += 1;
        }
    }
    assert!(included > 200 && referred > 500, "{included} and {referred}");
    let observation = resources(&statement).find(|(kind, _)| *kind == "Encounter").unwrap().1;
    let reverse = texts(observation, "searchRevInclude", "");
    assert!(reverse.contains(&"Observation:encounter"), "{reverse:?}");
    let wrong = asker.search("Encounter", &["patient"], "_revinclude=Observation:status");
    assert_eq!(wrong.status, 400);
}

#[test]
fn the_openapi_document_says_the_same() {
    let mut client = rig().connect();
    let openapi = client.send("GET", "/openapi.json", &[], b"").json();
    for (kind, resource) in resources(&statement()) {
        let (conditional, promised) =
            (&resource["conditionalUpdate"], texts(resource, "interaction", "code"));
        let rows = [
            ("read", "read"),
            ("vread", "vread"),
            ("history", "history-instance"),
            ("create", "create"),
            ("update", "update"),
            ("patch", "patch"),
            ("delete", "delete"),
            ("search", "search-type"),
        ];
        for (operation, code) in rows {
            let of_type = operations(&openapi, operation, kind);
            assert_eq!(of_type, promised.contains(&code), "{kind} {operation}");
        }
        let listed = operations(&openapi, "conditional-update", kind);
        assert_eq!(Some(listed), conditional.as_bool(), "{kind}");
    }
}

/// Whether the document has this operation for this type.
fn operations(openapi: &Value, operation: &str, kind: &str) -> bool {
    let paths = openapi["paths"].as_object().unwrap();
    let particular = match (operation, kind) {
        ("search", "Patient") => "find-patient".to_owned(),
        ("read" | "vread" | "create", "Binary") => format!("binary-{operation}"),
        _ => operation.to_owned(),
    };
    let mut all = paths.values().flat_map(|path| path.as_object().unwrap().values());
    let found = all.find(|found| found["operationId"] == particular.as_str());
    let Some(found) = found else { return false };
    if particular != operation {
        return true;
    }
    let parameters = found["parameters"].as_array().unwrap();
    let types = parameters.iter().find(|parameter| parameter["name"] == "type").unwrap();
    types["schema"]["enum"].as_array().unwrap().iter().any(|name| name == kind)
}

fn percent(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => (byte as char).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}
