//! Races, and deaths at the worst moment.

use crate::world::{PATIENT, World, json, observation, page, query};
use keyproto::message::Query;
use keyproto::{Request, frame};
use record::{Outcome, Records, WriteError};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::*;
use terms::{FileId, Role, Sections};

type After = Box<dyn Fn() + Send>;

/// The real store, and something that happens right after an append became durable.
struct Interrupted {
    real: Arc<dyn Store>,
    after_append: Arc<Mutex<Option<After>>>,
    /// How many appends there is room for.
    room: Arc<AtomicU32>,
}

impl Store for Interrupted {
    fn append(&self, segments: &[NewSegment<'_>]) -> Result<(), AppendError> {
        let less = |room: u32| room.checked_sub(1);
        if self.room.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err() {
            return Err(store::World::DiskFull.into());
        }
        self.real.append(segments)?;
        let happens = self.after_append.lock().unwrap_or_else(|e| e.into_inner()).take();
        if let Some(happens) = happens {
            happens();
        }
        Ok(())
    }
    fn segments(
        &self,
        file: FileId,
        from: u32,
        count: u32,
        sections: Sections,
    ) -> Result<Vec<StoredSegment>, ReadError> {
        self.real.segments(file, from, count, sections)
    }
    fn outline(&self, file: FileId, from: u32) -> Result<Vec<SegmentOutline>, ReadError> {
        self.real.outline(file, from)
    }
    fn forget_orphans(&self, file: FileId, from: u32) -> Result<u64, EraseError> {
        self.real.forget_orphans(file, from)
    }
    fn put_chunk(&self, chunk: &NewChunk<'_>) -> Result<(), AppendError> {
        self.real.put_chunk(chunk)
    }
    fn read_chunk(&self, file: FileId, id: AttachmentId, n: u32) -> Result<Vec<u8>, ReadError> {
        self.real.read_chunk(file, id, n)
    }
    fn attachments(&self, file: FileId) -> Result<Vec<AttachmentOutline>, ReadError> {
        self.real.attachments(file)
    }
    fn drop_attachment(&self, file: FileId, id: AttachmentId) -> Result<u64, EraseError> {
        self.real.drop_attachment(file, id)
    }
    fn erase(&self, file: FileId) -> Result<u64, EraseError> {
        self.real.erase(file)
    }
    fn file_size(&self, file: FileId) -> Result<FileSize, ReadError> {
        self.real.file_size(file)
    }
    fn statistics(&self) -> Result<Statistics, ReadError> {
        self.real.statistics()
    }
    fn check(&self) -> Result<Checked, CheckError> {
        self.real.check()
    }
    fn backup(&self, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<(), BackupError> {
        self.real.backup(to, progress)
    }
}

/// A world whose next append is followed by what is put into the slot.
fn interrupted() -> (Arc<World>, Arc<Mutex<Option<After>>>) {
    let slot: Arc<Mutex<Option<After>>> = Arc::default();
    let after_append = Arc::clone(&slot);
    let room = Arc::new(AtomicU32::new(u32::MAX));
    let world = World::with(|real| Arc::new(Interrupted { real, after_append, room }));
    (Arc::new(world), slot)
}

#[test]
fn a_batch_tells_what_was_stored_before_the_disk_was_full() {
    let room = Arc::new(AtomicU32::new(u32::MAX));
    let (left, after_append) = (Arc::clone(&room), Arc::default());
    let world = World::with(|real| Arc::new(Interrupted { real, after_append, room: left }));
    let doctor = world.doctor();
    let file = doctor.patient();
    room.store(2, Ordering::SeqCst);
    let post = |code: &str| {
        let resource = observation(file, code, "1");
        format!(r#"{{"resource":{resource},"request":{{"method":"POST","url":"Observation"}}}}"#)
    };
    let entries = ["a", "b", "c", "d"].map(post).join(",");
    let sent = json(&format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{entries}]}}"#));
    let answer = world.records().bundle(doctor.id(), sent, None).unwrap();
    assert!(matches!(answer.stopped_by, Some(WriteError::World(_))));
    let text = String::from_utf8(answer.text).unwrap();
    assert!(!text.contains("disk"), "the client is not told how the server stores: {text}");
    let answer = json(&text);
    let answers = answer.get("entry").unwrap().items();
    let responses = answers.iter().map(|entry| entry.get("response").unwrap());
    let statuses: Vec<&str> = responses.clone().map(|r| &r.text("status").unwrap()[..3]).collect();
    assert_eq!(statuses, ["201", "201", "503", "503"]);
    let outcomes = responses.map(|r| r.get("outcome").is_some());
    assert!(outcomes.eq([false, false, true, true]));
    room.store(u32::MAX, Ordering::SeqCst);
    let open = doctor.open(file);
    let found = open.search(&query("Observation", &[]), page(9), world.records().directory());
    let stored: Vec<String> = found.versions().map(|v| v.id().to_string()).collect();
    let told = answers[..2].iter().map(|e| e.get("response").unwrap().text("location").unwrap());
    let told: Vec<&str> = told.map(|location| location.split('/').nth(1).unwrap()).collect();
    assert_eq!(stored, told);
}

#[test]
fn a_server_that_dies_between_store_and_commit_leaves_nothing_but_an_orphan() {
    let (world, slot) = interrupted();
    let file = world.doctor().patient();
    let before = world.store.outline(file, 0).unwrap().len();
    *slot.lock().unwrap() = Some(Box::new(|| panic!("the server dies here")));
    let died = std::thread::scope(|scope| {
        scope.spawn(|| world.doctor().create(&observation(file, "lost", "1"))).join().is_err()
    });
    assert!(died);
    assert_eq!(world.store.outline(file, 0).unwrap().len(), before + 1);
    // What a restart of the keyholder, or half a minute, does: the grant is gone.
    world.restart_keyholder();
    let doctor = world.doctor();
    let all = query("Observation", &[]);
    let open = doctor.open(file);
    assert_eq!(open.search(&all, page(9), world.records().directory()).total, Some(0));
    doctor.create_in(&observation(file, "kept", "2"), Some(&open));
    assert_eq!(world.store.outline(file, 0).unwrap().len(), before + 1);
    let open = doctor.open(file);
    let found = open.search(&all, page(9), world.records().directory());
    assert_eq!(found.total, Some(1));
    assert!(String::from_utf8_lossy(found.versions().next().unwrap().bytes()).contains("kept"));
}

#[test]
fn a_keyholder_that_restarts_between_grant_and_commit_costs_nothing() {
    let (world, slot) = interrupted();
    let file = world.doctor().patient();
    let restart = || {
        let (world, slot) = (Arc::clone(&world), Arc::clone(&slot));
        *slot.lock().unwrap() = Some(Box::new(move || world.restart_keyholder()));
    };
    let doctor = world.doctor();
    restart();
    doctor.create(&observation(file, "a", "1"));
    restart();
    let made = doctor.create(PATIENT);
    assert_eq!(made.outcome, Outcome::Created);
    let open = doctor.open(file);
    let all = query("Observation", &[]);
    assert_eq!(open.search(&all, page(9), world.records().directory()).total, Some(1));
    assert!(doctor.open(made.id.file).read("Patient", &made.id.to_string()).is_ok());
    // The closure held the world; nothing is left of it.
    assert!(slot.lock().unwrap().is_none());
}

/// A second way to the keyholder. What is put into the slot happens once a commit was recorded,
/// whose answer is lost then.
fn lossy(world: &World) -> (Records, Arc<Mutex<Option<After>>>) {
    let slot: Arc<Mutex<Option<After>>> = Arc::default();
    let (from, to) = (world.folder.path().join("lossy"), world.socket());
    let listener = UnixListener::bind(&from).unwrap();
    let happens = Arc::clone(&slot);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (to, happens) = (to.clone(), Arc::clone(&happens));
            std::thread::spawn(move || pass_on(client.unwrap(), &to, &happens));
        }
    });
    (world.server_at(from), slot)
}

