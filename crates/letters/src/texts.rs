//! The words of letters in each language: Fluent messages, checked before the first letter.

use crate::{Language, Refused};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast;
use std::collections::BTreeSet;
use unic_langid::LanguageIdentifier;

/// Every message, and what it may use beside [`ALWAYS`].
const MESSAGES: &[(&str, &[&str])] = &[
    ("file", &[]),
    ("in-name", &[]),
    ("month", &["month"]),
    ("day", DAY),
    ("time", TIME),
    ("span-once", &["first-day", "first-time"]),
    ("span-day", &["first-day", "first-time", "last-time"]),
    ("span-days", &["first-day", "first-time", "last-day", "last-time"]),
    ("label-day", &[]),
    ("label-reference", &[]),
    ("label-contact", &[]),
    ("label-telephone", &[]),
    ("label-code", &[]),
    ("page", &["number", "count"]),
    ("foot", &["code"]),
    ("subject", &[]),
    ("salutation", &["name"]),
    ("lead-opened", &[]),
    ("lead-passed", &[]),
    ("lead-not-opened", &[]),
    ("actor-stolen-card", &[]),
    ("actor-stolen-session", &[]),
    ("actor-taken-over-server", &[]),
    ("actor-colleague", &[]),
    ("actor-other-practice", &[]),
    ("actor-unknown", &[]),
    ("sorry", &[]),
    ("reader-minor", &[]),
    ("reader-guardian", &[]),
    ("reader-dead", &[]),
    ("reader-deputy", &[]),
    ("reader-professional", &[]),
    ("reader-not-opened", &[]),
    ("heading-happened", &[]),
    ("heading-information", &[]),
    ("heading-doing", &[]),
    ("heading-steps", &[]),
    ("heading-more", &[]),
    ("dates", &["from", "to", "discovered"]),
    ("dates-day", &["from", "discovered"]),
    ("dates-same-day", &["from"]),
    ("delayed", &["until"]),
    ("opened-intro", &[]),
    ("head-part", &[]),
    ("head-when", &[]),
    ("section-label", &[]),
    ("section-contact", &[]),
    ("section-identity", &[]),
    ("section-insurance", &[]),
    ("section-history", &[]),
    ("section-results", &[]),
    ("section-medication", &[]),
    ("section-documents", &[]),
    ("section-restricted", &[]),
    ("section-summary", &[]),
    ("section-applicant-label", &[]),
    ("section-applicant-contact", &[]),
    ("section-applicant-identity", &[]),
    ("section-applicant-documents", &[]),
    ("section-passed", &["section"]),
    ("cell-actor", &["when", "actor"]),
    ("not-opened-intro", &[]),
    ("not-opened-none", &[]),
    ("heading-know", &[]),
    ("know-opened", &[]),
    ("know-not-opened", &[]),
    ("know-in-doubt", &[]),
    ("heading-unknown", &[]),
    ("unknown-copy", &[]),
    ("unknown-shared", &[]),
    ("heading-risks", &[]),
    ("risk-blackmail", &[]),
    ("risk-recognised", &[]),
    ("risk-claims", &[]),
    ("risk-entries", &[]),
    ("risk-debts", &[]),
    ("risk-fraud", &[]),
    ("risk-card", &[]),
    ("protection", &["provider", "what", "months"]),
    ("protection-code", &["code", "until"]),
    ("protection-reach", &["telephone", "page"]),
    ("when-today", &[]),
    ("when-month", &[]),
    ("when-happens", &[]),
    ("step-detail", &["effort", "cost", "reach"]),
    ("contact", &["contact", "telephone", "hours", "email"]),
    ("formats", &[]),
    ("officer", &["officer"]),
    ("complain", &["authority", "contact"]),
    ("heading-real", &[]),
    ("never-ring", &[]),
    ("check", &["page", "code", "telephone"]),
    ("regards", &[]),
];
const ALWAYS: &[&str] = &["reader", "person", "country"];
const DAY: &[&str] = &["day", "month", "year"];
const TIME: &[&str] = &["hour", "minute", "hour12", "half"];
/// The largest file of texts.
const FILE_MOST: usize = 256 * 1024;

/// The words of one language.
pub(crate) struct Texts {
    bundle: FluentBundle<FluentResource>,
    file: String,
}

