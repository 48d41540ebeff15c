//! Changing what a file or the directory has: update, patch, delete, and their conditional forms.

use fhir::references::{set_id, set_version, strip_id};
use fhir::{IssueCode, Json, Placement, patch, placement, section_of};
use terms::{Section, SessionId};

use crate::creating::{checked_type, not_kept, unasked, written};
use crate::deposit::{Deposited, Destination};
use crate::draft::{Draft, Which};
use crate::errors::WriteError;
use crate::ids::ResourceId;
use crate::open_file::OpenFile;
use crate::records::{Outcome, Records, Written, now};
use crate::redacted::unmark_redacted;
use crate::resolving::{Resolver, issue};
use crate::searching::same_content;
use crate::segment_content::{Carries, Kind, known_type};
use crate::version::Version;

/// One version to be written, checked against what is there.
pub(crate) struct Change {
    pub(crate) before: Version,
    /// The new content with references resolved; none deletes.
    pub(crate) content: Option<Json>,
}

impl Records {
    /// Replaces a resource. `if_match` is the version that must be current.
    ///
    /// What belongs to a patient takes `open`; directory entries do not. A deleted resource comes
    /// back. Ids are given by this server alone: a new id is not there.
    pub fn update(
        &self,
        by: SessionId,
        open: Option<&OpenFile>,
        resource_type: &str,
        id: &str,
        resource: Json,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let id = own_id(id)?;
        let file = self.target(resource_type, open, id)?;
        self.locks().locked(file.file(), || {
            let before = newest(file, resource_type, id)?;
            let change = self.replaced(file, before, resource, if_match, resource_type)?;
            self.apply(by, file, change)
        })
    }

    /// Replaces what the query finds, or creates where it finds nothing.
    pub fn conditional_update(
        &self,
        by: SessionId,
        open: Option<&OpenFile>,
        resource_type: &str,
        query: &str,
        resource: Json,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let name = checked_type(&resource)?;
        if name != resource_type {
            return Err(WriteError::Asked("the resource is of another type".into()));
        }
        let is_entry = placement(name) == Placement::Directory;
        let file = if is_entry { self.directory().entries() } else { open.ok_or(NEEDS)? };
        let result =
            self.locks().locked(file.file(), || match self.one_match(file, name, query)? {
                Some(before) => {
                    let change = self.replaced(file, before, resource, if_match, name)?;
                    self.apply(by, file, change).map(Ok)
                }
                None if resource.id().is_some() => Err(WriteError::NotServed(GIVEN.into())),
                None if is_entry => Ok(Err(resource)),
                None if name == "Patient" => Err(WriteError::NotThere),
                None => {
                    let id = file.file();
                    self.create_in_file(by, id, name, resource, Some(file), open).map(Ok)
                }
            })?;
        match result {
            Ok(written) => Ok(written),
            // Takes the directory's lock itself.
            Err(entry) => self.create_entry(by, name, entry, Some(query)),
        }
    }

    /// Applies a JSON Patch.
    pub fn patch(
        &self,
        by: SessionId,
        open: Option<&OpenFile>,
        resource_type: &str,
        id: &str,
        patch: &Json,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let id = own_id(id)?;
        let file = self.target(resource_type, open, id)?;
        self.locks().locked(file.file(), || {
            let before = newest(file, resource_type, id)?;
            if before.is_deleted() {
                return Err(WriteError::Gone { version: before.version() });
            }
            let patched = patch::apply(before.tree(), patch)?;
            let change = self.replaced(file, before, patched, if_match, resource_type)?;
            self.apply(by, file, change)
        })
    }

    /// Appends a version that says deleted. Deleting what is deleted changes nothing.
    pub fn delete(
        &self,
        by: SessionId,
        open: Option<&OpenFile>,
        resource_type: &str,
        id: &str,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let id = own_id(id)?;
        let file = self.target(resource_type, open, id)?;
        self.locks().locked(file.file(), || {
            let before = newest(file, resource_type, id)?;
            if before.is_deleted() {
                return Ok(Written::of(Outcome::Unchanged, &before));
            }
            match deleted(before, if_match) {
                Ok(change) => self.apply(by, file, change),
                Err(error) => Err(error),
            }
        })
    }

