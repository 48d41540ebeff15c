//! JSON Patch (RFC 6902) on the lossless tree.

use crate::Json;
use crate::decimal::Decimal;
use std::collections::HashMap;

/// Why a patch was refused. Operations are named by their position, from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The patch is not an array of operations with the members RFC 6902 demands.
    #[error("operation {operation} is not one that RFC 6902 knows")]
    Malformed {
        /// Position of the operation.
        operation: usize,
    },
    /// A pointer leads nowhere.
    #[error("operation {operation} points at nothing")]
    NotThere {
        /// Position of the operation.
        operation: usize,
    },
    /// A `test` found another value.
    #[error("the test of operation {operation} failed")]
    TestFailed {
        /// Position of the operation.
        operation: usize,
    },
    /// The result would be nested too deeply or be too large.
    #[error("operation {operation} makes the document too large")]
    TooLarge {
        /// Position of the operation.
        operation: usize,
    },
}

/// The document with every operation of the patch applied, or an error and no change.
pub fn apply(document: &Json, patch: &Json) -> Result<Json, PatchError> {
    let Json::Array(operations) = patch else {
        return Err(PatchError::Malformed { operation: 0 });
    };
    if operations.len() > OPERATIONS_MAX {
        return Err(PatchError::TooLarge { operation: OPERATIONS_MAX });
    }
    let mut patched = document.clone();
    // Copying a large part again and again must not grow without bound.
    let mut values_left = VALUES_MAX;
    for (at, operation) in operations.iter().enumerate() {
        let result = step(&mut patched, operation, &mut values_left);
        result.map_err(|fault| fault.at(at))?;
    }
    Ok(patched)
}

const OPERATIONS_MAX: usize = 1000;
/// Values that all operations together may put in.
const VALUES_MAX: usize = 100_000;
const DEPTH_MAX: usize = 64;

/// An error before it is known which operation it belongs to.
#[derive(Clone, Copy)]
enum Fault {
    Malformed,
    NotThere,
    TestFailed,
    TooLarge,
}

impl Fault {
    fn at(self, operation: usize) -> PatchError {
        match self {
            Fault::Malformed => PatchError::Malformed { operation },
            Fault::NotThere => PatchError::NotThere { operation },
            Fault::TestFailed => PatchError::TestFailed { operation },
            Fault::TooLarge => PatchError::TooLarge { operation },
        }
    }
}

fn step(document: &mut Json, operation: &Json, values_left: &mut usize) -> Result<(), Fault> {
    let pointer = |name| parse(operation.text(name).ok_or(Fault::Malformed)?);
    let value = || operation.get("value").ok_or(Fault::Malformed);
    let path = pointer("path")?;
    match operation.text("op").ok_or(Fault::Malformed)? {
        "add" => add(document, &path, value()?.clone(), values_left),
        "remove" => remove(document, &path).map(drop),
        "replace" => {
            let value = value()?.clone();
            charge(&path, &value, values_left)?;
            *find_mut(document, &path)? = value;
            Ok(())
        }
        "move" => {
            let from = pointer("from")?;
            if path.len() > from.len() && path.starts_with(&from) {
                return Err(Fault::Malformed);
            }
            let value = remove(document, &from)?;
            add(document, &path, value, values_left)
        }
        "copy" => {
            let value = find_mut(document, &pointer("from")?)?.clone();
            add(document, &path, value, values_left)
        }
        "test" => match is_equal(find_mut(document, &path)?, value()?) {
            true => Ok(()),
            false => Err(Fault::TestFailed),
        },
        _ => Err(Fault::Malformed),
    }
}

/// The parts of a JSON Pointer (RFC 6901), unescaped.
fn parse(pointer: &str) -> Result<Vec<String>, Fault> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let parts = pointer.strip_prefix('/').ok_or(Fault::Malformed)?;
    let unescape = |part: &str| {
        let is_bad = part.split('~').skip(1).any(|after| !after.starts_with(['0', '1']));
        if is_bad { Err(Fault::Malformed) } else { Ok(part.replace("~1", "/").replace("~0", "~")) }
    };
    parts.split('/').map(unescape).collect()
}

fn find_mut<'j>(document: &'j mut Json, path: &[String]) -> Result<&'j mut Json, Fault> {
    path.iter().try_fold(document, |place, part| match place {
        Json::Object(object) => object.get_mut(part).ok_or(Fault::NotThere),
        Json::Array(items) => {
            let at = position(part, items.len())?;
            items.get_mut(at).ok_or(Fault::NotThere)
        }
        _ => Err(Fault::NotThere),
    })
}

/// A position in an array of this length; its end is a position too, and `-` is its name.
fn position(part: &str, length: usize) -> Result<usize, Fault> {
    if part == "-" {
        return Ok(length);
    }
    let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || (part.len() > 1 && part.starts_with('0')) {
        return Err(Fault::Malformed);
    }
    part.parse().ok().filter(|at| *at <= length).ok_or(Fault::NotThere)
}

fn add(
    document: &mut Json,
    path: &[String],
    value: Json,
    values_left: &mut usize,
) -> Result<(), Fault> {
    charge(path, &value, values_left)?;
    let Some((last, parents)) = path.split_last() else {
        *document = value;
        return Ok(());
    };
    match find_mut(document, parents)? {
        Json::Object(object) => drop(object.insert(last, value)),
        Json::Array(items) => items.insert(position(last, items.len())?, value),
        _ => return Err(Fault::NotThere),
    }
    Ok(())
}

fn remove(document: &mut Json, path: &[String]) -> Result<Json, Fault> {
    let Some((last, parents)) = path.split_last() else {
        return Ok(std::mem::take(document));
    };
    match find_mut(document, parents)? {
        Json::Object(object) => object.remove(last).ok_or(Fault::NotThere),
        Json::Array(items) => {
            let at = position(last, items.len())?;
            if at < items.len() { Ok(items.remove(at)) } else { Err(Fault::NotThere) }
        }
        _ => Err(Fault::NotThere),
    }
}

/// Counts what is put in against the limits.
fn charge(path: &[String], value: &Json, values_left: &mut usize) -> Result<(), Fault> {
    let (values, depth) = measure(value);
    *values_left = values_left.checked_sub(values).ok_or(Fault::TooLarge)?;
    if path.len() + depth > DEPTH_MAX { Err(Fault::TooLarge) } else { Ok(()) }
}

/// How many values, and how deep.
fn measure(value: &Json) -> (usize, usize) {
    let deeper = |(values, depth): (usize, usize), inner: &Json| {
        let (more, below) = measure(inner);
        (values + more, depth.max(below + 1))
    };
    match value {
        Json::Array(items) => items.iter().fold((1, 1), deeper),
        Json::Object(object) => object.iter().map(|(_, value)| value).fold((1, 1), deeper),
        _ => (1, 0),
    }
}

/// Equal as RFC 6902 has it: objects in any order, numbers by value.
fn is_equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            Decimal::parse(a.as_str()).cmp(&Decimal::parse(b.as_str())).is_eq()
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            // By a map, for looking up each name in turn is quadratic in wide objects.
            let others: HashMap<&str, &Json> = b.iter().collect();
            let found = |(name, value): (&str, &Json)| {
                others.get(name).is_some_and(|other| is_equal(value, other))
            };
            a.len() == b.len() && a.iter().all(found)
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests;
