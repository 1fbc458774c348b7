//! The text typed after `/`.

/// Words that must all be found, each somewhere in a row.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    text: String,
    /// In lower case.
    words: Vec<String>,
}

impl Filter {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn push(&mut self, c: char) {
        /// Longer than any path of Windows.
        const LONGEST: usize = 1024;
        if self.text.len() < LONGEST && !c.is_control() {
            self.text.push(c);
            self.parse();
        }
    }

    pub(super) fn pop(&mut self) {
        self.text.pop();
        self.parse();
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether each word is in one of these texts, without regard to case.
    pub(super) fn matches<'a>(&self, texts: impl IntoIterator<Item = &'a str> + Clone) -> bool {
        self.words.iter().all(|word| texts.clone().into_iter().any(|text| contains(text, word)))
    }

    fn parse(&mut self) {
        self.words = self.text.split_whitespace().map(str::to_lowercase).collect();
    }
}

/// Without an allocation where it is ASCII: ten thousand rows are compared for each key that is typed.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() && word.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Filter {
        let mut filter = Filter::default();
        text.chars().for_each(|c| filter.push(c));
        filter
    }

    #[test]
    fn every_word_somewhere() {
        let row = [r"LAB\Müller", "10.0.0.5", "fs1"];
        for (text, expected) in [
            ("", true),
            ("  ", true),
            ("müll", true),
            ("MÜLL", true),
            ("lab 0.5", true),
            ("fs1 lab", true),
            ("fs2", false),
            ("lab fs2", false),
            ("10.0.0.55", false),
        ] {
            assert_eq!(filter(text).matches(row), expected, "{text:?}");
        }
    }

    #[test]
    fn filter_takes_what_is_typed_and_erased() {
        let mut filter = filter("al\u{1b}i");
        assert_eq!(filter.text(), "ali");
        filter.pop();
        assert_eq!(filter, self::filter("al"));
        filter.clear();
        assert!(filter.is_empty());
    }
}
