//! `cofferdam disclosure key`: the officer's key for reports, and what it certifies.

use super::told;
use crate::cli::DisclosureKeyArguments;
use crate::client::now;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::{Home, replace, write_new};
use intake::Sealed;
use intake::key::{OfficerKey, OfficerKeyFile, ReceiptKey, fingerprint};

const VARIABLE: &str = "COFFERDAM_INTAKE_PASSPHRASE";

/// Makes the keys, or renews the receipt key.
pub(super) fn key(home: &Home, arguments: &DisclosureKeyArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let officer = if arguments.renew { unlock(home)? } else { make(home)? };
    let receipts = ReceiptKey::make().map_err(failed)?;
    let certificate = officer.certify(&config.origin, receipts.public(), now()).map_err(failed)?;
    let text = receipts.to_text().map_err(failed)?;
    // The key first: a certificate for a key that is not there would stop the server's start.
    replace(&home.receipt_key(), text.as_bytes())?;
    replace(&home.certificate(), certificate.to_text().as_bytes())?;
    let fingerprint = fingerprint(officer.public());
    let value = serde_json::json!({
        "fingerprint": fingerprint,
        "until": certificate.until.to_string(),
        "certificate": home.certificate(),
    });
    told(
        json,
        &value,
        &format!(
            "reports are sealed to the key in {}. Its fingerprint is\n  {fingerprint}\nPublish it \
             where this server has no hand, so that finders can compare. Receipts are signed until \
             {}: renew before with `cofferdam disclosure key --renew`. Start `cofferdam serve` \
             again, so that the server takes reports with it",
            home.intake_key().display(),
            certificate.until
        ),
    );
    Ok(())
}

fn make(home: &Home) -> Outcome<OfficerKey> {
    let path = home.intake_key();
    if path.exists() {
        return Err(Failure::Asked(format!(
            "{} is there already, and reports are sealed to it: `--renew` makes a new receipt key",
            path.display()
        )));
    }
    let passphrase = console::new_passphrase(VARIABLE, "new passphrase for reports")?;
    let officer = OfficerKey::make().map_err(failed)?;
    let file = officer.lock(&passphrase).map_err(failed)?;
    let text = serde_json::to_vec_pretty(&file).map_err(Failure::world("the key"))?;
    Home::make(&home.cards())?;
    write_new(&path, &text)?;
    Ok(officer)
}

/// The officer's key, with the passphrase.
pub(super) fn unlock(home: &Home) -> Outcome<OfficerKey> {
    let path = home.intake_key();
    let text = std::fs::read(&path).map_err(|error| {
        Failure::NotThere(format!(
            "{}: {error}. `cofferdam disclosure key` makes one",
            path.display()
        ))
    })?;
    let file = OfficerKeyFile::parse(&text)
        .map_err(|error| Failure::Tampered(format!("{}: {error}", path.display())))?;
    let passphrase = console::passphrase(VARIABLE, "passphrase for reports")?;
    file.unlock(&passphrase)
        .map_err(|_| Failure::Asked("the passphrase is wrong, or the key was altered".into()))
}

fn failed(_: Sealed) -> Failure {
    Failure::World("the key cannot be made or used".into())
}
