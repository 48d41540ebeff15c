//! The directory: practitioners, organisations, places. Anyone signed in may read it.

use aws_lc_rs::digest::{SHA256, digest};
use fhir::references::{set_id, set_version, strip_id};
use fhir::{Json, SearchQuery};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use terms::{FileId, SessionId};

use crate::answer::{Answer, Page};
use crate::deposit::{Deposited, Destination};
use crate::draft::{Draft, Which};
use crate::errors::{OpenError, ReadError, WriteError};
use crate::ids::{self, ResourceId};
use crate::names::Names;
use crate::open_file::OpenFile;
use crate::records::{Records, now};
use crate::resolving::Resolver;
use crate::searching::{self, stripped};
use crate::segment_content::known_type;
use crate::version::Version;

/// The directory, in memory, kept up to date by the deposits of this process.
pub struct Directory {
    entries: OpenFile,
    /// Entries by a hash of type and content, so that the same one is kept once.
    same: RwLock<HashMap<[u8; 32], ResourceId>>,
}

/// An entry to be kept once: what is already there is found again.
pub(crate) struct NewEntry {
    /// Which entry of the bundle it is.
    pub(crate) at: Option<usize>,
    pub(crate) resource: Json,
    /// Where it stood, for messages.
    pub(crate) place: String,
}

/// Where an entry is, and whether it was there before.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) id: ResourceId,
    pub(crate) existed: bool,
}

impl Directory {
    pub(crate) fn new(entries: OpenFile) -> Directory {
        let directory = Directory { entries, same: RwLock::default() };
        directory.note_all();
        directory
    }

    /// The file that it lies in: ids of directory entries begin with its name.
    pub fn file(&self) -> FileId {
        self.entries.file()
    }

    /// The current version of an entry.
    pub fn read(&self, resource_type: &str, id: &str) -> Result<Version, ReadError> {
        self.entries.read(resource_type, id)
    }

    /// One version of an entry.
    pub fn vread(
        &self,
        resource_type: &str,
        id: &str,
        version: &str,
    ) -> Result<Version, ReadError> {
        self.entries.vread(resource_type, id, version)
    }

    /// Every version of an entry, the newest first.
    pub fn history(&self, resource_type: &str, id: &str, page: Page) -> Result<Answer, ReadError> {
        self.entries.history(resource_type, id, page)
    }

    /// What matches, with what it includes.
    pub fn search(&self, query: &SearchQuery, page: Page) -> Answer {
        searching::search(&self.entries, query, page, None)
    }

    pub(crate) fn entries(&self) -> &OpenFile {
        &self.entries
    }

    /// Takes note of the content of a new entry.
    fn note_new(&self, version: &Version) {
        let mut same = self.same.write().unwrap_or_else(PoisonError::into_inner);
        same.insert(content_hash(version.tree()), version.id());
    }

    fn note_all(&self) {
        let state = self.entries.state();
        let mut same = self.same.write().unwrap_or_else(PoisonError::into_inner);
        same.clear();
        for resource_type in state.contents.types() {
            for version in state.contents.current(resource_type) {
                same.entry(content_hash(version.tree())).or_insert(version.id());
            }
        }
    }

    fn find_same(&self, hash: &[u8; 32]) -> Option<ResourceId> {
        self.same.read().unwrap_or_else(PoisonError::into_inner).get(hash).copied()
    }
}

impl Records {
    /// Reads what another process, such as an import, has deposited into the directory.
    ///
    /// Segments are stored before the keyholder knows them. Where the store has none behind the
    /// last that was read, nothing is new, and the keyholder is not asked for its keys again.
    pub fn refresh_directory(&self) -> Result<(), OpenError> {
        let (reached, _) = self.directory().entries.point();
        if self.store().outline(self.directory().file(), reached.segments)?.is_empty() {
            return Ok(());
        }
        self.locks().locked(self.directory().file(), || self.renew_directory())
    }

    fn renew_directory(&self) -> Result<(), OpenError> {
        let release = self.keyholder().directory()?;
        let directory = self.directory();
        let before = directory.entries.point();
        directory.entries.renew(self.store().as_ref(), self.keyholder().tenant(), release)?;
        if directory.entries.point() != before {
            directory.note_all();
        }
        Ok(())
    }

    /// Keeps directory entries: finds those that are there with the same content, and deposits the
    /// others together. Names all of them to the resolver.
    pub(crate) fn keep_entries(
        &self,
        by: SessionId,
        entries: &[NewEntry],
        resolver: &mut Resolver<'_>,
    ) -> Result<Vec<Kept>, WriteError> {
        // Without the lock first: when everything is there already, nobody has to wait.
        if let Some(kept) = self.find_all(entries, resolver)? {
            return Ok(kept);
        }
        self.locks().locked(self.directory().file(), || {
            for _ in 0..3 {
                match self.keep_missing(by, entries, resolver) {
                    Err(WriteError::Stale) => self.renew_directory()?,
                    other => return other,
                }
            }
            Err(WriteError::Busy)
        })
    }

    fn find_all(
        &self,
        entries: &[NewEntry],
        resolver: &mut Resolver<'_>,
    ) -> Result<Option<Vec<Kept>>, WriteError> {
        let mut found = vec![Standing::Unknown; entries.len()];
        self.settle(entries, &mut found, resolver)?;
        let kept = |standing: &Standing| match standing {
            Standing::There(id) => Some(Kept { id: *id, existed: true }),
            _ => None,
        };
        Ok(found.iter().map(kept).collect())
    }

