//! Which crate may use which: the rules of docs/ARCHITECTURE.md, held against the package graph.

use crate::{say, tidy};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

/// What each crate may use of ours, directly, outside tests. The same table is in ARCHITECTURE.md.
const MAY_USE: &[(&str, &str)] = &[
    ("terms", ""),
    ("walls", ""),
    ("seal", "terms"),
    ("ledger", "terms"),
    ("keyproto", "terms"),
    ("decision", "terms ledger keyproto"),
    ("keyholder", "terms walls seal ledger keyproto decision"),
    ("store", "terms"),
    ("fhir", "terms"),
    ("record", "terms ledger seal keyproto store fhir"),
    ("cards", "terms keyproto"),
    ("intake", "terms"),
    ("web", "terms keyproto fhir record cards intake"),
    ("export", "terms ledger keyproto record"),
    ("witness", "ledger"),
    ("watch", "terms ledger decision"),
    ("drill", "terms keyproto cards"),
    ("incident", "terms ledger"),
    ("retention", "terms ledger"),
    ("print", ""),
    ("letters", "terms print"),
    ("post", "terms keyproto incident export letters"),
    ("world", ""),
    ("lab", "terms ledger keyproto decision cards watch world"),
    (
        "cofferdam",
        "terms walls seal ledger keyproto decision keyholder store fhir record cards \
         web drill incident letters post export intake retention print witness watch lab world",
    ),
    ("xtask", ""),
];

/// What no crate in the left column may reach, by any way.
const NEVER_REACHES: &[(&str, &str, &str)] = &[
    ("store", "seal", "what keeps bytes cannot decrypt them"),
    ("store", "fhir", "what keeps bytes cannot read them"),
    ("cards", "seal", "cards never touch plaintext"),
    ("cards", "record", "cards never touch plaintext"),
    ("decision", "seal", "what decides holds no key"),
    ("decision", "rusqlite", "what decides is pure"),
    ("decision", "nix", "what decides is pure"),
    ("keyholder", "fhir", "the keyholder never sees a record"),
    ("keyholder", "store", "the keyholder never sees a record"),
    ("keyholder", "tokio", "the keyholder stays small: no async runtime"),
    ("keyholder", "hyper", "the keyholder stays small: no HTTP"),
    ("keyholder", "rustls", "the keyholder has no network"),
    ("incident", "seal", "what says who was affected opens no file"),
    ("letters", "seal", "what writes a letter opens no file"),
    ("retention", "seal", "what says when a period is over erases nothing"),
    ("retention", "keyholder", "what says when a period is over erases nothing"),
    ("watch", "seal", "what watches holds no key"),
    ("watch", "keyholder", "what watches decides nothing"),
    ("watch", "rusqlite", "what watches is pure"),
    ("watch", "rustls", "what watches is pure"),
    ("watch", "tokio", "what watches is pure"),
    ("lab", "keyholder", "trials are words about made-up files"),
    ("lab", "seal", "trials are words about made-up files"),
    ("decision", "lab", "what decides must not know what it is measured on"),
    ("watch", "lab", "what detects must not know what it is measured on"),
    ("drill", "seal", "an attacker is a client, from outside"),
    ("drill", "keyholder", "an attacker is a client, from outside"),
    ("intake", "seal", "what takes reports in cannot open files"),
    ("intake", "tokio", "what takes reports in is pure but for its folder"),
    ("world", "terms", "a world that knows limits could be made to fit them"),
    ("world", "rand", "a seed must give the same world after an upgrade"),
    ("decision", "world", "what decides must not know what it is measured on"),
    ("watch", "world", "what detects must not know what it is measured on"),
];

/// The keyholder family: every third-party crate it pulls in stands in this list with a reason.
const FAMILY: &[&str] = &["keyholder", "decision", "seal", "keyproto", "ledger", "terms", "walls"];
/// The feature of `terms` that plants bugs.
const PLANTED: &str = "planted";
/// A core without signatures, for trials alone.
const TRIAL: &str = "Trial";
const FAMILY_LIST: &str = "docs/keyholder-dependencies.md";

pub(crate) fn check(root: &Path) -> Result<(), String> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .map_err(|error| format!("the package graph cannot be read: {error}"))?;
    let graph = Graph::of(&metadata)?;
    let mut broken = graph.direct_edges_broken();
    broken.extend(graph.reaches_broken());
    broken.extend(graph.family_broken(root)?);
    broken.extend(planted(&metadata));
    broken.extend(trials(root)?);
    broken.extend(drift(root)?);
    if broken.is_empty() {
        say("boundaries: every rule of docs/ARCHITECTURE.md holds");
        Ok(())
    } else {
        Err(format!("boundaries broken:\n  {}", broken.join("\n  ")))
    }
}

