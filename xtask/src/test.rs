//! Runs every test, after installing what they need.

use crate::{programs, run_in, say};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the folder of bundles that tests on real data read.
const SAMPLE_DATA: &str = "COFFERDAM_SAMPLE_DATA";
/// The same bundles packed, beside the checkout: some machines have them there.
const PACKED: &str = "../shared/data/synthea-r4-100.tar.zst";

/// What the interoperability tests run, unmodified.
const CLIENTS: &[&str] = &["fhirpy==2.3.1", "authlib==1.9.10", "requests==2.34.2"];

pub(crate) fn run(root: &Path) -> Result<(), String> {
    programs::prepare();
    prepare_python(root);
    let mut tests = Command::new("cargo");
    tests.args(["test", "--workspace", "--locked"]).current_dir(root);
    if std::env::var_os(SAMPLE_DATA).is_none() {
        match unpacked(root) {
            Ok(folder) => {
                say(&format!("{SAMPLE_DATA}={}", folder.display()));
                tests.env(SAMPLE_DATA, folder);
            }
            // The tests say so themselves, but a test that passes keeps its words to itself.
            Err(reason) => say(&format!(
                "SKIPPED: {SAMPLE_DATA} names no folder of bundles, and {reason}; tests on them \
                 are not run"
            )),
        }
    }
    say("$ cargo test --workspace --locked");
    let status = tests.status().map_err(|error| format!("cargo cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo test failed: {status}")) }
}

/// The folder of the bundles that lie packed beside the checkout, unpacked once.
fn unpacked(root: &Path) -> Result<PathBuf, String> {
    let target = root.join("target");
    let folder = target.join("sample-data");
    if folder.is_dir() {
        return Ok(folder);
    }
    let packed = root.join(PACKED);
    if !packed.is_file() {
        return Err(format!("there is no {PACKED}"));
    }
    let failed = |error: std::io::Error| format!("{PACKED} cannot be unpacked: {error}");
    let half = target.join("sample-data.half");
    let _ = std::fs::remove_dir_all(&half);
    std::fs::create_dir_all(&half).map_err(failed)?;
    let (packed, into) = (packed.display().to_string(), half.display().to_string());
    let arguments = ["--zstd", "--strip-components=1", "-xf", &packed, "-C", &into];
    run_in(root, "tar", &arguments)?;
    // Under its name only once it is whole.
    std::fs::rename(&half, &folder).map_err(failed)?;
    Ok(folder)
}

/// Published clients for the interoperability tests, in a virtual environment of their own.
///
/// Where Python or the package registry is missing, those tests say so and are skipped.
fn prepare_python(root: &Path) {
    let folder = root.join("target").join("python");
    // Its name says what is in it: one that was made for fewer clients is made again.
    let complete = folder.join(CLIENTS.join(" "));
    if !complete.exists() {
        let path = folder.display().to_string();
        let made = run_in(root, "python3", &["-m", "venv", &path]).and_then(|()| {
            let pip = folder.join("bin").join("pip").display().to_string();
            run_in(root, &pip, &[&["install", "--quiet"], CLIENTS].concat())?;
            std::fs::write(&complete, "").map_err(|error| error.to_string())
        });
        if let Err(reason) = made {
            say(&format!("SKIPPED: no Python clients for the interoperability tests: {reason}"));
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}
