//! The keyholder's process.

use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::serve::end_with_parent;
use keyholder::KeyholderError;

/// Runs until told to stop. The passphrase is the first line of standard input.
pub(crate) fn run(home: &Home, seen_entries: u64) -> Outcome {
    end_with_parent(home)?;
    let config = Config::read(home)?;
    let settings = keyholder::Settings { seen_entries, ..settings(home, &config)? };
    let passphrase = keyholder::Passphrase::read("/dev/stdin".as_ref()).map_err(failure)?;
    let keyholder = keyholder::Keyholder::open(settings, &passphrase).map_err(failure)?;
    drop(passphrase);
    let socket = keyholder::listen(&home.socket()).map_err(failure)?;
    let door = keyholder::WatchDoor::open(&home.watch()).map_err(failure)?;
    keyholder.watched(door).serve(socket).map_err(failure)
}

/// What the keyholder is told, from the settings of the data folder.
pub(crate) fn settings(home: &Home, config: &Config) -> Outcome<keyholder::Settings> {
    let mut settings = keyholder::Settings::new(home.keyholder());
    if !config.second_place.as_os_str().is_empty() {
        settings.second_place = Some(home.path().join(&config.second_place));
    }
    settings.quorum = crate::feeder::quorum(config)?;
    if !config.witnesses.is_empty() {
        let (entries, seconds) = (config.unwitnessed_entries_max, config.unwitnessed_seconds_max);
        settings.limits.lag = Some(keyholder::Lag { entries, seconds });
    }
    Ok(settings)
}

/// Whose turn it is, in the words of a command.
pub(crate) fn failure(error: KeyholderError) -> Failure {
    let text = error.to_string();
    match error {
        KeyholderError::Asked(_) => Failure::Asked(text),
        KeyholderError::NotThere(_) => Failure::NotThere(text),
        KeyholderError::World(_) => Failure::World(text),
        KeyholderError::Tampered(_) => Failure::Tampered(text),
    }
}
