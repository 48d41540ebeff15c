//! Over random streams: no panic, no memory that grows for good, no alert that depends on how the
//! entries came in.

use crate::stream::{MONDAY, Stream};
use ledger::entry::{self, Act, Entry, Why};
use proptest::prelude::*;
use terms::{Duration, Grade, Role, Time};
use watch::{Alert, Parts, Settings, Watch};

/// What happens next, in a made-up hour of a made-up practice.
fn play(seed: u64, moves: &[(u8, u8, u16)]) -> Stream {
    let mut stream = Stream::new(seed);
    let cards: Vec<usize> = (0..6)
        .map(|n| stream.card(if n == 5 { Role::Patient } else { Role::Doctor }, 1 + n % 2, &[]))
        .collect();
    let mut last = stream.file();
    for (what, who, wait) in moves {
        stream.wait(u64::from(*wait) * 20);
        let card = cards[usize::from(*who) % cards.len()];
        let other = stream.id(cards[usize::from(*who / 7) % cards.len()]);
        match what % 16 {
            0..5 => last = stream.open(card, Grade::None).0,
            5..7 => last = stream.open(card, Grade::Weak).0,
            7 => drop(stream.open(card, Grade::Strong)),
            8 => drop(stream.open_close(card, Grade::None)),
            9 => drop(stream.look_up(card, false)),
            10 => {
                let practice = stream.practice(card);
                stream.relate(practice, last, other);
            }
            11 => drop(stream.refuse(card, Why::Budget)),
            12 => drop(stream.refuse(card, Why::Canary)),
            13 => drop(stream.freeze(card, Why::Budget)),
            14 => drop(stream.relax(card, other)),
            _ => {
                let session = stream.sign_in(card, who % 3, who % 5);
                let opened = stream.opened(card, last, Grade::Strong);
                stream.act(Act::Opened(entry::Opened { session, ..opened }));
            }
        }
        stream.confirm(card, last, other);
    }
    stream
}

fn all(entries: &[Entry], ticks: &[usize]) -> Vec<Alert> {
    let mut watch = Watch::new(Settings::default());
    let mut alerts = Vec::new();
    let mut last = Time::default();
    for (number, entry) in entries.iter().enumerate() {
        if ticks.contains(&number) {
            // Any moment between the entry before and this one.
            let between = last + Duration::from_millis(entry.at.since(last).millis() / 2);
            alerts.extend(watch.tick(between));
        }
        alerts.extend(watch.entry(number as u64, entry));
        last = entry.at;
    }
    alerts.extend(watch.tick(last + Duration::from_days(40)));
    alerts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_same_entries_give_the_same_alerts(
        seed: u64,
        moves in proptest::collection::vec(any::<(u8, u8, u16)>(), 0..600),
        ticks in proptest::collection::vec(0usize..2_000, 0..40),
    ) {
        let stream = play(seed, &moves);
        prop_assert_eq!(all(&stream.entries, &[]), all(&stream.entries, &ticks));
    }

    #[test]
    fn every_alert_names_entries_that_are_there_and_itself(
        seed: u64,
        moves in proptest::collection::vec(any::<(u8, u8, u16)>(), 0..600),
    ) {
        let stream = play(seed, &moves);
        for alert in &stream.alerts {
            let there = |number: &u64| (*number as usize) < stream.entries.len();
            prop_assert!(!alert.evidence.is_empty() && alert.evidence.iter().all(there));
            prop_assert!(alert.score.is_finite() && alert.at >= MONDAY);
        }
        let mut stream = stream;
        stream.now = stream.now + Duration::from_days(40);
        stream.tick();
        prop_assert_eq!(stream.watch.held(), 0);
    }

    #[test]
    fn a_part_that_is_off_says_nothing(
        seed: u64,
        moves in proptest::collection::vec(any::<(u8, u8, u16)>(), 0..300),
    ) {
        let stream = play(seed, &moves);
        let mut watch = Watch::new(Settings { parts: Parts::NONE, ..Settings::default() });
        for (number, entry) in stream.entries.iter().enumerate() {
            let alerts = watch.entry(number as u64, entry);
            // A colleague's word too many is told whatever is off.
            prop_assert!(alerts.iter().all(|a| a.finding == terms::Finding::Colleague));
        }
    }
}

#[test]
fn entries_of_unknown_cards_and_backward_clocks_are_survived() {
    let mut stream = Stream::new(1);
    let card = stream.card(Role::Doctor, 1, &[]);
    let opened = stream.opened(card, terms::Blind::from_bytes([1; 16]), Grade::None);
    let mut watch = Watch::new(Settings::default());
    for (number, millis) in [(0, 5_000_000), (1, 0), (2, u64::MAX), (3, 7)] {
        let entry = Entry { at: Time::from_millis(millis), act: Act::Opened(opened.clone()) };
        assert!(watch.entry(number, &entry).is_empty());
    }
}
