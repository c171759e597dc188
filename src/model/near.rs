//! What somebody meant who mistyped a word.

/// The known word that is most like a mistyped one, if one is like it at all.
pub fn near(typed: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let far = |word: &&'static str| match word.starts_with(typed) || typed.starts_with(word) {
        true => 1,
        false => strsim::damerau_levenshtein(typed, word),
    };
    let nearest = known.min_by_key(far)?;
    (far(&nearest) <= 1 + nearest.len() / 4 && typed.len() > 1).then_some(nearest)
}
