//! References of what is deposited: turned into ids of this server, and held to one file.

use fhir::compartment::{all_patient_references, subject_references};
use fhir::links::rewrite_links;
use fhir::references::{Target, for_each_reference, rewrite_references, target};
use fhir::{Issue, IssueCode, Json, Placement, Severity, placement, restrict, section_of};
use std::collections::{BTreeSet, HashMap, HashSet};
use terms::{FileId, Section};

use crate::errors::WriteError;
use crate::ids::ResourceId;
use crate::names::{Called, Names};
use crate::open_file::OpenFile;
use crate::records::Records;
use crate::searching::condition;

/// What references may mean, and what became of them.
pub(crate) struct Resolver<'a> {
    pub(crate) records: &'a Records,
    /// The file that everything goes to; none for a new one.
    pub(crate) file: Option<FileId>,
    /// What the id of the file's Patient looks like in references: real, or standing in.
    pub(crate) patient: Option<String>,
    pub(crate) open: Option<&'a OpenFile>,
    /// What the entries of the same bundle are called.
    pub(crate) names: Names,
    /// What the same bundle writes, by the reference to use: whether it is restricted.
    pub(crate) restricted: HashMap<String, bool>,
    /// What the same bundle deletes, by the reference to it.
    pub(crate) deleted: HashSet<String>,
    /// What the version before refers to already: it stands, whatever became of it.
    standing: HashSet<String>,
    /// The Patient that the same bundle creates, for conditional references.
    pub(crate) new_patient: Option<Json>,
    pub(crate) issues: Vec<Issue>,
}

