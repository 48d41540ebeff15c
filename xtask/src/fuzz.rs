//! Fuzzing: builds the targets with coverage counters on stable Rust and runs each for a while.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What lets libFuzzer see which code an input reaches; all of it is stable.
const COVERAGE: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// How long each target runs where nobody says.
const SECONDS: u32 = 10;
/// An allocation that needs more address space than this many KiB is a crash.
const MEMORY_KIB: u32 = 1024 * 1024;
/// Longest input, in bytes.
const INPUT_BYTES_MAX: u32 = 64 * 1024;

/// Runs every target, or the one that is named, for some seconds; a crash fails.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let seconds = match arguments.first() {
        Some(text) => text.parse().map_err(|_| format!("`{text}` is no number of seconds"))?,
        None => SECONDS,
    };
    let mut targets = targets(root)?;
    if let Some(name) = arguments.get(1) {
        targets.retain(|target| target == name);
    }
    if targets.is_empty() {
        return Err("there is no such target in fuzz/src/targets".into());
    }
    let program = build(root)?;
    let crashed: Vec<String> =
        targets.iter().filter_map(|target| fuzz(root, &program, target, seconds).err()).collect();
    if crashed.is_empty() { Ok(()) } else { Err(crashed.join("\n")) }
}

/// The names of the targets: one file each.
fn targets(root: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("fuzz/src/targets");
    let files = folder.read_dir().map_err(|error| format!("{}: {error}", folder.display()))?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_string());
    let mut names: Vec<_> = files.flatten().filter_map(|file| stem(file.path())).collect();
    names.sort();
    Ok(names)
}

/// Builds the one program that holds all targets.
fn build(root: &Path) -> Result<PathBuf, String> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |folder| root.join(folder))
        .join("fuzz");
    let host = host()?;
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--target", &host, "--target-dir"])
        .arg(&folder)
        .current_dir(root.join("fuzz"))
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\x1f"))
        .status()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if status.success() {
        Ok(folder.join(host).join("release/cofferdam-fuzz"))
    } else {
        Err(format!("building the fuzz targets failed: {status}"))
    }
}

/// The name of this machine's platform: with it, cargo leaves build scripts without counters.
fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output();
    let output = output.map_err(|error| format!("rustc cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_string).ok_or_else(|| "rustc does not say what it runs on".into())
}

/// Runs one target and says what it reached.
fn fuzz(root: &Path, program: &Path, target: &str, seconds: u32) -> Result<(), String> {
    let folder = |name: &str| root.join("fuzz").join(name).join(target);
    let (corpus, crashes, seeds) = (folder("corpus"), folder("artifacts"), folder("seeds"));
    for folder in [&corpus, &crashes] {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -v {MEMORY_KIB} && exec \"$@\""), "sh"])
        .arg(program)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .args(["-timeout=5", "-rss_limit_mb=512", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/", crashes.display()));
    let dictionary = root.join("fuzz/dictionaries").join(target).with_extension("dict");
    if dictionary.exists() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    command.arg(&corpus).arg(&seeds);
    // The last lines show the panic, not how libFuzzer came there.
    command.env("COFFERDAM_FUZZ_TARGET", target).env("RUST_BACKTRACE", "0");
    let seen = watch(&mut command).map_err(|error| format!("{target}: {error}"))?;
    crate::say(&format!(
        "{target:<12} {:>10} executions  {:>6} edges, {:>6} by seeds",
        seen.executions, seen.edges, seen.edges_of_seeds
    ));
    if seen.succeeded {
        return Ok(());
    }
    crate::say(&seen.last_lines.join("\n"));
    let place = seen.crash.unwrap_or_else(|| crashes.display().to_string());
    Err(format!("{target} crashed; its input: {place}"))
}

/// What a run showed.
#[derive(Default)]
struct Seen {
    executions: u64,
    edges: u64,
    edges_of_seeds: u64,
    crash: Option<String>,
    last_lines: Vec<String>,
    succeeded: bool,
}

/// Runs to the end, reading what libFuzzer writes.
fn watch(command: &mut Command) -> std::io::Result<Seen> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut seen = Seen::default();
    for line in child.stderr.take().into_iter().flat_map(|pipe| BufReader::new(pipe).split(b'\n')) {
        let line = String::from_utf8_lossy(&line?).into_owned();
        seen.read(line);
    }
    seen.succeeded = child.wait()?.success();
    // Where targets that read files put them; libFuzzer ends without giving them a chance to.
    let scratch = format!("/dev/shm/cofferdam-fuzz-{}", child.id());
    let _ = std::fs::remove_dir_all(scratch);
    Ok(seen)
}

impl Seen {
    fn read(&mut self, line: String) {
        let number = |text: &str| text.split_whitespace().next().and_then(|n| n.parse().ok());
        if let Some(edges) = line.split_once(" cov: ").and_then(|(_, rest)| number(rest)) {
            self.edges = edges;
            if line.contains("INITED") {
                self.edges_of_seeds = edges;
            }
        }
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:").and_then(number) {
            self.executions = count;
        }
        if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.crash = Some(path.to_string());
        }
        self.last_lines.push(line);
        if self.last_lines.len() > 40 {
            self.last_lines.remove(0);
        }
    }
}
