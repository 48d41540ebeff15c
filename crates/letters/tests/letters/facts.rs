//! A run and its readers, made up.

use letters::{Language, Recipient, Run, Variant};

const RUN: &str = include_str!("run.toml");

/// A run for readers in a country.
pub(crate) fn run(country: &str) -> Run {
    toml::from_str(&RUN.replace("COUNTRY", country)).unwrap()
}

/// The country whose language is this.
pub(crate) fn country(language: Language) -> &'static str {
    match language {
        Language::Danish => "DK",
        Language::German => "DE",
        Language::English => "US",
    }
}

/// A reader of this kind.
pub(crate) fn reader(language: Language, variant: Variant) -> Recipient {
    let (name, address, postcode, town) = match language {
        Language::Danish => ("Åse Ærø-Østergård", "Nørregade 3, 2. tv.", "8000", "Aarhus C"),
        Language::German => ("Jürgen Groß", "Ahornweg 7", "24103", "Kiel"),
        Language::English => ("Joan O’Neill", "5 Elm Street", "06457", "Middletown, CT"),
    };
    let sections: &[&str] = match variant {
        Variant::NotOpened => &[],
        Variant::Professional => &["label", "contact", "identity"],
        _ => &["label", "identity", "history", "medication"],
    };
    let opened: Vec<_> = sections
        .iter()
        .map(|section| {
            serde_json::json!({
                "section": section,
                "first": "2026-11-24T13:02:10Z",
                "last": "2026-11-24T13:09:50Z",
            })
        })
        .collect();
    let not_opened = match variant {
        Variant::NotOpened => vec!["label", "contact", "history", "results"],
        Variant::Professional => vec!["documents"],
        _ => vec!["contact", "results", "documents", "restricted"],
    };
    let about = variant.is_about_another().then_some("Maja Lind");
    serde_json::from_value(serde_json::json!({
        "name": name, "address": [address], "postcode": postcode, "town": town,
        "country": country(language), "language": language, "variant": variant,
        "person": about, "opened": opened, "not_opened": not_opened,
        "code": "K7QM-2R4D-XT9P", "protection_code": "PW-4821-7730",
    }))
    .unwrap()
}