fn pass_on(mut client: UnixStream, to: &Path, happens: &Mutex<Option<After>>) {
    let mut keyholder = UnixStream::connect(to).unwrap();
    while let Ok(Some(request)) = frame::read(&mut client) {
        frame::write(&mut keyholder, &request).unwrap();
        let Some(answer) = frame::read(&mut keyholder).unwrap() else { return };
        if let Ok(Request::Commit(_)) = Request::from_bytes(&request)
            && let Some(happens) = happens.lock().unwrap().take()
        {
            return happens();
        }
        frame::write(&mut client, &answer).unwrap();
    }
}

#[test]
fn a_lost_answer_writes_nothing_twice_though_another_server_writes_meanwhile() {
    let world = Arc::new(World::new());
    let doctor = world.doctor();
    let file = doctor.patient();
    let (records, slot) = lossy(&world);
    let theirs = Arc::clone(&world);
    *slot.lock().unwrap() = Some(Box::new(move || {
        for value in ["2", "3"] {
            theirs.doctor().create(&observation(file, "theirs", value));
        }
    }));
    let own = json(&observation(file, "own", "1"));
    let written = records.create(doctor.id(), own, None, None).unwrap();
    assert!(slot.lock().unwrap().is_none());
    let open = doctor.open(file);
    let found = open.search(&query("Observation", &[]), page(9), records.directory());
    assert_eq!(found.total, Some(3));
    let own = open.read("Observation", &written.id.to_string()).unwrap();
    assert!(String::from_utf8_lossy(own.bytes()).contains("own"));
}

