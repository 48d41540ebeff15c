//! The data folder, and where everything lies in it.
//!
//! | path | what | who may read it |
//! |---|---|---|
//! | `cofferdam.toml` | settings | anybody who may read the folder |
//! | `keyholder/` | keys, ledger, locator, all sealed | keyholder |
//! | `ledger.vkey` | the ledger's public verifier key | everybody: keep a copy elsewhere |
//! | `store/` | sealed files | server, import |
//! | `tls/` | the authority, the server's certificate and receipt key | server; `ca.pem` all |
//! | `run/` | the keyholder's socket | keyholder, server, import |
//! | `run/watch/` | the keyholder's other socket, and the secret for it | keyholder, watch |
//! | `incidents/` | incidents: ids, sections and times of who was affected, no content | officers |
//! | `retention.toml` | where practices are and what they keep | officers |
//! | `erasures/` | certificates of erasure, and what of them is under way | officers |
//! | `cards/` | cards made here, each under its PIN, and the intake's key | their holders |
//! | `cases/` | alerts, cases, and how far they were told on | watch, officers |
//! | `intake/` | sealed reports of flaws and answers; hashes of letters' codes | server, officers |
//! | `intake.pub` | the officer's certificate for the intake's keys | everybody |
//! | `disclosures/` | what officers did about reports | officers |
//! | `controller.toml` | the organisation, for filings: written by hand | officers |
//! | `clocks/` | laws in place of those that are built in, or beside them | officers |
//! | `letters/` | texts and steps of letters, likewise | officers |
//! | `sessions/` | device keys and tokens of `cofferdam fhir` | their users |

use crate::failure::{Failure, Outcome};
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Longest path of a socket (`sun_path`, without the byte that ends it).
const SOCKET_PATH_MAX: usize = 107;

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

    /// The organisation, as filings name it.
    pub(crate) fn controller(&self) -> PathBuf {
        self.0.join("controller.toml")
    }

    /// Laws of the operator's own.
    pub(crate) fn clocks(&self) -> PathBuf {
        self.0.join("clocks")
    }

    /// Texts and steps of letters, in place of those that are built in; there or not.
    pub(crate) fn letters(&self) -> PathBuf {
        self.0.join("letters")
    }

    /// What officers do about incidents.
    pub(crate) fn incidents(&self) -> PathBuf {
        self.0.join("incidents")
    }

    /// What the watch wrote down, and officers after it.
    pub(crate) fn cases(&self) -> PathBuf {
        self.0.join("cases")
    }

    /// Alerts and cases.
    pub(crate) fn alerts(&self) -> PathBuf {
        self.cases().join("alerts.ndjson")
    }

    /// Sealed messages of finders and officers.
    pub(crate) fn intake(&self) -> PathBuf {
        self.0.join("intake")
    }

    /// What reports are sealed to, certified by the officer's key.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.0.join("intake.pub")
    }

    /// The officer's key for reports, under its passphrase.
    pub(crate) fn intake_key(&self) -> PathBuf {
        self.cards().join("intake.key")
    }

    /// The server's key for receipts.
    pub(crate) fn receipt_key(&self) -> PathBuf {
        self.tls().join("receipt.key")
    }

    /// What officers did about reports, a line each.
    pub(crate) fn disclosures(&self) -> PathBuf {
        self.0.join("disclosures").join("journal.ndjson")
    }

    pub(crate) fn cards(&self) -> PathBuf {
        self.0.join("cards")
    }

    /// Where the practices are and what they keep.
    pub(crate) fn retention(&self) -> PathBuf {
        self.0.join("retention.toml")
    }

    /// Certificates of erasure.
    pub(crate) fn erasures(&self) -> PathBuf {
        self.0.join("erasures")
    }

    pub(crate) fn sessions(&self) -> PathBuf {
        self.0.join("sessions")
    }

    /// Whether its sockets' paths are short enough for the system.
    pub(crate) fn fits(&self) -> Outcome {
        let longest = self.watch().join("watch.sock");
        let over = longest.as_os_str().len().saturating_sub(SOCKET_PATH_MAX);
        if over == 0 {
            return Ok(());
        }
        Err(Failure::Asked(format!(
            "{} is {over} bytes too long for the sockets in it: take a shorter path, or start from \
             a folder nearer to it with a relative one",
            self.0.display()
        )))
    }

    /// A card by its name in `cards/`, or by its file. Nothing that lies where a command is given
    /// takes the place of a card of ours.
    pub(crate) fn card(&self, name: &str) -> Outcome<PathBuf> {
        let named = self.cards().join(format!("{name}.card"));
        let named = Some(named).filter(|_| !name.contains('/'));
        let mut candidates = [named, Some(PathBuf::from(name))].into_iter().flatten();
        candidates.find(|path| path.is_file()).ok_or_else(|| {
            Failure::NotThere(format!(
                "there is no card `{name}`: give the path of its file, or one of the names in {}",
                self.cards().display()
            ))
        })
    }

    /// Whether a path, which may not be there yet, lies in the data folder: by links too.
    pub(crate) fn holds(&self, path: &Path) -> Outcome<bool> {
        let whole = |path: &Path| {
            std::path::absolute(path).and_then(|path| {
                let there = path.ancestors().find(|path| path.exists()).unwrap_or(&path);
                there.canonicalize()
            })
        };
        let [inner, outer] = [path, &self.0].map(|p| whole(p).map_err(Failure::world(p.display())));
        Ok(inner?.starts_with(outer?))
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

/// Removes a file, or a folder with all that is in it.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// A new file that only its owner reads.
pub(crate) fn write_new(path: &Path, text: &[u8]) -> Outcome {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text)?;
        file.sync_all()
    };
    write().map_err(Failure::world(path.display()))
}

/// The same, over one that is there: as a whole or not at all.
pub(crate) fn replace(path: &Path, text: &[u8]) -> Outcome {
    let new = path.with_extension("new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::World(format!("{}: {error}", new.display())));
        }
        _ => write_new(&new, text)?,
    }
    std::fs::rename(&new, path).map_err(Failure::world(path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_ours_is_found_before_a_file_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let named = home.cards().join("Cargo.toml.card");
        // Tests run where this is a file.
        assert_eq!(home.card("Cargo.toml").unwrap(), Path::new("Cargo.toml"));
        Home::make(&home.cards()).unwrap();
        std::fs::write(&named, "").unwrap();
        assert_eq!(home.card("Cargo.toml").unwrap(), named);
        let path = named.to_str().unwrap();
        assert_eq!(home.card(path).unwrap(), named);
        assert!(home.card("nobody").is_err());
    }

    #[test]
    fn a_folder_in_which_no_socket_can_be_is_refused() {
        let most = SOCKET_PATH_MAX - "/run/watch/watch.sock".len();
        assert!(Home::at(Path::new(&"a".repeat(most))).fits().is_ok());
        let refused = Home::at(Path::new(&"a".repeat(most + 1))).fits();
        assert!(matches!(refused, Err(Failure::Asked(text)) if text.contains("1 bytes too long")));
    }
}
