//! Orders as the product takes them, with who signs each.

use super::Cards;
use super::numbers::{PATIENTS, blind, card, file, key, list, practice};
use crate::defence::Order;
use decision::State;
use keyproto::jws::Jwk;
use keyproto::statement::{Order as Signed, SubjectName};
use terms::{Blind, CardId, Ground, ServerId};

/// The order, the file it is about, and the cards that sign it.
pub(super) fn signed(
    cards: &Cards,
    (state, server): (&State, ServerId),
    order: Order,
) -> (Signed, Option<Blind>, Vec<CardId>) {
    let two = || cards.officers().map(card).to_vec();
    let one = || vec![card(cards.officers()[0])];
    let reason = || "after review".to_owned();
    let card_name = |number| SubjectName::Card(card(number));
    match order {
        Order::Show { person, place, .. } => {
            let order = Signed::Presence { file: file(person), practice: practice(place) };
            (order, Some(blind(person)), vec![card(PATIENTS | person)])
        }
        Order::Refer { by, person, place, admit } => {
            let ground = if admit { Ground::Admission } else { Ground::Referral };
            let order = Signed::Refer { file: file(person), practice: practice(place), ground };
            (order, Some(blind(person)), vec![card(by)])
        }
        Order::Approve { place } => {
            let order = Signed::ApproveList { list: list(place), practice: practice(place) };
            (order, None, two())
        }
        Order::Issue { card: number, place, role, alone } => {
            let by = if alone { vec![card(cards.officer(place))] } else { two() };
            let order = Signed::IssueCard {
                card: card(number),
                role,
                practice: practice(place),
                holder: String::new(),
                key: Jwk::of(&key(number)),
                not_after: state.time().seconds() + 3_650 * 86_400,
                file: None,
            };
            (order, None, by)
        }
        Order::Revoke { card: number } => {
            (Signed::RevokeCard { card: card(number), reason: reason() }, None, two())
        }
        Order::Freeze { card: number } => {
            (Signed::Freeze { subject: card_name(number), reason: reason() }, None, one())
        }
        Order::Unfreeze { card: number } => {
            (Signed::Unfreeze { subject: card_name(number), reason: reason() }, None, two())
        }
        Order::Free { place } => {
            let subject = SubjectName::Practice(practice(place));
            (Signed::Unfreeze { subject, reason: reason() }, None, two())
        }
        Order::FreeServer => (
            Signed::Unfreeze { subject: SubjectName::Server(server), reason: reason() },
            None,
            two(),
        ),
        Order::Book { person, place, appointment, by } => {
            let at = appointment.seconds();
            let order = Signed::Book { file: file(person), practice: practice(place), at };
            (order, Some(blind(person)), vec![card(by.unwrap_or(PATIENTS | person))])
        }
        Order::Confirm { by, of, person } => {
            let order = Signed::Confirm { file: file(person), card: card(of) };
            (order, Some(blind(person)), vec![card(by)])
        }
        Order::Relax { by, of } => (Signed::Relax { card: card(of) }, None, vec![card(by)]),
    }
}
