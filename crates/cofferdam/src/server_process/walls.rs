//! What the server's process may reach: its store, sealed reports, the keyholder's socket, its two
//! ports.
//!
//! Trust: whoever takes the server over runs as the same user as the keyholder. Landlock keeps them
//! from the keyholder's folder, the passphrase's file and the cards all the same, from starting
//! programs and from connecting anywhere; a kernel without Landlock does not, and the log says so.
//! A list of system calls keeps them from what Landlock does not know: datagrams to anywhere.

use crate::config::Config;
use crate::failure::Outcome;
use crate::home::Home;
use crate::walls;
use ::walls::{Calls, Reach};
use nix::libc;

/// Puts the walls up, for this thread and every one it starts: call it before the first.
pub(crate) fn enter(home: &Home, config: &Config) -> Outcome {
    Home::make(&home.store())?;
    Home::make(&home.intake())?;
    walls::enter("server", &reach(home, config), calls())
}

fn reach(home: &Home, config: &Config) -> Reach {
    Reach {
        folders: vec![home.store(), home.intake()],
        listen: vec![config.listen.port(), config.local_listen.port()],
        ..Reach::default()
    }
}

fn calls() -> Result<Calls, String> {
    Ok(Calls::common()?.and_connections()?.and(CALLS))
}

/// What it needs beside what all processes do: it listens, waits for many connections at once, and
/// its store maps and locks files.
const CALLS: &[libc::c_long] = &[
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept4,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_socketpair,
    libc::SYS_dup,
    libc::SYS_linkat,
    libc::SYS_fallocate,
    libc::SYS_fchmodat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fstatfs,
    libc::SYS_statfs,
    // Where the clock of the machine cannot be read without a call.
    libc::SYS_gettimeofday,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Filled, fill};
    use ::walls::RulesetStatus;
    use intake::store::{Bounds, Messages, Sender};
    use nix::errno::Errno;
    use nix::libc::MSG_FASTOPEN;
    use nix::sys::signal::kill;
    use nix::sys::socket::{
        AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, sendto, socket,
    };
    use nix::unistd::Pid;
    use std::io::ErrorKind;
    use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::process::Command;
    use terms::ServerId;

    const INSIDE: &str = "COFFERDAM_TEST_INSIDE_WALLS";

    fn home() -> (tempfile::TempDir, Home, Config) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        for folder in [home.store(), home.watch(), home.keyholder(), home.intake(), home.cards()] {
            Home::make(&folder).unwrap();
        }
        std::fs::write(home.keyholder().join("root.key"), "secret").unwrap();
        std::fs::write(home.watch().join("watch.key"), "secret").unwrap();
        std::fs::write(home.store().join("mine"), "sealed").unwrap();
        std::fs::write(home.intake_key(), "secret").unwrap();
        let text = fill(&Filled {
            tenant: "t",
            server: ServerId::from_bytes([1; 10]),
            listen: ([127, 0, 0, 1], 1).into(),
            local_listen: ([127, 0, 0, 1], 2).into(),
            passphrase_file: "",
        });
        std::fs::write(home.settings(), text).unwrap();
        let config = Config::read(&home).unwrap();
        (folder, home, config)
    }

    /// Walls are for good, so the attacker plays in a process of its own.
    #[test]
    fn a_taken_over_server_reads_no_key_and_reaches_nobody() {
        if std::env::var_os(INSIDE).is_some() {
            return attack();
        }
        let name =
            "server_process::walls::tests::a_taken_over_server_reads_no_key_and_reaches_nobody";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }

    fn attack() {
        let (_folder, home, config) = home();
        let outside = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = outside.local_addr().unwrap();
        assert!(TcpStream::connect(address).is_ok(), "it works before the walls are up");
        let status = reach(&home, &config).enforce().unwrap();
        if status == RulesetStatus::NotEnforced {
            crate::console::warn("SKIPPED: no Landlock here, so nothing holds a server back");
            return;
        }
        assert_eq!(std::fs::read(home.store().join("mine")).unwrap(), b"sealed");
        std::fs::write(home.store().join("new"), "sealed").unwrap();
        assert!(std::fs::read(home.keyholder().join("root.key")).is_err());
        assert!(std::fs::read(home.watch().join("watch.key")).is_err());
        assert!(std::fs::read(home.intake_key()).is_err());
        assert!(std::fs::write(home.certificate(), "another").is_err());
        assert!(std::fs::create_dir(home.path().join("disclosures")).is_err());
        let messages = Messages::open(&home.intake(), Bounds::default()).unwrap();
        let mailbox = "0".repeat(32).parse().unwrap();
        let now = crate::client::now();
        messages.put(&mailbox, Sender::Finder, b"sealed", now, None).unwrap();
        assert!(std::fs::read(home.settings()).is_err());
        assert!(std::fs::write(home.run().join("keyholder.sock"), "").is_err());
        assert!(std::fs::read_dir("/").is_err());
        assert!(std::fs::read("/proc/self/environ").is_err());
        assert!(Command::new("/bin/true").status().is_err());
        if status == RulesetStatus::FullyEnforced {
            assert!(TcpStream::connect(address).is_err());
            assert!(TcpListener::bind("127.0.0.1:0").is_err());
        }
        calls_that_are_refused(address);
    }

    /// What Landlock leaves open.
    fn calls_that_are_refused(address: SocketAddr) {
        let heard = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = heard.local_addr().unwrap();
        assert!(UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"before", to).is_ok());
        let stream = |_| socket(AddressFamily::Inet, SockType::Stream, SockFlag::empty(), None);
        let [before, after] = [(); 2].map(stream).map(Result::unwrap);
        let open = |fd: &OwnedFd| {
            let SocketAddr::V4(to) = address else { panic!("{address}") };
            let to = SockaddrIn::from(to);
            sendto(fd.as_raw_fd(), b"let out", &to, MsgFlags::from_bits_retain(MSG_FASTOPEN))
        };
        // With data in its request a connection is no connection to Landlock.
        let passed = open(&before);
        calls().unwrap().enforce().unwrap();
        assert_eq!(open(&after), Err(Errno::EPERM), "before the list it was {passed:?}");
        let refused = UdpSocket::bind("127.0.0.1:0").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        for (family, kind) in [
            (AddressFamily::Unix, SockType::Datagram),
            (AddressFamily::Netlink, SockType::Raw),
            (AddressFamily::Vsock, SockType::Stream),
        ] {
            assert_eq!(socket(family, kind, SockFlag::empty(), None).unwrap_err(), Errno::EPERM);
        }
        let by_number = Some(SockProtocol::Tcp);
        let numbered = socket(AddressFamily::Inet, SockType::Stream, SockFlag::empty(), by_number);
        assert_eq!(numbered.unwrap_err(), Errno::EPERM);
        assert_eq!(kill(Pid::this(), None).unwrap_err(), Errno::EPERM);
        std::thread::spawn(|| ()).join().unwrap();
    }
}
