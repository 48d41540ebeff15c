//! The keyholder: owns all keys, decides every opening, counts, freezes, and writes the ledger.
//!
//! [`decision`] decides and is pure; here is the thin blocking process around it. What each part is
//! trusted for stands at its top. How one request goes:
//!
//! 1. a connection's thread reads a frame and verifies the signatures in it ([`server`]),
//! 2. under the one lock the core decides and what it wants recorded joins a queue,
//! 3. the committer makes the queue durable, keys before entries, many decisions at a time,
//! 4. only then the thread derives segment keys and answers. Refusals go the same way.
//!
//! A panic anywhere releases nothing. In a connection's thread it ends that connection, and if the
//! lock was held the state is made anew from the ledger; in the committer it ends the process.

mod answer;
mod backup;
mod clock;
mod committer;
mod entries;
mod error;
mod event;
mod files;
mod grants;
mod keyring;
mod locator;
mod mind;
mod random;
mod report;
mod root;
mod sandbox;
mod server;
mod settings;
mod snapshot;
mod start;
mod stop;
mod table;
mod trial;
mod watch;

pub use decision::Lag;
pub use error::KeyholderError;
pub use root::{Root, RootCost, SealedKeyFile};
pub use sandbox::Wall;
pub use server::{Disk, Keyholder, listen};
pub use settings::{Passphrase, Settings};
pub use start::{Genesis, change_passphrase, check_tenant};
pub use stop::Stopper;
pub use trial::{Tried, try_copy};
pub use watch::WatchDoor;
