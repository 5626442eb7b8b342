//! What somebody may have meant.

/// The right word nearest to a wrong one, when one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = right.into_iter().map(|word| (strsim::jaro_winkler(wrong, word), word));
    scored.filter(|(score, _)| *score > 0.75).max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, word)| word)
}

/// "did you mean ..." when something is near, otherwise all that there is.
#[must_use]
pub fn hint<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wrong, right.clone()) {
        Some(word) => format!("did you mean {word:?}?"),
        None => match right.into_iter().collect::<Vec<_>>().as_slice() {
            [] => "there are none".to_owned(),
            words => format!("there are {}", words.join(", ")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_nearest_word_and_anything_else_with_all() {
        assert_eq!(hint("regoin", ["region", "regions", "endpoint"]), "did you mean \"region\"?");
        assert_eq!(hint("xyz", ["region", "endpoint"]), "there are region, endpoint");
    }
}
