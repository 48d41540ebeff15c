//! `cofferdam disclosure check-receipt`: a receipt, verified offline.

use super::{read_path, told};
use crate::cli::CheckReceiptArguments;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use data_encoding::HEXLOWER;
use intake::desk::posted;
use intake::key::{OfficerKeyFile, Unsigned, fingerprint};
use intake::receipt::Receipt;

/// Verifies a receipt against a fingerprint, or the data folder's key.
pub(super) fn check(home: &Home, arguments: &CheckReceiptArguments, json: bool) -> Outcome {
    let text = read_path(&arguments.receipt)?;
    let text = String::from_utf8(text).map_err(|_| wrong(Unsigned::Form))?;
    let receipt = Receipt::verify(&text).map_err(wrong)?;
    let found = fingerprint(&receipt.certificate.intake_key);
    if same(&found) != same(&wanted(home, arguments)?) {
        return Err(Failure::Tampered(format!(
            "the receipt is signed under another officer's key, whose fingerprint is {found}"
        )));
    }
    let is_for = match &arguments.sealed {
        Some(path) => {
            let sealed = sealed(read_path(path)?);
            if !receipt.is_for(&sealed) {
                return Err(Failure::Tampered("the receipt is for another message".into()));
            }
            " It is for this message."
        }
        None => "",
    };
    let sha256 = HEXLOWER.encode(&receipt.sha256);
    let value = serde_json::json!({
        "verified": true,
        "received": receipt.received.to_string(),
        "bytes": receipt.bytes,
        "sha256": sha256,
        "origin": receipt.certificate.origin,
        "fingerprint": found,
        "for_message": arguments.sealed.is_some(),
    });
    let line = format!(
        "verified: {} received {} bytes with SHA-256 {sha256} at {}, under the officer's key \
         {found}.{is_for}",
        receipt.certificate.origin, receipt.bytes, receipt.received
    );
    told(json, &value, &line);
    Ok(())
}

/// The message by itself, or as it was sent.
fn sealed(bytes: Vec<u8>) -> Vec<u8> {
    match posted(&bytes) {
        Some((_, Some(sealed))) => sealed,
        _ => bytes,
    }
}

fn wanted(home: &Home, arguments: &CheckReceiptArguments) -> Outcome<String> {
    if let Some(given) = &arguments.fingerprint {
        return Ok(given.clone());
    }
    let path = home.intake_key();
    let text = std::fs::read(&path).map_err(|_| {
        Failure::Asked("give the fingerprint of the officer's key with --fingerprint".into())
    })?;
    let key = OfficerKeyFile::parse(&text).and_then(|file| file.intake_key());
    Ok(fingerprint(&key.map_err(Failure::world(path.display()))?))
}

/// Fingerprints are compared without the marks between their groups.
pub(super) fn same(fingerprint: &str) -> String {
    let hex = fingerprint.chars().filter(char::is_ascii_hexdigit);
    hex.map(|c| c.to_ascii_lowercase()).collect()
}

fn wrong(error: Unsigned) -> Failure {
    Failure::Tampered(format!("this receipt does not count: {error}"))
}
