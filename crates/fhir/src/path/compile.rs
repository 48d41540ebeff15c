use super::token::{Token, tokens};
use super::{Expression, Hop, Operation, PathError};
use crate::Json;
use crate::definitions::{Kind, TypeId, definitions};
use crate::names::{choice_name, id_of};

/// Nesting of parentheses; the official expressions need two.
const DEPTH_MAX: usize = 16;

/// Compiles an expression over values of these types.
pub(super) fn compile(base: &[TypeId], text: &str) -> Result<Expression, PathError> {
    let tokens = tokens(text)?;
    let mut compiler = Compiler { tokens, at: 0, depth: 0 };
    let Typed { operation, types } = compiler.expression(base)?;
    match compiler.peek() {
        Token::End => Ok(Expression { operation, types }),
        _ => Err(compiler.fail("more text after the expression")),
    }
}

/// An operation and the types its results may have.
struct Typed {
    operation: Operation,
    types: Vec<TypeId>,
}

struct Compiler<'a> {
    tokens: Vec<(usize, Token<'a>)>,
    at: usize,
    depth: usize,
}

impl<'a> Compiler<'a> {
    /// `equality ('and' equality)*`
    fn expression(&mut self, base: &[TypeId]) -> Result<Typed, PathError> {
        if self.depth == DEPTH_MAX {
            return Err(self.fail("nested too deeply"));
        }
        self.depth += 1;
        let mut left = self.equality(base)?;
        while self.take_name("and") {
            let right = self.equality(base)?;
            left = boolean(Operation::And(left.boxed(), right.boxed()));
        }
        self.depth -= 1;
        Ok(left)
    }

    /// `union (('=' | '!=') literal)?`
    fn equality(&mut self, base: &[TypeId]) -> Result<Typed, PathError> {
        let left = self.union(base)?;
        let negated = match self.peek() {
            Token::Sign('=') => false,
            Token::NotEqual => true,
            _ => return Ok(left),
        };
        self.at += 1;
        let literal = match self.peek() {
            Token::Text(text) => Json::from(text),
            Token::Name("true") => Json::Bool(true),
            Token::Name("false") => Json::Bool(false),
            _ => return Err(self.fail("a text, true or false is expected")),
        };
        self.at += 1;
        Ok(boolean(Operation::Equals { operand: left.boxed(), literal, negated }))
    }

    /// `typed ('|' typed)*`
    fn union(&mut self, base: &[TypeId]) -> Result<Typed, PathError> {
        let first = self.typed(base)?;
        if self.peek() != Token::Sign('|') {
            return Ok(first);
        }
        let mut types = first.types;
        let mut operations = vec![first.operation];
        while self.take('|') {
            let next = self.typed(base)?;
            operations.push(next.operation);
            types.extend(next.types.into_iter().filter(|t| !types.contains(t)).collect::<Vec<_>>());
        }
        Ok(Typed { operation: Operation::Union(operations), types })
    }

    /// `path ('as' | 'is' Type)?`
    fn typed(&mut self, base: &[TypeId]) -> Result<Typed, PathError> {
        let path = self.path(base)?;
        if self.take_name("as") {
            let fhir_type = self.type_name()?;
            return Ok(path.of_type(fhir_type));
        }
        Ok(path)
    }

    fn path(&mut self, base: &[TypeId]) -> Result<Typed, PathError> {
        let mut path = if self.take('(') {
            let inner = self.expression(base)?;
            self.expect(')')?;
            inner
        } else {
            self.start(base)?
        };
        loop {
            if self.take('.') {
                path = self.step(path)?;
            } else if self.take('[') {
                let Token::Number(number) = self.peek() else {
                    return Err(self.fail("a position is expected"));
                };
                self.at += 1;
                self.expect(']')?;
                let operation = Operation::Item(path.operation.into(), number);
                path = Typed { operation, types: path.types };
            } else {
                return Ok(path);
            }
        }
    }

    /// The type itself, or an element of it.
    fn start(&mut self, base: &[TypeId]) -> Result<Typed, PathError> {
        let input = Typed { operation: Operation::Input, types: base.to_vec() };
        if let Token::Name(name) = self.peek() {
            let is_base = base.iter().any(|id| definitions().of(*id).name == name);
            let is_root = is_base || matches!(name, "Resource" | "DomainResource");
            if is_root || name == "$this" {
                self.at += 1;
                return Ok(input);
            }
        }
        self.step(input)
    }

