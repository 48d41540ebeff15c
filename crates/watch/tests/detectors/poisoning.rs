//! Whoever knows the watch tries to teach it that much is usual.

use crate::stream::Stream;
use terms::{Finding, Grade, Role, Rung};

/// A group of honest cards and one that is to be taught.
fn group(stream: &mut Stream) -> Vec<usize> {
    (0..20).map(|_| stream.card(Role::Doctor, 1, &[])).collect()
}

#[test]
fn a_slow_ramp_does_not_become_usual() {
    let mut stream = Stream::new(2);
    stream.obeys = true;
    let cards = group(&mut stream);
    let mut got = 0;
    for day in 0..300u32 {
        for card in &cards {
            stream.honest_day(*card, 1.5, 0.3);
        }
        // One more a day after every 30 days.
        let a_day = f64::from(day) / 30.0;
        for _ in 0..stream.poisson(a_day) {
            if stream.rung(cards[0]) == Rung::Restricted {
                assert!(got <= 45, "{got} files in {day} days");
                return;
            }
            stream.wait(20);
            stream.open(cards[0], Grade::None);
            got += 1;
        }
        stream.next_day();
    }
    panic!("never restricted");
}

#[test]
fn honest_bursts_do_not_buy_room() {
    let got = |bursts: bool| {
        let mut stream = Stream::new(4);
        let cards = group(&mut stream);
        for day in 0..200 {
            for card in &cards {
                stream.honest_day(*card, 1.5, 0.3);
            }
            // A downtime of registers now and then: a day on which five more find no relation.
            if bursts && day % 20 == 10 && day < 150 {
                for _ in 0..5 {
                    stream.wait(20);
                    stream.open(cards[0], Grade::None);
                }
            }
            stream.next_day();
        }
        // Months later, a thief with the same card.
        stream.next_day();
        let mut got = 0;
        while stream.rung(cards[0]) != Rung::Restricted && got < 100 {
            stream.wait(20);
            stream.open(cards[0], Grade::None);
            got += 1;
        }
        got
    };
    let (calm, taught) = (got(false), got(true));
    assert!(taught <= calm + 4, "{calm} without bursts, {taught} with");
}

#[test]
fn a_handful_of_cards_do_not_move_their_peers() {
    let mut stream = Stream::new(6);
    stream.obeys = false;
    let cards: Vec<usize> = (0..60).map(|_| stream.card(Role::Doctor, 1, &[])).collect();
    for _ in 0..120 {
        for (number, card) in cards.iter().enumerate() {
            stream.honest_day(*card, 1.5, if number < 2 { 2.5 } else { 0.3 });
        }
        stream.next_day();
    }
    stream.obeys = true;
    let victim = cards[30];
    let mut got = 0;
    while stream.rung(victim) != Rung::Restricted && got < 100 {
        stream.wait(20);
        stream.open(victim, Grade::None);
        got += 1;
    }
    assert!(got <= 14, "{got} files");
    assert!(stream.alerts.iter().any(|a| a.finding == Finding::Unexplained));
}
