//! A snapshot of the state, and entries that are applied to it.
//!
//! The first two bytes say where the rest is laid over a genuine snapshot; 0xffff takes the rest
//! as it is. What is read is written and read again alike. Entries follow after a line of zeros.

use decision::State;
use ledger::entry::{
    Act, Began, CardIssued, Deposited, Entry, FileCreated, PracticeRegistered, SessionStarted,
};
use std::sync::LazyLock;
use terms::{Blind, CardId, PracticeId, PublicKey, Role, Section, ServerId, SessionId, Time};

static GENUINE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut state = State::default();
    for (number, act) in (0..).zip(acts()) {
        let entry = Entry { at: Time::from_millis(1_700_000_000_000), act };
        state.apply(number, &entry).expect("they follow each other");
    }
    state.to_bytes()
});

pub(super) fn run(data: &[u8]) {
    let Some((at, rest)) = data.split_first_chunk() else { return };
    let at = usize::from(u16::from_be_bytes(*at));
    let zeros = rest.windows(4).position(|window| window == [0; 4]);
    let (snapshot, entries) = rest.split_at(zeros.unwrap_or(rest.len()));
    let mut bytes = if at == 0xffff { snapshot.to_vec() } else { GENUINE.clone() };
    if at < bytes.len() {
        let length = snapshot.len().min(bytes.len() - at);
        bytes[at..at + length].copy_from_slice(&snapshot[..length]);
    }
    if let Ok(state) = State::from_bytes(&bytes) {
        let again = State::from_bytes(&state.to_bytes());
        assert!(again.is_ok_and(|again| again == state), "it says something else");
    }
    let mut state = State::from_bytes(&GENUINE).expect("a genuine snapshot");
    for bytes in entries.get(4..).unwrap_or_default().split(|byte| *byte == b'\n') {
        let Ok(entry) = Entry::from_bytes(bytes) else { return };
        if state.apply(state.entries(), &entry).is_err() {
            return;
        }
    }
}

fn acts() -> Vec<Act> {
    let mut point = vec![7; 65];
    point[0] = 4;
    let key = PublicKey::from_point(&point).expect("as long as a point is");
    let (practice, card) = (PracticeId::from_bytes([1; 10]), CardId::from_bytes([2; 10]));
    let (session, server) = (SessionId::from_bytes([3; 16]), ServerId::from_bytes([4; 10]));
    let (file, order) = (Blind::from_bytes([5; Blind::LENGTH]), [6; 32]);
    let until = Time::from_millis(1_700_000_900_000);
    let by = Vec::new;
    vec![
        Act::Began(Began { tenant: "t".into(), directory: Blind::from_bytes([0; Blind::LENGTH]) }),
        Act::PracticeRegistered(PracticeRegistered { practice, name: "P".into(), by: by(), order }),
        Act::CardIssued(CardIssued {
            card,
            role: Role::Doctor,
            practice,
            holder: "D".into(),
            key: key.clone(),
            not_after: until,
            file: None,
            by: by(),
            order,
        }),
        Act::SessionStarted(SessionStarted {
            session,
            card,
            server,
            device: key,
            until,
            openings_max: 9,
            assertion: order,
        }),
        Act::FileCreated(FileCreated { file, practice, session, list: None, unless: None }),
        Act::Deposited(Deposited {
            file,
            session,
            card,
            practice,
            server,
            first: 0,
            sections: vec![Section::Label; 20],
            head: order,
        }),
    ]
}
