/// The text in upper case as NTLM means it: one UTF-16 unit becomes one UTF-16 unit (Uppercase of \[MS-NLMP\]
/// 3.3.2, by the table of \[MS-UCODEREF\] 3.1.5.3).
///
/// The tables of Windows and of Samba map a letter only where the way back leads to the same letter: `ß`
/// stays (and does not become `SS`), and so do the dotless `ı`, the long `ſ` and the micro sign `µ`. The
/// final sigma alone goes to `Σ` all the same.
pub(super) fn upper_case(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(upper)
}

fn upper(letter: char) -> char {
    if letter == 'ς' {
        return 'Σ';
    }
    match single(letter.to_uppercase()) {
        Some(upper)
            if in_one_unit(letter) && in_one_unit(upper) && single(upper.to_lowercase()) == Some(letter) =>
        {
            upper
        }
        _ => letter,
    }
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}

/// Outside of it a letter is two surrogates, and those have no case.
fn in_one_unit(letter: char) -> bool {
    u32::from(letter) <= 0xffff
}

#[cfg(test)]
mod tests {
    fn upper_case(text: &str) -> String {
        super::upper_case(text).collect()
    }

    #[test]
    fn letters_map_one_to_one() {
        assert_eq!(upper_case("straße"), "STRAßE");
        assert_eq!(upper_case("Zoë ÿ ж ω σς"), "ZOË Ÿ Ж Ω ΣΣ");
        assert_eq!(upper_case("user@LAB.example"), "USER@LAB.EXAMPLE");
    }

    #[test]
    fn letters_without_a_way_back_stay() {
        for text in ["ß", "ı", "ſ", "µ", "ŉ", "ΐ", "ﬁ", "ǆ".to_uppercase().as_str(), "ǅ", "ϐ", "𐐨", "日"]
        {
            assert_eq!(upper_case(text), text);
        }
    }

    #[test]
    fn the_length_in_utf16_never_changes() {
        for letter in '\0'..=char::MAX {
            let text = letter.to_string();
            assert_eq!(upper_case(&text).encode_utf16().count(), letter.len_utf16(), "{letter:?}");
        }
    }
}
