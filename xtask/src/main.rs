//! Developer commands: `cargo xtask test | ci | tidy | boundaries | fuzz | generate`.

mod boundaries;
mod checks;
mod definitions;
mod fuzz;
mod programs;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  test        install what the tests need, then run every test
  ci          what CI runs: format, clippy, boundaries, tidy, licences, test, a short fuzz
  boundaries  check which crate may use which (docs/ARCHITECTURE.md)
  tidy        check sizes, names and leftovers (docs/style.md)
  fuzz        run every fuzz target for 10 seconds, or `fuzz SECONDS [TARGET]`
  generate    distil the R4 definitions again (needs npm)
  help        this text
";

fn main() -> ExitCode {
    let root = root();
    let command = std::env::args().nth(1).unwrap_or_default();
    let outcome = match command.as_str() {
        "test" => test::run(&root),
        "ci" => ci(&root),
        "boundaries" => boundaries::check(&root),
        "tidy" => tidy::check(&root),
        "fuzz" => fuzz::run(&root, &std::env::args().skip(2).collect::<Vec<_>>()),
        "generate" => definitions::generate(&root),
        "help" | "--help" | "-h" => {
            say(HELP);
            Ok(())
        }
        _ => Err(format!("there is no command `{command}`.\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            say(&format!("xtask: {reason}"));
            ExitCode::FAILURE
        }
    }
}

/// Seconds that CI gives to each fuzz target.
const FUZZ_SECONDS: &str = "3";

fn ci(root: &Path) -> Result<(), String> {
    checks::run(root)?;
    fuzz::run(root, &[FUZZ_SECONDS.to_owned()])?;
    test::run(root)
}

/// The workspace's folder: the one above this crate's.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_path_buf(), Path::to_path_buf)
}

/// Prints a line; this is a command for people.
#[expect(clippy::print_stdout, reason = "a command for people")]
fn say(line: &str) {
    println!("{line}");
}

/// Runs a program in a folder and fails where it fails.
fn run_in(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    say(&format!("$ {program} {}", arguments.join(" ")));
    let status = std::process::Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .status()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{program} {} failed: {status}", arguments.join(" ")))
    }
}
