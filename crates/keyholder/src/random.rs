//! Randomness for keys, names and nonces.

use crate::error::{KeyholderError, Result};

/// This many random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let failed = |_| KeyholderError::World("the system gives no random bytes".into());
    aws_lc_rs::rand::fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
