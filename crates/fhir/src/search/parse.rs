use super::composite::CompositeTest;
use super::date::DateTest;
use super::includes::Include;
use super::matcher::{Criterion, Test, ValueTest};
use super::number::{NumberTest, QuantityTest};
use super::parameter::{self, Parameter};
use super::reference::ReferenceTest;
use super::sort::SortItem;
use super::text::TextTest;
use super::token::TokenTest;
use super::uri::UriTest;
use super::value::{split, unescape};
use super::{Named, SearchError, SearchQuery, Total};
use crate::compartment::SUBJECTS;
use crate::definitions::{self, ParameterKind, is_resource_type, search_parameters};
use crate::subset::Subset;

/// Most parameters of a query, and most values in all.
const PARAMETERS_MAX: usize = 64;
const VALUES_MAX: usize = 512;

/// Parameters of the standard that are not served.
const NOT_SERVED: [&str; 8] =
    ["_contained", "_containedType", "_content", "_filter", "_list", "_query", "_text", "_type"];

/// Understands a query; see [`SearchQuery::parse`].
pub(super) fn query<'a>(
    resource_type: &str,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
    base_url: &str,
) -> Result<SearchQuery, SearchError> {
    let found = definitions::resource_type(resource_type).ok_or(SearchError::UnknownType)?;
    let query = empty(found.name);
    let mut parser = Parser { query, base_url, values: 0, summary: false };
    for (at, (name, value)) in parameters.enumerate() {
        if at == PARAMETERS_MAX {
            return Err(SearchError::TooMany);
        }
        parser.parameter(name, value)?;
    }
    // The standard: no resources asked for is a question for their number.
    if parser.query.count == Some(0) {
        parser.query.subset = Subset::Count;
    }
    parser.query.named = named(&parser.query);
    // Taking references apart costs more than comparing codes, and narrows less within a file.
    parser.query.criteria.sort_by_key(|c| c.parameter.definition.kind == ParameterKind::Reference);
    Ok(parser.query)
}

fn empty(resource_type: &'static str) -> SearchQuery {
    SearchQuery {
        resource_type,
        criteria: Vec::new(),
        sort: Vec::new(),
        count: None,
        total: None,
        subset: Subset::Whole,
        includes: Vec::new(),
        revincludes: Vec::new(),
        named: Named::Nobody,
    }
}

struct Parser<'u> {
    query: SearchQuery,
    base_url: &'u str,
    values: usize,
    /// Whether `_summary` was given.
    summary: bool,
}

