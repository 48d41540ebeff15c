//! Tests that run themselves again as another process.

#![allow(dead_code, reason = "each test uses a part")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use store::NewSegment;
use terms::{FileId, Section};

pub(crate) use store::conformance::{file, sealed};

/// Set in the child: the folder of the store. The same test does the child's part then.
pub(crate) const CHILD_FOLDER: &str = "COFFERDAM_STORE_TEST_FOLDER";

/// A command that runs only this test of the same program, as the child.
pub(crate) fn again_as_child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(CHILD_FOLDER, folder).stdout(Stdio::piped());
    command
}

/// Tells the parent something, on a line of its own that ends with a mark, to notice a cut.
pub(crate) fn tell(what: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{what} .\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// A segment of the section `history`.
pub(crate) fn segment(file: FileId, sequence: u32, bytes: &[u8]) -> NewSegment<'_> {
    store::conformance::segment(file, sequence, Section::History, bytes)
}
