use super::shape::{Shape, shape};
use super::value::{Prefix, prefix, unescape};
use crate::Json;
use crate::datetime;
use crate::path::Node;

/// What a date parameter looks for.
pub(super) struct DateTest {
    prefix: Prefix,
    span: Span,
}

/// Microseconds since 1970, the end not included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl DateTest {
    pub(super) fn parse(value: &str) -> Option<DateTest> {
        let value = unescape(value)?;
        let (prefix, date) = prefix(&value);
        // A plus sign that was not percent-encoded arrives as a space.
        let date = date.replace(' ', "+");
        let span = moment(&date)?;
        Some(DateTest { prefix, span })
    }

    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        span_of(node).is_some_and(|span| self.fits(span))
    }

    fn fits(&self, found: Span) -> bool {
        let asked = self.span;
        let is_within = asked.start <= found.start && found.end <= asked.end;
        match self.prefix {
            Prefix::Eq => is_within,
            Prefix::Ne => !is_within,
            Prefix::Gt => found.end > asked.end,
            Prefix::Lt => found.start < asked.start,
            Prefix::Ge => found.end > asked.end || is_within,
            Prefix::Le => found.start < asked.start || is_within,
            Prefix::Sa => found.start >= asked.end,
            Prefix::Eb => found.end <= asked.start,
            Prefix::Ap => {
                let slack = asked.end.saturating_sub(asked.start);
                found.start < asked.end.saturating_add(slack)
                    && found.end > asked.start.saturating_sub(slack)
            }
        }
    }
}

/// The time that a value covers; open ends of a period reach for ever.
pub(super) fn span_of(node: Node<'_>) -> Option<Span> {
    match shape(node.type_id) {
        Shape::Date => moment(node.json.as_str()?),
        Shape::Period => period(node.json),
        Shape::Timing => timing(node.json),
        _ => None,
    }
}

fn moment(text: &str) -> Option<Span> {
    let (moment, _) = datetime::parse(text)?;
    Some(Span { start: moment.start, end: moment.end })
}

fn period(json: &Json) -> Option<Span> {
    let (start, end) = (json.text("start"), json.text("end"));
    if start.is_none() && end.is_none() {
        return None;
    }
    let start = start.map_or(Some(i64::MIN), |text| Some(moment(text)?.start))?;
    let end = end.map_or(Some(i64::MAX), |text| Some(moment(text)?.end))?;
    Some(Span { start, end })
}

/// Of a Timing only the outer limits count.
fn timing(json: &Json) -> Option<Span> {
    let events = json.get("event").map(Json::items).unwrap_or_default();
    let events = events.iter().filter_map(Json::as_str).filter_map(moment);
    let bounds = json.get("repeat").and_then(|repeat| repeat.get("boundsPeriod"));
    events
        .chain(bounds.and_then(period))
        .reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) })
}
