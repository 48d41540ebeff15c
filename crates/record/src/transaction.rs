//! Transactions and batches: one patient, and directory entries.

mod asked;
mod work;

pub(crate) use asked::{Act, Asked};
pub use asked::{BUNDLE_ENTRIES_MAX, parse_etag};

use asked::{check, entries_of, understood};
use fhir::bundle::{BundleBuilder, BundleKind, Entry, EntryResponse};
use fhir::{Json, Placement, placement};
use keyproto::message::{Deposit, Identifier, NewFile};
use std::collections::HashSet;
use terms::{FileId, ListId, Section, SessionId};
use work::Work;

use crate::creating::{nobody, unasked};
use crate::deposit::{Deposited, Destination};
use crate::errors::WriteError;
use crate::ids::ResourceId;
use crate::keyholder::Granted;
use crate::open_file::OpenFile;
use crate::reading::read_entry;
use crate::records::{Outcome, Records, Written};
use crate::resolving::named_file;

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
        let mut work = Work::new(self, file, open, asked.len(), creation)?;
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
