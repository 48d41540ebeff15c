use super::*;
use ledger::cosignature::{Cosigner, Kind, Quorum};
use ledger::faults::FaultyFiles;
use ledger::{Hash, Log, Signer};
use std::path::PathBuf;

const NOW: u64 = 1_700_000_000;

/// A log, its key, and a witness of it.
struct Rig {
    signer: Signer,
    log: Log<FaultyFiles>,
    folder: tempfile::TempDir,
}

impl Rig {
    fn new() -> Rig {
        let signer = Signer::new("cofferdam/test", &[7; 32]).unwrap();
        let log = Log::open(FaultyFiles::new(1), signer.verifier(), &[]).unwrap();
        Rig { signer, log, folder: tempfile::tempdir().unwrap() }
    }

    fn grow(&mut self, entries: usize) {
        let from = self.log.head().size;
        let entries: Vec<String> = (0..entries).map(|n| format!("{from} {n}")).collect();
        self.log.append(&entries).unwrap();
    }

    fn folder(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn keys() -> Vec<Key> {
        let key = |kind| Key::from_seed("witness.example/w", kind, &[3; 32]).unwrap();
        vec![key(Kind::Ed25519), key(Kind::MlDsa44)]
    }

    fn witness(&self) -> Witness {
        let logs = vec![self.signer.verifier().clone()];
        Witness::open(Rig::keys(), logs, &self.folder()).unwrap()
    }

    fn body(&self, old: u64) -> String {
        let head = self.log.head();
        let proof = self.log.consistency_proof(old.min(head.size), head.size).unwrap();
        Request::body(old, &proof, &self.signer.sign(&head))
    }

    fn add(&self, witness: &Witness, old: u64) -> Answer {
        witness.add_checkpoint(NOW, self.body(old).as_bytes())
    }
}

fn cosigned(answer: &Answer) -> &str {
    match answer {
        Answer::Cosigned(lines) => lines,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_growing_log_is_cosigned_by_keys_that_verify() {
    let mut rig = Rig::new();
    let witness = rig.witness();
    let mut old = 0;
    for entries in [1, 5, 300, 1, 2_000] {
        rig.grow(entries);
        let answer = rig.add(&witness, old);
        old = rig.log.head().size;
        let note = rig.signer.sign(&rig.log.head()) + cosigned(&answer);
        for key in Rig::keys() {
            let known: Cosigner = key.public().to_string().parse().unwrap();
            assert_eq!(known.verify(note.as_bytes()).unwrap(), Some(NOW));
        }
        assert_eq!(rig.signer.verifier().verify(note.as_bytes()).unwrap(), rig.log.head());
    }
    // The same again is signed again: the answer may have been lost.
    cosigned(&rig.add(&witness, old));
    assert_eq!(witness.seen("cofferdam/test"), Some(old));
}

#[test]
fn a_second_history_and_a_shorter_one_are_not_cosigned() {
    let mut rig = Rig::new();
    let witness = rig.witness();
    rig.grow(10);
    cosigned(&rig.add(&witness, 0));
    let mut other = Rig::new();
    other.grow(4);
    other.grow(6);
    assert_eq!(other.log.head().size, 10);
    assert_eq!(other.add(&witness, 10), Answer::Conflict(10), "another root at the same size");
    other.grow(5);
    assert_eq!(other.add(&witness, 10), Answer::Unprovable, "a longer one that went another way");
    let mut shorter = Rig::new();
    shorter.grow(9);
    assert_eq!(shorter.add(&witness, 0), Answer::Conflict(10), "set back");
    assert_eq!(shorter.add(&witness, 10), Answer::Malformed, "old beyond new");
    assert_eq!(rig.add(&witness, 3), Answer::Conflict(10), "not where we were");
}

#[test]
fn a_restart_forgets_nothing_and_altered_memory_signs_nothing() {
    let mut rig = Rig::new();
    rig.grow(10);
    cosigned(&rig.add(&rig.witness(), 0));
    let witness = rig.witness();
    let second = Witness::open(Rig::keys(), vec![rig.signer.verifier().clone()], &rig.folder());
    assert!(matches!(second, Err(WitnessError::World(_))), "two at a time");
    rig.grow(1);
    assert_eq!(rig.add(&witness, 0), Answer::Conflict(10));
    cosigned(&rig.add(&witness, 10));
    drop(witness);
    let mut files = std::fs::read_dir(rig.folder()).unwrap().map(|entry| entry.unwrap().path());
    let kept = files.find(|path| path.extension().is_some_and(|e| e == "checkpoint")).unwrap();
    let text = std::fs::read_to_string(&kept).unwrap().replace("\n11\n", "\n12\n");
    std::fs::write(&kept, text).unwrap();
    let altered = Witness::open(Rig::keys(), vec![rig.signer.verifier().clone()], &rig.folder());
    assert!(matches!(altered, Err(WitnessError::Tampered(_))));
}

#[test]
fn what_cannot_be_kept_is_not_signed() {
    let mut rig = Rig::new();
    let witness = rig.witness();
    rig.grow(3);
    let lock = rig.folder().join("lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::remove_dir(rig.folder()).unwrap();
    assert!(matches!(rig.add(&witness, 0), Answer::Failed(_)));
    std::fs::create_dir(rig.folder()).unwrap();
    cosigned(&rig.add(&witness, 0));
}

#[test]
fn strangers_and_forgers_are_told_apart() {
    let mut rig = Rig::new();
    let witness = rig.witness();
    rig.grow(3);
    let head = rig.log.head();
    let of = |origin: &str, seed| {
        Request::body(0, &[], &Signer::new(origin, &[seed; 32]).unwrap().sign(&head))
    };
    let say = |body: &str| witness.add_checkpoint(NOW, body.as_bytes());
    assert_eq!(say(&of("cofferdam/other", 7)), Answer::UnknownLog);
    assert_eq!(say(&of("cofferdam/test", 8)), Answer::Forbidden, "another key");
    let good = rig.body(0);
    assert_eq!(say(&good.replace("\n3\n", "\n4\n")), Answer::Forbidden, "an altered size");
    for broken in ["", "old", "old 0\n", "old 00\n\n", "old -1\n\n", "old 0\nAAAA\n\nx\n"] {
        assert_eq!(say(broken), Answer::Malformed, "{broken:?}");
    }
    assert_eq!(say(&good.replace("old 0", "old 00")), Answer::Malformed);
    let long: String = (0..64).map(|_| data_encoding::BASE64.encode(&[0; 32]) + "\n").collect();
    assert_eq!(say(&good.replace("old 0\n", &format!("old 0\n{long}"))), Answer::Malformed);
    cosigned(&say(&good));
}

#[test]
fn a_quorum_counts_each_witness_once_and_refuses_forged_lines() {
    let mut rig = Rig::new();
    rig.grow(3);
    let checkpoint = rig.signer.sign(&rig.log.head());
    let (text, _) = ledger::cosignature::text_of(checkpoint.as_bytes()).unwrap();
    let key = |name: &str, kind, seed| Key::from_seed(name, kind, &[seed; 32]).unwrap();
    let a = [key("a", Kind::Ed25519, 1), key("a", Kind::MlDsa44, 1)];
    let (b, c) = (key("b", Kind::Ed25519, 2), key("c", Kind::Ed25519, 3));
    let all = [&a[0], &a[1], &b, &c].map(|key| key.public().clone());
    let quorum = Quorum { needed: 2, witnesses: all.to_vec() };
    let line = |key: &Key| key.cosign(NOW, text).unwrap();
    let note = |lines: &[String]| checkpoint.clone() + &lines.concat();
    let holds = |lines: &[String]| quorum.verify(note(lines).as_bytes());
    assert!(!holds(&[]).unwrap());
    assert!(!holds(&[line(&a[0]), line(&a[1])]).unwrap(), "one witness with two keys");
    assert!(holds(&[line(&a[1]), line(&b)]).unwrap());
    assert!(!holds(&[line(&b), line(&key("stranger", Kind::Ed25519, 9))]).unwrap());
    let other = rig.signer.sign(&ledger::Head { size: 4, root: [1; 32] });
    let (other, _) = ledger::cosignature::text_of(other.as_bytes()).unwrap();
    let moved = c.cosign(NOW, other).unwrap();
    assert!(holds(&[line(&b), moved]).is_err(), "a cosignature of another checkpoint");
}

/// From the specification's example: these bytes are what an Ed25519 witness signs.
#[test]
fn the_signed_messages_are_those_of_the_specification() {
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let signed = ledger::cosignature::message(Kind::Ed25519, "w", 1_679_315_147, text).unwrap();
    let expected = format!("cosignature/v1\ntime 1679315147\n{text}");
    assert_eq!(signed, expected.as_bytes());
    let signed = ledger::cosignature::message(Kind::MlDsa44, "w", 5, text).unwrap();
    let root: Hash = data_encoding::BASE64
        .decode(b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
        .unwrap()
        .try_into()
        .unwrap();
    let expected = [
        &b"subtree/v1\n\0\x01w\0\0\0\0\0\0\0\x05\x1bexample.com/behind-the-sofa"[..],
        &0_u64.to_be_bytes(),
        &20_852_163_u64.to_be_bytes(),
        &root,
    ]
    .concat();
    assert_eq!(signed, expected);
}
