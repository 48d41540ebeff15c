//! What references inside a Bundle mean by its entries.
//!
//! As R4 has it: a relative reference is first one to the server that its own entry's `fullUrl`
//! names. Only where that says nothing, a `Type/id` is taken for the one entry that is called so.

use fhir::IssueCode;
use fhir::references::{Target, for_each_reference, target};
use std::collections::{BTreeSet, HashMap};

use crate::errors::WriteError;
use crate::resolving::issue;
use crate::transaction::{Act, Asked};

/// So many entries of one `Type/id` are told apart; of more, nobody looks which is meant.
const NAMESAKES_MAX: usize = 8;

/// The entries of a Bundle by all that they may be called.
#[derive(Default)]
pub(crate) struct Names {
    entries: Vec<Entry>,
    by_url: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    /// The server that entries without an address of their own are taken to come from.
    home: Option<String>,
}

#[derive(Default)]
struct Entry {
    /// The server in the entry's `fullUrl`, if it is an address.
    base: Option<String>,
    /// The reference to use instead, as soon as it is known.
    is: Option<String>,
}

/// What a reference calls.
pub(crate) enum Called<'n> {
    /// No entry of the Bundle.
    Nothing,
    /// The reference to use instead.
    One(&'n str),
    /// Entries that are not the same.
    Several,
}

impl Names {
    /// The names of these entries. Two of one `fullUrl` are refused, as nobody could tell which of
    /// them is meant.
    pub(crate) fn of(asked: &[Asked], home: Option<String>) -> Result<Names, WriteError> {
        let mut names = Names { home, ..Names::default() };
        for (i, entry) in asked.iter().enumerate() {
            names.entries.push(Entry::default());
            let is_new = match entry.act {
                Act::Create(_) => true,
                Act::Update(..) | Act::UpdateWhere(..) => false,
                Act::Delete(..) | Act::Read(_) => continue,
            };
            let url = entry.full_url.as_deref().filter(|url| !url.is_empty());
            if let Some(url) = url
                && names.by_url.insert(url.to_owned(), i).is_some()
            {
                let place = format!("Bundle.entry[{i}].fullUrl");
                let what = "another entry has this fullUrl too";
                return Err(WriteError::Invalid(vec![issue(IssueCode::Duplicate, &place, what)]));
            }
            let mut name = entry.resource.id().map(|id| named(entry.resource.resource_type(), id));
            if let Some(Target::Absolute { base, resource_type, id, .. }) = url.map(target) {
                names.entries[i].base = Some(base.to_owned());
                name = name.or_else(|| Some(named(resource_type, id)));
            }
            // What is changed has an id of this server, which needs no name.
            if let Some(name) = name.filter(|_| is_new) {
                let namesakes = names.by_name.entry(name).or_default();
                if namesakes.len() <= NAMESAKES_MAX {
                    namesakes.push(i);
                }
            }
        }
        Ok(names)
    }

    /// Takes the one server that absolute references name entries without an address at for the
    /// one they come from: an export leaves out where it was made. Where several servers are
    /// named, nothing tells which of them it was.
    pub(crate) fn come_from_one_server(&mut self, asked: &[Asked]) {
        let mut bases = BTreeSet::new();
        for entry in asked {
            for_each_reference(&entry.resource, &mut |reference| {
                let Target::Absolute { base, resource_type, id, .. } = target(reference) else {
                    return;
                };
                let name = named(resource_type, id);
                let called = self.by_name.get(&name).into_iter().flatten();
                let is_placeless = called.into_iter().any(|i| self.entries[*i].base.is_none());
                if is_placeless && !self.by_url.contains_key(&format!("{base}/{name}")) {
                    bases.insert(base);
                }
            });
        }
        if let Some(base) = bases.pop_first() {
            self.home = bases.is_empty().then(|| base.to_owned());
        }
    }

    /// Lets references find what an entry has become.
    pub(crate) fn set(&mut self, entry: usize, is: &str) {
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.is = Some(is.to_owned());
        }
    }

    /// What a reference that stands in the entry `from` calls.
    pub(crate) fn called(&self, reference: &str, from: Option<usize>) -> Called<'_> {
        let found = self.find(reference, from);
        if found.len() > NAMESAKES_MAX {
            return Called::Several;
        }
        let mut found = found.into_iter().filter_map(|i| self.entries[i].is.as_deref());
        let Some(one) = found.next() else { return Called::Nothing };
        if found.any(|other| other != one) {
            return Called::Several;
        }
        match target(reference) {
            // An earlier version of what the Bundle changes is there already.
            Target::Relative { resource_type, id, version: Some(_) }
            | Target::Absolute { resource_type, id, version: Some(_), .. }
                if one == named(resource_type, id) =>
            {
                Called::Nothing
            }
            _ => Called::One(one),
        }
    }

    /// The entries that a reference in the entry `from` may mean.
    pub(crate) fn find(&self, reference: &str, from: Option<usize>) -> Vec<usize> {
        if let Some(i) = self.by_url.get(reference) {
            return vec![*i];
        }
        let from = from.and_then(|i| self.entries.get(i)?.base.as_deref());
        let (base, name) = match target(reference) {
            Target::Relative { resource_type, id, .. } => (from, named(resource_type, id)),
            Target::Absolute { base, resource_type, id, .. } => {
                (Some(base), named(resource_type, id))
            }
            _ => return Vec::new(),
        };
        let Some(base) = base else { return self.by_name.get(&name).cloned().unwrap_or_default() };
        if let Some(i) = self.by_url.get(&format!("{base}/{name}")) {
            return vec![*i];
        }
        // An address says which server's it is; an entry without one may be any server's.
        let is_relative = matches!(target(reference), Target::Relative { .. });
        if !is_relative && self.home.as_deref() != Some(base) {
            return Vec::new();
        }
        let named = self.by_name.get(&name).map(Vec::as_slice).unwrap_or_default();
        if named.len() > NAMESAKES_MAX {
            return named.to_vec();
        }
        named.iter().copied().filter(|i| self.entries[*i].base.is_none()).collect()
    }
}

fn named(resource_type: &str, id: &str) -> String {
    format!("{resource_type}/{id}")
}
