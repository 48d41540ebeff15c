//! What the watch's process may reach: the keyholder's door, the folder of cases, one port of one
//! collector.
//!
//! Trust: it runs as the same user as the keyholder. Landlock keeps it from keys, cards, settings
//! and store all the same, from starting programs, and from listening anywhere. A list of system
//! calls keeps it from what Landlock does not know, datagrams to anywhere among them.

use crate::failure::Outcome;
use crate::home::Home;
use crate::walls;
use ::walls::{Calls, Reach};

/// Puts the walls up, for this thread and every one it starts: call it before the first.
pub(super) fn enter(home: &Home, collector: Option<u16>) -> Outcome {
    walls::enter("watch", &reach(home, collector), calls())
}

fn reach(home: &Home, collector: Option<u16>) -> Reach {
    Reach {
        folders: vec![home.cases()],
        read: vec![home.watch()],
        connect: collector.into_iter().collect(),
        ..Reach::default()
    }
}

/// It serves nobody: no `bind`, `listen`, `accept`.
fn calls() -> Result<Calls, String> {
    Calls::common()?.and_connections()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::walls::RulesetStatus;
    use nix::errno::Errno;
    use nix::sys::signal::kill;
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
    use nix::unistd::Pid;
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
    use std::process::Command;

    const INSIDE: &str = "COFFERDAM_TEST_INSIDE_WATCH_WALLS";

    /// Walls are for good, so the attacker plays in a process of its own.
    #[test]
    fn a_taken_over_watch_reads_no_key_and_no_file_and_reaches_nobody() {
        if std::env::var_os(INSIDE).is_some() {
            return attack();
        }
        let name = "watch_process::walls::tests::\
                    a_taken_over_watch_reads_no_key_and_no_file_and_reaches_nobody";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }

    fn attack() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        for folder in [home.store(), home.run(), home.keyholder(), home.cases(), home.watch()] {
            Home::make(&folder).unwrap();
        }
        std::fs::write(home.keyholder().join("root.key"), "secret").unwrap();
        std::fs::write(home.store().join("sealed"), "sealed").unwrap();
        std::fs::write(home.watch().join("watch.key"), "shown at the door").unwrap();
        let [collector, other] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [collector, other] = [&collector, &other].map(|l| l.local_addr().unwrap());
        assert!(TcpStream::connect(other).is_ok(), "it works before the walls are up");
        let door = UnixListener::bind(home.watch().join("watch.sock")).unwrap();
        let name = folder.path().to_str().unwrap();
        let nameless = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        let _others = UnixListener::bind_addr(&nameless).unwrap();
        assert!(UnixStream::connect_addr(&nameless).is_ok(), "it works before the walls are up");
        let status = reach(&home, Some(collector.port())).enforce().unwrap();
        if status == RulesetStatus::NotEnforced {
            crate::console::warn("SKIPPED: no Landlock here, so nothing holds a watch back");
            return;
        }
        assert!(std::fs::read(home.watch().join("watch.key")).is_ok());
        std::fs::write(home.alerts(), "an alert").unwrap();
        for path in [home.keyholder().join("root.key"), home.store().join("sealed")] {
            assert!(std::fs::read(path).is_err());
        }
        assert!(std::fs::write(home.watch().join("watch.key"), "another").is_err());
        assert!(std::fs::read_dir("/").is_err());
        assert!(Command::new("/bin/true").status().is_err());
        if status == RulesetStatus::FullyEnforced {
            assert!(TcpStream::connect(collector).is_ok());
            assert!(TcpStream::connect(other).is_err());
            assert!(UnixStream::connect_addr(&nameless).is_err());
            assert!(TcpListener::bind("127.0.0.1:0").is_err());
        }
        calls_that_are_refused(&home, &door, collector);
    }

    /// What Landlock leaves open, and what the watch is for.
    fn calls_that_are_refused(home: &Home, door: &UnixListener, collector: std::net::SocketAddr) {
        let heard = UdpSocket::bind("127.0.0.1:0").unwrap();
        heard.set_nonblocking(true).unwrap();
        let to = heard.local_addr().unwrap();
        assert!(UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"before", to).is_ok());
        calls().unwrap().enforce().unwrap();
        let refused = |kind: ErrorKind| assert_eq!(kind, ErrorKind::PermissionDenied);
        refused(UdpSocket::bind("127.0.0.1:0").unwrap_err().kind());
        refused(UnixListener::bind(home.cases().join("door")).unwrap_err().kind());
        refused(door.accept().unwrap_err().kind());
        refused(Command::new("/bin/true").status().unwrap_err().kind());
        for (family, kind) in [
            (AddressFamily::Unix, SockType::Datagram),
            (AddressFamily::Netlink, SockType::Raw),
            (AddressFamily::Vsock, SockType::Stream),
        ] {
            assert_eq!(socket(family, kind, SockFlag::empty(), None).unwrap_err(), Errno::EPERM);
        }
        assert_eq!(kill(Pid::this(), None).unwrap_err(), Errno::EPERM);
        let alerts = home.alerts();
        let work = std::thread::spawn(move || {
            std::fs::write(&alerts, "an alert").unwrap();
            std::fs::rename(&alerts, alerts.with_extension("told")).unwrap();
            TcpStream::connect(collector).unwrap().set_nonblocking(true).unwrap();
        });
        work.join().unwrap();
        assert!(UnixStream::connect(home.watch().join("watch.sock")).is_ok());
    }
}
