use super::*;
use crate::DirFiles;
use crate::faults::{Fault, FaultyFiles};
use crate::{Proved, prove, verify_consistency, verify_copy, verify_inclusion};
use proptest::prelude::*;

fn signer() -> Signer {
    Signer::new("cofferdam/harbour", &[7; 32]).unwrap()
}

fn open<F: Files + Clone>(files: &F) -> Result<Log<F>, LogError> {
    Log::open(files.clone(), signer().verifier(), &[])
}

fn entry(number: u64) -> Vec<u8> {
    let length = (number * 37 % 211) as usize;
    let mut entry = number.to_be_bytes().to_vec();
    entry.resize(8 + length, number as u8);
    entry
}

fn batch(numbers: Range<u64>) -> Vec<Vec<u8>> {
    numbers.map(entry).collect()
}

/// The head of the log of these entries, by a tree of its own.
fn head_of(entries: &[Vec<u8>]) -> Head {
    let mut tree = Tree::default();
    entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    tree.head()
}

fn contents<F: Files>(log: &Log<F>) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    log.read(0..log.head().size, |index, entry| {
        assert_eq!(index, entries.len() as u64);
        entries.push(entry.to_vec());
        Ok::<_, LogError>(())
    })
    .unwrap();
    entries
}

fn is_tampered<T>(result: &Result<T, LogError>) -> bool {
    matches!(result, Err(LogError::Tampered { .. }))
}

#[test]
fn what_was_appended_is_read_back_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let files = DirFiles::new(folder.path().join("new/ledger"));
    let mut all = Vec::new();
    for round in 0..12 {
        let mut log = open(&files).unwrap();
        assert_eq!((log.head(), log.torn_bytes()), (head_of(&all), 0));
        assert_eq!(contents(&log), all);
        let more = batch(all.len() as u64..all.len() as u64 + 1 + round * 29);
        all.extend_from_slice(&more);
        assert_eq!(log.append(&more).unwrap(), head_of(&all));
        assert_eq!(contents(&log), all);
    }
    let mut log = open(&files).unwrap();
    log.checkpoint(&signer()).unwrap();
    assert!(open(&files).is_err(), "two processes must not have one ledger open");
    let (size, signed) = (log.head().size, log.head());
    log.append(&[b"one more"]).unwrap();
    let copy = folder.path().join("new/ledger");
    let verify = |known: &[Head]| verify_copy(&copy, signer().verifier(), known);
    let report = verify(&[]).unwrap();
    assert_eq!((report.head, report.signed, report.torn_bytes), (log.head(), size, 0));
    assert_eq!(verify(&[signed, log.head()]).unwrap(), report);
    let other = Head { size, root: log.head().root };
    let longer = Head { size: size + 2, root: log.head().root };
    assert!([other, longer].iter().all(|head| is_tampered(&verify(&[*head]))));
    let proof = log.consistency_proof(size, size + 1).unwrap();
    verify_consistency(&signed, &log.head(), &proof).unwrap();
}

#[test]
fn ranges_and_proofs_across_batches_and_groups() {
    let files = FaultyFiles::new(1);
    let mut log = open(&files).unwrap();
    for at in (0..2000).step_by(50) {
        log.append(&batch(at..at + 50)).unwrap();
    }
    for range in [0..0, 0..1, 255..257, 300..301, 700..1999, 1999..2000, 2000..2000] {
        let mut read = Vec::new();
        log.read(range.clone(), |_, entry| {
            read.push(entry.to_vec());
            Ok::<_, LogError>(())
        })
        .unwrap();
        assert_eq!(read, batch(range));
    }
    for size in [1, 256, 777, 2000] {
        let head = Head { size, root: log.root_at(size).unwrap() };
        assert_eq!(head, head_of(&batch(0..size)));
        for index in [0, size / 2, size - 1] {
            let proof = log.inclusion_proof(index, size).unwrap();
            verify_inclusion(&head, index, leaf_hash(&entry(index)), &proof).unwrap();
        }
        let proof = log.consistency_proof(size, 2000).unwrap();
        verify_consistency(&head, &log.head(), &proof).unwrap();
    }
    assert_eq!(log.consistency_proof(0, 2000).unwrap(), Vec::<Hash>::new());
    assert!(matches!(log.root_at(2001), Err(LogError::NotThere { size: 2000 })));
    assert!(matches!(log.inclusion_proof(7, 7), Err(LogError::Asked(_))));
    assert!(matches!(log.consistency_proof(8, 7), Err(LogError::Asked(_))));
}

