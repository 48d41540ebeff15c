//! One version of a resource, its text shared with the segment that it came in.

use fhir::{Json, Limits};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use terms::{FileId, Section, Time};
use zeroize::Zeroizing;

use crate::ids::ResourceId;

/// Opened bytes, overwritten when the last version in them is dropped.
pub(crate) type Blob = Arc<Zeroizing<Vec<u8>>>;

/// One version of a resource. Cheap to clone; no `Debug`, because it is content.
#[derive(Clone)]
pub struct Version(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) resource_type: &'static str,
    pub(crate) file: FileId,
    pub(crate) number: Option<u64>,
    pub(crate) version: u32,
    pub(crate) last_updated: Time,
    pub(crate) section: Section,
    pub(crate) sequence: u32,
    /// `None` for a version that says deleted.
    pub(crate) text: Option<(Blob, Range<usize>)>,
    pub(crate) tree: OnceLock<Json>,
    /// A Binary whose content lies in chunks.
    pub(crate) attachment: Option<crate::segment_content::Attachment>,
}

impl Version {
    pub(crate) fn new(inner: Inner) -> Version {
        Version(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// The resource type.
    pub fn resource_type(&self) -> &'static str {
        self.0.resource_type
    }

    /// The id.
    pub fn id(&self) -> ResourceId {
        ResourceId { file: self.0.file, number: self.0.number }
    }

    /// The version, from 1.
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// When it was deposited.
    pub fn last_updated(&self) -> Time {
        self.0.last_updated
    }

    /// The section it lies in; a Patient answers `label`.
    pub fn section(&self) -> Section {
        self.0.section
    }

    /// Whether this version says that the resource is deleted.
    pub fn is_deleted(&self) -> bool {
        self.0.text.is_none()
    }

    /// The resource as compact JSON; empty for a version that says deleted.
    pub fn bytes(&self) -> &[u8] {
        match &self.0.text {
            Some((blob, range)) => blob.get(range.clone()).unwrap_or_default(),
            None => &[],
        }
    }

    /// Whether the text is all there is: the content of an attachment lies beside it.
    pub fn is_whole(&self) -> bool {
        self.0.attachment.is_none()
    }

    /// The resource as it is shown among others; marked as a part where it is not whole.
    pub fn shown(&self) -> Json {
        let mut shown = self.tree().clone();
        if !self.is_whole() {
            fhir::subset::mark(&mut shown);
        }
        shown
    }

    /// The resource as a tree, parsed at the first call.
    pub fn tree(&self) -> &Json {
        // Text that an earlier program wrote was parsed before it was sealed; what does not parse
        // now reads as nothing and so matches nothing.
        self.0
            .tree
            .get_or_init(|| Json::parse(self.bytes(), &Limits::default()).unwrap_or_default())
    }
}

impl AsRef<Json> for Version {
    fn as_ref(&self) -> &Json {
        self.tree()
    }
}