#[test]
fn a_lost_answer_makes_no_second_file_even_of_one_who_may_not_open_it() {
    let world = World::new();
    let (records, slot) = lossy(&world);
    *slot.lock().unwrap() = Some(Box::new(|| ()));
    let laboratory = world.person(Role::Laboratory).id();
    let written = records.create(laboratory, json(PATIENT), None, None).unwrap();
    assert!(slot.lock().unwrap().is_none());
    let found = world.doctor().find(Query::Name(vec!["Jensen".into()]));
    assert_eq!(found, [written.id.file]);
}

#[test]
fn racing_conditional_creates_make_one_patient() {
    let world = World::new();
    let condition = "identifier=urn:oid:1.2.208.176.1.2|0302701234";
    let other = world.another_server();
    let by = world.doctor().id();
    let made: Vec<_> = std::thread::scope(|scope| {
        let race = |i: usize| {
            let records = [world.records(), &other][i % 2];
            scope.spawn(move || {
                loop {
                    match records.create(by, json(PATIENT), Some(condition), None) {
                        // A machine that is busy enough keeps one waiting for longer than that.
                        Err(WriteError::Busy) => {}
                        made => break made.unwrap(),
                    }
                }
            })
        };
        let threads: Vec<_> = (0..8).map(race).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let created = made.iter().filter(|written| written.outcome == Outcome::Created).count();
    assert_eq!(created, 1);
    assert!(made.iter().all(|written| written.id == made[0].id));
}

#[test]
fn the_directory_is_asked_for_again_only_where_it_grew() {
    let world = World::new();
    let other = world.another_server();
    world.stop();
    other.refresh_directory().unwrap();
    world.serve();
    let made = world.doctor().create(r#"{"resourceType":"Organization","name":"New"}"#);
    let id = made.id.to_string();
    assert!(other.directory().read("Organization", &id).is_err());
    other.refresh_directory().unwrap();
    assert!(other.directory().read("Organization", &id).is_ok());
}

#[test]
fn racing_updates_make_a_line_of_versions() {
    let world = World::new();
    let doctor = world.doctor();
    let file = doctor.patient();
    let open = doctor.open(file);
    let id = doctor.create_in(&observation(file, "a", "0"), Some(&open)).id.to_string();
    let other = world.another_server();
    let theirs = other.open(doctor.release(file)).unwrap();
    let won = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for i in 1..9 {
            let (records, open) =
                if i % 2 == 0 { (world.records(), &open) } else { (&other, &theirs) };
            let (id, won) = (&id, &won);
            scope.spawn(move || {
                let resource = json(&observation(file, "a", &i.to_string()));
                match records.update(
                    open,
                    "Observation",
                    id,
                    resource,
                    Some(record::IfMatch::Version(1)),
                ) {
                    Ok(_) => assert!(!won.swap(true, Ordering::SeqCst)),
                    Err(WriteError::Stale | WriteError::OtherVersion { current: 2 }) => {}
                    Err(other) => panic!("{other:?}"),
                }
            });
        }
    });
    assert!(won.into_inner());
    assert_eq!(doctor.open(file).read("Observation", &id).unwrap().version(), 2);
}

#[test]
fn attachments_come_back_in_whole_and_in_part_and_cut_ones_are_noticed() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let content: Vec<u8> = (0..700_001u32).map(|i| (i * 7 / 3) as u8).collect();
    let put = |content: &[u8]| {
        let mut content = content;
        let open = Some(&open);
        records.put_attachment(doctor.id(), file, picture(), &mut content, open).unwrap()
    };
    for length in [0, 1, 262_144, 700_001] {
        let written = put(&content[..length]);
        let version = open.read("Binary", &written.id.to_string()).unwrap();
        assert_eq!(version.content_length(), Some(length as u64));
        let mut whole = Vec::new();
        records.read_attachment(&open, &version, None, &mut whole).unwrap();
        assert!(whole == content[..length]);
        for (from, to) in [(0, length / 2), (length / 2, length), (length, length)] {
            let mut part = Vec::new();
            let range = Some(from as u64..to as u64);
            records.read_attachment(&open, &version, range, &mut part).unwrap();
            assert!(part == content[from..to]);
        }
        let beyond = Some(0..length as u64 + 1);
        assert!(records.read_attachment(&open, &version, beyond, &mut Vec::new()).is_err());
    }
    let written = put(&content);
    // A new opening finds the key in the sealed record.
    let open = doctor.open(file);
    let version = open.read("Binary", &written.id.to_string()).unwrap();
    let newest = world.store.attachments(file).unwrap();
    assert_eq!(newest.len(), 5);
    for attachment in newest {
        let chunk = world.store.read_chunk(file, attachment.attachment, 0).unwrap();
        let new = NewChunk { file, attachment: attachment.attachment, number: 1, bytes: &chunk };
        world.store.put_chunk(&new).unwrap();
    }
    let mut out = Vec::new();
    let read = records.read_attachment(&open, &version, None, &mut out);
    assert!(matches!(read, Err(record::AttachmentError::Tampered(_))));
    assert!(out == content[..out.len()]);
}

#[test]
fn an_upload_that_is_refused_or_breaks_off_leaves_nothing() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    struct Broken(usize);
    impl std::io::Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(std::io::ErrorKind::BrokenPipe)?;
            Ok(buffer.len())
        }
    }
    let by = doctor.id();
    let broken = records.put_attachment(by, file, picture(), &mut Broken(3), None);
    assert!(matches!(broken, Err(WriteError::World(_))));
    let endless = &mut std::io::repeat(1);
    let endless = records.put_attachment(by, file, picture(), endless, None);
    assert!(matches!(endless, Err(WriteError::Invalid(_))));
    let officer = world.person(Role::Officer).id();
    struct Unread;
    impl std::io::Read for Unread {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("read before it was allowed")
        }
    }
    let refused = records.put_attachment(officer, file, picture(), &mut Unread, None);
    assert!(matches!(refused, Err(WriteError::Refused(_))));
    assert!(world.store.attachments(file).unwrap().is_empty());
}

fn picture() -> fhir::Json {
    crate::world::json(r#"{"resourceType":"Binary","contentType":"image/png"}"#)
}
