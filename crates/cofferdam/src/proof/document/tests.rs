//! Whoever brings a document is the attacker: only what the keyholder made may pass.

use super::*;
use ledger::entry::{EpochBegan, Found, LookUp, Opened, OpenedByJob};
use ledger::{DirFiles, Leaf, Log, Signer, commitment};
use terms::{
    CardId, Grade, JobId, PracticeId, Purpose, RelationClass, Section, Sections, ServerId,
    SessionId,
};

const FILE: FileId = FileId::from_bytes([5; 16]);
const BLIND: Blind = Blind::from_bytes([6; 16]);
const OTHER: FileId = FileId::from_bytes([7; 16]);
const OTHER_BLIND: Blind = Blind::from_bytes([8; 16]);

/// A ledger whose keyholder is honest.
struct World {
    signer: Signer,
    log: Log<DirFiles>,
    entries: Vec<Entry>,
    _folder: tempfile::TempDir,
}

fn opened(blind: Blind) -> Act {
    Act::Opened(Opened {
        session: SessionId::from_bytes([1; 16]),
        card: CardId::from_bytes([2; 10]),
        practice: PracticeId::from_bytes([3; 10]),
        server: ServerId::from_bytes([4; 10]),
        file: blind,
        sections: Sections::of(&[Section::Label, Section::Results]),
        class: RelationClass::Contact,
        purpose: Purpose::Treatment,
        segments: 3,
        repeat: false,
        request: [9; 32],
        reason: None,
        token: None,
        grade: Grade::Strong,
        close: false,
    })
}

fn opened_by_job(blind: Blind) -> Act {
    Act::OpenedByJob(OpenedByJob {
        job: JobId::from_bytes([1; JobId::LENGTH]),
        index: 4,
        session: SessionId::from_bytes([1; 16]),
        card: CardId::from_bytes([2; 10]),
        practice: PracticeId::from_bytes([3; 10]),
        server: ServerId::from_bytes([4; 10]),
        file: blind,
        sections: Sections::of(&[Section::Label, Section::Contact]),
        segments: 3,
        request: [9; 32],
    })
}

fn found(shown: &[Blind]) -> Act {
    Act::Found(Found {
        session: SessionId::from_bytes([1; 16]),
        card: CardId::from_bytes([2; 10]),
        practice: PracticeId::from_bytes([3; 10]),
        server: ServerId::from_bytes([4; 10]),
        by: LookUp::Name,
        shown: shown.to_vec(),
        told: Vec::new(),
        request: [9; 32],
    })
}

fn salt(number: u64) -> [u8; 16] {
    u128::from(number + 1).to_be_bytes()
}

fn leaf(number: u64, entry: &[u8]) -> Vec<u8> {
    let sealed = [number as u8; 80];
    Leaf { commitment: &commitment(&salt(number), entry), sealed: &sealed }.to_bytes()
}

impl World {
    /// Entries 0 to 7: of nobody, ours, the other's, a look-up of both, of nobody, ours, ours, of
    /// nobody. A millisecond lies between any two.
    fn new() -> World {
        let nobody = |epoch| Act::EpochBegan(EpochBegan { epoch });
        let acts = [
            nobody(1),
            opened(BLIND),
            opened(OTHER_BLIND),
            found(&[OTHER_BLIND, BLIND]),
            nobody(2),
            opened(BLIND),
            found(&[BLIND]),
            nobody(3),
        ];
        let entries = (0..).map(Time::from_millis).zip(acts).map(|(at, act)| Entry { at, act });
        World::of(entries.collect(), [1; 32])
    }

    fn of(entries: Vec<Entry>, seed: [u8; 32]) -> World {
        let signer = Signer::new("cofferdam/harbour", &seed).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::open(DirFiles::new(folder.path()), signer.verifier(), &[]).unwrap();
        let leaves: Vec<_> =
            (0..).zip(&entries).map(|(number, entry)| leaf(number, &entry.to_bytes())).collect();
        log.append(&leaves).unwrap();
        World { signer, log, entries, _folder: folder }
    }

