//! `cofferdam retention verify`: shows by trying that an erased file opens no more, and from which
//! backups it still would.
//!
//! Trust: the keyholder refuses the opening and records why; a copy of the key table is searched by
//! the keyholder's own code, which says yes or no and lets no key out.

use super::made::ended;
use crate::cli::VerifyErasureArguments;
use crate::client::Ask;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::keyholder_process;
use crate::report::{Asker, Line, Piece, fold, sign_in};
use crate::{backup, serve, server_process};
use keyholder::{Passphrase, Tried};
use keyproto::message::Question;
use keyproto::statement::ProofClaims;
use ledger::entry::{Act, Entry, Why};
use std::path::{Path, PathBuf};
use store::{EmbeddedStore, Store};
use terms::{FileId, Time};

/// One try, and what came of it.
struct Try {
    what: String,
    came: String,
    /// Whether the file stays closed.
    closed: bool,
    /// Whether it is about what is ours and now, which must hold.
    ours: bool,
}

/// `cofferdam retention verify`.
pub(super) fn verify(home: &Home, arguments: &VerifyErasureArguments, json: bool) -> Outcome {
    let (config, file) = (Config::read(home)?, arguments.file);
    let mut asker = sign_in(home, &arguments.asks.officer)?;
    let ended = ended(&mut asker, file)?.ok_or_else(|| {
        Failure::Asked("the ledger has no erasure of this file: there is nothing to try".into())
    })?;
    let mut tries = vec![through_the_keyholder(&mut asker, file, ended.at)?];
    let bench = Bench::new(home, &config)?;
    tries.push(bench.own_table(file)?);
    let size = server_process::open_store(home)?.file_size(file);
    let size = size.map_err(Failure::world("the store"))?;
    let count = size.segments + size.chunks;
    tries.push(Try {
        what: "sealed bytes in the store".into(),
        came: format!("{count} segments and chunks"),
        closed: count == 0,
        ours: true,
    });
    for folder in &arguments.backup {
        tries.extend(bench.of_backup(&Home::at(folder), file)?);
    }
    tell(&tries, json);
    let broken = tries.iter().filter(|one| one.ours && !one.closed).count();
    if broken > 0 {
        let text = format!("{broken} of what must hold does not: the file is not erased");
        return Err(Failure::Tampered(text));
    }
    Ok(())
}

fn tell(tries: &[Try], json: bool) {
    for Try { what, came, closed, ours } in tries {
        if json {
            console::json(&serde_json::json!({
                "tried": what, "came": came, "closed": closed, "ours": ours,
            }));
        } else {
            let closed = if *closed { "closed" } else { "OPENS " };
            console::say(&format!("{closed}  {what}: {came}"));
        }
    }
    let open = tries.iter().filter(|one| !one.ours && !one.closed).count();
    if open > 0 && !json {
        console::say(
            "What opens above is a backup with a keyring of then and a passphrase that is still \
             good. Destroy that backup; or rotate the epoch, change the passphrase, and destroy \
             the old one (docs/operating/rotate-and-erase.md)",
        );
    }
}

/// An opening is asked for, and the ledger says why it was refused: not the role, but no file.
fn through_the_keyholder(asker: &mut Asker, file: FileId, from: Time) -> Outcome<Try> {
    let path = format!("/fhir/Patient/{file}");
    let ask = Ask { method: "GET", path: &path, headers: &[], body: &[] };
    let claims = || ProofClaims { file: Some(file), ..ProofClaims::default() };
    let answer = asker.card.send(&ask, &claims)?;
    let from = Some(from);
    let question = Question { file: Some(file), from, everything: true, ..Question::default() };
    let mut last = None;
    fold(asker, &question, &mut |piece| {
        if let Piece::Line(line) = piece
            && let Line { number, entry: Entry { act: Act::Refused(refused), .. }, .. } =
                Line::of(line)?
        {
            last = Some((number, refused.why));
        }
        Ok(())
    })?;
    let (closed, why) = match last {
        Some((number, Why::NoFile)) => (true, format!("no such file (ledger entry {number})")),
        Some((number, _)) => (false, format!("for another reason (ledger entry {number})")),
        None => (false, "without an entry".into()),
    };
    Ok(Try {
        what: "an opening through the keyholder".into(),
        came: format!("answered {}, refused: {why}", answer.status),
        closed: closed && answer.status != 200,
        ours: true,
    })
}

