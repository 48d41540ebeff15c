use crate::definitions::{ParameterKind, SearchParameter, resource_types, search_parameters};
use crate::path::{Expression, PathError};
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

/// A search parameter with its expressions compiled.
pub(super) struct Parameter {
    pub(super) definition: &'static SearchParameter,
    pub(super) expression: Expression,
    pub(super) components: Vec<(ParameterKind, Expression)>,
}

/// The parameters of a type that can be served, compiled at the first use of the type.
pub(super) fn of_type(resource_type: &str) -> &'static [Parameter] {
    match BY_TYPE.get_key_value(resource_type) {
        Some((name, compiled)) => compiled.get_or_init(|| compile_all(name)),
        None => &[],
    }
}

/// The parameter of this name.
pub(super) fn find(resource_type: &str, name: &str) -> Option<&'static Parameter> {
    let all = of_type(resource_type);
    let at = all.binary_search_by_key(&name, |parameter| parameter.definition.name).ok()?;
    Some(&all[at])
}

static BY_TYPE: LazyLock<HashMap<&'static str, OnceLock<Vec<Parameter>>>> =
    LazyLock::new(|| resource_types().iter().map(|name| (*name, OnceLock::new())).collect());

fn compile_all(resource_type: &str) -> Vec<Parameter> {
    search_parameters(resource_type)
        .iter()
        .filter(|definition| definition.kind != ParameterKind::Special)
        .filter_map(|definition| compile(resource_type, definition).ok())
        .collect()
}

fn compile(
    resource_type: &str,
    definition: &'static SearchParameter,
) -> Result<Parameter, PathError> {
    let expression = Expression::compile(resource_type, definition.expression)?;
    let mut components = Vec::new();
    for component in &definition.components {
        let inner = Expression::compile_within(&expression.types, component.expression)?;
        components.push((component.kind, inner));
    }
    Ok(Parameter { definition, expression, components })
}