    /// What the keyholder tells of a file, as its report and its proofs say it.
    fn document(&self, file: FileId, from: Option<Time>, to: Option<Time>) -> Document {
        let blind = if file == FILE { BLIND } else { OTHER_BLIND };
        let head = self.log.head();
        let question = Question { file: Some(file), from, to, alone: true, ..Question::default() };
        let (mut tally, mut told) = (Tally::default(), Vec::new());
        for (number, entry) in (0..).zip(&self.entries) {
            let inside = from.is_none_or(|f| f <= entry.at) && to.is_none_or(|t| entry.at < t);
            let (mut alone, mut proved) = (entry.clone(), true);
            let about = match &mut alone.act {
                Act::Opened(opened) => opened.file == blind,
                Act::OpenedByJob(opened) => opened.file == blind,
                Act::Found(found) => {
                    proved = found.shown.len() == 1;
                    found.shown.retain(|shown| *shown == blind);
                    !found.shown.is_empty()
                }
                _ => false,
            };
            if about && inside {
                let one = self.told(number, &alone, proved);
                tally.add(&one.line(&alone.to_bytes(), blind, file));
                told.push(one);
            }
        }
        let text = tally.closing("a proof", &question, head.size, &head.root);
        let name = naming(head.size, &head.root, file, blind);
        Document {
            format: FORMAT.into(),
            file: file.to_string(),
            checkpoint: self.signer.sign(&head),
            naming: self.signer.sign_note(NAMING, &name),
            statement: self.signer.sign_note(CLOSING, &text),
            entries: told,
            since: None,
        }
    }

    fn told(&self, number: u64, entry: &Entry, proved: bool) -> Told {
        let bytes = entry.to_bytes();
        let path = self.log.inclusion_proof(number, self.log.head().size).unwrap();
        let proof = Proof {
            leaf: BASE64.encode(&leaf(number, &bytes)),
            salt: BASE64.encode(&salt(number)),
            path: path.iter().map(|hash| BASE64.encode(hash)).collect(),
        };
        Told {
            number,
            entry: BASE64.encode(&bytes),
            erased: false,
            holder: Some("Dr Kim".into()),
            practice: Some("Harbour Practice".into()),
            proof: proved.then_some(proof),
        }
    }

    fn check(&self, document: &Document) -> Result<Checked, Refused> {
        let json = serde_json::to_vec(document).unwrap();
        Document::read(&json)?.check(self.signer.verifier(), None)
    }

    /// Refused, and for this reason.
    fn refuses(&self, why: &str, document: &Document) {
        match self.check(document) {
            Ok(_) => panic!("it passed, and should not: {why}"),
            Err(Refused(said)) => assert!(said.contains(why), "{said}, not {why}"),
        }
    }
}

#[test]
fn an_honest_document_says_what_was_opened_and_what_is_proved() {
    let world = World::new();
    let checked = world.check(&world.document(FILE, None, None)).unwrap();
    let told: Vec<_> = checked.entries.iter().map(|e| (e.number, e.proved)).collect();
    assert_eq!(told, [(1, true), (3, false), (5, true), (6, true)]);
    for entry in checked.entries.iter().filter(|entry| entry.proved) {
        assert_eq!(entry.entry, world.entries[entry.number as usize]);
    }
    let said = checked.sentences().join("\n");
    assert!(said.contains("Of these entries 3 stand in the ledger of cofferdam/harbour"), "{said}");
    assert!(said.contains("Of look-ups that found other patients too: 1."), "{said}");
    assert!(!said.contains(&OTHER_BLIND.to_string()), "nobody else is in it: {said}");
}

/// Whoever got a letter after an incident has such an entry, and asks for a proof.
#[test]
fn an_opening_for_a_letter_is_proved_like_every_other() {
    let acts = [opened(BLIND), opened_by_job(OTHER_BLIND), opened_by_job(BLIND)];
    let entries = (0..).map(Time::from_millis).zip(acts).map(|(at, act)| Entry { at, act });
    let world = World::of(entries.collect(), [1; 32]);
    let checked = world.check(&world.document(FILE, None, None)).unwrap();
    assert_eq!(checked.entries.iter().map(|e| e.number).collect::<Vec<_>>(), [0, 2]);
    let said = checked.sentences().join("\n");
    assert!(said.contains("by a job that two officers approved, label contact by card"), "{said}");
    let mut others = world.document(FILE, None, None);
    others.entries[1] = world.told(1, &world.entries[1], true);
    world.refuses("about something else", &others);
}

