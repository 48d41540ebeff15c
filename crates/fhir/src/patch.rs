//! JSON Patch (RFC 6902) on the lossless tree.

use crate::Json;

/// Why a patch was refused. Operations are named by their position, from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The patch is not an array of operations with the members RFC 6902 demands.
    #[error("operation {operation} is not one that RFC 6902 knows")]
    Malformed {
        /// Position of the operation.
        operation: usize,
    },
    /// A pointer leads nowhere.
    #[error("operation {operation} points at nothing")]
    NotThere {
        /// Position of the operation.
        operation: usize,
    },
    /// A `test` found another value.
    #[error("the test of operation {operation} failed")]
    TestFailed {
        /// Position of the operation.
        operation: usize,
    },
    /// The result would be nested too deeply or be too large.
    #[error("operation {operation} makes the document too large")]
    TooLarge {
        /// Position of the operation.
        operation: usize,
    },
}

/// The document with every operation of the patch applied, or an error and no change.
pub fn apply(document: &Json, patch: &Json) -> Result<Json, PatchError> {
    let _ = (document, patch);
    todo!()
}
