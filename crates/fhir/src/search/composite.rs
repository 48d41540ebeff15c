use super::matcher::ValueTest;
use crate::Json;
use crate::definitions::ParameterKind;
use crate::path::{Expression, Node};
use std::ops::ControlFlow;

/// `code$value`: one test per component, all to be passed within the same value.
pub(super) struct CompositeTest {
    pub(super) tests: Vec<ValueTest>,
}

impl CompositeTest {
    pub(super) fn passes(
        &self,
        components: &[(ParameterKind, Expression)],
        resource: &Json,
        node: Node<'_>,
    ) -> bool {
        self.tests.iter().zip(components).all(|(test, (_, expression))| {
            let found =
                expression.visit_from(resource, node, &mut |part| match test.passes(part) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                });
            found.is_break()
        })
    }
}