#[test]
fn nothing_is_proved_by_a_signed_statement_that_says_so() {
    let world = World::new();
    let none = world.document(FILE, Some(Time::from_millis(7)), None);
    let checked = world.check(&none).unwrap();
    assert!(checked.entries.is_empty());
    assert!(checked.sentences().join("\n").contains("nothing was opened"));
    let mut hidden = world.document(FILE, None, None);
    hidden.entries.clear();
    world.refuses("dropped", &hidden);
    hidden.statement = none.statement.clone();
    // The empty statement is of another span, and says so itself.
    assert_eq!(world.check(&hidden).unwrap().from, Some(Time::from_millis(7)));
    let other = world.document(OTHER, Some(Time::from_millis(7)), None);
    let swapped = Document { statement: other.statement, ..none };
    world.refuses("another question", &swapped);
}

#[test]
fn entries_are_not_dropped_added_moved_or_changed() {
    let world = World::new();
    let honest = world.document(FILE, None, None);
    for at in 0..honest.entries.len() {
        let mut cut = honest.clone();
        cut.entries.remove(at);
        world.refuses("dropped", &cut);
        let mut twice = honest.clone();
        twice.entries.insert(at, twice.entries[at].clone());
        world.refuses("out of order", &twice);
        let mut renamed = honest.clone();
        renamed.entries[at].holder = Some("Somebody Else".into());
        world.refuses("dropped", &renamed);
        let mut renamed = honest.clone();
        renamed.entries[at].practice = None;
        world.refuses("dropped", &renamed);
        let mut erased = honest.clone();
        erased.entries[at].erased = true;
        world.refuses("dropped", &erased);
    }
    let mut moved = honest.clone();
    moved.entries.swap(0, 2);
    world.refuses("", &moved);
    let mut renumbered = honest.clone();
    renumbered.entries[0].number = 0;
    world.refuses("entry 0 is not in the ledger", &renumbered);
    let mut unproved = honest.clone();
    unproved.entries[0].proof = None;
    world.refuses("without its proof", &unproved);
    let mut changed = honest.clone();
    let mut entry = world.entries[1].clone();
    if let Act::Opened(opened) = &mut entry.act {
        opened.sections = Sections::of(&[Section::Label]);
    }
    changed.entries[0].entry = BASE64.encode(&entry.to_bytes());
    world.refuses("entry 1 is not in the ledger", &changed);
    let mut look_up = honest;
    look_up.entries[1].entry = BASE64.encode(&world.entries[3].to_bytes());
    world.refuses("about something else", &look_up);
}

#[test]
fn proofs_and_notes_of_other_entries_files_and_ledgers_do_not_mix() {
    let world = World::new();
    let (mine, theirs) = (world.document(FILE, None, None), world.document(OTHER, None, None));
    let mut mixed = mine.clone();
    mixed.entries[0].proof = mine.entries[2].proof.clone();
    world.refuses("entry 1 is not in the ledger", &mixed);
    let mut mixed = mine.clone();
    mixed.entries = theirs.entries.clone();
    world.refuses("about something else", &mixed);
    world.refuses("another file", &Document { naming: theirs.naming.clone(), ..mine.clone() });
    world.refuses("another file", &Document { file: OTHER.to_string(), ..mine.clone() });
    world.refuses("names no file", &Document { file: "x".into(), ..mine.clone() });
    let swapped = Document { statement: theirs.statement, ..mine.clone() };
    world.refuses("dropped", &swapped);
    for notes in [&mine.checkpoint, &mine.naming, &mine.statement] {
        let others = [&mine.checkpoint, &mine.naming, &mine.statement];
        for other in others.into_iter().filter(|other| *other != notes) {
            let swap = |note: &String| if note == notes { other.clone() } else { note.clone() };
            let swapped = Document {
                checkpoint: swap(&mine.checkpoint),
                naming: swap(&mine.naming),
                statement: swap(&mine.statement),
                ..mine.clone()
            };
            world.refuses("", &swapped);
        }
    }
    // The same ledger a moment later, and one of another key.
    let mut more = world.entries.clone();
    more.push(Entry { at: Time::from_millis(9), act: opened(BLIND) });
    let later = World::of(more, [1; 32]).document(FILE, None, None);
    world.refuses("", &Document { checkpoint: later.checkpoint.clone(), ..mine.clone() });
    world.refuses("", &Document { naming: later.naming.clone(), ..mine.clone() });
    world.refuses("", &Document { statement: later.statement.clone(), ..mine.clone() });
    let foreign = World::of(world.entries.clone(), [2; 32]).document(FILE, None, None);
    world.refuses("not signed by this log's key", &foreign);
}

