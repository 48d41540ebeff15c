//! Openings by jobs, attackers first: what two officers did not sign for gives no key.

#[path = "support/listed.rs"]
mod listed;
#[path = "support/world.rs"]
mod world;

use data_encoding::BASE64URL_NOPAD;
use decision::{Event, ForJob, State, Verdict};
use keyproto::message::job_address;
use keyproto::statement::{Consent, Errand, Mark, Order, ProofClaims, SubjectName};
use ledger::entry::{Act, Why};
use listed::Listed;
use terms::{Duration, JobId, Section, Sections};
use world::*;

const JOB: JobId = JobId::from_bytes([1; 10]);
const OTHER_JOB: JobId = JobId::from_bytes([2; 10]);
const BOTH: Sections = Sections::of(&[Section::Label, Section::Contact]);
const RUNNER: usize = 0;

fn order(world: &World, job: JobId, list: &Listed) -> Order {
    Order::ApproveJob {
        job,
        errand: Errand::Letters,
        tenant: "test".into(),
        files: list.numbers.len() as u64,
        root: BASE64URL_NOPAD.encode(&list.root()),
        sections: BOTH,
        until: world.now.seconds() + 86_400 * 7,
        card: world.cards[RUNNER].id,
    }
}

/// Twenty patients, a job about files 3 to 9, and the session that runs it.
fn running() -> (World, Listed, Device) {
    let mut world = small_world();
    with_patients(&mut world, 20);
    let list = Listed::of(&[3, 4, 5, 6, 7, 8, 9]);
    let order = order(&world, JOB, &list);
    assert_eq!(world.order(&[0, 1], order, None), Verdict::Ordered);
    let device = world.sign_in(RUNNER);
    (world, list, device)
}

struct Try {
    job: JobId,
    number: u64,
    index: u64,
    path: Vec<[u8; 32]>,
}

fn of(list: &Listed, number: u64) -> Try {
    let index = list.index(number).unwrap_or_default();
    Try { job: JOB, number, index, path: list.path(index) }
}

fn attempt(
    world: &mut World,
    device: &Device,
    what: Try,
    change: impl FnOnce(&mut ProofClaims),
) -> Verdict {
    let mut claims = world.claims("POST", &job_address(ORIGIN, what.job, file(what.number).id));
    claims.sections = Some(BOTH);
    change(&mut claims);
    let asked = world.asked(device, &claims);
    let Try { job, number, index, path } = what;
    let wish = ForJob { job, file: file(number), index, path };
    world.tell(device.server, Event::OpenForJob { asked, wish })
}

fn refused(world: &mut World, device: &Device, what: Try) -> Option<Why> {
    let before = world.ledger.len();
    let verdict = attempt(world, device, what, |_| {});
    assert_eq!(world.ledger.len(), before + 1, "one entry, and nothing frozen");
    why(&verdict)
}

#[test]
fn only_what_two_officers_signed_for_opens() {
    let (mut world, list, device) = running();
    // Not on the list, with any path; at another place; with another job's path.
    for index in 0..8 {
        let path = list.path(index.min(6));
        let what = Try { job: JOB, number: 12, index, path };
        assert_eq!(refused(&mut world, &device, what), Some(Why::Order));
    }
    for index in (0..9).filter(|index| Some(*index) != list.index(5)) {
        let what = Try { index, ..of(&list, 5) };
        assert_eq!(refused(&mut world, &device, what), Some(Why::Order));
    }
    let other = Listed::of(&[5, 6, 12]);
    let second = order(&world, OTHER_JOB, &other);
    assert_eq!(world.order(&[0, 1], second, None), Verdict::Ordered);
    for job in [JOB, OTHER_JOB] {
        let [wrong, right] = if job == JOB { [&other, &list] } else { [&list, &other] };
        let what = Try { job, ..of(wrong, 5) };
        assert_eq!(refused(&mut world, &device, what), Some(Why::Order));
        let what = Try { job, path: vec![[0; 32]; 64], ..of(right, 5) };
        assert_eq!(refused(&mut world, &device, what), Some(Why::Order));
    }
    let nobodys = Try { job: JobId::from_bytes([3; 10]), ..of(&list, 5) };
    assert_eq!(refused(&mut world, &device, nobodys), Some(Why::Order));
    // Another card, even an officer's who signed.
    for card in [1, DOCTOR] {
        let device = world.sign_in(card);
        assert_eq!(refused(&mut world, &device, of(&list, 5)), Some(Why::Order));
    }
    // And the file that was signed for opens, with label and contact alone.
    let released = released(attempt(&mut world, &device, of(&list, 5), |_| {}));
    assert_eq!(released.sections, BOTH);
    assert_eq!(released.hidden, Sections::ALL.without(BOTH));
    assert!(released.file.keys.iter().all(|(_, section)| BOTH.contains(*section)));
    let Act::OpenedByJob(entry) = &world.ledger.last().unwrap().act else { panic!() };
    assert_eq!((entry.job, Some(entry.index)), (JOB, list.index(5)));
    assert_eq!((entry.file, entry.sections), (file(5).blind, BOTH));
    assert_eq!(released.entry, world.ledger.len() as u64 - 1);
}

