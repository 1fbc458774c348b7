//! Sizes as they are typed: `64MiB`, `1GiB`, `500000`.

/// The bytes of a size: a whole number with `KiB`, `MiB`, `GiB`, `TiB` or the letter alone, or of bytes.
pub(crate) fn parse(text: &str) -> Result<usize, String> {
    let wrong = || format!("\"{text}\" is no size: write it as 64MiB, 1GiB or a number of bytes");
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: usize = number.parse().map_err(|_| wrong())?;
    let shift = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        "t" | "tib" => 40,
        _ => return Err(wrong()),
    };
    let unit = 1_usize.checked_shl(shift).ok_or_else(wrong)?;
    number.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("64MiB", 64 << 20),
            ("1GiB", 1 << 30),
            ("2 gib", 2 << 30),
            ("512M", 512 << 20),
            ("3k", 3 << 10),
            ("500000", 500_000),
            ("7B", 7),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "MiB", "0", "-1", "1.5GiB", "1MB", "1 M i", "99999999999GiB", "ten"] {
            assert!(parse(text).unwrap_err().contains("64MiB"), "{text}");
        }
    }
}
