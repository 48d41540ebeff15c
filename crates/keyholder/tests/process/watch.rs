//! The watch's door: what it hears, what it may take away, and who does not get in.

use crate::client::*;
use keyproto::message::{Hello, Step, Stop, VERSION, Watch};
use keyproto::statement::{Mark, Order, ProofClaims, SubjectName};
use keyproto::watcher::{SECRET, SOCKET, Watcher};
use keyproto::{Answer, Request, frame};
use ledger::entry::{Act, Entry, Subject};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::time::Duration as Span;
use terms::{Duration, Finding, Purpose, Rung, ServerId};

fn secret(world: &World) -> [u8; 32] {
    std::fs::read(world.watch().join(SECRET)).unwrap().try_into().unwrap()
}

fn stream(world: &World) -> UnixStream {
    let stream = UnixStream::connect(world.watch().join(SOCKET)).unwrap();
    stream.set_read_timeout(Some(Span::from_secs(5))).unwrap();
    stream
}

fn watch(world: &World) -> Watcher<UnixStream> {
    Watcher::greet(stream(world), secret(world)).unwrap()
}

/// Everything that the watch hears, from the first entry on.
fn all(watcher: &mut Watcher<UnixStream>) -> Vec<(u64, Entry)> {
    let (mut heard, mut from) = (Vec::new(), 0);
    loop {
        let (entries, next) = watcher.follow(from).unwrap();
        if entries.is_empty() {
            assert_eq!(next, from);
            return heard;
        }
        assert_eq!(entries[0].0, from, "without a gap");
        heard.extend(entries.iter().map(|(n, bytes)| (*n, Entry::from_bytes(bytes).unwrap())));
        from = next;
    }
}

fn rung(card: terms::CardId, rung: Rung) -> Step {
    let what = Stop::Rung { card, rung, lasts: Duration::from_hours(1) };
    Step { what, finding: Finding::Unexplained }
}

