//! Every request, as a server sends it.

use crate::client::*;
use keyholder::{Keyholder, Lag};
use keyproto::message::*;
use keyproto::statement::Order as Ordered;
use keyproto::{Answer, Request};
use ledger::Signer;
use ledger::cosignature::{Kind, Quorum, text_of};
use ledger::entry::{Act, Entry};
use terms::{CardId, Curve, FileId, Role, Section, ServerId};
use witness::Key;

macro_rules! must {
    ($answer:expr, $pattern:pat => $value:expr) => {
        match $answer {
            $pattern => $value,
            other => panic!("{}", told(&other)),
        }
    };
}

#[test]
fn a_deposit_is_found_opened_and_told() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(Some(facts(&["Jensen", "Åse Marie"], "030270-1234")));

    let release = must!(doctor.open(file), Answer::Opened(release) => release);
    assert_eq!((release.file, release.segments, release.keys.len()), (file, 2, 2));
    assert_eq!(release.keys[1].section, Section::History);

    for query in [
        Query::Name(vec!["Jens".into()]),
        Query::Name(vec!["marie".into(), "aase".into()]),
        Query::NameAndBirthDate(vec!["Jen".into()], "1970-02-03".into()),
        Query::Telephone("20304050".into()),
        Query::Identifier(cpr_of("0302701234")),
    ] {
        let found = must!(doctor.find(query), Answer::Found(found) => found);
        assert_eq!(found.shown.len(), 1);
        assert_eq!((found.shown[0].file, found.more), (file, false));
        assert!(found.shown[0].keys.iter().all(|key| key.section == Section::Label));
    }
    let miss = Query::NameAndBirthDate(vec!["Jens".into()], "1970-02-04".into());
    let found = must!(doctor.find(miss), Answer::Found(found) => found);
    assert!(found.shown.is_empty() && found.told.is_empty());
    let few = doctor.find(Query::Name(vec!["Je".into()]));
    must!(few, Answer::Failed(Failure::AskedWrongly(_)) => ());

    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let lines = officer.report(|report| report.file = Some(file)).unwrap_or_else(|_| panic!());
    let acts: Vec<Act> =
        lines.iter().map(|line| Entry::from_bytes(&line.entry).unwrap().act).collect();
    assert!(matches!(acts[0], Act::Deposited(_)) && matches!(acts[1], Act::Opened(_)));
    assert_eq!(acts.iter().filter(|act| matches!(act, Act::Found(_))).count(), 5);
    assert_eq!(lines[1].files[0].1, file);
    assert_eq!(lines[1].holder.as_deref(), Some("Doctor 0"));
    assert_eq!(lines[1].practice.as_deref(), Some("Practice"));
    let health = officer.health();
    assert!(health.ready && health.openings == 1 && health.entries > 10);
    running.stop().unwrap();
}

