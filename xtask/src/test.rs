//! Runs every test, after installing what they need.

use crate::{run_in, say};
use std::path::Path;

pub(crate) fn run(root: &Path) -> Result<(), String> {
    prepare_python(root);
    // The tests say so themselves, but a test that passes keeps its words to itself.
    if std::env::var_os("COFFERDAM_SAMPLE_DATA").is_none() {
        say("SKIPPED: COFFERDAM_SAMPLE_DATA names no folder of bundles; tests on them are not run");
    }
    run_in(root, "cargo", &["test", "--workspace", "--locked"])
}

/// A published FHIR client for the interoperability test, in a virtual environment of its own.
///
/// Where Python or the package registry is missing, that one test says so and is skipped.
fn prepare_python(root: &Path) {
    let folder = root.join("target").join("python");
    let client = folder.join("bin").join("python");
    if !client.exists() {
        let path = folder.display().to_string();
        let made = run_in(root, "python3", &["-m", "venv", &path]).and_then(|()| {
            let pip = folder.join("bin").join("pip").display().to_string();
            run_in(root, &pip, &["install", "--quiet", "fhirpy==2.3.1"])
        });
        if let Err(reason) = made {
            say(&format!("SKIPPED: no Python FHIR client for the interoperability test: {reason}"));
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}
