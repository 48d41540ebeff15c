//! Where a resource lies: in which section of a file, in the directory, or nowhere.

use crate::Json;
use terms::Section;

/// Where resources of a type are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The Patient itself: split between `label`, `contact` and `identity`.
    Patient,
    /// In a patient's file, in this section unless a security label says `restricted`.
    File(Section),
    /// In the directory: practitioners, organisations, places.
    Directory,
    /// Nowhere: not about a patient, and not part of the directory.
    Refused,
}

/// Where resources of this type are kept; unknown types are refused.
pub fn placement(resource_type: &str) -> Placement {
    let _ = resource_type;
    todo!()
}

/// The section of a resource in a file.
///
/// A security label of the sensitivity kind (psychiatry, sexual health, HIV, genetics, substance
/// use, …) or a confidentiality of `R` or `V` moves it to `restricted`, and so does a type that
/// has no section. A Patient answers `identity`; split it instead.
pub fn section_of(resource: &Json) -> Section {
    let _ = resource;
    todo!()
}
