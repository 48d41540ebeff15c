//! The data folder, and where everything lies in it.
//!
//! | path | what | who may read it |
//! |---|---|---|
//! | `cofferdam.toml` | settings | anybody who may read the folder |
//! | `keyholder/` | keys, ledger, locator, all sealed | keyholder |
//! | `ledger.vkey` | the ledger's public verifier key | everybody: keep a copy elsewhere |
//! | `store/` | sealed files | server, import |
//! | `tls/` | the local authority and the server's certificate | server; `ca.pem` everybody |
//! | `run/` | the keyholder's socket | keyholder, server, import |
//! | `run/watch/` | the keyholder's other socket, and the secret for it | keyholder, watch |
//! | `cards/` | cards made here, each under its PIN | their holders: hand them out |
//! | `cases/` | alerts, cases, and how far they were told on | watch, officers |
//! | `incidents/` | incidents: ids of files, counts, what became of letters; no names | officers |
//! | `sessions/` | device keys and tokens of `cofferdam fhir` | their users |

use crate::failure::{Failure, Outcome};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The data folder.
#[derive(Clone, Debug)]
pub(crate) struct Home(PathBuf);

impl Home {
    /// The folder at this path, there or not.
    pub(crate) fn at(path: &Path) -> Home {
        Home(path.to_owned())
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.0.join("cofferdam.toml")
    }

    pub(crate) fn keyholder(&self) -> PathBuf {
        self.0.join("keyholder")
    }

    /// The ledger, inside the keyholder's folder.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.keyholder().join("ledger")
    }

    /// The ledger's public verifier key.
    pub(crate) fn verifier(&self) -> PathBuf {
        self.0.join("ledger.vkey")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    pub(crate) fn tls(&self) -> PathBuf {
        self.0.join("tls")
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.tls().join("ca.pem")
    }

    pub(crate) fn run(&self) -> PathBuf {
        self.0.join("run")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.run().join("keyholder.sock")
    }

    /// The watch's folder: its door to the keyholder, and what it has to show there.
    pub(crate) fn watch(&self) -> PathBuf {
        self.run().join("watch")
    }

    /// What the watch wrote down, and officers after it.
    pub(crate) fn cases(&self) -> PathBuf {
        self.0.join("cases")
    }

    /// Alerts and cases.
    pub(crate) fn alerts(&self) -> PathBuf {
        self.cases().join("alerts.ndjson")
    }

    pub(crate) fn cards(&self) -> PathBuf {
        self.0.join("cards")
    }

    pub(crate) fn sessions(&self) -> PathBuf {
        self.0.join("sessions")
    }

    /// A card by its file, or by its name in `cards/`.
    pub(crate) fn card(&self, name: &str) -> Outcome<PathBuf> {
        let named = self.cards().join(format!("{name}.card"));
        let candidates = [PathBuf::from(name), named];
        candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
            Failure::NotThere(format!(
                "there is no card `{name}`: give the path of its file, or one of the names in {}",
                self.cards().display()
            ))
        })
    }

    /// Makes a folder that only its owner reads; one that is there already is fine.
    pub(crate) fn make(folder: &Path) -> Outcome {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(Failure::world(format!("{} cannot be made", folder.display())))
    }
}
