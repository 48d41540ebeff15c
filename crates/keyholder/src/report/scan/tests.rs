use super::*;
use crate::entries::seal_entry;
use crate::root::RootCost;
use crate::settings::{Passphrase, Settings};
use crate::start::{Genesis, create};
use keyproto::message::Question;
use ledger::DirFiles;
use ledger::entry::{Act, Entry, EpochBegan};
use terms::{CardId, Time};

/// A ledger of this many entries, of which nothing else is true.
fn ledger(folder: &std::path::Path, size: u64) -> Shared<DirFiles> {
    let mut settings = Settings::new(folder.join("keyholder"));
    settings.root_cost = RootCost { memory_kib: 64, passes: 1 };
    let genesis = Genesis { tenant: "t".into(), practices: Vec::new(), cards: Vec::new() };
    let files = DirFiles::new(settings.path(Settings::LEDGER));
    let passphrase = Passphrase::new("x".to_owned().into()).unwrap();
    let shared = create(settings, files, &passphrase, genesis).unwrap();
    let mut log = shared.log.write().unwrap();
    let numbers: Vec<u64> = (log.head().size..size).collect();
    for batch in numbers.chunks(1000) {
        let leaf = |number: &u64| {
            let act = Act::EpochBegan(EpochBegan { epoch: *number as u32 });
            seal_entry(&shared.ring, *number, &Entry { at: Time::from_millis(*number), act })
        };
        let leaves: Vec<_> = batch.iter().map(|number| leaf(number).unwrap()).collect();
        log.append(&leaves).unwrap();
    }
    drop(log);
    shared
}

fn everything() -> Wanted {
    Wanted::new(&Question { everything: true, ..Question::default() }, None, None)
}

#[test]
fn every_span_is_told_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let size = 40 * READ + 17;
    let shared = ledger(folder.path(), size);
    let ends = [0, 1, 255, 256, READ - 1, READ, READ + 1, 7 * READ + 3, size - 1, size];
    for from in ends {
        for to in ends.into_iter().chain([u64::MAX]).filter(|to| *to <= size) {
            let (mut told, mut at) = (Vec::new(), from);
            scan(&shared, &everything(), from..to, |(found, next): Piece| {
                assert!(next > at && next <= to, "it goes on");
                at = next;
                told.extend(found.into_iter().map(|found| found.number));
                Ok::<_, KeyholderError>(())
            })
            .unwrap();
            assert!(told.into_iter().eq(from..to), "{from}..{to}");
        }
    }
    let none = Question { card: Some(CardId::from_bytes([9; 10])), ..Question::default() };
    let mut pieces = 0;
    scan(&shared, &Wanted::new(&none, None, None), 0..size, |(found, _)| {
        assert!(found.is_empty());
        pieces += 1;
        Ok::<_, KeyholderError>(())
    })
    .unwrap();
    assert_eq!(pieces, 41, "it says how far it is");
}

#[test]
fn whoever_stops_is_told_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let shared = ledger(folder.path(), 30 * READ);
    let mut told = 0;
    let stopped = scan(&shared, &everything(), 0..30 * READ, |_| {
        told += 1;
        if told == 3 { Err(KeyholderError::Asked("enough".into())) } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(KeyholderError::Asked(_))));
    assert_eq!(told, 3);
}

#[test]
fn what_was_changed_on_the_disk_is_an_alarm_and_what_is_before_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let size = 30 * READ;
    let shared = ledger(folder.path(), size);
    let path = folder.path().join("keyholder/ledger/entries");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let mut told = Vec::new();
    let failed = scan(&shared, &everything(), 0..size, |(found, _)| {
        told.extend(found.into_iter().map(|found| found.number));
        Ok(())
    });
    assert!(matches!(failed, Err(KeyholderError::Tampered(_))), "{failed:?}");
    assert!(!told.is_empty() && (told.len() as u64) < size);
    assert!(told.iter().copied().eq(0..told.len() as u64));
}
