//! What R4 defines: types, elements, search parameters, the patient compartment.
//!
//! The tables under `data/` are distilled from the official definitions (CC0) by
//! `cargo xtask generate`; they are read once, at first use.

pub(crate) const ELEMENTS: &str = include_str!("../data/elements.txt");

/// The type of a search parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// `number`.
    Number,
    /// `date`.
    Date,
    /// `string`.
    String,
    /// `token`.
    Token,
    /// `reference`.
    Reference,
    /// `composite`.
    Composite,
    /// `quantity`.
    Quantity,
    /// `uri`.
    Uri,
    /// `special`: not searchable here.
    Special,
}

/// One search parameter of one resource type.
pub struct SearchParameter {
    /// Name as in a query, such as `birthdate`.
    pub name: &'static str,
    /// Type.
    pub kind: ParameterKind,
    /// FHIRPath over the resource.
    pub expression: &'static str,
    /// For references: the types that may be referred to.
    pub targets: Vec<&'static str>,
}

/// Every resource type of R4 that can be instantiated, sorted.
pub fn resource_types() -> &'static [&'static str] {
    todo!()
}

/// Whether this is a resource type of R4 that can be instantiated.
pub fn is_resource_type(name: &str) -> bool {
    let _ = name;
    todo!()
}

/// The search parameters of a type, those of every resource (`_id`, …) included, sorted by name.
pub fn search_parameters(resource_type: &str) -> &'static [SearchParameter] {
    let _ = resource_type;
    todo!()
}
