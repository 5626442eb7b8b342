//! The formats of results, `--output`.

/// Format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// The table with more columns.
    Wide,
    /// JSON.
    Json,
    /// JSON, one line for each row.
    JsonLines,
    /// YAML.
    Yaml,
    /// Comma-separated values with a heading line.
    Csv,
}

impl Format {
    /// The words of `--output`.
    pub const WORDS: [&str; 6] = ["table", "wide", "json", "jsonl", "yaml", "csv"];

    /// The format of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "wide" => Self::Wide,
            "json" => Self::Json,
            "jsonl" => Self::JsonLines,
            "yaml" => Self::Yaml,
            "csv" => Self::Csv,
            _ => Self::Table,
        }
    }

    /// Whether it is a table for people.
    #[must_use]
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }
}
