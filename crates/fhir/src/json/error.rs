/// Where and why a text was refused; never what it said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at line {line}, column {column} ({path})")]
pub struct JsonError {
    /// Why.
    pub kind: JsonErrorKind,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// Names of known elements and positions on the way from `$`; an unknown name is shown as `?`.
    pub path: String,
}

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// Longer than [`Limits::bytes`](crate::Limits::bytes).
    #[error("the text is longer than the limit")]
    TooLong,
    /// Deeper than [`Limits::depth`](crate::Limits::depth).
    #[error("nested too deeply")]
    TooDeep,
    /// More than [`Limits::values`](crate::Limits::values).
    #[error("too many values")]
    TooMany,
    /// It starts with a byte order mark.
    #[error("a byte order mark")]
    ByteOrderMark,
    /// Bytes that are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// The text ends within a value.
    #[error("the text ends too early")]
    End,
    /// A character that JSON does not allow there.
    #[error("an unexpected character")]
    Unexpected,
    /// A number that JSON does not allow.
    #[error("a malformed number")]
    Number,
    /// A number of more than 128 characters.
    #[error("a number that is too long")]
    LongNumber,
    /// An escape that JSON does not allow.
    #[error("a malformed escape")]
    Escape,
    /// Half of a surrogate pair.
    #[error("a lone surrogate")]
    Surrogate,
    /// A control character within a string.
    #[error("an unescaped control character")]
    Control,
    /// A name that stands twice in one object.
    #[error("a duplicate name")]
    Duplicate,
    /// Something after the value.
    #[error("more text after the value")]
    Trailing,
}
