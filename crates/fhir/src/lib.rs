//! FHIR R4 in JSON without generated structs: a lossless tree, checked against compact tables.
//!
//! Nothing here reads a file, a clock or a socket, and no value of this crate prints content:
//! errors carry places, names of elements and counts, never what a patient's file says.
//!
//! | module | what it gives |
//! |---|---|
//! | [`json`] | [`Json`]: parse and write without loss; limits; errors with line, column and path |
//! | [`definitions`] | resource types, elements, search parameters, from the committed tables |
//! | [`validate`] | [`validate()`]: issues of a resource against the base specification |
//! | [`path`] | [`path::Expression`]: the part of FHIRPath that search parameters use |
//! | [`search`] | [`SearchQuery`]: strict parsing, matching one resource, sorting; [`Index`] |
//! | [`sections`] | [`placement`], [`section_of`], [`restrict`]: where a resource lies in a file |
//! | [`patient`] | [`split_patient`], [`merge_patient`], [`PatientFacts`] |
//! | [`compartment`] | whose file a resource belongs to |
//! | [`references`] | walk and rewrite references; `id`, `meta.versionId`, `meta.lastUpdated` |
//! | [`links`] | rewrite links that are no references: in elements and narratives |
//! | [`patch`] | JSON Patch (RFC 6902) |
//! | [`outcome`], [`bundle`] | OperationOutcome and Bundle |
//! | [`subset`] | `_summary` and `_elements` |
//!
//! # Searching an open file
//!
//! Keep the resources of each type in a slice. [`SearchQuery::matches`] looks at one resource and
//! costs well under a microsecond; [`Index::search`] narrows token and reference parameters to
//! candidates first, so that patient and code cost the same in a large file. The index is built
//! at the first search per type and parameter; call [`Index::forget`] when resources of a type
//! changed.

pub mod bundle;
pub mod compartment;
mod datetime;
mod decimal;
pub mod definitions;
pub mod json;
pub mod links;
mod names;
pub mod outcome;
pub mod patch;
pub mod path;
pub mod patient;
pub mod references;
pub mod search;
pub mod sections;
pub mod subset;
pub mod validate;

pub use json::{Json, JsonError, Limits, Object};
pub use patient::{PatientFacts, PatientParts, merge_patient, split_patient};
pub use search::{Index, SearchError, SearchQuery};
pub use sections::{Placement, placement, restrict, section_of};
pub use validate::{Issue, IssueCode, Severity, validate};
