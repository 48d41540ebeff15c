//! `cofferdam init`: keys, ledger, store, certificates, the first practice and its officers.

use crate::cli::InitArguments;
use crate::client::now;
use crate::config::{self, Config, Filled};
use crate::failure::{Failure, Outcome};
use crate::home::{Home, remove};
use crate::keyholder_process::failure;
use crate::orders::{make_card, new_pin, practice_name, random};
use crate::{console, keyholder_process, pki, server_process};
use cards::{Card, Identity};
use keyholder::{Genesis, Keyholder, Passphrase, check_tenant};
use ledger::entry::{CardIssued, PracticeRegistered};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use terms::{CardId, Curve, Duration, PracticeId, Role, ServerId};
use zeroize::Zeroizing;

/// How long the first officers' cards sign in.
const OFFICER_DAYS: u64 = 730;

/// The officers that every installation begins with.
pub(crate) struct Officers {
    pub(crate) first: Card,
    pub(crate) second: Card,
    /// For the safe: where one of the others is frozen or lost, lifting that takes two.
    pub(crate) spare: Card,
    /// The ledger's verifier key.
    pub(crate) verifier: String,
}

/// What `make_parts` makes.
const PARTS: &[&str] = &["keyholder", "store", "tls", "cards", "ledger.vkey"];
/// Stands in a folder that an init is making, which locks it meanwhile.
const UNFINISHED: &str = "init.unfinished";

/// `cofferdam init`. Everything is asked and checked before anything is made, and the settings come
/// after the verifier key was told: a folder without them is no data folder.
pub(crate) fn init(home: &Home, arguments: &InitArguments, json: bool) -> Outcome {
    let settings = check(home, arguments)?;
    let passphrase = passphrase(arguments)?;
    let pin = new_pin("the first officers")?;
    let making = begin(home)?;
    let officers = make_parts(home, arguments, &settings, passphrase, &pin)?;
    tell(home, &officers, json);
    console::whole()?;
    finish(home, &settings, making)
}

fn tell(home: &Home, officers: &Officers, json: bool) {
    let cards = [&officers.first, &officers.second, &officers.spare];
    let cards = cards.map(|card| card.identity().card.to_string());
    if json {
        console::json(&serde_json::json!({
            "home": home.path(),
            "practice": officers.first.identity().practice.to_string(),
            "officers": cards,
            "verifier": officers.verifier,
        }));
        return;
    }
    console::say(&format!("made {}", home.path().display()));
    console::say(&format!("practice {}", officers.first.identity().practice));
    console::say(&format!("officers' cards: {} in {}", cards.join(", "), home.cards().display()));
    console::say("the third is for the safe: to lift a freeze takes two that are not frozen");
    console::say(&format!("the ledger's verifier key, to keep elsewhere: {}", officers.verifier));
    console::say("\nNext: `cofferdam serve`, then `cofferdam card issue`. Keep a copy of");
    console::say("keyholder/root.key and of the passphrase apart from each other and from here:");
    console::say("without both, nobody ever reads these files again.");
}

/// Makes the data folder, and tells nobody.
pub(crate) fn make(home: &Home, arguments: &InitArguments, pin: &str) -> Outcome<Officers> {
    let settings = check(home, arguments)?;
    let passphrase = passphrase(arguments)?;
    let making = begin(home)?;
    let officers = make_parts(home, arguments, &settings, passphrase, pin)?;
    finish(home, &settings, making)?;
    Ok(officers)
}

/// The text of the settings, of arguments that make sense; nothing is written.
fn check(home: &Home, arguments: &InitArguments) -> Outcome<String> {
    is_new(home)?;
    home.fits()?;
    check_tenant(&arguments.tenant).map_err(failure)?;
    practice_name(&arguments.practice)?;
    let text = config::fill(&Filled {
        tenant: &arguments.tenant,
        server: ServerId::from_bytes(random()?),
        listen: arguments.listen,
        local_listen: arguments.local_listen,
        passphrase_file: &passphrase_file(home, arguments)?,
    });
    Config::parse(&home.settings(), &text).map(|_| text)
}

