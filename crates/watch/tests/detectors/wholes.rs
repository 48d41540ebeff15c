//! Practices and servers: stopped only by two signals, as that stops many.

use crate::stream::Stream;
use ledger::entry::{Act, Subject, Unfrozen, Why};
use terms::{Finding, Grade, Role, ServerId};
use watch::{Level, Stop};

fn frozen(stream: &Stream) -> Vec<Subject> {
    let actions = stream.alerts.iter().filter_map(|alert| alert.action.as_ref());
    let frozen = actions.filter_map(|step| match step.what {
        Stop::Freeze(subject) => Some(subject),
        Stop::Rung { .. } => None,
    });
    frozen.collect()
}

fn practice(stream: &mut Stream, number: u8, cards: usize) -> Vec<usize> {
    (0..cards).map(|_| stream.card(Role::Nurse, number, &[])).collect()
}

#[test]
fn one_signal_alone_freezes_no_practice() {
    let mut stream = Stream::new(1);
    let cards = practice(&mut stream, 1, 6);
    stream.freeze(cards[0], Why::Budget);
    stream.wait(60);
    stream.freeze(cards[1], Why::Budget);
    assert_eq!(frozen(&stream), []);
}

#[test]
fn several_stopped_cards_and_two_canaries_freeze_the_practice() {
    let mut stream = Stream::new(1);
    let cards = practice(&mut stream, 1, 10);
    for card in &cards[..5] {
        stream.freeze(*card, Why::Budget);
    }
    stream.refuse(cards[5], Why::Canary);
    stream.freeze(cards[5], Why::Canary);
    assert_eq!(frozen(&stream), [], "one canary is one stolen card");
    stream.wait(60);
    stream.refuse(cards[6], Why::Canary);
    assert_eq!(frozen(&stream), [Subject::Practice(stream.practice(cards[0]))]);
}

#[test]
fn signals_of_different_hours_do_not_add_up() {
    let mut stream = Stream::new(1);
    let cards = practice(&mut stream, 1, 6);
    for card in &cards {
        stream.freeze(*card, Why::Budget);
        stream.wait(4_000);
    }
    assert_eq!(frozen(&stream), []);
}

#[test]
fn colluders_who_each_do_little_are_stopped_together() {
    let mut stream = Stream::new(11);
    let cards = practice(&mut stream, 1, 25);
    let mut got = 0;
    for day in 0..100 {
        for card in &cards {
            stream.honest_day(*card, 1.0, 0.2);
        }
        if day >= 60 {
            for card in &cards[..20] {
                if stream.rung(*card) != terms::Rung::Restricted {
                    stream.open(*card, Grade::None);
                    got += 1;
                }
            }
        }
        if !frozen(&stream).is_empty() {
            assert!(got <= 200, "{got} files");
            return;
        }
        assert!(day < 60 || stream.count(Finding::Together, Level::Review) == 0);
        stream.next_day();
    }
    // Without two signals within the hour the sum alone is told, and each card is restricted.
    let sums = stream.alerts.iter().filter(|a| a.card.is_none() && a.practice.is_some());
    assert!(sums.count() > 0);
    assert!(got <= 300, "{got} files");
}

#[test]
fn limits_of_the_whole_and_stopped_cards_are_two_signals() {
    let mut stream = Stream::new(1);
    let cards = practice(&mut stream, 1, 12);
    for card in &cards[..5] {
        stream.refuse(*card, Why::Budget);
        stream.wait(1);
    }
    stream.open(cards[11], Grade::Strong);
    assert_eq!(frozen(&stream), []);
    for card in &cards[..5] {
        stream.freeze(*card, Why::Budget);
        stream.wait(1);
    }
    assert_eq!(frozen(&stream), [], "the same cards are one cause");
    for card in &cards[5..10] {
        stream.refuse(*card, Why::Budget);
        stream.wait(1);
    }
    stream.open(cards[11], Grade::Strong);
    assert_eq!(frozen(&stream).len(), 1);
}

