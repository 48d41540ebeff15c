//! Resources compared by value, numbers by their text, references by what they point to.
//!
//! It reads JSON by itself, so that it shares no mistake with the server's own tree.

use data_encoding::HEXLOWER;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Any JSON value; numbers as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Object(BTreeMap<String, Tree>),
    List(Vec<Tree>),
    Text(String),
    Literal(String),
}

impl Tree {
    pub(crate) fn read(text: &str) -> Tree {
        let parsed = match text.trim_start().as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).map(|members: BTreeMap<String, &RawValue>| {
                let read = |(name, value): (String, &RawValue)| (name, Tree::read(value.get()));
                Tree::Object(members.into_iter().map(read).collect())
            }),
            Some(b'[') => serde_json::from_str(text).map(|items: Vec<&RawValue>| {
                Tree::List(items.into_iter().map(|item| Tree::read(item.get())).collect())
            }),
            Some(b'"') => serde_json::from_str(text).map(Tree::Text),
            _ => Ok(Tree::Literal(text.trim().to_owned())),
        };
        parsed.unwrap_or_else(|error| panic!("not JSON: {error}"))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        let Tree::Object(members) = self else { return None };
        members.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Tree::Text(text)) => text,
            _ => "",
        }
    }

    /// The text itself.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Tree::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn items(&self, name: &str) -> &[Tree] {
        match self.get(name) {
            Some(Tree::List(items)) => items,
            _ => &[],
        }
    }

    pub(crate) fn kind(&self) -> &str {
        self.text("resourceType")
    }

    /// The resource without what a server sets: id, version, time.
    pub(crate) fn bare(mut self) -> Tree {
        let Tree::Object(members) = &mut self else { return self };
        members.remove("id");
        if let Some(Tree::Object(meta)) = members.get_mut("meta") {
            meta.remove("versionId");
            meta.remove("lastUpdated");
            if meta.is_empty() {
                members.remove("meta");
            }
        }
        self
    }

    /// Puts something else in the place of every reference.
    pub(crate) fn change_references(&mut self, change: &dyn Fn(&str) -> String) {
        match self {
            Tree::Object(members) => {
                for (name, value) in members {
                    match value {
                        Tree::Text(text) if name == "reference" => *text = change(text),
                        value => value.change_references(change),
                    }
                }
            }
            Tree::List(items) => items.iter_mut().for_each(|item| item.change_references(change)),
            Tree::Text(_) | Tree::Literal(_) => {}
        }
    }

    /// Numbers as most clients read them, in 64 bits.
    fn by_value(self) -> Tree {
        match self {
            Tree::Object(members) => {
                Tree::Object(members.into_iter().map(|(n, v)| (n, v.by_value())).collect())
            }
            Tree::List(items) => Tree::List(items.into_iter().map(Tree::by_value).collect()),
            Tree::Literal(text) => match text.parse::<f64>() {
                Ok(number) => Tree::Literal(number.to_string()),
                Err(_) => Tree::Literal(text),
            },
            text => text,
        }
    }

    /// JSON with members by name.
    pub(crate) fn to_text(&self) -> String {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        match self {
            Tree::Object(members) => {
                let member = |(n, v): (&String, &Tree)| format!("{}:{}", quoted(n), v.to_text());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
            Tree::List(items) => {
                format!("[{}]", items.iter().map(Tree::to_text).collect::<Vec<_>>().join(","))
            }
            Tree::Text(text) => quoted(text),
            Tree::Literal(text) => text.clone(),
        }
    }
}

/// Resources by the names under which they refer to each other.
pub(crate) struct Graph(BTreeMap<String, Tree>);

/// So many steps of references are followed.
pub(crate) const STEPS: usize = 6;

impl Graph {
    pub(crate) fn new(resources: impl IntoIterator<Item = (String, Tree)>) -> Graph {
        Graph(resources.into_iter().map(|(name, tree)| (name, tree.bare())).collect())
    }

    /// The same for a client that reads numbers as floating point.
    pub(crate) fn by_value(resources: impl IntoIterator<Item = (String, Tree)>) -> Graph {
        Graph::new(resources.into_iter().map(|(name, tree)| (name, tree.by_value())))
    }

    /// How often each resource is there, of all that are not in the directory: by content, at two
    /// steps the content of what it refers to as well, and so on. The text is the content.
    pub(crate) fn contents(&self, steps: usize) -> BTreeMap<String, usize> {
        let mut names: BTreeMap<&str, String> =
            self.0.iter().map(|(name, tree)| (name.as_str(), tree.kind().to_owned())).collect();
        let mut texts = BTreeMap::new();
        for _ in 0..steps {
            texts =
                self.0.iter().map(|(name, tree)| (name.as_str(), named(tree, &names))).collect();
            let hash = |text: &String| HEXLOWER.encode(&keyproto::jws::sha256(text.as_bytes()));
            names = texts.iter().map(|(name, text)| (*name, hash(text))).collect();
        }
        let mut contents = BTreeMap::new();
        for (name, text) in texts {
            if !is_directory(self.0[name].kind()) {
                *contents.entry(text).or_default() += 1;
            }
        }
        contents
    }
}

pub(crate) fn is_directory(kind: &str) -> bool {
    matches!(kind, "Organization" | "Practitioner" | "PractitionerRole" | "Location")
}

fn named(tree: &Tree, names: &BTreeMap<&str, String>) -> String {
    let mut tree = tree.clone();
    tree.change_references(&|name| names.get(name).cloned().unwrap_or_else(|| name.to_owned()));
    tree.to_text()
}

#[test]
fn graphs_are_equal_whatever_their_resources_are_called() {
    let graph = |names: [&str; 3], value: &str| {
        let observation = |of: &str, value: &str| {
            let text = format!(
                r#"{{"resourceType":"Observation","id":"x","meta":{{"versionId":"1"}},
                    "valueQuantity":{{"value":{value}}},"subject":{{"reference":"{of}"}}}}"#
            );
            Tree::read(&text)
        };
        let patient = Tree::read(r#"{"resourceType":"Patient","birthDate":"1970-01-01"}"#);
        Graph::new([
            (names[0].to_owned(), patient),
            (names[1].to_owned(), observation(names[0], value)),
            (names[2].to_owned(), observation(names[0], "2")),
        ])
        .contents(STEPS)
    };
    let one = graph(["urn:uuid:1", "urn:uuid:2", "urn:uuid:3"], "1.0");
    assert_eq!(one, graph(["Patient/b", "Observation/c", "Observation/a"], "1.0"));
    assert_ne!(one, graph(["Patient/b", "Observation/c", "Observation/a"], "1.00"));
    assert_ne!(one, graph(["Patient/b", "Observation/c", "Observation/a"], "2"));
    assert_ne!(one, graph(["#b", "Observation/c", "Observation/c"], "1.0"), "one is missing");
}
