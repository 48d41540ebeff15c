//! `cofferdam keys`: new keys for the keyholder, while nothing serves.

use crate::cli::PassphraseArguments;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::keyholder_process::{failure, settings};
use crate::serve;
use keyholder::{Keyholder, Passphrase};
use zeroize::Zeroizing;

/// `cofferdam keys rotate`.
pub(crate) fn rotate(home: &Home, json: bool) -> Outcome {
    wrap_anew(home)?;
    done(
        json,
        "rotated: every file key is wrapped under a new epoch, and the key of the old one is \
         destroyed. Copies of the key table made before open only with a keyring made before: \
         destroy those, or their passphrase",
    );
    Ok(())
}

/// Wraps every file key under a new epoch, and destroys the old one.
pub(crate) fn wrap_anew(home: &Home) -> Outcome {
    let config = Config::read(home)?;
    let _alone = alone(home)?;
    let passphrase = Passphrase::new(serve::passphrase(home, &config)?).map_err(failure)?;
    let keyholder = Keyholder::open(settings(home, &config)?, &passphrase).map_err(failure)?;
    keyholder.rotate().map(drop).map_err(failure)
}

/// `cofferdam keys passphrase`.
pub(crate) fn passphrase(home: &Home, arguments: &PassphraseArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let _alone = alone(home)?;
    let old = Passphrase::new(serve::passphrase(home, &config)?).map_err(failure)?;
    let new = Passphrase::new(new_passphrase(arguments)?).map_err(failure)?;
    keyholder::change_passphrase(&settings(home, &config)?, &old, &new).map_err(failure)?;
    done(
        json,
        "changed: the root key is a new one, under the new passphrase. Lay the new passphrase \
         where the settings look for it before the next start. Backups made before still open \
         with the old passphrase: destroy it, or them",
    );
    Ok(())
}

/// Nothing else may have these keys in memory: it would write the old ones again.
fn alone(home: &Home) -> Outcome<std::fs::File> {
    serve::alone(home)?.ok_or_else(|| {
        Failure::Asked(format!("{} is being served: stop it first", home.path().display()))
    })
}

fn new_passphrase(arguments: &PassphraseArguments) -> Outcome<Zeroizing<String>> {
    const INSTEAD: &str = "give --new-passphrase-file, or set COFFERDAM_NEW_PASSPHRASE";
    if let Some(path) = &arguments.new_passphrase_file {
        return console::secret_file(path);
    }
    if let Ok(passphrase) = std::env::var("COFFERDAM_NEW_PASSPHRASE") {
        return Ok(Zeroizing::new(passphrase));
    }
    console::new_secret("new passphrase of the root key", INSTEAD)
}

fn done(json: bool, what: &str) {
    if json {
        console::json(&serde_json::json!({"done": what}));
    } else {
        console::say(what);
    }
}
