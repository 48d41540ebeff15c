//! One file, open: its released sections in memory.

use fhir::SearchQuery;
use fhir::bundle::{BundleKind, SearchMode};
use keyproto::message::{Release, Session};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use store::Store;
use terms::{FileId, Purpose, RelationClass, Sections, Time};

use crate::Directory;
use crate::answer::{Answer, Found, Page};
use crate::contents::{Contents, Stream};
use crate::errors::{OpenError, ReadError};
use crate::ids::{self, ResourceId};
use crate::keyholder::RecordedRelease;
use crate::opening::{Reached, read_released};
use crate::searching;
use crate::version::Version;

/// One file, as far as it was released to one session, at the moment of the opening.
///
/// What this session deposits afterwards is added; what others deposit takes another opening
/// ([`crate::Records::renew`]). No `Debug`, no `Clone`: share it behind an `Arc`. Plaintext and
/// keys are overwritten when it is dropped.
pub struct OpenFile {
    file: FileId,
    session: Session,
    state: RwLock<State>,
}

pub(crate) struct State {
    pub(crate) contents: Contents,
    /// What was released, and what this session itself began.
    sections: Sections,
    hidden: Sections,
    class: RelationClass,
    purpose: Purpose,
    entry: u64,
    until: Time,
    pub(crate) generation: u32,
    pub(crate) reached: Reached,
    /// What was deposited by this session behind segments of others, which are not known.
    ahead: bool,
    /// One more than the highest sequence that the contents know.
    seen: u32,
}

/// What `$everything` is asked for.
#[derive(Default)]
pub struct Everything {
    /// Only what was deposited at this moment or later.
    pub since: Option<Time>,
    /// Only these types; all where empty.
    pub types: Vec<String>,
    /// One page; the whole file where none.
    pub page: Option<Page>,
}

impl OpenFile {
    pub(crate) fn new(
        store: &dyn Store,
        tenant: &str,
        release: RecordedRelease,
    ) -> Result<OpenFile, OpenError> {
        let release = release.0;
        let state = State::new(store, tenant, &release)?;
        Ok(OpenFile {
            file: release.file,
            session: release.session.clone(),
            state: RwLock::new(state),
        })
    }

    pub(crate) fn renew(
        &self,
        store: &dyn Store,
        tenant: &str,
        release: RecordedRelease,
    ) -> Result<(), OpenError> {
        let release = release.0;
        if release.file != self.file || release.session.session != self.session.session {
            return Err(OpenError::Asked("the release is for another opening"));
        }
        let (reached, anew) = {
            let state = self.state();
            let other_keys = state.generation != release.generation;
            (state.reached, state.ahead || other_keys || state.sections != release.sections)
        };
        if release.segments < reached.segments {
            // An answer that was overtaken by a deposit of this session: what is here is newer.
            return Ok(());
        }
        if anew {
            let state = State::new(store, tenant, &release)?;
            *self.state_mut() = state;
            return Ok(());
        }
        let streams = read_released(store, tenant, &release, reached)?;
        let mut state = self.state_mut();
        if state.reached == reached && !state.ahead {
            state.contents.absorb(streams, release.hidden)?;
            state.take_over(&release);
        }
        Ok(())
    }

    /// Adds what this session deposited between the two points.
    pub(crate) fn add_own(
        &self,
        before: Reached,
        after: Reached,
        mut streams: Vec<Stream>,
        deposited: Sections,
    ) -> Result<(), OpenError> {
        let mut state = self.state_mut();
        if state.seen >= after.segments {
            return Ok(());
        }
        // A section that the file did not have before is shown to the one who began it, until the
        // next release says who may see it.
        state.sections = state.sections.union(deposited.without(state.hidden));
        let sections = state.sections;
        streams.retain(|stream| sections.contains(stream.section));
        let hidden = state.hidden;
        state.contents.absorb(streams, hidden)?;
        if state.reached == before && !state.ahead {
            state.reached = after;
        } else {
            state.ahead = true;
        }
        state.seen = after.segments;
        Ok(())
    }

    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        // A panic while it was held for writing can only have happened in the middle of adding
        // resources; the file would lack some, and is told apart by its head at the next renewal.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The session it was opened by.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What was released.
    pub fn sections(&self) -> Sections {
        self.state().sections
    }

    /// What the file has besides.
    pub fn hidden(&self) -> Sections {
        self.state().hidden
    }

    /// The relation it rests on.
    pub fn class(&self) -> RelationClass {
        self.state().class
    }

    /// What for.
    pub fn purpose(&self) -> Purpose {
        self.state().purpose
    }

    /// Number of the ledger entry that records the newest opening.
    pub fn entry(&self) -> u64 {
        self.state().entry
    }

    /// Last moment at which it may be used: drop it then.
    pub fn until(&self) -> Time {
        self.state().until
    }

