//! Reads the tables of types and codes.
//!
//! The tables are part of the program, so that a fault in them is found by this module's tests;
//! what cannot be read is left out rather than brought down.

use super::{CodeList, Definitions, Element, Field, Kind, Primitive, TypeDef, TypeId};
use crate::names::{choice_name, id_of};
use std::collections::HashMap;

/// Everything the tables say.
pub(super) fn definitions(elements: &'static str, codes: &'static str) -> Definitions {
    let code_lists = code_lists(codes);
    let blocks = blocks(elements);
    let by_name: HashMap<_, _> =
        blocks.iter().enumerate().map(|(i, block)| (block.name, TypeId(i as u16))).collect();
    let mut resource_types: Vec<_> =
        blocks.iter().filter(|block| block.kind == "resource").map(|block| block.name).collect();
    resource_types.sort_unstable();
    let context = Context { blocks: &blocks, by_name: &by_name, code_lists: &code_lists };
    let types = blocks.iter().map(|block| context.type_of(block)).collect();
    Definitions { types, by_name, code_lists, resource_types }
}

/// The lines of one type.
struct Block {
    kind: &'static str,
    name: &'static str,
    base: Option<&'static str>,
    lines: Vec<&'static str>,
}

fn blocks(table: &'static str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(' ') {
            if let Some(block) = blocks.last_mut() {
                block.lines.push(line);
            }
            continue;
        }
        let mut words = line.split_ascii_whitespace();
        if let (Some(kind), Some(name)) = (words.next(), words.next()) {
            blocks.push(Block { kind, name, base: words.nth(1), lines: Vec::new() });
        }
    }
    blocks
}

fn code_lists(table: &'static str) -> Vec<CodeList> {
    let mut lists: Vec<CodeList> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_ascii_whitespace();
        let (Some(name), Some(system)) = (words.next(), words.next()) else {
            continue;
        };
        if lists.last().is_none_or(|list| list.name != name) {
            lists.push(CodeList { name, codes: Vec::new() });
        }
        if let Some(list) = lists.last_mut() {
            list.codes.extend(words.map(|code| (system, code)));
        }
    }
    for list in &mut lists {
        list.codes.sort_unstable();
    }
    lists
}

struct Context<'a> {
    blocks: &'a [Block],
    by_name: &'a HashMap<&'static str, TypeId>,
    code_lists: &'a [CodeList],
}

impl Context<'_> {
    fn type_of(&self, block: &Block) -> TypeDef {
        let elements = self.elements(block);
        let mut fields: Vec<_> = elements
            .iter()
            .enumerate()
            .flat_map(|(at, element)| self.fields(at as u8, element))
            .collect();
        fields.sort_unstable_by_key(|(name, _)| *name);
        let kind = match block.kind {
            "primitive" => Kind::Primitive(primitive(block.name)),
            "resource" => Kind::Resource,
            "abstract" if block.name == "Resource" => Kind::Abstract,
            _ => Kind::Complex,
        };
        let is_quantity = block.base == Some("Quantity");
        let family = if is_quantity { "Quantity" } else { block.name };
        let family = self.by_name.get(family).copied().unwrap_or(TypeId(0));
        TypeDef { name: block.name, kind, family, elements, fields }
    }

    /// The elements of the bases, then its own.
    fn elements(&self, block: &Block) -> Vec<Element> {
        let base = block.base.and_then(|name| self.by_name.get(name));
        let mut elements =
            base.map(|id| self.elements(&self.blocks[usize::from(id.0)])).unwrap_or_default();
        elements.extend(block.lines.iter().filter_map(|line| self.element(line)));
        elements
    }

    fn element(&self, line: &'static str) -> Option<Element> {
        let mut words = line.split_ascii_whitespace();
        let (name, cardinality) = (words.next()?, words.next()?);
        let (flags, types, codes) = (words.next()?, words.next()?, words.next());
        let codes = codes.and_then(|name| self.code_lists.iter().position(|l| l.name == name));
        let resolve = |name: &str| self.by_name.get(name.trim_start_matches('@')).copied();
        Some(Element {
            name: name.trim_end_matches("[x]"),
            is_choice: name.ends_with("[x]"),
            is_required: !cardinality.starts_with('0'),
            is_list: !cardinality.ends_with(".1"),
            in_summary: flags.contains('S'),
            is_modifier: flags.contains('M'),
            types: types.split(',').filter_map(resolve).collect(),
            codes: codes.map(|at| at as u16),
        })
    }

    fn fields(&self, at: u8, element: &Element) -> Vec<(u16, Field)> {
        let mut fields = Vec::new();
        for &fhir_type in &element.types {
            let block = &self.blocks[usize::from(fhir_type.0)];
            let name = match element.is_choice {
                true => choice_name(element.name, block.name),
                false => element.name.to_string(),
            };
            let field = Field { element: at, fhir_type, is_companion: false };
            fields.extend(id_of(&name).map(|id| (id, field)));
            if block.kind == "primitive" {
                let companion = Field { is_companion: true, ..field };
                fields.extend(id_of(&format!("_{name}")).map(|id| (id, companion)));
            }
        }
        fields
    }
}

fn primitive(name: &str) -> Primitive {
    match name {
        "base64Binary" => Primitive::Base64Binary,
        "boolean" => Primitive::Boolean,
        "code" => Primitive::Code,
        "date" => Primitive::Date,
        "dateTime" => Primitive::DateTime,
        "decimal" => Primitive::Decimal,
        "id" => Primitive::Id,
        "instant" => Primitive::Instant,
        "integer" => Primitive::Integer,
        "oid" => Primitive::Oid,
        "positiveInt" => Primitive::PositiveInt,
        "time" => Primitive::Time,
        "unsignedInt" => Primitive::UnsignedInt,
        "uri" | "url" | "canonical" => Primitive::Uri,
        "uuid" => Primitive::Uuid,
        "xhtml" => Primitive::Xhtml,
        _ => Primitive::String,
    }
}
