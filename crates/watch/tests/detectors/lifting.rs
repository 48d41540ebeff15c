//! What a colleague's word, an officer's and the passing of time undo.

use crate::stream::{Stream, stepped};
use ledger::entry::{Act, Subject, Unfrozen, Why};
use terms::{CardId, Finding, Grade, Role, Rung};
use watch::{Level, Parts, Settings, Stop};

/// How many more unexplained files restrict the card.
fn until_restricted(stream: &mut Stream, card: usize) -> u32 {
    for got in 0..200 {
        if stream.rung(card) == Rung::Restricted {
            return got;
        }
        stream.wait(20);
        stream.open(card, Grade::None);
    }
    panic!("never restricted");
}

fn practice(stream: &mut Stream) -> (usize, CardId) {
    let (card, colleague) = (stream.card(Role::Doctor, 1, &[]), stream.card(Role::Nurse, 1, &[]));
    for _ in 0..20 {
        stream.honest_day(card, 1.0, 0.3);
        stream.next_day();
    }
    (card, stream.id(colleague))
}

#[test]
fn a_colleague_gives_room_twice_and_no_more() {
    let mut stream = Stream::new(1);
    let (card, colleague) = practice(&mut stream);
    let mut got = Vec::new();
    for _ in 0..5 {
        got.push(until_restricted(&mut stream, card));
        stream.wait(60);
        stream.relax(card, colleague);
    }
    assert!(got[3] < got[0], "{got:?}");
    assert!(got.iter().sum::<u32>() < 60, "{got:?}");
    assert_eq!(stream.count(Finding::Colleague, Level::Note), 3);
}

#[test]
fn a_card_does_not_speak_for_itself() {
    let mut stream = Stream::new(1);
    let (card, _) = practice(&mut stream);
    let first = until_restricted(&mut stream, card);
    let own = stream.id(card);
    stream.relax(card, own);
    let then = until_restricted(&mut stream, card);
    assert!(then < first, "{first} files, then {then}");
    // Nor does the machine's own step to a lower rung.
    let (now, id) = (stream.now, stream.id(card));
    stream.act(Act::Stepped(stepped(id, Rung::Open, now, Finding::Unexplained, &[])));
}

#[test]
fn a_restriction_that_nobody_lifts_is_longer_the_next_time() {
    let mut stream = Stream::new(1);
    let (card, _) = practice(&mut stream);
    let mut lasted = Vec::new();
    for _ in 0..3 {
        until_restricted(&mut stream, card);
        let step = stream.alerts.iter().rev().find_map(|alert| alert.action).unwrap();
        let Stop::Rung { lasts, .. } = step.what else { panic!("{step:?}") };
        lasted.push(lasts.millis() / 86_400_000);
        stream.now = stream.now + lasts;
        stream.next_day();
    }
    assert_eq!(lasted, [7, 14, 28]);
}

#[test]
fn two_officers_who_lift_a_freeze_begin_the_card_anew() {
    let after = |lifted: bool| {
        // Without the sum of the practice, which would believe less of this card alone.
        let parts = Parts { shared: false, ..Parts::ALL };
        let mut stream = Stream::with(1, Settings { parts, ..Settings::default() });
        let (card, _) = practice(&mut stream);
        until_restricted(&mut stream, card);
        if lifted {
            stream.freeze(card, Why::Budget);
            let subject = Subject::Card(stream.id(card));
            let (reason, by, order) = ("it was a flood".into(), vec![], [0; 32]);
            stream.act(Act::Unfrozen(Unfrozen { subject, reason, by, order }));
        }
        stream.now = stream.now + terms::Duration::from_days(7);
        stream.next_day();
        let mut count = 0;
        for _ in 0..60 {
            stream.wait(20);
            stream.open(card, Grade::None);
            count += 1;
            if stream.rung(card) == Rung::Restricted {
                return count;
            }
        }
        panic!("never found again");
    };
    let (forgotten, remembered) = (after(true), after(false));
    assert!(forgotten > remembered, "{forgotten} files after it was lifted, {remembered} if not");
}

#[test]
fn those_who_confirm_each_other_hide_no_more_than_a_few() {
    let mut stream = Stream::new(1);
    let (card, colleague) = practice(&mut stream);
    let others: Vec<usize> = (0..20).map(|_| stream.card(Role::Doctor, 1, &[])).collect();
    let mut got = 0;
    for _ in 0..300 {
        stream.next_day();
        for other in &others {
            stream.honest_day(*other, 1.0, 0.3);
        }
        stream.open(card, Grade::Strong);
        if stream.poisson(0.5) > 0 {
            let (file, _) = stream.open(card, Grade::None);
            stream.confirm(card, file, colleague);
            got += 1;
        }
        if stream.rung(card) == Rung::Restricted {
            assert!(got <= 60, "{got} files");
            return;
        }
    }
    panic!("never restricted");
}

#[test]
fn an_officer_hears_of_a_restriction_that_nobody_lifted_within_a_day() {
    for lifted in [false, true] {
        let mut stream = Stream::new(1);
        let (card, colleague) = practice(&mut stream);
        (0..2).for_each(|_| drop(stream.open(card, Grade::None)));
        for _ in 0..4 {
            let file = stream.file();
            stream.refuse_file(card, file, Why::Budget);
        }
        assert_eq!(stream.rung(card), Rung::Restricted);
        stream.wait(60);
        if lifted {
            stream.relax(card, colleague);
        }
        assert_eq!(stream.count(Finding::Budget, Level::Review), 0);
        stream.wait(86_400);
        stream.tick();
        assert_eq!(stream.count(Finding::Budget, Level::Review), usize::from(!lifted));
        let ids: std::collections::HashSet<String> = stream.alerts.iter().map(|a| a.id()).collect();
        assert_eq!(ids.len(), stream.alerts.len(), "each alert has a name of its own");
    }
}