    /// Finds out, for one entry after another, whether it is there: as soon as all that it refers
    /// to is known to be there, its content can be compared. Whatever refers to a new one is new.
    fn settle(
        &self,
        entries: &[NewEntry],
        found: &mut [Standing],
        resolver: &mut Resolver<'_>,
    ) -> Result<(), WriteError> {
        let own = |(i, entry): (usize, &NewEntry)| entry.at.map(|at| (at, i));
        let own: HashMap<usize, usize> = entries.iter().enumerate().filter_map(own).collect();
        loop {
            let mut progress = false;
            for (i, entry) in entries.iter().enumerate() {
                if found[i] != Standing::Unknown {
                    continue;
                }
                let needs = references_to(entry, &resolver.names, &own);
                if needs.iter().any(|need| found[*need] == Standing::New) {
                    found[i] = Standing::New;
                } else if needs.iter().all(|need| found[*need] != Standing::Unknown) {
                    let mut resource = entry.resource.clone();
                    resolver.rewrite(&mut resource, &entry.place, entry.at);
                    resolver.check()?;
                    found[i] = match self.directory().find_same(&content_hash(&resource)) {
                        Some(id) => {
                            resolver.name_entry(entry, id);
                            Standing::There(id)
                        }
                        None => Standing::New,
                    };
                } else {
                    continue;
                }
                progress = true;
            }
            if !progress {
                return Ok(());
            }
        }
    }

    fn keep_missing(
        &self,
        by: SessionId,
        entries: &[NewEntry],
        resolver: &mut Resolver<'_>,
    ) -> Result<Vec<Kept>, WriteError> {
        let directory = self.directory();
        let unchanged = directory.entries.point();
        let mut found = vec![Standing::Unknown; entries.len()];
        self.settle(entries, &mut found, resolver)?;
        let mut draft = Draft::new(now())?;
        let mut positions = vec![None; entries.len()];
        for (i, entry) in entries.iter().enumerate() {
            if !matches!(found[i], Standing::There(_)) {
                let position = draft.next_position()?;
                positions[i] = Some(position);
                let id = draft.stand_in(Which::New(position));
                let is = format!("{}/{id}", entry.resource.resource_type());
                resolver.name(entry.at, &is);
            }
        }
        for (entry, position) in entries.iter().zip(&positions) {
            let Some(position) = *position else { continue };
            let mut resource = entry.resource.clone();
            resolver.rewrite(&mut resource, &entry.place, entry.at);
            let name = known_type(resource.resource_type());
            let name = name.ok_or_else(|| WriteError::Asked("unknown type".into()))?;
            let which = Which::New(position);
            set_id(&mut resource, &draft.stand_in(which));
            set_version(&mut resource, "1", &draft.at().to_string());
            draft.put_entry(which, 1, name, &resource);
        }
        resolver.check()?;
        if draft.is_empty() {
            return Ok(found.iter().filter_map(Standing::kept).collect());
        }
        let to = Destination::Directory;
        let open = Some(&directory.entries);
        let Deposited::Stored(sealed) = self.deposit(by, &to, &draft, Some(unchanged), open)?
        else {
            return Err(WriteError::World("the keyholder did not know the directory".into()));
        };
        let file = directory.file();
        let mut kept = Vec::with_capacity(entries.len());
        for ((entry, position), standing) in entries.iter().zip(positions).zip(&found) {
            if let Some(there) = standing.kept() {
                kept.push(there);
            } else if let Some(position) = position {
                let number = Some(ids::number(sealed.before.segments, position));
                let id = ResourceId { file, number };
                resolver.name_entry(entry, id);
                if let Some(version) = directory.entries.newest(entry.resource.resource_type(), id)
                {
                    directory.note_new(&version);
                }
                kept.push(Kept { id, existed: false });
            }
        }
        Ok(kept)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unknown,
    There(ResourceId),
    New,
}

impl Standing {
    fn kept(&self) -> Option<Kept> {
        match self {
            Standing::There(id) => Some(Kept { id: *id, existed: true }),
            _ => None,
        }
    }
}

impl Resolver<'_> {
    fn name_entry(&mut self, entry: &NewEntry, id: ResourceId) {
        let is = format!("{}/{id}", entry.resource.resource_type());
        self.name(entry.at, &is);
    }
}

/// Which others of the entries `own`, by their places in the bundle, this one refers to.
fn references_to(entry: &NewEntry, names: &Names, own: &HashMap<usize, usize>) -> Vec<usize> {
    let mut needs = Vec::new();
    fhir::references::for_each_reference(&entry.resource, &mut |reference| {
        let meant = names.find(reference, entry.at).into_iter();
        needs.extend(meant.filter(|at| Some(*at) != entry.at).filter_map(|at| own.get(&at)));
    });
    needs
}

/// The hash of an entry's type and content: without id and version, and however it was spaced.
fn content_hash(resource: &Json) -> [u8; 32] {
    let mut content = stripped(resource);
    strip_id(&mut content);
    let mut text = Vec::new();
    content.write_to(&mut text);
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, &text).as_ref());
    hash
}
