//! Creating one resource: a new file, a directory entry, or a deposit into a file.

use fhir::references::{set_id, set_version};
use fhir::{IssueCode, Json, Placement, placement};
use keyproto::message::{Identifier, NewFile};
use terms::{FileId, SessionId};

use crate::deposit::{Deposited, Destination};
use crate::directory::NewEntry;
use crate::draft::{Draft, Sealed, Which};
use crate::errors::WriteError;
use crate::ids::ResourceId;
use crate::open_file::OpenFile;
use crate::opening::Reached;
use crate::records::{Outcome, Records, Written, next_time, now};
use crate::resolving::{Resolver, check_valid, issue, named_file};
use crate::searching::condition;
use crate::segment_content::{Carries, known_type};

impl Records {
    /// Creates one resource. A Patient makes a new file; a directory type goes to the directory;
    /// anything else goes to the file that its references name, which need not be open.
    ///
    /// `if_none_exist` is the query of the header; except for `Patient?identifier=` and directory
    /// types it takes `open`. A deposit into the file of `open` is seen there at once.
    pub fn create(
        &self,
        by: SessionId,
        resource: Json,
        if_none_exist: Option<&str>,
        open: Option<&OpenFile>,
    ) -> Result<Written, WriteError> {
        let resource_type = checked_type(&resource)?;
        match placement(resource_type) {
            Placement::Patient => self.create_patient(by, resource, if_none_exist),
            Placement::Directory => self.create_entry(by, resource_type, resource, if_none_exist),
            Placement::File(_) => {
                let file = named_file(self, [&resource].into_iter())?.ok_or_else(nobody)?;
                let open = open.filter(|open| open.file() == file);
                self.locks().locked(file, || {
                    let point = open.map(OpenFile::point);
                    if let Some(query) = if_none_exist {
                        let open = open.ok_or(WriteError::NeedsOpening)?;
                        if let Some(found) = self.one_match(open, resource_type, query)? {
                            return Ok(Written::of(Outcome::Existed, &found));
                        }
                    }
                    let on = point.filter(|_| if_none_exist.is_some());
                    self.create_in_file(by, file, resource_type, resource, on, open)
                })
            }
            Placement::Refused => Err(not_kept(resource_type)),
        }
    }

    /// Callers hold the file's lock. The file must not have grown since `on`, because a condition
    /// was tried on what it had then.
    pub(crate) fn create_in_file(
        &self,
        by: SessionId,
        file: FileId,
        resource_type: &'static str,
        mut resource: Json,
        on: Option<(Reached, u32)>,
        open: Option<&OpenFile>,
    ) -> Result<Written, WriteError> {
        let mut resolver = Resolver::new(self, Some(file), open);
        resolver.rewrite(&mut resource, resource_type, None);
        resolver.check()?;
        let mut draft = Draft::new(next_time(open))?;
        let which = Which::New(draft.next_position()?);
        set_id(&mut resource, &draft.stand_in(which));
        set_version(&mut resource, "1", &draft.at().to_string());
        draft.put(which, 1, resource_type, &resource, None);
        let to = Destination::File(file);
        match self.deposit(by, &to, &draft, on, open)? {
            Deposited::Stored(sealed) => written(Outcome::Created, &sealed, resource_type, which),
            Deposited::Exists(_) => Err(unasked()),
        }
    }

    fn create_patient(
        &self,
        by: SessionId,
        patient: Json,
        if_none_exist: Option<&str>,
    ) -> Result<Written, WriteError> {
        let unless = if_none_exist.map(patient_condition).transpose()?;
        let mut resolver = Resolver::new(self, None, None);
        let mut draft = Draft::new(now())?;
        draft_patient(&mut draft, &mut resolver, patient, "Patient", None)?;
        resolver.check()?;
        let to = Destination::New(NewFile { unless, list: None, source: None });
        match self.deposit(by, &to, &draft, None, None)? {
            Deposited::Stored(sealed) => {
                written(Outcome::Created, &sealed, "Patient", Which::Old(None))
            }
            Deposited::Exists(file) => Ok(Written::existed("Patient", ResourceId::patient(file))),
        }
    }

