//! Runs every test, after installing what they need.

use crate::{run_in, say};
use std::path::Path;

/// What the interoperability tests run, unmodified.
const CLIENTS: &[&str] = &["fhirpy==2.3.1", "authlib==1.9.10", "requests==2.34.2"];

pub(crate) fn run(root: &Path) -> Result<(), String> {
    prepare_python(root);
    // The tests say so themselves, but a test that passes keeps its words to itself.
    if std::env::var_os("COFFERDAM_SAMPLE_DATA").is_none() {
        say("SKIPPED: COFFERDAM_SAMPLE_DATA names no folder of bundles; tests on them are not run");
    }
    run_in(root, "cargo", &["test", "--workspace", "--locked"])
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
