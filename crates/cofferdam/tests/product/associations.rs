//! What a chamber is told of its members: from its key to the list that it opens by itself.

use crate::rig::{Done, PROGRAM, Product};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

const NORTH: &str = "Chamber North";
const SOUTH: &str = "Chamber South";
const PASSPHRASE: &str = "a chamber's own words";

/// Runs a command as a chamber does, which has no data folder.
fn chamber(product: &Product, arguments: &[&str]) -> Done {
    let mut command = product.command(PROGRAM);
    command.env("COFFERDAM_HOME", product.work().join("none"));
    command.env("COFFERDAM_ASSOCIATION_PASSPHRASE", PASSPHRASE);
    Done::of(command.args(["--json", "incident", "association"]).args(arguments))
}

/// Makes a chamber's key; returns the files of key and public line.
fn key(product: &Product, name: &str) -> [String; 2] {
    let [key, public] = [name.to_owned(), format!("{name}.pub")].map(|name| path(product, &name));
    let made = chamber(product, &["key", "--out", &key]);
    assert_eq!(made.code, 0, "{made:?}");
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    fs::write(&public, made["public_key"].as_str().unwrap()).unwrap();
    let text = fs::read_to_string(&key).unwrap();
    assert!(!text.contains(PASSPHRASE));
    [key, public]
}

fn path(product: &Product, name: &str) -> String {
    product.work().join(name).display().to_string()
}

/// Three files that a thief read, of which two are of one chamber; and one that nobody read.
fn people(product: &Product, files: &[String]) -> String {
    let chambers = [NORTH, NORTH, SOUTH, NORTH];
    let line = |(file, chamber): (&String, &str)| {
        json!({"file": file, "country": "DE", "association": chamber}).to_string() + "\n"
    };
    let path = path(product, "people.ndjson");
    fs::write(&path, files.iter().zip(chambers).map(line).collect::<String>()).unwrap();
    path
}

#[test]
fn each_chamber_opens_its_own_members_and_nothing_else() {
    let (product, id) = crate::filings::incident();
    let files = crate::incidents::files(&product);
    let people = people(&product, &files);
    let counts = &product.json(&["incident", "counts", &id, "--people", &people])[0];
    assert_eq!(counts["figures"]["association.Chamber North"]["value"], 2);

    let ([north, north_public], [south, south_public]) =
        (key(&product, "north"), key(&product, "south"));
    let seal = |association: &str, to: &str, out: &str| {
        let head = ["incident", "association", "seal", &id, "--people", &people];
        let rest = ["--association", association, "--to", to, "--out", out];
        product.run_json(&[&head[..], &rest].concat())
    };
    let [list, other] = ["north.list", "south.list"].map(|name| path(&product, name));
    let sealed = seal(NORTH, &north_public, &list);
    assert_eq!(sealed.code, 0, "{sealed:?}");
    assert_eq!(seal(SOUTH, &south_public, &other).code, 0);
    assert_eq!(seal("Chamber East", &north_public, &path(&product, "none")).code, 4);
    assert_eq!(seal(NORTH, &people, &path(&product, "none")).code, 2, "no public key");
    assert_eq!(seal(NORTH, &north_public, &list).code, 2, "nothing is written over");

    let opened = chamber(&product, &["open", &list, "--key", &north]);
    assert_eq!(opened.code, 0, "{opened:?}");
    let opened: Value = serde_json::from_str(&opened.stdout).unwrap();
    let sealed: Value = serde_json::from_str(&sealed.stdout).unwrap();
    assert_eq!(opened["sha256"], sealed["sha256"]);
    let told = &opened["list"];
    let exposure = product.home().join("incidents").join(&id).join("exposures/1.json");
    let exposure: Value = serde_json::from_slice(&fs::read(exposure).unwrap()).unwrap();
    assert_eq!((&told["incident"], &told["exposure"]), (&json!(id), &json!(1)));
    assert_eq!((&told["digest"], &told["association"]), (&exposure["digest"], &json!(NORTH)));
    let members = told["members"].as_array().unwrap().iter();
    let members: BTreeSet<&str> = members.map(|member| member["file"].as_str().unwrap()).collect();
    assert_eq!(members, BTreeSet::from([&*files[0], &*files[1]]));
    assert_eq!(told["counts"]["persons"]["value"], 2);
    assert_eq!(told["counts"]["section.label"]["value"], 2);

    another_key_and_other_bytes_open_nothing(&product, &list, [&north, &south]);
    let journal = product.json(&["incident", "show", &id])[0].to_string();
    assert!(journal.contains(sealed["sha256"].as_str().unwrap()), "it is written down: {journal}");
}

fn another_key_and_other_bytes_open_nothing(product: &Product, list: &str, keys: [&str; 2]) {
    let open = |list: &str, key: &str| chamber(product, &["open", list, "--key", key]).code;
    assert_eq!(open(list, keys[1]), 6, "another chamber's key");
    let sealed = fs::read(list).unwrap();
    let altered = path(product, "altered.list");
    for at in [0, 40, 200, sealed.len() - 1] {
        let mut bytes = sealed.clone();
        bytes[at] ^= 1;
        fs::write(&altered, bytes).unwrap();
        assert_eq!(open(&altered, keys[0]), 6, "byte {at}");
    }
    fs::write(&altered, &sealed[..sealed.len() - 1]).unwrap();
    assert_eq!(open(&altered, keys[0]), 6, "cut");
    // Longer than any list, with next to nothing on the disk.
    fs::File::create(&altered).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(open(&altered, keys[0]), 2, "endless");
    assert_eq!(open(list, &altered), 2, "an endless key");
    assert_eq!(open(list, &format!("{}.pub", keys[0])), 6, "the public half alone");
}
