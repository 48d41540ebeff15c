//! Programs that tests start: installed where the machine is Debian's and lets us, said where not.

use crate::say;
use std::path::Path;
use std::process::{Command, Stdio};

/// Set to anything, nothing is installed on the machine.
const NO_INSTALL: &str = "COFFERDAM_NO_INSTALL";
/// A browser of one's own choice, and where Debian and others lay one.
const BROWSER: &str = "COFFERDAM_BROWSER";
const BROWSERS: &[&str] =
    &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Seconds for each call of the package manager. A mirror that does not answer costs no more.
const SECONDS_MOST: &str = "300";

/// A program that some tests start.
struct Program {
    /// Debian's packages that bring it.
    packages: &'static [&'static str],
    there: fn() -> bool,
    /// What is not tried without it, and what else helps.
    without: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        packages: &["chromium"],
        there: browser,
        without: "the page for reports is not tried in a browser; COFFERDAM_BROWSER names another",
    },
    Program {
        packages: &["curl"],
        there: || runs("curl", &["--version"]),
        without: "the tour's curl command is not tried",
    },
    Program {
        packages: &["python3", "python3-venv"],
        there: || runs("python3", &["-c", "import ensurepip, venv"]),
        without: "published clients are not tried; COFFERDAM_PYTHON names a Python that has them",
    },
    Program {
        packages: &["util-linux"],
        there: || runs("prlimit", &["--version"]),
        without: "a disk that is full under the keyholder is not tried",
    },
    Program {
        packages: &["zstd"],
        there: || runs("zstd", &["--version"]),
        without: "the bundles beside the checkout are not unpacked",
    },
];

/// Installs what is missing; what cannot be had is said and stops nothing.
pub(crate) fn prepare() {
    let missing: Vec<&Program> = PROGRAMS.iter().filter(|program| !(program.there)()).collect();
    if missing.is_empty() {
        return;
    }
    let packages: Vec<&str> =
        missing.iter().flat_map(|program| program.packages).copied().collect();
    if let Err(reason) = install(&packages) {
        say(&format!("{} cannot be installed here: {reason}", packages.join(" ")));
    }
    for program in missing.iter().filter(|program| !(program.there)()) {
        say(&format!(
            "SKIPPED: {}: `apt-get install {}`, or what your system calls it",
            program.without,
            program.packages.join(" ")
        ));
    }
}

fn browser() -> bool {
    std::env::var_os(BROWSER).is_some() || BROWSERS.iter().any(|path| Path::new(path).is_file())
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let quiet =
        Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Asks Debian's package manager; once more with fresh lists, which new machines lack.
fn install(packages: &[&str]) -> Result<(), String> {
    if std::env::var_os(NO_INSTALL).is_some() {
        return Err(format!("{NO_INSTALL} is set"));
    }
    if !Path::new("/etc/debian_version").is_file() {
        return Err("this is no Debian, nor made from it".to_owned());
    }
    let before = if root() {
        &[][..]
    } else if runs("sudo", &["-n", "true"]) {
        &["sudo", "-n"][..]
    } else {
        return Err("that takes root, and sudo asks for a password".to_owned());
    };
    let wanted = [&["install", "-y", "--no-install-recommends"], packages].concat();
    let first = apt_get(before, &wanted);
    first.or_else(|_| apt_get(before, &["update"]).and_then(|()| apt_get(before, &wanted)))
}

/// The folder of this process belongs to who runs it.
fn root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn apt_get(before: &[&str], what: &[&str]) -> Result<(), String> {
    let line = line(before, what);
    say(&format!("$ {}", line.join(" ")));
    let status = Command::new(line[0])
        .args(&line[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("{} cannot be started: {error}", line[0]))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed: {status}", line.join(" "))) }
}

/// `timeout` stands inside of `sudo`, because nobody else may end what root runs.
fn line<'a>(before: &[&'a str], what: &[&'a str]) -> Vec<&'a str> {
    let bounded = ["timeout", "-k", "30", SECONDS_MOST, "env", "DEBIAN_FRONTEND=noninteractive"];
    let patient = ["-q", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::http::Timeout=30"];
    [before, &bounded, &["apt-get"], &patient, what].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_asked_for_without_a_password_and_for_a_bounded_time() {
        let line = line(&["sudo", "-n"], &["install", "-y", "chromium"]);
        assert_eq!(line[..6], ["sudo", "-n", "timeout", "-k", "30", SECONDS_MOST]);
        assert_eq!(line[line.len() - 3..], ["install", "-y", "chromium"]);
    }

    #[test]
    fn what_is_no_program_is_missing() {
        assert!(runs("sh", &["-c", "true"]));
        assert!(!runs("sh", &["-c", "false"]));
        assert!(!runs("cofferdam-no-such-program", &[]));
    }
}
