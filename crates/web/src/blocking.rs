//! Work that may wait for keyholder or store runs on threads that may block.

use crate::problem::{Family, Problem};

/// Runs it where it may block; a panic in it becomes a problem without detail.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Problem::new(Family::Broken, "this server made a mistake"))
}
