//! What R4 defines: types, elements, code lists, search parameters.
//!
//! The tables under `data/` are distilled from the official definitions (CC0) by
//! `cargo xtask generate`; they are read once, at first use.

mod load;
mod parameters;
#[cfg(test)]
mod tests;

pub use parameters::{Component, ParameterKind, SearchParameter};

use crate::names::NameId;
use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) const ELEMENTS: &str = include_str!("../data/elements.txt");
pub(crate) const CODES: &str = include_str!("../data/codes.txt");
pub(crate) const SEARCH: &str = include_str!("../data/search.txt");

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| load::definitions(ELEMENTS, CODES));

/// Every resource type of R4 that can be instantiated, sorted.
pub fn resource_types() -> &'static [&'static str] {
    &DEFINITIONS.resource_types
}

/// Whether this is a resource type of R4 that can be instantiated.
pub fn is_resource_type(name: &str) -> bool {
    resource_type(name).is_some()
}

/// The search parameters of a type, those of every resource (`_id`, …) included, sorted by name.
pub fn search_parameters(resource_type: &str) -> &'static [SearchParameter] {
    parameters::of_type(resource_type)
}

/// The number of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TypeId(pub(crate) u16);

/// Every type by number and by name.
pub(crate) struct Definitions {
    types: Vec<TypeDef>,
    by_name: HashMap<&'static str, TypeId>,
    code_lists: Vec<CodeList>,
    resource_types: Vec<&'static str>,
}

/// A type of R4, or an element that declares its own.
pub(crate) struct TypeDef {
    /// Such as `HumanName` or `Patient.contact`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Quantity for Age, Duration and their like; itself otherwise.
    pub(crate) family: TypeId,
    /// Inherited ones first.
    pub(crate) elements: Vec<Element>,
    /// Members that the type may have in JSON, sorted by name.
    fields: Vec<(NameId, Field)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Primitive(Primitive),
    Complex,
    Resource,
    /// `Resource`, where any resource may stand.
    Abstract,
}

/// How a primitive is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Primitive {
    Base64Binary,
    Boolean,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Oid,
    PositiveInt,
    /// Also markdown.
    String,
    Time,
    UnsignedInt,
    /// Also url and canonical.
    Uri,
    Uuid,
    Xhtml,
}

/// One element of a type.
#[derive(Clone)]
pub(crate) struct Element {
    /// Without `[x]`.
    pub(crate) name: &'static str,
    pub(crate) is_choice: bool,
    pub(crate) is_required: bool,
    pub(crate) is_list: bool,
    pub(crate) in_summary: bool,
    pub(crate) is_modifier: bool,
    pub(crate) types: Vec<TypeId>,
    /// Position of the code list that R4 demands.
    pub(crate) codes: Option<u16>,
}

/// A member in JSON: an element with one of its types.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// Position among the type's elements.
    pub(crate) element: u8,
    pub(crate) fhir_type: TypeId,
    /// Whether it is the `_name` beside a primitive.
    pub(crate) is_companion: bool,
}

/// The codes of a required binding, by system.
pub(crate) struct CodeList {
    name: &'static str,
    /// Pairs of system and code, sorted.
    codes: Vec<(&'static str, &'static str)>,
}

/// The definitions, read at first use.
pub(crate) fn definitions() -> &'static Definitions {
    &DEFINITIONS
}

/// The definition of a resource type, with the name as it lives in the tables.
pub(crate) fn resource_type(name: &str) -> Option<&'static TypeDef> {
    let found = DEFINITIONS.of(DEFINITIONS.type_named(name)?);
    (found.kind == Kind::Resource).then_some(found)
}

impl Definitions {
    pub(crate) fn type_named(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn of(&self, id: TypeId) -> &TypeDef {
        // Invariant: numbers of types are made by the loader alone, and every one has an entry.
        &self.types[usize::from(id.0)]
    }

    pub(crate) fn type_count(&self) -> u16 {
        self.types.len() as u16
    }

    pub(crate) fn code_list(&self, position: u16) -> &CodeList {
        // Invariant: positions of code lists are made by the loader alone.
        &self.code_lists[usize::from(position)]
    }
}

impl TypeDef {
    /// The field of this name and its element.
    pub(crate) fn field(&self, name: NameId) -> Option<(Field, &Element)> {
        let at = self.fields.binary_search_by_key(&name, |(id, _)| *id).ok()?;
        let field = self.fields[at].1;
        Some((field, &self.elements[usize::from(field.element)]))
    }

    /// The element of this name, without `[x]`.
    pub(crate) fn element(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.name == name)
    }

    pub(crate) fn primitive(&self) -> Option<Primitive> {
        match self.kind {
            Kind::Primitive(primitive) => Some(primitive),
            _ => None,
        }
    }
}

impl CodeList {
    /// Whether any system of the list has the code.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|(_, known)| *known == code)
    }

    /// Whether the list has this code of this system.
    pub(crate) fn has(&self, system: &str, code: &str) -> bool {
        self.codes.binary_search(&(system, code)).is_ok()
    }

    pub(crate) fn has_system(&self, system: &str) -> bool {
        self.codes.iter().any(|(known, _)| *known == system)
    }
}