#[test]
fn a_proof_opens_one_file_of_one_job_once() {
    let (mut world, list, device) = running();
    let second = order(&world, OTHER_JOB, &list);
    assert_eq!(world.order(&[0, 1], second, None), Verdict::Ordered);
    // A proof of another file, another job, an ordinary opening, another method, another device.
    let addresses = [
        job_address(ORIGIN, JOB, file(6).id),
        job_address(ORIGIN, OTHER_JOB, file(5).id),
        format!("{ORIGIN}/fhir/Patient/{}", file(5).id),
        job_address("https://elsewhere", JOB, file(5).id),
    ];
    for address in addresses {
        let verdict = attempt(&mut world, &device, of(&list, 5), |claims| claims.htu = address);
        assert_eq!(why(&verdict), Some(Why::Signature));
    }
    let verdict = attempt(&mut world, &device, of(&list, 5), |claims| claims.htm = "GET".into());
    assert_eq!(why(&verdict), Some(Why::Signature));
    let thief = Device { signer: world.sign_in(DOCTOR).signer, ..device.clone() };
    assert_eq!(refused(&mut world, &thief, of(&list, 5)), Some(Why::Signature));
    let elsewhere = Device { server: server(2), ..device.clone() };
    assert_eq!(refused(&mut world, &elsewhere, of(&list, 5)), Some(Why::Session));
    // Other sections, more of them, none at all, or none named.
    let wider = BOTH.with(Section::Results);
    let none = Sections::NONE;
    for sections in [Some(Sections::of(&[Section::History])), Some(wider), Some(none), None] {
        let what = of(&list, 5);
        let verdict = attempt(&mut world, &device, what, |claims| claims.sections = sections);
        assert_eq!(why(&verdict), Some(Why::Role), "{sections:?}");
    }
    // The same proof again, and for an ordinary opening.
    let mut claims = world.claims("POST", &job_address(ORIGIN, JOB, file(5).id));
    claims.sections = Some(BOTH);
    let again = |world: &mut World| {
        let asked = world.asked(&device, &claims);
        let Try { job, number, index, path } = of(&list, 5);
        let wish = ForJob { job, file: file(number), index, path };
        world.tell(server(1), Event::OpenForJob { asked, wish })
    };
    released(again(&mut world));
    assert_eq!(why(&again(&mut world)), Some(Why::Replay));
    let asked = world.asked(&device, &claims);
    let verdict = world.tell(server(1), Event::Open { asked, file: file(5), close: false });
    assert_eq!(why(&verdict), Some(Why::Replay));
}

#[test]
fn a_file_opens_three_times_and_a_restart_forgets_none() {
    let (mut world, list, mut device) = running();
    for _ in 0..3 {
        released(attempt(&mut world, &device, of(&list, 5), |_| {}));
        let bytes = world.replayed().to_bytes();
        assert!(State::from_bytes(&bytes).unwrap() == *world.core.state());
        world.restart();
        device = world.sign_in(RUNNER);
    }
    assert_eq!(refused(&mut world, &device, of(&list, 5)), Some(Why::Openers));
    released(attempt(&mut world, &device, of(&list, 6), |_| {}));
}

