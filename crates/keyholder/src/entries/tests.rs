use super::*;
use crate::root::{RootCost, SealedKeyFile};
use crate::settings::Passphrase;
use ledger::entry::{Act, EpochBegan};
use ledger::{LEAF_VERSION, leaf_hash};
use terms::Time;

fn ring(folder: &std::path::Path) -> Keyring {
    let (passphrase, cost) = (Passphrase::new("x".to_owned().into()).unwrap(), {
        RootCost { memory_kib: 64, passes: 1 }
    });
    let root = SealedKeyFile::create(&folder.join("root"), &passphrase, cost).unwrap();
    Keyring::create(&folder.join("ring"), Box::new(root), "harbour").unwrap()
}

fn entry(epoch: u32) -> Entry {
    Entry { at: Time::from_millis(7), act: Act::EpochBegan(EpochBegan { epoch }) }
}

#[test]
fn a_leaf_opens_under_its_number_alone_and_hides_what_it_commits_to() {
    let folder = tempfile::tempdir().unwrap();
    let ring = ring(folder.path());
    let leaf = seal_entry(&ring, 5, &entry(7)).unwrap();
    assert_eq!(open_entry(&ring, 5, &leaf).unwrap(), entry(7));
    assert!(open_entry(&ring, 6, &leaf).is_err());
    let mut opener = Opener::new(&ring);
    let (salt, bytes) = opener.open(5, &leaf).unwrap();
    assert_eq!(*Leaf::parse(&leaf).unwrap().commitment, commitment(salt, bytes));
    let again = seal_entry(&ring, 5, &entry(7)).unwrap();
    let [one, other] = [&leaf, &again].map(|leaf| Leaf::parse(leaf).unwrap().commitment);
    assert_ne!(one, other, "two of one entry are not told from two of different ones");
    assert_ne!(leaf_hash(&leaf), leaf_hash(&again));
}

#[test]
fn every_bit_of_a_leaf_counts_and_rooms_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let ring = ring(folder.path());
    let leaf = seal_entry(&ring, 5, &entry(7)).unwrap();
    let mut opener = Opener::new(&ring);
    for bit in 0..leaf.len() * 8 {
        let mut changed = leaf.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(opener.entry(5, &changed).is_err(), "bit {bit}");
    }
    for length in 0..leaf.len() {
        assert!(opener.entry(5, &leaf[..length]).is_err(), "cut at {length}");
    }
    assert_eq!(opener.entry(5, &leaf).unwrap(), entry(7));
    let other = seal_entry(&ring, 6, &entry(8)).unwrap();
    let Leaf { commitment, .. } = Leaf::parse(&other).unwrap();
    let mixed = Leaf { commitment, ..Leaf::parse(&leaf).unwrap() }.to_bytes();
    assert!(opener.entry(5, &mixed).is_err(), "another entry's commitment");
}

#[test]
fn an_older_format_is_refused_with_words_and_no_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let ring = ring(folder.path());
    let bytes = entry(7).to_bytes();
    let old = seal_bytes(&ring.entries, &5_u64.to_be_bytes(), &bytes).unwrap();
    assert_ne!(old[0], LEAF_VERSION);
    match open_entry(&ring, 5, &old) {
        Err(KeyholderError::Asked(text)) => assert!(text.contains("another format version")),
        other => panic!("{other:?}"),
    }
}
