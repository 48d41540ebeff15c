//! `cofferdam incident association`: to each chamber its own members, sealed to its key.

use super::known;
use crate::cli::{
    AssociationCommand, AssociationKeyArguments, OpenListArguments, PeopleArguments,
    SealListArguments,
};
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use ::incident::{MemberList, write_new};
use data_encoding::HEXLOWER;
use intake::association::{
    AssociationKeyFile, KEY_BYTES_MAX, SEALED_LIST_BYTES_MAX, open_list, parse_public_line,
    public_line, seal_list,
};
use intake::key::fingerprint;
use keyproto::jws::sha256;
use serde_json::json;
use std::io::Read;
use std::path::Path;

const VARIABLE: &str = "COFFERDAM_ASSOCIATION_PASSPHRASE";

pub(super) fn association(home: &Home, command: &AssociationCommand, json: bool) -> Outcome {
    match command {
        AssociationCommand::Key(arguments) => key(arguments, json),
        AssociationCommand::Seal(arguments) => seal(home, arguments, json),
        AssociationCommand::Open(arguments) => open(arguments, json),
    }
}

fn key(arguments: &AssociationKeyArguments, json: bool) -> Outcome {
    let passphrase = console::new_passphrase(VARIABLE, "new passphrase for lists of members")?;
    let failed = |_| Failure::World("the key cannot be made".into());
    let file = AssociationKeyFile::make(&passphrase).map_err(failed)?;
    let public = file.public().map_err(Failure::world("the key"))?;
    let text = serde_json::to_vec_pretty(&file).map_err(Failure::world("the key"))?;
    write_new(&arguments.out, &text)?;
    let (line, fingerprint) = (public_line(&public), fingerprint(&public));
    if json {
        let out = &arguments.out;
        console::json(&json!({"public_key": line, "fingerprint": fingerprint, "out": out}));
        return Ok(());
    }
    // The line alone is the result, so that it can go into a file as it is.
    console::say(&line);
    console::warn(&format!(
        "the line above is the public key: hand it to whoever keeps the files, and read its \
         fingerprint to them by telephone:\n  {fingerprint}\nkeep {} and its passphrase",
        arguments.out.display()
    ));
    Ok(())
}

fn seal(home: &Home, arguments: &SealListArguments, json: bool) -> Outcome {
    let no_key = |_| {
        let path = arguments.to.display();
        Failure::Asked(format!("{path} is no line of `cofferdam incident association key`"))
    };
    let line = String::from_utf8(read(&arguments.to, KEY_BYTES_MAX)?).unwrap_or_default();
    let to = parse_public_line(&line).map_err(no_key)?;
    let folder = super::folder(home, &arguments.incident.id)?;
    let version = PeopleArguments { people: None, exposure: arguments.exposure };
    let evidence = known::evidence(home, &folder, Some(&version))?;
    let people = known::people(&arguments.people)?;
    let id = &folder.incident().id;
    let list = MemberList::of(id, evidence.exposure(), &people, &arguments.association)?;
    let failed = |_| Failure::Asked("the list is too long, or the key is no point".into());
    let sealed = seal_list(&to, &list.to_bytes()).map_err(failed)?;
    write_new(&arguments.out, &sealed)?;
    let (sha256, fingerprint) = (HEXLOWER.encode(&sha256(&sealed)), fingerprint(&to));
    let told = json!({
        "association": list.association,
        "members": list.members.len(),
        "exposure": list.exposure,
        "digest": list.digest,
        "fingerprint": fingerprint,
        "sha256": sha256,
    });
    folder.journal().append(now(), "association", told.clone())?;
    if json {
        console::json(&told);
        return Ok(());
    }
    console::say(&format!(
        "{} members of {} in {}, sealed to the key with this fingerprint:\n  {fingerprint}\n\
         SHA-256 of the file, to be read to them by telephone:\n  {sha256}",
        list.members.len(),
        list.association,
        arguments.out.display()
    ));
    Ok(())
}

fn open(arguments: &OpenListArguments, json: bool) -> Outcome {
    let path = arguments.key.display();
    let file = AssociationKeyFile::parse(&read(&arguments.key, KEY_BYTES_MAX)?)
        .map_err(|error| Failure::Tampered(format!("{path}: {error}")))?;
    let sealed = read(&arguments.file, SEALED_LIST_BYTES_MAX)?;
    let passphrase = console::passphrase(VARIABLE, "passphrase for lists of members")?;
    let key = file
        .unlock(&passphrase)
        .map_err(|_| Failure::Asked("the passphrase is wrong, or the key was altered".into()))?;
    let bytes = open_list(&key, &sealed).map_err(|_| {
        let path = arguments.file.display();
        Failure::Tampered(format!("{path} does not open: sealed to another key, or altered"))
    })?;
    let list = MemberList::parse(&bytes)?;
    let sha256 = HEXLOWER.encode(&sha256(&sealed));
    if json {
        console::json(&json!({"sha256": sha256, "list": list}));
    } else {
        say(&list, &sha256);
    }
    Ok(())
}

fn say(list: &MemberList, sha256: &str) {
    console::heading(&format!("{}: incident {}", list.association, list.incident));
    console::say(&format!("exposure {} of {}, digest {}", list.exposure, list.made, list.digest));
    for (name, count) in &list.counts {
        let most = if count.at_most { "at most " } else { "" };
        console::say(&format!("  {name:<28} {most}{}", count.value));
    }
    console::heading("members, by file");
    for member in &list.members {
        console::say(&format!(
            "{}  read {}; passed {}; {} to {}",
            member.file, member.read, member.passed, member.first, member.last
        ));
    }
    console::say(&format!(
        "\nanybody with your public key could have sealed this: compare the SHA-256 of the file \
         with what its sender reads to you:\n  {sha256}"
    ));
}

/// The bytes of a file, of which nobody needs more than so many.
fn read(path: &Path, most: usize) -> Outcome<Vec<u8>> {
    let file = std::fs::File::open(path);
    let file = file.map_err(|error| Failure::NotThere(format!("{}: {error}", path.display())))?;
    let mut bytes = Vec::new();
    let read = file.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(Failure::world(path.display()))?;
    if bytes.len() > most {
        return Err(Failure::Asked(format!("{} is too long to be one", path.display())));
    }
    Ok(bytes)
}
