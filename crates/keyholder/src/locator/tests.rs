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
        families: Vec::new(),
        addresses: Vec::new(),
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
    assert_eq!(name("boe"), Some(true), "three letters are typed, though they fold to two");
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

#[test]
fn who_shares_a_family_name_or_an_address_is_tied() {
    let key = key();
    let of = |families: &[&str], addresses: &[&str]| {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let facts = Facts { families: own(families), addresses: own(addresses), ..nobody() };
        ties(&key, &facts).unwrap()
    };
    let tied = |a: &[Token], b: &[Token]| a.iter().any(|tie| b.contains(tie));
    let holm = of(&["Holm"], &["2100 Strandvej 5, 2. tv"]);
    assert!(tied(&holm, &of(&["HOLM"], &[])));
    assert!(tied(&holm, &of(&["Holm-Hansen"], &[])));
    assert!(tied(&holm, &of(&["Bach"], &["2100  strandvej 5 2 TV"])));
    assert!(tied(&holm, &family(&key, "Dr Ida Holm")));
    assert!(!tied(&holm, &family(&key, "Holm Bach")));
    assert!(!tied(&holm, &of(&["Bach"], &["2100 Strandvej 7"])));
    // A short word in front of a name ties nobody together, a short name alone does.
    assert!(!tied(&of(&["von Bach"], &[]), &of(&["von Holm"], &[])));
    assert!(tied(&of(&["Bo"], &[]), &family(&key, "Dr Bo")));
    // A name is not an address, and nothing ties those of whom nothing is known.
    assert!(!tied(&of(&["Strandvej"], &[]), &of(&[], &["Strandvej"])));
    assert!(of(&[], &[]).is_empty() && family(&key, "  ").is_empty());
}

#[test]
fn ties_without_bounds_are_refused() {
    let many = Facts { families: vec!["a".into(); VALUES_MAX + 1], ..nobody() };
    assert!(ties(&key(), &many).is_err());
    let long = Facts { addresses: vec!["a".repeat(VALUE_BYTES_MAX + 1)], ..nobody() };
    assert!(ties(&key(), &long).is_err());
}

fn nobody() -> Facts {
    Facts {
        identifiers: Vec::new(),
        names: Vec::new(),
        birth_date: None,
        telephones: Vec::new(),
        families: Vec::new(),
        addresses: Vec::new(),
    }
}
