//! Changing what a file or the directory has: update, patch, delete, and their conditional forms.

use fhir::references::{set_id, set_version, strip_id};
use fhir::{IssueCode, Json, PatientFacts, Placement, patch, placement, section_of};
use terms::Section;

use crate::creating::{checked_type, not_kept, unasked, written};
use crate::deposit::{Deposited, Destination};
use crate::draft::{Draft, Which};
use crate::errors::WriteError;
use crate::ids::ResourceId;
use crate::open_file::OpenFile;
use crate::opening::Reached;
use crate::records::{Outcome, Records, Written, next_time};
use crate::redacted::unmark_redacted;
use crate::replacing::replacement;
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

/// What `If-Match` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// That this version is the current one.
    Version(u32),
    /// That there is a current one, whichever it is: what was deleted has none.
    Any,
}

impl IfMatch {
    /// Understands an entity tag, weak or not, or `*`. A tag that no version has fits no version.
    pub fn parse(tag: &str) -> Option<IfMatch> {
        let tag = tag.trim();
        if tag == "*" {
            return Some(IfMatch::Any);
        }
        let version = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
        let is_tag = !version.is_empty() && !version.contains('"');
        is_tag.then(|| IfMatch::Version(version.parse().unwrap_or(u32::MAX)))
    }
}

impl Records {
    /// Replaces a resource. `if_match` is the version that must be current. A deleted one comes
    /// back.
    ///
    /// Ids are given by this server alone, so there is no update of one that is not there.
    pub fn update(
        &self,
        open: &OpenFile,
        resource_type: &str,
        id: &str,
        resource: Json,
        if_match: Option<IfMatch>,
    ) -> Result<Written, WriteError> {
        let id = changeable(resource_type, id)?;
        self.locks().locked(open.file(), || {
            let point = open.point();
            let before = newest(open, resource_type, id)?;
            let resource = replacement(&before, resource)?;
            let change = self.replaced(open, before, resource, if_match, resource_type)?;
            self.apply(open, point, change)
        })
    }

    /// Replaces what the query finds, or creates where it finds nothing.
    pub fn conditional_update(
        &self,
        open: &OpenFile,
        resource_type: &str,
        query: &str,
        resource: Json,
        if_match: Option<IfMatch>,
    ) -> Result<Written, WriteError> {
        let name = checked_type(&resource)?;
        if name != resource_type {
            return Err(WriteError::Asked("the resource is of another type".into()));
        }
        check_changeable(name)?;
        self.locks().locked(open.file(), || {
            let point = open.point();
            if let Some(before) = self.one_match(open, name, query)? {
                let resource = replacement(&before, resource)?;
                let change = self.replaced(open, before, resource, if_match, name)?;
                return self.apply(open, point, change);
            }
            if resource.id().is_some() || name == "Patient" {
                return Err(WriteError::NotServed(GIVEN.into()));
            }
            let (by, file) = (open.session().session, open.file());
            self.create_in_file(by, file, name, resource, Some(point), Some(open))
        })
    }

    /// Applies a JSON Patch.
    pub fn patch(
        &self,
        open: &OpenFile,
        resource_type: &str,
        id: &str,
        patch: &Json,
        if_match: Option<IfMatch>,
    ) -> Result<Written, WriteError> {
        let id = changeable(resource_type, id)?;
        self.locks().locked(open.file(), || {
            let point = open.point();
            let before = newest(open, resource_type, id)?;
            if before.is_deleted() {
                return Err(WriteError::Gone { version: before.version() });
            }
            let patched = patch::apply(before.tree(), patch)?;
            let change = self.replaced(open, before, patched, if_match, resource_type)?;
            self.apply(open, point, change)
        })
    }

    /// Appends a version that says deleted. Deleting what is deleted changes nothing.
    pub fn delete(
        &self,
        open: &OpenFile,
        resource_type: &str,
        id: &str,
        if_match: Option<IfMatch>,
    ) -> Result<Written, WriteError> {
        let id = changeable(resource_type, id)?;
        self.locks().locked(open.file(), || {
            let point = open.point();
            let before = newest(open, resource_type, id)?;
            if before.is_deleted() {
                return Ok(Written::of(Outcome::Unchanged, &before));
            }
            self.apply(open, point, deleted(before, if_match)?)
        })
    }

