//! Transactions and batches: one patient, and directory entries.

use fhir::bundle::{BundleBuilder, BundleKind, Entry, EntryResponse};
use fhir::references::{set_id, set_version};
use fhir::{IssueCode, Json, Placement, placement};
use keyproto::message::{Deposit, Identifier, NewFile};
use std::collections::HashSet;
use terms::{FileId, ListId, Section, SessionId};

use crate::changing::{Change, changeable, deleted, newest, without_id};
use crate::creating::{draft_patient, nobody, not_kept, patient_condition, unasked};
use crate::deposit::{Deposited, Destination};
use crate::directory::NewEntry;
use crate::draft::{Draft, Sealed, Which};
use crate::errors::WriteError;
use crate::ids::{self, ResourceId};
use crate::keyholder::Granted;
use crate::open_file::OpenFile;
use crate::reading::read_entry;
use crate::records::{Outcome, Records, Written, now};
use crate::resolving::{Resolver, check_valid, issue, named_file};
use crate::segment_content::known_type;

/// Most entries of one Bundle.
pub const BUNDLE_ENTRIES_MAX: usize = ids::DEPOSIT_RESOURCES_MAX;

/// One entry of a Bundle, understood.
pub(crate) struct Asked {
    pub(crate) full_url: Option<String>,
    pub(crate) act: Act,
    pub(crate) resource: Json,
    pub(crate) if_none_exist: Option<String>,
    pub(crate) if_match: Option<u32>,
}

