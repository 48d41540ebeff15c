//! Who opens the file of somebody close says why first.

use crate::client::*;
use keyproto::message::{Ask, Facts};
use keyproto::statement::{Order, ProofClaims};
use keyproto::{Answer, jws::Jwk};
use ledger::entry::{Act, Entry};
use terms::{CardId, Curve, FileId, Role};

/// A doctor of the practice who is a patient there too.
fn colleague(world: &World, officer: &mut Client, home: FileId) -> cards::Card {
    let practice = world.doctors[0].identity().practice;
    let (card, holder) = (CardId::from_bytes([77; 10]), "Dr Kim Andersen".to_owned());
    let identity = cards::Identity { card, role: Role::Doctor, practice, holder: holder.clone() };
    let made = cards::Card::make(identity, Curve::P256).unwrap();
    let order = Order::IssueCard {
        card,
        role: Role::Doctor,
        practice,
        holder,
        key: Jwk::of(made.public()),
        not_after: now().seconds() + 86_400,
        file: Some(home),
    };
    let issued = officer.order(&[&world.officers[0]], &order);
    assert!(matches!(issued, Answer::Recorded(_)), "{}", told(&issued));
    made
}

fn person(family: &str, cpr: &str, address: &str) -> Option<Facts> {
    Some(Facts { addresses: vec![address.into()], ..facts(&[family], cpr) })
}

#[test]
fn a_file_of_somebody_close_takes_a_reason_and_is_marked() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let home = doctor.create(person("Lund", "010270-1001", "2100 Strandvej 5"));
    let close = [
        home,
        doctor.create(person("ANDERSEN", "010270-1002", "2200 Elmegade 1")),
        doctor.create(person("Bach", "010270-1003", "2100 strandvej 5")),
        doctor.create(person("Lund", "010270-1004", "2300 Amagerbro 9")),
    ];
    let stranger = doctor.create(person("Kjeldsen", "010270-1005", "2100 Strandvej 7"));
    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let kim = colleague(&world, &mut officer, home);
    let mut client = world.connect();
    client.sign_in(&kim);

    assert!(matches!(client.open(stranger), Answer::Opened(_)));
    for file in close {
        let refused = client.open(file);
        let Answer::Refused(refusal) = refused else { panic!("{}", told(&refused)) };
        assert_eq!(refusal.ask, Ask::Reason, "it is asked for, and nothing else is");
        let nonce = client.nonce(None);
        let reason = Some("covers for a colleague".into());
        let claims = ProofClaims { reason, ..ProofClaims::default() };
        let opened = client.opening_as(file, &nonce, claims);
        assert!(matches!(client.ask(opened), Answer::Opened(_)));
    }
    // Whoever knows nobody there is asked nothing, but for the one who works there.
    for file in close.into_iter().skip(1) {
        assert!(matches!(doctor.open(file), Answer::Opened(_)));
    }
    assert!(matches!(doctor.open(home), Answer::Refused(_)), "a colleague's own file");

    let mine = officer.report(|asked| asked.card = Some(kim.identity().card));
    let mine = mine.unwrap_or_else(|answer| panic!("{}", told(&answer)));
    let acts = mine.iter().map(|line| Entry::from_bytes(&line.entry).unwrap().act);
    let marks: Vec<bool> = acts
        .filter_map(|act| match act {
            Act::Opened(opened) => Some(opened.close),
            _ => None,
        })
        .collect();
    assert_eq!(marks, [false, true, true, true, true]);
    running.stop().unwrap();
}
