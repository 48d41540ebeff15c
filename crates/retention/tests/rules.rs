//! Rule files and settings: what the program brings is whole, and what is wrong is said.

use retention::{Book, Books, Kind, Settings};

const GOOD: &str = r#"
country = "NO"
name = "Norway"

[[rule]]
id = "no-patient"
kinds = ["patient"]
since = "last-entry"
years = 10
says = "kept for 10 years"
source = "a law"
read = "2026-01-31"
"#;

fn wrong(text: &str) -> String {
    Book::parse("NO.toml", text).unwrap_err().to_string()
}

#[test]
fn what_the_program_brings_is_whole() {
    let books = Books::brought().unwrap();
    let countries: Vec<_> = books.all().map(|book| book.country.as_str()).collect();
    assert_eq!(countries, ["DE", "DK", "EU", "US-CA", "US-CT", "US-ME", "US-TX"]);
    for (book, rule) in books.rules() {
        assert!(!rule.source.is_empty() && rule.period.years > 0, "{} {}", book.country, rule.id);
    }
    // Whoever keeps patients' files has a rule for them, and for people who were only tested.
    for book in books.all().filter(|book| book.country != "EU") {
        for kind in [Kind::Patient, Kind::MassTest] {
            assert!(book.of(kind).next().is_some(), "{}: {}", book.country, kind.word());
        }
    }
    assert!(books.of("DK").unwrap().demand.is_some());
}

#[test]
fn wrong_rule_files_say_what_is_wrong() {
    Book::parse("NO.toml", GOOD).unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(GOOD.contains(from));
        wrong(&GOOD.replace(from, to))
    };
    assert!(replaced("source = \"a law\"", "").contains("`no-patient` has no source"));
    assert!(replaced("\"a law\"", "\" \"").contains("has no source"));
    assert!(replaced("read = \"2026-01-31\"", "").contains("when its source was read"));
    assert!(replaced("2026-01-31", "2026-02-30").contains("when its source was read"));
    assert!(replaced("\"patient\"", "\"pateint\"").contains("unknown variant `pateint`"));
    assert!(replaced("last-entry", "last-visit").contains("unknown variant `last-visit`"));
    assert!(replaced("years = 10", "years = 0").contains("no years"));
    assert!(replaced("years = 10", "years = 10\nmonths = 2").contains("unknown field `months`"));
    assert!(replaced("\"patient\"", "").contains("for no kind"));
    assert!(replaced("\"NO\"", "\"Norway\"").contains("capital letters"));
    assert!(replaced("[\"patient\"]", "[\"patient\", \"access-information\"]").contains("two"));
    assert!(wrong("country = \"NO\"\nname = \"Norway\"").contains("has no rule"));
    assert!(wrong(&"#".repeat(100_000)).contains("longer than"));
    let rule = &GOOD[GOOD.find("[[rule]]").unwrap()..];
    assert!(wrong(&format!("{GOOD}{rule}")).contains("is there twice"));
    let other = rule.replace("no-patient", "no-other").replace("10", "30");
    let text = wrong(&format!("{GOOD}{other}"));
    assert!(text.contains("`no-patient` and `no-other` overlap"), "{text}");
    // From another beginning it is another rule.
    let death = other.replace("last-entry", "death");
    Book::parse("NO.toml", &format!("{GOOD}{death}")).unwrap();
    let demand = "[demand]\nsays = \"no\"\ninstead = \"\"\nsource = \"a law\"\n";
    assert!(wrong(&format!("{GOOD}{demand}")).contains("needs says, instead and source"));
}

#[test]
fn a_folder_stands_in_the_place_of_a_whole_country() {
    let own = Books::read([("NO.toml", GOOD)].into_iter()).unwrap();
    let books = Books::brought().unwrap().replaced_by(own);
    assert_eq!(books.all().count(), 8);
    let german = GOOD.replace("\"NO\"", "\"DE\"");
    let own = Books::read([("DE.toml", german.as_str())].into_iter()).unwrap();
    let books = Books::brought().unwrap().replaced_by(own);
    assert_eq!(books.of("DE").unwrap().rules.len(), 1);
    let twice = Books::read([("a.toml", GOOD), ("b.toml", GOOD)].into_iter()).unwrap_err();
    assert!(twice.to_string().contains("b.toml: another file is for NO as well"), "{twice}");
}

#[test]
fn wrong_settings_say_what_is_wrong() {
    let practice =
        "[[practice]]\nid = \"aeaqcaibaeaqcaib\"\ncountry = \"DE\"\nkinds = [\"patient\"]\n";
    let parse = |text: &str| Settings::parse("retention.toml", text);
    let books = Books::brought().unwrap();
    parse(practice).unwrap().fit("retention.toml", &books).unwrap();
    let wrong = |text: &str| parse(text).unwrap_err().to_string();
    assert!(wrong(&format!("{practice}{practice}")).contains("twice the practice"));
    assert!(wrong(&practice.replace("aeaq", "AE?")).contains("no practice has the id"));
    assert!(wrong(&practice.replace("patient", "access-information")).contains("the ledger's"));
    assert!(wrong(&practice.replace("country", "land")).contains("unknown field `land`"));
    assert!(wrong("born = \"2010-01-31\"").contains("unknown field `born`"));
    let nowhere = parse(&practice.replace("\"DE\"", "\"XX\"")).unwrap();
    let text = nowhere.fit("retention.toml", &books).unwrap_err().to_string();
    assert!(text.contains("there are no rules for `XX`") && text.contains("DE, DK, EU"), "{text}");
}
