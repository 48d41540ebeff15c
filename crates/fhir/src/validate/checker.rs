use super::{Issue, IssueCode, Severity, primitive};
use crate::definitions::{
    self, CodeList, Element, Field, Kind, Primitive, TypeDef, TypeId, definitions,
};
use crate::names::{Key, id_of};
use crate::{Json, Object};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// More findings than this help nobody.
const ISSUES_MAX: usize = 100;

/// Checks a whole resource.
pub(super) fn check(resource: &Json) -> Vec<Issue> {
    let mut checker =
        Checker { issues: Vec::new(), path: Vec::new(), root: "", is_contained: false };
    checker.resource(resource);
    checker.issues
}

/// Types that have rules of their own.
struct Special {
    element: TypeId,
    extension: TypeId,
    coding: TypeId,
    codeable_concept: TypeId,
}

static SPECIAL: LazyLock<Special> = LazyLock::new(|| {
    let named = |name| definitions().type_named(name).unwrap_or(TypeId(0));
    Special {
        element: named("Element"),
        extension: named("Extension"),
        coding: named("Coding"),
        codeable_concept: named("CodeableConcept"),
    }
});

/// One step from the root to where the checker stands.
enum Step<'a> {
    Member(&'a Key),
    Missing(&'static str),
    Item(usize),
}

struct Checker<'a> {
    issues: Vec<Issue>,
    path: Vec<Step<'a>>,
    root: &'static str,
    is_contained: bool,
}

impl<'a> Checker<'a> {
    fn resource(&mut self, json: &'a Json) {
        let Json::Object(object) = json else {
            return self.error(IssueCode::Structure, "a resource is expected");
        };
        let Some(found) = definitions::resource_type(json.resource_type()) else {
            return self.error(IssueCode::Structure, "no resourceType of FHIR R4");
        };
        if self.root.is_empty() {
            self.root = found.name;
        }
        self.object(found, object);
    }

    fn object(&mut self, fhir_type: &'static TypeDef, object: &'a Object) {
        if object.is_empty() {
            return self.error(IssueCode::Structure, "an object may not be empty");
        }
        let mut present = 0u128;
        for (at, (key, value)) in object.members().iter().enumerate() {
            self.path.push(Step::Member(key));
            if let Some((field, element)) = field_of(fhir_type, key) {
                let bit = 1 << field.element;
                if present & bit != 0 && element.is_choice {
                    self.choice(fhir_type, field, &object.members()[..at]);
                }
                present |= bit;
                self.field(field, element, key, value, object);
            } else if !(fhir_type.kind == Kind::Resource && key.as_str() == "resourceType") {
                let message = format!("{} has no such element", fhir_type.name);
                self.push(Severity::Error, IssueCode::Structure, message);
            }
            self.path.pop();
        }
        for (at, element) in fhir_type.elements.iter().enumerate() {
            if element.is_required && present & (1 << at) == 0 {
                self.path.push(Step::Missing(element.name));
                self.error(IssueCode::Required, "the element is missing");
                self.path.pop();
            }
        }
    }

    /// Refuses a second type for a choice; the companion of the first is no second.
    fn choice(&mut self, fhir_type: &TypeDef, field: Field, earlier: &[(Key, Json)]) {
        let is_other = |(key, _): &(Key, Json)| {
            field_of(fhir_type, key).is_some_and(|(other, _)| {
                other.element == field.element && other.fhir_type != field.fhir_type
            })
        };
        if earlier.iter().any(is_other) {
            self.error(IssueCode::Structure, "the element has values of two types");
        }
    }