/// Where copies of keys are tried: the passphrase of now, and what is put together for each try.
struct Bench {
    settings: keyholder::Settings,
    passphrase: Passphrase,
    /// Root key, keyring and key table as they are now.
    now: Folder,
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Bench {
    fn new(home: &Home, config: &Config) -> Outcome<Bench> {
        let passphrase = serve::passphrase(home, config)?;
        let passphrase = Passphrase::new(passphrase).map_err(keyholder_process::failure)?;
        let now = Folder::new(home, "now")?;
        backup::keys_now(home, config, &now.0)?;
        Ok(Bench { settings: keyholder_process::settings(home, config)?, passphrase, now })
    }

    /// The key table as it is at this moment.
    fn own_table(&self, file: FileId) -> Outcome<Try> {
        let (came, closed) = self.tried(&self.now.0, file);
        Ok(Try { what: "the key table".into(), came, closed, ours: true })
    }

    /// A backup's table, with today's keyring and with its own.
    fn of_backup(&self, old: &Home, file: FileId) -> Outcome<Vec<Try>> {
        let place = old.path().display().to_string();
        let size = EmbeddedStore::size_in_backup(&old.store(), file);
        let size = size.map_err(|error| Failure::Asked(format!("{place}: {error}")))?;
        let bytes = size.segments + size.chunks > 0;
        let mixed = self.now.beside("mixed")?;
        put(&self.now.0, &["root.key", "keyring"], &mixed.0)?;
        put(&old.keyholder(), &["keys.db"], &mixed.0)?;
        let whole = self.now.beside("whole")?;
        put(&old.keyholder(), &["root.key", "keyring", "keys.db"], &whole.0)?;
        let tries = [
            ("its key table with today's keyring", mixed),
            ("its key table with its own keyring, and today's passphrase", whole),
        ];
        let of = |(what, folder): (&str, Folder)| {
            let (came, closed) = self.tried(&folder.0, file);
            let sealed = if bytes { "sealed bytes are there" } else { "no sealed bytes are there" };
            Try {
                what: format!("{place}: {what}"),
                came: format!("{came}; {sealed}"),
                closed: closed || !bytes,
                ours: false,
            }
        };
        Ok(tries.into_iter().map(of).collect())
    }

    fn tried(&self, folder: &Path, file: FileId) -> (String, bool) {
        let settings = keyholder::Settings { folder: folder.into(), ..self.settings.clone() };
        match keyholder::try_copy(&settings, &self.passphrase, file) {
            Ok(Tried::Absent) => ("no key for this file".into(), true),
            Ok(Tried::Sealed(why)) => (format!("the key does not unwrap: {why}"), true),
            Ok(Tried::Opens) => ("the file's key unwraps".into(), false),
            Err(error) => (format!("it does not open: {error}"), true),
        }
    }
}

impl Folder {
    fn new(home: &Home, name: &str) -> Outcome<Folder> {
        let path = home.erasures().join(format!("try-{}-{name}", std::process::id()));
        let folder = Folder(path);
        Home::make(&folder.0)?;
        Ok(folder)
    }

    fn beside(&self, name: &str) -> Outcome<Folder> {
        let folder = Folder(self.0.with_extension(name));
        Home::make(&folder.0)?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn put(from: &Path, names: &[&str], to: &Path) -> Outcome {
    for name in names {
        backup::copy(&from.join(name), &to.join(name), None)?;
    }
    Ok(())
}
