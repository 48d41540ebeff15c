//! Entries shown one by one: to whom, which, and that they prove what they say.

use crate::client::*;
use keyproto::message::*;
use keyproto::statement::{Order as Ordered, ProofClaims};
use keyproto::{Answer, Request};
use ledger::entry::{Act, Entry};
use ledger::{Disclosure, Head, Verifier, verify_consistency};
use terms::{CardId, Curve, FileId, Role, ServerId};

fn prove(client: &mut Client, asked: AskedProof) -> Result<Proved, Box<Answer>> {
    let (nonce, url) = (client.nonce(None), format!("{ORIGIN}/reports/proofs"));
    let proof = client.prove("POST", &url, &nonce, ProofClaims::default());
    let (session, method) = (client.session, "POST".into());
    match client.ask(Request::Prove(Prove { session, proof, method, url, asked })) {
        Answer::Proved(proved) => Ok(proved),
        other => Err(Box::new(other)),
    }
}

fn proved(client: &mut Client, asked: AskedProof) -> Proved {
    prove(client, asked).unwrap_or_else(|answer| panic!("{}", told(&answer)))
}

fn about(file: FileId, entries: &[u64]) -> AskedProof {
    AskedProof { file, entries: entries.to_vec(), size: None, older: None }
}

fn disclosure(shown: &Disclosed) -> Disclosure {
    Disclosure {
        number: shown.number,
        leaf: shown.leaf.to_vec(),
        salt: *shown.salt,
        entry: shown.entry.to_vec(),
        path: shown.path.iter().map(|hash| **hash).collect(),
    }
}

fn verifier(client: &mut Client) -> Verifier {
    let server = ServerId::from_bytes([9; 10]);
    match client.ask(Request::Hello(Hello { version: VERSION, server, origin: ORIGIN.into() })) {
        Answer::Welcome(welcome) => welcome.verifier.parse().unwrap(),
        other => panic!("{}", told(&other)),
    }
}

/// Numbers of what a report tells about this file, and the size it was told at.
fn reported(client: &mut Client, file: FileId, verifier: &Verifier) -> (Vec<Line>, u64) {
    let told = client.signed_report(|asked| (asked.file, asked.alone) = (Some(file), true));
    let told = told.unwrap_or_else(|answer| panic!("{}", crate::client::told(&answer)));
    let head = verifier.verify(told.closing.checkpoint.as_bytes()).unwrap();
    (told.lines, head.size)
}

#[test]
fn what_a_report_tells_is_proved_entry_by_entry_against_its_own_checkpoint() {
    let world = World::new();
    let running = world.serve();
    let (mut doctor, mut officer) = (world.doctor(0), world.connect());
    officer.sign_in(&world.officers[0]);
    let verifier = verifier(&mut officer);
    let (file, other) = (doctor.create(None), doctor.create(None));
    for _ in 0..300 {
        assert!(matches!(doctor.open(file), Answer::Opened(_)));
    }
    let (lines, size) = reported(&mut officer, file, &verifier);
    assert_eq!(lines.len(), 301);
    assert!(matches!(doctor.open(other), Answer::Opened(_)));

    let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
    let asked = AskedProof { size: Some(size), older: Some(5), ..about(file, &numbers[..256]) };
    let shown = proved(&mut officer, asked);
    let head = verifier.verify(shown.checkpoint.as_bytes()).unwrap();
    assert_eq!((head.size, shown.left_out.len()), (size, 0));
    assert_eq!(shown.entries.len(), 256);
    for (line, shown) in lines.iter().zip(&shown.entries) {
        let entry = disclosure(shown).verify(&head).unwrap();
        assert_eq!(Entry::from_bytes(&line.entry).unwrap(), entry);
        assert_eq!(line.number, shown.number);
    }
    let older = Head { size: 5, root: older_root(&world, 5) };
    let path: Vec<_> = shown.consistency.iter().map(|hash| **hash).collect();
    verify_consistency(&older, &head, &path).unwrap();
    let note = verifier.verify_note(NAMING, &shown.naming).unwrap();
    let Act::Deposited(deposited) = disclosure(&shown.entries[0]).verify(&head).unwrap().act else {
        panic!("the file was made by a deposit");
    };
    assert_eq!(note, naming(size, &head.root, file, deposited.file));

    let now = proved(&mut officer, about(file, &numbers[..1]));
    let newer = verifier.verify(now.checkpoint.as_bytes()).unwrap();
    assert!(newer.size > size);
    disclosure(&now.entries[0]).verify(&newer).unwrap();
    assert!(disclosure(&now.entries[0]).verify(&head).is_err());
    running.stop().unwrap();
}

