use super::*;
use ledger::entry::{
    CardRevoked, Deposited, FileCreated, Found as LookedUp, Frozen, LookUp, Opened, Refused,
    Related, Subject, Why,
};
use proptest::prelude::*;
use terms::{Grade, Purpose, RelationClass, Section, Sections, SessionId, Time};

const SESSION: SessionId = SessionId::from_bytes([7; 16]);

fn card(number: u8) -> CardId {
    CardId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, number, 1])
}

fn practice(number: u8) -> PracticeId {
    PracticeId::from_bytes([number, 0, 0, 0, 0, 0, 0, 0, 0, 2])
}

fn server(number: u8) -> ServerId {
    ServerId::from_bytes([1, 2, 3, 4, 5, 6, 7, 8, 9, number])
}

fn file(number: u8) -> Blind {
    Blind::from_bytes([number; 16])
}

fn act(kind: u8, [c, p, s, f]: [u8; 4]) -> Act {
    let (card, practice, server, file) = (card(c), practice(p), server(s), file(f));
    let (request, session) = ([f; 32], SESSION);
    let deposited = || Deposited {
        file,
        session,
        card,
        practice,
        server,
        first: 0,
        sections: vec![Section::Label],
        head: request,
    };
    match kind % 9 {
        0 => Act::Opened(Opened {
            session,
            card,
            practice,
            server,
            file,
            sections: Sections::of(&[Section::Label]),
            class: RelationClass::Contact,
            purpose: Purpose::Treatment,
            segments: 3,
            repeat: false,
            request,
            reason: None,
            token: None,
            grade: Grade::Strong,
            close: false,
        }),
        1 => Act::Found(LookedUp {
            session,
            card,
            practice,
            server,
            by: LookUp::Name,
            shown: (0..f % 3).map(self::file).collect(),
            told: vec![file],
            request,
        }),
        2 => Act::Deposited(deposited()),
        3 => Act::Abandoned(deposited()),
        4 => {
            let (session, card, file) = (Some(session), Some(card), Some(file));
            Act::Refused(Refused { why: Why::Budget, server, session, card, file, request })
        }
        5 => Act::FileCreated(FileCreated { file, practice, session, list: None, unless: None }),
        6 => {
            let by = vec![card];
            Act::CardRevoked(CardRevoked { card, reason: "lost".into(), by, order: request })
        }
        7 => Act::Related(Related {
            file,
            practice,
            class: RelationClass::Contact,
            ground: terms::Ground::Card,
            until: Time::from_millis(9),
            by: card,
            order: request,
            code: None,
        }),
        _ => {
            let subject = Subject::Server(server);
            let (reason, finding, by) = (None, None, Vec::new());
            Act::Frozen(Frozen { subject, why: Some(Why::Budget), reason, finding, by })
        }
    }
}

proptest! {
    /// What is skipped undecoded is exactly what would not have been wanted.
    #[test]
    fn nothing_that_is_wanted_is_skipped(
        kind: u8, ids in prop::array::uniform4(0..4_u8), asked in prop::array::uniform4(0..8_u8),
        everything: bool,
    ) {
        let some = |number: u8| (number < 4).then_some(number);
        let question = Question {
            card: some(asked[0]).map(card),
            practice: some(asked[1]).map(practice),
            server: some(asked[2]).map(server),
            everything,
            ..Question::default()
        };
        let wanted = Wanted::new(&question, some(asked[3]).map(file), None);
        let bytes = Entry { at: Time::from_millis(8), act: act(kind, ids) }.to_bytes();
        let skipping = wanted.found(1, &bytes).unwrap().is_some();
        let decoding = Wanted { beginning: None, ..wanted }.found(1, &bytes).unwrap().is_some();
        prop_assert_eq!(skipping, decoding);
    }
}

#[test]
fn an_entry_that_cannot_be_read_is_an_alarm() {
    let wanted = Wanted::new(&Question::default(), None, None);
    assert!(wanted.found(1, b"nonsense").is_err());
}