/// A taken-over server reads what clients deposit and commits nothing of it.
#[test]
fn what_was_never_committed_is_told_to_whoever_asks_what_passed_through_a_server() {
    let world = World::with(2, |_| ());
    let running = world.serve();
    let [file, other] = ["050505-1111", "050505-2222"]
        .map(|cpr| world.doctor(0).create(Some(facts(&["Lund"], cpr))));
    let from = now();
    let evil = ServerId::from_bytes([66; 10]);
    let mut doctor = Client::connect_as(evil, &world.socket()).unwrap();
    doctor.sign_in(&world.doctors[0]);
    let granted = |answer| must!(answer, Answer::Granted(grant) => grant);
    // Given back; given back for not naming every segment; never made; kept.
    let aborted = granted(doctor.deposit(Target::File(file), None)).grant;
    must!(doctor.ask(Request::Abort(aborted)), Answer::Done => ());
    let mut grant = granted(doctor.deposit(Target::File(file), None));
    grant.keys.pop();
    must!(doctor.commit(&grant), Answer::Failed(Failure::AskedWrongly(_)) => ());
    let cpr = cpr_of("050505-3333");
    let new = Target::New(NewFile { unless: Some(cpr), list: None, source: None });
    let aborted = granted(doctor.deposit(new, None)).grant;
    must!(doctor.ask(Request::Abort(aborted)), Answer::Done => ());
    let grant = granted(doctor.deposit(Target::File(file), None));
    must!(doctor.commit(&grant), Answer::Recorded(_) => ());
    // Another server's own.
    let mut elsewhere = world.doctor(1);
    let aborted = granted(elsewhere.deposit(Target::File(other), None)).grant;
    must!(elsewhere.ask(Request::Abort(aborted)), Answer::Done => ());

    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let mut told = |server, practice| {
        let lines = officer.report(|report| {
            (report.server, report.practice, report.from) = (server, practice, Some(from));
        });
        let lines = lines.unwrap_or_else(|no| panic!("{}", told(&no)));
        let entry = |line: &Line| match Entry::from_bytes(&line.entry).unwrap().act {
            Act::Abandoned(act) => (false, line.files.first().map(|(_, file)| *file), act),
            Act::Deposited(act) => (true, line.files.first().map(|(_, file)| *file), act),
            _ => panic!("another act"),
        };
        lines.iter().map(entry).collect::<Vec<_>>()
    };
    let through = told(Some(evil), None);
    let short: Vec<_> = through.iter().map(|(came, file, _)| (*came, *file)).collect();
    assert_eq!(
        short,
        [(false, Some(file)), (false, Some(file)), (false, None), (true, Some(file))]
    );
    for (_, _, act) in &through {
        assert_eq!((act.session, act.server), (doctor.session, evil));
        assert_eq!(act.sections, [Section::Label, Section::History]);
    }
    assert_eq!(through[2].2.first, 0, "never made");
    let there = told(None, Some(ELSEWHERE));
    assert_eq!(
        there.iter().map(|(came, file, _)| (*came, *file)).collect::<Vec<_>>(),
        [(false, Some(other))]
    );
    running.stop().unwrap();
}

#[test]
fn what_was_recorded_is_there_after_a_start_with_and_without_a_snapshot() {
    let world = World::new();
    let running = world.serve();
    let file = world.doctor(0).create(Some(facts(&["Hansen"], "010101-1111")));
    running.stop().unwrap();
    for snapshot in [true, false] {
        if !snapshot {
            std::fs::remove_file(world.settings.folder.join("state")).unwrap();
        }
        let running = world.serve();
        let mut doctor = world.doctor(0);
        must!(doctor.open(file), Answer::Opened(_) => ());
        let found = doctor.find(Query::Name(vec!["hansen".into()]));
        assert_eq!(must!(found, Answer::Found(found) => found).shown.len(), 1);
        running.stop().unwrap();
    }
}