/// A keyholder's true report about something narrower must not pass for everything.
#[test]
fn a_true_statement_to_another_question_does_not_count() {
    let world = World::new();
    let head = world.log.head();
    let narrow: [fn(&mut Question); 6] = [
        |question| question.card = Some(CardId::from_bytes([99; 10])),
        |question| question.practice = Some(PracticeId::from_bytes([99; 10])),
        |question| question.server = Some(ServerId::from_bytes([99; 10])),
        |question| question.everything = true,
        |question| question.alone = false,
        |question| question.first = 7,
    ];
    for set in narrow {
        let mut question = Question { file: Some(FILE), alone: true, ..Question::default() };
        set(&mut question);
        let text = Tally::default().closing("a proof", &question, head.size, &head.root);
        let mut none = world.document(FILE, None, None);
        none.entries.clear();
        none.statement = world.signer.sign_note(CLOSING, &text);
        world.refuses("another question", &none);
    }
    let early = world.document(FILE, None, Some(Time::from_millis(3)));
    assert_eq!(world.check(&early).unwrap().to, Some(Time::from_millis(3)));
}

#[test]
fn every_changed_character_is_refused_or_means_the_same() {
    let world = World::new();
    let honest = serde_json::to_vec(&world.document(FILE, None, None)).unwrap();
    let told = format!("{:?}", world.check(&world.document(FILE, None, None)).unwrap());
    for at in 0..honest.len() {
        for with in [honest[at] ^ 1, b'"', b'A', b' '] {
            let mut changed = honest.clone();
            changed[at] = with;
            let checked = Document::read(&changed)
                .and_then(|document| document.check(world.signer.verifier(), None));
            if let Ok(checked) = checked {
                assert_eq!(format!("{checked:?}"), told, "at {at}");
            }
        }
    }
    for length in (0..honest.len()).step_by(7) {
        assert!(Document::read(&honest[..length]).is_err(), "cut at {length}");
    }
    assert!(Document::read(&vec![b' '; DOCUMENT_BYTES_MAX + 1]).is_err());
}

#[test]
fn a_checkpoint_from_elsewhere_shows_a_second_history() {
    let world = World::new();
    let document = world.document(FILE, None, None);
    let head = world.log.head();
    let check = |document: &Document, known: &Head| {
        document.check(world.signer.verifier(), Some(known)).map(|checked| checked.agrees)
    };
    assert_eq!(check(&document, &head).unwrap(), Some(head.size));
    let forked = Head { root: [1; 32], ..head };
    assert!(check(&document, &forked).unwrap_err().0.contains("two histories"));
    let older = Head { size: 3, root: world.log.root_at(3).unwrap() };
    assert!(check(&document, &older).unwrap_err().0.contains("ask for a document"));
    let path = world.log.consistency_proof(3, head.size).unwrap();
    let path: Vec<_> = path.iter().map(|hash| BASE64.encode(hash)).collect();
    let since = Since { checkpoint: world.signer.sign(&older), path };
    let document = Document { since: Some(since.clone()), ..document };
    assert_eq!(check(&document, &older).unwrap(), Some(3));
    let forked = Head { root: [1; 32], ..older };
    assert!(check(&document, &forked).unwrap_err().0.contains("two histories"));
    let other = Head { size: 4, root: world.log.root_at(4).unwrap() };
    assert!(check(&document, &other).unwrap_err().0.contains("ask for a document"));
    let mut wrong = since;
    wrong.path.pop();
    let document = Document { since: Some(wrong), ..document };
    assert!(check(&document, &older).unwrap_err().0.contains("does not begin"));
}
