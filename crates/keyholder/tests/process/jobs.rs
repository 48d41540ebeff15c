//! Openings by jobs through the real process: keys of label and contact alone, and on the ledger.

use crate::client::*;
use data_encoding::BASE64URL_NOPAD;
use keyproto::message::*;
use keyproto::statement::{Errand, Order as Ordered, ProofClaims};
use keyproto::{Answer, Request};
use ledger::entry::{Act, Entry};
use ledger::{Tree, leaf_hash};
use terms::{FileId, JobId, Section, Sections};

const JOB: JobId = JobId::from_bytes([7; 10]);

/// Files in their order, with the tree over them: fewer than one group of leaves.
fn listed(mut files: Vec<FileId>) -> (Vec<FileId>, Tree) {
    files.sort_unstable();
    let mut tree = Tree::default();
    files.iter().for_each(|file| tree.push(leaf_hash(file.as_bytes())));
    (files, tree)
}

fn opening(client: &mut Client, (files, tree): &(Vec<FileId>, Tree), file: FileId) -> Request {
    let index = files.iter().position(|one| *one == file).unwrap_or_default() as u64;
    let path = tree.inclusion(index, files.len() as u64, &mut |_| Err(())).unwrap();
    let (session, nonce) = (client.session, client.nonce(None));
    let url = job_address(ORIGIN, JOB, file);
    let sections = Some("label,contact".parse().unwrap());
    let claims = ProofClaims { file: Some(file), sections, ..ProofClaims::default() };
    let proof = client.prove("POST", &url, &nonce, claims);
    let path = path.into_iter().map(Into::into).collect();
    let (job, method) = (JOB, "POST".into());
    Request::OpenForJob(OpenForJob { session, proof, method, url, job, file, index, path })
}

#[test]
fn a_job_gives_keys_of_label_alone_and_stands_in_every_report_about_the_file() {
    let world = World::with(2, |_| ());
    let mut running = world.serve();
    let mut doctor = world.doctor(0);
    let mut made: Vec<FileId> =
        (0..4).map(|n| doctor.create(Some(facts(&["Lund"], &format!("050505-111{n}"))))).collect();
    let stranger = made.pop().unwrap();
    let list = listed(made);
    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let unknown = officer.ask(Request::Job(JOB));
    assert!(matches!(unknown, Answer::Job(None)), "{}", told(&unknown));

    let order = Ordered::ApproveJob {
        job: JOB,
        errand: Errand::Letters,
        tenant: TENANT.into(),
        files: 3,
        root: BASE64URL_NOPAD.encode(&list.1.head().root),
        sections: Sections::of(&[Section::Label, Section::Contact]),
        until: now().seconds() + 3_600,
        card: world.officers[0].identity().card,
    };
    let one = officer.order(&[&world.officers[0]], &order);
    assert!(matches!(one, Answer::Refused(_)), "{}", told(&one));
    let not_yet = opening(&mut officer, &list, list.0[0]);
    let not_yet = officer.ask(not_yet);
    assert!(matches!(not_yet, Answer::Refused(_)), "{}", told(&not_yet));
    let two = officer.order(&[&world.officers[0], &world.officers[1]], &order);
    assert!(matches!(two, Answer::Recorded(_)), "{}", told(&two));

    let request = opening(&mut officer, &list, stranger);
    let answer = officer.ask(request);
    assert!(matches!(answer, Answer::Refused(_)), "{}", told(&answer));
    for times in 0..4 {
        // What was opened is remembered by the ledger, not by the process.
        running.stop().unwrap();
        running = world.serve();
        officer = world.connect();
        officer.sign_in(&world.officers[0]);
        let request = opening(&mut officer, &list, list.0[1]);
        match officer.ask(request) {
            Answer::Opened(release) if times < 3 => {
                let keys: Vec<Section> = release.keys.iter().map(|key| key.section).collect();
                assert_eq!((release.file, keys), (list.0[1], vec![Section::Label]));
                assert_eq!(release.hidden.to_string(), "history");
            }
            Answer::Refused(_) if times == 3 => {}
            other => panic!("{times}: {}", told(&other)),
        }
    }
    let lines = officer.report(|question| question.file = Some(list.0[1]));
    let lines = lines.unwrap_or_else(|no| panic!("{}", told(&no)));
    let by_job = lines.iter().filter(|line| {
        matches!(&Entry::from_bytes(&line.entry).unwrap().act, Act::OpenedByJob(opened)
            if opened.job == JOB && line.files == [(opened.file, list.0[1])])
    });
    assert_eq!(by_job.count(), 3);
    let by_card = officer.report(|question| {
        question.card = Some(world.officers[0].identity().card);
    });
    assert_eq!(by_card.unwrap_or_else(|no| panic!("{}", told(&no))).len(), 3);
    running.stop().unwrap();
}