#[test]
fn two_that_want_one_identifier_make_one_file() {
    let world = World::with(8, |_| ());
    let running = world.serve();
    let results: Vec<Result<FileId, Box<Answer>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let mut doctor = world.doctor(number);
                scope.spawn(move || {
                    loop {
                        let cpr = cpr_of("010101-2222");
                        let made =
                            doctor.create_unless(Some(cpr), Some(facts(&["Ib"], "0101012222")));
                        match made {
                            Err(answer) if matches!(*answer, Answer::Failed(Failure::Busy)) => {}
                            made => return made,
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let made: Vec<FileId> = results.iter().filter_map(|r| r.as_ref().ok().copied()).collect();
    assert_eq!(made.len(), 1);
    for result in results {
        if let Err(answer) = result {
            assert_eq!(must!(*answer, Answer::Exists(file) => file), made[0]);
        }
    }
    running.stop().unwrap();
}

#[test]
fn corrected_facts_replace_the_old_ones() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(Some(facts(&["Madsen"], "010101-3333")));
    let deposit = doctor.deposit(Target::File(file), Some(facts(&["Olsen"], "010101-4444")));
    let grant = must!(deposit, Answer::Granted(grant) => grant);
    must!(doctor.commit(&grant), Answer::Recorded(_) => ());
    let mut found = |query| must!(doctor.find(query), Answer::Found(found) => found.shown.len());
    assert_eq!(found(Query::Name(vec!["olsen".into()])), 1);
    assert_eq!(found(Query::Name(vec!["madsen".into()])), 0);
    assert_eq!(found(Query::Identifier(cpr_of("010101-4444"))), 1);
    running.stop().unwrap();
}

#[test]
fn a_stranger_lays_no_number_on_a_file() {
    let world = World::with(2, |_| ());
    let running = world.serve();
    let file = world.doctor(0).create(Some(facts(&["Dahl"], "010101-5555")));
    let mut stranger = world.doctor(1);
    let deposit = stranger.deposit(Target::File(file), Some(facts(&["Dahl"], "010101-6666")));
    must!(deposit, Answer::Failed(Failure::AskedWrongly(_)) => ());
    let without = stranger.deposit(Target::File(file), None);
    must!(without, Answer::Granted(_) => ());
    running.stop().unwrap();
}

#[test]
fn more_than_ten_say_so() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    for number in 0..11 {
        doctor.create(Some(facts(&["Nielsen"], &format!("02020200{number:02}"))));
    }
    // A doctor may find that many at once only where the limits of the card allow it.
    let found = doctor.find(Query::Name(vec!["niel".into()]));
    let found = must!(found, Answer::Found(found) => found);
    assert_eq!((found.shown.len(), found.more), (10, true));
    running.stop().unwrap();
}

#[test]
fn an_erased_file_is_gone_from_table_and_locator() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(Some(facts(&["Winther"], "030303-1111")));
    let kept = doctor.create(Some(facts(&["Winther"], "030303-2222")));
    let before = sealed_keys(&world);
    let officers: Vec<_> = world.officers.iter().collect();
    let order = Ordered::Erase { file };
    must!(doctor.order(&officers, &order), Answer::Recorded(_) => ());
    let after = sealed_keys(&world);
    let gone: Vec<_> = before.iter().filter(|key| !after.contains(key)).collect();
    assert_eq!((before.len(), after.len(), gone.len()), (3, 2, 1));
    for name in ["keys.db", "keys.db-wal"] {
        let bytes = std::fs::read(world.settings.folder.join(name)).unwrap();
        let trace = bytes.windows(gone[0].len()).any(|window| window == gone[0]);
        assert!(!trace, "the sealed key is still in {name}");
    }
    must!(doctor.open(file), Answer::Refused(_) => ());
    let found = doctor.find(Query::Name(vec!["winther".into()]));
    let found = must!(found, Answer::Found(found) => found);
    assert_eq!(found.shown.iter().map(|r| r.file).collect::<Vec<_>>(), [kept]);
    running.stop().unwrap();
    let running = world.serve();
    assert_eq!(world.connect().health().files, 2, "the directory and the file that is left");
    must!(world.doctor(0).open(kept), Answer::Opened(_) => ());
    running.stop().unwrap();
}

fn sealed_keys(world: &World) -> Vec<Vec<u8>> {
    let table = rusqlite::Connection::open(world.settings.folder.join("keys.db")).unwrap();
    let mut select = table.prepare("SELECT key FROM file").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(|key| key.unwrap()).collect()
}

#[test]
fn a_rotation_keeps_every_file_and_kills_old_copies_of_the_key_table() {
    let world = World::new();
    let running = world.serve();
    let file = world.doctor(0).create(None);
    running.stop().unwrap();
    let table = world.settings.folder.join("keys.db");
    let old = std::fs::read(&table).unwrap();
    let opened = world.open();
    drop(opened.rotate().unwrap());
    let running = world.serve();
    must!(world.doctor(0).open(file), Answer::Opened(_) => ());
    running.stop().unwrap();
    std::fs::write(&table, old).unwrap();
    assert!(world.refusal().contains("key table"), "{}", world.refusal());
}

#[test]
fn the_directory_is_deposited_in_and_opened() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let grant = must!(doctor.deposit(Target::Directory, None), Answer::Granted(grant) => grant);
    must!(doctor.commit(&grant), Answer::Recorded(_) => ());
    let release = doctor.ask(Request::Directory);
    let release = must!(release, Answer::Opened(release) => release);
    assert_eq!((release.file, release.keys.len()), (grant.file, 2));
    assert_eq!(release.keys[0].key, grant.keys[0].key);
    assert_ne!(release.head, grant.head);
    running.stop().unwrap();
}