    /// The current version of a resource.
    pub fn read(&self, resource_type: &str, id: &str) -> Result<Version, ReadError> {
        let number = self.number(resource_type, id)?;
        let state = self.state();
        let newest = state.contents.newest(resource_type, number).ok_or(ReadError::NotThere)?;
        if newest.is_deleted() {
            return Err(ReadError::Gone { version: newest.version() });
        }
        Ok(newest.clone())
    }

    /// One version of a resource.
    pub fn vread(
        &self,
        resource_type: &str,
        id: &str,
        version: &str,
    ) -> Result<Version, ReadError> {
        let number = self.number(resource_type, id)?;
        let asked: u32 = version.parse().map_err(|_| ReadError::NotThere)?;
        let state = self.state();
        let versions = state.contents.versions(resource_type, number);
        let found = versions.iter().find(|version| version.version() == asked);
        match found.ok_or(ReadError::NotThere)? {
            deleted if deleted.is_deleted() => Err(ReadError::Gone { version: asked }),
            found => Ok(found.clone()),
        }
    }

    /// Every version of a resource, the newest first.
    pub fn history(&self, resource_type: &str, id: &str, page: Page) -> Result<Answer, ReadError> {
        let number = self.number(resource_type, id)?;
        let state = self.state();
        let (segments, offset) = page.begin(state.seen);
        let versions = state.contents.versions(resource_type, number);
        let seen = versions.iter().rev().filter(|v| v.inner().sequence < segments);
        let seen: Vec<Version> = seen.cloned().collect();
        if seen.is_empty() {
            return Err(ReadError::NotThere);
        }
        let here = page.cut(&seen, offset).iter();
        let entry = |version: &Version| Found::whole(version.clone(), SearchMode::Match);
        Ok(Answer {
            kind: BundleKind::History,
            total: Some(seen.len() as u64),
            next: page.next(segments, offset, seen.len()),
            hidden: state.hidden,
            entries: here.map(entry).collect(),
        })
    }

    /// What matches, with what it includes from the file and the directory.
    ///
    /// Every resource of a file is in its patient's compartment, so a compartment search is this.
    pub fn search(&self, query: &SearchQuery, page: Page, directory: &Directory) -> Answer {
        searching::search(self, query, page, Some(directory.entries()))
    }

    /// The whole file, with the directory entries that it refers to.
    pub fn everything(&self, asked: &Everything, directory: &Directory) -> Answer {
        searching::everything(self, asked, directory.entries())
    }

    /// The number in an id of this file; an id of another file is as good as none.
    fn number(&self, resource_type: &str, id: &str) -> Result<Option<u64>, ReadError> {
        let id: ResourceId = id.parse().map_err(|_| ReadError::NotThere)?;
        let fits = id.file == self.file && (resource_type == "Patient") == id.number.is_none();
        if fits { Ok(id.number) } else { Err(ReadError::NotThere) }
    }
}

impl State {
    fn new(store: &dyn Store, tenant: &str, release: &Release) -> Result<State, OpenError> {
        let streams = read_released(store, tenant, release, Reached::NOTHING)?;
        let mut contents = Contents::new(release.file);
        contents.absorb(streams, release.hidden)?;
        let mut state = State {
            contents,
            sections: release.sections,
            hidden: release.hidden,
            class: release.class,
            purpose: release.purpose,
            entry: release.entry,
            until: release.until,
            generation: release.generation,
            reached: Reached::NOTHING,
            ahead: false,
            seen: 0,
        };
        state.take_over(release);
        Ok(state)
    }

    fn take_over(&mut self, release: &Release) {
        self.sections = release.sections;
        self.hidden = release.hidden;
        self.class = release.class;
        self.purpose = release.purpose;
        self.entry = release.entry;
        self.until = release.until;
        let head = seal::Chain::from_bytes(*release.head);
        self.reached = Reached { segments: release.segments, head };
        self.seen = release.segments;
    }

    pub(crate) fn seen(&self) -> u32 {
        self.seen
    }

    pub(crate) fn hidden(&self) -> Sections {
        self.hidden
    }
}

impl OpenFile {
    /// The time of the newest version that is known.
    pub(crate) fn latest(&self) -> Time {
        self.state().contents.latest()
    }

    /// Whether the file is known not to have this, or no longer. Nothing is known of it while
    /// something of the file is hidden, nor of what may have come after the opening.
    pub(crate) fn lacks(&self, resource_type: &str, id: ResourceId, version: Option<&str>) -> bool {
        let state = self.state();
        let reached = u64::from(state.reached.segments);
        let is_known = |number: &u64| ids::first_sequence(*number) < reached;
        let Some(number) = id.number.filter(is_known) else { return false };
        if state.hidden != Sections::NONE {
            return false;
        }
        let versions = state.contents.versions(resource_type, Some(number));
        match version {
            Some(asked) => !versions.iter().any(|one| one.version().to_string() == asked),
            None => versions.last().is_none_or(Version::is_deleted),
        }
    }

    /// How far the file is known, and the generation of its keys.
    pub(crate) fn point(&self) -> (Reached, u32) {
        let state = self.state();
        (state.reached, state.generation)
    }
}
