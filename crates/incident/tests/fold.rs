//! Which lines count for which scope, and what they say of whom.

use incident::{Fold, Line, Scope, StolenCopy};
use ledger::entry::{
    Act, Deposited, Entry, EpochBegan, Erased, FileCreated, Found, LookUp, Opened,
};
use terms::{
    Blind, CardId, FileId, Grade, PracticeId, Purpose, RelationClass, Section, Sections, ServerId,
    SessionId, Time,
};

const HOUR: u64 = 3_600_000;
const CARD: CardId = CardId::from_bytes([1; 10]);
const SERVER: ServerId = ServerId::from_bytes([2; 10]);
const PRACTICE: PracticeId = PracticeId::from_bytes([3; 10]);

fn session(number: u8) -> SessionId {
    SessionId::from_bytes([number; SessionId::LENGTH])
}

fn blind(number: u8) -> Blind {
    Blind::from_bytes([number; Blind::LENGTH])
}

fn file(number: u8) -> FileId {
    FileId::from_bytes([number; FileId::LENGTH])
}

fn line(number: u64, hour: u64, act: Act) -> Line {
    let entry = Entry { at: Time::from_millis(hour * HOUR), act };
    Line { number, entry, files: (0..9).map(|n| (blind(n), file(n))).collect() }
}

fn opened(number: u8, by: u8, sections: &[Section], grade: Grade) -> Act {
    Act::Opened(Opened {
        session: session(by),
        card: CARD,
        practice: PRACTICE,
        server: SERVER,
        file: blind(number),
        sections: Sections::of(sections),
        class: RelationClass::Evidence,
        purpose: Purpose::Treatment,
        segments: 7,
        repeat: false,
        request: [0; 32],
        reason: None,
        token: None,
        grade,
        close: false,
    })
}

fn deposited(number: u8, sections: &[Section]) -> Deposited {
    Deposited {
        file: blind(number),
        session: session(1),
        card: CARD,
        practice: PRACTICE,
        server: SERVER,
        first: 0,
        sections: sections.to_vec(),
        head: [0; 32],
    }
}

fn found(shown: &[u8], told: &[u8]) -> Act {
    Act::Found(Found {
        session: session(1),
        card: CARD,
        practice: PRACTICE,
        server: SERVER,
        by: LookUp::Name,
        shown: shown.iter().map(|number| blind(*number)).collect(),
        told: told.iter().map(|number| blind(*number)).collect(),
        request: [0; 32],
    })
}

fn made(number: u8) -> Act {
    Act::FileCreated(FileCreated {
        file: blind(number),
        practice: PRACTICE,
        session: session(1),
        list: None,
        unless: None,
    })
}

/// The files with what was read and what passed, for this scope.
fn folded(scope: Scope, lines: &[Line]) -> Vec<(String, String, String)> {
    let mut fold = Fold::new(scope);
    lines.iter().for_each(|line| fold.add(line));
    let exposure = fold.finish(1, Time::from_millis(0), Default::default());
    let told =
        |p: &incident::Person| (p.file.to_string(), p.read.to_string(), p.passed.to_string());
    exposure.persons.iter().map(told).collect()
}

fn person(number: u8, read: &str, passed: &str) -> (String, String, String) {
    (file(number).to_string(), read.into(), passed.into())
}

#[test]
fn what_a_card_read_is_sections_opened_and_labels_shown_and_no_deposits() {
    let lines = [
        line(1, 1, opened(1, 1, &[Section::Label, Section::Results], Grade::Weak)),
        line(2, 2, opened(1, 1, &[Section::Contact], Grade::None)),
        line(3, 3, found(&[2], &[3])),
        line(4, 4, Act::Deposited(deposited(4, &[Section::History]))),
        // A restricted card's emergency: of this file it may see a summary, and there is none.
        line(5, 5, opened(5, 1, &[], Grade::None)),
    ];
    let scope = Scope { card: Some(CARD), ..Scope::default() };
    let expected = [person(1, "label,contact,results", ""), person(2, "label", "")];
    assert_eq!(folded(scope.clone(), &lines), expected);

    let mut fold = Fold::new(scope);
    lines.iter().for_each(|line| fold.add(line));
    let exposure = fold.finish(1, Time::from_millis(0), Default::default());
    let first = &exposure.persons[0];
    assert_eq!((first.first, first.last), (lines[0].entry.at, lines[1].entry.at));
    assert_eq!((&first.entries[..], first.segments), (&[1, 2][..], 7));
    assert_eq!(first.grades, [Grade::Weak, Grade::None]);
    assert_eq!(exposure.lines, 5);
}

#[test]
fn a_server_exposes_what_passed_through_it_and_what_it_had_open_before() {
    let lines = [
        line(1, 5, opened(1, 1, &[Section::Label], Grade::Strong)),
        line(2, 6, Act::Deposited(deposited(2, &[Section::Results]))),
        line(3, 6, found(&[3], &[])),
        line(4, 8, Act::Abandoned(deposited(4, &[Section::Restricted]))),
        line(5, 9, found(&[5], &[])),
    ];
    let from = Some(Time::from_millis(7 * HOUR));
    let scope = Scope { server: Some(SERVER), from, ..Scope::default() };
    assert_eq!(scope.read_from(), Some(Time::from_millis(3 * HOUR)));
    let expected = [person(1, "label", ""), person(4, "", "restricted"), person(5, "label", "")];
    assert_eq!(folded(scope, &lines), expected);
}

