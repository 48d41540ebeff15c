use super::{SEARCH, resource_type, resource_types};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The type of a search parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// `number`.
    Number,
    /// `date`.
    Date,
    /// `string`.
    String,
    /// `token`.
    Token,
    /// `reference`.
    Reference,
    /// `composite`.
    Composite,
    /// `quantity`.
    Quantity,
    /// `uri`.
    Uri,
    /// `special`: not searchable here.
    Special,
}

/// One search parameter of one resource type.
#[derive(Clone)]
pub struct SearchParameter {
    /// Name as in a query, such as `birthdate`.
    pub name: &'static str,
    /// Type.
    pub kind: ParameterKind,
    /// FHIRPath over the resource.
    pub expression: &'static str,
    /// For references: the types that may be referred to, `*` for any.
    pub targets: Vec<&'static str>,
    /// For composites: the parts of a value, in order.
    pub components: Vec<Component>,
}

/// One part of a composite parameter.
#[derive(Clone)]
pub struct Component {
    /// Type.
    pub kind: ParameterKind,
    /// FHIRPath over what the composite's own expression selects.
    pub expression: &'static str,
}

impl ParameterKind {
    /// The word for it, as `SearchParameter.type` has it.
    pub const fn word(self) -> &'static str {
        match self {
            ParameterKind::Number => "number",
            ParameterKind::Date => "date",
            ParameterKind::String => "string",
            ParameterKind::Token => "token",
            ParameterKind::Reference => "reference",
            ParameterKind::Composite => "composite",
            ParameterKind::Quantity => "quantity",
            ParameterKind::Uri => "uri",
            ParameterKind::Special => "special",
        }
    }

    fn named(word: &str) -> ParameterKind {
        const ALL: [ParameterKind; 8] = [
            ParameterKind::Number,
            ParameterKind::Date,
            ParameterKind::String,
            ParameterKind::Token,
            ParameterKind::Reference,
            ParameterKind::Composite,
            ParameterKind::Quantity,
            ParameterKind::Uri,
        ];
        ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(ParameterKind::Special)
    }
}

/// The parameters of a type, sorted by name; none for an unknown type.
pub(super) fn of_type(name: &str) -> &'static [SearchParameter] {
    BY_TYPE.get(name).map(Vec::as_slice).unwrap_or_default()
}

static BY_TYPE: LazyLock<HashMap<&'static str, Vec<SearchParameter>>> = LazyLock::new(|| {
    let own = own_parameters();
    resource_types()
        .iter()
        .map(|name| {
            let is_domain = resource_type(name).is_some_and(|t| t.element("text").is_some());
            let bases = ["Resource", if is_domain { "DomainResource" } else { "" }, name];
            let mut all: Vec<SearchParameter> =
                bases.iter().filter_map(|base| own.get(base)).flatten().cloned().collect();
            all.sort_by_key(|parameter| parameter.name);
            (*name, all)
        })
        .collect()
});

fn own_parameters() -> HashMap<&'static str, Vec<SearchParameter>> {
    let mut own: HashMap<&'static str, Vec<SearchParameter>> = HashMap::new();
    let mut base = "";
    for line in SEARCH.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix(' ') {
            Some(line) => own.entry(base).or_default().extend(parameter(line)),
            None => base = line,
        }
    }
    own
}

fn parameter(line: &'static str) -> Option<SearchParameter> {
    let mut fields = line.split('\t');
    let (name, kind, expression) = (fields.next()?, fields.next()?, fields.next()?);
    let list = |field: &'static str, separator| {
        field.split(separator).filter(|item| *item != "-").collect::<Vec<_>>()
    };
    let targets = list(fields.next()?, ',');
    let component = |item: &'static str| {
        let (kind, expression) = item.split_once(':')?;
        Some(Component { kind: ParameterKind::named(kind), expression })
    };
    let components = list(fields.next()?, ';').into_iter().filter_map(component).collect();
    Some(SearchParameter {
        name,
        kind: ParameterKind::named(kind),
        expression,
        targets,
        components,
    })
}