enum Meaning {
    Keep,
    Is(String),
    Wrong(&'static str),
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        records: &'a Records,
        file: Option<FileId>,
        open: Option<&'a OpenFile>,
    ) -> Resolver<'a> {
        Resolver {
            records,
            file,
            patient: file.map(|file| file.to_string()),
            open: open.filter(|open| Some(open.file()) == file),
            names: Names::default(),
            restricted: HashMap::new(),
            deleted: HashSet::new(),
            standing: HashSet::new(),
            new_patient: None,
            issues: Vec::new(),
        }
    }

    /// Lets references find what an entry of the same bundle has become.
    pub(crate) fn name(&mut self, entry: Option<usize>, is: &str) {
        if let Some(entry) = entry {
            self.names.set(entry, is);
        }
    }

    /// Takes note of what the bundle writes under this reference.
    pub(crate) fn writes(&mut self, reference: String, resource: &Json) {
        self.restricted.insert(reference, section_of(resource) == Section::Restricted);
    }

    /// Rewrites every reference of a resource that stands alone, or in the entry `from` of a
    /// bundle, where links to entries become ones to what they are here; what is wrong goes to
    /// `issues` under `place`. A Binary that belongs to something restricted is labelled so too.
    pub(crate) fn rewrite(&mut self, resource: &mut Json, place: &str, from: Option<usize>) {
        let mut wrong = Vec::new();
        let mut meant = |meaning| match meaning {
            Meaning::Keep => None,
            Meaning::Is(other) => Some(other),
            Meaning::Wrong(message) => {
                wrong.push(message);
                None
            }
        };
        rewrite_references(resource, &mut |reference| meant(self.meaning(reference, from)));
        if from.is_some() {
            rewrite_links(resource, &mut |link| meant(self.entry(link, from)));
        }
        let others = all_patient_references(resource);
        let is_other = |reference: &&str| match target(reference) {
            Target::Relative { id, .. } => Some(id) != self.patient.as_deref(),
            // Another server's patient is no file here.
            _ => false,
        };
        if wrong.is_empty() && others.iter().any(is_other) {
            wrong.push("refers to a patient other than the one whose file this goes to");
        }
        if wrong.is_empty() && !subject_references(resource).is_empty() && !self.is_own(resource) {
            wrong.push("is about a patient of another server, not the one whose file this goes to");
        }
        wrong.dedup();
        let issues = wrong.into_iter().map(|message| issue(IssueCode::NotFound, place, message));
        self.issues.extend(issues);
        if resource.resource_type() == "Binary" && self.is_context_restricted(resource) {
            restrict(resource);
        }
    }

    /// Lets what the version before refers to stand in the next one.
    pub(crate) fn follows(&mut self, before: &Json) {
        self.standing.clear();
        for_each_reference(before, &mut |reference| {
            self.standing.insert(reference.to_owned());
        });
    }

    /// Refuses a change after which the resource would no longer say that it is about this patient:
    /// it would stay in the file, where no search for the patient finds it.
    pub(crate) fn keep_subject(&mut self, before: &Json, after: &Json, place: &str) {
        if self.is_own(before) && !self.is_own(after) {
            let what = "no longer refers to the patient whose file this is in";
            self.issues.push(issue(IssueCode::BusinessRule, place, what));
        }
    }

    /// Whether the elements that say whom a resource is about name the file's patient.
    fn is_own(&self, resource: &Json) -> bool {
        subject_references(resource).into_iter().any(|reference| match target(reference) {
            Target::Relative { id, .. } => Some(id) == self.patient.as_deref(),
            _ => false,
        })
    }

    /// Whether a Binary belongs to something restricted, or to something that cannot be seen from
    /// here: what it belongs to is then no reason to show it to more people.
    fn is_context_restricted(&self, binary: &Json) -> bool {
        let Some(context) = binary.get("securityContext") else { return false };
        let (is_local, resource_type, id) = match target(context.text("reference").unwrap_or("")) {
            Target::Relative { resource_type, id, .. } => (true, resource_type, id),
            Target::Absolute { resource_type, id, .. } => (false, resource_type, id),
            _ => return true,
        };
        if matches!(placement(resource_type), Placement::Patient | Placement::Directory) {
            return false;
        }
        if let Some(restricted) = self.restricted.get(&format!("{resource_type}/{id}")) {
            return *restricted;
        }
        let id = id.parse().ok().filter(|_| is_local);
        let newest = self.open.zip(id).and_then(|(open, id)| open.newest(resource_type, id));
        newest.is_none_or(|v| v.is_deleted() || v.section() == Section::Restricted)
    }

    /// Fails if anything was wrong.
    pub(crate) fn check(&mut self) -> Result<(), WriteError> {
        if self.issues.is_empty() {
            return Ok(());
        }
        Err(WriteError::Invalid(std::mem::take(&mut self.issues)))
    }

    fn meaning(&self, reference: &str, from: Option<usize>) -> Meaning {
        match self.entry(reference, from) {
            Meaning::Keep => {}
            entry => return entry,
        }
        match target(reference) {
            Target::Relative { resource_type, id, version } => {
                self.local(resource_type, id, version, false)
            }
            Target::Absolute { base, resource_type, id, version }
                if base == self.records.base_url() =>
            {
                self.local(resource_type, id, version, true)
            }
            Target::Conditional { resource_type, query } => self.conditional(resource_type, query),
            Target::Other(urn) if urn.starts_with("urn:uuid:") => {
                Meaning::Wrong("refers to a urn:uuid that is not in the bundle")
            }
            _ => Meaning::Keep,
        }
    }

    /// What a reference or link means by the entries of the bundle alone.
    fn entry(&self, link: &str, from: Option<usize>) -> Meaning {
        match self.names.called(link, from) {
            Called::Nothing => Meaning::Keep,
            Called::One(is) => Meaning::Is(is.to_owned()),
            Called::Several => Meaning::Wrong("may mean several entries of the bundle"),
        }
    }

    fn local(
        &self,
        resource_type: &str,
        id: &str,
        version: Option<&str>,
        was_absolute: bool,
    ) -> Meaning {
        let Ok(local) = id.parse::<ResourceId>() else {
            return match placement(resource_type) {
                Placement::Refused => Meaning::Keep,
                _ => Meaning::Wrong("refers to a resource that this server does not have"),
            };
        };
        let directory = self.records.directory();
        let is_entry = local.file == directory.file();
        if is_entry && directory.entries().newest(resource_type, local).is_none() {
            return Meaning::Wrong("refers to an entry that the directory does not have");
        }
        if !is_entry && Some(local.file) != self.file {
            return Meaning::Wrong("refers to something in another patient's file");
        }
        let named = format!("{resource_type}/{id}");
        let is = match version {
            Some(version) => format!("{named}/_history/{version}"),
            None => named.clone(),
        };
        if self.deleted.contains(&is) {
            return Meaning::Wrong("refers to something that the bundle deletes");
        }
        let is_written = self.restricted.contains_key(&named);
        let is_missing = !is_entry && !is_written && self.is_missing(resource_type, local, version);
        if is_missing && !self.standing.contains(&is) {
            return Meaning::Wrong("refers to something that the file does not have, or no longer");
        }
        if was_absolute { Meaning::Is(is) } else { Meaning::Keep }
    }

    /// Whether this is known not to be in the file; of one that is not open, little is.
    fn is_missing(&self, resource_type: &str, id: ResourceId, version: Option<&str>) -> bool {
        if (resource_type == "Patient") != id.number.is_none() {
            return true;
        }
        self.open.is_some_and(|open| open.lacks(resource_type, id, version))
    }

    fn conditional(&self, resource_type: &str, query: &str) -> Meaning {
        let Ok(query) = condition(resource_type, query, self.records.base_url()) else {
            return Meaning::Wrong("a conditional reference that cannot be understood");
        };
        if let (Some(new), Some(patient)) = (&self.new_patient, &self.patient)
            && query.matches(new)
        {
            return Meaning::Is(format!("Patient/{patient}"));
        }
        let found = match placement(resource_type) {
            Placement::Directory => self.records.directory().entries().matching(&query),
            _ => match self.open {
                Some(open) => open.matching(&query),
                None => return Meaning::Wrong("a condition on a file that is not open"),
            },
        };
        match &found[..] {
            [one] => Meaning::Is(format!("{resource_type}/{}", one.id())),
            [] => Meaning::Wrong("a conditional reference that finds nothing"),
            _ => Meaning::Wrong("a conditional reference that finds several resources"),
        }
    }
}

