//! What the entries of a Bundle ask for.

use fhir::{IssueCode, Json};

use crate::changing::IfMatch;
use crate::errors::WriteError;
use crate::ids;
use crate::resolving::{check_valid, issue};
use crate::segment_content::known_type;

/// Most entries of one Bundle.
pub const BUNDLE_ENTRIES_MAX: usize = ids::DEPOSIT_RESOURCES_MAX;

/// One entry of a Bundle, understood.
pub(crate) struct Asked {
    pub(crate) full_url: Option<String>,
    pub(crate) act: Act,
    pub(crate) resource: Json,
    pub(crate) if_none_exist: Option<String>,
    pub(crate) if_match: Option<IfMatch>,
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

impl Asked {
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
        let if_match = request.text("ifMatch").map(IfMatch::parse);
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

pub(crate) fn entries_of(mut bundle: Json) -> Result<Vec<Json>, WriteError> {
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

pub(crate) fn understood(bundle: Json) -> Result<Vec<Asked>, WriteError> {
    let entries = entries_of(bundle)?.into_iter().enumerate();
    entries.map(|(i, entry)| Asked::of(entry, i)).collect()
}

/// Refuses resources that are invalid.
pub(crate) fn check(asked: &[Asked]) -> Result<(), WriteError> {
    let written = asked.iter().enumerate().filter(|(_, asked)| asked.resource != Json::Null);
    let issues = written.flat_map(|(i, asked)| check_valid(&asked.resource, &place(i)));
    let issues: Vec<_> = issues.take(100).collect();
    if issues.is_empty() { Ok(()) } else { Err(WriteError::Invalid(issues)) }
}

pub(crate) fn place(i: usize) -> String {
    format!("Bundle.entry[{i}].resource")
}
