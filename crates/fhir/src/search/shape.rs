use crate::definitions::{Primitive, TypeId, definitions};
use std::sync::LazyLock;

/// What search sees in a FHIR type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Coding,
    CodeableConcept,
    Identifier,
    ContactPoint,
    /// Also Age, Duration and their like.
    Quantity,
    Money,
    Range,
    Period,
    Timing,
    Reference,
    HumanName,
    Address,
    /// A primitive that is a code.
    Code,
    Boolean,
    /// A date, dateTime or instant.
    Date,
    /// A decimal or integer.
    Number,
    /// A uri, url, canonical, oid or uuid.
    Uri,
    Id,
    /// Any other primitive with a text.
    Text,
    Other,
}

/// The shape of a type.
pub(super) fn shape(id: TypeId) -> Shape {
    SHAPES.get(usize::from(id.0)).copied().unwrap_or(Shape::Other)
}

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let count = definitions().type_count();
    (0..count).map(|number| find(TypeId(number))).collect()
});

fn find(id: TypeId) -> Shape {
    let fhir_type = definitions().of(id);
    if let Some(primitive) = fhir_type.primitive() {
        return match primitive {
            Primitive::Boolean => Shape::Boolean,
            Primitive::Code => Shape::Code,
            Primitive::Id => Shape::Id,
            Primitive::Date | Primitive::DateTime | Primitive::Instant => Shape::Date,
            Primitive::Decimal
            | Primitive::Integer
            | Primitive::PositiveInt
            | Primitive::UnsignedInt => Shape::Number,
            Primitive::Uri | Primitive::Oid | Primitive::Uuid => Shape::Uri,
            _ => Shape::Text,
        };
    }
    match definitions().of(fhir_type.family).name {
        "Coding" => Shape::Coding,
        "CodeableConcept" => Shape::CodeableConcept,
        "Identifier" => Shape::Identifier,
        "ContactPoint" => Shape::ContactPoint,
        "Quantity" => Shape::Quantity,
        "Money" => Shape::Money,
        "Range" => Shape::Range,
        "Period" => Shape::Period,
        "Timing" => Shape::Timing,
        "Reference" => Shape::Reference,
        "HumanName" => Shape::HumanName,
        "Address" => Shape::Address,
        _ => Shape::Other,
    }
}
