//! Search inside one file: a strict query, matched against one resource at a time.

use crate::Json;
use crate::subset::Subset;
use std::cmp::Ordering;

/// A search of one resource type, understood in full.
pub struct SearchQuery {
    resource_type: &'static str,
}

/// Why a query was refused. Names are those of parameters; values are never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// No such resource type.
    #[error("this is not a resource type of FHIR R4")]
    UnknownType,
    /// The type has no such search parameter.
    #[error("{resource_type} has no search parameter `{name}`")]
    UnknownParameter {
        /// The type searched.
        resource_type: &'static str,
        /// The parameter, shortened to harmless characters.
        name: String,
    },
    /// The parameter does not have this modifier, or not this one.
    #[error("the modifier of the search parameter `{name}` is not supported")]
    UnsupportedModifier {
        /// The parameter.
        name: String,
    },
    /// The value has a form that the parameter does not have.
    #[error("the value of the search parameter `{name}` cannot be understood")]
    BadValue {
        /// The parameter.
        name: String,
    },
    /// Chains and `_has` are not served: a search stays inside one file.
    #[error("`{name}` is a chained search; search one file by its own parameters instead")]
    Chained {
        /// The parameter.
        name: String,
    },
    /// A parameter of the standard that is not served.
    #[error("the search parameter `{name}` is not served here")]
    NotServed {
        /// The parameter.
        name: String,
    },
    /// More parameters or values than a query may have.
    #[error("the query has too many parameters or values")]
    TooMany,
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

/// One `_include` or `_revinclude`.
pub struct Include {
    /// The type that holds the reference.
    pub source: &'static str,
    /// The reference parameter; `None` for `*`.
    pub parameter: Option<&'static str>,
    /// The type referred to, if it was narrowed.
    pub target: Option<&'static str>,
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

/// What a resource is sorted by; compare with [`SearchQuery::compare`].
pub struct SortKeys {
    _keys: Vec<()>,
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
        let _ = (resource_type, parameters.into_iter().count(), base_url);
        todo!()
    }

    /// The type searched.
    pub fn resource_type(&self) -> &'static str {
        self.resource_type
    }

    /// Whether the resource matches every parameter. Resources of other types never do.
    pub fn matches(&self, resource: &Json) -> bool {
        let _ = resource;
        todo!()
    }

    /// The patient that the query names by `patient`, `subject`, `beneficiary`, … or, for a
    /// search of Patient, by `_id`.
    pub fn named_patient(&self) -> NamedPatient<'_> {
        todo!()
    }

    /// Whether `_sort` was given.
    pub fn is_sorted(&self) -> bool {
        todo!()
    }

    /// What this resource is sorted by.
    pub fn sort_keys(&self, resource: &Json) -> SortKeys {
        let _ = resource;
        todo!()
    }

    /// The order that `_sort` asks for; resources without a value come last either way.
    pub fn compare(&self, a: &SortKeys, b: &SortKeys) -> Ordering {
        let _ = (a, b);
        todo!()
    }

    /// `_count`, if given.
    pub fn count(&self) -> Option<u32> {
        todo!()
    }

    /// `_total`, if given.
    pub fn total(&self) -> Option<Total> {
        todo!()
    }

    /// `_summary` and `_elements`.
    pub fn subset(&self) -> &Subset {
        todo!()
    }

    /// `_include`.
    pub fn includes(&self) -> &[Include] {
        todo!()
    }

    /// `_revinclude`.
    pub fn revincludes(&self) -> &[Include] {
        todo!()
    }
}

impl Include {
    /// The references to follow from this resource, as written (`Type/id`, …).
    ///
    /// For `_include` call it on a match and fetch what it names; for `_revinclude` call it on
    /// every resource of type [`Include::source`] and keep those that name a match.
    pub fn references<'a>(&self, resource: &'a Json) -> Vec<&'a str> {
        let _ = resource;
        todo!()
    }
}

/// Finds candidates for token and reference parameters without looking at every resource.
#[derive(Default)]
pub struct Index {
    _maps: Vec<()>,
}

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// The positions of the resources that match, ascending.
    ///
    /// `resources` are all resources of the query's type in the file; they must be the same in
    /// the same order at every call until [`Index::forget`].
    pub fn search<R: AsRef<Json>>(&mut self, query: &SearchQuery, resources: &[R]) -> Vec<u32> {
        let _ = (query, resources.len());
        todo!()
    }

    /// Forgets what it knew of one type, because its resources changed.
    pub fn forget(&mut self, resource_type: &str) {
        let _ = resource_type;
        todo!()
    }
}
