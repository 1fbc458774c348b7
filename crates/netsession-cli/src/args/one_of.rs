use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Reads the name of one of these. Help texts and completions list the names, with what they mean.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
    meaning: fn(T) -> Option<&'static str>,
) -> impl TypedValueParser<Value = T> {
    let known = all.iter().map(move |&one| PossibleValue::new(name(one)).help(meaning(one)));
    PossibleValuesParser::new(known)
        .try_map(move |text| all.iter().copied().find(|&one| name(one) == text).ok_or("it is none of them"))
}