impl Parser<'_> {
    fn parameter(&mut self, name: &str, value: &str) -> Result<(), SearchError> {
        match name {
            "_format" | "_pretty" => Ok(()),
            "_sort" => self.sort(value),
            "_count" | "_total" | "_summary" | "_elements" => {
                self.control(name, value).ok_or_else(|| SearchError::bad_value(name))
            }
            "_include" => {
                let include = Include::parse(value, Some(self.query.resource_type));
                self.query.includes.push(include.ok_or_else(|| SearchError::bad_value(name))?);
                Ok(())
            }
            "_revinclude" => {
                let include = Include::parse(value, None);
                self.query.revincludes.push(include.ok_or_else(|| SearchError::bad_value(name))?);
                Ok(())
            }
            _ => self.criterion(name, value),
        }
    }

    /// Parameters that say how to answer; each may be given once.
    fn control(&mut self, name: &str, value: &str) -> Option<()> {
        let query = &mut self.query;
        match name {
            "_count" if query.count.is_none() => {
                let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
                query.count = Some(value.parse().ok().filter(|_| is_number)?);
            }
            "_total" if query.total.is_none() => {
                query.total = Some(match value {
                    "none" => Total::None,
                    "estimate" => Total::Estimate,
                    "accurate" => Total::Accurate,
                    _ => return None,
                });
            }
            "_summary" if !self.summary => {
                self.summary = true;
                let subset = match value {
                    "true" => Subset::Summary,
                    "text" => Subset::Text,
                    "data" => Subset::Data,
                    "count" => Subset::Count,
                    "false" => return Some(()),
                    _ => return None,
                };
                (query.subset == Subset::Whole).then(|| query.subset = subset)?;
            }
            "_elements" if query.subset == Subset::Whole => {
                let fhir_type = definitions::resource_type(query.resource_type)?;
                let known = |name: &str| Some(fhir_type.element(name)?.name.to_string());
                let names = value.split(',').map(known).collect::<Option<Vec<_>>>()?;
                query.subset = Subset::Elements(names);
            }
            _ => return None,
        }
        Some(())
    }

    fn sort(&mut self, value: &str) -> Result<(), SearchError> {
        let bad = || SearchError::bad_value("_sort");
        if !self.query.sort.is_empty() {
            return Err(bad());
        }
        for item in value.split(',') {
            let (name, is_descending) = match item.strip_prefix('-') {
                Some(name) => (name, true),
                None => (item, false),
            };
            let parameter = parameter::find(self.query.resource_type, name).ok_or_else(bad)?;
            if parameter.definition.kind == ParameterKind::Composite {
                return Err(bad());
            }
            self.query.sort.push(SortItem { parameter, is_descending });
        }
        if self.query.sort.len() > PARAMETERS_MAX { Err(SearchError::TooMany) } else { Ok(()) }
    }

    fn criterion(&mut self, full_name: &str, value: &str) -> Result<(), SearchError> {
        let (name, modifier) = match full_name.split_once(':') {
            Some((name, modifier)) => (name, Some(modifier)),
            None => (full_name, None),
        };
        let parameter = self.find(full_name, name)?;
        let parts = split(value, ',');
        self.values += parts.len();
        if self.values > VALUES_MAX {
            return Err(SearchError::TooMany);
        }
        let test = match modifier {
            Some("missing") => match value {
                "true" => Test::Missing(true),
                "false" => Test::Missing(false),
                _ => return Err(SearchError::bad_value(full_name)),
            },
            Some(modifier) if !has_modifier(parameter.definition.kind, modifier) => {
                return Err(SearchError::UnsupportedModifier { name: SearchError::shown(name) });
            }
            _ => {
                let read = |part| value_test(parameter, modifier, part, self.base_url);
                let tests = parts.into_iter().map(read).collect::<Option<Vec<_>>>();
                let tests = tests.ok_or_else(|| SearchError::bad_value(full_name))?;
                if modifier == Some("not") { Test::NotAny(tests) } else { Test::Any(tests) }
            }
        };
        self.query.criteria.push(Criterion { parameter, test });
        Ok(())
    }

    fn find(&self, full_name: &str, name: &str) -> Result<&'static Parameter, SearchError> {
        let resource_type = self.query.resource_type;
        if let Some(parameter) = parameter::find(resource_type, name)
            && !full_name.contains('.')
        {
            return Ok(parameter);
        }
        let shown = SearchError::shown(full_name);
        let is_defined = || search_parameters(resource_type).iter().any(|p| p.name == name);
        if matches!(name, "_include" | "_revinclude" | "_sort" | "_count" | "_summary") {
            return Err(SearchError::UnsupportedModifier { name: shown });
        }
        if full_name.contains('.') || name == "_has" {
            return Err(SearchError::Chained { name: shown });
        }
        if NOT_SERVED.contains(&name) || is_defined() {
            return Err(SearchError::NotServed { name: shown });
        }
        Err(SearchError::UnknownParameter { resource_type, name: shown })
    }
}

/// Whether parameters of this kind have the modifier here; `missing` is every parameter's.
fn has_modifier(kind: ParameterKind, modifier: &str) -> bool {
    match kind {
        ParameterKind::Token => matches!(modifier, "not" | "text" | "of-type"),
        ParameterKind::String => matches!(modifier, "exact" | "contains"),
        ParameterKind::Uri => matches!(modifier, "below" | "above"),
        ParameterKind::Reference => modifier == "identifier" || is_resource_type(modifier),
        _ => false,
    }
}