#[test]
fn the_watch_hears_everything_but_words_and_what_it_takes_away_is_gone_at_once() {
    const WORDS: &str = "her husband told me in the street";
    let world = World::with(2, |_| ());
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let file = doctor.create(None);
    let mut other = world.doctor(1);
    let nonce = other.nonce(None);
    let url = format!("{ORIGIN}/fhir/Patient/{file}");
    let claims = ProofClaims {
        purpose: Some(Purpose::Emergency),
        reason: Some(WORDS.into()),
        ..ProofClaims::default()
    };
    let (session, method) = (other.session, "GET".to_owned());
    let proof = other.prove("GET", &url, &nonce, claims);
    let open = keyproto::message::Open { session, proof, method, url, file };
    assert!(matches!(other.ask(Request::Open(open)), Answer::Opened(_)));

    let mut watcher = watch(&world);
    assert_eq!(watcher.welcome().tenant, TENANT);
    let heard = all(&mut watcher);
    let reasons: Vec<_> = heard
        .iter()
        .filter_map(|(_, entry)| match &entry.act {
            Act::Opened(opened) => Some(opened.reason.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, [Some(String::new())], "that a reason was given, and not which");
    assert!(heard.iter().all(|(_, entry)| !format!("{entry:?}").contains("husband")));
    assert!(matches!(heard[0].1.act, Act::Began(_)));
    let size = heard.len() as u64;
    assert!(watcher.follow(size + 1).unwrap_err().to_string().contains("never that long"));

    // The own file, without a reason: open before, asked for one after.
    assert!(matches!(doctor.open(file), Answer::Opened(_)));
    let card = world.doctors[0].identity().card;
    let recorded = watcher.step(rung(card, Rung::Reason)).unwrap().unwrap();
    let Answer::Refused(refusal) = doctor.open(file) else { panic!("not refused") };
    assert_eq!(refusal.ask, keyproto::message::Ask::Reason);
    let (entries, _) = watcher.follow(recorded.entry).unwrap();
    let step = Entry::from_bytes(&entries[0].1).unwrap();
    assert!(matches!(step.act, Act::Stepped(one) if one.card == card && one.rung == Rung::Reason));
    // Down is no step; nobody who is not known; and a freeze is one for all.
    assert!(watcher.step(rung(card, Rung::Open)).unwrap().is_none());
    assert!(watcher.step(rung(terms::CardId::from_bytes([99; 10]), Rung::Reason)).is_err());
    let freeze = Step { what: Stop::Freeze(Subject::Card(card)), finding: Finding::Canary };
    assert!(watcher.step(freeze).unwrap().is_some());
    assert!(watcher.step(freeze).unwrap().is_none());
    assert!(matches!(doctor.open(file), Answer::Refused(_)));
    // Officers' words stay here as well.
    let subject = SubjectName::Card(card);
    let order = Order::Unfreeze { subject, reason: WORDS.into() };
    let officers: Vec<_> = world.officers.iter().collect();
    let mut server = world.connect();
    assert!(matches!(server.order(&officers, &order), Answer::Recorded(_)));
    let heard = all(&mut watcher);
    assert!(heard.iter().all(|(_, entry)| !format!("{entry:?}").contains("husband")));
    running.stop().unwrap();
}

#[test]
fn a_rehearsal_says_whether_a_canary_stops_and_leaves_no_trace() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let (canary, other) = (doctor.create(None), doctor.create(None));
    let officers: Vec<_> = world.officers.iter().collect();
    let order = Order::Mark { file: canary, mark: Mark::Canary, set: true };
    assert!(matches!(world.connect().order(&officers, &order), Answer::Recorded(_)));
    let mut watcher = watch(&world);
    let before = all(&mut watcher);
    let blinds: Vec<_> = before
        .iter()
        .filter_map(|(_, entry)| match &entry.act {
            Act::FileCreated(act) => Some(act.file),
            _ => None,
        })
        .collect();
    let [marked, unmarked] = blinds[..] else { panic!("{blinds:?}") };
    assert!(watcher.rehearse(marked).unwrap());
    assert!(!watcher.rehearse(unmarked).unwrap(), "no canary");
    assert!(!watcher.rehearse(terms::Blind::from_bytes([7; 16])).unwrap(), "no file");
    assert_eq!(all(&mut watcher), before);
    // Nobody was stopped by it.
    assert!(matches!(doctor.open(other), Answer::Opened(_)));
    assert!(matches!(doctor.open(canary), Answer::Refused(_)));
    assert!(matches!(doctor.open(other), Answer::Refused(_)));
    running.stop().unwrap();
}

fn is_closed(stream: &mut UnixStream) -> bool {
    matches!(frame::read(stream), Ok(None))
}

#[test]
fn a_server_gets_nothing_of_it_and_the_watch_nothing_of_a_server() {
    let world = World::new();
    let running = world.serve();
    let mut server = world.doctor(0);
    let card = world.doctors[0].identity().card;
    // By the server's door: refused, and nothing happens.
    let right = Watch { version: VERSION, secret: secret(&world) };
    let step = rung(card, Rung::Restricted);
    for request in [Request::Watch(right), Request::Follow(0), Request::Step(step)] {
        let answer = server.ask(request);
        assert!(matches!(answer, Answer::Failed(_)), "{}", told(&answer));
    }
    // By the watch's door: not without the secret, not another version, not with a server's words.
    let near = secret(&world).map(|byte| byte ^ 1);
    for (version, secret) in [(VERSION, near), (VERSION + 1, secret(&world)), (VERSION, [0; 32])] {
        let mut stream = stream(&world);
        let greeting = Request::Watch(Watch { version, secret });
        frame::write(&mut stream, &greeting.to_bytes()).unwrap();
        assert!(is_closed(&mut stream));
    }
    let hello = || {
        let server = ServerId::from_bytes([9; 10]);
        Request::Hello(Hello { version: VERSION, server, origin: ORIGIN.into() })
    };
    for request in [hello(), Request::Follow(0), Request::Step(step), Request::Health] {
        let mut stream = stream(&world);
        frame::write(&mut stream, &request.to_bytes()).unwrap();
        assert!(is_closed(&mut stream), "before any greeting");
    }
    for request in [hello(), Request::Health, Request::Backup, Request::Directory] {
        let mut stream = stream(&world);
        let greeting = Request::Watch(Watch { version: VERSION, secret: secret(&world) });
        frame::write(&mut stream, &greeting.to_bytes()).unwrap();
        assert!(frame::read(&mut stream).unwrap().is_some());
        frame::write(&mut stream, &request.to_bytes()).unwrap();
        assert!(is_closed(&mut stream), "after the greeting");
    }
    let heard = all(&mut watch(&world));
    assert!(heard.iter().all(|(_, entry)| !matches!(entry.act, Act::Stepped(_))));
    // For the owner alone, and of another secret after each start.
    let mode = |path: std::path::PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
    let paths = [world.watch(), world.watch().join(SOCKET), world.watch().join(SECRET)];
    assert_eq!(paths.map(mode), [0o700, 0o600, 0o600]);
    let before = secret(&world);
    running.stop().unwrap();
    let running = world.serve();
    assert!(Watcher::greet(stream(&world), before).is_err());
    drop(watch(&world));
    running.stop().unwrap();
}

/// A taken-over server fills every place at the server's door, and the watch still gets in.
#[test]
fn a_full_house_does_not_keep_the_watch_out() {
    let world = World::with(1, |settings| settings.connections_max = 3);
    let running = world.serve();
    let full: Vec<_> = (0..3).map(|_| world.connect()).collect();
    assert!(Client::try_connect(&world.socket()).is_err());
    assert!(!all(&mut watch(&world)).is_empty());
    drop(full);
    running.stop().unwrap();
}

#[test]
fn the_watch_goes_on_after_a_kill_inside_the_walls() -> io::Result<()> {
    let world = World::new();
    let mut process = world.spawn();
    let card = world.doctors[0].identity().card;
    let mut watcher = watch(&world);
    let recorded = watcher.step(rung(card, Rung::Restricted))?.ok_or(io::ErrorKind::Other)?;
    let heard = all(&mut watcher);
    process.kill();
    let process = world.spawn();
    let mut watcher = watch(&world);
    let again = all(&mut watcher);
    assert_eq!(again[..heard.len()], heard[..]);
    assert!(again.iter().any(|(number, entry)| {
        *number == recorded.entry && matches!(entry.act, Act::Stepped(_))
    }));
    assert!(watcher.step(rung(card, Rung::Reason))?.is_none(), "the rung survived the kill");
    drop(watcher);
    process.terminate();
    Ok(())
}
