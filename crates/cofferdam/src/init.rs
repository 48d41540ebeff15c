//! `cofferdam init`: keys, ledger, store, certificates, the first practice and its officers.

use crate::cli::InitArguments;
use crate::client::now;
use crate::config::{self, Config, Filled};
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::keyholder_process::failure;
use crate::orders::{make_card, new_pin, random};
use crate::{console, keyholder_process, pki, serve, server_process};
use cards::{Card, Identity};
use keyholder::{Genesis, Keyholder, Passphrase};
use ledger::entry::{CardIssued, PracticeRegistered};
use terms::{CardId, Curve, Duration, PracticeId, Role, ServerId};

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

/// `cofferdam init`.
pub(crate) fn init(home: &Home, arguments: &InitArguments, json: bool) -> Outcome {
    let pin = new_pin("the first officers")?;
    let officers = make(home, arguments, &pin)?;
    let cards = [&officers.first, &officers.second, &officers.spare];
    let cards = cards.map(|card| card.identity().card.to_string());
    if json {
        console::json(&serde_json::json!({
            "home": home.path(),
            "practice": officers.first.identity().practice.to_string(),
            "officers": cards,
            "verifier": officers.verifier,
        }));
        return Ok(());
    }
    console::say(&format!("made {}", home.path().display()));
    console::say(&format!("practice {}", officers.first.identity().practice));
    console::say(&format!("officers' cards: {} in {}", cards.join(", "), home.cards().display()));
    console::say("the third is for the safe: to lift a freeze takes two that are not frozen");
    console::say(&format!("the ledger's verifier key, to keep elsewhere: {}", officers.verifier));
    console::say("\nNext: `cofferdam serve`, then `cofferdam card issue`. Keep a copy of");
    console::say("keyholder/root.key and of the passphrase apart from each other and from here:");
    console::say("without both, nobody ever reads these files again.");
    Ok(())
}

/// Makes the data folder.
pub(crate) fn make(home: &Home, arguments: &InitArguments, pin: &str) -> Outcome<Officers> {
    if home.settings().exists() {
        return Err(Failure::Asked(format!(
            "{} is a data folder already; name another with --home",
            home.path().display()
        )));
    }
    Home::make(home.path())?;
    let config = settings(home, arguments)?;
    let passphrase = serve::passphrase(home, &config)?;
    if config.passphrase_file.as_os_str().is_empty()
        && std::env::var_os("COFFERDAM_PASSPHRASE").is_none()
        && passphrase != serve::passphrase(home, &config)?
    {
        return Err(Failure::Asked(
            "the two passphrases differ; delete the folder, begin again".into(),
        ));
    }
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
    let passphrase = Passphrase::new(passphrase).map_err(failure)?;
    let settings = keyholder_process::settings(home, &config)?;
    let verifier = Keyholder::create(settings, &passphrase, genesis).map_err(failure)?;
    server_process::open_store(home)?;
    std::fs::write(home.verifier(), format!("{verifier}\n"))
        .map_err(Failure::world(home.verifier().display()))?;
    Ok(Officers { first, second, spare, verifier })
}

fn settings(home: &Home, arguments: &InitArguments) -> Outcome<Config> {
    let passphrase_file = arguments.passphrase_file.as_deref().unwrap_or("".as_ref());
    let text = config::fill(&Filled {
        tenant: &arguments.tenant,
        server: ServerId::from_bytes(random()?),
        listen: arguments.listen,
        local_listen: arguments.local_listen,
        passphrase_file: &passphrase_file.display().to_string(),
    });
    std::fs::write(home.settings(), text).map_err(Failure::world(home.settings().display()))?;
    Config::read(home)
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