/// Reads one value; `None` if it has not the form that parameter and modifier ask for.
fn value_test(
    parameter: &Parameter,
    modifier: Option<&str>,
    value: &str,
    base_url: &str,
) -> Option<ValueTest> {
    let kind = parameter.definition.kind;
    Some(match (kind, modifier) {
        (ParameterKind::Token, Some("text")) => ValueTest::Token(TokenTest::words(value)?),
        (ParameterKind::Token, Some("of-type")) => ValueTest::Token(TokenTest::of_type(value)?),
        (ParameterKind::String, Some("exact")) => ValueTest::Text(TextTest::exact(value)?),
        (ParameterKind::String, Some("contains")) => ValueTest::Text(TextTest::contains(value)?),
        (ParameterKind::Uri, Some("below")) => ValueTest::Uri(UriTest::below(value)?),
        (ParameterKind::Uri, Some("above")) => ValueTest::Uri(UriTest::above(value)?),
        (ParameterKind::Reference, Some("identifier")) => {
            ValueTest::Reference(ReferenceTest::identifier(value)?)
        }
        (ParameterKind::Reference, only) => {
            ValueTest::Reference(ReferenceTest::parse(value, only, base_url)?)
        }
        (ParameterKind::Composite, _) => composite(parameter, value, base_url)?,
        _ => simple(kind, value, base_url)?,
    })
}

/// A value of a parameter without modifier.
fn simple(kind: ParameterKind, value: &str, base_url: &str) -> Option<ValueTest> {
    Some(match kind {
        ParameterKind::Token => ValueTest::Token(TokenTest::parse(value)?),
        ParameterKind::String => ValueTest::Text(TextTest::parse(value)?),
        ParameterKind::Date => ValueTest::Date(DateTest::parse(value)?),
        ParameterKind::Number => ValueTest::Number(NumberTest::parse(&unescape(value)?)?),
        ParameterKind::Quantity => ValueTest::Quantity(QuantityTest::parse(value)?),
        ParameterKind::Uri => ValueTest::Uri(UriTest::exact(value)?),
        ParameterKind::Reference => {
            ValueTest::Reference(ReferenceTest::parse(value, None, base_url)?)
        }
        ParameterKind::Composite | ParameterKind::Special => return None,
    })
}

fn composite(parameter: &Parameter, value: &str, base_url: &str) -> Option<ValueTest> {
    let parts = split(value, '$');
    if parts.len() != parameter.components.len() {
        return None;
    }
    let read = |(part, (kind, _)): (&str, &(ParameterKind, _))| simple(*kind, part, base_url);
    let tests = parts.into_iter().zip(&parameter.components).map(read).collect::<Option<_>>()?;
    Some(ValueTest::Composite(CompositeTest { tests }))
}

/// Which patient the criteria name.
fn named(query: &SearchQuery) -> Named {
    let mut named = Named::Nobody;
    for criterion in &query.criteria {
        let definition = criterion.parameter.definition;
        let names_patient = match query.resource_type {
            "Patient" => definition.name == "_id",
            _ => {
                definition.kind == ParameterKind::Reference
                    && SUBJECTS.contains(&definition.name)
                    && definition.targets.iter().any(|name| matches!(*name, "Patient" | "*"))
            }
        };
        if !names_patient || matches!(criterion.test, Test::Missing(_)) {
            continue;
        }
        let id = one_id(&criterion.test);
        named = match (named, id) {
            (Named::Nobody, Some(id)) => Named::One(id),
            (Named::One(first), Some(id)) if first == id => Named::One(first),
            _ => Named::Unclear,
        };
    }
    named
}

/// The id that the test asks for, if it is a single one.
fn one_id(test: &Test) -> Option<String> {
    let Test::Any(tests) = test else { return None };
    match &tests[..] {
        [ValueTest::Reference(test)] => test.patient_id().map(str::to_string),
        [ValueTest::Token(TokenTest::Code { system: _, code: Some(id) })] => Some(id.clone()),
        _ => None,
    }
}
