//! What people are called reaches no file of the keyholder, and nothing it says.

use crate::client::*;
use keyproto::message::{Facts, Identifier, Query};
use std::path::Path;

const MARKERS: [&str; 6] =
    ["Zyxmarka", "Zyxmarkb", "zyxmarkc", "1931-11-17", "4477889911", "zyxmarkd"];

#[test]
fn no_marker_is_in_any_file_or_event() {
    let world = World::new();
    let process = world.spawn();
    let mut doctor = world.doctor(0);
    for round in 0..20 {
        let identifier = |system: &str, value: &str| Identifier {
            system: system.into(),
            value: format!("{value}{round}"),
        };
        doctor.create(Some(Facts {
            identifiers: vec![
                identifier("urn:oid:1.2.208.176.1.2", "zyxmarkc"),
                identifier("http://zyxmarkd/chart", "zyxmarkd"),
            ],
            names: vec![MARKERS[0].into(), MARKERS[1].into()],
            birth_date: Some(MARKERS[3].into()),
            telephones: vec![MARKERS[4].into()],
            families: vec![MARKERS[1].into()],
            addresses: vec![MARKERS[4].into()],
        }));
        doctor.find(Query::Name(vec![MARKERS[0].into()]));
        doctor.find(Query::NameAndBirthDate(vec![MARKERS[1].into()], MARKERS[3].into()));
        doctor.find(Query::Telephone(MARKERS[4].into()));
        // A question that makes no sense must not be repeated either.
        doctor.find(Query::NameAndBirthDate(vec![MARKERS[1].into()], MARKERS[2].into()));
    }
    let mut said = process.terminate();
    let mut process = world.spawn();
    said.push_str(&process.kill());
    assert!(find(said.as_bytes()).is_none(), "{said}");
    let files = search(&world.settings.folder);
    assert!(files > 5, "only {files} files were searched");
}

fn search(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                return search(&path);
            }
            let marker = find(&std::fs::read(&path).unwrap());
            assert_eq!(marker, None, "{}", path.display());
            1
        })
        .sum()
}

/// A marker in these bytes, in any case of letters.
fn find(bytes: &[u8]) -> Option<&'static str> {
    let bytes = bytes.to_ascii_lowercase();
    MARKERS.into_iter().find(|marker| {
        let marker = marker.to_ascii_lowercase();
        bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
    })
}