#[test]
fn batches_that_cannot_be_are_refused_and_harm_nothing() {
    let files = FaultyFiles::new(1);
    let mut log = open(&files).unwrap();
    let too_much = vec![vec![0; 65_535]; 17];
    for wrong in [vec![], vec![vec![0; 65_536]], too_much] {
        assert!(matches!(log.append(&wrong), Err(LogError::Asked(_))));
    }
    let most = [vec![vec![1; 65_534]; 16], vec![vec![]]].concat();
    assert!(matches!(log.append(&most), Err(LogError::Asked(_))));
    log.append(&most[..16]).unwrap();
    log.append(&[vec![0; 65_535], vec![]]).unwrap();
    drop(log);
    assert_eq!(open(&files).unwrap().head().size, 18);
}

/// Entries of a log as small as can be that has everything: a full group, batches of one and many.
fn signed_log(files: &FaultyFiles) -> Vec<Vec<u8>> {
    let mut log = open(files).unwrap();
    let all: Vec<_> = (0..262_u64).map(|n| vec![n as u8; 2]).collect();
    log.append(&all[..250]).unwrap();
    log.append(&all[250..251]).unwrap();
    log.append(&all[251..261]).unwrap();
    log.append(&all[261..]).unwrap();
    log.checkpoint(&signer()).unwrap();
    all
}

#[test]
fn any_changed_bit_and_any_cut_is_noticed() {
    let files = FaultyFiles::new(1);
    signed_log(&files);
    for name in [ENTRIES, CHECKPOINT] {
        let whole = files.contents(name).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            files.put(name, &changed);
            assert!(is_tampered(&open(&files)), "{name} byte {at}");
            files.put(name, &whole[..at]);
            assert!(is_tampered(&open(&files)), "{name} cut at {at}");
        }
        files.put(name, &whole);
    }
    assert_eq!(open(&files).unwrap().head().size, 262);
}

#[test]
fn a_copy_proves_each_of_its_entries_and_no_other() {
    let files = FaultyFiles::new(1);
    let all = signed_log(&files);
    let folder = tempfile::tempdir().unwrap();
    let copy = |bytes: &[u8]| std::fs::write(folder.path().join(ENTRIES), bytes).unwrap();
    let whole = files.contents(ENTRIES).unwrap();
    copy(&whole);
    for size in [1, 256, 261, 262] {
        let head = head_of(&all[..size]);
        for number in [0, size / 2, size - 1] {
            let Proved { entry, proof } = prove(folder.path(), number as u64, &head).unwrap();
            assert_eq!(entry, all[number]);
            let proved =
                |index: u64, entry: &[u8]| verify_inclusion(&head, index, leaf_hash(entry), &proof);
            proved(number as u64, &entry).unwrap();
            assert!(proved(number as u64, b"another").is_err());
            assert!(proved(size as u64, &entry).is_err());
        }
        assert!(matches!(prove(folder.path(), size as u64, &head), Err(LogError::Asked(_))));
    }
    let other = Head { size: 10, root: head_of(&all).root };
    assert!(is_tampered(&prove(folder.path(), 3, &other)));
    let mut changed = whole.clone();
    changed[30] ^= 1;
    copy(&changed);
    assert!(is_tampered(&prove(folder.path(), 3, &head_of(&all))));
}

#[test]
fn a_changed_copy_names_the_first_damaged_entry() {
    let files = FaultyFiles::new(1);
    signed_log(&files);
    let folder = tempfile::tempdir().unwrap();
    let copy = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let whole = files.contents(ENTRIES).unwrap();
    copy(ENTRIES, &whole);
    let verify = || verify_copy(folder.path(), signer().verifier(), &[]);
    assert!(is_tampered(&verify()), "without its checkpoint a copy proves nothing");
    copy(CHECKPOINT, &files.contents(CHECKPOINT).unwrap());
    assert_eq!(verify().unwrap().signed, 262);
    let second = whole.windows(4).skip(1).position(|w| w == b"cfL1").unwrap() + 1;
    for (at, expected) in [(30, 0), (second + 30, 250)] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        copy(ENTRIES, &changed);
        let Err(LogError::Tampered { first, .. }) = verify() else { panic!("not noticed") };
        assert_eq!(first, expected);
    }
}

#[test]
fn a_rewritten_or_rolled_back_log_is_refused() {
    let files = FaultyFiles::new(1);
    let all = signed_log(&files);
    let checkpoint = files.contents(CHECKPOINT).unwrap();
    // Everything written anew, well formed, with one entry changed, dropped, or swapped.
    for how in 0..3 {
        let mut forged = all.clone();
        match how {
            0 => forged[100][0] ^= 1,
            1 => drop(forged.remove(100)),
            _ => forged.swap(100, 101),
        }
        let other = FaultyFiles::new(1);
        open(&other).unwrap().append(&forged).unwrap();
        other.put(CHECKPOINT, &checkpoint);
        assert!(is_tampered(&open(&other)));
    }
    // An older state of the whole folder: only one who remembers a head can know.
    let older = files.contents(ENTRIES).unwrap();
    let newer = open(&files).unwrap().append(&[b"later"]).unwrap();
    files.put(ENTRIES, &older);
    open(&files).unwrap();
    let opened = Log::open(files.clone(), signer().verifier(), &[newer]);
    assert!(is_tampered(&opened));
}

