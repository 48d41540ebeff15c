//! One simulated day: what happens, and what has to be true after it.

use super::client::{Clients, Content, facts, identifier};
use crate::committer::{Committer, Next, next, publish};
use crate::mind::Shared;
use crate::root::RootCost;
use crate::settings::{Passphrase, Settings};
use crate::{answer::Connection, start};
use decision::Limits;
use keyproto::message::*;
use keyproto::{Answer, Request};
use ledger::entry::Act;
use ledger::faults::{Fault, FaultyFiles};
use seal::{Chain, Link, SealedHash, SegmentKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use store::{EmbeddedStore, NewSegment, Store};
use terms::planted::{plant, set_clock};
use terms::{Duration, FileId, Section, Sections, Time};

/// Most distinct files a doctor opens, softly; the hard limit is a quarter more.
const SOFT: u32 = 4;

pub(super) struct Day {
    random: u64,
    bug: Option<&'static str>,
    folder: tempfile::TempDir,
    settings: Settings,
    files: FaultyFiles,
    store: EmbeddedStore,
    shared: Option<Shared<FaultyFiles>>,
    clients: Clients,
    now: Time,
    /// What clients were told is stored, by file, in order.
    acknowledged: BTreeMap<FileId, Vec<Content>>,
    /// Every file with its number, in the order in which they came: ids differ from day to day.
    numbers: Vec<(FileId, String)>,
    erased: BTreeSet<FileId>,
    /// Entries that released keys, with their file, and the distinct files by doctor.
    released: BTreeMap<u64, FileId>,
    opened: BTreeMap<usize, BTreeSet<FileId>>,
    counts: [u64; 5],
}

impl Day {
    pub(super) fn new(seed: u64, bug: Option<&'static str>) -> Day {
        plant(None);
        let now = Time::from_millis(1_800_000_000_000);
        set_clock(Some(now));
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(folder.path().join("keyholder"));
        settings.root_cost = RootCost { memory_kib: 64, passes: 1 };
        settings.sandbox = false;
        let wide = [1_000_000; 6];
        let session_openings = [1_000_000; 9];
        let roles = [[SOFT; 6]; 9];
        settings.limits = Limits { roles, found: wide, session_openings, ..Limits::default() };
        let files = FaultyFiles::new(seed);
        let clients = Clients::new();
        let genesis = clients.genesis(now);
        let shared = start::create(settings.clone(), files.clone(), &passphrase(), genesis);
        let store = EmbeddedStore::open(&folder.path().join("store")).unwrap();
        let random = seed.wrapping_mul(2).wrapping_add(1);
        let mut day = Day {
            random,
            bug,
            folder,
            settings,
            files,
            store,
            shared: Some(shared.unwrap()),
            clients,
            now,
            acknowledged: BTreeMap::new(),
            numbers: Vec::new(),
            erased: BTreeSet::new(),
            released: BTreeMap::new(),
            opened: BTreeMap::new(),
            counts: [0; 5],
        };
        plant(bug);
        day.sign_in_all();
        day
    }

    /// Counts: acknowledged deposits, releases, restarts, failures to record, lost answers.
    pub(super) fn live(mut self, steps: usize) -> [u64; 5] {
        for _ in 0..steps {
            self.now = self.now + Duration::from_millis(self.below(3_000));
            set_clock(Some(self.now));
            match self.below(30) {
                0..=7 => self.deposit(),
                8..=13 => self.open(),
                14..=16 => self.find(),
                17 => self.erase(),
                18..=21 => self.break_disk(),
                22..=24 => self.recover(),
                25 => drop(publish(self.shared())),
                26 => self.snapshot(),
                27 => self.now = self.now + Duration::from_seconds(self.below(60)),
                28 => self.now = self.now - Duration::from_seconds(self.below(60)),
                _ => self.crash(),
            }
        }
        self.crash();
        set_clock(None);
        plant(None);
        self.counts
    }

    /// The next number of a xorshift generator, below `n`.
    fn below(&mut self, n: u64) -> u64 {
        let random = &mut self.random;
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        (*random >> 8) % n
    }

    fn shared(&self) -> &Shared<FaultyFiles> {
        self.shared.as_ref().unwrap()
    }

    /// One request, as a server sends it, and a committer that writes for it alone.
    fn ask(&self, request: Request) -> Answer {
        let (shared, bug, now) = (self.shared(), self.bug, self.now);
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let committer = scope.spawn(|| {
                plant(bug);
                set_clock(Some(now));
                let (size, last) = (shared.log().head().size, Instant::now());
                let mut committer = Committer { shared, checkpoint: size, snapshot: size, last };
                while !over.load(Ordering::Acquire) {
                    match next(shared) {
                        Next::Works(works) => committer.commit(works),
                        Next::StartOver | Next::Stop => return,
                        Next::Idle => {}
                    }
                }
            });
            let mut answers = Vec::new();
            let mut connection = Connection::new(shared);
            for request in [self.clients.hello(), request] {
                let sent = connection.answer(request, &mut |answer: &Answer| {
                    answers.push(Answer::from_bytes(&answer.to_bytes()).unwrap());
                    Ok(())
                });
                assert!(sent.unwrap());
            }
            over.store(true, Ordering::Release);
            while !committer.is_finished() {
                shared.wake();
                std::thread::yield_now();
            }
            answers.pop().unwrap()
        })
    }

    /// The same, counting whatever could not be recorded.
    fn say(&mut self, request: Request) -> Answer {
        let answer = self.ask(request);
        self.counts[3] += u64::from(matches!(answer, Answer::Failed(Failure::World(_))));
        answer
    }

    fn nonce(&self) -> Option<String> {
        match self.ask(Request::Nonce(Nonce { file: None })) {
            Answer::Nonce(nonce) => Some(nonce),
            _ => None,
        }
    }

    fn sign_in_all(&mut self) {
        for doctor in 0..self.clients.doctors() {
            let Some(nonce) = self.nonce() else { return };
            let request = self.clients.sign_in(doctor, &nonce, self.now);
            if let Answer::SignedIn(session) = self.say(request) {
                self.clients.signed_in(doctor, session.session);
            }
        }
    }

    fn doctor(&mut self) -> usize {
        self.below(self.clients.doctors() as u64) as usize
    }

    fn some_file(&mut self) -> Option<FileId> {
        let at = self.below(self.acknowledged.len().max(1) as u64) as usize;
        let files = self.numbers.iter().map(|(file, _)| *file);
        files.filter(|file| self.acknowledged.contains_key(file)).nth(at)
    }

    /// A deposit into a new file or one that is there, with anything going wrong on the way.
    fn deposit(&mut self) {
        let doctor = self.doctor();
        let old = if self.below(2) == 0 { self.some_file() } else { None };
        let number = format!("{:010}", self.below(1_000_000_000));
        let (target, facts) = match old {
            Some(file) => (Target::File(file), None),
            None => {
                let unless = (self.below(2) == 0).then(|| identifier(&number));
                (Target::New(NewFile { unless, list: None, source: None }), Some(facts(&number)))
            }
        };
        let session = self.clients.session(doctor);
        let sections = vec![Section::Label, Section::History];
        let deposit = Deposit { session, target, sections, facts };
        let Answer::Granted(grant) = self.say(Request::Deposit(deposit)) else { return };
        let (contents, hashes) = self.seal(&grant);
        if self.below(12) == 0 {
            return self.crash();
        }
        if old.is_none() {
            self.numbers.push((grant.file, number));
        }
        let commit = Request::Commit(Commit { grant: grant.grant, hashes });
        let answer = self.say(commit);
        if self.below(8) == 0 {
            // The answer is lost, with the process that gave it.
            self.counts[4] += 1;
            return self.crash();
        }
        if let Answer::Recorded(_) = answer {
            self.counts[0] += 1;
            self.acknowledged.entry(grant.file).or_default().extend(contents);
        }
    }

    /// Seals and stores as a server does.
    fn seal(&mut self, grant: &Grant) -> (Vec<Content>, Vec<Hash>) {
        let mut previous = Chain::from_bytes(*grant.head);
        let (mut contents, mut hashes) = (Vec::new(), Vec::new());
        let mut segments = Vec::new();
        for key in &grant.keys {
            let text = format!("what was said {}", self.below(1 << 40)).into_bytes();
            let place = self.clients.place(grant.file, key.section, key.sequence, previous);
            let with = SegmentKey::from_bytes(key.key.into());
            let bytes = seal::seal_segment(&place, &with, &text).unwrap();
            let sealed = SealedHash::of(&bytes);
            let link = Link { section: key.section, sequence: key.sequence, sealed };
            previous = previous.then(grant.file, &link);
            contents.push((key.sequence, key.section, text));
            hashes.push((*sealed.as_bytes()).into());
            segments.push((key.sequence, key.section, *sealed.as_bytes(), bytes));
        }
        let file = grant.file;
        let new: Vec<NewSegment<'_>> = segments
            .iter()
            .map(|(sequence, section, hash, bytes)| NewSegment {
                file,
                sequence: *sequence,
                section: *section,
                hash: *hash,
                bytes,
            })
            .collect();
        self.store.append(&new).unwrap();
        (contents, hashes)
    }

    fn open(&mut self) {
        let (doctor, Some(file)) = (self.doctor(), self.some_file()) else { return };
        let Some(nonce) = self.nonce() else { return };
        let request = self.clients.open(doctor, file, &nonce, self.now);
        let Answer::Opened(release) = self.say(request) else { return };
        self.counts[1] += 1;
        assert!(!self.erased.contains(&file), "an erased file was released");
        self.released.insert(release.entry, file);
        let distinct = self.opened.entry(doctor).or_default();
        distinct.insert(file);
        assert!(distinct.len() <= (SOFT + SOFT.div_ceil(4)) as usize, "beyond every budget");
        let keys = release.keys.iter().map(|key| (key.sequence, key.key)).collect();
        self.read(file, release.segments, *release.head, &keys);
    }

    /// Reads what the store has up to this head, and holds it against what was acknowledged.
    fn read(&self, file: FileId, segments: u32, head: [u8; 32], keys: &Keys) {
        let stored = self.store.segments(file, 0, segments, Sections::ALL).unwrap();
        assert_eq!(stored.len(), segments as usize, "the store lost segments");
        let mut chain = Chain::EMPTY;
        let mut found = Vec::new();
        for one in &stored {
            let place = self.clients.place(file, one.section, one.sequence, chain);
            let sealed = SealedHash::of(&one.bytes);
            let link = Link { section: one.section, sequence: one.sequence, sealed };
            chain = chain.then(file, &link);
            let key = SegmentKey::from_bytes(keys[&one.sequence].into());
            let text = seal::open_segment(&place, &key, &one.bytes).unwrap().to_vec();
            found.push((one.sequence, one.section, text));
        }
        assert_eq!(*chain.as_bytes(), head, "the store goes another way than the ledger");
        // What nobody was told about may be there besides.
        let kept = self.acknowledged[&file].iter().all(|content| found.contains(content));
        assert!(kept, "an acknowledged deposit is lost");
    }

    fn find(&mut self) {
        let (doctor, Some(file)) = (self.doctor(), self.some_file()) else { return };
        let Some(nonce) = self.nonce() else { return };
        let known = self.numbers.iter().find(|(known, _)| *known == file);
        let number = known.unwrap().1.clone();
        let request = self.clients.find(doctor, &number, &nonce, self.now);
        if let Answer::Found(found) = self.say(request) {
            let shown: Vec<FileId> = found.shown.iter().map(|release| release.file).collect();
            assert_eq!(shown, [file], "the locator lost a file");
        }
    }

    fn erase(&mut self) {
        if self.below(3) > 0 {
            return;
        }
        let Some(file) = self.some_file() else { return };
        let halfway = self.below(2) == 0;
        let erased = if halfway {
            self.record_erasure(file)
        } else {
            let request = self.clients.erase(file, self.now);
            matches!(self.say(request), Answer::Recorded(_))
        };
        let crashed = halfway || self.below(3) == 0;
        // Whatever became of it, nobody relies on the file any more.
        self.acknowledged.remove(&file);
        if erased {
            self.erased.insert(file);
            self.store.erase(file).unwrap();
        }
        if crashed {
            self.crash();
        }
    }

    /// What a committer did that dies between the ledger and the key table: the erasure is
    /// recorded, and the key is still there.
    fn record_erasure(&self, file: FileId) -> bool {
        let shared = self.shared();
        let Ok(mut mind) = shared.mind() else { return false };
        let (statements, server) = self.clients.erasure(mind.core.state(), file, self.now);
        let named = decision::Named { id: file, blind: shared.ring.blind(file) };
        let order = decision::Event::Order { statements, file: Some(named) };
        let outcome = mind.core.handle(self.now, server, order);
        let numbered = (outcome.first..).zip(&outcome.entries);
        let seal =
            |(number, entry)| crate::entries::seal_entry(&shared.ring, number, entry).unwrap();
        let sealed: Vec<Vec<u8>> = numbered.map(seal).collect();
        let mut log = shared.log.write().unwrap();
        outcome.verdict == decision::Verdict::Ordered && log.append(&sealed).is_ok()
    }

    /// Some of the next steps of the ledger's disk fail.
    fn break_disk(&mut self) {
        let from = self.files.steps() + 1 + self.below(6);
        let fault = [Fault::NoSpace, Fault::Broken, Fault::PowerCut][self.below(3) as usize];
        let until = from + 1 + self.below(4);
        self.files.fail(from..until, fault);
    }

    /// What the committer does once a second while nothing can be recorded.
    fn recover(&mut self) {
        if self.below(2) == 0 {
            self.files.repair();
        }
        if self.shared().mind().is_err() {
            let (shared, last) = (self.shared(), Instant::now());
            let mut committer = Committer { shared, checkpoint: 0, snapshot: 0, last };
            let _ = committer.try_start_over();
        }
    }

    fn snapshot(&mut self) {
        let (shared, last) = (self.shared(), Instant::now());
        let mut committer = Committer { shared, checkpoint: 0, snapshot: 0, last };
        let _ = committer.take_snapshot();
    }

    /// The power fails, or the process dies; then everything has to be there.
    fn crash(&mut self) {
        self.counts[2] += 1;
        self.shared = None;
        self.files.cut_power();
        self.store = EmbeddedStore::open(&self.folder.path().join("store")).unwrap();
        let shared = start::open(self.settings.clone(), self.files.clone(), &passphrase());
        self.shared = Some(shared.unwrap_or_else(|error| panic!("it does not start: {error}")));
        self.check();
    }

    fn check(&self) {
        let shared = self.shared();
        let mut entries = BTreeMap::new();
        let all = shared.log().read(0..shared.log().head().size, |number, sealed| {
            let entry = crate::entries::open_entry(&shared.ring, number, sealed)?;
            entries.insert(number, entry.act);
            crate::error::Result::Ok(())
        });
        all.unwrap();
        for (number, file) in &self.released {
            let blind = shared.ring.blind(*file);
            let right = matches!(entries.get(number), Some(Act::Opened(act)) if act.file == blind);
            assert!(right, "keys went out without their entry");
        }
        for file in self.acknowledged.keys() {
            let mind = shared.mind().ok().unwrap();
            let view = mind.core.state().file(shared.ring.blind(*file));
            let view = view.expect("the ledger lost an acknowledged file");
            let (_, key) = shared.table.get(&shared.ring, view.file).unwrap().unwrap();
            let key = |(sequence, section): &(u32, Section)| {
                (*sequence, *key.segment_key(*section, *sequence, 0).unwrap().as_bytes())
            };
            let keys = view.keys.iter().map(key).collect();
            self.read(*file, view.segments, view.head.unwrap(), &keys);
        }
        for (file, number) in &self.numbers {
            let hits = self.clients.hits(shared, number);
            let state = shared.mind().ok().unwrap();
            let state = state.core.state();
            assert!(hits.iter().all(|blind| state.file(*blind).is_some()), "found, and not there");
            let blind = shared.ring.blind(*file);
            let there = self.acknowledged.contains_key(file);
            assert!(!there || hits == [blind], "the locator lost a file");
            let erased = self.erased.contains(file);
            assert!(!erased || shared.table.get(&shared.ring, blind).unwrap().is_none(), "a key");
        }
    }
}

type Keys = BTreeMap<u32, [u8; 32]>;

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse".to_owned().into()).unwrap()
}