#[test]
fn statements_of_others_and_stale_nonces_open_nothing() {
    let world = World::with(2, |_| ());
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    let before = doctor.health();

    let stale = doctor.opening_with(file, "AAAA");
    let refusal = must!(doctor.ask(stale), Answer::Refused(refusal) => refusal);
    let fresh = refusal.nonce.unwrap();
    let good = doctor.opening_with(file, &fresh);
    let again = Request::from_bytes(&good.to_bytes()).unwrap();
    must!(doctor.ask(good), Answer::Opened(_) => ());
    must!(doctor.ask(again), Answer::Refused(Refusal { nonce: None, .. }) => ());

    let mut other = world.doctor(1);
    let Request::Open(theirs) = other.opening(file) else { panic!() };
    let stolen = Request::Open(Open { session: doctor.session, ..theirs });
    must!(doctor.ask(stolen), Answer::Refused(Refusal { nonce: None, .. }) => ());
    let Request::Open(mut forged) = doctor.opening(file) else { panic!() };
    forged.proof.replace_range(0..1, "f");
    must!(doctor.ask(Request::Open(forged)), Answer::Refused(_) => ());
    let token = Present { token: "none".into() };
    must!(doctor.ask(Request::Present(token)), Answer::Refused(_) => ());

    let after = doctor.health();
    assert_eq!(after.openings - before.openings, 1);
    assert_eq!(after.refusals - before.refusals, 4);
    running.stop().unwrap();
}

#[test]
fn grants_end_with_a_commit_an_abort_and_their_server() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let new = || Target::New(NewFile { unless: Some(cpr_of("1")), list: None, source: None });
    let grant = must!(doctor.deposit(new(), None), Answer::Granted(grant) => grant);
    must!(doctor.deposit(new(), None), Answer::Failed(Failure::Busy) => ());
    must!(doctor.ask(Request::Abort(grant.grant)), Answer::Done => ());
    must!(doctor.commit(&grant), Answer::Failed(Failure::GrantGone) => ());
    let grant = must!(doctor.deposit(new(), None), Answer::Granted(grant) => grant);
    let short = Commit { grant: grant.grant, hashes: vec![] };
    must!(doctor.ask(Request::Commit(short)), Answer::Failed(Failure::AskedWrongly(_)) => ());
    must!(doctor.commit(&grant), Answer::Failed(Failure::GrantGone) => ());
    let grant = must!(doctor.deposit(new(), None), Answer::Granted(grant) => grant);
    let server = terms::ServerId::from_bytes([8; 10]);
    let mut other = Client::connect_as(server, &world.socket()).unwrap();
    must!(other.commit(&grant), Answer::Failed(Failure::GrantGone) => ());
    must!(doctor.commit(&grant), Answer::Recorded(_) => ());
    running.stop().unwrap();
}

#[test]
fn a_patient_reads_about_the_own_file_and_nobody_else() {
    let world = World::with(2, |_| ());
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let own = doctor.create(Some(facts(&["Krogh"], "050505-1111")));
    let other = doctor.create(Some(facts(&["Krogh"], "050505-1111")));
    must!(doctor.find(Query::Name(vec!["krogh".into()])), Answer::Found(_) => ());
    let elsewhere = world.doctor(1).find(Query::Identifier(cpr_of("050505-1111")));
    let elsewhere = must!(elsewhere, Answer::Found(found) => found);
    assert_eq!((elsewhere.shown.len(), elsewhere.told.len()), (0, 2));
    let identity = cards::Identity {
        card: CardId::from_bytes([77; 10]),
        role: Role::Patient,
        practice: PRACTICE,
        holder: "patient".into(),
    };
    let card = cards::Card::make(identity, Curve::P256).unwrap();
    let issue = Ordered::IssueCard {
        card: card.identity().card,
        role: Role::Patient,
        practice: PRACTICE,
        holder: "patient".into(),
        key: keyproto::jws::Jwk::of(card.public()),
        not_after: now().seconds() + 1_000_000,
        file: Some(own),
    };
    let officers: Vec<_> = world.officers.iter().collect();
    must!(doctor.order(&officers, &issue), Answer::Recorded(_) => ());
    let mut patient = world.connect();
    assert_eq!(patient.sign_in(&card).file, Some(own));
    must!(patient.open(own), Answer::Opened(_) => ());
    must!(patient.open(other), Answer::Refused(_) => ());

    let lines = patient.report(|report| {
        (report.file, report.everything) = (Some(own), true);
    });
    let lines = lines.unwrap_or_else(|answer| panic!("{}", told(&answer)));
    let mut found = 0;
    for line in &lines {
        assert!(line.files.iter().all(|(_, file)| *file == own));
        if let Act::Found(act) = Entry::from_bytes(&line.entry).unwrap().act {
            assert_eq!(act.shown.len() + act.told.len(), 1, "the other hit is not told");
            found += 1;
        }
    }
    assert!(found == 2 && lines.len() >= 5);
    for file in [Some(other), None] {
        let refused = patient.report(|report| report.file = file).err().unwrap();
        must!(*refused, Answer::Refused(_) => ());
    }
    let refused = doctor.report(|report| report.file = Some(own)).err().unwrap();
    must!(*refused, Answer::Refused(_) => ());
    running.stop().unwrap();
}

