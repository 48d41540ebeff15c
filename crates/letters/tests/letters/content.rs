//! What a letter must say, and what it must never say.

use crate::facts::{country, reader, run};
use letters::{Actor, Block, Language, Letter, Recipient, Run, Variant, Writer, html, text};

/// Words that hedge or play down, which most real letters have (Zou and others, CHI 2019).
fn forbidden(language: Language) -> &'static [&'static str] {
    match language {
        Language::Danish => &[
            "muligvis",
            "måske",
            "eventuelt",
            "formentlig",
            "kan være blevet",
            "kan have",
            "intet tegn på",
            "ingen tegn på",
            "ikke tegn på",
            "potentielt",
            "i princippet",
            "ud af et forsigtighedsprincip",
            "beklager ulejligheden",
            "tager din sikkerhed",
        ],
        Language::German => &[
            "möglicherweise",
            "vielleicht",
            "eventuell",
            "könnte",
            "womöglich",
            "gegebenenfalls",
            "keine hinweise",
            "keine anzeichen",
            "potenziell",
            "nicht auszuschließen",
            "vorsorglich",
            "unannehmlichkeiten",
            "sehr ernst",
        ],
        Language::English => &[
            "might",
            "may have",
            "may be",
            "may contain",
            "could have",
            "possibly",
            "potential",
            "no evidence",
            "no indication",
            "not aware of any misuse",
            "abundance of caution",
            "inconvenience",
            "takes your privacy",
            "take your privacy",
            "likely",
        ],
    }
}

fn compose(run: &Run, to: &Recipient) -> Letter {
    Writer::built_in().unwrap().compose(run, to).unwrap()
}

fn every() -> impl Iterator<Item = (Language, Variant)> {
    Language::ALL.into_iter().flat_map(|l| Variant::ALL.into_iter().map(move |v| (l, v)))
}

#[test]
fn no_letter_hedges() {
    let actors = [
        Actor::StolenCard,
        Actor::StolenSession,
        Actor::TakenOverServer,
        Actor::Colleague,
        Actor::OtherPractice,
        Actor::Unknown,
    ];
    for (language, variant) in every() {
        for country in ["DK", "DE", "US"] {
            for actor in actors {
                let mut run = run(country);
                run.actor = actor;
                let mut to = reader(language, variant);
                to.country = country.to_owned();
                let said = text(&compose(&run, &to)).to_lowercase();
                for phrase in forbidden(language) {
                    assert!(!said.contains(phrase), "{language:?} {variant:?}: {phrase}");
                }
            }
        }
    }
    // The list is not blind.
    assert!(forbidden(Language::English).iter().any(|p| "data might be lost".contains(p)));
}

#[test]
fn the_first_words_are_yes_or_no() {
    for (language, variant) in every() {
        let letter = compose(&run(country(language)), &reader(language, variant));
        let lead = letter.blocks.iter().find_map(|block| match block {
            Block::Lead(text) => Some(text.as_str()),
            _ => None,
        });
        let words = match language {
            Language::Danish => ["Ja:", "Nej:"],
            Language::German => ["Ja:", "Nein:"],
            Language::English => ["Yes:", "No:"],
        };
        let expected = words[usize::from(variant == Variant::NotOpened)];
        assert!(lead.unwrap().starts_with(expected), "{lead:?}");
    }
}

#[test]
fn all_that_the_laws_ask_for_is_there() {
    for (language, variant) in every() {
        let (run, to) = (run(country(language)), reader(language, variant));
        let letter = compose(&run, &to);
        let said = text(&letter).replace('\u{a0}', " ");
        let sender = &run.sender;
        for asked in [
            &sender.name,
            &sender.contact,
            &sender.telephone,
            &sender.email,
            &sender.data_protection_officer,
            &sender.authority.name,
            &sender.authority.contact,
            &run.verify.page,
            &run.verify.telephone,
            &to.code,
            &run.reference,
        ] {
            assert!(said.contains(asked.as_str()), "{language:?} {variant:?}: {asked}");
        }
        let headings = letter.blocks.iter().filter(|b| matches!(b, Block::Heading(_))).count();
        assert_eq!(headings, if variant == Variant::NotOpened { 4 } else { 5 });
        // Day of the breach, of the discovery, of the letter.
        assert!(said.contains("24") && said.contains("26") && said.contains("2026"));
        assert!(said.contains("PW-4821-7730") || variant == Variant::NotOpened);
        assert!(html(&letter).contains(&to.code));
    }
}

