//! A transaction on its way: places for what is new, references, one draft.

use fhir::references::{set_id, set_version};
use fhir::{IssueCode, Placement, placement};
use keyproto::message::Identifier;
use std::collections::HashSet;
use terms::{FileId, SessionId};

use crate::changing::{
    Change, GIVEN, changeable, check_changeable, content_before, deleted, newest, without_id,
};
use crate::creating::{draft_patient, not_kept, patient_condition, unasked};
use crate::directory::NewEntry;
use crate::draft::{Draft, Sealed, Which};
use crate::errors::WriteError;
use crate::ids::{self, ResourceId};
use crate::names::Names;
use crate::open_file::OpenFile;
use crate::records::{Outcome, Records, Written, next_time};
use crate::replacing::replacement;
use crate::resolving::{Resolver, issue};
use crate::transaction::Creation;
use crate::transaction::asked::{Act, Asked, place};
use crate::version::Version;

/// A transaction on its way.
pub(crate) struct Work<'a> {
    records: &'a Records,
    resolver: Resolver<'a>,
    pub(crate) draft: Draft,
    pub(crate) written: Vec<Option<Written>>,
    /// Which resource each entry's write is about.
    planned: Vec<(usize, Outcome, &'static str, Which)>,
    /// The version in the file that each entry changes.
    changing: Vec<(usize, Version)>,
    /// Types and conditions that found nothing, each with an entry that creates.
    created_where: HashSet<(&'static str, Condition)>,
    /// Whether something depends on what the file has.
    pub(crate) unchanged: bool,
    pub(crate) unless: Option<Identifier>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(
        records: &'a Records,
        file: Option<FileId>,
        open: Option<&'a OpenFile>,
        asked: &[Asked],
        creation: &Creation,
    ) -> Result<Work<'a>, WriteError> {
        let mut resolver = Resolver::new(records, file, open);
        resolver.names = Names::of(asked, Some(records.base_url().to_owned()))?;
        if creation.source.is_some() {
            resolver.names.come_from_one_server(asked);
        }
        Ok(Work {
            records,
            resolver,
            draft: Draft::new(next_time(open))?,
            written: vec![None; asked.len()],
            planned: Vec::new(),
            changing: Vec::new(),
            created_where: HashSet::new(),
            unchanged: false,
            unless: creation.unless.clone(),
        })
    }

    /// Gives every new resource its place, so that references can name it, and finds out what the
    /// other entries change. Two entries that change the same resource are refused, by whatever
    /// address they name it: each would be written as the version after the one that is there.
    pub(crate) fn prepare(
        &mut self,
        asked: &[Asked],
        file: Option<FileId>,
        open: Option<&'a OpenFile>,
    ) -> Result<(), WriteError> {
        for (i, entry) in asked.iter().enumerate() {
            let Act::Create(name) = entry.act else {
                self.prepare_change(i, entry, open)?;
                continue;
            };
            let which = match placement(name) {
                Placement::Directory => continue,
                Placement::Refused => return Err(not_kept(name)),
                Placement::Patient => {
                    if let Some(query) = &entry.if_none_exist {
                        self.unless = Some(patient_condition(query)?);
                    }
                    self.resolver.new_patient = Some(entry.resource.clone());
                    if let Some(file) = file {
                        // It was found by its identifier, and is not created again.
                        let id = ResourceId::patient(file);
                        self.existing(i, Written::existed(name, id));
                        continue;
                    }
                    self.resolver.patient = Some(self.draft.stand_in(Which::Old(None)));
                    Which::Old(None)
                }
                Placement::File(_) => {
                    if let Some(query) = &entry.if_none_exist {
                        self.unchanged = true;
                        let open = open.ok_or(WriteError::NeedsOpening)?;
                        if let Some(found) = self.records.one_match(open, name, query)? {
                            self.existing(i, Written::of(Outcome::Existed, &found));
                            continue;
                        }
                        self.found_nothing(i, name, query)?;
                    }
                    Which::New(self.draft.next_position()?)
                }
            };
            self.plan_new(i, entry, name, which);
        }
        let mut changed = HashSet::new();
        let mut is_new = |before: &Version| changed.insert((before.resource_type(), before.id()));
        match self.changing.iter().find(|(_, before)| !is_new(before)) {
            None => Ok(()),
            Some((i, _)) => Err(overlaps(*i)),
        }
    }

    fn prepare_change(
        &mut self,
        i: usize,
        entry: &Asked,
        open: Option<&'a OpenFile>,
    ) -> Result<(), WriteError> {
        let file = || open.ok_or(WriteError::NeedsOpening);
        let before = match &entry.act {
            Act::Update(name, id) | Act::Delete(name, id) => {
                newest(file()?, name, changeable(name, id)?)?
            }
            Act::UpdateWhere(name, query) => {
                check_changeable(name)?;
                match self.records.one_match(file()?, name, query)? {
                    Some(found) => found,
                    None => return self.prepare_new(i, entry, name, query),
                }
            }
            Act::Create(_) | Act::Read(_) => return Ok(()),
        };
        self.unchanged = true;
        if matches!(entry.act, Act::Update(..) | Act::UpdateWhere(..)) {
            let is = format!("{}/{}", before.resource_type(), before.id());
            self.resolver.name(Some(i), &is);
            self.resolver.writes(is, &entry.resource);
        }
        if let Act::Delete(name, id) = &entry.act {
            self.resolver.deleted.insert(format!("{name}/{id}"));
        }
        self.changing.push((i, before));
        Ok(())
    }

    /// A conditional update that finds nothing creates.
    fn prepare_new(
        &mut self,
        i: usize,
        entry: &Asked,
        name: &'static str,
        query: &str,
    ) -> Result<(), WriteError> {
        if entry.resource.id().is_some() || name == "Patient" {
            return Err(WriteError::NotServed(GIVEN.into()));
        }
        self.found_nothing(i, name, query)?;
        self.unchanged = true;
        let which = Which::New(self.draft.next_position()?);
        self.plan_new(i, entry, name, which);
        Ok(())
    }

    /// Refuses a second entry that creates on one condition: it would have found the first, had
    /// they been sent one after the other.
    fn found_nothing(
        &mut self,
        i: usize,
        name: &'static str,
        query: &str,
    ) -> Result<(), WriteError> {
        let is_first = self.created_where.insert((name, condition_of(query)));
        if is_first { Ok(()) } else { Err(overlaps(i)) }
    }

    fn plan_new(&mut self, i: usize, entry: &Asked, name: &'static str, which: Which) {
        let is = format!("{name}/{}", self.draft.stand_in(which));
        self.resolver.name(Some(i), &is);
        self.resolver.writes(is, &entry.resource);
        self.planned.push((i, Outcome::Created, name, which));
    }

    fn existing(&mut self, i: usize, written: Written) {
        let is = format!("{}/{}", written.resource_type, written.id);
        self.resolver.name(Some(i), &is);
        self.written[i] = Some(written);
    }

    pub(crate) fn keep_entries(
        &mut self,
        by: SessionId,
        asked: &[Asked],
    ) -> Result<(), WriteError> {
        let mut at = Vec::new();
        let mut entries = Vec::new();
        for (i, entry) in asked.iter().enumerate() {
            let Act::Create(name) = entry.act else { continue };
            if placement(name) != Placement::Directory {
                continue;
            }
            if let Some(query) = &entry.if_none_exist {
                let directory = self.records.directory().entries();
                if let Some(found) = self.records.one_match(directory, name, query)? {
                    self.existing(i, Written::of(Outcome::Existed, &found));
                    continue;
                }
                self.found_nothing(i, name, query)?;
            }
            at.push((i, name));
            entries.push(NewEntry {
                at: Some(i),
                resource: entry.resource.clone(),
                place: place(i),
            });
        }
        if entries.is_empty() {
            return Ok(());
        }
        let kept = self.records.keep_entries(by, &entries, &mut self.resolver)?;
        for ((i, name), kept) in at.into_iter().zip(kept) {
            let outcome = if kept.existed { Outcome::Existed } else { Outcome::Created };
            let newest = self.records.directory().entries().newest(name, kept.id);
            self.written[i] = Some(match newest {
                Some(version) => Written::of(outcome, &version),
                None => Written::existed(name, kept.id),
            });
        }
        Ok(())
    }

    pub(crate) fn draft_all(
        &mut self,
        asked: &[Asked],
        file: Option<FileId>,
        open: Option<&'a OpenFile>,
    ) -> Result<(), WriteError> {
        for (i, _, name, which) in self.planned.clone() {
            let mut resource = without_id(asked[i].resource.clone());
            if name == "Patient" {
                draft_patient(&mut self.draft, &mut self.resolver, resource, &place(i), Some(i))?;
                continue;
            }
            self.resolver.rewrite(&mut resource, &place(i), Some(i));
            set_id(&mut resource, &self.draft.stand_in(which));
            set_version(&mut resource, "1", &self.draft.at().to_string());
            self.draft.put(which, 1, name, &resource, None);
        }
        for (i, before) in std::mem::take(&mut self.changing) {
            let earlier = open.map(|open| content_before(open, &before));
            if let Some(earlier) = &earlier {
                self.resolver.follows(earlier.tree());
            }
            let change = self.change(i, &asked[i], before)?;
            if let (Some(earlier), Some(content)) = (earlier, &change.content) {
                self.resolver.keep_subject(earlier.tree(), content, &place(i));
            }
            self.draft_change(i, change, file, open)?;
        }
        self.resolver.check()
    }

    /// What an entry makes of a version in the open file.
    fn change(&mut self, i: usize, entry: &Asked, before: Version) -> Result<Change, WriteError> {
        if let Act::Delete(..) = entry.act {
            return deleted(before, entry.if_match);
        }
        // References to new resources of the bundle are resolved first; what is left is local.
        let mut resource = replacement(&before, entry.resource.clone())?;
        self.resolver.rewrite(&mut resource, &place(i), Some(i));
        let id = before.id().to_string();
        let given = entry.resource.id();
        if given != Some(&id) && !(given.is_none() && matches!(entry.act, Act::UpdateWhere(..))) {
            let what = "the id in the resource is not the one in the address";
            let expression = format!("{}.id", place(i));
            return Err(WriteError::Invalid(vec![issue(IssueCode::Value, &expression, what)]));
        }
        set_id(&mut resource, &id);
        Change::checked(before, resource, entry.if_match)
    }

    fn draft_change(
        &mut self,
        i: usize,
        change: Change,
        file: Option<FileId>,
        open: Option<&'a OpenFile>,
    ) -> Result<(), WriteError> {
        let open = open.filter(|open| Some(open.file()) == file).ok_or(WriteError::NeedsOpening)?;
        if change.is_nothing() {
            self.written[i] = Some(Written::of(Outcome::Unchanged, &change.before));
            return Ok(());
        }
        let which = Which::Old(change.before.inner().number);
        self.planned.push((i, change.outcome(), change.before.resource_type(), which));
        change.put(&mut self.draft, open)
    }

    pub(crate) fn finish(mut self, sealed: &Sealed) -> Result<Vec<Option<Written>>, WriteError> {
        let (file, first) = (sealed.file, sealed.before.segments);
        for (i, outcome, resource_type, which) in self.planned {
            self.written[i] = Some(match which {
                // Decoding what was just written is spared where version 1 is all there is to say.
                Which::New(position) => Written {
                    outcome,
                    resource_type,
                    id: ResourceId { file, number: Some(ids::number(first, position)) },
                    version: Some(1),
                    last_updated: Some(self.draft.at()),
                    stored: None,
                },
                Which::Old(_) => {
                    let version = sealed.version(resource_type, which).ok_or_else(unasked)?;
                    Written::of(outcome, &version)
                }
            });
        }
        Ok(self.written)
    }
}

/// What a condition asks for, however it was written.
type Condition = Vec<(String, String)>;

fn condition_of(query: &str) -> Condition {
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut pairs: Condition = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort_unstable();
    pairs
}

fn overlaps(i: usize) -> WriteError {
    WriteError::Conflict(format!("{}: another entry changes the same resource", place(i)))
}