#[test]
fn a_checkpoint_by_another_key_is_refused() {
    let files = FaultyFiles::new(1);
    signed_log(&files);
    let other = Signer::new("cofferdam/harbour", &[8; 32]).unwrap();
    assert!(is_tampered(&Log::open(files.clone(), other.verifier(), &[])));
}

#[test]
fn entries_changed_under_an_open_log_are_not_given_out() {
    let files = FaultyFiles::new(1);
    let all = signed_log(&files);
    let log = open(&files).unwrap();
    let whole = files.contents(ENTRIES).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 4;
        files.put(ENTRIES, &changed);
        let read = log.read(0..262, |index, entry| {
            assert_eq!(entry, all[index as usize]);
            Ok::<_, LogError>(())
        });
        // A change of a batch's head or mark may go unseen here; one of an entry may not.
        assert!(read.is_ok() || is_tampered(&read));
    }
    files.put(ENTRIES, &whole[..100]);
    assert!(log.read(0..262, |_, _| Ok::<_, LogError>(())).is_err());
}

#[test]
fn a_broken_batch_that_others_follow_is_not_taken_for_a_torn_one() {
    let files = FaultyFiles::new(1);
    let mut log = open(&files).unwrap();
    log.append(&batch(0..3)).unwrap();
    let second = files.contents(ENTRIES).unwrap().len();
    log.append(&batch(3..6)).unwrap();
    let third = files.contents(ENTRIES).unwrap().len();
    log.append(&batch(6..9)).unwrap();
    drop(log);
    let whole = files.contents(ENTRIES).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        files.put(ENTRIES, &changed);
        let opened = open(&files);
        match at {
            _ if at < third => assert!(is_tampered(&opened), "byte {at}"),
            // The last batch, with no checkpoint and nothing after it, cannot be told from torn.
            _ => assert_eq!(opened.unwrap().head(), head_of(&batch(0..6))),
        }
        files.put(ENTRIES, &whole);
    }
    for cut in second..whole.len() {
        files.put(ENTRIES, &whole[..cut]);
        let log = open(&files).unwrap();
        let left = if cut < third { (3, second) } else { (6, third) };
        assert_eq!(log.head(), head_of(&batch(0..left.0)));
        assert_eq!(log.torn_bytes(), (cut - left.1) as u64);
        assert_eq!(files.contents(ENTRIES).unwrap().len(), left.1);
    }
}

#[test]
fn a_torn_batch_is_cut_off_whatever_its_entries_look_like() {
    let files = FaultyFiles::new(1);
    let mut log = open(&files).unwrap();
    log.append(&batch(0..3)).unwrap();
    let (first, head) = (files.contents(ENTRIES).unwrap(), log.head());
    // An entry that holds the log's own bytes, at another position than they were at.
    log.append(&[first.clone(), first.clone()]).unwrap();
    drop(log);
    let whole = files.contents(ENTRIES).unwrap();
    files.put(ENTRIES, &whole[..whole.len() - 1]);
    assert_eq!(open(&files).unwrap().head(), head);
}

/// Appends, checkpoints and recovers as a keyholder does until the disk gives up for good.
struct Trace {
    files: FaultyFiles,
    acknowledged: Vec<Vec<u8>>,
    attempted: Vec<Vec<u8>>,
    signed: u64,
    failures: u32,
}

impl Trace {
    fn new(seed: u64) -> Trace {
        let files = FaultyFiles::new(seed);
        let (acknowledged, attempted) = (Vec::new(), Vec::new());
        Trace { files, acknowledged, attempted, signed: 0, failures: 0 }
    }

    fn run(&mut self, rounds: u64) {
        let Ok(mut log) = open(&self.files) else {
            return;
        };
        self.check(&log);
        for round in 0..rounds {
            let from = self.acknowledged.len() as u64;
            self.attempted = batch(from..from + 1 + round * 13 % 40);
            match log.append(&self.attempted) {
                Ok(head) => {
                    self.acknowledged.append(&mut self.attempted);
                    assert_eq!(head, head_of(&self.acknowledged));
                }
                Err(error) => {
                    assert!(matches!(error, LogError::World { .. }));
                    self.failures += 1;
                    assert!(matches!(log.append(&[b"no"]), Err(LogError::Poisoned)));
                    assert_eq!(log.head(), head_of(&self.acknowledged));
                    if log.recover().is_err() && log.recover().is_err() {
                        return;
                    }
                    self.attempted.clear();
                }
            }
            if round % 4 == 3 && log.checkpoint(&signer()).is_ok() {
                self.signed = log.head().size;
            }
        }
    }

