//! Orders of officers: cards, practices, lists, freezes, marks.

mod freezes;
mod list;

pub(crate) use freezes::{freeze, unfreeze};
pub(crate) use list::list;

use crate::cli::{
    ApproveArguments, ConsentCommand, IssueArguments, MarkArguments, OfficerArguments,
    PracticeArguments, RelaxArguments, RevokeArguments, TwoOfficers,
};
use crate::client::{Ask, Server, card_failure, now, unlock};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::fhir_command::said;
use crate::home::Home;
use cards::{Card, CardFile, Identity};
use keyproto::jws::Jwk;
use keyproto::statement::{Consent, Mark, Order};
use std::path::Path;
use terms::{CardId, Curve, Duration, FileId, PracticeId, Role};

/// Longest name of a practice.
const NAME_BYTES_MAX: usize = 200;

/// `cofferdam card issue`.
pub(crate) fn issue(home: &Home, arguments: &IssueArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let officers = unlock_officers(home, &arguments.officer)?;
    let officers: Vec<&Card> = officers.iter().collect();
    if arguments.file.is_none() && arguments.role == Role::Patient {
        return Err(Failure::Asked("a patient's card takes --file, the patient's own file".into()));
    }
    let identity = Identity {
        card: CardId::from_bytes(random()?),
        role: arguments.role,
        practice: arguments.practice.unwrap_or(officers[0].identity().practice),
        holder: arguments.holder.clone(),
    };
    if let Some(path) = &arguments.key {
        let jwk = read_key(path)?;
        let order = issue_order(&identity, jwk, arguments.days, arguments.file);
        send(home, &config, &officers, &order)?;
        return issued(&identity, None, json);
    }
    let path = card_path(home, &arguments.name);
    is_free(&path)?;
    let curve = if arguments.p384 { Curve::P384 } else { Curve::P256 };
    let pin = new_pin(&identity.holder)?;
    let made = make_card(home, &arguments.name, identity, curve, &pin)?;
    let key = Jwk::of(made.public());
    let order = issue_order(made.identity(), key, arguments.days, arguments.file);
    if let Err(failure) = send(home, &config, &officers, &order) {
        // A card that was not issued is of no use, and its name is free again.
        let _ = std::fs::remove_file(&path);
        return Err(failure);
    }
    issued(made.identity(), Some(&path), json)
}

/// The order that issues a card.
pub(crate) fn issue_order(identity: &Identity, key: Jwk, days: u64, file: Option<FileId>) -> Order {
    Order::IssueCard {
        card: identity.card,
        role: identity.role,
        practice: identity.practice,
        holder: identity.holder.clone(),
        key,
        not_after: (now() + Duration::from_days(days)).seconds(),
        file,
    }
}

/// Makes a card and writes its file: as a whole or not at all, and over none that is there.
pub(crate) fn make_card(
    home: &Home,
    name: &str,
    identity: Identity,
    curve: Curve,
    pin: &str,
) -> Outcome<Card> {
    let card = Card::make(identity, curve).map_err(Failure::world("the card's key"))?;
    let path = card_path(home, name);
    Home::make(&home.cards())?;
    let own = data_encoding::HEXLOWER.encode(&random::<8>()?);
    let new = path.with_extension(format!("{own}.new"));
    let written = CardFile::seal(&card, pin)
        .and_then(|file| file.write(&new))
        .map_err(card_failure(&path))
        .and_then(|()| is_free(&path))
        // Unlike a renaming, this fails where another was faster.
        .and_then(|()| std::fs::hard_link(&new, &path).map_err(Failure::world(path.display())));
    let _ = std::fs::remove_file(&new);
    written.map(|()| card)
}

/// Whether a card's file can get this name; else what to do with the one that has it.
fn is_free(path: &Path) -> Outcome {
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let text = match CardFile::read(path) {
        Ok(file) => format!(
            "is the file of card {}: choose another --name. If `cofferdam card list` does not show \
             that card, its issue was interrupted: remove the file",
            file.identity().card
        ),
        Err(error) => format!("is there already, and no whole card ({error}): remove it"),
    };
    Err(Failure::Asked(format!("{} {text}", path.display())))
}

fn card_path(home: &Home, name: &str) -> std::path::PathBuf {
    home.cards().join(format!("{name}.card"))
}

