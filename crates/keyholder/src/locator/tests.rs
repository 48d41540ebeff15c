use super::*;

const HERE: PracticeId = PracticeId::from_bytes([1; 10]);
const THERE: PracticeId = PracticeId::from_bytes([2; 10]);

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &[5; 32])
}

fn of(system: &str, value: &str) -> Identifier {
    Identifier { system: system.into(), value: value.into() }
}

#[test]
fn national_identifiers_are_known_everywhere_and_chart_numbers_at_home() {
    let token = |practice, system, value| identifier(&key(), practice, &of(system, value)).unwrap();
    let (by, cpr) = token(HERE, NATIONAL[0], "010203-1234");
    assert_eq!(by, LookUp::Identifier);
    assert_eq!(cpr, token(THERE, NATIONAL[0], "010203 1234").1);
    assert_ne!(cpr, token(HERE, NATIONAL[1], "0102031234").1, "another system, another person");
    let (by, chart) = token(HERE, "urn:chart", "17");
    assert_eq!(by, LookUp::Chart);
    assert_ne!(chart, token(THERE, "urn:chart", "17").1);
    assert_ne!(chart, token(HERE, "urn:char", "t17").1, "parts do not run together");
    for empty in ["", " ", "-"] {
        assert!(identifier(&key(), HERE, &of(NATIONAL[0], empty)).is_err());
    }
}

#[test]
fn names_are_found_by_beginnings_and_short_names_as_a_whole() {
    let facts = Facts {
        identifiers: Vec::new(),
        names: vec!["Bø Christoffersen".into()],
        birth_date: Some("1999-12-31".into()),
        telephones: vec!["+45 12 34 56 78".into(), "none".into()],
    };
    let known = tokens(&key(), HERE, &facts).unwrap();
    // One short word, prefixes of 3 to 8 letters of the long one, birth date, telephone.
    assert_eq!(known.len(), 1 + 6 + 1 + 1);
    let fits = |query: Query| {
        let wanted = wanted(&key(), HERE, &query).ok()?;
        Some(wanted.tokens.iter().all(|token| known.contains(token)))
    };
    let name = |text: &str| fits(Query::Name(vec![text.into()]));
    assert_eq!(name("chr"), Some(true));
    assert_eq!(name("CHRISTOFFERSEN bo"), Some(true), "the longest beginning that counts");
    assert_eq!(name("christina"), Some(false));
    assert_eq!(name("ch"), None, "too short alone");
    assert_eq!(name("ch bo"), None);
    assert_eq!(name("chr b"), Some(false), "short words are whole words");
    let born = |date: &str| fits(Query::NameAndBirthDate(vec!["bø".into()], date.into()));
    assert_eq!((born("1999-12-31"), born("1999-12-30")), (Some(true), Some(false)));
    assert_eq!(born("31. 12."), None);
    let called = |number: &str| fits(Query::Telephone(number.into()));
    assert_eq!((called("12345678"), called("004512345678")), (Some(true), Some(true)));
    assert_eq!((called("12345679"), called("1234")), (Some(false), None));
    let elsewhere = wanted(&key(), THERE, &Query::Telephone("12345678".into())).unwrap();
    assert!(!known.contains(&elsewhere.tokens[0]));
}

#[test]
fn the_rarest_is_asked_first() {
    let query = Query::Name(vec!["Ane".into(), "Margrethe".into()]);
    let by_length = wanted(&key(), HERE, &query).unwrap().tokens;
    let longest = wanted(&key(), HERE, &Query::Name(vec!["margreth".into()])).unwrap().tokens;
    assert_eq!(by_length[0], longest[0]);
    let query = Query::NameAndBirthDate(vec!["Ane".into()], "1999-12-31".into());
    assert_eq!(
        wanted(&key(), HERE, &query).unwrap().tokens[0],
        birth(&key(), HERE, "1999-12-31").unwrap()
    );
}
