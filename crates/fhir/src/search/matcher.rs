use super::composite::CompositeTest;
use super::date::DateTest;
use super::number::{NumberTest, QuantityTest};
use super::parameter::Parameter;
use super::reference::ReferenceTest;
use super::text::TextTest;
use super::token::TokenTest;
use super::uri::UriTest;
use crate::Json;
use crate::path::{Node, Unresolved};
use std::ops::ControlFlow;

/// One parameter of a query.
pub(super) struct Criterion {
    pub(super) parameter: &'static Parameter,
    pub(super) test: Test,
}

pub(super) enum Test {
    /// Whether there is no value.
    Missing(bool),
    /// Whether a value passes one of the tests.
    Any(Vec<ValueTest>),
    /// Whether no value passes any of the tests (`:not`).
    NotAny(Vec<ValueTest>),
}

/// A test of one value.
pub(super) enum ValueTest {
    Token(TokenTest),
    Text(TextTest),
    Date(DateTest),
    Number(NumberTest),
    Quantity(QuantityTest),
    Reference(ReferenceTest),
    Uri(UriTest),
    Composite(CompositeTest),
}

impl Criterion {
    pub(super) fn matches(&self, resource: &Json) -> bool {
        match &self.test {
            Test::Missing(wanted) => self.any(resource, |_| true) != *wanted,
            Test::Any(tests) => {
                self.any(resource, |node| tests.iter().any(|t| self.passes(t, resource, node)))
            }
            Test::NotAny(tests) => {
                !self.any(resource, |node| tests.iter().any(|t| self.passes(t, resource, node)))
            }
        }
    }

    fn any<'a>(&self, resource: &'a Json, test: impl Fn(Node<'a>) -> bool) -> bool {
        let found =
            self.parameter.expression.visit(
                resource,
                Unresolved::IsNothing,
                &mut |node| match test(node) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                },
            );
        found.is_break()
    }

    fn passes(&self, test: &ValueTest, resource: &Json, node: Node<'_>) -> bool {
        match test {
            ValueTest::Composite(test) => test.passes(&self.parameter.components, resource, node),
            simple => simple.passes(node),
        }
    }
}

impl ValueTest {
    /// Whether a value passes; a composite is tested by its criterion alone.
    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        match self {
            ValueTest::Token(test) => test.passes(node),
            ValueTest::Text(test) => test.passes(node),
            ValueTest::Date(test) => test.passes(node),
            ValueTest::Number(test) => test.passes(node),
            ValueTest::Quantity(test) => test.passes(node),
            ValueTest::Reference(test) => test.passes(node),
            ValueTest::Uri(test) => test.passes(node),
            ValueTest::Composite(_) => false,
        }
    }
}