    /// Checks a replacement and resolves its references.
    pub(crate) fn replaced(
        &self,
        file: &OpenFile,
        before: Version,
        mut resource: Json,
        if_match: Option<IfMatch>,
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
        let earlier = content_before(file, &before);
        resolver.follows(earlier.tree());
        resolver.rewrite(&mut resource, resource_type, None);
        resolver.keep_subject(earlier.tree(), &resource, resource_type);
        resolver.check()?;
        set_id(&mut resource, &id);
        Change::checked(before, resource, if_match)
    }

    /// Writes one change, unless nothing would be different. `point` was taken before anything was
    /// read, so that what is written rests on nothing that was overtaken since.
    fn apply(
        &self,
        open: &OpenFile,
        point: (Reached, u32),
        change: Change,
    ) -> Result<Written, WriteError> {
        if change.is_nothing() {
            return Ok(Written::of(Outcome::Unchanged, &change.before));
        }
        let (outcome, which) = (change.outcome(), Which::Old(change.before.inner().number));
        let resource_type = change.before.resource_type();
        let mut draft = Draft::new(next_time(Some(open)))?;
        change.put(&mut draft, open)?;
        let (by, to) = (open.session().session, Destination::File(open.file()));
        match self.deposit(by, &to, &draft, Some(point), Some(open))? {
            Deposited::Stored(sealed) => written(outcome, &sealed, resource_type, which),
            Deposited::Exists(_) => Err(unasked()),
        }
    }
}

impl Change {
    /// A replacement whose references are resolved and whose id is set.
    pub(crate) fn checked(
        before: Version,
        mut content: Json,
        if_match: Option<IfMatch>,
    ) -> Result<Change, WriteError> {
        check_match(&before, if_match)?;
        if before.resource_type() == "Binary" {
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
    pub(crate) fn put(self, draft: &mut Draft, open: &OpenFile) -> Result<(), WriteError> {
        let before = &self.before;
        let (version, name) = (before.version() + 1, before.resource_type());
        let number = before.inner().number;
        let Some(mut content) = self.content else {
            draft.put_empty(Kind::Deleted, before.section(), number, version, name);
            return Ok(());
        };
        set_version(&mut content, &version.to_string(), &draft.at().to_string());
        let which = Which::Old(number);
        if name == "Patient" {
            // A part that the file has not begins with this version.
            let hidden = open.hidden();
            let carries = Carries {
                contact: hidden.contains(Section::Contact),
                identity: hidden.contains(Section::Identity),
            };
            if carries != Carries::default()
                && PatientFacts::of(before.tree()) != PatientFacts::of(&content)
            {
                let what = "this session does not see every part of the Patient, and changes \
                            nothing by which it is found: names, birth date, telephone numbers";
                return Err(WriteError::NotServed(what.into()));
            }
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
pub(crate) fn deleted(before: Version, if_match: Option<IfMatch>) -> Result<Change, WriteError> {
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

/// The newest version with content: what a deleted resource said last still holds for it.
pub(crate) fn content_before(file: &OpenFile, newest: &Version) -> Version {
    let last = newest.version().saturating_sub(1).to_string();
    let id = newest.id().to_string();
    match newest.is_deleted() {
        true => file.vread(newest.resource_type(), &id, &last).unwrap_or_else(|_| newest.clone()),
        false => newest.clone(),
    }
}

/// An id that this server could have given, of a type that changes.
pub(crate) fn changeable(resource_type: &str, id: &str) -> Result<ResourceId, WriteError> {
    check_changeable(known_type(resource_type).ok_or(WriteError::NotThere)?)?;
    id.parse().map_err(|_| WriteError::NotServed(GIVEN.into()))
}

/// Directory entries are everybody's: whoever may deposit could otherwise rewrite a colleague's.
pub(crate) fn check_changeable(resource_type: &'static str) -> Result<(), WriteError> {
    match placement(resource_type) {
        Placement::Refused => Err(not_kept(resource_type)),
        Placement::Directory => {
            let what = "directory entries are not changed: create another one";
            Err(WriteError::NotServed(what.into()))
        }
        Placement::Patient | Placement::File(_) => Ok(()),
    }
}

fn check_match(before: &Version, if_match: Option<IfMatch>) -> Result<(), WriteError> {
    let fits = match if_match {
        None => true,
        Some(IfMatch::Version(version)) => version == before.version(),
        Some(IfMatch::Any) => !before.is_deleted(),
    };
    if fits { Ok(()) } else { Err(WriteError::OtherVersion { current: before.version() }) }
}

/// A resource as a client sends it back to create a new one: without the id it had elsewhere.
pub(crate) fn without_id(mut resource: Json) -> Json {
    strip_id(&mut resource);
    resource
}

pub(crate) const GIVEN: &str = "ids are given by this server: create with POST";
