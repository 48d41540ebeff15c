//! `_summary` and `_elements`: parts of a resource, marked as such.

use crate::Json;

/// Which part of each resource is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subset {
    /// Everything.
    #[default]
    Whole,
    /// `_summary=true`: the summary elements.
    Summary,
    /// `_summary=text`: narrative, id, meta and mandatory elements.
    Text,
    /// `_summary=data`: everything but the narrative.
    Data,
    /// `_summary=count`: no resources at all, only their number.
    Count,
    /// `_elements`: these, and what is mandatory or modifies the meaning.
    Elements(Vec<String>),
}

impl Subset {
    /// The part of the resource, tagged `SUBSETTED` unless it is whole.
    pub fn of(&self, resource: &Json) -> Json {
        let _ = resource;
        todo!()
    }
}