struct Graph {
    /// Short name of each package: ours without the prefix.
    names: BTreeMap<PackageId, String>,
    ours: BTreeSet<String>,
    /// Normal and build dependencies, by short name.
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn of(metadata: &Metadata) -> Result<Graph, String> {
        let names: BTreeMap<_, _> = metadata
            .packages
            .iter()
            .map(|p| (p.id.clone(), p.name.trim_start_matches("cofferdam-").to_owned()))
            .collect();
        let ours =
            metadata.workspace_members.iter().filter_map(|id| names.get(id).cloned()).collect();
        let resolve = metadata.resolve.as_ref().ok_or("the package graph is empty")?;
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in &resolve.nodes {
            let from = names.get(&node.id).cloned().unwrap_or_default();
            let used = node.deps.iter().filter(|dep| {
                dep.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
            });
            let used = used.filter_map(|dep| names.get(&dep.pkg).cloned());
            edges.entry(from).or_default().extend(used);
        }
        Ok(Graph { names, ours, edges })
    }

    fn direct_edges_broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for name in &self.ours {
            let Some((_, allowed)) = MAY_USE.iter().find(|(crate_, _)| crate_ == name) else {
                broken.push(format!("{name}: not in the table of crates; decide what it may use"));
                continue;
            };
            let allowed: BTreeSet<_> = allowed.split(' ').collect();
            for used in self.edges.get(name).into_iter().flatten() {
                if self.ours.contains(used) && !allowed.contains(used.as_str()) {
                    broken.push(format!("{name} uses {used}: it may use only {allowed:?}"));
                }
            }
        }
        broken
    }

    fn reaches_broken(&self) -> Vec<String> {
        let broken = NEVER_REACHES.iter().filter(|(from, to, _)| self.closure(from).contains(*to));
        broken.map(|(from, to, why)| format!("{from} reaches {to}: {why}")).collect()
    }

    fn closure(&self, from: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut queue = VecDeque::from([from.to_owned()]);
        while let Some(name) = queue.pop_front() {
            for used in self.edges.get(&name).into_iter().flatten() {
                if seen.insert(used.clone()) {
                    queue.push_back(used.clone());
                }
            }
        }
        seen
    }

    /// The committed list names exactly the third-party crates of the family.
    fn family_broken(&self, root: &Path) -> Result<Vec<String>, String> {
        let text = std::fs::read_to_string(root.join(FAMILY_LIST))
            .map_err(|error| format!("{FAMILY_LIST}: {error}"))?;
        let listed: BTreeSet<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned))
            .collect();
        let reached: BTreeSet<String> = self
            .closure("keyholder")
            .into_iter()
            .filter(|name| !FAMILY.contains(&name.as_str()))
            .collect();
        let missing = reached
            .difference(&listed)
            .map(|name| format!("the keyholder pulls in {name}: give its reason in {FAMILY_LIST}"));
        let stale = listed.difference(&reached).map(|name| {
            format!("{FAMILY_LIST} names {name}, which the keyholder does not pull in")
        });
        debug_assert!(!self.names.is_empty());
        Ok(missing.chain(stale).collect())
    }
}

/// Planted bugs are for tests: nothing that is built for use asks for them, by itself or by a
/// feature of its own.
fn planted(metadata: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    for package in metadata.workspace_packages() {
        let asks = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
        let features = asks.flat_map(|dependency| &dependency.features);
        let features = features.chain(package.features.values().flatten());
        if features.into_iter().any(|feature| feature.contains(PLANTED)) {
            broken.push(format!("{} has bugs planted outside of tests", package.name));
        }
    }
    broken
}

/// A trial decides without signatures, so no keyholder so much as mentions one.
fn trials(root: &Path) -> Result<Vec<String>, String> {
    let files = tidy::sources(&root.join("crates/keyholder"))?;
    let mention = files.into_iter().filter(|(_, text)| text.contains(TRIAL));
    Ok(mention.map(|(name, _)| format!("{name} mentions {TRIAL}: it decides unsigned")).collect())
}

/// ARCHITECTURE.md carries the same table.
fn drift(root: &Path) -> Result<Vec<String>, String> {
    let path = "docs/ARCHITECTURE.md";
    let text =
        std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
    let broken = MAY_USE.iter().filter(|(name, uses)| {
        let uses = if uses.is_empty() { "nothing of ours" } else { uses };
        !text.lines().any(|line| {
            line.starts_with(&format!("| `{name}` |")) && line.ends_with(&format!("| {uses} |"))
        })
    });
    Ok(broken.map(|(name, _)| format!("{path} says otherwise of {name} than the rules")).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_boundaries_hold() {
        super::check(&crate::root()).unwrap();
    }
}
