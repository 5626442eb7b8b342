//! Suggestions for a mistyped word.

/// The word that is most similar to a wrong one, if one is similar enough.
#[must_use]
pub fn nearest<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = right.into_iter().map(|word| (strsim::jaro_winkler(wrong, word), word));
    scored.filter(|(score, _)| *score > 0.75).max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, word)| word)
}

/// "did you mean ..." when a word is similar, otherwise all the words.
#[must_use]
pub fn hint<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wrong, right.clone()) {
        Some(word) => format!("did you mean {word:?}?"),
        None => match right.into_iter().collect::<Vec<_>>().as_slice() {
            [] => "there are none".to_owned(),
            [word] => format!("expected {word}"),
            words => format!("expected one of {}", words.join(", ")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typo_gets_the_most_similar_word_and_anything_else_gets_all() {
        assert_eq!(hint("regoin", ["region", "regions", "endpoint"]), "did you mean \"region\"?");
        assert_eq!(hint("xyz", ["region", "endpoint"]), "expected one of region, endpoint");
    }
}
