//! Numbers of things in texts.

/// `1 byte`, `2 bytes`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `1 byte`, `2 bytes`.
pub(crate) fn bytes(number: usize) -> String {
    count(number, "byte", "bytes")
}