    pub(crate) fn create_entry(
        &self,
        by: SessionId,
        resource_type: &'static str,
        resource: Json,
        if_none_exist: Option<&str>,
    ) -> Result<Written, WriteError> {
        let entries = self.directory().entries();
        if let Some(query) = if_none_exist
            && let Some(found) = self.one_match(entries, resource_type, query)?
        {
            return Ok(Written::of(Outcome::Existed, &found));
        }
        let mut resolver = Resolver::new(self, None, None);
        let entry = NewEntry { at: None, resource, place: resource_type.to_owned() };
        let kept = self.keep_entries(by, &[entry], &mut resolver)?;
        let kept = kept.first().ok_or_else(unasked)?;
        let outcome = if kept.existed { Outcome::Existed } else { Outcome::Created };
        match entries.newest(resource_type, kept.id) {
            Some(version) => Ok(Written::of(outcome, &version)),
            None => Err(WriteError::World("the directory has to be read again".into())),
        }
    }

    /// The one resource that a condition finds. Where such resources lie in a section that is not
    /// released, nothing found would say nothing.
    pub(crate) fn one_match(
        &self,
        open: &OpenFile,
        resource_type: &str,
        query: &str,
    ) -> Result<Option<crate::Version>, WriteError> {
        let query = condition(resource_type, query, self.base_url())?;
        if let Placement::File(section) = placement(resource_type)
            && open.hidden().contains(section)
        {
            let what = format!("{section} is not released, so a condition on it cannot be tried");
            return Err(WriteError::NotServed(what));
        }
        let mut found = open.matching(&query).into_iter();
        match (found.next(), found.next()) {
            (found, None) => Ok(found),
            _ => Err(WriteError::SeveralMatch),
        }
    }
}

/// Puts a new file's Patient into a draft, under the name that stands in.
pub(crate) fn draft_patient(
    draft: &mut Draft,
    resolver: &mut Resolver<'_>,
    mut patient: Json,
    place: &str,
    from: Option<usize>,
) -> Result<(), WriteError> {
    let name = draft.stand_in(Which::Old(None));
    resolver.patient = Some(name.clone());
    resolver.rewrite(&mut patient, place, from);
    set_id(&mut patient, &name);
    set_version(&mut patient, "1", &draft.at().to_string());
    draft.put_patient(1, patient, Carries::default())
}

/// The identifier of `identifier=system|value`, the one condition on a Patient.
pub(crate) fn patient_condition(query: &str) -> Result<Identifier, WriteError> {
    let wrong = || {
        let what = "a condition on a Patient has the form identifier=system|value";
        WriteError::Asked(what.into())
    };
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    match (pairs.next(), pairs.next()) {
        (Some((name, token)), None) if name == "identifier" => {
            let (system, value) = token.split_once('|').ok_or_else(wrong)?;
            if system.is_empty() || value.is_empty() {
                return Err(wrong());
            }
            Ok(Identifier { system: system.to_owned(), value: value.to_owned() })
        }
        _ => Err(wrong()),
    }
}

/// The type of a resource that passed validation.
pub(crate) fn checked_type(resource: &Json) -> Result<&'static str, WriteError> {
    let issues = check_valid(resource, "");
    if !issues.is_empty() {
        return Err(WriteError::Invalid(issues));
    }
    known_type(resource.resource_type()).ok_or_else(|| {
        let what = "this is not a resource type of FHIR R4";
        WriteError::Invalid(vec![issue(IssueCode::NotSupported, "resourceType", what)])
    })
}

pub(crate) fn written(
    outcome: Outcome,
    sealed: &Sealed,
    resource_type: &str,
    which: Which,
) -> Result<Written, WriteError> {
    let version = sealed.version(resource_type, which).ok_or_else(unasked)?;
    Ok(Written::of(outcome, &version))
}

pub(crate) fn nobody() -> WriteError {
    WriteError::Asked(
        "this names no patient: refer to Patient/<id>, or send it in one transaction with the \
         Patient"
            .into(),
    )
}

pub(crate) fn not_kept(resource_type: &str) -> WriteError {
    if resource_type == "AuditEvent" {
        let what = "AuditEvents come from the ledger alone: they are searched and never written";
        return WriteError::NotServed(what.into());
    }
    WriteError::NotServed(format!(
        "{resource_type} is neither about a patient nor part of the directory, and is not kept here"
    ))
}

/// The keyholder answered something that was not asked.
pub(crate) fn unasked() -> WriteError {
    WriteError::World("the keyholder's answer does not fit the deposit".into())
}
