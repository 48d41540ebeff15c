//! The part of FHIRPath that the official search parameters use.
//!
//! Paths, unions, `as`, `ofType`, `where(name = 'text')`, `where(resolve() is Type)`, `exists()`,
//! indexers, `extension('url')`, `and`, `=` and `!=` with a literal. Names are resolved against
//! the definitions while compiling, so that a misspelt element is an error and not an empty
//! result, and evaluation does no look-ups by name.

mod compile;
mod evaluate;
#[cfg(test)]
mod tests;
mod token;

use crate::Json;
use crate::definitions::{TypeId, definitions};
use crate::names::NameId;
use std::ops::ControlFlow;

/// An expression, compiled for one resource type.
pub struct Expression {
    pub(crate) operation: Operation,
    /// What a result may be.
    pub(crate) types: Vec<TypeId>,
}

/// Why an expression was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the expression is outside the supported part of FHIRPath, at byte {at}: {what}")]
pub struct PathError {
    /// Byte offset in the expression.
    pub at: usize,
    /// What was found.
    pub what: &'static str,
}

/// One result of an expression: a value and its FHIR type.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// The value.
    pub json: &'a Json,
    pub(crate) type_id: TypeId,
    /// The code list that the element is bound to.
    pub(crate) codes: Option<u16>,
}

impl Node<'_> {
    /// Name of its FHIR type, such as `CodeableConcept`.
    pub fn fhir_type(&self) -> &'static str {
        definitions().of(self.type_id).name
    }
}

impl Expression {
    /// Compiles an expression over resources of one type.
    pub fn compile(resource_type: &str, text: &str) -> Result<Expression, PathError> {
        let unknown = PathError { at: 0, what: "not a resource type" };
        let base = definitions().type_named(resource_type).ok_or(unknown)?;
        Expression::compile_within(&[base], text)
    }

    /// What the expression selects in a resource, in document order.
    pub fn evaluate<'a>(&self, resource: &'a Json) -> Vec<Node<'a>> {
        let mut nodes = Vec::new();
        let _ = self.visit(resource, Unresolved::IsNothing, &mut |node| {
            nodes.push(node);
            ControlFlow::Continue(())
        });
        nodes
    }

    /// Compiles an expression that starts from values of these types.
    pub(crate) fn compile_within(base: &[TypeId], text: &str) -> Result<Expression, PathError> {
        compile::compile(base, text)
    }

    /// Calls `sink` with every result until it breaks.
    pub(crate) fn visit<'a>(
        &self,
        resource: &'a Json,
        unresolved: Unresolved,
        sink: &mut dyn FnMut(Node<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        evaluate::from_resource(&self.operation, resource, unresolved, sink)
    }

    /// Like [`Expression::visit`], from a value within the resource.
    pub(crate) fn visit_from<'a>(
        &self,
        resource: &'a Json,
        node: Node<'a>,
        sink: &mut dyn FnMut(Node<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        evaluate::from_node(&self.operation, resource, node, sink)
    }
}

/// What `resolve() is Type` says of a reference whose type its text does not tell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// No: the rule for searches.
    IsNothing,
    /// Yes: the rule for finding whatever might name a patient.
    IsAnything,
}

pub(crate) enum Operation {
    /// What the expression is applied to.
    Input,
    /// Members of what comes before.
    Child(Box<Operation>, Vec<Hop>),
    /// Only values of this type.
    OfType(Box<Operation>, TypeId),
    /// Only values for which the condition holds.
    Where(Box<Operation>, Box<Operation>),
    /// Only the value at this place.
    Item(Box<Operation>, usize),
    /// The extensions of this URL.
    Extension(Box<Operation>, String),
    /// First the results of one, then of the next.
    Union(Vec<Operation>),
    /// Whether there is any.
    Exists(Box<Operation>),
    /// Whether a value equals the literal, or does not.
    Equals { operand: Box<Operation>, literal: Json, negated: bool },
    /// Whether both hold.
    And(Box<Operation>, Box<Operation>),
    /// Whether a reference leads to a resource of this type.
    ResolvesTo(Box<Operation>, &'static str),
}

/// From a value of one type to a member of it.
#[derive(Clone, Copy)]
pub(crate) struct Hop {
    parent: TypeId,
    name: NameId,
    child: TypeId,
    codes: Option<u16>,
}