    fn step(&mut self, path: Typed) -> Result<Typed, PathError> {
        let Token::Name(name) = self.peek() else {
            return Err(self.fail("a name is expected"));
        };
        let is_function = matches!(self.tokens.get(self.at + 1), Some((_, Token::Sign('('))));
        if is_function {
            self.at += 2;
            let path = self.function(name, path)?;
            self.expect(')')?;
            return Ok(path);
        }
        let hops = hops(&path.types, name);
        if hops.is_empty() {
            return Err(self.fail("no such element"));
        }
        self.at += 1;
        let mut types: Vec<_> = hops.iter().map(|hop| hop.child).collect();
        types.sort_unstable();
        types.dedup();
        Ok(Typed { operation: Operation::Child(path.operation.into(), hops), types })
    }

    fn function(&mut self, name: &str, path: Typed) -> Result<Typed, PathError> {
        match name {
            "exists" => Ok(boolean(Operation::Exists(path.boxed()))),
            "as" | "ofType" => {
                let fhir_type = self.type_name()?;
                Ok(path.of_type(fhir_type))
            }
            "where" => {
                let condition = self.condition(&path.types)?;
                let types = path.types.clone();
                Ok(Typed { operation: Operation::Where(path.boxed(), condition.into()), types })
            }
            "extension" => {
                let Token::Text(url) = self.peek() else {
                    return Err(self.fail("a text is expected"));
                };
                self.at += 1;
                let types = definitions().type_named("Extension").into_iter().collect();
                Ok(Typed { operation: Operation::Extension(path.boxed(), url.to_string()), types })
            }
            _ => Err(self.fail("an unsupported function")),
        }
    }

    /// What stands within `where(…)`.
    fn condition(&mut self, base: &[TypeId]) -> Result<Operation, PathError> {
        if !self.take_name("resolve") {
            return Ok(self.expression(base)?.operation);
        }
        self.expect('(')?;
        self.expect(')')?;
        if !self.take_name("is") {
            return Err(self.fail("`is` is expected after resolve()"));
        }
        let fhir_type = self.type_name()?;
        let name = definitions().of(fhir_type).name;
        Ok(Operation::ResolvesTo(Operation::Input.into(), name))
    }

    fn type_name(&mut self) -> Result<TypeId, PathError> {
        let Token::Name(name) = self.peek() else {
            return Err(self.fail("a type is expected"));
        };
        // One official expression spells dateTime with a capital.
        let name = if name == "DateTime" { "dateTime" } else { name };
        let found = definitions().type_named(name);
        let found = found.ok_or_else(|| self.fail("no such type"))?;
        self.at += 1;
        Ok(found)
    }

    fn peek(&self) -> Token<'a> {
        self.tokens.get(self.at).map_or(Token::End, |(_, token)| *token)
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.peek() == Token::Sign(sign);
        self.at += usize::from(found);
        found
    }

    fn take_name(&mut self, name: &str) -> bool {
        let found = self.peek() == Token::Name(name);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), PathError> {
        if self.take(sign) { Ok(()) } else { Err(self.fail("a parenthesis or bracket is missing")) }
    }

    fn fail(&self, what: &'static str) -> PathError {
        let at = self.tokens.get(self.at).map_or(0, |(at, _)| *at);
        PathError { at, what }
    }
}

impl Typed {
    fn boxed(self) -> Box<Operation> {
        Box::new(self.operation)
    }

    fn of_type(self, fhir_type: TypeId) -> Typed {
        Typed { operation: Operation::OfType(self.boxed(), fhir_type), types: vec![fhir_type] }
    }
}

fn boolean(operation: Operation) -> Typed {
    Typed { operation, types: definitions().type_named("boolean").into_iter().collect() }
}

/// Every way from these types to an element of this name; a choice has one per type.
fn hops(parents: &[TypeId], name: &str) -> Vec<Hop> {
    let mut hops = Vec::new();
    for &parent in parents {
        let Some(element) = definitions().of(parent).element(name) else {
            continue;
        };
        for &child in &element.types {
            let child_type = definitions().of(child);
            let member = match element.is_choice {
                true => choice_name(name, child_type.name),
                false => name.to_string(),
            };
            let codes = element.codes.filter(|_| !matches!(child_type.kind, Kind::Abstract));
            hops.extend(id_of(&member).map(|name| Hop { parent, name, child, codes }));
        }
    }
    hops
}
