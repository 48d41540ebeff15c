//! The keyholder's own keys in a folder that lives as long as the measurement, and files made with
//! them: importing a hundred thousand people takes minutes, and is measured elsewhere.

use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::orders::random;
use aws_lc_rs::hmac;
use data_encoding::BASE64;
use keyholder::{KeyholderError, Passphrase, Root, RootCost, SealedKeyFile};
use rusqlite::{Connection, params};
use seal::{BoxKey, FileKey, KeyName, SealError, WrappedKey, WrappingKey, seal_bytes};
use terms::{Blind, FileId};
use zeroize::Zeroizing;

/// The first epoch: nothing was rotated here.
const EPOCH: u32 = 1;

/// The keys, still wrapped.
pub(super) struct Keys {
    root: SealedKeyFile,
    tenant: String,
    keyring: String,
}

impl Keys {
    pub(super) fn read(home: &Home) -> Outcome<Keys> {
        let failed = Failure::world::<KeyholderError>("the keyholder's keys");
        let root = Passphrase::read(&home.path().join("passphrase")).and_then(|passphrase| {
            let path = home.keyholder().join("root.key");
            SealedKeyFile::open(&path, &passphrase, RootCost::default())
        });
        let root = root.map_err(failed)?;
        let path = home.keyholder().join("keyring");
        let keyring = std::fs::read_to_string(&path).map_err(Failure::world(path.display()))?;
        let tenant = keyring.lines().find_map(|line| line.strip_prefix("tenant "));
        let tenant = tenant.ok_or_else(unknown)?.to_owned();
        Ok(Keys { root, tenant, keyring })
    }

    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The key of entries.
    pub(super) fn entries(&self) -> Outcome<BoxKey> {
        BoxKey::new(&*self.key("entries", 0)?, "entry").map_err(failed)
    }

    /// Adds this many files to the key table, and says how the ledger names them.
    pub(super) fn add_files(&self, home: &Home, born: u64, count: u32) -> Outcome<Vec<Blind>> {
        let blinding = hmac::Key::new(hmac::HMAC_SHA256, &*self.key("blinding", 0)?);
        let epoch = self.key("epoch", EPOCH)?;
        let names = BoxKey::new(&epoch, "file id").map_err(failed)?;
        let keys = WrappingKey::from_bytes(epoch).map_err(failed)?;
        let path = home.keyholder().join("keys.db");
        let table = || Failure::world::<rusqlite::Error>("the key table");
        let mut connection = Connection::open(&path).map_err(table())?;
        let batch = connection.transaction().map_err(table())?;
        let mut blinds = Vec::new();
        for _ in 0..count {
            let file = FileId::from_bytes(random()?);
            let tag = hmac::sign(&blinding, file.as_bytes());
            let blind = tag.as_ref().first_chunk().copied().map(Blind::from_bytes);
            let blind = blind.ok_or_else(unknown)?;
            let named =
                |what| KeyName { tenant: &self.tenant, what, id: blind.as_bytes(), epoch: EPOCH };
            let name = seal_bytes(&names, &named("file id").aad(), file.as_bytes());
            let key = FileKey::generate().and_then(|key| key.wrap(&keys, &named("file")));
            let (name, key) = (name.map_err(failed)?, key.map_err(failed)?);
            batch
                .prepare_cached(
                    "INSERT INTO file (blind, epoch, born, name, key) VALUES (?, ?, ?, ?, ?)",
                )
                .and_then(|mut insert| {
                    let (blind, key) = (blind.as_bytes(), key.as_bytes());
                    insert.execute(params![blind, EPOCH, born.cast_signed(), name, key])
                })
                .map_err(table())?;
            blinds.push(blind);
        }
        batch.commit().map_err(table())?;
        Ok(blinds)
    }

    fn key(&self, what: &str, number: u32) -> Outcome<Zeroizing<[u8; 32]>> {
        let line = format!("{what} {number} ");
        let line = self.keyring.lines().find_map(|text| text.strip_prefix(&line));
        let wrapped = line.and_then(|text| BASE64.decode(text.as_bytes()).ok());
        let wrapped = wrapped.and_then(|bytes| WrappedKey::from_bytes(&bytes).ok());
        let id = number.to_be_bytes();
        let name = KeyName { tenant: &self.tenant, what, id: &id, epoch: 0 };
        let key = self.root.unwrap(&name, &wrapped.ok_or_else(unknown)?);
        key.map_err(Failure::world("the keyholder's keys"))
    }
}

fn unknown() -> Failure {
    Failure::World("the keyring is of a form that this benchmark does not know".into())
}

fn failed(error: SealError) -> Failure {
    Failure::World(format!("the keyholder's keys: {error}"))
}