/// The PIN of a new card: COFFERDAM_NEW_PIN, else asked twice.
pub(crate) fn new_pin(holder: &str) -> Outcome<zeroize::Zeroizing<String>> {
    const INSTEAD: &str = "set the environment variable COFFERDAM_NEW_PIN";
    let pin = match std::env::var("COFFERDAM_NEW_PIN") {
        Ok(pin) => zeroize::Zeroizing::new(pin),
        Err(_) => console::new_secret(&format!("new PIN for {holder}"), INSTEAD)?,
    };
    if pin.len() < 6 {
        return Err(Failure::Asked("a PIN has six characters or more".into()));
    }
    Ok(pin)
}

fn read_key(path: &Path) -> Outcome<Jwk> {
    let text = std::fs::read(path).map_err(Failure::world(path.display()))?;
    let jwk: Jwk = serde_json::from_slice(&text)
        .map_err(|_| Failure::Asked(format!("{} is not a public EC key as JWK", path.display())))?;
    jwk.key().map_err(|error| Failure::Asked(format!("{}: {error}", path.display())))?;
    Ok(jwk)
}

fn issued(identity: &Identity, path: Option<&Path>, json: bool) -> Outcome {
    if json {
        console::json(&serde_json::json!({
            "card": identity.card.to_string(),
            "role": identity.role.word(),
            "practice": identity.practice.to_string(),
            "file": path,
        }));
    } else {
        let place = path.map_or(String::new(), |p| format!(", in {}", p.display()));
        console::say(&format!("issued card {} ({}){place}", identity.card, identity.role));
    }
    Ok(())
}

/// `cofferdam card revoke`.
pub(crate) fn revoke(home: &Home, arguments: &RevokeArguments, json: bool) -> Outcome {
    let order = Order::RevokeCard { card: arguments.card, reason: arguments.reason.clone() };
    one(home, &arguments.officer, &order, json, "revoked")
}

/// `cofferdam practice`.
pub(crate) fn practice(home: &Home, arguments: &PracticeArguments, json: bool) -> Outcome {
    practice_name(&arguments.name)?;
    let practice = PracticeId::from_bytes(random()?);
    let order = Order::RegisterPractice { practice, name: arguments.name.clone() };
    one(home, &arguments.officer, &order, json, &format!("practice {practice} is known"))
}

/// Whether this can be a practice's name: it stands on the ledger for ever.
pub(crate) fn practice_name(name: &str) -> Outcome {
    let is_good = !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX;
    if is_good && !name.contains(char::is_control) {
        return Ok(());
    }
    let text = format!("a practice's name is one line of 1 to {NAME_BYTES_MAX} bytes");
    Err(Failure::Asked(text))
}

/// `cofferdam approve`.
pub(crate) fn approve(home: &Home, arguments: &ApproveArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let [first, second] = unlock_two(home, &arguments.officers)?;
    let practice = arguments.practice.unwrap_or(first.identity().practice);
    let order = Order::ApproveList { list: arguments.list, practice };
    done(send(home, &config, &[&first, &second], &order)?, json, "approved")
}

/// `cofferdam card relax`.
pub(crate) fn relax(home: &Home, arguments: &RelaxArguments, json: bool) -> Outcome {
    let order = Order::Relax { card: arguments.relaxed };
    by_card(home, &arguments.card, &order, json, "relaxed by one rung")
}

/// `cofferdam consent`: what the patient's own card forbids and allows.
pub(crate) fn consent(home: &Home, command: &ConsentCommand, json: bool) -> Outcome {
    let (what, of, done) = match command {
        ConsentCommand::Bar(a) => (Consent::Bar(a.practice), &a.of, ["barred", "not barred"]),
        ConsentCommand::Hide(a) => (Consent::Hide(a.section), &a.of, ["hidden", "shown"]),
        ConsentCommand::Deputy(a) => {
            (Consent::Deputy(a.deputy), &a.of, ["a deputy", "no deputy any more"])
        }
    };
    let order = Order::Consent { file: of.file, what, set: !of.off };
    by_card(home, &of.card, &order, json, done[usize::from(of.off)])
}

/// `cofferdam mark`.
pub(crate) fn mark(home: &Home, arguments: &MarkArguments, json: bool) -> Outcome {
    let mark = match arguments.mark.as_str() {
        "canary" => Mark::Canary,
        "restricted" => Mark::Restricted,
        other => return Err(Failure::Asked(format!("`{other}` is neither canary nor restricted"))),
    };
    let order = Order::Mark { file: arguments.file, mark, set: !arguments.off };
    let done = if arguments.off { "not marked any more" } else { "marked" };
    two(home, &arguments.officers, &order, json, done)
}

