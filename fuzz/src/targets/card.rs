//! A card's file: it says the same when it is written and read again.

use cards::CardFile;

pub(super) fn run(data: &[u8]) {
    let Ok(card) = serde_json::from_slice::<CardFile>(data) else { return };
    let text = serde_json::to_string(&card).expect("a card's file is JSON");
    let again: CardFile = serde_json::from_str(&text).expect("what is written is read");
    assert!(again.identity().card == card.identity().card);
    assert!(serde_json::to_string(&again).is_ok_and(|again| again == text));
}