    fn field(
        &mut self,
        field: Field,
        element: &'static Element,
        key: &Key,
        value: &'a Json,
        object: &'a Object,
    ) {
        match (element.is_list, value) {
            (true, Json::Array(items)) => {
                if items.is_empty() {
                    self.error(IssueCode::Structure, "an array may not be empty");
                }
                for (at, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(at));
                    match item {
                        Json::Null if partner(key, object, at) => {}
                        _ => self.value(field, element, item),
                    }
                    self.path.pop();
                }
            }
            (true, _) => self.error(IssueCode::Structure, "an array is expected"),
            (false, Json::Array(_)) => {
                self.error(IssueCode::Structure, "a single value is expected");
            }
            (false, _) => self.value(field, element, value),
        }
    }

    fn value(&mut self, field: Field, element: &'static Element, value: &'a Json) {
        let special = &*SPECIAL;
        let id = if field.is_companion { special.element } else { field.fhir_type };
        let fhir_type = definitions().of(id);
        match (fhir_type.kind, value) {
            (_, Json::Null) => self.error(IssueCode::Structure, "null is not allowed here"),
            (Kind::Primitive(kind), _) => self.primitive(kind, element, value),
            (Kind::Abstract | Kind::Resource, _) => self.nested(element, value),
            (Kind::Complex, Json::Object(object)) => {
                self.object(fhir_type, object);
                if id == special.extension {
                    self.extension(fhir_type, object);
                }
                if let Some(codes) = element.codes.filter(|_| !field.is_companion) {
                    self.coded(id, definitions().code_list(codes), value);
                }
            }
            (Kind::Complex, _) => self.error(IssueCode::Structure, "an object is expected"),
        }
    }

    fn primitive(&mut self, kind: Primitive, element: &Element, value: &Json) {
        if let Some(fault) = primitive::fault(kind, value) {
            return self.error(IssueCode::Value, fault);
        }
        if let (Primitive::Code, Some(codes), Some(code)) = (kind, element.codes, value.as_str())
            && !definitions().code_list(codes).has_code(code)
        {
            self.error(IssueCode::CodeInvalid, "the code is not in the list that R4 demands");
        }
    }

    fn nested(&mut self, element: &Element, value: &'a Json) {
        let was_contained = self.is_contained;
        if element.name == "contained" {
            if was_contained {
                return self.error(IssueCode::Invariant, "contained resources may not be nested");
            }
            if value.id().is_none() {
                self.error(IssueCode::Invariant, "a contained resource needs an id");
            }
            self.is_contained = true;
        }
        self.resource(value);
        self.is_contained = was_contained;
    }

    fn extension(&mut self, fhir_type: &TypeDef, object: &Object) {
        let is_value = |(key, _): &&(Key, Json)| {
            field_of(fhir_type, key).is_some_and(|(_, element)| element.is_choice)
        };
        let has_value = object.members().iter().any(|member| is_value(&member));
        if has_value == object.get("extension").is_some() {
            self.error(IssueCode::Invariant, "an extension has either a value or extensions");
        }
    }

    /// Checks a Coding or CodeableConcept against a demanded list.
    fn coded(&mut self, id: TypeId, list: &CodeList, value: &Json) {
        let is_listed = |coding: &Json| match (coding.text("system"), coding.text("code")) {
            (Some(system), Some(code)) => list.has(system, code),
            _ => false,
        };
        let is_strange = |coding: &Json| {
            let system = coding.text("system").unwrap_or_default();
            list.has_system(system) && !is_listed(coding)
        };
        let codings = value.get("coding").map(Json::items).unwrap_or_default();
        if id == SPECIAL.coding && !is_listed(value) || codings.iter().any(is_strange) {
            self.error(IssueCode::CodeInvalid, "the code is not in the list that R4 demands");
        } else if id == SPECIAL.codeable_concept && !codings.iter().any(is_listed) {
            let message = "no code of the list that R4 demands".to_string();
            self.push(Severity::Warning, IssueCode::CodeInvalid, message);
        }
    }

    fn error(&mut self, code: IssueCode, message: &'static str) {
        self.push(Severity::Error, code, message.to_string());
    }

    fn push(&mut self, severity: Severity, code: IssueCode, message: String) {
        if self.issues.len() < ISSUES_MAX {
            let expression = self.expression();
            self.issues.push(Issue { severity, code, expression, message });
        }
    }

    fn expression(&self) -> String {
        let mut expression = self.root.to_string();
        for step in &self.path {
            let _ = match step {
                Step::Member(key) => write!(expression, ".{key:?}"),
                Step::Missing(name) => write!(expression, ".{name}"),
                Step::Item(at) => write!(expression, "[{at}]"),
            };
        }
        expression
    }
}

fn field_of<'t>(fhir_type: &'t TypeDef, key: &Key) -> Option<(Field, &'t Element)> {
    match key {
        Key::Known(id) => fhir_type.field(*id),
        Key::Other(_) => None,
    }
}

/// Whether a `null` at this place of a list stands for a value beside it: `_name` for `name`.
fn partner(key: &Key, object: &Object, at: usize) -> bool {
    let name = key.as_str();
    let other = match name.strip_prefix('_') {
        Some(name) => id_of(name),
        None => id_of(&format!("_{name}")),
    };
    let items = other.and_then(|id| object.get_known(id)).map(Json::items).unwrap_or_default();
    items.get(at).is_some_and(|item| *item != Json::Null)
}