fn is_new(home: &Home) -> Outcome {
    if home.settings().exists() {
        return Err(Failure::Asked(format!(
            "{} is a data folder already; name another with --home",
            home.path().display()
        )));
    }
    let mut parts = PARTS.iter().filter(|name| home.path().join(name).exists());
    if let (false, Some(part)) = (home.path().join(UNFINISHED).exists(), parts.next()) {
        return Err(Failure::Asked(format!(
            "{} has {part} already, and no settings: name another folder with --home",
            home.path().display()
        )));
    }
    Ok(())
}

/// The passphrase's file as the settings name it: from the data folder, if it lies in there.
fn passphrase_file(home: &Home, arguments: &InitArguments) -> Outcome<String> {
    let Some(given) = &arguments.passphrase_file else { return Ok(String::new()) };
    let whole = |path: &Path| std::path::absolute(path).map_err(Failure::world(path.display()));
    let (path, folder) = (whole(given)?, whole(home.path())?);
    let path = path.strip_prefix(folder).unwrap_or(&path);
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::Asked("--passphrase-file: its path is no text, so no setting can name it".into())
    })
}

fn passphrase(arguments: &InitArguments) -> Outcome<Passphrase> {
    const INSTEAD: &str = "give --passphrase-file, or set COFFERDAM_PASSPHRASE";
    let given = match (&arguments.passphrase_file, std::env::var("COFFERDAM_PASSPHRASE")) {
        (Some(path), _) => console::secret_file(path)?,
        (None, Ok(passphrase)) => Zeroizing::new(passphrase),
        (None, Err(_)) => console::new_secret("passphrase of the root key", INSTEAD)?,
    };
    Passphrase::new(given).map_err(failure)
}

/// A folder with a mark that it is being made. What an init that was interrupted left is removed:
/// nobody has used it, as there are no settings.
fn begin(home: &Home) -> Outcome<File> {
    Home::make(home.path())?;
    let mark = home.path().join(UNFINISHED);
    let file = File::create(&mark).map_err(Failure::world(mark.display()))?;
    file.try_lock().map_err(|_| Failure::World("another init is making this folder".into()))?;
    // Another may have made it since this one looked.
    is_new(home)?;
    for path in PARTS.iter().map(|name| home.path().join(name)) {
        match remove(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::World(format!("{}: {error}", path.display())));
            }
            _ => {}
        }
    }
    Ok(file)
}

/// Everything but the settings.
fn make_parts(
    home: &Home,
    arguments: &InitArguments,
    settings: &str,
    passphrase: Passphrase,
    pin: &str,
) -> Outcome<Officers> {
    let config = Config::parse(&home.settings(), settings)?;
    pki::make(home, &arguments.tenant)?;
    let practice = PracticeId::from_bytes(random()?);
    let first = officer(home, "officer-1", "First officer", practice, pin)?;
    let second = officer(home, "officer-2", "Second officer", practice, pin)?;
    let spare = officer(home, "officer-3", "Officer's spare card", practice, pin)?;
    let registered = PracticeRegistered {
        practice,
        name: arguments.practice.clone(),
        by: Vec::new(),
        order: [0; 32],
    };
    let genesis = Genesis {
        tenant: arguments.tenant.clone(),
        practices: vec![registered],
        cards: [&first, &second, &spare].map(first_card).into(),
    };
    let settings = keyholder_process::settings(home, &config)?;
    let verifier = Keyholder::create(settings, &passphrase, genesis).map_err(failure)?;
    server_process::open_store(home)?;
    std::fs::write(home.verifier(), format!("{verifier}\n"))
        .map_err(Failure::world(home.verifier().display()))?;
    Ok(Officers { first, second, spare, verifier })
}

