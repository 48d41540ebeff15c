//! Everything that listens, asked without credentials.

use super::scan::People;
use super::scene::{Context, Scene, moment};
use crate::client::{Ask, Server};
use crate::failure::{Failure, Outcome};
use crate::orders::random;
use ::drill::holdings::Holdings;
use ::drill::incident::Drill;
use ::drill::played::{Attacker, Check, Kind, Played};
use data_encoding::BASE64URL_NOPAD;
use keyproto::message::Question;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use web::routes::ROUTES;

/// What databases and caches are asked first.
const KNOCKS: [&[u8]; 6] = [
    b"GET / HTTP/1.0\r\n\r\n",
    b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
    b"*1\r\n$4\r\nKEYS\r\n",
    b"SELECT * FROM segment;\n",
    b"\x3a\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xd4\x07\x00\x00",
    b"stats items\r\n",
];

/// What came.
struct Heard<'a> {
    wanted: &'a People,
    people: BTreeSet<u32>,
    held: Holdings,
    tries: u64,
    bytes: u64,
}

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let people = context.pick(60, 5_000);
    let scene = Scene::with_people(context, drill.name, people)?;
    let mut wanted = People::new();
    (0..people).for_each(|number| wanted.add(&scene.person(number)));
    let since = moment();
    let mut heard = Heard {
        wanted: &wanted,
        people: BTreeSet::new(),
        held: Holdings::new(),
        tries: 0,
        bytes: 0,
    };
    let config = &scene.stage.config;
    let known = [config.listen, config.local_listen];
    let by_kernel = listening(&scene);
    let told = if by_kernel.is_some() { "" } else { " (by the settings: the kernel does not say)" };
    let listening = by_kernel.unwrap_or_else(|| known.to_vec());
    for address in &listening {
        scene.go_on()?;
        knock(&mut heard, *address);
    }
    routes(&scene, &mut heard)?;
    local(&mut heard, config.local_listen);
    let socket = scene.stage.home.socket();
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).map(|file| file.permissions().mode() & 0o077).unwrap_or(0o777)
    };
    let private = mode(&socket) == 0 || mode(&scene.stage.home.run()) == 0;

    let mut held = heard.held.clone();
    for person in &heard.people {
        held.add(&format!("person {person}"), terms::Sections::of(&[terms::Section::Label]));
    }
    let listed = scene.listed(&Question { from: Some(since), ..Question::default() })?;
    let checks = vec![
        Check::at_most("persons told to somebody without credentials", held.persons(), 0),
        Check::holds(
            Kind::HardBound,
            "nothing listens on the network but the two ports in the settings, the second on \
             loopback",
            listening.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ") + told,
            listening.iter().all(|one| known.contains(one)) && known[1].ip().is_loopback(),
        ),
        Check::holds(
            Kind::HardBound,
            "the keyholder's socket is its owner's alone",
            if private { "owner only" } else { "others may connect" },
            private,
        ),
        Check::holds(
            Kind::SelfTest,
            "the ports answered at all",
            format!("{} bytes in {} answers", heard.bytes, heard.tries),
            heard.bytes > 1_000 && listening.len() == known.len(),
        ),
    ];
    let attacker = Attacker::new("anybody on the network", heard.tries, &held, &listed);
    let attacker = attacker.stopped(None, "nothing is told without a card");
    let mut played = Played::new(drill, scene.files, vec![attacker], checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

impl Heard<'_> {
    fn hear(&mut self, answer: &[u8]) {
        self.tries += 1;
        self.bytes += answer.len() as u64;
        self.wanted.search(answer, &mut self.people);
        self.held.read(answer);
    }
}

/// Where the processes listen, if the kernel says whose a port is: it tells root alone, as the
/// processes let nobody look into them.
fn listening(scene: &Scene) -> Option<Vec<SocketAddr>> {
    let mut inodes = BTreeSet::new();
    for pid in scene.stage.pids() {
        let folder = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
        let links = folder.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
        inodes.extend(links.filter_map(|link| {
            let text = link.to_string_lossy().into_owned();
            Some(text.strip_prefix("socket:[")?.trim_end_matches(']').to_owned())
        }));
    }
    let mut found = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        found.extend(text.lines().skip(1).filter_map(|line| listener(line, &inodes)));
    }
    Some(found)
}

/// The address in a line of the kernel's table, if these processes listen there.
fn listener(line: &str, inodes: &BTreeSet<String>) -> Option<SocketAddr> {
    const LISTENS: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    if *fields.get(3)? != LISTENS || !inodes.contains(*fields.get(9)?) {
        return None;
    }
    let (address, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let ip = match address.len() {
        8 => u32::from_str_radix(address, 16).ok()?.swap_bytes().to_be_bytes().into(),
        _ => std::net::IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    };
    Some(SocketAddr::new(ip, port))
}

/// Says what scanners say, and listens.
fn knock(heard: &mut Heard<'_>, address: SocketAddr) {
    for words in KNOCKS {
        let talk = || {
            let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
            stream.set_read_timeout(Some(Duration::from_millis(400)))?;
            stream.write_all(words)?;
            let mut answer = Vec::new();
            // However it ends, what came before counts.
            let _ = stream.read_to_end(&mut answer);
            Ok::<_, std::io::Error>(answer)
        };
        heard.hear(&talk().unwrap_or_default());
    }
}

/// Every address of the server, without credentials and with made-up ones.
fn routes(scene: &Scene, heard: &mut Heard<'_>) -> Outcome {
    let server = Server::of(&scene.stage.home, &scene.stage.config)?;
    let ids = scene.stolen_ids()?;
    let national = scene.person(0).national().clone();
    let number = super::alles_laegehus::encoded(&national.value);
    for (at, route) in ROUTES.iter().enumerate() {
        scene.go_on()?;
        let id = ids[at % ids.len()].to_string();
        let path = route.template.replace("{id}", &id).replace("{version}", "1");
        let path = path.replace("{type}", "Observation");
        let token = BASE64URL_NOPAD.encode(&random::<32>()?);
        let credentials = [String::new(), format!("Bearer {token}"), format!("DPoP {token}")];
        for query in [String::new(), format!("?patient={id}&identifier={number}&name=a")] {
            for credential in &credentials {
                let path = format!("{path}{query}");
                let method = route.method.as_str();
                let ask = Ask { method, path: &path, headers: &[], body: &[] };
                let header = [("authorization", credential.as_str())];
                let header = if credential.is_empty() { &header[..0] } else { &header[..] };
                let mut answer = server.send(&ask, header)?;
                let body = answer.body_mut().read_to_vec();
                heard.hear(&body.map_err(Failure::world("an answer"))?);
            }
        }
    }
    Ok(())
}

/// What is told to the machine's own operators.
fn local(heard: &mut Heard<'_>, address: SocketAddr) {
    for path in ["health", "ready", "metrics", "", "debug", "fhir/Patient", "../keyholder"] {
        let talk = || {
            let mut stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(Duration::from_secs(2)))?;
            let text =
                format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            stream.write_all(text.as_bytes())?;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            Ok::<_, std::io::Error>(answer)
        };
        heard.hear(&talk().unwrap_or_default());
    }
}
