//! `cofferdam incident verify`: is this export as it was signed?

use crate::cli::VerifyExportArguments;
use crate::console;
use crate::failure::{Failure, Outcome};
use ::incident::filing::{Verified, verify_folder};
use cards::SignedExport;
use serde_json::json;

pub(super) fn verify(arguments: &VerifyExportArguments, json: bool) -> Outcome {
    let Verified { manifest, hash, signature, mut wrong } = verify_folder(&arguments.folder)?;
    let mut signed = None;
    match signature.as_deref().map(SignedExport::verify) {
        None if arguments.thumbprint.is_some() => wrong.push("nobody signed it".into()),
        None => {}
        Some(Err(_)) => wrong.push("the signature does not verify".into()),
        Some(Ok(export)) if export.manifest() != hash => {
            wrong.push("manifest.json is not the list that was signed".into());
        }
        Some(Ok(export)) => {
            let wanted = arguments.thumbprint.as_deref();
            if wanted.is_some_and(|wanted| wanted != export.thumbprint()) {
                let by = export.thumbprint();
                wrong.push(format!("it was signed by another card, with thumbprint {by}"));
            }
            signed = Some(export);
        }
    }
    if !wrong.is_empty() {
        let folder = arguments.folder.display();
        return Err(Failure::Tampered(format!("{folder}: {}", wrong.join("; "))));
    }
    let by = signed.as_ref();
    if json {
        console::json(&json!({
            "manifest": manifest,
            "signed": by.map(|by| json!({
                "card": by.card(), "at": by.at().to_string(), "thumbprint": by.thumbprint(),
            })),
        }));
        return Ok(());
    }
    let kind = if manifest.is_final { "final" } else { "draft" };
    console::say(&format!(
        "{} files as listed: form {}, {kind}, incident {}, made {}",
        manifest.files.len(),
        manifest.form,
        manifest.incident,
        manifest.made
    ));
    match by {
        None => console::say("not signed: anybody may have made it"),
        Some(by) => {
            console::say(&format!("signed by card {} at {}", by.card(), by.at()));
            let thumbprint = by.thumbprint();
            console::say(&match arguments.thumbprint {
                Some(_) => format!("its thumbprint is the one you gave: {thumbprint}"),
                None => format!(
                    "compare its thumbprint with the one that the organisation published: \
                     {thumbprint}"
                ),
            });
        }
    }
    Ok(())
}