/// The one file that these resources' references name, besides the directory.
pub(crate) fn named_file<'r>(
    records: &Records,
    resources: impl Iterator<Item = &'r Json>,
) -> Result<Option<FileId>, WriteError> {
    let mut files = BTreeSet::new();
    for resource in resources {
        for_each_reference(resource, &mut |reference| {
            let id = match target(reference) {
                Target::Relative { id, .. } => id,
                Target::Absolute { base, id, .. } if base == records.base_url() => id,
                _ => return,
            };
            files.extend(id.parse().ok().map(|id: ResourceId| id.file));
        });
    }
    files.remove(&records.directory().file());
    let mut files = files.into_iter();
    match (files.next(), files.next()) {
        (file, None) => Ok(file),
        _ => Err(WriteError::Asked(
            "this is about more than one patient: send one request for each".into(),
        )),
    }
}

pub(crate) fn issue(code: IssueCode, expression: &str, message: &str) -> Issue {
    let (expression, message) = (expression.to_owned(), message.to_owned());
    Issue { severity: Severity::Error, code, expression, message }
}

/// Refuses what the validator finds wrong; expressions are prefixed by `place`.
pub(crate) fn check_valid(resource: &Json, place: &str) -> Vec<Issue> {
    let mut issues = fhir::validate(resource);
    issues.retain(|issue| issue.severity == Severity::Error);
    if !place.is_empty() {
        for issue in &mut issues {
            let rest = issue.expression.split_once('.').map(|(_, rest)| rest);
            issue.expression = match rest {
                Some(rest) => format!("{place}.{rest}"),
                None => place.to_owned(),
            };
        }
    }
    issues
}