#[test]
fn a_letter_names_what_was_opened_and_nothing_else_as_opened() {
    let to = reader(Language::English, Variant::Adult);
    let letter = compose(&run("US"), &to);
    let rows = letter.blocks.iter().find_map(|block| match block {
        Block::Table(_, rows) => Some(rows.clone()),
        _ => None,
    });
    let rows = rows.unwrap();
    assert_eq!(rows.len(), to.opened.len());
    assert_eq!(rows[0][1], "November 24, 2026, 2:02 p.m. to 2:09 p.m.");
    let said = text(&letter);
    let closed = said.split("These parts were not opened:").nth(1).unwrap();
    assert!(closed.contains("Test results") && !closed.contains("Medicines |"));
}

#[test]
fn only_consequences_that_fit_are_named() {
    let mut to = reader(Language::English, Variant::Adult);
    to.not_opened.clear();
    to.opened.retain(|opened| opened.section.word() == "label");
    let said = text(&compose(&run("US"), &to));
    assert!(said.contains("False calls"));
    for absent in ["Blackmail", "Gossip", "False bills", "Wrong entries", "Debts"] {
        assert!(!said.contains(absent), "{absent}");
    }
    assert!(said.contains("There are no other parts in your file."));
}

#[test]
fn what_only_passed_through_a_server_is_not_called_opened() {
    let mut to = reader(Language::English, Variant::Adult);
    to.opened.iter_mut().for_each(|opened| opened.passed = true);
    let said = text(&compose(&run("US"), &to));
    assert!(said.contains("Yes: new entries for your file passed through a server"));
    assert!(!said.contains("was opened by someone"));
    assert!(said.contains("(new entries that passed through the server)"));
}

#[test]
fn an_opening_by_somebody_else_says_by_whom() {
    let mut to = reader(Language::German, Variant::Adult);
    to.opened[1].by = Some(Actor::Colleague);
    let said = text(&compose(&run("DE"), &to));
    assert!(said.contains("14:09 Uhr. Es war eine Person aus unserem Team."));
}

#[test]
fn steps_are_those_of_the_readers_country_in_the_readers_language() {
    let mut to = reader(Language::German, Variant::Adult);
    to.country = "DK".to_owned();
    let said = text(&compose(&run("DK"), &to));
    assert!(said.contains("CPR-Nummer") && said.contains("borger.dk") && !said.contains("SCHUFA"));
    // A country without steps of its own gets the sender's.
    to.country = "SE".to_owned();
    to.country_line = Some("Sverige".to_owned());
    let letter = compose(&run("DK"), &to);
    assert!(text(&letter).contains("borger.dk"));
    assert_eq!(letter.head.address.last().unwrap(), "SVERIGE");
    to.country_line = None;
    assert!(Writer::built_in().unwrap().compose(&run("DK"), &to).is_err());
}

#[test]
fn a_delay_for_the_police_is_said() {
    let mut run = run("DK");
    run.dates.delayed_by_police_until = Some("2026-11-25".parse().unwrap());
    let said = text(&compose(&run, &reader(Language::Danish, Variant::Adult)));
    assert!(said.contains("Politiet bad os vente med dette brev til den 25. november 2026."));
}

#[test]
fn envelope_and_subject_tell_nothing_of_health() {
    let medical = [
        "health", "centre", "clinic", "doctor", "patient", "medic", "illness", "læge", "syg",
        "journal", "klinik", "praxis", "arzt", "krank", "gesund", "akte", "maja", "lind",
    ];
    for (language, variant) in every() {
        let letter = compose(&run(country(language)), &reader(language, variant));
        let head = &letter.head;
        let seen = [vec![head.return_line.clone(), letter.subject.clone()], head.address.clone()];
        let seen = seen.concat().join(" ").to_lowercase();
        for word in medical {
            assert!(!seen.contains(word), "{seen}: {word}");
        }
    }
}

#[test]
fn a_log_in_doubt_is_said_and_nobody_is_told_no() {
    let mut run = run("US");
    run.log_in_doubt = true;
    let said = text(&compose(&run, &reader(Language::English, Variant::Adult)));
    assert!(said.contains("Strangers held the part of our system that keeps the log."));
    assert!(!said.contains("complete"));
    let to = reader(Language::English, Variant::NotOpened);
    assert!(Writer::built_in().unwrap().compose(&run, &to).is_err());
}