#[test]
fn a_session_has_what_it_had_open_and_of_a_card_that_is_a_doubt() {
    let lines = [
        line(1, 5, opened(1, 1, &[Section::Results], Grade::Strong)),
        line(2, 5, found(&[2], &[])),
        line(3, 8, opened(3, 1, &[Section::Label], Grade::Strong)),
    ];
    let from = Some(Time::from_millis(7 * HOUR));
    let of_session = Scope { session: Some(session(1)), from, ..Scope::default() };
    assert_eq!(of_session.read_from(), Some(Time::from_millis(3 * HOUR)));
    let expected = [person(1, "results", ""), person(3, "label", "")];
    assert_eq!(folded(of_session, &lines), expected);
    // Whoever has the card alone signs in anew, and reads nothing that another session has open.
    for scope in
        [Scope { card: Some(CARD), from, ..Scope::default() }, Scope { from, ..Scope::default() }]
    {
        assert_eq!(scope.read_from(), Some(Time::from_millis(3 * HOUR)));
        assert_eq!(folded(scope.clone(), &lines), [person(3, "label", "")]);
        let mut fold = Fold::new(scope);
        lines.iter().for_each(|line| fold.add(line));
        let doubts = fold.finish(1, Time::from_millis(0), Default::default()).doubts;
        assert!(doubts.len() == 1 && doubts[0].contains("without an entry: 1."), "{doubts:?}");
    }
}

#[test]
fn a_session_and_a_grade_narrow_what_the_keyholder_does_not() {
    let lines = [
        line(1, 1, opened(1, 1, &[Section::Label], Grade::Weak)),
        line(2, 2, opened(2, 2, &[Section::Label], Grade::None)),
        line(3, 3, found(&[3], &[])),
    ];
    let of_session = Scope { session: Some(session(2)), ..Scope::default() };
    assert_eq!(folded(of_session, &lines), [person(2, "label", "")]);
    let unexplained = Scope { grade: Some(Grade::None), ..Scope::default() };
    assert_eq!(folded(unexplained, &lines), [person(2, "label", "")]);
}

#[test]
fn a_copy_holds_what_was_in_it_and_opens_with_the_root_key_alone() {
    let erased = Erased { file: blind(2), by: Vec::new(), order: [0; 32], epoch: None };
    let lines = [
        line(0, 0, Act::Deposited(deposited(8, &[Section::Label]))),
        line(1, 1, made(1)),
        line(2, 1, Act::Deposited(deposited(1, &[Section::Label, Section::Results]))),
        line(3, 1, made(2)),
        line(4, 1, Act::Deposited(deposited(2, &[Section::Label]))),
        line(5, 2, Act::Erased(erased)),
        line(6, 3, made(3)),
        line(7, 3, Act::Deposited(deposited(3, &[Section::Label]))),
        line(8, 4, Act::EpochBegan(EpochBegan { epoch: 2 })),
    ];
    let copy = |with_root_key| {
        let copy = Some(StolenCopy { entries: 6, with_root_key });
        folded(Scope { copy, ..Scope::default() }, &lines)
    };
    assert_eq!(copy(false), []);
    assert_eq!(copy(true), [person(1, "label,results", "")]);
}

#[test]
fn a_copys_store_that_was_copied_later_than_its_ledger_counts_as_well() {
    let later = Deposited { first: 1, ..deposited(1, &[Section::Restricted]) };
    let latest = Deposited { first: 2, ..deposited(1, &[Section::History]) };
    let lines = [
        line(0, 1, made(1)),
        line(1, 1, Act::Deposited(deposited(1, &[Section::Label]))),
        line(2, 2, Act::Deposited(later)),
        line(3, 3, Act::Deposited(latest)),
        line(4, 3, made(2)),
        line(5, 3, Act::Deposited(deposited(2, &[Section::Label]))),
    ];
    let held = |with_root_key, length| {
        let copy = Some(StolenCopy { entries: 2, with_root_key });
        let stored = [(file(1), length), (file(2), 1)].into();
        let mut fold = Fold::new(Scope { copy, ..Scope::default() }).with_store(stored);
        lines.iter().for_each(|line| fold.add(line));
        let persons = fold.finish(1, Time::from_millis(0), Default::default()).persons;
        persons.iter().map(|person| person.read.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(held(true, 1), ["label"]);
    assert_eq!(held(true, 2), ["label,restricted"]);
    assert_eq!(held(true, 3), ["label,history,restricted"]);
    assert_eq!(held(false, 3), Vec::<String>::new());
}

#[test]
fn an_exposure_reads_back_as_it_was_written_and_its_digest_is_of_its_persons() {
    let mut fold = Fold::new(Scope { card: Some(CARD), ..Scope::default() });
    fold.add(&line(1, 1, opened(1, 1, &[Section::Label], Grade::Weak)));
    let exposure = fold.finish(3, Time::from_millis(5), ["c".into(), "s".into()]);
    let text = serde_json::to_string(&exposure).unwrap();
    let mut again: incident::Exposure = serde_json::from_str(&text).unwrap();
    assert_eq!(again, exposure);
    assert_eq!(incident::digest(&again.persons), exposure.digest);
    again.persons[0].read = Sections::NONE;
    assert_ne!(incident::digest(&again.persons), exposure.digest);
    let more = text.replace("\"version\":3", "\"version\":3,\"surprise\":1");
    assert!(serde_json::from_str::<incident::Exposure>(&more).is_err());
}
