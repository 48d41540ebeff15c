use super::{Hop, Node, Operation, Unresolved};
use crate::Json;
use crate::definitions::{Kind, TypeId, definitions};
use crate::references::{Target, target};
use std::ops::ControlFlow;

static TRUE: Json = Json::Bool(true);
static FALSE: Json = Json::Bool(false);

type Sink<'s, 'a> = &'s mut dyn FnMut(Node<'a>) -> ControlFlow<()>;

/// Evaluates over a whole resource.
pub(super) fn from_resource<'a>(
    operation: &Operation,
    resource: &'a Json,
    unresolved: Unresolved,
    sink: Sink<'_, 'a>,
) -> ControlFlow<()> {
    let Some(type_id) = definitions().type_named(resource.resource_type()) else {
        return ControlFlow::Continue(());
    };
    let input = Node { json: resource, type_id, codes: None };
    Evaluation { resource, unresolved }.each(operation, input, sink)
}

/// Evaluates over a value within a resource.
pub(super) fn from_node<'a>(
    operation: &Operation,
    resource: &'a Json,
    input: Node<'a>,
    sink: Sink<'_, 'a>,
) -> ControlFlow<()> {
    Evaluation { resource, unresolved: Unresolved::IsNothing }.each(operation, input, sink)
}

#[derive(Clone, Copy)]
struct Evaluation<'a> {
    resource: &'a Json,
    unresolved: Unresolved,
}

impl<'a> Evaluation<'a> {
    fn each(self, operation: &Operation, input: Node<'a>, sink: Sink<'_, 'a>) -> ControlFlow<()> {
        match operation {
            Operation::Input => sink(input),
            Operation::Child(before, hops) => match &**before {
                // The usual case, without a call through the sink.
                Operation::Input => children(input, hops, sink),
                _ => self.each(before, input, &mut |node| children(node, hops, sink)),
            },
            Operation::OfType(before, fhir_type) => self.each(before, input, &mut |node| {
                if node.type_id == *fhir_type { sink(node) } else { ControlFlow::Continue(()) }
            }),
            Operation::Where(before, condition) => self.each(before, input, &mut |node| {
                if self.holds(condition, node) { sink(node) } else { ControlFlow::Continue(()) }
            }),
            Operation::Item(before, position) => {
                let mut at = 0;
                self.each(before, input, &mut |node| {
                    at += 1;
                    if at == position + 1 { sink(node) } else { ControlFlow::Continue(()) }
                })
            }
            Operation::Extension(before, url) => {
                self.each(before, input, &mut |node| extensions(node, url, sink))
            }
            Operation::Union(parts) => {
                parts.iter().try_for_each(|part| self.each(part, input, sink))
            }
            Operation::Exists(_)
            | Operation::Equals { .. }
            | Operation::And(..)
            | Operation::ResolvesTo(..) => {
                let json = if self.holds(operation, input) { &TRUE } else { &FALSE };
                let type_id = definitions().type_named("boolean").unwrap_or(TypeId(0));
                sink(Node { json, type_id, codes: None })
            }
        }
    }

    /// Whether a condition is true of the input; an empty result is not.
    fn holds(self, condition: &Operation, input: Node<'a>) -> bool {
        match condition {
            Operation::Exists(operand) => self.any(operand, input, &|_| true),
            Operation::Equals { operand, literal, negated } => {
                self.any(operand, input, &|node| (node.json == literal) != *negated)
            }
            Operation::And(left, right) => self.holds(left, input) && self.holds(right, input),
            Operation::ResolvesTo(operand, name) => {
                self.any(operand, input, &|node| self.resolves_to(node.json, name))
            }
            operand => self.any(operand, input, &|node| *node.json == TRUE),
        }
    }

    fn any(self, operand: &Operation, input: Node<'a>, test: &dyn Fn(Node<'a>) -> bool) -> bool {
        let found = self.each(operand, input, &mut |node| match test(node) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        });
        found.is_break()
    }

    fn resolves_to(self, reference: &Json, name: &str) -> bool {
        let resource_type = match reference.text("reference").map(target) {
            Some(
                Target::Relative { resource_type, .. }
                | Target::Absolute { resource_type, .. }
                | Target::Conditional { resource_type, .. },
            ) => Some(resource_type),
            Some(Target::Contained(id)) => self.contained_type(id),
            _ => reference.text("type"),
        };
        match resource_type {
            Some(resource_type) => resource_type == name,
            None => {
                self.unresolved == Unresolved::IsAnything && reference.get("reference").is_some()
            }
        }
    }

    fn contained_type(self, id: &str) -> Option<&'a str> {
        if id.is_empty() {
            return Some(self.resource.resource_type());
        }
        let contained = self.resource.get("contained").map(Json::items).unwrap_or_default();
        contained.iter().find(|other| other.id() == Some(id)).map(Json::resource_type)
    }
}

fn children<'a>(node: Node<'a>, hops: &[Hop], sink: Sink<'_, 'a>) -> ControlFlow<()> {
    let Some(object) = node.json.as_object() else {
        return ControlFlow::Continue(());
    };
    for hop in hops.iter().filter(|hop| hop.parent == node.type_id) {
        match object.get_known(hop.name) {
            None | Some(Json::Null) => {}
            Some(Json::Array(items)) => {
                for item in items.iter().filter(|item| **item != Json::Null) {
                    sink(child(item, hop))?;
                }
            }
            Some(value) => sink(child(value, hop))?,
        }
    }
    ControlFlow::Continue(())
}

/// Where any resource may stand, the type is the one that the value names.
fn child<'a>(json: &'a Json, hop: &Hop) -> Node<'a> {
    let is_any = definitions().of(hop.child).kind == Kind::Abstract;
    let named = is_any.then(|| definitions().type_named(json.resource_type())).flatten();
    Node { json, type_id: named.unwrap_or(hop.child), codes: hop.codes }
}

fn extensions<'a>(node: Node<'a>, url: &str, sink: Sink<'_, 'a>) -> ControlFlow<()> {
    let Some(type_id) = definitions().type_named("Extension") else {
        return ControlFlow::Continue(());
    };
    let all = node.json.get("extension").map(Json::items).unwrap_or_default();
    all.iter()
        .filter(|extension| extension.text("url") == Some(url))
        .try_for_each(|json| sink(Node { json, type_id, codes: None }))
}
