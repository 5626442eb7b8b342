//! The ways in which a document is written inside another text.

/// One layer of writing over a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layer {
    /// Each line of it begins like this one, such as `> ` or a time.
    Lines(String),
    /// The inside of a string: `\"` for a quote; it ends at this character.
    String(char),
    /// A cell of a table: `""` for a quote.
    Cell,
    /// HTML: `&quot;` for a quote.
    Html,
    /// A URL: `%22` for a quote.
    Url,
    /// Values as Python and Ruby print them: `{'a': None}`, `{"a"=>nil}`.
    Python,
}
