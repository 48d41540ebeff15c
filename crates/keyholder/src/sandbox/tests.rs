//! The attacker is inside: this test binary, started again, locks itself in and then tries.

use super::{before_keys, enter};
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "KEYHOLDER_SANDBOX_TEST";

#[test]
fn a_taken_over_process_reaches_nothing_outside() {
    if let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) {
        return attack(&folder);
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "sandbox::tests::a_taken_over_process_reaches_nothing_outside";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("PORT", listener.local_addr().unwrap().port().to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("locked in"), "{said}");
}

fn attack(folder: &Path) {
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    let socket = folder.join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let peer = UnixStream::connect(&socket).unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok(), "it was reachable before");

    let mut walls = before_keys();
    walls.extend(enter(vec![folder.to_owned()]));
    for wall in &walls {
        // The memory lock depends on a limit of the machine, the others on nothing but the kernel.
        let may_miss = wall.name == "memory locked";
        assert!(wall.missing.is_none() || may_miss, "{}: {:?}", wall.name, wall.missing);
    }
    let refused = |kind: ErrorKind| assert_eq!(kind, ErrorKind::PermissionDenied);
    refused(TcpStream::connect(("127.0.0.1", port)).unwrap_err().kind());
    refused(UnixStream::connect(&socket).unwrap_err().kind());
    refused(std::fs::read("/etc/passwd").unwrap_err().kind());
    refused(std::fs::read("/proc/self/environ").unwrap_err().kind());
    refused(std::fs::write("/tmp/cofferdam-sandbox-test", "x").unwrap_err().kind());
    refused(Command::new("/bin/true").status().unwrap_err().kind());

    // What it is for still works, on a thread that was started inside.
    let inside = folder.join("file");
    std::thread::spawn(move || {
        std::fs::write(&inside, "x").unwrap();
        assert_eq!(std::fs::read(&inside).unwrap(), b"x");
        std::fs::rename(&inside, inside.with_extension("new")).unwrap();
        drop(listener.accept().unwrap());
        drop(peer);
    })
    .join()
    .unwrap();
    std::io::Write::write_all(&mut std::io::stdout(), b"locked in\n").unwrap();
}
