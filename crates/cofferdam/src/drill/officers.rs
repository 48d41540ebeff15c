//! One officer alone, and a card office that makes cards without the ledger.

use super::bounds;
use super::scene::{Context, Scene};
use super::thief::Thief;
use crate::client::SignedInCard;
use crate::failure::{Failure, Outcome};
use crate::orders::{issue_order, random, send};
use ::drill::holdings::Holdings;
use ::drill::incident::Drill;
use ::drill::played::{Attacker, Check, Kind, Played};
use cards::{Card, Identity};
use keyproto::jws::Jwk;
use keyproto::statement::{HoldOn, Mark, Order, SubjectName};
use std::time::Duration;
use terms::{CardId, Curve, ListId, PracticeId, Role};

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let mut scene = Scene::with_people(context, drill.name, context.pick(60, 5_000))?;
    let ids = scene.stolen_ids()?;
    let elsewhere = scene.card("doctor-elsewhere")?.identity().practice;
    let frozen = scene.card("doctor-2")?.identity().card;
    let subject = SubjectName::Card(frozen);
    scene.order(1, &Order::Freeze { subject, reason: "lost".into() })?;

    let mut checks = alone(&scene, elsewhere, subject, ids[0])?;
    let (own_card, own_check) = own_doctor(&scene, &ids)?;
    checks.push(own_check);
    let unknown = made_without_ledger(&scene, &mut checks)?;
    let attackers = vec![own_card, unknown];
    let mut played = Played::new(drill, scene.files, attackers, checks);
    scene.stage.stop();
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// What takes two officers, ordered by one: alone, and with the same card twice.
fn alone(
    scene: &Scene,
    elsewhere: PracticeId,
    frozen: SubjectName,
    file: terms::FileId,
) -> Outcome<Vec<Check>> {
    let second = Card::make(
        Identity {
            card: CardId::from_bytes(random()?),
            role: Role::Officer,
            practice: scene.practice(),
            holder: "A second officer who is nobody".into(),
        },
        Curve::P256,
    );
    let second = second.map_err(Failure::world("a card"))?;
    let key = Jwk::of(second.public());
    let doctor = Identity { role: Role::Doctor, practice: elsewhere, ..second.identity().clone() };
    let patient = Identity { role: Role::Patient, ..second.identity().clone() };
    let orders = [
        (
            "approve a list",
            Order::ApproveList { list: ListId::from_bytes(random()?), practice: elsewhere },
        ),
        ("lift a freeze", Order::Unfreeze { subject: frozen, reason: "never mind".into() }),
        ("make a second officer", issue_order(second.identity(), key.clone(), 365, None)),
        ("make a card for another practice", issue_order(&doctor, key.clone(), 365, None)),
        ("make a patient's card", issue_order(&patient, key, 365, Some(file))),
        ("take a canary away", Order::Mark { file, mark: Mark::Canary, set: false }),
        ("erase a file", Order::Erase { file }),
        ("lay a legal hold", hold(file, true)),
        ("lift a legal hold", hold(file, false)),
    ];
    let (home, config, officer) =
        (&scene.stage.home, &scene.stage.config, &scene.stage.officers.first);
    let mut checks = Vec::new();
    for (what, order) in &orders {
        let by = [vec![officer], vec![officer, officer], vec![officer, &second]];
        let mut refused = 0;
        for signers in &by {
            refused += match send(home, config, signers, order) {
                Err(Failure::Refused(_) | Failure::Asked(_)) => 1,
                Ok(_) => 0,
                Err(other) => return Err(other),
            };
        }
        checks.push(Check::holds(
            Kind::HardBound,
            format!("one officer cannot {what}: alone, signing twice, or with a made-up second"),
            format!("{refused} of {} refused", by.len()),
            refused == by.len(),
        ));
    }
    Ok(checks)
}

fn hold(file: terms::FileId, set: bool) -> Order {
    let (on, case, reason) = (HoldOn::File(file), "a case".into(), "never mind".into());
    Order::Hold { on, case, set, reason }
}

/// One officer may issue cards for staff of the own practice; what such a card gets is bounded.
fn own_doctor(scene: &Scene, ids: &[terms::FileId]) -> Outcome<(Attacker, Check)> {
    let identity = Identity {
        card: CardId::from_bytes(random()?),
        role: Role::Doctor,
        practice: scene.practice(),
        holder: "A doctor who is nobody".into(),
    };
    let card = Card::make(identity, Curve::P256).map_err(Failure::world("a card"))?;
    scene.order(1, &issue_order(card.identity(), Jwk::of(card.public()), 365, None))?;
    let mut thief = Thief::with_card(scene, card)?;
    thief.take(ids.iter().copied(), Duration::ZERO)?;
    let most = bounds::opened(thief.role(), thief.span());
    let what = "files for a doctor's card that one officer made up for the own practice";
    let check = Check::at_most(what, thief.held.persons(), most);
    Ok((thief.caught("an officer with a doctor's card made up for the own practice")?, check))
}

/// A card office's key is worth nothing here: a card that no officer put on the ledger.
fn made_without_ledger(scene: &Scene, checks: &mut Vec<Check>) -> Outcome<Attacker> {
    let mut let_in = 0;
    let roles = [Role::Doctor, Role::Officer, Role::System];
    for role in roles {
        let identity = Identity {
            card: CardId::from_bytes(random()?),
            role,
            practice: scene.practice(),
            holder: "A card that is on no ledger".into(),
        };
        let card = Card::make(identity, Curve::P256).map_err(Failure::world("a card"))?;
        match SignedInCard::anew(&scene.stage.home, &scene.stage.config, &card) {
            Ok(_) => let_in += 1,
            Err(Failure::Refused(_)) => {}
            Err(other) => return Err(other),
        }
    }
    // The same id as a real card's, under another key.
    let copied = scene.card("doctor-1")?.identity().clone();
    let card = Card::make(copied, Curve::P256).map_err(Failure::world("a card"))?;
    let refused = SignedInCard::anew(&scene.stage.home, &scene.stage.config, &card).is_err();
    let_in += u64::from(!refused);
    checks.push(Check::at_most("cards let in that no officer put on the ledger", let_in, 0));
    let nothing = Holdings::new();
    let attacker = Attacker::new(
        "a card office that makes cards by itself",
        roles.len() as u64 + 1,
        &nothing,
        &nothing,
    );
    Ok(attacker.stopped(None, "no such card on the ledger"))
}