    /// Nothing acknowledged is lost; of what was not, the whole last batch is there, or nothing.
    fn check(&mut self, log: &Log<FaultyFiles>) {
        let found = contents(log);
        assert_eq!(log.head(), head_of(&found));
        assert!(found.starts_with(&self.acknowledged), "an acknowledged entry was lost");
        let more = &found[self.acknowledged.len()..];
        assert!(more.is_empty() || more == self.attempted, "a part of a batch was taken up");
        assert!(self.signed <= log.head().size);
        self.acknowledged = found;
        self.attempted.clear();
    }
}

const ROUNDS: u64 = 14;

fn steps_of_a_trace() -> u64 {
    let mut trace = Trace::new(1);
    trace.run(ROUNDS);
    assert_eq!(trace.failures, 0);
    trace.files.steps()
}

#[test]
fn power_cuts_and_kills_at_every_step_lose_nothing_acknowledged() {
    for step in 1..=steps_of_a_trace() {
        for seed in 0..8 {
            let mut trace = Trace::new(seed * 1000 + step);
            trace.files.fail(step..step + 1, Fault::PowerCut);
            trace.run(ROUNDS);
            trace.files.cut_power();
            trace.run(6);
            // And once more, in the middle of what follows.
            let next = trace.files.steps() + 1 + seed;
            trace.files.fail(next..next + 1, Fault::PowerCut);
            trace.run(6);
            trace.files.cut_power();
            trace.run(3);
            assert!(trace.acknowledged.len() > 10);
        }
    }
}

#[test]
fn failed_writes_and_syncs_at_every_step_lose_nothing_acknowledged() {
    for fault in [Fault::NoSpace, Fault::Broken] {
        for step in 1..=steps_of_a_trace() {
            for lasts in [1, 2, 3, 4, 1000] {
                let mut trace = Trace::new(step * 10 + lasts);
                trace.files.fail(step..step + lasts, fault);
                trace.run(ROUNDS);
                // The process is killed; the system's memory of the disk stays.
                trace.files.repair();
                if lasts == 4 {
                    // What was found then is there for good, before anything more is appended.
                    trace.run(0);
                    trace.files.cut_power();
                }
                trace.run(5);
                // Then the power fails, which loses what a failed sync did not save.
                trace.files.cut_power();
                let acknowledged = trace.acknowledged.len();
                trace.run(2);
                assert!(trace.acknowledged.len() > acknowledged);
            }
        }
    }
}

#[test]
fn a_full_disk_is_named_as_such_and_appending_goes_on_when_there_is_space() {
    let files = FaultyFiles::new(1);
    let mut log = open(&files).unwrap();
    log.append(&batch(0..3)).unwrap();
    let next = files.steps() + 1;
    files.fail(next..next + 10, Fault::NoSpace);
    let Err(LogError::World { source, .. }) = log.append(&batch(3..6)) else { panic!() };
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
    assert!(log.recover().is_err());
    let next = files.steps() + 2;
    files.fail(next..next + 1, Fault::NoSpace);
    assert!(log.recover().is_err(), "cut off, but not durably");
    assert!(matches!(log.append(&batch(3..6)), Err(LogError::Poisoned)));
    files.repair();
    log.recover().unwrap();
    log.append(&batch(3..9)).unwrap();
    assert_eq!(contents(&log), batch(0..9));
    drop(log);
    assert_eq!(contents(&open(&files).unwrap()), batch(0..9));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_batches_are_read_back(
        batches in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..120), 1..20)
    ) {
        let files = FaultyFiles::new(1);
        let mut log = open(&files).unwrap();
        for batch in &batches {
            log.append(batch).unwrap();
        }
        let all = batches.concat();
        prop_assert_eq!(log.head(), head_of(&all));
        drop(log);
        prop_assert_eq!(contents(&open(&files).unwrap()), all);
    }

    #[test]
    fn hostile_bytes_are_never_taken_for_more_than_they_are(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400), with_magic: bool,
    ) {
        if with_magic && bytes.len() >= 4 {
            bytes[..4].copy_from_slice(b"cfL1");
        }
        let files = FaultyFiles::new(1);
        files.put(ENTRIES, &bytes);
        let log = open(&files).unwrap();
        prop_assert_eq!((log.head().size, log.torn_bytes()), (0, bytes.len() as u64));
    }
}
