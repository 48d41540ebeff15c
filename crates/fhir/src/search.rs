//! Search inside one file: a strict query, matched against one resource at a time.
//!
//! What the standard leaves open is settled like this. Codes are compared without regard to ASCII
//! case, systems and units with it. Strings are compared without case and diacritics, from the
//! start of a part of a name or address. A time without a zone is UTC. `ap` on a date widens the
//! searched span by its own length on both sides, on a number by a tenth. Numbers compare exactly;
//! `eq` means what rounds to the number as written.

mod composite;
mod date;
mod error;
mod includes;
mod index;
mod matcher;
mod number;
mod parameter;
mod parse;
mod reference;
mod shape;
mod sort;
mod text;
mod token;
mod uri;
mod value;

pub use error::SearchError;
pub use includes::Include;
pub use index::Index;
pub use sort::SortKeys;

use crate::Json;
use crate::definitions::SearchParameter;
use crate::subset::Subset;
use matcher::Criterion;
use sort::SortItem;
use std::cmp::Ordering;

/// The search parameters of a type that are served, sorted by name: what a CapabilityStatement
/// may promise.
pub fn served_parameters(
    resource_type: &str,
) -> impl Iterator<Item = &'static SearchParameter> + use<> {
    parameter::of_type(resource_type).iter().map(|parameter| parameter.definition)
}

/// A search of one resource type, understood in full.
pub struct SearchQuery {
    resource_type: &'static str,
    criteria: Vec<Criterion>,
    sort: Vec<SortItem>,
    count: Option<u32>,
    total: Option<Total>,
    subset: Subset,
    includes: Vec<Include>,
    revincludes: Vec<Include>,
    named: Named,
}

/// What `_total` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// No total.
    None,
    /// An estimate will do.
    Estimate,
    /// The exact number.
    Accurate,
}

/// Which patients a query names.
#[derive(Clone, PartialEq, Eq)]
pub enum NamedPatient<'a> {
    /// None.
    Nobody,
    /// Exactly this one (logical id).
    One(&'a str),
    /// More than one, or one in a form that is not a local id.
    Unclear,
}

/// [`NamedPatient`], owned.
#[derive(PartialEq, Eq)]
enum Named {
    Nobody,
    One(String),
    Unclear,
}

impl SearchQuery {
    /// Understands a query: unknown parameters, modifiers and malformed values are errors.
    ///
    /// Names and values are those of the URL after percent-decoding. `base_url` is this server's
    /// own (without the last slash): absolute references below it count as local ones.
    /// `_format` and `_pretty` are skipped; they are the business of HTTP.
    pub fn parse<'a>(
        resource_type: &str,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        base_url: &str,
    ) -> Result<SearchQuery, SearchError> {
        parse::query(resource_type, parameters.into_iter(), base_url)
    }

    /// The type searched.
    pub fn resource_type(&self) -> &'static str {
        self.resource_type
    }

    /// Whether the resource matches every parameter. Resources of other types never do.
    pub fn matches(&self, resource: &Json) -> bool {
        resource.resource_type() == self.resource_type
            && self.criteria.iter().all(|criterion| criterion.matches(resource))
    }

    /// The patient that the query names by `patient`, `subject`, `beneficiary`, … or, for a
    /// search of Patient, by `_id`.
    pub fn named_patient(&self) -> NamedPatient<'_> {
        match &self.named {
            Named::Nobody => NamedPatient::Nobody,
            Named::One(id) => NamedPatient::One(id),
            Named::Unclear => NamedPatient::Unclear,
        }
    }

    /// Whether it says which resources are meant, and nothing of how to answer.
    pub fn is_condition(&self) -> bool {
        let says_how = self.count.is_some() || self.total.is_some() || self.subset != Subset::Whole;
        let brings_more = !self.includes.is_empty() || !self.revincludes.is_empty();
        !self.criteria.is_empty() && !says_how && !brings_more && !self.is_sorted()
    }

    /// Whether `_sort` was given.
    pub fn is_sorted(&self) -> bool {
        !self.sort.is_empty()
    }

    /// What this resource is sorted by.
    pub fn sort_keys(&self, resource: &Json) -> SortKeys {
        sort::keys(&self.sort, resource)
    }

    /// The order that `_sort` asks for; resources without a value come last either way.
    pub fn compare(&self, a: &SortKeys, b: &SortKeys) -> Ordering {
        sort::compare(&self.sort, a, b)
    }

    /// `_count`, if given.
    pub fn count(&self) -> Option<u32> {
        self.count
    }

    /// `_total`, if given.
    pub fn total(&self) -> Option<Total> {
        self.total
    }

    /// `_summary` and `_elements`.
    pub fn subset(&self) -> &Subset {
        &self.subset
    }

    /// `_include`.
    pub fn includes(&self) -> &[Include] {
        &self.includes
    }

    /// `_revinclude`.
    pub fn revincludes(&self) -> &[Include] {
        &self.revincludes
    }
}
