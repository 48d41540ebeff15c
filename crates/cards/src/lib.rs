//! Cards as their holders have them: a key pair, its file, and what it signs.
//!
//! Trust: whoever has the file and its PIN is the holder, as with a card of plastic. The file alone
//! yields the key to nobody at once: it lies under AES-256-GCM with a key made of the PIN by
//! Argon2id, which slows guessing down but does not stop it for a short PIN. A session lives on a
//! [`Device`] key that never leaves the machine it was made on.

mod card;
mod device;
mod export;
mod file;
mod key;

pub use card::{Card, Identity};
pub use device::Device;
pub use export::SignedExport;
pub use file::{CardFile, CardFileError};
pub use key::{KeyError, SigningKey};
