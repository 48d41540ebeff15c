//! What the parts of a document are, for readers that read aloud.

use krilla::tagging::{
    Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use std::num::NonZeroU16;

/// A branch of the tree of parts.
pub struct Branch {
    /// The branch it hangs from, which stands before it; none on the root.
    pub on: Option<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a part is. Those that hold others hold no marks of their own.
pub enum Kind {
    /// A text of its own in this language, such as one letter among many; holds others.
    Article(String),
    /// A heading of this level, 1 to 6, and what it says.
    Heading(u16, String),
    /// A paragraph.
    Paragraph,
    /// A list; holds items.
    List {
        /// Numbers before the items; dots if not.
        numbered: bool,
    },
    /// An item of a list; holds a label and a body.
    Item,
    /// The number or dot before an item.
    Label,
    /// What an item says.
    Body,
    /// A table; holds rows.
    Table,
    /// A row of a table; holds heads or cells.
    Row,
    /// What stands over a column of a table.
    Head,
    /// A cell of a table.
    Cell,
    /// A picture, and what it shows in words.
    Picture(String),
}

/// The tree, from its branches and what is on the pages for each.
pub(crate) fn tree(branches: &[Branch], leaves: Vec<Vec<Identifier>>) -> TagTree {
    let mut children: Vec<Vec<Node>> =
        leaves.into_iter().map(|found| found.into_iter().map(Node::from).collect()).collect();
    let mut roots = Vec::new();
    // A branch stands after the one it hangs from, so from the end each is whole when it is hung.
    for (number, branch) in branches.iter().enumerate().rev() {
        let mut own = children.pop().unwrap_or_default();
        if own.is_empty() {
            continue;
        }
        if holds_others(&branch.kind) {
            own.reverse();
        }
        let group = Node::from(TagGroup::with_children(tag(&branch.kind), own));
        match branch.on.filter(|on| *on < number) {
            Some(on) => children[on].push(group),
            None => roots.push(group),
        }
    }
    roots.reverse();
    TagTree::from(roots)
}

fn holds_others(kind: &Kind) -> bool {
    matches!(kind, Kind::Article(_) | Kind::List { .. } | Kind::Item | Kind::Table | Kind::Row)
}

fn tag(kind: &Kind) -> TagKind {
    match kind {
        Kind::Article(language) => Tag::Article.with_lang(Some(language.clone())).into(),
        Kind::Heading(level, title) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(title.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::List { numbered: true } => Tag::L(ListNumbering::Decimal).into(),
        Kind::List { numbered: false } => Tag::L(ListNumbering::Disc).into(),
        Kind::Item => Tag::LI.into(),
        Kind::Label => Tag::Lbl.into(),
        Kind::Body => Tag::LBody.into(),
        Kind::Table => Tag::Table.into(),
        Kind::Row => Tag::TR.into(),
        Kind::Head => Tag::TH(TableHeaderScope::Column).into(),
        Kind::Cell => Tag::TD.into(),
        Kind::Picture(words) => Tag::Figure(Some(words.clone())).into(),
    }
}