/// The root over the first entries, computed from the ledger's folder alone.
fn older_root(world: &World, size: u64) -> ledger::Hash {
    let folder = world.settings.folder.join("ledger");
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join("entries"), copy.path().join("entries")).unwrap();
    let signer = ledger::Signer::new("cofferdam/test.example", &[1; 32]).unwrap();
    let files = ledger::DirFiles::new(copy.path());
    ledger::Log::open(files, signer.verifier(), &[]).unwrap().root_at(size).unwrap()
}

#[test]
fn only_entries_about_the_file_are_shown_and_only_to_whom_a_report_would_be() {
    let world = World::new();
    let running = world.serve();
    let (mut doctor, mut officer) = (world.doctor(0), world.connect());
    officer.sign_in(&world.officers[0]);
    let verifier = verifier(&mut officer);
    let own = doctor.create(Some(facts(&["Jensen"], "010170-1111")));
    let other = doctor.create(Some(facts(&["Jensen"], "020270-2222")));
    assert!(matches!(doctor.open(other), Answer::Opened(_)));
    let found = doctor.find(Query::NameAndBirthDate(vec!["Jensen".into()], "1970-02-03".into()));
    assert!(matches!(&found, Answer::Found(found) if found.shown.len() == 2), "{}", told(&found));
    let mut patient = patient(&world, &mut doctor, own);

    let (theirs, _) = reported(&mut officer, other, &verifier);
    let (mine, _) = reported(&mut officer, own, &verifier);
    for line in &mine {
        assert!(line.files.iter().all(|(_, file)| *file == own), "no other file is named");
    }
    let numbers = |lines: &[Line]| lines.iter().map(|line| line.number).collect::<Vec<_>>();
    let look_up = *numbers(&mine).last().unwrap();
    for client in [&mut officer, &mut patient] {
        let shown = proved(client, about(own, &numbers(&mine)));
        assert_eq!(shown.left_out, [look_up], "it names the other file too");
        assert_eq!(shown.entries.len(), mine.len() - 1);
        let foreign = prove(client, about(own, &numbers(&theirs)[..1])).err().unwrap();
        assert!(told(&foreign).contains("not about this file"), "{}", told(&foreign));
        for number in [0, 3] {
            assert!(prove(client, about(own, &[number])).is_err(), "entry {number}");
        }
        assert!(prove(client, about(own, &[u64::MAX])).is_err());
        assert!(prove(client, about(own, &[0; PROVE_ENTRIES_MAX + 1])).is_err());
        let future = AskedProof { size: Some(u64::MAX), ..about(own, &[]) };
        assert!(prove(client, future).is_err());
        let future = AskedProof { older: Some(u64::MAX), ..about(own, &[]) };
        assert!(prove(client, future).is_err());
    }
    let refused = prove(&mut patient, about(other, &numbers(&theirs))).err().unwrap();
    assert!(matches!(*refused, Answer::Refused(_)), "{}", told(&refused));
    let refused = prove(&mut doctor, about(own, &numbers(&mine))).err().unwrap();
    assert!(matches!(*refused, Answer::Refused(_)), "{}", told(&refused));
    let (session, proof, method) = (patient.session, "forged".into(), "POST".into());
    let (url, asked) = (format!("{ORIGIN}/reports/proofs"), about(own, &numbers(&mine)));
    let forged = patient.ask(Request::Prove(Prove { session, proof, method, url, asked }));
    assert!(matches!(forged, Answer::Refused(_)), "{}", told(&forged));
    running.stop().unwrap();
}

fn patient(world: &World, office: &mut Client, file: FileId) -> Client {
    let (card, holder) = (CardId::from_bytes([77; 10]), "patient".to_owned());
    let (role, practice) = (Role::Patient, PRACTICE);
    let identity = cards::Identity { card, role, practice, holder: holder.clone() };
    let made = cards::Card::make(identity, Curve::P256).unwrap();
    let issue = Ordered::IssueCard {
        card,
        role,
        practice,
        holder,
        key: keyproto::jws::Jwk::of(made.public()),
        not_after: now().seconds() + 1_000_000,
        file: Some(file),
    };
    let officers: Vec<_> = world.officers.iter().collect();
    assert!(matches!(office.order(&officers, &issue), Answer::Recorded(_)));
    let mut patient = world.connect();
    patient.sign_in(&made);
    patient
}
