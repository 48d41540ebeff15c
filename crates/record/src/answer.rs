//! Answers with many resources: searchsets and histories, written straight to bytes.

use crate::version::Version;
use core::fmt;
use core::str::FromStr;
use fhir::bundle::{BundleKind, SearchMode};
use terms::Sections;

/// Which page of an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it begins; the default is the beginning of a new answer.
    pub from: Option<PageMark>,
    /// Most entries that match; included ones come on top.
    pub count: u32,
}

/// Where a page begins, and what the first page saw: paging goes on in the same state of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageMark {
    /// How many segments the file had.
    pub segments: u32,
    /// How many matches came before.
    pub offset: u32,
}

/// Some of the resources of a file, and what was left out.
pub struct Answer {
    pub(crate) kind: BundleKind,
    /// How many match in all; `None` where it was not asked for.
    pub total: Option<u64>,
    /// Where the next page begins, if there is one.
    pub next: Option<PageMark>,
    /// Sections that the file has and that were not released.
    pub hidden: Sections,
    pub(crate) entries: Vec<Found>,
}

pub(crate) struct Found {
    pub(crate) version: Version,
    pub(crate) mode: SearchMode,
    /// A part of the resource in place of the whole.
    pub(crate) part: Option<Vec<u8>>,
}

impl Answer {
    /// Number of entries on this page.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the page has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The versions on this page, in order.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.entries.iter().map(|found| &found.version)
    }

    /// The Bundle as compact JSON. It says which sections are hidden, if any.
    ///
    /// `base_url` is without the last slash; `self_url` and `next_url` become its links.
    pub fn to_bundle(&self, base_url: &str, self_url: &str, next_url: Option<&str>) -> Vec<u8> {
        let _ = (base_url, self_url, next_url, self.kind);
        todo!()
    }
}

impl fmt::Display for PageMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.segments, self.offset)
    }
}

impl FromStr for PageMark {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (segments, offset) = text.split_once('.').ok_or("not a page's mark")?;
        let number = |text: &str| text.parse().map_err(|_| "not a page's mark");
        Ok(PageMark {
            segments: number(segments)?,
            offset: number(offset)?,
        })
    }
}
