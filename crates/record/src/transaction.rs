//! Transactions and batches: one patient, and directory entries.

pub(crate) mod asked;
mod work;

pub use asked::BUNDLE_ENTRIES_MAX;
pub(crate) use asked::{Act, Asked};

use asked::{check, entries_of, understood};
use fhir::bundle::{BundleBuilder, BundleKind, Entry, EntryResponse};
use fhir::{IssueCode, Json, Placement, outcome, placement};
use keyproto::message::{Deposit, Identifier, NewFile};
use std::collections::HashSet;
use terms::{FileId, ListId, Section, SessionId};
use work::Work;

use crate::creating::{nobody, unasked};
use crate::deposit::{Deposited, Destination};
use crate::draft::Sealed;
use crate::errors::WriteError;
use crate::ids::ResourceId;
use crate::keyholder::Granted;
use crate::open_file::OpenFile;
use crate::reading::{known_to_client, leave_out_known, read_entry};
use crate::records::{Outcome, Records, Written};
use crate::resolving::named_file;
use crate::version::Version;

/// Everything a bundle creates for one file.
pub(crate) struct Creation {
    pub(crate) list: Option<ListId>,
    /// A patient with this identifier is used in place of a new one.
    pub(crate) unless: Option<Identifier>,
    /// What an import calls its source; no second file is made of it.
    pub(crate) source: Option<Identifier>,
}

/// A transaction or batch that was carried out.
pub struct Carried {
    /// The response Bundle as compact JSON.
    pub text: Vec<u8>,
    /// What failed in the middle of a batch: the entry says it, and those after it were not tried.
    pub stopped_by: Option<WriteError>,
}

impl Records {
    /// Carries out a transaction or batch.
    ///
    /// Entries that only create need no open file; those that read, update or delete take `open`.
    /// Directory entries are stored first, in the directory; what belongs to the one patient is
    /// stored all or nothing. A batch's entries stand alone, each with its own outcome: what was
    /// stored is told even where the world fails after it.
    pub fn bundle(
        &self,
        by: SessionId,
        bundle: Json,
        open: Option<&OpenFile>,
    ) -> Result<Carried, WriteError> {
        self.bundle_with(by, bundle, open, false)
    }

    /// The same, with each resource that was written as it is now.
    pub fn bundle_with_resources(
        &self,
        by: SessionId,
        bundle: Json,
        open: Option<&OpenFile>,
    ) -> Result<Carried, WriteError> {
        self.bundle_with(by, bundle, open, true)
    }

    fn bundle_with(
        &self,
        by: SessionId,
        bundle: Json,
        open: Option<&OpenFile>,
        resources: bool,
    ) -> Result<Carried, WriteError> {
        let kind = bundle.text("type").unwrap_or_default().to_owned();
        let known = known_to_client(&bundle);
        let (kind, mut answers, stopped_by) = match kind.as_str() {
            "transaction" => {
                let asked = understood(bundle)?;
                let creation = Creation { list: None, unless: None, source: None };
                let answers = self.transaction(by, asked, open, creation, resources)?;
                (BundleKind::TransactionResponse, answers, None)
            }
            "batch" => {
                let (answers, stopped_by) = self.batch(by, bundle, open, resources)?;
                (BundleKind::BatchResponse, answers, stopped_by)
            }
            _ => {
                return Err(WriteError::Asked(
                    "only a transaction or a batch is carried out".into(),
                ));
            }
        };
        leave_out_known(&mut answers, &known);
        Ok(Carried { text: response(kind, answers), stopped_by })
    }

    fn batch(
        &self,
        by: SessionId,
        bundle: Json,
        open: Option<&OpenFile>,
        resources: bool,
    ) -> Result<(Vec<Entry>, Option<WriteError>), WriteError> {
        let mut answers = Vec::new();
        let mut stopped_by = None;
        for (i, entry) in entries_of(bundle)?.into_iter().enumerate() {
            if stopped_by.is_some() {
                answers.push(not_tried());
                continue;
            }
            match Asked::of(entry, i).and_then(|asked| self.one(by, asked, open, resources)) {
                Ok(answer) => answers.push(answer),
                Err(error) => {
                    answers.push(failed(&error));
                    // These are about this server, not about the entry: the next one would wait
                    // for the same, and the request end before it could say what was stored.
                    stopped_by = Some(error).filter(is_of_the_world);
                }
            }
        }
        Ok((answers, stopped_by))
    }

    fn one(
        &self,
        by: SessionId,
        asked: Asked,
        open: Option<&OpenFile>,
        resources: bool,
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
        let resource = written.stored.as_ref().filter(|_| resources);
        Ok(self.answered(&written, resource))
    }

