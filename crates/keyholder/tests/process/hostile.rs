//! A peer that sends anything at all: bounded, closed, and nobody else notices.

use crate::client::*;
use keyproto::message::{Hello, Identifier, Query, VERSION};
use keyproto::{Answer, Request, frame};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use terms::ServerId;

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.next() as usize % most;
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// Whether the other side closed, within a time.
fn closed(stream: &mut UnixStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut byte = [0];
    matches!(stream.read(&mut byte), Ok(0))
        || stream.read(&mut byte).is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset)
}

#[test]
fn nonsense_closes_the_connection_and_nothing_else() {
    let world = World::new();
    let running = world.serve();
    let mut witness = world.doctor(0);
    let connect = || UnixStream::connect(world.socket()).unwrap();
    for length in [u32::MAX, 0x7fff_ffff, 4 * 1024 * 1024 + 1] {
        let mut stream = connect();
        stream.write_all(&length.to_be_bytes()).unwrap();
        assert!(closed(&mut stream), "a frame of {length} bytes");
    }
    // Before the greeting, or with the greeting of another version, nothing is answered.
    let mut stream = connect();
    frame::write(&mut stream, &Request::Health.to_bytes()).unwrap();
    assert!(closed(&mut stream));
    let server = ServerId::from_bytes([0; 10]);
    let hello = Hello { version: VERSION + 1, server, origin: ORIGIN.into() };
    let mut stream = connect();
    frame::write(&mut stream, &Request::Hello(hello).to_bytes()).unwrap();
    let answer = Answer::from_bytes(&frame::read(&mut stream).unwrap().unwrap()).unwrap();
    assert!(told(&answer).contains("version"), "{}", told(&answer));
    assert!(closed(&mut stream));

    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2_000 {
        let mut client = world.connect();
        let mut bytes = random.bytes(200);
        if random.next().is_multiple_of(2) {
            // Something that is almost a request.
            bytes = witness.opening_with(terms::FileId::from_bytes([1; 16]), "x").to_bytes();
            let at = random.next() as usize % bytes.len();
            bytes[at] = random.next() as u8;
        }
        frame::write(&mut client.stream, &bytes).unwrap();
        client.stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        match client.read() {
            Ok(Answer::Opened(_)) => panic!("keys for nonsense"),
            Ok(_) => {}
            Err(error) => assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    assert!(witness.health().ready);
    running.stop().unwrap();
}

#[test]
fn half_frames_and_silence_hold_no_thread_for_long() {
    let world = World::with(1, |settings| {
        settings.idle = Duration::from_millis(300);
        settings.connections_max = 8;
    });
    let running = world.serve();
    let mut silent: Vec<UnixStream> = (0..8)
        .map(|_| {
            let mut stream = UnixStream::connect(world.socket()).unwrap();
            stream.write_all(&[0, 0]).unwrap();
            stream
        })
        .collect();
    assert!(Client::try_connect(&world.socket()).is_err(), "there is no room for a ninth");
    drop(silent.split_off(4));
    std::thread::sleep(Duration::from_millis(100));
    assert!(world.connect().health().ready, "whoever went makes room");
    let mut idle = world.connect();
    std::thread::sleep(Duration::from_millis(600));
    assert!(idle.try_ask(&Request::Health).is_err(), "whoever says nothing is closed");
    running.stop().unwrap();
}

#[test]
fn a_hundred_thousand_connections_leave_nothing_behind() {
    let world = World::new();
    let running = world.serve();
    let open_files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = open_files();
    for _ in 0..100_000 {
        drop(UnixStream::connect(world.socket()).unwrap());
    }
    assert!(world.connect().health().ready);
    // Other tests of this process have files open too; a slow machine is behind with closing.
    let until = Instant::now() + Duration::from_secs(60);
    while open_files() >= before + 500 {
        assert!(Instant::now() < until, "descriptors are left open");
        std::thread::sleep(Duration::from_millis(100));
    }
    running.stop().unwrap();
}

#[test]
fn large_values_are_refused_in_words() {
    let world = World::new();
    let running = world.serve();
    let mut doctor = world.doctor(0);
    let long = "x".repeat(1_000_000);
    let queries = [
        Query::Name(vec![long.clone()]),
        Query::Name(vec!["abc".into(); 10_000]),
        Query::Telephone(long.clone()),
        Query::Identifier(Identifier { system: long.clone(), value: "1".into() }),
        Query::NameAndBirthDate(vec!["abc".into()], long),
    ];
    for query in queries {
        let answer = doctor.find(query);
        assert!(told(&answer).starts_with("AskedWrongly"), "{}", told(&answer));
    }
    running.stop().unwrap();
}