#[test]
fn a_report_keeps_to_its_time_and_its_card() {
    let world = World::with(2, |_| ());
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    must!(doctor.open(file), Answer::Opened(_) => ());
    std::thread::sleep(std::time::Duration::from_millis(5));
    let middle = now();
    std::thread::sleep(std::time::Duration::from_millis(5));
    for _ in 0..300 {
        must!(doctor.open(file), Answer::Opened(_) => ());
    }
    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let mut count =
        |set: &dyn Fn(&mut Question)| officer.report(set).map_or(0, |lines| lines.len());
    assert_eq!(count(&|_| ()), 302);
    assert_eq!(count(&|report| report.to = Some(middle)), 2);
    assert_eq!(count(&|report| report.from = Some(middle)), 300);
    let cards = [&world.doctors[0], &world.doctors[1]].map(|card| card.identity().card);
    assert_eq!(count(&|report| report.card = Some(cards[0])), 302);
    assert_eq!(count(&|report| report.card = Some(cards[1])), 0);
    assert_eq!(count(&|report| report.practice = Some(PRACTICE)), 302);
    let first = officer.report(|_| ()).unwrap_or_else(|_| panic!())[100].number;
    let mut count =
        |set: &dyn Fn(&mut Question)| officer.report(set).map_or(0, |lines| lines.len());
    assert_eq!(count(&|report| report.first = first), 202);
    assert_eq!(count(&|report| report.first = u64::MAX), 0);
    assert_eq!(count(&|report| report.server = Some(terms::ServerId::from_bytes([8; 10]))), 0);
    running.stop().unwrap();
}

#[test]
fn a_report_is_signed_with_its_request_its_question_its_lines_and_the_head() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    must!(doctor.open(file), Answer::Opened(_) => ());
    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let told = officer.signed_report(|report| report.file = Some(file));
    let told = told.unwrap_or_else(|answer| panic!("{}", crate::client::told(&answer)));
    let SignedReport { proof, question, mut lines, closing: end, .. } = told;
    let server = terms::ServerId::from_bytes([9; 10]);
    let hello = Hello { version: VERSION, server, origin: ORIGIN.into() };
    let welcome = must!(officer.ask(Request::Hello(hello)), Answer::Welcome(welcome) => welcome);
    let verifier: ledger::Verifier = welcome.verifier.parse().unwrap();
    let head = verifier.verify(end.checkpoint.as_bytes()).unwrap();
    let signed = verifier.verify_note(CLOSING, &end.statement).unwrap();
    let closing = |lines: &[Line], proof: &str, question: &Question, size: u64| {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.add(line));
        tally.closing(proof, question, size, &head.root)
    };
    assert_eq!(closing(&lines, &proof, &question, head.size), signed);
    assert_ne!(closing(&lines, "another", &question, head.size), signed);
    assert_ne!(closing(&lines, &proof, &Question::default(), head.size), signed);
    assert_ne!(closing(&lines, &proof, &question, head.size - 1), signed);
    assert_ne!(closing(&lines[1..], &proof, &question, head.size), signed);
    lines.swap(0, 1);
    assert_ne!(closing(&lines, &proof, &question, head.size), signed);
    // Neither passes for the other, though one key signs both.
    assert!(verifier.verify(end.statement.as_bytes()).is_err());
    assert!(verifier.verify_note(CLOSING, &end.checkpoint).is_err());
    assert!(verifier.verify_note("another", &end.statement).is_err());
    running.stop().unwrap();
}

