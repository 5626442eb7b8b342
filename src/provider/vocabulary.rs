//! Two-way tables between our words and a cloud's.

use crate::model::{Term, Word, meant};

/// The words of one field at one cloud. A missing row *is* "unsupported".
///
/// The first row of a term is how it is written; further rows of the same term are spellings that are read.
#[derive(Debug)]
pub struct Vocabulary(pub &'static [(Term, &'static str)]);

impl Vocabulary {
    /// The cloud's word for a term.
    #[must_use]
    pub fn write(&self, term: Term) -> Option<&'static str> {
        self.0.iter().find(|(row, _)| *row == term).map(|(_, word)| *word)
    }

    /// Our word for a cloud's, in any case; a word without a row is kept as it came.
    #[must_use]
    pub fn read(&self, word: &str) -> Word {
        let row = self.0.iter().find(|(_, theirs)| theirs.eq_ignore_ascii_case(word));
        row.map_or_else(|| Word::Foreign(word.to_owned()), |(term, _)| Word::Known(*term))
    }

    /// Reads a flag's value: our word first, then the cloud's own.
    ///
    /// # Errors
    /// The list of the words there are.
    pub fn parse(&self, word: &str) -> Result<Term, String> {
        let ours = Term::from_word(word).filter(|term| self.write(*term).is_some());
        match (ours, self.read(word)) {
            (Some(term), _) | (None, Word::Known(term)) => Ok(term),
            _ => Err(format!("is not one of {}{}", self.list(), self.hint(word))),
        }
    }

    /// Which of our words somebody may have meant.
    fn hint(&self, word: &str) -> String {
        let words = meant(word);
        let found = words.iter().filter_map(|word| Term::from_word(word)).find(|term| self.write(*term).is_some());
        found.map_or_else(String::new, |term| format!("; did you mean {term}?"))
    }

    /// Our words, for help and errors.
    #[must_use]
    pub fn list(&self) -> String {
        let words: Vec<&str> = self.terms().map(Term::word).collect();
        words.join(", ")
    }

    /// The terms, each once, in the table's order.
    pub fn terms(&self) -> impl Iterator<Item = Term> {
        self.0
            .iter()
            .enumerate()
            .filter(|(place, (term, _))| !self.0.iter().take(*place).any(|(row, _)| row == term))
            .map(|(_, (term, _))| *term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASHES: Vocabulary = Vocabulary(&[(Term::Md5, "MD5"), (Term::Sha1, "SHA"), (Term::Sha1, "SHA1")]);

    #[test]
    fn the_first_row_is_written_and_every_row_is_read() {
        assert_eq!(HASHES.write(Term::Sha1), Some("SHA"));
        assert_eq!(HASHES.read("sha1"), Word::Known(Term::Sha1));
        assert_eq!(HASHES.read("SHA-3"), Word::Foreign("SHA-3".to_owned()));
        assert_eq!(HASHES.list(), "md5, sha1");
    }

    #[test]
    fn a_name_of_the_field_is_told_our_word_where_the_cloud_has_it() {
        assert_eq!(HASHES.parse("hmac-sha-1").unwrap_err(), "is not one of md5, sha1; did you mean sha1?");
        assert_eq!(HASHES.parse("sha2-256").unwrap_err(), "is not one of md5, sha1");
    }

    #[test]
    fn missing_row_is_unsupported() {
        assert_eq!(HASHES.write(Term::Sha256), None);
        assert!(HASHES.parse("sha256").unwrap_err().contains("md5, sha1"));
        assert_eq!(HASHES.parse("SHA"), Ok(Term::Sha1));
    }
}