#[test]
fn trouble_in_two_practices_and_two_canaries_freeze_the_server_they_share() {
    let mut stream = Stream::new(1);
    let mut cards = practice(&mut stream, 1, 6);
    cards.extend(practice(&mut stream, 2, 6));
    for card in &cards {
        stream.sign_in(*card, 9, 1);
        stream.open(*card, Grade::Strong);
    }
    for card in [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11] {
        stream.wait(30);
        stream.freeze(cards[card], Why::Budget);
    }
    let server = Subject::Server(ServerId::from_bytes([9; 10]));
    assert!(!frozen(&stream).contains(&server), "one cause may stop them all");
    stream.refuse(cards[0], Why::Canary);
    assert!(!frozen(&stream).contains(&server));
    stream.refuse(cards[6], Why::Canary);
    assert!(frozen(&stream).contains(&server));
}

#[test]
fn after_officers_lifted_the_freeze_signals_count_anew() {
    let mut stream = Stream::new(1);
    let cards = practice(&mut stream, 1, 15);
    let stop = |stream: &mut Stream, cards: &[usize]| {
        for card in cards {
            stream.freeze(*card, Why::Budget);
        }
    };
    stop(&mut stream, &cards[..6]);
    assert_eq!(frozen(&stream).len(), 0, "however many, it is one signal");
    stream.refuse(cards[0], Why::Canary);
    stream.refuse(cards[1], Why::Canary);
    assert_eq!(frozen(&stream).len(), 1);
    let subject = Subject::Practice(stream.practice(cards[0]));
    let (reason, by, order) = ("a flood in the next building".into(), vec![], [0; 32]);
    stream.act(Act::Unfrozen(Unfrozen { subject, reason, by, order }));
    stop(&mut stream, &cards[6..11]);
    assert_eq!(frozen(&stream).len(), 1, "what was before the lifting counts no more");
    stream.refuse(cards[11], Why::Canary);
    stream.refuse(cards[12], Why::Canary);
    assert_eq!(frozen(&stream).len(), 2);
}

/// Whether officers are told of a practice in which ten colleagues each open a stranger's file a
/// day, all the same one or each another.
fn told_of_strangers(same: bool) -> (bool, bool) {
    let mut stream = Stream::new(5);
    let cards = practice(&mut stream, 1, 12);
    let (mut before, mut after) = (0, 0);
    for day in 0..60 {
        for card in &cards {
            stream.honest_day(*card, 0.5, 0.1);
        }
        if day >= 50 {
            let one = stream.file();
            for card in &cards[..10] {
                let file = if same { one } else { stream.file() };
                let opened = stream.opened(*card, file, Grade::None);
                stream.act(Act::Opened(opened));
            }
        }
        let about = |alert: &&watch::Alert| {
            let whole = alert.card.is_none() && alert.practice.is_some();
            whole && alert.finding == Finding::Unexplained && alert.level == Level::Review
        };
        let told = stream.alerts.iter().filter(about).count();
        if day < 50 {
            before = told
        } else {
            after = told - before
        }
        stream.next_day();
    }
    (before > 0, after > 0)
}

#[test]
fn many_who_each_take_little_are_told_of_and_one_case_of_many_is_not() {
    assert_eq!(told_of_strangers(false), (false, true));
    assert_eq!(told_of_strangers(true), (false, false));
}

#[test]
fn one_case_that_many_look_at_restricts_nobody() {
    let restricted = |same: bool| {
        let mut stream = Stream::new(5);
        let cards = practice(&mut stream, 1, 12);
        for _ in 0..20 {
            for card in &cards {
                stream.honest_day(*card, 0.5, 0.1);
            }
            stream.next_day();
        }
        for _ in 0..30 {
            let file = stream.file();
            for card in [cards[1], cards[0]] {
                let file = if same { file } else { stream.file() };
                let opened = stream.opened(card, file, Grade::None);
                stream.act(Act::Opened(opened));
            }
        }
        stream.rung(cards[0]) == terms::Rung::Restricted
    };
    assert!(restricted(false));
    assert!(!restricted(true), "another came first each time");
}
