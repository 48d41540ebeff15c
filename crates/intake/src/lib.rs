//! Disclosure intake: a finder's report reaches the officer, sealed, and is answered.
//!
//! Trust: the server that takes a report in holds ciphertext, times and sizes. What a finder writes
//! opens with the officer's intake key alone, which lies under a passphrase where the server cannot
//! read; what the officer answers opens with the finder's code phrase alone. The server makes the
//! page that seals, so one that was taken over can give a finder another page: the key's
//! fingerprint is published elsewhere, and `cofferdam disclose` seals without the page.
//!
//! | module | what it gives |
//! |---|---|
//! | [`hpke`] | sealing to a public key (RFC 9180, base mode) |
//! | [`phrase`] | code phrases: mailbox and key of answers |
//! | [`message`] | what finders and officers write, and its sealed form |
//! | [`key`] | the officer's key, its certificate, the receipt key |
//! | [`receipt`] | signed receipts |
//! | [`store`] | sealed messages by mailbox, bounded |
//! | [`notice`] | security.txt, and what the page says |
//! | [`page`] | the report page and the letter page |
//! | [`letter_codes`] | whether a letter's code is one of ours |
//! | [`association`] | an association's key, and lists sealed to it |
//! | [`csaf`] | advisories as CSAF 2.0 |
//! | [`provider`] | who publishes them, as `provider-metadata.json` |
//! | [`desk`] | all that a server needs of it |

pub mod association;
pub mod csaf;
#[cfg(test)]
mod csaf_structure;
pub mod desk;
pub mod hpke;
pub mod key;
pub mod letter_codes;
mod lines;
mod locked;
pub mod message;
pub mod notice;
pub mod page;
pub mod phrase;
pub mod provider;
pub mod receipt;
pub mod store;

/// Longest sealed message, in bytes.
pub const SEALED_BYTES_MAX: usize = 64 << 10;

/// A message cannot be sealed or opened: wrong key, wrong place, or altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this does not open: another key, another mailbox, or altered")]
pub struct Sealed;

/// Random bytes from the system.
fn random<const N: usize>() -> Result<[u8; N], Sealed> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Sealed)?;
    Ok(bytes)
}
