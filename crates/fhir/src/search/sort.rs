use super::date::span_of;
use super::number::sort_number;
use super::parameter::Parameter;
use super::{reference, text, token};
use crate::Json;
use crate::decimal::Decimal;
use crate::definitions::ParameterKind;
use crate::path::{Node, Unresolved};
use std::cmp::Ordering;
use std::ops::ControlFlow;

/// One part of `_sort`.
pub(super) struct SortItem {
    pub(super) parameter: &'static Parameter,
    pub(super) is_descending: bool,
}

/// What a resource is sorted by; compare with [`SearchQuery::compare`](super::SearchQuery).
pub struct SortKeys {
    keys: Vec<Option<SortKey>>,
}

/// One value to sort by; those of one parameter are of one kind.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Moment(i64),
    Number(Decimal),
    Text(String),
}

/// Of several values the least counts, or the greatest where the order descends.
pub(super) fn keys(items: &[SortItem], resource: &Json) -> SortKeys {
    let key = |item: &SortItem| {
        let mut found = Vec::new();
        let _ = item.parameter.expression.visit(resource, Unresolved::IsNothing, &mut |node| {
            collect(item, node, &mut found);
            ControlFlow::Continue(())
        });
        if item.is_descending { found.into_iter().max() } else { found.into_iter().min() }
    };
    SortKeys { keys: items.iter().map(key).collect() }
}

pub(super) fn compare(items: &[SortItem], a: &SortKeys, b: &SortKeys) -> Ordering {
    let one = |(item, (a, b)): (&SortItem, (&Option<SortKey>, &Option<SortKey>))| match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) if item.is_descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
    };
    let pairs = items.iter().zip(a.keys.iter().zip(&b.keys));
    pairs.map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn collect(item: &SortItem, node: Node<'_>, found: &mut Vec<SortKey>) {
    let mut texts = Vec::new();
    match item.parameter.definition.kind {
        ParameterKind::Date => {
            found.extend(span_of(node).map(|span| {
                SortKey::Moment(if item.is_descending { span.end } else { span.start })
            }))
        }
        ParameterKind::Number | ParameterKind::Quantity => {
            found.extend(sort_number(node).map(SortKey::Number));
        }
        ParameterKind::Token => token::sort_texts(node, &mut texts),
        ParameterKind::String => text::sort_texts(node, &mut texts),
        _ => texts
            .extend(reference::text_of(node).or_else(|| node.json.as_str()).map(str::to_string)),
    }
    found.extend(texts.into_iter().map(SortKey::Text));
}