#[test]
fn a_job_ends_and_whoever_is_stopped_runs_none() {
    let (mut world, list, device) = running();
    let third = world.issue(terms::Role::Officer, 1, None);
    let stops = [
        SubjectName::Card(world.cards[RUNNER].id),
        SubjectName::Practice(practice(0)),
        SubjectName::Server(server(1)),
    ];
    for subject in stops {
        let reason = String::from("looked into");
        let freeze = Order::Freeze { subject, reason: reason.clone() };
        assert_eq!(world.order(&[1], freeze, None), Verdict::Ordered);
        assert_eq!(refused(&mut world, &device, of(&list, 5)), Some(Why::Frozen));
        let unfreeze = Order::Unfreeze { subject, reason };
        assert_eq!(world.order(&[1, third], unfreeze, None), Verdict::Ordered);
    }
    released(attempt(&mut world, &device, of(&list, 5), |_| {}));
    world.pass(Duration::from_days(8));
    let device = world.sign_in(RUNNER);
    assert_eq!(refused(&mut world, &device, of(&list, 6)), Some(Why::Order));
    assert!(world.core.state().job(JOB, world.now).is_none());
    // Its name stays taken.
    let again = order(&world, JOB, &list);
    assert_eq!(why(&world.order(&[0, 1], again, None)), Some(Why::Order));
}

#[test]
fn canaries_erased_and_hidden_parts_stay_closed_and_restricted_files_get_their_letter() {
    let (mut world, list, device) = running();
    let mark = |number: u64, mark| Order::Mark { file: file(number).id, mark, set: true };
    assert_eq!(world.order(&[0, 1], mark(3, Mark::Canary), Some(3)), Verdict::Ordered);
    assert_eq!(world.order(&[0, 1], mark(4, Mark::Restricted), Some(4)), Verdict::Ordered);
    let erase = Order::Erase { file: file(6).id };
    assert_eq!(world.order(&[0, 1], erase, Some(6)), Verdict::Ordered);
    assert_eq!(refused(&mut world, &device, of(&list, 3)), Some(Why::NoFile));
    assert_eq!(refused(&mut world, &device, of(&list, 6)), Some(Why::NoFile));
    assert_eq!(released(attempt(&mut world, &device, of(&list, 4), |_| {})).sections, BOTH);
    let patient = world.issue_patient(7, 0);
    for (section, left) in [(Section::Contact, Some(Section::Label)), (Section::Label, None)] {
        let hide = Order::Consent { file: file(7).id, what: Consent::Hide(section), set: true };
        assert_eq!(world.order(&[patient], hide, Some(7)), Verdict::Ordered);
        let verdict = attempt(&mut world, &device, of(&list, 7), |_| {});
        match left {
            Some(left) => assert_eq!(released(verdict).sections, Sections::of(&[left])),
            None => assert_eq!(why(&verdict), Some(Why::Role)),
        }
    }
}

#[test]
fn no_order_makes_a_job_that_is_more_than_a_job() {
    let mut world = small_world();
    with_patients(&mut world, 3);
    let list = Listed::of(&[1, 2, 3]);
    let right = order(&world, JOB, &list);
    for signers in [&[0][..], &[1, 1], &[0, DOCTOR], &[DOCTOR, NURSE], &[0, 1, 0]] {
        let verdict = world.order(signers, right.clone(), None);
        assert!(verdict != Verdict::Ordered, "{signers:?}");
    }
    let patient = world.issue_patient(1, 0);
    let changes: [fn(&mut Order, &World, usize); 8] = [
        |order, _, _| {
            if let Order::ApproveJob { sections, .. } = order {
                *sections = BOTH.with(Section::Identity);
            }
        },
        |order, _, _| {
            if let Order::ApproveJob { sections, .. } = order {
                *sections = Sections::NONE;
            }
        },
        |order, _, _| {
            if let Order::ApproveJob { files, .. } = order {
                *files = 0;
            }
        },
        |order, _, _| {
            if let Order::ApproveJob { root, .. } = order {
                root.truncate(20);
            }
        },
        |order, _, _| {
            if let Order::ApproveJob { tenant, .. } = order {
                *tenant = "another".into();
            }
        },
        |order, world, _| {
            if let Order::ApproveJob { until, .. } = order {
                *until = world.now.seconds() + 86_400 * 31;
            }
        },
        |order, world, _| {
            if let Order::ApproveJob { until, .. } = order {
                *until = world.now.seconds();
            }
        },
        |order, world, patient| {
            if let Order::ApproveJob { card, .. } = order {
                *card = world.cards[patient].id;
            }
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut wrong = right.clone();
        change(&mut wrong, &world, patient);
        let verdict = world.order(&[0, 1], wrong, None);
        assert_eq!(why(&verdict), Some(Why::Order), "{number}");
    }
    assert_eq!(world.order(&[0, 1], right.clone(), None), Verdict::Ordered);
    assert_eq!(why(&world.order(&[0, 1], right, None)), Some(Why::Order), "its name is taken");
}