/// The settings make it a data folder.
fn finish(home: &Home, settings: &str, making: File) -> Outcome {
    let (path, new) = (home.settings(), home.settings().with_extension("new"));
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(settings.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, &path)?;
        std::fs::remove_file(home.path().join(UNFINISHED))
    };
    write().map_err(Failure::world(path.display()))?;
    drop(making);
    Ok(())
}

fn officer(
    home: &Home,
    name: &str,
    holder: &str,
    practice: PracticeId,
    pin: &str,
) -> Outcome<Card> {
    let identity = Identity {
        card: CardId::from_bytes(random()?),
        role: Role::Officer,
        practice,
        holder: holder.into(),
    };
    make_card(home, name, identity, Curve::P256, pin)
}

/// Nobody ordered the first cards: they are the beginning of all orders.
fn first_card(card: &Card) -> CardIssued {
    let identity = card.identity();
    CardIssued {
        card: identity.card,
        role: identity.role,
        practice: identity.practice,
        holder: identity.holder.clone(),
        key: card.public().clone(),
        not_after: now() + Duration::from_days(OFFICER_DAYS),
        file: None,
        by: Vec::new(),
        order: [0; 32],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(tenant: &str, practice: &str) -> InitArguments {
        let [listen, local_listen] = [8443, 9464].map(|port| ([127, 0, 0, 1], port).into());
        let (tenant, practice) = (tenant.into(), practice.into());
        InitArguments { tenant, practice, listen, local_listen, passphrase_file: None }
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(&folder.path().join("home"));
        assert!(check(&home, &arguments("north-clinic", "Læge \"Nord\"")).is_ok());
        let long = "a".repeat(70_000);
        for (tenant, practice) in [
            ("", "North"),
            ("a\"b", "North"),
            (long.as_str(), "North"),
            ("north", ""),
            ("north", " "),
            ("north", "two\nlines"),
            ("north", &long),
        ] {
            let refused = make(&home, &arguments(tenant, practice), "123456");
            assert!(matches!(refused, Err(Failure::Asked(_))));
        }
        let mut mistyped = arguments("north", "North");
        mistyped.passphrase_file = Some(folder.path().join("none"));
        assert!(make(&home, &mistyped, "123456").is_err());
        assert!(!home.path().exists(), "nothing is in the way of the next one");
    }

    #[test]
    fn settings_name_a_passphrase_from_the_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(&folder.path().join("home"));
        for (given, named) in [("home/pass", "pass".into()), ("it's \"so\"", String::new())] {
            let given = folder.path().join(given);
            let named = if named.is_empty() { given.to_str().unwrap().to_owned() } else { named };
            let mut arguments = arguments("north", "North");
            arguments.passphrase_file = Some(given);
            let text = check(&home, &arguments).unwrap();
            let config = Config::parse(&home.settings(), &text).unwrap();
            assert_eq!(config.passphrase_file, Path::new(&named));
        }
    }

    #[test]
    fn an_init_that_was_interrupted_begins_again() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let given = arguments("north", "North");
        std::fs::write(folder.path().join("passphrase"), "mine").unwrap();
        let first = begin(&home).unwrap();
        assert!(matches!(begin(&home), Err(Failure::World(_))), "it is being made");
        Home::make(&home.cards()).unwrap();
        std::fs::write(home.verifier(), "nobody saw it").unwrap();
        drop(first);
        let second = begin(&home).unwrap();
        assert!(!home.cards().exists() && !home.verifier().exists());
        assert!(folder.path().join("passphrase").exists(), "only what an init makes is removed");
        let text = check(&home, &given).unwrap();
        finish(&home, &text, second).unwrap();
        assert!(matches!(begin(&home), Err(Failure::Asked(_))), "it is a data folder");
        std::fs::remove_file(home.settings()).unwrap();
        std::fs::remove_file(folder.path().join(UNFINISHED)).unwrap();
        Home::make(&home.cards()).unwrap();
        assert!(check(&home, &given).is_err(), "somebody else's cards");
        assert!(home.cards().exists());
    }
}
