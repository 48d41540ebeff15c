//! What an association is told of its members.

use crate::sample::{file, stolen_card};
use incident::{IncidentError, MemberList, People};
use std::io::Cursor;

const ID: &str = "2026-11-26-1";

/// Files 1, 2 and 6 are of chamber A, 5 of chamber B, and of 3 and 4 it is not known.
fn list(association: &str) -> incident::Result<MemberList> {
    let mut text = String::new();
    for (number, chamber) in [(6, "A"), (1, "A"), (2, "A"), (5, "B"), (9, "A")] {
        let file = file(number);
        text.push_str(&format!(r#"{{"file":"{file}","association":"{chamber}"}}"#));
        text.push('\n');
    }
    let people = People::read(Cursor::new(text)).unwrap();
    MemberList::of(ID, &stolen_card().folder.exposure(None).unwrap(), &people, association)
}

#[test]
fn it_names_the_members_who_are_exposed_and_counts_them_alone() {
    let list = list("A").unwrap();
    let files: Vec<_> = list.members.iter().map(|member| member.file).collect();
    assert_eq!(files, [file(1), file(2), file(6)], "9 is no person of the exposure");
    let count = |name: &str| list.counts[name].value;
    assert_eq!(
        (count("persons"), count("persons.complete"), count("persons.passed-only")),
        (3, 2, 1)
    );
    assert_eq!(
        (count("section.label"), count("section.results"), count("section.summary")),
        (2, 2, 0)
    );
    assert_eq!(list.digest, stolen_card().folder.exposure(None).unwrap().digest);
    assert_eq!(self::list("B").unwrap().members.len(), 1);
    for nobody in ["C", "a", ""] {
        assert!(matches!(self::list(nobody), Err(IncidentError::NotThere(_))), "{nobody}");
    }
}

#[test]
fn it_is_read_again_and_what_contradicts_itself_is_refused() {
    let list = list("A").unwrap();
    let bytes = list.to_bytes();
    assert!(bytes.len().is_power_of_two(), "its size tells little");
    assert_eq!(MemberList::parse(&bytes).unwrap(), list);
    let text = String::from_utf8(bytes).unwrap();
    let first = serde_json::to_string(&list.members[0]).unwrap();
    for (from, to) in [
        (r#""version":1"#, r#""version":2"#),
        (r#""persons":{"value":3"#, r#""persons":{"value":2"#),
        (r#""association":"A""#, r#""association":"A\u001b[2J""#),
        (r#""incident""#, r#""names":[],"incident""#),
        (&first, &format!("{first},{first}")),
        ("]}", "]"),
    ] {
        let altered = text.replacen(from, to, 1);
        assert_ne!(altered, text, "{from}");
        let refused = MemberList::parse(altered.as_bytes());
        assert!(matches!(refused, Err(IncidentError::Tampered(_))), "{to}");
    }
    assert!(MemberList::parse(&vec![b'['; 1 << 20]).is_err(), "deep");
}