fn one(home: &Home, officer: &OfficerArguments, order: &Order, json: bool, what: &str) -> Outcome {
    let config = Config::read(home)?;
    let officers = unlock_officers(home, officer)?;
    let officers: Vec<&Card> = officers.iter().collect();
    done(send(home, &config, &officers, order)?, json, what)
}

pub(crate) fn by_card(home: &Home, card: &str, order: &Order, json: bool, what: &str) -> Outcome {
    let config = Config::read(home)?;
    let card = unlock(&home.card(card)?)?;
    done(send(home, &config, &[&card], order)?, json, what)
}

pub(crate) fn two(
    home: &Home,
    officers: &TwoOfficers,
    order: &Order,
    json: bool,
    what: &str,
) -> Outcome {
    let config = Config::read(home)?;
    let [first, second] = unlock_two(home, officers)?;
    done(send(home, &config, &[&first, &second], order)?, json, what)
}

fn unlock_officers(home: &Home, officers: &OfficerArguments) -> Outcome<Vec<Card>> {
    let names = [Some(&officers.officer), officers.second_officer.as_ref()];
    names.into_iter().flatten().map(|name| unlock(&home.card(name)?)).collect()
}

pub(crate) fn unlock_two(home: &Home, officers: &TwoOfficers) -> Outcome<[Card; 2]> {
    let first = unlock(&home.card(&officers.officer)?)?;
    let second = unlock(&home.card(&officers.second_officer)?)?;
    Ok([first, second])
}

/// Signs an order with each card and sends it; returns the number of its ledger entry.
pub(crate) fn send(home: &Home, config: &Config, cards: &[&Card], order: &Order) -> Outcome<u64> {
    let server = Server::of(home, config)?;
    let statements = cards
        .iter()
        .map(|card| card.order(&config.origin, order.clone(), now()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::world("signing the order"))?;
    let body = serde_json::to_vec(&statements).map_err(Failure::world("the order"))?;
    let ask = Ask {
        method: "POST",
        path: "/orders",
        headers: &[("content-type", "application/json")],
        body: &body,
    };
    let mut answer = server.send(&ask, &[])?;
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().map_err(Failure::world("the answer"))?;
    let said = said(text.as_bytes());
    match status {
        200 => {
            let value: serde_json::Value =
                serde_json::from_str(&text).map_err(Failure::world("the answer"))?;
            Ok(value["entry"].as_u64().unwrap_or_default())
        }
        403 if let Some(sentence) = held(&text) => Err(Failure::Refused(sentence.into())),
        403 => Err(Failure::Refused(format!(
            "the order was refused: does it take another role, or a second officer? Is what it is \
             about there, and not done already? {said}"
        ))),
        400..=499 => Err(Failure::Asked(format!("the order makes no sense ({status}): {said}"))),
        _ => Err(Failure::World(format!("the server failed ({status}): {said}"))),
    }
}

/// What the keyholder says where a legal hold is in the way: no other officer helps there.
fn held(answer: &str) -> Option<&'static str> {
    keyproto::message::Ask::Release.sentence().filter(|sentence| answer.contains(sentence))
}

fn done(entry: u64, json: bool, what: &str) -> Outcome {
    if json {
        console::json(&serde_json::json!({"entry": entry, "done": what}));
    } else {
        console::say(&format!("{what} (ledger entry {entry})"));
    }
    Ok(())
}

/// Random bytes for a new id.
pub(crate) fn random<const N: usize>() -> Outcome<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(Failure::world("random bytes"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_written_whole_and_over_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let make = || {
            let (card, practice) = (CardId::from_bytes([1; 10]), PracticeId::from_bytes([2; 10]));
            let identity = Identity { card, role: Role::Nurse, practice, holder: "Lund".into() };
            make_card(&home, "lund", identity, Curve::P256, "123456")
        };
        let card = make().unwrap().identity().card.to_string();
        let path = card_path(&home, "lund");
        CardFile::read(&path).unwrap().open("123456").unwrap();
        let refused = make().map(drop).unwrap_err();
        assert!(matches!(&refused, Failure::Asked(text) if text.contains(&card)), "{refused}");
        std::fs::write(&path, "{ torn").unwrap();
        let refused = make().map(drop).unwrap_err();
        assert!(
            matches!(&refused, Failure::Asked(text) if text.contains("remove it")),
            "{refused}"
        );
        assert_eq!(std::fs::read_dir(home.cards()).unwrap().count(), 1, "nothing is left over");
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let failure = card_failure(&path)(full.into());
        assert!(matches!(failure, Failure::World(_)), "{failure}");
    }
}