pub(crate) enum Act {
    /// `POST Type`.
    Create(&'static str),
    /// `PUT Type/id`.
    Update(&'static str, String),
    /// `PUT Type?query`.
    UpdateWhere(&'static str, String),
    /// `DELETE Type/id`.
    Delete(&'static str, String),
    /// `GET …`, relative to the base.
    Read(String),
}

/// Everything a bundle creates for one file.
pub(crate) struct Creation {
    pub(crate) list: Option<ListId>,
    /// A patient with this identifier is used in place of a new one.
    pub(crate) unless: Option<Identifier>,
    /// Identifiers that the locator learns besides the Patient's own.
    pub(crate) also: Option<Identifier>,
}

impl Records {
    /// Carries out a transaction or batch and returns the response Bundle as compact JSON.
    ///
    /// Entries that only create need no open file; those that read, update or delete take `open`.
    /// Directory entries are stored first, in the directory; what belongs to the one patient is
    /// stored all or nothing. A batch's entries stand alone, each with its own outcome.
    pub fn bundle(
        &self,
        by: SessionId,
        bundle: Json,
        open: Option<&OpenFile>,
    ) -> Result<Vec<u8>, WriteError> {
        let kind = bundle.text("type").unwrap_or_default().to_owned();
        match kind.as_str() {
            "transaction" => {
                let asked = understood(bundle)?;
                let creation = Creation { list: None, unless: None, also: None };
                let answers = self.transaction(by, asked, open, creation)?;
                Ok(response(BundleKind::TransactionResponse, answers))
            }
            "batch" => Ok(response(BundleKind::BatchResponse, self.batch(by, bundle, open)?)),
            _ => Err(WriteError::Asked("only a transaction or a batch is carried out".into())),
        }
    }

    fn batch(
        &self,
        by: SessionId,
        bundle: Json,
        open: Option<&OpenFile>,
    ) -> Result<Vec<Entry>, WriteError> {
        let mut answers = Vec::new();
        for (i, entry) in entries_of(bundle)?.into_iter().enumerate() {
            let answer = Asked::of(entry, i).and_then(|asked| self.one(by, asked, open));
            match answer {
                // These are about this server, not about the entry.
                Err(error @ (WriteError::World(_) | WriteError::Tampered(_))) => return Err(error),
                answer => answers.push(answer.unwrap_or_else(|error| failed(&error))),
            }
        }
        Ok(answers)
    }

    fn one(
        &self,
        by: SessionId,
        asked: Asked,
        open: Option<&OpenFile>,
    ) -> Result<Entry, WriteError> {
        let (resource, if_match) = (asked.resource, asked.if_match);
        let file = || open.ok_or(WriteError::NeedsOpening);
        let written = match asked.act {
            Act::Create(_) => self.create(by, resource, asked.if_none_exist.as_deref(), open)?,
            Act::Update(name, id) => self.update(file()?, name, &id, resource, if_match)?,
            Act::UpdateWhere(name, query) => {
                self.conditional_update(file()?, name, &query, resource, if_match)?
            }
            Act::Delete(name, id) => self.delete(file()?, name, &id, if_match)?,
            Act::Read(url) => return read_entry(self, &url, open),
        };
        Ok(answered(&written))
    }

    /// Carries out the entries of a transaction, all or none of what belongs to the patient.
    pub(crate) fn transaction(
        &self,
        by: SessionId,
        asked: Vec<Asked>,
        open: Option<&OpenFile>,
        creation: Creation,
    ) -> Result<Vec<Entry>, WriteError> {
        check(&asked)?;
        let target = Target::of(self, &asked, open)?;
        let into = |file: FileId| {
            let open = open.filter(|open| open.file() == file);
            self.locks().locked(file, || self.carry_out(by, &asked, Some(file), open, &creation))
        };
        let carried = match target {
            Target::File(file) => into(file)?,
            _ => self.carry_out(by, &asked, None, None, &creation)?,
        };
        let written = match carried {
            Carried::Out(written) => written,
            // Everything but the Patient goes into the file that is there.
            Carried::Exists(file) => match into(file)? {
                Carried::Out(written) => written,
                Carried::Exists(_) => return Err(unasked()),
            },
        };
        let read_on = open.filter(|_| !matches!(target, Target::New));
        let answers = asked.iter().zip(written).map(|(asked, written)| match &asked.act {
            Act::Read(url) => read_entry(self, url, read_on),
            _ => written.map(|written| answered(&written)).ok_or_else(unasked),
        });
        answers.collect()
    }

    /// Deposits a source of an import as a new file, or says which file it has already.
    pub(crate) fn import_file(
        &self,
        by: SessionId,
        asked: &[Asked],
        creation: &Creation,
    ) -> Result<Option<FileId>, WriteError> {
        check(asked)?;
        match Target::of(self, asked, None)? {
            Target::File(_) => Err(WriteError::Asked("an import makes new files only".into())),
            _ => match self.carry_out(by, asked, None, None, creation)? {
                Carried::Out(_) => Ok(None),
                Carried::Exists(file) => Ok(Some(file)),
            },
        }
    }

    /// The file that was made under an identifier of an import, if there is one.
    pub(crate) fn known_file(
        &self,
        by: SessionId,
        import: &Identifier,
    ) -> Result<Option<FileId>, WriteError> {
        let new = NewFile { unless: Some(import.clone()), list: None };
        let (target, sections) = (keyproto::message::Target::New(new), vec![Section::Label]);
        let request = Deposit { session: by, target, sections, facts: None };
        match self.keyholder().deposit(request)? {
            Granted::Exists(file) => Ok(Some(file)),
            Granted::Grant(grant) => {
                self.give_up(grant.grant);
                Ok(None)
            }
        }
    }

    /// The writes of a transaction; with `file` its lock is held.
    pub(crate) fn carry_out(
        &self,
        by: SessionId,
        asked: &[Asked],
        file: Option<FileId>,
        open: Option<&OpenFile>,
        creation: &Creation,
    ) -> Result<Carried, WriteError> {
        let mut work = Work {
            records: self,
            resolver: Resolver::new(self, file, open),
            draft: Draft::new(now())?,
            written: vec![None; asked.len()],
            planned: Vec::new(),
            unchanged: false,
            unless: creation.unless.clone(),
        };
        work.prepare(asked, file, open)?;
        work.keep_entries(by, asked)?;
        work.draft_all(asked, file, open)?;
        if work.draft.is_empty() {
            return Ok(Carried::Out(work.written));
        }
        if let Some(also) = &creation.also {
            work.draft.also_known_by(also.clone());
        }
        let to = match file {
            Some(file) => Destination::File(file),
            None => {
                let unless = work.unless.clone();
                Destination::New(NewFile { unless, list: creation.list })
            }
        };
        let unchanged = open.filter(|_| work.unchanged).map(OpenFile::point);
        match self.deposit(by, &to, &work.draft, unchanged, open)? {
            Deposited::Stored(sealed) => work.finish(&sealed).map(Carried::Out),
            Deposited::Exists(file) => Ok(Carried::Exists(file)),
        }
    }
}

/// What became of a transaction.
pub(crate) enum Carried {
    /// One result for each entry that writes.
    Out(Vec<Option<Written>>),
    /// The Patient that it would create is there already, in this file; nothing was stored.
    Exists(FileId),
}

/// A transaction on its way.
struct Work<'a> {
    records: &'a Records,
    resolver: Resolver<'a>,
    draft: Draft,
    written: Vec<Option<Written>>,
    /// Which resource each entry's write is about.
    planned: Vec<(usize, Outcome, &'static str, Which)>,
    /// Whether something depends on what the file has.
    unchanged: bool,
    unless: Option<Identifier>,
}

impl<'a> Work<'a> {
    /// Gives every new resource its place, so that references can name it.
    fn prepare(
        &mut self,
        asked: &[Asked],
        file: Option<FileId>,
        open: Option<&'a OpenFile>,
    ) -> Result<(), WriteError> {
        for (i, entry) in asked.iter().enumerate() {
            let Act::Create(name) = entry.act else {
                self.name_existing(entry);
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
                        self.existing(i, entry, Written::existed(name, id));
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
                            self.existing(i, entry, Written::of(Outcome::Existed, &found));
                            continue;
                        }
                    }
                    Which::New(self.draft.next_position()?)
                }
            };
            let is = format!("{name}/{}", self.draft.stand_in(which));
            self.resolver.name(entry.full_url.as_deref(), &entry.resource, &is);
            self.planned.push((i, Outcome::Created, name, which));
        }
        Ok(())
    }

    fn existing(&mut self, i: usize, entry: &Asked, written: Written) {
        let is = format!("{}/{}", written.resource_type, written.id);
        self.resolver.name(entry.full_url.as_deref(), &entry.resource, &is);
        self.written[i] = Some(written);
    }

    /// An updated resource may be named by the entry's `fullUrl`.
    fn name_existing(&mut self, entry: &Asked) {
        if let (Act::Update(name, id), Some(url)) = (&entry.act, &entry.full_url) {
            self.resolver.names.insert(url.clone(), format!("{name}/{id}"));
        }
    }

    fn keep_entries(&mut self, by: SessionId, asked: &[Asked]) -> Result<(), WriteError> {
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
                    self.existing(i, entry, Written::of(Outcome::Existed, &found));
                    continue;
                }
            }
            at.push((i, name));
            entries.push(NewEntry {
                full_url: entry.full_url.clone(),
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

    fn draft_all(
        &mut self,
        asked: &[Asked],
        file: Option<FileId>,
        open: Option<&'a OpenFile>,
    ) -> Result<(), WriteError> {
        for (i, _, name, which) in self.planned.clone() {
            let mut resource = without_id(asked[i].resource.clone());
            if name == "Patient" {
                draft_patient(&mut self.draft, &mut self.resolver, resource, &place(i))?;
                continue;
            }
            self.resolver.rewrite(&mut resource, &place(i));
            set_id(&mut resource, &self.draft.stand_in(which));
            set_version(&mut resource, "1", &self.draft.at().to_string());
            self.draft.put(which, 1, name, &resource, None);
        }
        for (i, entry) in asked.iter().enumerate() {
            if let Some(change) = self.change(i, entry, open)? {
                self.unchanged = true;
                self.draft_change(i, change, file, open)?;
            }
        }
        self.resolver.check()
    }

    /// What an entry changes in the open file.
    fn change(
        &mut self,
        i: usize,
        entry: &Asked,
        open: Option<&'a OpenFile>,
    ) -> Result<Option<Change>, WriteError> {
        let file = || open.ok_or(WriteError::NeedsOpening);
        let before = match &entry.act {
            Act::Update(name, id) | Act::Delete(name, id) => {
                newest(file()?, name, changeable(name, id)?)?
            }
            Act::UpdateWhere(name, query) => match self.records.one_match(file()?, name, query)? {
                Some(found) => found,
                None => return Err(WriteError::NotThere),
            },
            Act::Create(_) | Act::Read(_) => return Ok(None),
        };
        if let Act::Delete(..) = entry.act {
            return deleted(before, entry.if_match).map(Some);
        }
        // References to new resources of the bundle are resolved first; what is left is local.
        let mut resource = entry.resource.clone();
        self.resolver.rewrite(&mut resource, &place(i));
        let id = before.id().to_string();
        if !matches!(entry.act, Act::UpdateWhere(..)) && entry.resource.id() != Some(&id) {
            let what = "the id in the resource is not the one in the address";
            let expression = format!("{}.id", place(i));
            return Err(WriteError::Invalid(vec![issue(IssueCode::Value, &expression, what)]));
        }
        set_id(&mut resource, &id);
        Change::checked(before, resource, entry.if_match).map(Some)
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

    fn finish(mut self, sealed: &Sealed) -> Result<Vec<Option<Written>>, WriteError> {
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

enum Target {
    New,
    File(FileId),
    DirectoryOnly,
}

impl Target {
    fn of(
        records: &Records,
        asked: &[Asked],
        open: Option<&OpenFile>,
    ) -> Result<Target, WriteError> {
        let is_patient = |asked: &&Asked| matches!(asked.act, Act::Create("Patient"));
        let patients = asked.iter().filter(is_patient).count();
        if patients > 1 {
            return Err(several());
        }
        let resources = asked.iter().map(|asked| &asked.resource);
        let named = named_file(records, resources)?;
        let changed = asked.iter().filter_map(|asked| match &asked.act {
            Act::Update(name, id) | Act::Delete(name, id)
                if placement(name) != Placement::Directory =>
            {
                id.parse().ok().map(|id: ResourceId| id.file)
            }
            Act::UpdateWhere(..) => open.map(OpenFile::file),
            _ => None,
        });
        let files: HashSet<FileId> = named.into_iter().chain(changed).collect();
        let mut files = files.into_iter();
        match (patients, files.next(), files.next()) {
            (1, None, _) => Ok(Target::New),
            (0, Some(file), None) => Ok(Target::File(file)),
            (0, None, _) if asked.iter().any(Asked::is_for_a_file) => Err(nobody()),
            (0, None, _) => Ok(Target::DirectoryOnly),
            _ => Err(several()),
        }
    }
}

impl Asked {
    fn is_for_a_file(&self) -> bool {
        matches!(self.act, Act::Create(name) if matches!(placement(name), Placement::File(_)))
    }

    /// Understands entry number `i`.
    pub(crate) fn of(mut entry: Json, i: usize) -> Result<Asked, WriteError> {
        let wrong = |what: &str| {
            WriteError::Invalid(vec![issue(
                IssueCode::Invalid,
                &format!("Bundle.entry[{i}]"),
                what,
            )])
        };
        let resource = entry.as_object_mut().and_then(|entry| entry.remove("resource"));
        let request = entry.get("request").ok_or_else(|| wrong("has no request"))?;
        let url = request.text("url").unwrap_or_default();
        let method = request.text("method").unwrap_or_default();
        let named = |name| known_type(name).ok_or_else(|| wrong("its url names no resource type"));
        let act = match (method, url.split_once('?'), url.split_once('/')) {
            ("POST", None, None) => Act::Create(named(url)?),
            ("PUT", Some((name, query)), _) => Act::UpdateWhere(named(name)?, query.to_owned()),
            ("PUT", None, Some((name, id))) => Act::Update(named(name)?, id.to_owned()),
            ("DELETE", None, Some((name, id))) => Act::Delete(named(name)?, id.to_owned()),
            ("GET", ..) => Act::Read(url.to_owned()),
            _ => return Err(wrong("its request is none that is carried out in a Bundle")),
        };
        let is_read = matches!(act, Act::Read(_) | Act::Delete(..));
        let resource = match resource {
            Some(resource) if !is_read => resource,
            None if is_read => Json::Null,
            _ => return Err(wrong("has a resource where none belongs, or none where one does")),
        };
        if let Act::Create(name) | Act::Update(name, _) | Act::UpdateWhere(name, _) = &act
            && resource.resource_type() != *name
        {
            return Err(wrong("its resource is of another type than its url"));
        }
        let if_match = request.text("ifMatch").map(parse_etag);
        Ok(Asked {
            full_url: entry.text("fullUrl").map(str::to_owned),
            act,
            resource,
            if_none_exist: request.text("ifNoneExist").map(str::to_owned),
            if_match: if_match
                .map(|tag| tag.ok_or_else(|| wrong("its ifMatch is no version")))
                .transpose()?,
        })
    }
}

/// The version that an ETag names.
pub fn parse_etag(tag: &str) -> Option<u32> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

fn entries_of(mut bundle: Json) -> Result<Vec<Json>, WriteError> {
    match bundle.as_object_mut().and_then(|bundle| bundle.remove("entry")) {
        None => Ok(Vec::new()),
        Some(Json::Array(entries)) if entries.len() <= BUNDLE_ENTRIES_MAX => Ok(entries),
        Some(_) => Err(WriteError::Invalid(vec![issue(
            IssueCode::Structure,
            "Bundle.entry",
            "is no array, or has too many entries",
        )])),
    }
}

fn understood(bundle: Json) -> Result<Vec<Asked>, WriteError> {
    let entries = entries_of(bundle)?.into_iter().enumerate();
    entries.map(|(i, entry)| Asked::of(entry, i)).collect()
}

/// Refuses what is wrong in itself: invalid resources, and two entries for one resource.
fn check(asked: &[Asked]) -> Result<(), WriteError> {
    let written = asked.iter().enumerate().filter(|(_, asked)| asked.resource != Json::Null);
    let issues = written.flat_map(|(i, asked)| check_valid(&asked.resource, &place(i)));
    let issues: Vec<_> = issues.take(100).collect();
    if !issues.is_empty() {
        return Err(WriteError::Invalid(issues));
    }
    let mut changed = HashSet::new();
    for (i, asked) in asked.iter().enumerate() {
        if let Act::Update(name, id) | Act::Delete(name, id) = &asked.act
            && !changed.insert((name, id))
        {
            let what = format!("{}: another entry changes the same resource", place(i));
            return Err(WriteError::Conflict(what));
        }
    }
    Ok(())
}

fn several() -> WriteError {
    WriteError::Asked(
        "this is about more than one patient: send one transaction for each, so that no request \
         touches two patients' files"
            .into(),
    )
}

pub(crate) fn place(i: usize) -> String {
    format!("Bundle.entry[{i}].resource")
}

fn answered(written: &Written) -> Entry {
    let status = match written.outcome {
        Outcome::Created => "201 Created",
        Outcome::Deleted => "204 No Content",
        Outcome::Updated | Outcome::Unchanged | Outcome::Existed => "200 OK",
    };
    let response = EntryResponse {
        status: status.to_owned(),
        location: Some(written.location()),
        etag: written.version.map(|version| format!("W/\"{version}\"")),
        last_modified: written.last_updated.map(|at| at.to_string()),
        outcome: None,
    };
    Entry { response: Some(response), ..Entry::default() }
}

fn failed(error: &WriteError) -> Entry {
    let response = EntryResponse {
        status: error.status().to_owned(),
        outcome: Some(error.outcome()),
        ..EntryResponse::default()
    };
    Entry { response: Some(response), ..Entry::default() }
}

fn response(kind: BundleKind, entries: Vec<Entry>) -> Vec<u8> {
    let mut bundle = BundleBuilder::new(kind);
    entries.into_iter().for_each(|entry| bundle.push(entry));
    let mut out = Vec::new();
    bundle.build().write_to(&mut out);
    out
}
