//! Trials decide as the keyholder's core does, and signatures are all that they lack.

#[path = "support/world.rs"]
mod world;

use decision::{Begin, Limits, Named, Outcome, Step, Stop, Trial, Verdict, Wish};
use keyproto::statement::Order;
use ledger::entry::{Act, CardIssued, LookUp, PracticeRegistered, Subject, Why};
use terms::{
    Blind, Duration, Finding, Grade, Purpose, RelationClass, Role, Rung, Section, SessionId,
};
use world::*;

const STAFF: [(Role, usize); 5] = [
    (Role::Officer, 0),
    (Role::Officer, 0),
    (Role::Doctor, 0),
    (Role::Doctor, 1),
    (Role::Laboratory, 0),
];

fn trial() -> Trial {
    let practices = (0..2).map(|n| PracticeRegistered {
        practice: practice(n),
        name: format!("practice {n}"),
        by: vec![],
        order: [0; 32],
    });
    let key = Signer::new().key;
    let cards = STAFF.iter().enumerate().map(|(n, (role, at))| CardIssued {
        card: card_id(n),
        role: *role,
        practice: practice(*at),
        holder: "holder".into(),
        key: key.clone(),
        not_after: START + Duration::from_days(3_650),
        file: None,
        by: vec![],
        order: [0; 32],
    });
    let (practices, cards) = (practices.collect(), cards.collect());
    let begin = Begin { tenant: "trial".into(), directory: file(0).blind, practices, cards };
    let (trial, entries) = Trial::new(Limits::default(), START, begin);
    assert_eq!(trial.state().entries(), entries.len() as u64);
    trial
}

fn session(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

fn wish(purpose: Purpose, reason: Option<&str>) -> Wish {
    Wish { purpose, sections: None, reason: reason.map(str::to_owned), close: false }
}

fn treat() -> Wish {
    wish(Purpose::Treatment, None)
}

/// Two approved patients of practice 0, and sessions of its doctor and of the other's.
fn with_two_patients() -> Trial {
    let mut trial = trial();
    for (number, card) in [(2, 2), (3, 3), (4, 4)] {
        let signed_in = trial.sign_in(START, server(1), card_id(card), session(number), [1; 32]);
        assert!(matches!(signed_in.verdict, Verdict::SignedIn(_)));
    }
    for number in 1..=2 {
        let (blind, all) = (file(number).blind, Section::ALL.to_vec());
        let came = trial.deposit(START, server(1), session(4), blind, all, Some(list(1)));
        assert_eq!(came.verdict, Verdict::Committed);
    }
    let order = Order::ApproveList { list: list(1), practice: practice(0) };
    let by = [card_id(0), card_id(1)];
    assert_eq!(trial.order(START, server(1), &order, None, &by).verdict, Verdict::Ordered);
    trial
}

fn blind(number: u64) -> Blind {
    let Named { blind, .. } = file(number);
    blind
}

fn why_of(outcome: &Outcome) -> Option<Why> {
    why(&outcome.verdict)
}

#[test]
fn a_trial_decides_by_the_same_rules() {
    let mut trial = with_two_patients();
    let opened = trial.open(START, server(1), session(2), blind(1), treat());
    assert!(matches!(opened.entries[..], [ref one] if matches!(one.act, Act::Opened(_))));
    assert_eq!(released(opened.verdict).class, RelationClass::Evidence);
    // A stranger, another server, and a session that nobody began.
    let other = trial.open(START, server(1), session(3), blind(1), treat());
    assert_eq!(why_of(&other), Some(Why::NoRelation));
    let elsewhere = trial.open(START, server(2), session(2), blind(1), treat());
    assert_eq!(why_of(&elsewhere), Some(Why::Session));
    let nobody = trial.open(START, server(1), session(9), blind(1), treat());
    assert_eq!(why_of(&nobody), Some(Why::Session));
    // In an emergency, with a reason.
    let acute = wish(Purpose::Emergency, Some("unconscious"));
    let acute = trial.open(START, server(1), session(3), blind(1), acute);
    assert_eq!(released(acute.verdict).grade, Grade::None);
    // Look-ups, and orders by too few.
    let found = trial.find(START, server(1), session(3), LookUp::Identifier, &[blind(2)]);
    assert_eq!(found.verdict, Verdict::Found { shown: vec![], told: vec![blind(2)] });
    let order = Order::ApproveList { list: list(1), practice: practice(1) };
    let alone = trial.order(START, server(1), &order, None, &[card_id(0)]);
    assert_eq!(why_of(&alone), Some(Why::Order));
}

#[test]
fn the_watch_only_takes_away() {
    let mut trial = with_two_patients();
    let rung = |rung, hours| Step {
        what: Stop::Rung { card: card_id(2), rung, lasts: Duration::from_hours(hours) },
        finding: Finding::Weak,
    };
    let at = |hours| START + Duration::from_hours(hours);
    let stepped = trial.step(START, rung(Rung::Restricted, 2));
    assert!(matches!(stepped.entries[..], [ref one] if matches!(one.act, Act::Stepped(_))));
    for (rung, hours) in [(rung(Rung::Open, 9), 9), (rung(Rung::Reason, 9), 9)] {
        assert_eq!(trial.step(START, rung).entries, [], "not down, for {hours} hours");
    }
    assert_eq!(trial.step(START, rung(Rung::Restricted, 1)).entries, [], "not for less long");
    assert_eq!(trial.state().rung(card_id(2), at(1)), Rung::Restricted);
    assert_eq!(trial.state().rung(card_id(2), at(2)), Rung::Open);
    let freeze = Step { what: Stop::Freeze(Subject::Card(card_id(2))), finding: Finding::Canary };
    assert_eq!(trial.step(START, freeze).entries.len(), 1);
    assert_eq!(trial.step(START, freeze).entries, [], "it is frozen already");
    let refused = trial.open(START, server(1), session(2), blind(1), treat());
    assert_eq!(why_of(&refused), Some(Why::Frozen));
    let nobody = Step { what: Stop::Freeze(Subject::Card(card_id(77))), finding: Finding::Weak };
    assert!(matches!(trial.step(START, nobody).verdict, Verdict::AskedWrongly(_)));
}

/// Whatever was decided is a ledger that replays to the very state the trial has.
#[test]
fn a_trial_keeps_a_ledger_like_any_other() {
    let mut trial = with_two_patients();
    let mut after = Vec::new();
    let mut state = decision::State::from_bytes(&trial.state().to_bytes()).unwrap();
    for number in 1..=2 {
        after.extend(trial.open(START, server(1), session(2), blind(number), treat()).entries);
    }
    let lasts = Duration::from_days(1);
    let what = Stop::Rung { card: card_id(2), rung: Rung::StepUp, lasts };
    after.extend(trial.step(START, Step { what, finding: Finding::Budget }).entries);
    for (number, entry) in (state.entries()..).zip(&after) {
        state.apply(number, entry).unwrap();
    }
    assert!(state == *trial.state());
    assert_eq!(state.to_bytes(), trial.state().to_bytes());
}