    /// Carries out the entries of a transaction, all or none of what belongs to the patient.
    pub(crate) fn transaction(
        &self,
        by: SessionId,
        asked: Vec<Asked>,
        open: Option<&OpenFile>,
        creation: Creation,
        resources: bool,
    ) -> Result<Vec<Entry>, WriteError> {
        check(&asked)?;
        let target = Target::of(self, &asked, open)?;
        let read_on = open.filter(|_| !matches!(target, Target::New));
        let read = |asked: &Asked| match &asked.act {
            Act::Read(url) => Some(read_entry(self, url, read_on)),
            _ => None,
        };
        // What cannot be read is found out before anything is stored.
        asked.iter().filter_map(read).try_for_each(|read| read.map(drop))?;
        let into = |file: FileId| {
            let open = open.filter(|open| open.file() == file);
            self.locks().locked(file, || self.carry_out(by, &asked, Some(file), open, &creation))
        };
        let carried = match target {
            Target::File(file) => into(file)?,
            _ => self.carry_out(by, &asked, None, None, &creation)?,
        };
        let (written, sealed) = match carried {
            Drafted::Out(written, sealed) => (written, sealed),
            // Everything but the Patient goes into the file that is there.
            Drafted::Exists(file) => match into(file)? {
                Drafted::Out(written, sealed) => (written, sealed),
                Drafted::Exists(_) => return Err(unasked()),
            },
        };
        let new = sealed.filter(|_| resources).map(|sealed| sealed.versions()).unwrap_or_default();
        let answers = asked.iter().zip(written).map(|(asked, written)| {
            if let Some(read) = read(asked) {
                // Such as of what the same transaction deleted.
                return Ok(read.unwrap_or_else(|error| failed(&error)));
            }
            let written = written.ok_or_else(unasked)?;
            let of_number = || written.id.number.and_then(|number| new.get(&number));
            let stored = written.stored.as_ref().or_else(of_number);
            Ok(self.answered(&written, stored.filter(|_| resources)))
        });
        answers.collect()
    }

    /// The answer to one entry that writes, with this resource unless it was deleted.
    fn answered(&self, written: &Written, stored: Option<&Version>) -> Entry {
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
        let shown = stored.filter(|version| !version.is_deleted());
        let (base, kind, id) = (self.base_url(), written.resource_type, written.id);
        Entry {
            full_url: shown.map(|_| format!("{base}/{kind}/{id}")),
            resource: shown.map(Version::shown),
            response: Some(response),
            ..Entry::default()
        }
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
                Drafted::Out(..) => Ok(None),
                Drafted::Exists(file) => Ok(Some(file)),
            },
        }
    }

    /// The file that an import made of a source, if there is one.
    pub(crate) fn file_of_source(
        &self,
        by: SessionId,
        source: &Identifier,
    ) -> Result<Option<FileId>, WriteError> {
        let new = NewFile { unless: None, list: None, source: Some(source.clone()) };
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
    ) -> Result<Drafted, WriteError> {
        // Taken before anything is read: what is written must rest on nothing older.
        let point = open.map(OpenFile::point);
        let mut work = Work::new(self, file, open, asked, creation)?;
        work.prepare(asked, file, open)?;
        work.keep_entries(by, asked)?;
        work.draft_all(asked, file, open)?;
        if work.draft.is_empty() {
            return Ok(Drafted::Out(work.written, None));
        }
        let to = match file {
            Some(file) => Destination::File(file),
            None => {
                let (unless, source) = (work.unless.clone(), creation.source.clone());
                Destination::New(NewFile { unless, list: creation.list, source })
            }
        };
        let unchanged = point.filter(|_| work.unchanged);
        match self.deposit(by, &to, &work.draft, unchanged, open)? {
            Deposited::Stored(sealed) => Ok(Drafted::Out(work.finish(&sealed)?, Some(sealed))),
            Deposited::Exists(file) => Ok(Drafted::Exists(file)),
        }
    }
}

/// What became of the writes of a transaction.
pub(crate) enum Drafted {
    /// One result for each entry that writes, and what they were sealed into, if anything was.
    Out(Vec<Option<Written>>, Option<Sealed>),
    /// The Patient that it would create is there already, in this file; nothing was stored.
    Exists(FileId),
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
}

fn several() -> WriteError {
    WriteError::Asked(
        "this is about more than one patient: send one transaction for each, so that no request \
         touches two patients' files"
            .into(),
    )
}

fn is_of_the_world(error: &WriteError) -> bool {
    matches!(error, WriteError::Busy | WriteError::World(_) | WriteError::Tampered(_))
}

fn failed(error: &WriteError) -> Entry {
    refused(error.status(), error.outcome())
}

fn not_tried() -> Entry {
    let what = "not tried, because the entry before it met a failure of the server: send it again";
    let world = WriteError::World(String::new());
    refused(world.status(), outcome::error(IssueCode::Transient, what))
}

fn refused(status: &str, outcome: Json) -> Entry {
    let (status, outcome) = (status.to_owned(), Some(outcome));
    let response = EntryResponse { status, outcome, ..EntryResponse::default() };
    Entry { response: Some(response), ..Entry::default() }
}

fn response(kind: BundleKind, entries: Vec<Entry>) -> Vec<u8> {
    let mut bundle = BundleBuilder::new(kind);
    entries.into_iter().for_each(|entry| bundle.push(entry));
    let mut out = Vec::new();
    bundle.build().write_to(&mut out);
    out
}
