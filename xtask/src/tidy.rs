//! Style that a machine can hold: sizes, names, leftovers. The reasons are in docs/style.md.

use crate::say;
use std::path::{Path, PathBuf};

/// Longest file, tests excluded, in lines.
const FILE_LINES_MAX: usize = 500;
/// Longest function, in lines.
const FUNCTION_LINES_MAX: usize = 70;
/// Longest line, in characters.
const LINE_CHARACTERS_MAX: usize = 100;
/// Most lines of code of the keyholder family together, without comments, blank lines and tests.
/// An afternoon's reading would be 3,000 (docs/decisions/0013-size-of-the-keyholder.md): this
/// number grows by a decision alone.
const FAMILY_LINES_MAX: usize = 11_700;
const FAMILY: &[&str] = &["keyholder", "decision", "seal", "keyproto", "ledger", "walls"];
/// Most lines of what decides, counted the same way: an afternoon's reading.
const DECISION_LINES_MAX: usize = 3_850;
/// Words that say nothing about what is in a file.
const EMPTY_NAMES: &[&str] =
    &["common", "core_", "helper", "helpers", "manager", "misc", "util", "utils"];
/// What nobody commits.
const LEFTOVERS: &[&str] =
    &["todo!(", "unimplemented!(", "dbg!(", concat!("FIX", "ME"), concat!("XX", "X:")];
/// Crates in which a panic is a breach of a promise.
const NO_PANIC: &[&str] =
    &["terms", "walls", "seal", "ledger", "keyproto", "decision", "keyholder"];

pub(crate) fn check(root: &Path) -> Result<(), String> {
    let mut files = Vec::new();
    for folder in ["crates", "xtask"] {
        collect(&root.join(folder), &mut files).map_err(|error| format!("tidy: {error}"))?;
    }
    let mut found = Vec::new();
    let (mut family_lines, mut decision_lines) = (0, 0);
    for path in &files {
        let text = std::fs::read_to_string(path).map_err(|error| format!("tidy: {error}"))?;
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let code = without_tests(&text);
        if FAMILY.iter().any(|c| name.starts_with(&format!("crates/{c}/src/"))) && !is_test(&name) {
            let lines = code.lines().filter(|line| is_code(line)).count();
            family_lines += lines;
            decision_lines += if name.starts_with("crates/decision/") { lines } else { 0 };
        }
        found.extend(file(&name, &text, code));
    }
    if family_lines > FAMILY_LINES_MAX {
        found.push(format!(
            "{} have {family_lines} lines of code; {FAMILY_LINES_MAX} is the most",
            FAMILY.join(", ")
        ));
    }
    if decision_lines > DECISION_LINES_MAX {
        found.push(format!(
            "decision has {decision_lines} lines of code; {DECISION_LINES_MAX} is the most"
        ));
    }
    if found.is_empty() {
        say(&format!(
            "tidy: {} files; decision {decision_lines} lines of code, keyholder family \
             {family_lines}",
            files.len()
        ));
        Ok(())
    } else {
        Err(format!("tidy:\n  {}", found.join("\n  ")))
    }
}

/// Every source file in a folder, by its path, with its text.
pub(crate) fn sources(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
    let read = |path: PathBuf| {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        Ok((name, text))
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|n| n != "target") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with("//")
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs")
        || name.ends_with("/faults.rs")
        || ["/tests/", "/examples/", "/benches/"].iter().any(|folder| name.contains(folder))
}

/// Inline tests stand last in a file, so everything before them is the code.
fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\nmod tests {").map_or(text, |at| &text[..at])
}

fn file(name: &str, text: &str, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = code.lines().count();
    if lines > FILE_LINES_MAX && !is_test(name) {
        found.push(format!("{name}: {lines} lines; split it by concept"));
    }
    let stem = Path::new(name).file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        found.push(format!("{name}: the name says nothing; name the concept"));
    }
    for (number, line) in text.lines().enumerate() {
        let at = format!("{name}:{}", number + 1);
        if line.chars().count() > LINE_CHARACTERS_MAX && !line.contains("http") {
            found.push(format!("{at}: longer than {LINE_CHARACTERS_MAX} characters"));
        }
        if name != "xtask/src/tidy.rs" && LEFTOVERS.iter().any(|word| line.contains(word)) {
            found.push(format!("{at}: a leftover"));
        }
    }
    if !is_test(name) {
        found.extend(long_functions(name, code));
        if NO_PANIC.iter().any(|c| name.starts_with(&format!("crates/{c}/src/"))) {
            found.extend(panics(name, code));
        }
    }
    found
}

/// A function ends at the first line that is a brace with the indentation of its first.
fn long_functions(name: &str, code: &str) -> Vec<String> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indentation = line.len() - body.len();
        let is_function =
            ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "async fn ", "pub async fn "]
                .iter()
                .any(|prefix| body.starts_with(prefix));
        if !is_function {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indentation));
        let length = lines[start..].iter().position(|l| *l == end).unwrap_or(0);
        if length > FUNCTION_LINES_MAX {
            found.push(format!("{name}:{}: a function of {length} lines; split it", start + 1));
        }
    }
    found
}

fn panics(name: &str, code: &str) -> Vec<String> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let may_panic = [".unwrap()", ".expect(", "panic!(", "unreachable!("]
            .iter()
            .any(|call| line.contains(call));
        let from = number.saturating_sub(3);
        let argued = lines[from..=number].iter().any(|l| l.contains("Invariant:"));
        let comment = line.trim_start().starts_with("//");
        if may_panic && !argued && !comment {
            found.push(format!("{name}:{}: may panic; say `Invariant:` and why not", number + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_tidy() {
        super::check(&crate::root()).unwrap();
    }
}
