//! Facts from outside that would break a page, hide, or forge text.

use crate::facts::{reader, run};
use letters::{Block, Language, Pages, Recipient, Refused, Run, Variant, Writer, html, text};

fn with(change: impl FnOnce(&mut Recipient)) -> Result<letters::Letter, Refused> {
    let mut to = reader(Language::Danish, Variant::Minor);
    change(&mut to);
    Writer::built_in().unwrap().compose(&run("DK"), &to)
}

#[test]
fn what_a_person_holds_is_never_in_a_message() {
    let secret = "Hemmelig\u{202E}";
    for change in [
        (|to, s| to.name = s) as fn(&mut Recipient, String),
        |to, s| to.address = vec![s],
        |to, s| to.postcode = s,
        |to, s| to.town = s,
        |to, s| to.country = s,
        |to, s| to.country_line = Some(s),
        |to, s| to.person = Some(s),
        |to, s| to.code = s,
        |to, s| to.protection_code = Some(s),
    ] {
        for text in [secret, "", "a\nb", "\u{7}", "王", &"x".repeat(1_000)] {
            let error = with(|to| change(to, text.to_owned())).err().unwrap();
            let said = format!("{error} {error:?}");
            assert!(!said.contains("Hemmelig") && said.len() < 300, "{said}");
        }
    }
}

#[test]
fn markup_and_variables_in_facts_stay_words() {
    let name = "<script>&\"{ $code }\" {telephone}";
    let letter = with(|to| {
        to.person = Some(name.to_owned());
        to.name = "{number} {count}".to_owned();
    });
    let letter = letter.unwrap();
    assert!(text(&letter).contains(name));
    let page = html(&letter);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;&amp;&quot;"));
    assert!(text(&letter).contains("{number} {count}"));
    assert!(!Pages::new().unwrap().pdf(&[letter]).unwrap().is_empty());
}

#[test]
fn long_names_and_words_without_end_stay_on_the_page() {
    let long = "Ø".repeat(80);
    let mut run = run("DK");
    run.happened.da = vec!["w".repeat(1_200); 6];
    let mut to = reader(Language::Danish, Variant::Minor);
    to.name = long.clone();
    to.person = Some(long);
    to.address = vec!["W".repeat(60); 3];
    to.town = "W".repeat(60);
    let letter = Writer::built_in().unwrap().compose(&run, &to).unwrap();
    let pdf = Pages::new().unwrap().pdf(&[letter]).unwrap();
    assert!(pdf.len() < 120_000);
}

#[test]
fn more_than_there_can_be_is_refused() {
    assert!(with(|to| to.address = vec!["a".into(); 4]).is_err());
    assert!(with(|to| to.address.clear()).is_err());
    assert!(with(|to| to.opened = vec![to.opened[0]; 21]).is_err());
    assert!(with(|to| to.opened.clear()).is_err());
    assert!(with(|to| to.opened[0].first = "2027-01-01T00:00:00Z".parse().unwrap()).is_err());
    assert!(with(|to| to.not_opened.push(to.opened[0].section)).is_err());
    assert!(with(|to| to.person = None).is_err());
    assert!(with(|to| to.variant = Variant::NotOpened).is_err());
    let mut run = run("DK");
    run.happened.da = vec!["a".into(); 7];
    let to = reader(Language::Danish, Variant::Adult);
    assert!(Writer::built_in().unwrap().compose(&run, &to).is_err());
}

#[test]
fn a_language_in_which_nobody_wrote_is_refused_by_name() {
    let mut run = run("DK");
    run.happened.de.clear();
    let writer = Writer::built_in().unwrap();
    let to = reader(Language::German, Variant::Adult);
    let said = writer.compose(&run, &to).err().unwrap().to_string();
    assert_eq!(said, "happened has no words in German: write some under de");
    assert!(writer.compose(&run, &reader(Language::Danish, Variant::Adult)).is_ok());
}

#[test]
fn fields_that_nobody_knows_are_refused() {
    let more = format!("surprise = 1\n{}", include_str!("run.toml"));
    assert!(toml::from_str::<Run>(&more).is_err());
    let more = r#"{"name":"a","diagnosis":"b"}"#;
    assert!(serde_json::from_str::<Recipient>(more).is_err());
}

#[test]
fn a_letter_can_be_as_long_as_it_must_and_every_page_is_numbered() {
    let mut letter = with(|_| ()).unwrap();
    for _ in 0..300 {
        letter.blocks.push(Block::Paragraph("Et ord. ".repeat(40)));
    }
    assert!(Pages::new().unwrap().pdf(&[letter]).unwrap().len() > 20_000);
}