    /// The open file that an interaction is about.
    pub(crate) fn target<'a>(
        &'a self,
        resource_type: &str,
        open: Option<&'a OpenFile>,
        id: ResourceId,
    ) -> Result<&'a OpenFile, WriteError> {
        let name = known_type(resource_type).ok_or(WriteError::NotThere)?;
        match placement(name) {
            Placement::Refused => Err(not_kept(name)),
            Placement::Directory => Ok(self.directory().entries()),
            _ => open.filter(|open| open.file() == id.file).ok_or(NEEDS),
        }
    }

    /// Checks a replacement and resolves its references.
    pub(crate) fn replaced(
        &self,
        file: &OpenFile,
        before: Version,
        mut resource: Json,
        if_match: Option<u32>,
        resource_type: &str,
    ) -> Result<Change, WriteError> {
        if checked_type(&resource)? != resource_type {
            return Err(WriteError::Asked("the resource is of another type".into()));
        }
        let id = before.id().to_string();
        if resource.id().is_some_and(|given| given != id) {
            let what = "the id in the resource is not the one in the address";
            return Err(WriteError::Invalid(vec![issue(IssueCode::Value, "id", what)]));
        }
        let mut resolver = Resolver::new(self, Some(file.file()), Some(file));
        resolver.rewrite(&mut resource, resource_type);
        resolver.check()?;
        set_id(&mut resource, &id);
        Change::checked(before, resource, if_match)
    }

    /// Writes one change, unless nothing would be different.
    fn apply(&self, by: SessionId, file: &OpenFile, change: Change) -> Result<Written, WriteError> {
        if change.is_nothing() {
            return Ok(Written::of(Outcome::Unchanged, &change.before));
        }
        let is_entry = file.file() == self.directory().file();
        let (outcome, which) = (change.outcome(), Which::Old(change.before.inner().number));
        let (id, resource_type) = (change.before.id(), change.before.resource_type());
        let mut draft = Draft::new(now().max(change.before.last_updated()))?;
        change.put(&mut draft, file, is_entry)?;
        let to = if is_entry { Destination::Directory } else { Destination::File(file.file()) };
        let unchanged = Some(file.point());
        let Deposited::Stored(sealed) = self.deposit(by, &to, &draft, unchanged, Some(file))?
        else {
            return Err(unasked());
        };
        let written = written(outcome, &sealed, resource_type, which)?;
        if is_entry {
            let stored = written.stored.as_ref().filter(|version| !version.is_deleted());
            self.directory().note_changed(id, stored);
        }
        Ok(written)
    }
}

impl Change {
    /// A replacement whose references are resolved and whose id is set.
    pub(crate) fn checked(
        before: Version,
        mut content: Json,
        if_match: Option<u32>,
    ) -> Result<Change, WriteError> {
        check_match(&before, if_match)?;
        if before.inner().attachment.is_some() {
            let what = "the content of a Binary does not change: create another one";
            return Err(WriteError::NotServed(what.into()));
        }
        if before.resource_type() == "Patient" {
            unmark_redacted(&mut content);
        }
        Ok(Change { before, content: Some(content) })
    }

    /// Whether it would write what is there already.
    pub(crate) fn is_nothing(&self) -> bool {
        match &self.content {
            None => self.before.is_deleted(),
            Some(_) if self.before.is_deleted() => false,
            Some(content) if self.before.resource_type() == "Patient" => {
                let mut shown = self.before.tree().clone();
                unmark_redacted(&mut shown);
                same_content(&shown, content)
            }
            Some(content) => same_content(self.before.tree(), content),
        }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self.content {
            Some(_) => Outcome::Updated,
            None => Outcome::Deleted,
        }
    }

    /// Puts the next version into a draft.
    pub(crate) fn put(
        self,
        draft: &mut Draft,
        file: &OpenFile,
        is_entry: bool,
    ) -> Result<(), WriteError> {
        let before = &self.before;
        let (version, name) = (before.version() + 1, before.resource_type());
        let number = before.inner().number;
        let Some(mut content) = self.content else {
            draft.put_empty(Kind::Deleted, before.section(), number, version, name);
            return Ok(());
        };
        set_version(&mut content, &version.to_string(), &draft.at().to_string());
        let which = Which::Old(number);
        if is_entry {
            draft.put_entry(which, version, name, &content);
        } else if name == "Patient" {
            let sections = file.sections();
            let carries = Carries {
                contact: !sections.contains(Section::Contact),
                identity: !sections.contains(Section::Identity),
            };
            draft.put_patient(version, content, carries)?;
        } else {
            if section_of(&content) != before.section() {
                draft.put_empty(Kind::Moved, before.section(), number, version, name);
            }
            draft.put(which, version, name, &content, None);
        }
        Ok(())
    }
}

/// Checks a deletion.
pub(crate) fn deleted(before: Version, if_match: Option<u32>) -> Result<Change, WriteError> {
    check_match(&before, if_match)?;
    if before.resource_type() == "Patient" {
        let what = "a Patient is not deleted: two officers order that the whole file be erased";
        return Err(WriteError::NotServed(what.into()));
    }
    Ok(Change { before, content: None })
}

/// The newest version, which may say deleted.
pub(crate) fn newest(
    file: &OpenFile,
    resource_type: &str,
    id: ResourceId,
) -> Result<Version, WriteError> {
    let fits = (resource_type == "Patient") == id.number.is_none();
    file.newest(resource_type, id).filter(|_| fits).ok_or(WriteError::NotThere)
}

/// An id that this server could have given.
pub(crate) fn own_id(id: &str) -> Result<ResourceId, WriteError> {
    id.parse().map_err(|_| WriteError::NotServed(GIVEN.into()))
}

fn check_match(before: &Version, if_match: Option<u32>) -> Result<(), WriteError> {
    match if_match {
        Some(version) if version != before.version() => {
            Err(WriteError::OtherVersion { current: before.version() })
        }
        _ => Ok(()),
    }
}

/// A resource as a client sends it back to create a new one: without the id it had elsewhere.
pub(crate) fn without_id(mut resource: Json) -> Json {
    strip_id(&mut resource);
    resource
}

const NEEDS: WriteError = WriteError::NeedsOpening;
const GIVEN: &str = "ids are given by this server: create with POST";