#[test]
fn a_report_that_finds_nothing_says_how_far_it_is() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    for _ in 0..1050 {
        must!(doctor.open(file), Answer::Opened(_) => ());
    }
    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let none = |report: &mut Question| report.card = Some(terms::CardId::from_bytes([99; 10]));
    let told = officer.signed_report(none).unwrap_or_else(|_| panic!());
    assert!(told.lines.is_empty());
    assert!(told.read.len() == 2 && told.read[0] == 1024 && told.read[1] > 1050);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let late = doctor.create(None);
    let told = officer.signed_report(|report| report.file = Some(late));
    let told = told.unwrap_or_else(|_| panic!());
    assert_eq!((told.lines.len(), told.read.len()), (1, 1), "it begins where the file does");
    running.stop().unwrap();
}

/// Whoever carries checkpoints may be anybody: what they bring back counts only if enough known
/// witnesses cosigned this very ledger.
#[test]
fn only_cosignatures_of_enough_known_witnesses_over_this_ledger_count() {
    let key = |name: &str, seed| Key::from_seed(name, Kind::Ed25519, &[seed; 32]).unwrap();
    let (a, b, stranger) = (key("a", 1), key("b", 2), key("stranger", 3));
    let world = World::with(1, |settings| {
        let witnesses = vec![a.public().clone(), b.public().clone()];
        settings.quorum = Quorum { needed: 2, witnesses };
        settings.limits.lag = Some(Lag { entries: 1_000, seconds: 3_600 });
    });
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    let opens = |doctor: &mut Client| matches!(doctor.open(file), Answer::Opened(_));
    assert!(!opens(&mut doctor), "nobody has cosigned since the start");
    let mut newest = || loop {
        match doctor.ask(Request::Checkpoint(0)) {
            Answer::Checkpoint(note, _) if note.lines().nth(1) != Some("0") => return note,
            _ => std::thread::sleep(std::time::Duration::from_millis(100)),
        }
    };
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let note = newest();
    let (text, head) = text_of(note.as_bytes()).unwrap();
    let by = |keys: &[&Key]| {
        let lines = keys.iter().map(|key| key.cosign(7, text).unwrap());
        note.clone() + &lines.collect::<String>()
    };
    let other = Signer::new("cofferdam/other", &[9; 32]).unwrap().sign(&head);
    let forged = by(&[&a, &b]).replace(&format!("\n{}\n", head.size), "\n1\n");
    let twice = by(&[&a, &a]);
    for bad in [note.clone(), by(&[&a]), by(&[&a, &stranger]), twice, other, forged, "x".into()] {
        let answer = doctor.ask(Request::Cosigned(bad));
        assert!(matches!(answer, Answer::Failed(_)), "{}", told(&answer));
        assert!(!opens(&mut doctor));
    }
    must!(doctor.ask(Request::Cosigned(by(&[&b, &a]))), Answer::Done => ());
    assert!(opens(&mut doctor));
    let kept = std::fs::read_to_string(world.settings.folder.join("cosigned")).unwrap();
    assert_eq!(kept, by(&[&b, &a]));
    running.stop().unwrap();
    // A start asks anew: what was cosigned before may have been set back with everything else.
    let running = world.serve();
    assert!(!opens(&mut world.doctor(0)));
    running.stop().unwrap();
    let mut settings = world.settings.clone();
    settings.seen_entries = 1_000_000;
    let refused = Keyholder::open(settings, &passphrase()).err().unwrap();
    assert!(refused.to_string().contains("witnesses saw 1000000 entries"), "{refused}");
}