impl Texts {
    /// Reads a file of messages: all of them, none besides, and no variable that is not known.
    pub(crate) fn read(language: Language, file: &str, source: String) -> Result<Texts, Refused> {
        let wrong = |what: String| Refused::Data { file: file.to_owned(), what };
        if source.len() > FILE_MOST {
            return Err(wrong(format!("is larger than {FILE_MOST} bytes")));
        }
        let resource = FluentResource::try_new(source).map_err(|(_, errors)| {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            wrong(format!("is not Fluent: {first}"))
        })?;
        check(&resource).map_err(wrong)?;
        let tag: LanguageIdentifier =
            language.code().parse().map_err(|_| wrong("has no language".into()))?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks of direction around each variable would be seen by nobody and stay in the text.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).map_err(|_| wrong("has a message twice".into()))?;
        Ok(Texts { bundle, file: file.to_owned() })
    }

    /// A message with its variables filled in.
    pub(crate) fn say(&self, message: &str, with: &FluentArgs<'_>) -> Result<String, Refused> {
        let wrong = |what: String| Refused::Data { file: self.file.clone(), what };
        let pattern = self
            .bundle
            .get_message(message)
            .and_then(|found| found.value())
            .ok_or_else(|| wrong(format!("{message} is missing")))?;
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(with), &mut errors).into_owned();
        match errors.first() {
            None => Ok(said),
            Some(error) => Err(wrong(format!("{message}: {error}"))),
        }
    }
}

fn check(resource: &FluentResource) -> Result<(), String> {
    let mut found = BTreeSet::new();
    let names: BTreeSet<&str> = resource.entries().filter_map(name_of).collect();
    for entry in resource.entries() {
        let ast::Entry::Message(message) = entry else {
            match entry {
                ast::Entry::Term(term) => {
                    return Err(format!("-{} is a term; use a message", term.id.name));
                }
                _ => continue,
            }
        };
        let name = message.id.name;
        let pattern = message.value.as_ref().ok_or(format!("{name} says nothing"))?;
        let mut used = Used::default();
        used.pattern(pattern);
        // Messages that only this file knows are there for others to use.
        let known = MESSAGES.iter().find(|(known, _)| *known == name);
        let own = known.map_or(&[][..], |(_, own)| own);
        found.extend(known.map(|(name, _)| *name));
        let is_unknown = |variable: &&&str| !ALWAYS.contains(variable) && !own.contains(variable);
        if let Some(variable) = used.variables.iter().find(is_unknown) {
            let known: Vec<_> = ALWAYS.iter().chain(own).map(|v| format!("${v}")).collect();
            return Err(format!(
                "{name} uses ${variable}, which is unknown there; known are {}",
                known.join(", ")
            ));
        }
        if let Some(other) = used.messages.iter().find(|other| !names.contains(**other)) {
            return Err(format!("{name} uses {other}, which is missing"));
        }
        if let Some(function) = used.functions.first() {
            return Err(format!("{name} uses the function {function}; there are none"));
        }
    }
    match MESSAGES.iter().find(|(name, _)| !found.contains(name)) {
        Some((name, _)) => Err(format!("{name} is missing")),
        None => Ok(()),
    }
}

fn name_of<'a>(entry: &'a ast::Entry<&'a str>) -> Option<&'a str> {
    match entry {
        ast::Entry::Message(message) => Some(message.id.name),
        _ => None,
    }
}

/// What a message uses.
#[derive(Default)]
struct Used<'a> {
    variables: BTreeSet<&'a str>,
    messages: BTreeSet<&'a str>,
    functions: Vec<&'a str>,
}

impl<'a> Used<'a> {
    fn pattern(&mut self, pattern: &'a ast::Pattern<&'a str>) {
        for element in &pattern.elements {
            if let ast::PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &'a ast::Expression<&'a str>) {
        match expression {
            ast::Expression::Inline(inline) => self.inline(inline),
            ast::Expression::Select { selector, variants } => {
                self.inline(selector);
                variants.iter().for_each(|variant| self.pattern(&variant.value));
            }
        }
    }

    fn inline(&mut self, inline: &'a ast::InlineExpression<&'a str>) {
        match inline {
            ast::InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name);
            }
            ast::InlineExpression::MessageReference { id, .. } => {
                self.messages.insert(id.name);
            }
            ast::InlineExpression::FunctionReference { id, .. } => self.functions.push(id.name),
            ast::InlineExpression::Placeable { expression } => self.expression(expression),
            _ => {}
        }
    }
}
